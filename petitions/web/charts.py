"""The curve of a petition's signatures, drawn on the server as SVG.

Rules of this module:
- positions are SVG attributes: the security policy forbids inline style, and no script runs;
- the outer drawing has no viewBox: text keeps its size on a phone, only the curve is stretched;
- a chart is never alone: `rows` is the same as a table, and the template names the trend in words.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta, tzinfo
from itertools import pairwise

_ACROSS, _DOWN = 1000, 100
_AXIS = 92.0
"""Part of the height, in percent, that the curve fills; the dates stand below."""
_STEPS = (1, 2, 2.5, 5, 10)
_MOST_ROWS = 24


@dataclass(frozen=True, slots=True)
class Mark:
    """A milestone on the curve. `x` and `y` in percent of the drawing."""

    number: int
    x: str
    y: str
    on: date
    threshold: int


@dataclass(frozen=True, slots=True)
class Tick:
    """A line of the scale: `y` in percent, `text_y` is where its figure stands."""

    y: str
    value: int


@dataclass(frozen=True, slots=True)
class Row:
    """`new` signatures from `since` to `until`, both included, and the `total` at its end."""

    since: date
    until: date
    new: int
    total: int


@dataclass(frozen=True, slots=True)
class Hour:
    """`new` signatures in the hour that ends at `until`, and the `total` at its end."""

    until: datetime
    new: int
    total: int


@dataclass(frozen=True, slots=True)
class Chart:
    first: date
    last: date
    middle: date
    total: int
    path: str
    """SVG path in a box of 1000 x 100."""
    marks: tuple[Mark, ...]
    ticks: tuple[Tick, ...]
    rows: tuple[Row, ...]
    by_month: bool
    hours: tuple[Hour, ...] = ()
    """While the petition is young: the same hour by hour, and the curve is drawn from these."""


def draw(
    counts: Sequence[tuple[date, int]], reached: Sequence[tuple[date, int]] = ()
) -> Chart | None:
    """The chart of cumulative `counts` (day, total at its end, days ascending).

    `reached` are milestones met: (day, threshold). Less than two days make no curve: None.
    """
    if len(counts) < 2:
        return None
    first, last = counts[0][0], counts[-1][0]
    top = nice_top(max(total for _, total in counts))
    span = (last - first).days

    def across(day: date) -> float:
        return (day - first).days / span

    path = "M" + " L".join(
        f"{across(day) * _ACROSS:.1f} {(1 - total / top) * _DOWN:.2f}" for day, total in counts
    )
    marks = tuple(
        Mark(
            number, _percent(across(day)), _percent(_height(_at(counts, day), top)), day, threshold
        )
        for number, (day, threshold) in enumerate(reached, start=1)
        if first <= day <= last
    )
    rows = _rows(counts)
    return Chart(
        first=first,
        last=last,
        middle=first + timedelta(days=span // 2),
        total=counts[-1][1],
        path=path,
        marks=marks,
        ticks=tuple(Tick(_percent(_height(value, top)), value) for value in (0, top // 2, top)),
        rows=rows,
        by_month=any(row.since != row.until for row in rows),
    )


HOURS = timedelta(hours=72)
HOURS_FROM = 100
"""Signatures from which hours may be told: fewer, and an hour would tell of single people."""


def draw_hours(
    counts: Sequence[tuple[datetime, int]], since: datetime, zone: tzinfo
) -> Chart | None:
    """The curve of the first three days, from `counts` (time of a batch, total after it), ascending.

    None before 100 signatures and after the third day, or where a single hour is known.
    """
    if not counts or counts[-1][1] < HOURS_FROM or counts[-1][0] - since > HOURS:
        return None
    ends: dict[datetime, int] = {}
    for at, total in counts:
        hour = at.replace(minute=0, second=0, microsecond=0) + timedelta(hours=1)
        ends[hour] = total
    if len(ends) < 2:
        return None
    first, last = min(ends), max(ends)
    top, span = nice_top(max(ends.values())), (last - first) / timedelta(hours=1)
    path = "M" + " L".join(
        f"{(hour - first) / timedelta(hours=1) / span * _ACROSS:.1f} {(1 - total / top) * _DOWN:.2f}"
        for hour, total in ends.items()
    )
    hours, before = [], 0
    for hour, total in ends.items():
        hours.append(Hour(hour.astimezone(zone), total - before, total))
        before = total
    return Chart(
        first=first.astimezone(zone),
        last=last.astimezone(zone),
        middle=(first + (last - first) / 2).astimezone(zone),
        total=counts[-1][1],
        path=path,
        marks=(),
        ticks=tuple(Tick(_percent(_height(value, top)), value) for value in (0, top // 2, top)),
        rows=(),
        by_month=False,
        hours=tuple(hours),
    )


def _percent(share: float) -> str:
    return f"{share * 100:.2f}%"


def _height(total: float, top: int) -> float:
    return (1 - total / top) * _AXIS / 100


def _at(counts: Sequence[tuple[date, int]], day: date) -> int:
    """The total at the end of `day`: that of the last day counted up to it."""
    return max((total for counted, total in counts if counted <= day), default=0)


def nice_top(largest: int) -> int:
    """The even round number at or above `largest`, so that half of it is whole: 48,213 → 50,000."""
    power = 1
    while power * 10 < largest:
        power *= 10
    for step in _STEPS:
        top = int(step * power)
        if top >= largest and top >= 2 and top % 2 == 0:
            return top
    return power * 10


def _rows(counts: Sequence[tuple[date, int]]) -> tuple[Row, ...]:
    """One row a day while they fit in a table that people read; else one a month."""
    ends = list(counts)
    if len(counts) > _MOST_ROWS:
        ends = [here for here, after in pairwise(counts) if here[0].month != after[0].month] + [
            counts[-1]
        ]
    rows, since, before = [], counts[0][0], 0
    for until, total in ends:
        start = until if len(counts) <= _MOST_ROWS else since
        rows.append(Row(start, until, total - before, total))
        since, before = until + timedelta(days=1), total
    return tuple(rows)
