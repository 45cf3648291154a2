"""What a simulated life is given and what it tells: inputs, steps, end. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from enum import StrEnum
from types import MappingProxyType

from petitions.domain.arrivals import Arrival
from petitions.domain.assembly import AreaTable, Population
from petitions.domain.calendar import AssemblyCalendar, Deadline
from petitions.domain.lifecycle import State
from petitions.domain.periods import Period


def _nothing() -> Mapping[str, str]:
    return MappingProxyType({})


@dataclass(frozen=True, slots=True)
class Happening:
    """Something that happens besides signatures: `event` as a rulebook names it.

    "event:dissolution", "handover:accepted", "outcome:granted", "chosen" (the day an author picked),
    "gazette", "verified". Instants in UTC; `end` exclusive, for events that last.
    """

    event: str
    at: datetime
    end: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Given:
    """The outside of one life. `length` is the time for signing that the author picked."""

    zone: str
    published_at: datetime
    submitted_at: datetime
    arrivals: tuple[Arrival, ...] = ()
    happenings: tuple[Happening, ...] = ()
    choices: Mapping[str, str] = field(default_factory=_nothing)
    length: Period | None = None
    calendar: AssemblyCalendar = field(default_factory=AssemblyCalendar)
    areas: AreaTable | None = None
    populations: Mapping[str, Population] = field(default_factory=lambda: MappingProxyType({}))


class What(StrEnum):
    STATE = "state"
    CHECK_DUE = "check_due"
    OPENS = "opens"
    PAUSED = "paused"
    PROLONGED = "prolonged"
    MILESTONE = "milestone"
    DUTY = "duty"
    CLOCK = "clock"
    SUPERSEDED = "superseded"
    MAY_CLOSE = "may_close"
    UNLISTED = "unlisted"
    CLOSES = "closes"
    HANDOVER_DUE = "handover_due"
    GOES_ON = "goes_on"
    HAPPENED = "happened"
    ERASED = "erased"


class Assumption(StrEnum):
    """What the curve did not say and was taken for granted."""

    ALL_VALID = "all_valid"
    EVEN_AREAS = "even_areas"
    ALL_CLASSES = "all_classes"
    NO_SPONSORS = "no_sponsors"


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """One line of the timeline. `code` is an id of the rulebook; `count` signatures until then."""

    at: datetime
    what: What
    code: str = ""
    count: int = 0
    state: State | None = None
    due: Deadline | None = None
    day: date | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Timeline:
    """A whole life. `refused`: signatures that came while signing was not open."""

    steps: tuple[Step, ...]
    state: State
    count: int
    refused: int
    last_day: date | None
    closes_at: datetime | None
    assumed: tuple[Assumption, ...]
