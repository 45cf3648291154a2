"""Tracks: which open, when their clock starts, and from which instant they are overdue."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from petitions.domain.calendar import AssemblyCalendar, Deadline, first_instant
from petitions.domain.duties import (
    Status,
    TrackStatus,
    clocks_started,
    due,
    not_before,
    stage_due,
    status,
    superseded,
    tracks_opened,
)

PARIS = "Europe/Paris"


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=ZoneInfo(PARIS)).astimezone(UTC)


def test_the_milestone_of_the_town_opens_the_answer_of_the_council(kind, context):
    town = kind("town")
    (opening,) = tracks_opened(town, "milestone:council")
    assert opening.id == "council_answer"
    assert opening.body == "town_council"
    assert opening.clock_runs
    assert not opening.decided
    calendar = context.assemblies["valmont"].calendar
    assert due(opening.duty, date(2026, 3, 10), calendar=calendar) == Deadline(date(2026, 6, 10))


def test_a_milestone_that_no_duty_names_opens_a_track_without_a_deadline(kind):
    (opening,) = tracks_opened(kind("fr-senat"), "milestone:conference")
    assert opening.id == "conference"
    assert opening.duty is None
    assert opening.body == "conference_of_presidents"
    assert not opening.clock_runs


def test_featuring_a_petition_is_done_at_once(kind):
    assembly = kind("fr-assemblee-nationale")
    (featured,) = tracks_opened(assembly, "milestone:featured")
    (debate,) = tracks_opened(assembly, "milestone:debate")
    assert featured.decided
    assert not debate.decided


def test_a_duty_without_a_milestone_opens_at_its_event(kind):
    (answer,) = tracks_opened(kind("brussels", "petition"), "submitted")
    assert answer.id == "answer"
    assert answer.clock_runs
    (consider,) = tracks_opened(kind("scottish-parliament"), "published")
    assert due(consider.duty, date(2026, 1, 10), calendar=AssemblyCalendar()) == Deadline(None)
    assert tracks_opened(kind("scottish-parliament"), "submitted") == ()


def test_an_outcome_may_start_a_duty_of_its_own(kind):
    suggestion = kind("brussels", "suggestion")
    (meeting,) = tracks_opened(suggestion, "outcome:granted")
    assert meeting.id == "first_meeting"
    assert tracks_opened(suggestion, "outcome:refused_with_reasons") == ()
    assert not_before(meeting.duty, date(2026, 5, 20)) == date(2026, 7, 20)


def test_a_clock_may_start_after_its_track_was_opened(kind):
    canada = kind("ca-house-of-commons", "electronic")
    (response,) = tracks_opened(canada, "milestone:certificate")
    assert response.id == "response"
    assert not response.clock_runs
    assert [duty.id for duty in clocks_started(canada, "handover:presented")] == ["response"]
    assert clocks_started(canada, "handover:certified") == ()
    assert tracks_opened(canada, "handover:presented") == ()


def test_a_clock_that_started_with_its_milestone_starts_once(kind):
    assert clocks_started(kind("town"), "milestone:council") == ()


def test_an_unknown_milestone_opens_nothing(kind):
    assert tracks_opened(kind("town"), "milestone:mayor") == ()


def test_a_milestone_that_replaces_supersedes_the_tracks_below(kind):
    change = (
        'id = "debate"\nthreshold = 100000',
        'id = "debate"\nreplaces = true\nthreshold = 100000',
    )
    uk = kind("uk-parliament", None, change)
    assert superseded(uk, "debate") == ("response",)
    assert superseded(uk, "response") == ()
    assert superseded(kind("uk-parliament"), "debate") == ()
    with pytest.raises(KeyError):
        superseded(uk, "x")


def test_a_duty_rolls_and_is_extended_by_decision(kind, context):
    change = (
        'length = "P3M"\nbody',
        'length = "P3M"\nroll = "next_working"\nstops = ["recess"]\nbody',
    )
    duty = kind("town", None, change).after.duties[0]
    calendar = context.assemblies["valmont"].calendar
    # 14 May 2026 is Ascension Day.
    assert due(duty, date(2026, 2, 14), calendar=calendar).day == date(2026, 5, 15)
    # August does not count: 31 days come back in September.
    assert due(duty, date(2026, 6, 30), calendar=calendar).day == date(2026, 11, 2)


def test_the_clerk_has_ten_working_days_not_counting_those_with_the_author(kind, context):
    stage = kind("town").admissibility.stages[0]
    calendar = context.assemblies["valmont"].calendar
    assert stage_due(stage, date(2026, 4, 27), calendar=calendar) == Deadline(date(2026, 5, 13))


def test_a_stage_without_a_clock_is_never_due(kind):
    stage = kind("fr-senat").admissibility.stages[1]
    assert stage_due(stage, date(2026, 4, 27), calendar=AssemblyCalendar()) == Deadline(None)


DUE = date(2026, 6, 10)


@pytest.mark.parametrize(
    ("decided", "now", "expected"),
    [
        (None, "2026-06-10T23:59:59", TrackStatus(Status.DUE, late=False)),
        (None, "2026-06-11T00:00", TrackStatus(Status.OVERDUE, late=True)),
        ("2026-06-10T23:59:59", "2026-07-01T00:00", TrackStatus(Status.DECIDED, late=False)),
        ("2026-06-11T00:00", "2026-07-01T00:00", TrackStatus(Status.DECIDED, late=True)),
    ],
)
def test_a_track_is_overdue_from_the_first_instant_after_its_last_day(decided, now, expected):
    decided_at = at(decided) if decided else None
    assert status(DUE, decided_at, at(now), PARIS) == expected
    assert status(Deadline(DUE), decided_at, at(now), PARIS) == expected


def test_a_decision_that_lies_ahead_is_not_yet_a_decision():
    assert status(DUE, at("2026-06-09T12:00"), at("2026-06-08T12:00"), PARIS).status is Status.DUE


def test_a_provisional_day_is_never_overdue():
    long_after = first_instant(DUE, PARIS) + timedelta(days=900)
    assert status(Deadline(DUE, provisional=True), None, long_after, PARIS).status is Status.DUE
    assert status(None, None, long_after, PARIS) == TrackStatus(Status.DUE, late=False)
