"""Legal time: signing windows, pauses and the length the author picks."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from petitions.domain.calendar import (
    Pause,
    check_choice,
    closes_at,
    first_instant,
    lay_out,
    local_day,
    paused_days,
    window,
)
from petitions.domain.collecting import Window
from petitions.domain.errors import InvalidError
from petitions.domain.vocabulary import WindowMode
from tests.domain.days import (
    at,
    days,
    fixed,
    lengths,
    parsed,
    spans_from,
    stops,
    zones,
)

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
