"""The page that a reverse proxy shows while the site does not answer: one file, every language.

It asks for nothing else: no stylesheet, no script, no picture, so that it can be read while everything
else is down. It wears the tokens of the site's theme.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import click
from jinja2 import Template

from petitions.platform.config import Settings, load_settings
from petitions.platform.i18n import Locale, load_catalogues, speaking, text_for
from petitions.platform.paper_templates import templates_of
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
    template = _template("outage.html")
    with speaking(page.tongues[0]):
        return template.render(page=page, parts=written)


def _part(page: OutagePage, tongue: Locale) -> dict[str, str]:
    """The same few sentences, in one language."""
    with speaking(tongue):
        module: Any = _template("outage_words.html").module
        words: dict[str, str] = module.words(page, tongue)
        return words


def _template(name: str) -> Template:
    return templates_of("errors", trim_blocks=True).get_template(name)


@click.command("outage-page")
@click.option("--config", "-c", type=click.Path(path_type=Path), default=Path("config.toml"),
              envvar="PETITIONS_CONFIG", show_default=True, help="The settings file.")  # fmt: skip
def outage(config: Path) -> None:
    """Write the page that the reverse proxy shows while the site does not answer (503)."""
    click.echo(outage_page(load_settings(config)))
