"""Legal time: periods, the last day, and the instants it ends at."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from petitions.domain.calendar import (
    add,
    bars_through,
    closes_at,
    days_left,
    first_instant,
    last_day_of,
    local_day,
    longer,
    window,
)
from petitions.domain.periods import Period, PeriodUnit
from petitions.domain.vocabulary import FirstDay
from tests.domain.days import (
    days,
    fixed,
    lengths,
    parsed,
    zones,
)

# Periods


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("P6M", Period(months=6)),
        ("P1Y6M", Period(years=1, months=6)),
        ("P2W", Period(days=14)),
        ("P1Y2M3W4D", Period(years=1, months=2, days=25)),
        ("10 working", Period(days=10, unit=PeriodUnit.WORKING)),
        ("15 sitting", Period(days=15, unit=PeriodUnit.SITTING)),
    ],
)
def test_a_period_is_read_and_written_the_same_way(text, expected):
    assert parsed(text) == expected
    assert str(parsed(text)) == text
    assert Period.parse(str(expected)) == expected


@pytest.mark.parametrize(
    "text",
    [
        "",
        "P",
        "6M",
        "PT12H",
        "P6H",
        "p6m",
        "P-6M",
        "-P6M",
        "P1.5M",
        "P6M ",
        "P٦M",
        "ten working",
        "10 days",
        "P1D1M",
    ],
)
def test_what_is_not_a_period_is_refused(text):
    with pytest.raises(ValueError, match="must be a period"):
        Period.parse(text)


def test_only_periods_around_an_event_may_point_back():
    assert add(date(2026, 3, 1), Period.parse_signed("-P60D")) == date(2025, 12, 31)
    assert add(date(2026, 3, 31), Period.parse_signed("-P1M")) == date(2026, 2, 28)
    assert Period.parse_signed("P0D").empty


# Adding periods: T2 and T3


def test_the_day_of_the_event_is_not_counted():
    assert last_day_of(date(2026, 1, 15), parsed("P6M")) == date(2026, 7, 15)


def test_with_the_event_as_day_one_the_window_ends_a_day_earlier():
    assert last_day_of(date(2026, 1, 15), parsed("P6M"), FirstDay.EVENT) == date(2026, 7, 14)
    assert last_day_of(date(2026, 1, 15), parsed("P42D"), FirstDay.EVENT) == date(2026, 2, 25)


def test_a_month_without_the_day_ends_on_its_last_day_under_both_settings():
    for setting in FirstDay:
        assert last_day_of(date(2026, 8, 31), parsed("P6M"), setting) == date(2027, 2, 28)
        assert last_day_of(date(2023, 8, 31), parsed("P6M"), setting) == date(2024, 2, 29)


def test_years_and_months_are_added_before_days():
    assert add(date(2026, 1, 31), parsed("P1M1D")) == date(2026, 3, 1)


def test_a_bar_includes_its_last_day():
    assert bars_through(date(2026, 2, 28), parsed("P1Y")) == date(2027, 2, 28)
    assert bars_through(date(2024, 2, 29), parsed("P1Y")) == date(2025, 2, 28)


def test_two_periods_are_compared_from_the_day_of_the_check():
    assert longer(parsed("P31D"), parsed("P1M"), date(2026, 2, 1))
    assert not longer(parsed("P31D"), parsed("P1M"), date(2026, 1, 1))


def test_working_days_cannot_be_added_without_a_calendar():
    with pytest.raises(ValueError, match="calendar"):
        add(date(2026, 1, 1), parsed("5 working"))


@given(days, st.integers(0, 600))
def test_months_keep_the_day_number_or_end_the_month(day, months):
    end = add(day, Period(months=months))
    assert (end.year * 12 + end.month) - (day.year * 12 + day.month) == months
    assert end.day == day.day or (end + timedelta(days=1)).day == 1


@given(days, days, st.integers(0, 240))
def test_an_earlier_start_never_ends_later(one, other, months):
    first, second = sorted((one, other))
    assert add(first, Period(months=months)) <= add(second, Period(months=months))


@given(days, lengths)
def test_counting_the_event_day_never_adds_a_day(day, length):
    period = Period(days=length)
    assert last_day_of(day, period) - last_day_of(day, period, FirstDay.EVENT) == timedelta(days=1)


# Instants: T1 and T4


@given(days, zones)
def test_the_last_day_is_inclusive_to_its_last_microsecond(day, zone):
    closing = closes_at(day, zone)
    assert local_day(closing - timedelta(microseconds=1), zone) <= day
    assert local_day(closing, zone) > day
    assert closing.tzinfo is UTC


@given(days, zones)
def test_a_day_begins_where_the_day_before_ends(day, zone):
    assert first_instant(day + timedelta(days=1), zone) == closes_at(day, zone)
    assert local_day(first_instant(day, zone), zone) >= day


def test_midnight_that_does_not_exist_opens_at_the_jump():
    # São Paulo, 4 November 2018: the clocks went from 24:00 to 01:00.
    opening = first_instant(date(2018, 11, 4), "America/Sao_Paulo")
    assert opening == datetime(2018, 11, 4, 3, 0, tzinfo=UTC)
    assert opening.astimezone(ZoneInfo("America/Sao_Paulo")).hour == 1


def test_the_change_of_clocks_moves_the_instant_and_not_the_day():
    assert closes_at(date(2026, 3, 28), "Europe/Berlin") == datetime(2026, 3, 28, 23, tzinfo=UTC)
    assert closes_at(date(2026, 3, 29), "Europe/Berlin") == datetime(2026, 3, 29, 22, tzinfo=UTC)


@given(days, lengths, zones, st.integers(0, 86_399))
def test_daylight_saving_never_changes_a_day_count(day, length, zone, second):
    moment = first_instant(day, zone) + timedelta(seconds=second)
    opened = local_day(moment, zone)
    found = window(fixed(f"P{length}D"), event_at=moment, zone=zone)
    assert found.last_day == opened + timedelta(days=length)
    assert found.opens_at == moment
    assert found.closes_at == closes_at(found.last_day, zone)


def test_days_left_counts_today_and_the_last_day():
    assert days_left(date(2026, 7, 15), date(2026, 7, 15)) == 1
    assert days_left(date(2026, 7, 15), date(2026, 7, 14)) == 2
    assert days_left(date(2026, 7, 15), date(2026, 7, 16)) == 0
