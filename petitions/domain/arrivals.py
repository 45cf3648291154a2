"""A signature curve: how many signatures arrived when, read from CSV. Pure.

Columns: a time (`at`, `minute`, `observed_at`, `date` or `day`), and `count` (new signatures) or
`total` (all so far; a fall is no arrival). `area` and `class` are optional. A time without zone is
local to the rulebook; a day alone is its first instant.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

from petitions.domain.calendar import first_instant
from petitions.domain.errors import InvalidError

TIMES = ("at", "minute", "observed_at", "date", "day")
COUNTS = ("count", "total")
ARRIVALS_MAX = 2_000_000
"""Rows; the busiest published curve has fifty thousand."""


@dataclass(frozen=True, slots=True)
class Arrival:
    """`number` signatures at an instant (UTC), all of one area and counting class where named."""

    at: datetime
    number: int
    area: str = ""
    label: str = ""


def read_curve(text: str, zone: str) -> tuple[Arrival, ...]:
    """The arrivals in the order of time; InvalidError names the line that cannot be read."""
    reader = csv.DictReader(io.StringIO(text))
    columns = tuple(reader.fieldnames or ())
    time = next((each for each in TIMES if each in columns), None)
    count = next((each for each in COUNTS if each in columns), None)
    if time is None or count is None:
        raise InvalidError("curve_columns", times=", ".join(TIMES), counts=", ".join(COUNTS))
    found = sorted(_rows(reader, time, count, zone), key=lambda each: each.at)
    if not found:
        raise InvalidError("curve_empty")
    return tuple(_increments(found) if count == "total" else (a for a in found if a.number))


def _rows(reader: csv.DictReader[str], time: str, count: str, zone: str) -> Iterator[Arrival]:
    for line, row in enumerate(reader, start=2):
        if line > ARRIVALS_MAX:
            raise InvalidError("curve_too_long", max=ARRIVALS_MAX)
        try:
            number = int(row[count])
            at = _instant(row[time], zone)
        except (TypeError, ValueError):
            raise InvalidError("curve_line", line=line) from None
        if number < 0:
            raise InvalidError("curve_line", line=line)
        yield Arrival(at, number, row.get("area") or "", row.get("class") or "")


def _instant(text: str, zone: str) -> datetime:
    if "T" not in text and " " not in text.strip():
        return first_instant(date.fromisoformat(text.strip()), zone)
    at = datetime.fromisoformat(text.strip())
    return (at if at.tzinfo else at.replace(tzinfo=ZoneInfo(zone))).astimezone(UTC)


def _increments(found: Iterable[Arrival]) -> Iterator[Arrival]:
    highest: dict[tuple[str, str], int] = {}
    for each in found:
        key = (each.area, each.label)
        more = each.number - highest.get(key, 0)
        if more > 0:
            highest[key] = each.number
            yield replace(each, number=more)


def moved_to(arrivals: Sequence[Arrival], start: datetime) -> tuple[Arrival, ...]:
    """The same curve, its first arrival at `start`."""
    if not arrivals:
        return ()
    by = start - arrivals[0].at
    return tuple(replace(each, at=each.at + by) for each in arrivals)
