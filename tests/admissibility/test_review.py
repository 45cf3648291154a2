"""Which decisions are possible now, and for whom."""

from __future__ import annotations

from dataclasses import replace

import pytest

from admissibility.review import (
    Proposal,
    Situation,
    Standing,
    confirmation_refusal,
    deciding_role,
    options,
    second_person_needed,
    standing,
)
from petitions.domain.filing import Stage
from petitions.domain.lifecycle import Action, Role, State
from petitions.domain.periods import Period
from petitions.domain.vocabulary import StageOutcome

STAGE = Stage(id="check", body="services", correction=Period.parse("P30D"))
CLERK = frozenset({Role.CLERK})


def situation(**more: object) -> Situation:
    now = Situation(State.IN_ADMISSIBILITY, STAGE, "petit", CLERK)
    return replace(now, **more)  # type: ignore[arg-type]


def refusals(now: Situation) -> dict[str, str]:
    return {str(option.decision): option.refusal for option in options(now)}


def test_a_clerk_may_admit_return_and_refuse() -> None:
    assert refusals(situation()) == {"accept": "", "return": "", "refuse": ""}


def test_only_the_outcomes_of_the_stage_are_offered() -> None:
    stage = replace(STAGE, outcomes=(StageOutcome.ACCEPT, StageOutcome.ACCEPT_IN_PART))
    assert list(refusals(situation(stage=stage))) == ["accept", "accept_in_part"]


@pytest.mark.parametrize("role", [Role.AUDITOR, Role.ADMINISTRATOR, Role.COMMUNICATION])
def test_who_does_not_decide_is_told_so(role: Role) -> None:
    assert set(refusals(situation(roles=frozenset({role}))).values()) == {"no_role"}


def test_the_last_return_is_not_offered_again() -> None:
    assert refusals(situation(returns_used=2))["return"] == "returns_used_up"
    assert refusals(situation(returns_used=1))["return"] == ""


def test_a_case_in_other_hands_is_read_only() -> None:
    assert set(refusals(situation(holder="morel")).values()) == {"held_by_other"}
    assert set(refusals(situation(holder="petit")).values()) == {""}


def test_while_a_decision_is_proposed_nobody_decides_beside_it() -> None:
    now = situation(proposal=Proposal(Action.REFUSE, "petit"))
    assert set(refusals(now).values()) == {"waits_for_second_reader"}


@pytest.mark.parametrize(
    "state", [State.PUBLISHED, State.WITHDRAWN, State.RETURNED, State.EXAMINED]
)
def test_elsewhere_in_its_life_a_petition_cannot_be_admitted_or_refused(state: State) -> None:
    assert set(refusals(situation(state=state)).values()) == {"wrong_state"}


def test_a_check_after_a_milestone_may_admit_without_moving_the_petition() -> None:
    stage = replace(STAGE, at="milestone:m", outcomes=(StageOutcome.ACCEPT, StageOutcome.REFUSE))
    now = situation(state=State.THRESHOLD_REACHED, stage=stage)
    assert refusals(now) == {"accept": "", "refuse": ""}


def test_without_an_open_check_there_is_nothing_to_decide() -> None:
    assert options(situation(stage=None)) == ()


def test_a_second_person_is_needed_by_the_rules_or_to_hide_a_petition() -> None:
    two = replace(STAGE, four_eyes=True)
    assert second_person_needed(two, Action.ACCEPT, hides=False)
    assert not second_person_needed(two, Action.RETURN, hides=False)
    assert second_person_needed(STAGE, Action.REFUSE, hides=True)
    assert not second_person_needed(STAGE, Action.REFUSE, hides=False)


def test_nobody_confirms_a_proposal_of_their_own_whatever_roles_they_hold() -> None:
    roles = frozenset({Role.CLERK, Role.SECOND_READER})
    mine = situation(roles=roles, proposal=Proposal(Action.REFUSE, "petit"))
    assert confirmation_refusal(mine) == "own_proposal"
    assert confirmation_refusal(replace(mine, actor="morel")) == ""
    assert confirmation_refusal(situation()) == "nothing_proposed"
    auditor = replace(mine, actor="voss", roles=frozenset({Role.AUDITOR}))
    assert confirmation_refusal(auditor) == "no_role"


def test_the_standing_of_a_review_follows_from_its_record() -> None:
    def at(state: State = State.IN_ADMISSIBILITY, **facts: bool) -> Standing:
        known = {"assigned": False, "proposed": False, "back": False, **facts}
        return standing(state, **known)

    assert at() is Standing.TO_CHECK
    assert at(assigned=True) is Standing.IN_REVIEW
    assert at(assigned=True, back=True) is Standing.BACK_FROM_AUTHOR
    assert at(assigned=True, back=True, proposed=True) is Standing.SECOND_READER
    assert at(State.RETURNED, assigned=True) is Standing.WITH_AUTHOR
    assert at(State.PUBLISHED) is Standing.DECIDED


def test_decisions_are_recorded_under_the_strongest_role_held() -> None:
    assert deciding_role({Role.AUDITOR, Role.SECOND_READER}) is Role.SECOND_READER
    assert deciding_role({Role.AUDITOR}) is None
