"""The words the acceptance tests are written in: local instants, windows, tallies, targets."""

from __future__ import annotations

from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

from petitions.domain.calendar import AssemblyCalendar, DaySpan, SigningWindow, window
from petitions.domain.milestones import Tally, Target, newly_reached, target_of
from petitions.domain.procedure import Kind

PARIS, LONDON, BERLIN = "Europe/Paris", "Europe/London", "Europe/Berlin"
RECESS = AssemblyCalendar(
    spans={"recess": (DaySpan(date(2026, 7, 10), date(2026, 9, 30)),)},
    covers_until=date(2027, 12, 31),
)


def local(text: str, zone: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=ZoneInfo(zone)).astimezone(UTC)


def utc(text: str) -> datetime:
    return datetime.fromisoformat(text)


def opened(kind: Kind, zone: str, moment: str, **keys: object) -> SigningWindow:
    return window(kind.signing.window, event_at=local(moment, zone), zone=zone, **keys)


def count(number: int, **keys: object) -> Tally:
    return Tally(raw=keys.pop("raw", number), verified=number, **keys)


def targets(kind: Kind, context=None, **choices: str) -> dict[str, Target]:
    file = kind.signing.areas.file if kind.signing.areas else ""
    table = context.areas.get(file) if context else None
    return {
        each.id: target_of(each, populations={}, choices=choices, areas=table)
        for each in kind.milestones
    }


def reached_ids(kind: Kind, tally: Tally, met: dict[str, Target]) -> list[str]:
    return [each.id for each in newly_reached(kind, tally, met, frozenset())]
