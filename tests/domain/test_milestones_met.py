"""What counts as reaching a milestone: every page and feed asks this one function."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from typing import Any

from petitions.domain.milestones_met import milestones_met

ZONE = "Europe/Paris"


@dataclass(frozen=True)
class Step:
    action: str
    legal_instant: datetime
    detail: Mapping[str, Any] = field(default_factory=dict)


def reached(action: str, milestone: str, threshold: int, day: int, hour: int = 12) -> Step:
    at = datetime(2026, 5, day, hour, tzinfo=UTC)
    return Step(action, at, {"milestone": milestone, "threshold": threshold, "valid": threshold})


def test_milestones_are_listed_oldest_first_whatever_the_order_of_the_steps() -> None:
    steps = [reached("reach", "debate", 100, 9), reached("milestone_reached", "answer", 10, 3)]
    found = milestones_met(steps, ZONE)
    assert [(each.milestone, each.threshold) for each in found] == [("answer", 10), ("debate", 100)]


def test_a_count_corrected_upwards_reaches_its_milestone_too() -> None:
    found = milestones_met([reached("correct_count", "debate", 100, 9)], ZONE)
    assert [(each.milestone, each.on) for each in found] == [("debate", date(2026, 5, 9))]


def test_the_day_is_that_of_the_place_where_the_rules_hold() -> None:
    late = reached("reach", "debate", 100, 9, hour=23)  # one hour after midnight in Paris
    assert milestones_met([late], ZONE)[0].on == date(2026, 5, 10)
    assert milestones_met([late], "UTC")[0].on == date(2026, 5, 9)


def test_a_milestone_recorded_twice_is_met_once_on_its_first_day() -> None:
    steps = [reached("reach", "debate", 100, 12), reached("reach", "debate", 100, 9)]
    assert [each.on.day for each in milestones_met(steps, ZONE)] == [9]


def test_other_steps_and_steps_that_name_no_milestone_reach_nothing() -> None:
    at = datetime(2026, 5, 9, tzinfo=UTC)
    other = reached("track_decided", "debate", 100, 9)
    assert milestones_met([other, Step("reach", at), Step("publish", at)], ZONE) == ()
