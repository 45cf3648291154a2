"""What `petitions rulebook` does: check, explain, simulate. Reads files, prints text, stores nothing."""

from __future__ import annotations

import gzip
from collections.abc import Mapping
from pathlib import Path
from zoneinfo import ZoneInfo

import petitions
from petitions.domain.arrivals import read_curve
from petitions.domain.assembly import RealmFacts
from petitions.domain.errors import InvalidError
from petitions.domain.rulebook import Rulebook
from petitions.domain.rulebook_files import InForce, Library, load_directory, load_file
from petitions.explaining.diagram import diagram
from petitions.explaining.explanation import explain
from petitions.explaining.playing import simulate
from petitions.explaining.text import explanation_text
from petitions.explaining.timeline_words import timeline_text
from petitions.platform.i18n import Locale, load_catalogues, speaking
from petitions.public_holidays import with_public_holidays

SHIPPED = Path(petitions.__file__).parent / "rulebooks"


def shelf_of(file: Path) -> Path:
    """The folder whose assemblies, areas and wording a file is read with: its own, or ours."""
    return file.parent if (file.parent / "assemblies").is_dir() else SHIPPED


def check(
    place: Path,
    *,
    in_force: Mapping[str, InForce] | None = None,
    realms: Mapping[str, RealmFacts] | None = None,
) -> Library:
    """A file or a whole folder; RulebookErrors lists everything wrong."""
    if place.is_file():
        found = load_file(place, shelf_of(place), in_force=in_force, realms=realms)
    else:
        found = load_directory(place, in_force=in_force, realms=realms)
    return with_public_holidays(found)


def good_lines(library: Library) -> tuple[str, ...]:
    return tuple(
        f"{name} version {book.version}, in force from {book.valid_from}: good"
        for name, versions in sorted(library.rulebooks.items())
        for book in versions
    )


def opened(file: Path) -> tuple[Library, Rulebook]:
    """The rulebook of a file, which may still lack words for its codes."""
    library = with_public_holidays(load_file(file, shelf_of(file), worded=False))
    (versions,) = library.rulebooks.values()
    return library, versions[0]


def locale_of(language: str, zone: str) -> Locale:
    return load_catalogues((language,), ZoneInfo(zone)).default


def explained(file: Path, language: str) -> str:
    library, book = opened(file)
    with speaking(locale_of(language, book.zone)):
        return explanation_text(explain(library, book))


def drawn(file: Path, language: str, kind: str = "") -> str:
    """The diagram of one kind, by default the first, as a file of its own."""
    library, book = opened(file)
    with speaking(locale_of(language, book.zone)):
        found = explain(library, book).kinds
        chosen = next((each for each in found if each.id == kind), None if kind else found[0])
        if chosen is None:
            raise InvalidError("kind_unknown", kind=kind)
        return diagram(chosen.course, f"{chosen.title} – {chosen.assembly}") + "\n"


def curve_text(file: Path) -> str:
    """The text of a CSV file, also where it is compressed (`.gz`)."""
    if file.suffix == ".gz":
        with gzip.open(file, "rt", encoding="utf-8") as opened_file:
            return opened_file.read()
    return file.read_text(encoding="utf-8")


def simulated(file: Path, curve: Path, language: str, **given: object) -> str:
    """The timeline as text; the options are those of `simulate`."""
    library, book = opened(file)
    arrivals = read_curve(curve_text(curve), book.zone)
    told, timeline = simulate(library, book, arrivals, **given)  # type: ignore[arg-type]
    with speaking(locale_of(language, book.zone)):
        return timeline_text(told, timeline)
