"""When a petition may be sealed, and by when its signatures must be gone. Pure.

Sealing destroys the key that a petition's signatures are kept under. It cannot be undone, so it waits
for everything that might still need a signature: the end of collection, objections, the last batch.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import IntEnum, StrEnum

from petitions.domain.calendar import add, closes_at, local_day
from petitions.domain.procedure import Retention

SIGNATURES = "signatures"


class SealStep(IntEnum):
    """The last finished step of the ceremony, as `seal_step` holds it."""

    NONE = 0
    CLOSED = 1
    COUNTED = 2
    LOGGED = 3
    ERASED = 4
    KEY_DESTROYED = 5
    STATED = 6
    SEALED = 7


class Obstacle(StrEnum):
    """Why a petition cannot be sealed today."""

    NEVER_OPENED = "never_opened"
    STILL_SIGNING = "still_signing"
    OBJECTIONS = "objections"
    DECISIONS_OPEN = "decisions_open"
    WITHDRAWALS_OPEN = "withdrawals_open"
    PLACE_ABSENT = "place_absent"
    ORDERED = "ordered"
    SEALED = "sealed"


@dataclass(frozen=True, slots=True)
class Standing:
    """What stands in the way is read from these. Instants are UTC."""

    signing: str | None
    """The word of `petition_signing.signing`; None: signing was never opened."""
    ordered: bool
    ended_at: datetime | None
    """When signing ended in law."""
    removals_open: int
    """Invalidations proposed or decided that are not in the log yet."""
    withdrawals_open: bool = False
    """The rules let signatures be withdrawn until the hand-over, which has not come."""
    places_absent: int = 0
    """Places that hold the petition's key and that nobody can reach, or gave up in public."""


def objections_end(ended_at: datetime, days: int, zone: str) -> datetime:
    """The objection term's last day is inclusive: it ends with that local day."""
    return closes_at(local_day(ended_at, zone) + timedelta(days=days), zone)


def obstacles(found: Standing, *, at: datetime, days: int, zone: str) -> tuple[Obstacle, ...]:
    """Everything in the way at once; empty: it may be ordered. `days`: the objection term."""
    if found.signing is None:
        return (Obstacle.NEVER_OPENED,)
    if found.signing == "sealed":
        return (Obstacle.SEALED,)
    if found.ordered:
        return (Obstacle.ORDERED,)
    wrong = []
    if found.signing == "open" or found.ended_at is None:
        wrong.append(Obstacle.STILL_SIGNING)
    elif at < objections_end(found.ended_at, days, zone):
        wrong.append(Obstacle.OBJECTIONS)
    if found.removals_open:
        wrong.append(Obstacle.DECISIONS_OPEN)
    if found.withdrawals_open:
        wrong.append(Obstacle.WITHDRAWALS_OPEN)
    if found.places_absent:
        wrong.append(Obstacle.PLACE_ABSENT)
    return tuple(wrong)


def erase_by(clocks: Iterable[Retention], events: Mapping[str, date]) -> date | None:
    """The last day on which signatures may be kept: the earliest of the clocks that have started.

    `events`: the local day of each event that has happened. None: no clock runs yet.
    """
    days = [
        add(events[clock.start], clock.length)
        for clock in clocks
        if clock.data == SIGNATURES and clock.start in events
    ]
    return min(days, default=None)
