"""The page that a reverse proxy shows while the site does not answer: one file, every language.

It asks for nothing else: no stylesheet, no script, no picture, so that it can be read while everything
else is down. It wears the tokens of the site's theme.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from pathlib import Path

import click
from jinja2 import Environment, FileSystemLoader, StrictUndefined

import petitions
from petitions.platform.config import Settings, load_settings
from petitions.platform.i18n import Locale, install, load_catalogues, speaking, text_for
from petitions.web.looks import theme_files


@dataclass(frozen=True, slots=True)
class OutagePage:
    """`names`: language → what the site is called."""

    names: dict[str, str]
    tongues: tuple[Locale, ...]
    theme: str


def outage_page(settings: Settings) -> str:
    """HTML, self-contained. Raises ConfigurationError where the theme cannot be read."""
    site = settings.site
    theme = theme_files(settings).get("theme.css", b"").decode()
    tongues = load_catalogues(site.spoken).locales
    page = OutagePage(
        names={lang: text_for(site.name, lang) for lang in tongues},
        tongues=tuple(tongues.values()),
        theme=" ".join(theme.split()),
    )
    written = [_part(page, tongue) for tongue in page.tongues]
    template = _environment().get_template("outage.html")
    with speaking(page.tongues[0]):
        return template.render(page=page, parts=written)


def _part(page: OutagePage, tongue: Locale) -> dict[str, str]:
    """The same few sentences, in one language."""
    with speaking(tongue):
        return _environment().get_template("outage_words.html").module.words(page, tongue)  # type: ignore[attr-defined,no-any-return]


@cache
def _environment() -> Environment:
    package = Path(petitions.__file__).resolve().parent
    bundled = package / "_bundled" / "templates"
    folder = bundled if bundled.is_dir() else package.parent / "templates"
    environment = Environment(
        loader=FileSystemLoader(folder / "errors"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
    )
    install(environment)
    return environment


@click.command("outage-page")
@click.option("--config", "-c", type=click.Path(path_type=Path), default=Path("config.toml"),
              envvar="PETITIONS_CONFIG", show_default=True, help="The settings file.")  # fmt: skip
def outage(config: Path) -> None:
    """Write the page that the reverse proxy shows while the site does not answer (503)."""
    click.echo(outage_page(load_settings(config)))
