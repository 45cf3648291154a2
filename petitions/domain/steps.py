"""A step of the institution (a hearing, a debate, an answer) and what was changed of it. Pure.

A step is recorded once and never edited: an erratum stands beside it, a planned step gets a new day
or is cancelled, and readers see what was announced before.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

_TIME = re.compile(r"(?:[01]\d|2[0-3]):[0-5]\d")


class ChangeKind(StrEnum):
    ERRATUM = "erratum"
    RESCHEDULED = "rescheduled"
    CANCELLED = "cancelled"
    HELD = "held"


class StepStatus(StrEnum):
    PLANNED = "planned"
    CANCELLED = "cancelled"
    HELD = "held"


@dataclass(frozen=True, slots=True)
class Change:
    """One change in the order of its number; `day` where it names one."""

    kind: ChangeKind
    day: date | None = None
    at_time: str = ""
    place: str = ""


@dataclass(frozen=True, slots=True)
class StepNow:
    """Where a step stands after its changes. `announced`: the days told before, oldest first."""

    status: StepStatus
    day: date
    at_time: str
    place: str
    announced: tuple[date, ...] = ()


def step_now(
    *, planned: bool, day: date, at_time: str, place: str, changes: Iterable[Change]
) -> StepNow:
    """Fold the changes over the step as it was recorded."""
    status = StepStatus.PLANNED if planned else StepStatus.HELD
    announced: list[date] = []
    for change in changes:
        if change.kind is ChangeKind.CANCELLED:
            status = StepStatus.CANCELLED
        if change.kind is ChangeKind.HELD:
            status = StepStatus.HELD
        if change.day is not None and change.day != day:
            announced.append(day)
            day = change.day
        if change.kind is ChangeKind.RESCHEDULED:
            at_time, place = change.at_time, change.place or place
    return StepNow(status, day, at_time, place, tuple(announced))


def change_objection(now: StepNow, change: Change, today: date) -> str:
    """The code of why a change cannot be recorded now; "" where it can."""
    if change.kind is ChangeKind.ERRATUM:
        return ""
    if now.status is not StepStatus.PLANNED:
        return "not_planned"
    if change.kind is ChangeKind.RESCHEDULED:
        if change.day is None:
            return "required"
        return "in_the_past" if change.day < today else ""
    if change.kind is ChangeKind.HELD and change.day is not None and change.day > today:
        return "in_the_future"
    return ""


def day_objection(*, planned: bool, day: date | None, today: date) -> str:
    """What took place has a day that was; what is planned has one that comes, or today."""
    if day is None:
        return "required"
    if planned:
        return "in_the_past" if day < today else ""
    return "in_the_future" if day > today else ""


def is_time(text: str) -> bool:
    """Hours and minutes, as in 14:30; or nothing."""
    return not text or _TIME.fullmatch(text) is not None


def bad_links(links: Sequence[tuple[str, str]]) -> bool:
    return any(not href.startswith(("https://", "http://")) for href, _name in links)
