"""Days, zones and stops the calendar tests draw from."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

from hypothesis import strategies as st

from petitions.domain.calendar import (
    DaySpan,
)
from petitions.domain.collecting import Window
from petitions.domain.periods import Period

ZONES = (
    "Europe/Paris",
    "Europe/London",
    "Europe/Helsinki",
    "America/Toronto",
    "America/Sao_Paulo",  # once changed its clocks at midnight
    "Asia/Beirut",  # the same
    "Pacific/Apia",  # skipped a whole day in 2011
    "Australia/Lord_Howe",  # half an hour of daylight saving
    "UTC",
)
days = st.dates(min_value=date(2000, 1, 1), max_value=date(2060, 12, 31))
zones = st.sampled_from(ZONES)
lengths = st.integers(min_value=1, max_value=800)


def parsed(text: str) -> Period:
    return Period.parse(text)


def fixed(length: str, **keys: object) -> Window:
    return Window(length=parsed(length), minimum=parsed("P1D"), **keys)


def at(text: str, zone: str = "Europe/Paris") -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=ZoneInfo(zone)).astimezone(UTC)


def span(first: str, last: str | None) -> DaySpan:
    return DaySpan(date.fromisoformat(first), date.fromisoformat(last) if last else None)


starts = st.integers(-30, 400)
widths = st.integers(0, 60)
stops = st.lists(st.tuples(starts, widths), max_size=8)


def spans_from(day: date, offsets: list[tuple[int, int]]) -> list[DaySpan]:
    return [
        DaySpan(day + timedelta(days=start), day + timedelta(days=start + width))
        for start, width in offsets
    ]
