"""Which milestones a petition has reached, as the steps on record tell it. Pure.

The one place that knows which steps reach a milestone: a batch of signatures that meets the decisive
number (transition 15) or another one, and two people who correct a final count upwards (transition 18).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Protocol

from petitions.domain.calendar import local_day
from petitions.domain.lifecycle import Action

REACHING: frozenset[str] = frozenset({Action.REACH, Action.CORRECT_COUNT, "milestone_reached"})
"""Actions on record by which a milestone is reached."""


class Recorded(Protocol):
    """A step on record. `detail` of those that reach: {"milestone": id, "threshold": number}."""

    @property
    def action(self) -> str: ...
    @property
    def legal_instant(self) -> datetime: ...
    @property
    def detail(self) -> Mapping[str, Any]: ...


@dataclass(frozen=True, slots=True, order=True)
class Met:
    """One milestone reached. `on`: the local day on which it was, in law."""

    at: datetime
    threshold: int
    milestone: str
    on: date


def milestones_met(steps: Iterable[Recorded], zone: str) -> tuple[Met, ...]:
    """Oldest first, each milestone once: what is reached stays reached. `zone`: the rulebook's."""
    found = sorted(
        Met(
            at=step.legal_instant,
            threshold=int(step.detail["threshold"]),
            milestone=str(step.detail["milestone"]),
            on=local_day(step.legal_instant, zone),
        )
        for step in steps
        if step.action in REACHING and {"milestone", "threshold"} <= step.detail.keys()
    )
    first: dict[str, Met] = {}
    for each in found:
        first.setdefault(each.milestone, each)
    return tuple(first.values())
