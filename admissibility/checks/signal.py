"""What a check may say about a text. Pure: no input, no output, no clock.

A signal explains and points; it never decides. Its facts are counts and limits, never the
passage itself: a telephone number found in a text must not be copied into a log or a table.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from petitions.domain.vocabulary import Links, Unit


class Severity(StrEnum):
    """How loudly the desk shows a signal; also its order on the page."""

    SERIOUS = "serious"
    WARNING = "warning"
    NOTICE = "notice"


class Part(StrEnum):
    """A part of the petition's text."""

    TITLE = "title"
    REQUEST = "request"
    REASONS = "reasons"


@dataclass(frozen=True, slots=True, order=True)
class Span:
    """Half-open range of Unicode code points inside one part."""

    part: Part
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Signal:
    """One remark. `code` is stable; its sentence is written at the edge, in the reader's words."""

    code: str
    severity: Severity
    facts: Mapping[str, str | int] = field(default_factory=dict)
    spans: tuple[Span, ...] = ()


@dataclass(frozen=True, slots=True)
class FormRules:
    """The limits of `filing.form` in the rulebook; `official_hosts` end in these names."""

    title_max: int = 150
    text_max: int = 10000
    unit: Unit = Unit.CHARS
    links: Links = Links.ANY
    official_hosts: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class PetitionText:
    """The text as the author wrote it, in one language."""

    title: str
    request: str
    reasons: str
    language: str = "en"

    def parts(self) -> Iterator[tuple[Part, str]]:
        """The parts that are not empty, in the order of the page."""
        for part, text in (
            (Part.TITLE, self.title),
            (Part.REQUEST, self.request),
            (Part.REASONS, self.reasons),
        ):
            if text.strip():
                yield part, text
