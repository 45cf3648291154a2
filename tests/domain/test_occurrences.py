"""Events of the calendar and their rules: the days they cover, the pauses they make, whom they reach."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from petitions.domain.calendar import closes_at, first_instant, local_day, paused_days
from petitions.domain.lifecycle import END_STATES, State
from petitions.domain.occurrences import (
    Occurrence,
    covered,
    first_since,
    pause_of,
    pauses,
    refused_because,
    states_of,
    verdict,
)
from petitions.domain.periods import Period
from petitions.domain.procedure import CalendarRule
from petitions.domain.vocabulary import CalendarEffect
from tests.domain.days import at, days, zones

LONDON = "Europe/London"


def a_rule(effect: str, **keys: object) -> CalendarRule:
    return CalendarRule(event="election", effect=CalendarEffect(effect), **keys)


def an_event(start: str, end: str = "", zone: str = LONDON) -> Occurrence:
    return Occurrence(
        id="1", event="election", start=at(start, zone), end=at(end, zone) if end else None
    )


def test_sixty_days_before_an_event_and_its_day_are_covered():
    rule = a_rule(
        "refuse_new", since=Period.parse_signed("-P60D"), until=Period.parse_signed("P0D")
    )
    found = covered(rule, an_event("2026-05-07T07:00"), LONDON)
    assert (found.first, found.last) == (date(2026, 3, 8), date(2026, 5, 7))


def test_an_event_that_goes_on_covers_every_later_day():
    found = covered(a_rule("refuse_new"), an_event("2026-05-07T07:00"), LONDON)
    assert found.covers(date(2036, 5, 7))
    assert not found.covers(date(2026, 5, 6))


def test_an_end_at_midnight_belongs_to_the_day_before():
    found = an_event("2026-03-02T00:00", "2026-03-05T00:00").days(LONDON)
    assert (found.first, found.last) == (date(2026, 3, 2), date(2026, 3, 4))


@given(days, st.integers(0, 90), st.integers(0, 90), zones)
def test_a_widened_pause_stops_exactly_the_days_its_rule_covers(day, before, after, zone):
    rule = a_rule(
        "pause",
        since=Period.parse_signed(f"-P{before}D"),
        until=Period.parse_signed(f"P{after}D"),
    )
    found = Occurrence(id="1", event="election", start=first_instant(day, zone))
    wide = covered(rule, found, zone)
    (stopped,) = paused_days([pause_of(rule, found, zone)], zone)
    assert (stopped.first, stopped.last) == (wide.first, wide.last)
    assert (wide.last - wide.first).days == before + after


@given(days, st.integers(1, 400), zones)
def test_the_days_of_an_event_begin_and_end_with_its_instants(day, length, zone):
    last = day + timedelta(days=length - 1)
    found = Occurrence(
        id="1", event="recess", start=first_instant(day, zone), end=closes_at(last, zone)
    )
    span = found.days(zone)
    assert span.first == local_day(found.start, zone)
    assert span.last == local_day(found.end - timedelta(microseconds=1), zone)


@pytest.mark.parametrize("effect", list(CalendarEffect))
def test_no_effect_reaches_a_petition_that_has_ended(effect):
    assert not states_of(a_rule(effect)) & END_STATES


def test_a_rule_reaches_the_states_it_lists_as_far_as_its_effect_can_act():
    rule = a_rule("lapse", states=("in_admissibility", "examined", "published"))
    assert states_of(rule) == {State.IN_ADMISSIBILITY, State.PUBLISHED}


def test_the_rulebook_decides_who_closes_and_who_lapses(kind):
    uk = kind("uk-parliament")
    assert verdict(uk, "dissolution", State.PUBLISHED).effect == "close"
    assert verdict(uk, "dissolution", State.GATHERING_SPONSORS).effect == "lapse"
    assert verdict(uk, "dissolution", State.RETURNED) is None
    assert verdict(uk, "outage", State.PUBLISHED) is None  # a pause is no act at an instant
    outage = Occurrence(id="1", event="outage", start=at("2026-03-02T00:00", LONDON))
    assert [pause.end for pause in pauses(uk, [outage], LONDON)] == [None]


def test_a_kind_without_a_rule_refuses_nobody(kind):
    found = [an_event("2026-05-07T07:00")]
    assert refused_because(kind("uk-parliament"), found, date(2026, 5, 7), LONDON) is None


def test_the_first_occurrence_counts_from_an_instant_on():
    found = [an_event("2028-01-01T00:00"), an_event("2026-01-01T00:00")]
    assert first_since(found, "election", at("2026-01-01T00:00", LONDON)) is found[1]
    assert first_since(found, "election", at("2026-01-01T00:01", LONDON)) is found[0]
    assert first_since(found, "recess", at("2020-01-01T00:00", LONDON)) is None
