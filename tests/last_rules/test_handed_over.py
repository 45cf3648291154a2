"""Milestones whose count or figures are those of the day of the hand-over."""

from __future__ import annotations

import pytest

from petitions.domain.schema import RulebookErrors
from petitions.ledger.entries import EntryType, Milestone
from petitions.storage import tables as t
from tests.last_rules.towns import LOW, Towns, hand_over, look, to

HANDED = {
    **LOW,
    "decisive = true\n": 'decisive = true\nevaluate = "handover"\nsnapshot = "handover"\n',
    "[[after.duties]]": (
        '[after.handover]\nby = "town_clerk"\nstart = "closed"\nwithin = "P1M"\n\n[[after.duties]]'
    ),
}


def test_a_count_is_judged_on_the_day_it_is_handed_over(town: Towns) -> None:
    at = town(HANDED)
    petition = at.publish()
    at.sign_many(petition, range(3))
    at.work()
    assert at.state(petition) == "published"
    assert look(at, petition).targets == {}, "figures of a later day"
    to(at, "2026-05-03T09:00")
    at.work()
    assert at.state(petition) == "published", "the end of signing decides nothing here"
    hand_over(at, petition)
    at.work()
    found = look(at, petition)
    assert found.state == "threshold_reached"
    assert found.targets["council"]["threshold"] == 2
    (hit,) = at.entries(EntryType.MILESTONE)
    assert hit.fields == Milestone(0, 2, 3)


def test_too_few_at_the_hand_over_close_the_petition(town: Towns) -> None:
    at = town(HANDED)
    petition = at.publish()
    at.sign_many(petition, range(1))
    to(at, "2026-05-03T09:00")
    at.work()
    hand_over(at, petition)
    at.work()
    assert at.state(petition) == "closed_below"
    assert at.entries(EntryType.MILESTONE) == []


def test_what_is_never_handed_over_closes_when_its_time_is_over(town: Towns) -> None:
    at = town(HANDED)
    petition = at.publish()
    at.sign_many(petition, range(3))
    to(at, "2026-06-02T23:59")
    at.work()
    assert at.state(petition) == "published"
    to(at, "2026-06-03T00:00")
    at.work()
    found = look(at, petition)
    assert (found.state, found.state_since) == ("closed_below", at.clock.at)
    assert at.count(t.MilestoneReached) == 0


def test_a_count_judged_at_the_hand_over_needs_a_hand_over(town: Towns) -> None:
    with pytest.raises(RulebookErrors, match="'handover' needs after"):
        town({"decisive = true\n": 'decisive = true\nevaluate = "handover"\n'})


def test_a_milestone_cannot_wait_for_what_it_starts_itself(town: Towns) -> None:
    own = {key: value.replace('"closed"', '"milestone:council"') for key, value in HANDED.items()}
    with pytest.raises(RulebookErrors, match="must not be judged by itself"):
        town(own)
