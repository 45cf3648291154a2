"""The look of each assembly: its name, its languages, its colours and its sign.

A theme is a folder with `theme.css`, which may set the colours and fonts of the contract and nothing
else, and perhaps `logo.svg` and `icon.svg`; or the name of one that comes with the engine. All are
read at start; what does not keep the contract stops the start.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from petitions.domain.errors import ConfigurationError
from petitions.domain.plain_svg import svg_fault
from petitions.domain.rulebook_files import Library
from petitions.domain.theme import Theme, contrast_faults, read_theme, theme_fault
from petitions.platform.config import Settings
from petitions.platform.spoken import told_in
from petitions.web.assets import STATIC_FOLDER

SHIPPED = Path(__file__).resolve().parent.parent / "themes"
SHEET, LOGO, ICON = "theme.css", "logo.svg", "icon.svg"
EMBED = "embed."
"""Before the name of a theme: the counter for other sites and its colours, in one request."""


@dataclass(frozen=True, slots=True)
class Look:
    """`theme`, `logo`, `icon`: names of assets, "" where the assembly has none of its own."""

    names: Mapping[str, str]
    languages: tuple[str, ...]
    mother: str = ""
    """The assembly's first language: its name where the reader's has none, as lists write it."""
    theme: str = ""
    logo: str = ""
    icon: str = ""
    called: Mapping[str, str] = field(default_factory=dict)
    """What a sentence calls the assembly, with its article."""

    def name(self, lang: str) -> str:
        return told_in(self.names, lang, self.mother, "en")


def theme_folder(named: str) -> Path:
    """The folder of a theme: a path, or one word for a theme that comes with the engine."""
    shipped = SHIPPED / named
    return shipped if "/" not in named and shipped.is_dir() else Path(named)


def looks_of(settings: Settings, library: Library) -> dict[str, Look]:
    """The look of every assembly this site serves. Raises ConfigurationError."""
    found = {}
    for assembly in settings.rulebooks.assemblies:
        own = library.assembly(assembly)
        known = settings.site.assemblies.get(assembly)
        spoken = known.languages if known and known.languages else own.site_languages
        folder = theme_folder(known.theme) if known and known.theme else None
        found[assembly] = Look(
            names=own.names,
            called=own.called,
            languages=tuple(each for each in settings.site.languages if each in spoken)
            or tuple(settings.site.languages),
            mother=own.languages[0],
            theme=f"{assembly}.{SHEET}" if folder else "",
            logo=f"{assembly}.{LOGO}" if folder and (folder / LOGO).is_file() else "",
            icon=f"{assembly}.{ICON}" if folder and (folder / ICON).is_file() else "",
        )
    return found


def themes_named(settings: Settings) -> Iterator[tuple[str, str, Path]]:
    """(setting, what stands before its assets' names, folder) of every theme that is worn."""
    alone = settings.rulebooks.assemblies[0] if len(settings.rulebooks.assemblies) == 1 else ""
    for assembly, site in settings.site.assemblies.items():
        if site.theme:
            yield f"site.assemblies.{assembly}.theme", f"{assembly}.", theme_folder(site.theme)
    if settings.site.theme:
        yield "site.theme", "", theme_folder(settings.site.theme)
    elif alone in settings.site.assemblies and settings.site.assemblies[alone].theme:
        where = f"site.assemblies.{alone}.theme"
        yield where, "", theme_folder(settings.site.assemblies[alone].theme)


def theme_files(settings: Settings) -> dict[str, bytes]:
    """Asset name → content, of every theme; judged. Raises ConfigurationError."""
    found: dict[str, bytes] = {}
    for where, before, folder in themes_named(settings):
        css = sheet_of(where, folder)
        fault = theme_fault(css)
        if fault:
            raise ConfigurationError(f"{where}: theme.css {fault}")
        found[before + SHEET] = css.encode()
        counter = (STATIC_FOLDER / "embed.css").read_text(encoding="utf-8")
        found[EMBED + before + SHEET] = (counter + css).encode()
        for name in (LOGO, ICON):
            if not (folder / name).is_file():
                continue
            drawn = (folder / name).read_bytes()
            if fault := svg_fault(drawn):
                raise ConfigurationError(
                    f"{where}: {name} {fault}: it must be a drawing without scripts and outside "
                    "references"
                )
            found[before + name] = drawn
    return found


def sheet_of(where: str, folder: Path) -> str:
    try:
        return (folder / SHEET).read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError):
        raise ConfigurationError(f"{where}: no readable theme.css in {folder}") from None


def own_tokens() -> Theme:
    """The product's own colours: what a theme does not set."""
    return read_theme((STATIC_FOLDER / "site.css").read_text(encoding="utf-8"))


def pale_themes(settings: Settings) -> Iterator[str]:
    """What is too hard to read: every pair of colours under its least contrast, theme by theme."""
    own = own_tokens()
    for where, _before, folder in themes_named(settings):
        for fault in contrast_faults(read_theme(sheet_of(where, folder)), own):
            yield f"{where}: {fault}"
