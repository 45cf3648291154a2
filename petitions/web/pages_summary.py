"""What stands at the top of an author's page."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from petitions.web.pages import TimelineEntry


@dataclass(frozen=True, slots=True)
class Todo:
    """One thing that only the author can do. `days_left` None without a date, or when it is over."""

    title: str
    href: str = ""
    due: date | None = None
    days_left: int | None = None
    late: int = 0
    text: str = ""


@dataclass(frozen=True, slots=True)
class Summary:
    sentence: str
    todo: tuple[Todo, ...]
    following: TimelineEntry | None
    """What comes next without them; None where it is theirs, or over."""
