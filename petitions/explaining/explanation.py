"""A whole rulebook explained: parts, points, and the course of states, in the language spoken."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from petitions.domain.course import Course, course
from petitions.domain.rulebook import Rulebook
from petitions.domain.rulebook_files import Library
from petitions.explaining import after_words, filing_words, signing_words
from petitions.explaining.points import Point
from petitions.explaining.words import Told, kind_words
from petitions.platform.i18n import N_, _, current_locale


class Part(StrEnum):
    FILING = "filing"
    SPONSORS = "sponsors"
    CHECKS = "checks"
    SIGNING = "signing"
    MILESTONES = "milestones"
    AFTER = "after"
    CALENDAR = "calendar"
    PUBLICITY = "publicity"


_HEADINGS = {
    Part.FILING: N_("Filing"),
    Part.SPONSORS: N_("First supporters"),
    Part.CHECKS: N_("The check"),
    Part.SIGNING: N_("Signing"),
    Part.MILESTONES: N_("What numbers lead to"),
    Part.AFTER: N_("What the institution owes"),
    Part.CALENDAR: N_("Events of the calendar"),
    Part.PUBLICITY: N_("What is public, and what is kept how long"),
}
_TELLERS = {
    Part.FILING: filing_words.filing,
    Part.SPONSORS: filing_words.sponsors,
    Part.CHECKS: filing_words.checks,
    Part.SIGNING: signing_words.signing,
    Part.MILESTONES: signing_words.milestones,
    Part.AFTER: after_words.after,
    Part.CALENDAR: after_words.calendar,
    Part.PUBLICITY: after_words.publicity,
}


@dataclass(frozen=True, slots=True)
class Section:
    part: Part
    heading: str
    points: tuple[Point, ...]


@dataclass(frozen=True, slots=True)
class KindExplained:
    """One kind as one assembly carries it out."""

    id: str
    title: str
    assembly: str
    sections: tuple[Section, ...]
    course: Course


@dataclass(frozen=True, slots=True)
class Explanation:
    """`confirm`: the keys that the parliament has still to confirm, as the file names them."""

    rulebook: str
    version: int
    valid_from: date
    assemblies: str
    kinds: tuple[KindExplained, ...]
    confirm: tuple[str, ...]


def explain(
    library: Library, book: Rulebook, assemblies: tuple[str, ...] | None = None
) -> Explanation:
    """Every kind of the rulebook, at its assemblies or those named, in the language spoken."""
    served = tuple(each for each in book.assemblies if assemblies is None or each in assemblies)
    names = [library.assembly(each).name(current_locale().lang) for each in served]
    return Explanation(
        rulebook=book.id,
        version=book.version,
        valid_from=book.valid_from,
        assemblies=current_locale().together(names),
        kinds=tuple(
            explain_kind(Told(library, book, kind, served[0])) for kind in book.kinds.values()
        )
        if served
        else (),
        confirm=book.confirm,
    )


def explain_kind(told: Told) -> KindExplained:
    sections = (
        Section(part, _(_HEADINGS[part]), tuple(tell(told))) for part, tell in _TELLERS.items()
    )
    return KindExplained(
        id=told.kind.id,
        title=kind_words(told.library, told.book.id, told.kind.id),
        assembly=told.library.assembly(told.assembly).name(current_locale().lang),
        sections=tuple(section for section in sections if section.points),
        course=course(told.kind),
    )
