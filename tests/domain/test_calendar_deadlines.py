"""Legal time: deadlines in calendar, working and sitting days, and age."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from petitions.domain.calendar import (
    AssemblyCalendar,
    Deadline,
    age_on,
    deadline,
    overdue_from,
)
from petitions.domain.periods import Period, PeriodUnit
from petitions.domain.vocabulary import Roll
from tests.domain.days import (
    days,
    lengths,
    parsed,
    span,
    spans_from,
    stops,
)

# Deadlines: T5 to T7

FRANCE = AssemblyCalendar(
    holidays=frozenset({date(2026, 5, 1), date(2026, 5, 8), date(2026, 5, 14)}),
    sitting_days=frozenset({date(2026, 5, 5), date(2026, 5, 6), date(2026, 5, 12)}),
    spans={"recess": (span("2026-07-10", "2026-09-30"),)},
    covers_until=date(2026, 12, 31),
)


def test_working_days_leave_out_weekends_and_holidays():
    found = deadline(date(2026, 4, 29), parsed("10 working"), calendar=FRANCE)
    assert found == Deadline(date(2026, 5, 18))


def test_a_working_day_clock_counts_from_the_next_day():
    friday = date(2026, 6, 5)
    assert deadline(friday, parsed("1 working"), calendar=FRANCE).day == date(2026, 6, 8)


def test_sitting_days_are_those_the_assembly_listed():
    assert deadline(date(2026, 5, 4), parsed("3 sitting"), calendar=FRANCE).day == date(2026, 5, 12)


def test_a_sitting_day_nobody_listed_yet_is_never_guessed():
    found = deadline(date(2026, 5, 4), parsed("4 sitting"), calendar=FRANCE)
    assert found == Deadline(None, provisional=True)


def test_a_day_beyond_the_calendar_is_provisional():
    found = deadline(date(2026, 12, 28), parsed("10 working"), calendar=FRANCE)
    assert found.provisional
    assert found.day == date(2027, 1, 11)
    assert not deadline(date(2026, 12, 28), parsed("P30D"), calendar=FRANCE).provisional
    assert deadline(
        date(2026, 12, 28), parsed("P30D"), calendar=FRANCE, stops=["recess"]
    ).provisional


def test_a_deadline_rolls_to_the_next_working_day_last_of_all():
    ascension = date(2026, 5, 14)
    assert deadline(date(2026, 4, 14), parsed("P1M"), calendar=FRANCE).day == ascension
    rolled = deadline(date(2026, 4, 14), parsed("P1M"), calendar=FRANCE, roll=Roll.NEXT_WORKING)
    assert rolled.day == date(2026, 5, 15)
    # 9 May is a Saturday; with the extension it is a Sunday first and Monday after the roll.
    extended = deadline(
        date(2026, 4, 9),
        parsed("P1M"),
        calendar=FRANCE,
        extensions=[parsed("P1D")],
        roll=Roll.NEXT_WORKING,
    )
    assert extended.day == date(2026, 5, 11)


def test_working_days_stand_still_during_a_recess():
    found = deadline(date(2026, 7, 8), parsed("2 working"), calendar=FRANCE, stops=["recess"])
    assert found.day == date(2026, 10, 1)


def test_an_extension_in_working_days_follows_the_base_period():
    found = deadline(
        date(2026, 5, 28),
        parsed("1 working"),
        calendar=FRANCE,
        extensions=[parsed("2 working"), parsed("P2D")],
    )
    assert found.day == date(2026, 6, 4)


def test_days_with_the_author_do_not_run_against_the_clerk():
    found = deadline(
        date(2026, 5, 28),
        parsed("P10D"),
        calendar=FRANCE,
        stopped=[span("2026-06-01", "2026-06-05")],
    )
    assert found.day == date(2026, 6, 12)


def test_a_recess_without_an_end_leaves_no_day():
    endless = AssemblyCalendar().with_events({"recess": [span("2026-07-10", None)]})
    for length in ("P15D", "15 working"):
        found = deadline(date(2026, 7, 1), parsed(length), calendar=endless, stops=["recess"])
        assert found == Deadline(None, provisional=True)


def test_events_entered_by_clerks_are_added_to_the_calendar():
    extended = FRANCE.with_events({"recess": [span("2026-12-20", "2026-12-31")], "outage": []})
    assert len(extended.stopped(["recess"])) == 2
    assert len(FRANCE.stopped(["recess"])) == 1
    assert extended.stopped(["election"]) == ()


@given(days, st.integers(1, 250))
def test_a_working_day_deadline_ends_on_a_working_day_and_counts_them_all(day, count):
    calendar = AssemblyCalendar(holidays=FRANCE.holidays)
    end = deadline(day, Period(days=count, unit=PeriodUnit.WORKING), calendar=calendar).day
    between = (day + timedelta(days=n) for n in range(1, (end - day).days + 1))
    assert calendar.working(end)
    assert sum(calendar.working(each) for each in between) == count


@given(days, lengths, stops)
def test_a_stop_never_shortens_a_deadline(day, length, offsets):
    period = Period(days=length)
    free = deadline(day, period, calendar=AssemblyCalendar())
    stopped = deadline(day, period, calendar=AssemblyCalendar(), stopped=spans_from(day, offsets))
    assert stopped.day >= free.day


# Age: T10


@pytest.mark.parametrize(
    ("birth", "day", "age"),
    [
        ("2010-05-02", "2026-05-01", 15),
        ("2010-05-02", "2026-05-02", 16),
        ("2008-02-29", "2026-02-28", 17),
        ("2008-02-29", "2026-03-01", 18),
        ("2008-02-29", "2028-02-29", 20),
        ("2008-02-29", "2028-02-28", 19),
        ("2026-01-01", "2026-01-01", 0),
    ],
)
def test_the_birthday_qualifies_and_a_leap_birthday_waits_for_march(birth, day, age):
    assert age_on(date.fromisoformat(birth), date.fromisoformat(day)) == age


@given(days, st.integers(0, 40))
def test_one_year_older_on_every_birthday_and_not_the_day_before(birth, years):
    try:
        birthday = birth.replace(year=birth.year + years)
    except ValueError:
        birthday = date(birth.year + years, 3, 1)
    assert age_on(birth, birthday) == years
    assert age_on(birth, birthday - timedelta(days=1)) == years - 1


def test_overdue_begins_at_the_first_instant_after_the_last_day():
    assert overdue_from(date(2026, 11, 5), "America/Toronto") == datetime(
        2026, 11, 6, 5, tzinfo=UTC
    )
