"""Legal time: the boundary of every rule, and what holds for all days and zones."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from petitions.domain.calendar import (
    AssemblyCalendar,
    DaySpan,
    Deadline,
    Pause,
    add,
    age_on,
    bars_through,
    check_choice,
    closes_at,
    days_left,
    deadline,
    first_instant,
    last_day_of,
    lay_out,
    local_day,
    longer,
    overdue_from,
    paused_days,
    window,
)
from petitions.domain.collecting import Window
from petitions.domain.errors import InvalidError
from petitions.domain.periods import Period, PeriodUnit
from petitions.domain.vocabulary import FirstDay, Roll, WindowMode

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


# Windows


def test_signing_opens_at_the_instant_of_publication():
    found = window(fixed("P6M"), event_at=at("2026-01-15T10:12"), zone="Europe/Paris")
    assert found.opens_at == at("2026-01-15T10:12")
    assert not found.is_open(at("2026-01-15T10:11:59"))
    assert found.is_open(at("2026-01-15T10:12"))


@pytest.mark.parametrize("start", ["chosen", "gazette", "event:standstill"])
def test_signing_opens_at_the_first_instant_of_a_chosen_day(start):
    found = window(fixed("P6M", start=start), event_at=at("2026-01-15T10:12"), zone="Europe/Paris")
    assert found.opens_at == at("2026-01-15T00:00")


@pytest.mark.parametrize("mode", [WindowMode.NONE, WindowMode.PRIOR])
def test_a_petition_without_signing_counts_as_closed(mode):
    kind_window = Window(mode=mode, minimum=parsed("P1D"))
    found = window(kind_window, event_at=at("2026-01-15T10:12"), zone="Europe/Paris")
    assert not found.is_open(at("2026-01-15T10:12"))
    assert found.has_closed(at("2026-01-15T10:12"))
    assert found.last_day is None


@pytest.mark.parametrize("mode", [WindowMode.OPEN, WindowMode.ROLLING])
def test_an_open_window_shows_no_closing_date(mode):
    kind_window = Window(mode=mode, minimum=parsed("P1D"))
    found = window(kind_window, event_at=at("2026-01-10T09:00"), zone="Europe/London")
    assert found.closes_at is None
    assert found.is_open(at("2056-01-10T09:00"))
    assert not found.has_closed(at("2056-01-10T09:00"))
    assert found.final_at(24) is None


def test_extensions_come_before_pauses():
    found = window(
        fixed("P1M"),
        event_at=at("2026-01-10T09:00"),
        zone="Europe/Paris",
        extensions=[parsed("P10D")],
        pauses=[Pause(at("2026-02-15T00:00"), at("2026-02-16T00:00"))],
    )
    assert found.last_day == date(2026, 2, 21)


def test_a_pause_of_one_minute_gives_back_the_day():
    pause = Pause(at("2026-01-20T23:59"), at("2026-01-21T00:00"))
    found = window(
        fixed("P10D"), event_at=at("2026-01-15T10:00"), zone="Europe/Paris", pauses=[pause]
    )
    assert found.last_day == date(2026, 1, 26)


def test_a_pause_that_is_empty_gives_nothing_back():
    pause = Pause(at("2026-01-20T10:00"), at("2026-01-20T10:00"))
    found = window(
        fixed("P10D"), event_at=at("2026-01-15T10:00"), zone="Europe/Paris", pauses=[pause]
    )
    assert found.last_day == date(2026, 1, 25)


def test_a_pause_without_an_end_leaves_the_closing_unknown():
    pause = Pause(at("2026-01-20T10:00"), None)
    found = window(
        fixed("P10D"), event_at=at("2026-01-15T10:00"), zone="Europe/Paris", pauses=[pause]
    )
    assert found.closes_at is None
    assert found.provisional
    later = window(
        fixed("P3D"), event_at=at("2026-01-15T10:00"), zone="Europe/Paris", pauses=[pause]
    )
    assert later.last_day == date(2026, 1, 18)


def test_a_pause_on_the_day_of_the_event_changes_nothing():
    pause = Pause(at("2026-01-15T11:00"), at("2026-01-15T12:00"))
    found = window(
        fixed("P10D"), event_at=at("2026-01-15T10:00"), zone="Europe/Paris", pauses=[pause]
    )
    assert found.last_day == date(2026, 1, 25)


starts = st.integers(-30, 400)
widths = st.integers(0, 60)
stops = st.lists(st.tuples(starts, widths), max_size=8)


def spans_from(day: date, offsets: list[tuple[int, int]]) -> list[DaySpan]:
    return [
        DaySpan(day + timedelta(days=start), day + timedelta(days=start + width))
        for start, width in offsets
    ]


@given(days, lengths, stops)
def test_overlapping_pauses_give_back_each_day_once(day, length, offsets):
    stopped = spans_from(day, offsets)
    end = lay_out(day, length, stopped)
    walked, counted = day - timedelta(days=1), 0
    while counted < length:
        walked += timedelta(days=1)
        counted += not any(each.covers(walked) for each in stopped)
    assert end == walked


@given(days, lengths, stops)
def test_the_order_in_which_pauses_were_entered_does_not_matter(day, length, offsets):
    stopped = spans_from(day, offsets)
    assert lay_out(day, length, stopped) == lay_out(day, length, stopped[::-1])


@given(days, lengths, stops)
def test_a_window_never_ends_on_a_paused_day(day, length, offsets):
    stopped = spans_from(day, offsets)
    assert not any(each.covers(lay_out(day, length, stopped)) for each in stopped)


@given(days, st.integers(0, 5 * 86_400), st.integers(1, 5 * 86_400), zones)
def test_a_pause_stops_every_local_day_it_touches(day, start, length, zone):
    begin = first_instant(day, zone) + timedelta(seconds=start)
    end = begin + timedelta(seconds=length)
    (stopped,) = paused_days([Pause(begin, end)], zone)
    assert stopped.first == local_day(begin, zone)
    assert first_instant(stopped.last, zone) < end <= closes_at(stopped.last, zone)


# Choices of the author


def test_a_length_outside_the_range_is_refused_with_the_range():
    ranged = Window(mode=WindowMode.RANGE, minimum=parsed("P2M"), maximum=parsed("P4M"))
    check_choice(ranged, parsed("P3M"), date(2026, 11, 30))
    for wrong in ("P5M", "P1M", "P59D"):
        with pytest.raises(InvalidError) as refused:
            check_choice(ranged, parsed(wrong), date(2026, 11, 30))
        assert refused.value.facts == {"minimum": "P2M", "maximum": "P4M", "got": wrong}


def test_a_length_that_is_not_listed_is_refused_with_the_list():
    listed = Window(
        mode=WindowMode.LIST, choices=(parsed("P30D"), parsed("P60D")), minimum=parsed("P1D")
    )
    check_choice(listed, parsed("P60D"), date(2026, 1, 1))
    for wrong in (parsed("P45D"), None):
        with pytest.raises(InvalidError) as refused:
            window(listed, event_at=at("2026-01-01T00:00"), zone="UTC", choice=wrong)
        assert refused.value.facts["allowed"] == "P30D, P60D"


def test_the_range_is_taken_whole_where_the_author_did_not_choose():
    ranged = Window(mode=WindowMode.RANGE, minimum=parsed("P1D"), maximum=parsed("P6M"))
    found = window(ranged, event_at=at("2026-01-15T09:00"), zone="Europe/London")
    assert found.last_day == date(2026, 7, 15)


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
