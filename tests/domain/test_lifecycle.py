"""The transition table against the procedure, against the database, and walked at random."""

from __future__ import annotations

import re
from dataclasses import fields, replace
from itertools import pairwise
from pathlib import Path

import hypothesis.strategies as st
import pytest
from hypothesis import given, settings
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule
from sqlalchemy import Engine, inspect

from petitions.domain.errors import ForbiddenError, TransitionRefusedError
from petitions.domain.lifecycle import (
    END_STATES,
    TRANSITIONS,
    Action,
    Facts,
    Role,
    State,
    Transition,
    actions_of,
    advance,
    rows,
)
from petitions.domain.lifecycle_words import MEANINGS, lifecycle_page

PAGE = Path(__file__).parents[2] / "docs" / "lifecycle.md"
BACK = "where it came from"
CLERKS = "clerk second_reader"
BODY = "clerk committee second_reader"
PROCEDURE = [
    # number, from, to, actions, who: copied by hand from the procedure, not from the code
    (1, "", "draft", "create", "author"),
    (2, "draft", "gathering_sponsors", "submit", "author"),
    (3, "draft", "in_admissibility", "submit", "author"),
    (4, "gathering_sponsors", "in_admissibility", "complete", "system"),
    (4, "gathering_sponsors", "published", "complete", "system"),
    (5, "gathering_sponsors", "lapsed", "sponsors_missed", "system"),
    (6, "in_admissibility", "gathering_sponsors", "accept", CLERKS),
    (7, "in_admissibility", "published", "accept accept_in_part accept_with_conditions", CLERKS),
    # where the rulebook gives a meaning to the silence of the body (P5), nobody decides
    (6, "in_admissibility", "gathering_sponsors", "accept", "system"),
    (7, "in_admissibility", "published", "accept", "system"),
    (11, "in_admissibility", "refused", "refuse", "system"),
    (13, "threshold_reached", "refused", "refuse", "system"),
    (8, "in_admissibility threshold_reached", "returned", "return", CLERKS),
    (9, "returned", BACK, "resubmit", "author"),
    (10, "returned", "lapsed", "correction_missed", "system"),
    (11, "in_admissibility", "refused", "refuse", CLERKS),
    (12, "in_admissibility", "hidden", "refuse", CLERKS),
    (13, "threshold_reached", "refused", "refuse", BODY),
    (14, "refused hidden", "in_admissibility", "reopen", CLERKS),
    (15, "published", "threshold_reached", "reach", "system"),
    (16, "published", "closed_below", "close", "system"),
    (17, "published", "closed_below", "attrition", "clerk second_reader system"),
    (18, "closed_below", "threshold_reached", "correct_count", CLERKS),
    (19, "published threshold_reached closed_below examined refused", "hidden", "take_down", CLERKS),
    (20, "hidden", BACK, "restore", CLERKS),
    (21, "draft gathering_sponsors in_admissibility returned published", "withdrawn", "withdraw",
     "author"),
    (22, "in_admissibility published", "merged", "merge", CLERKS),
    (23, "gathering_sponsors in_admissibility returned published threshold_reached", "lapsed",
     "lapse", "system"),
    (24, "published", "lapsed", "start_missed submission_missed", "system"),
    (25, "threshold_reached", "lapsed", "handover_missed", "system"),
    (26, "threshold_reached", "examined", "examine", BODY),
    (27, "published closed_below", "examined", "examine", BODY),
    (28, "examined refused hidden closed_below withdrawn merged lapsed", "archived", "archive",
     "system"),
]  # fmt: skip
GRANTED = Facts(
    author_eligible=True, form_valid=True, similar_shown=True, limits_respected=True,
    sponsors_met=True, sponsor_time_over=True, stages_left=False, languages_complete=True,
    second_person=True, returns_max=1, points_named=True, correction_over=False, public_grounds=1,
    reasons_given=True, milestone_stage_open=True, has_milestone=True, decisive_met=True,
    window_over=True, left_to_verify=False, attrition_missed=True, before_decisive=True,
    target_open=True, event_lists_state=True, time_missed=True, published_before=False,
    taken_down=True, stage_open=False, tracks_settled=True, entry_allows=True,
    retention_over=True, tracks_open=False,
)  # fmt: skip
"""Facts under which nearly every move may be made; a row that needs another says so below."""

PARTICULAR = {
    2: {"sponsors_to_come": True},
    (4, State.IN_ADMISSIBILITY): {"stages_left": True},
    6: {"sponsors_to_come": True, "stage_at_filing": True},
    10: {"correction_over": True},
    12: {"hidden_ground": True},
    16: {"decisive_met": False},
}


def facts_for(row: Transition) -> Facts:
    particular = PARTICULAR.get(row.number) or PARTICULAR.get((row.number, row.target), {})
    silent = row.number in {6, 7, 11, 13} and row.roles == {Role.SYSTEM}
    return replace(GRANTED, **particular, silence=silent)


def described(row: Transition) -> tuple[int, str, str, str, str]:
    return (
        row.number,
        " ".join(row.sources),
        str(row.target or BACK),
        " ".join(row.actions),
        " ".join(sorted(row.roles)),
    )


def named(row: Transition) -> str:
    return f"{row.number}-{row.target or 'back'}"


def test_the_table_is_the_procedure_row_by_row() -> None:
    assert sorted(described(row) for row in TRANSITIONS) == sorted(PROCEDURE)


def test_the_moves_that_need_two_persons_are_the_named_ones() -> None:
    assert {row.number for row in TRANSITIONS if row.second_person} == {14, 18, 19, 20}


@pytest.mark.parametrize("row", TRANSITIONS, ids=named)
def test_a_row_refuses_what_nobody_looked_up(row: Transition) -> None:
    assert row.guard(Facts()) is not None


@pytest.mark.parametrize("row", TRANSITIONS, ids=named)
def test_a_row_lets_pass_when_its_condition_holds(row: Transition) -> None:
    source = row.sources[0] if row.sources else None
    for action in row.actions:
        for role in row.roles:
            made = advance(source, action, role, facts_for(row), previous=State.PUBLISHED)
            assert made.transition is row
            assert made.target == (row.target or State.PUBLISHED)


@pytest.mark.parametrize("row", [r for r in TRANSITIONS if r.second_person], ids=named)
def test_one_person_alone_cannot_make_a_move_for_two(row: Transition) -> None:
    alone = replace(facts_for(row), second_person=False)
    assert row.guard(alone) == "second_person"


@pytest.mark.parametrize("number", [6, 7, 11, 12, 13])
def test_a_decision_waits_for_the_second_reader_where_the_rulebook_asks(number: int) -> None:
    (row,) = (r for r in TRANSITIONS if r.number == number and r.roles != {Role.SYSTEM})
    wanted = replace(facts_for(row), second_person_needed=True)
    assert row.guard(wanted) is None
    assert row.guard(replace(wanted, second_person=False)) == "second_person"


@pytest.mark.parametrize("row", TRANSITIONS, ids=named)
def test_every_other_role_is_forbidden_the_move(row: Transition) -> None:
    source = row.sources[0] if row.sources else None
    for action in row.actions:
        allowed = {role for other in rows(source, action) for role in other.roles}
        for role in set(Role) - allowed:
            with pytest.raises(ForbiddenError):
                advance(source, action, role, facts_for(row), previous=State.PUBLISHED)


@given(st.sampled_from(State), st.sampled_from(Action), st.sampled_from(Role))
def test_what_the_table_does_not_name_is_refused(state: State, action: Action, role: Role) -> None:
    if list(rows(state, action)):
        return
    with pytest.raises(TransitionRefusedError, match="wrong_state"):
        advance(state, action, role, GRANTED, previous=State.PUBLISHED)


@given(st.sampled_from(State), st.sampled_from(Role))
def test_the_buttons_of_a_role_are_the_rows_of_the_table(state: State, role: Role) -> None:
    expected = {
        action
        for row in TRANSITIONS
        for action in row.actions
        if state in row.sources and role in row.roles
    }
    assert set(actions_of(state, role)) == expected


def test_no_row_leads_from_the_threshold_back_to_published() -> None:
    direct = [row for row in TRANSITIONS if State.THRESHOLD_REACHED in row.sources]
    assert State.PUBLISHED not in {row.target for row in direct}
    assert None not in {row.target for row in direct}


def test_an_archived_petition_never_moves_again() -> None:
    assert not [row for row in TRANSITIONS if State.ARCHIVED in row.sources]


def test_every_state_is_reached_and_every_other_can_be_left() -> None:
    reached = {row.target for row in TRANSITIONS} - {None}
    left = {state for row in TRANSITIONS for state in row.sources}
    assert reached == set(State)
    assert left == set(State) - {State.ARCHIVED}
    assert END_STATES - {State.ARCHIVED} <= {
        s for r in TRANSITIONS if r.number == 28 for s in r.sources
    }


def test_the_database_knows_the_same_states_and_roles(engine: Engine) -> None:
    found = inspect(engine)
    words = {
        check["name"]: set(re.findall(r"'([a-z_]+)'", check["sqltext"]))
        for table in ("petition", "audit")
        for check in found.get_check_constraints(table)
    }
    states = {str(state) for state in State}
    for column in (
        "petition_state",
        "petition_previous_state",
        "audit_from_state",
        "audit_to_state",
    ):
        assert words[f"ck_{column}"] == states
    assert words["ck_audit_role"] == {str(role) for role in Role}


def test_the_documentation_is_the_table() -> None:
    assert PAGE.read_text(encoding="utf-8") == lifecycle_page(), "python scripts/write_lifecycle.py"


def test_the_documentation_explains_every_state_and_shows_every_row() -> None:
    page = lifecycle_page()
    assert set(MEANINGS) == set(State)
    assert all(row.when in page for row in TRANSITIONS)
    assert all(f"`{action}`" in page for action in Action)


BOOLEANS = sorted(f.name for f in fields(Facts) if isinstance(getattr(GRANTED, f.name), bool))


def any_facts() -> st.SearchStrategy[Facts]:
    """What lets moves pass but for a few facts, so that walks get far and every guard is met."""
    turned = st.sets(st.sampled_from(BOOLEANS), max_size=2)
    return turned.map(lambda names: replace(GRANTED, **{n: not getattr(GRANTED, n) for n in names}))


class AnyLife(RuleBasedStateMachine):
    """A petition pushed about by everybody, with true facts about its own past."""

    @initialize()
    def begin(self) -> None:
        self.path = [State.DRAFT]
        self.previous: State | None = None
        self.taken_down = False

    @rule(data=st.data(), facts=any_facts())
    def somebody_acts(self, data: st.DataObject, facts: Facts) -> None:
        state = self.path[-1]
        tries = [
            (row, action) for row in TRANSITIONS if state in row.sources for action in row.actions
        ]
        if not tries:
            return
        row, action = data.draw(st.sampled_from(tries))
        role = data.draw(st.sampled_from(sorted(row.roles)))
        past = {"published_before": State.PUBLISHED in self.path, "taken_down": self.taken_down}
        try:
            made = advance(state, action, role, replace(facts, **past), previous=self.previous)
        except (TransitionRefusedError, ForbiddenError):
            return
        returning = made.transition.target is None
        leaves = made.target in {State.RETURNED, State.HIDDEN} and not returning
        self.previous = state if leaves else None
        self.taken_down = action is Action.TAKE_DOWN
        self.path.append(made.target)

    @invariant()
    def the_threshold_is_never_unreached(self) -> None:
        if State.THRESHOLD_REACHED in self.path:
            after = self.path[self.path.index(State.THRESHOLD_REACHED) :]
            assert State.PUBLISHED not in after
            assert State.IN_ADMISSIBILITY not in after

    @invariant()
    def an_archive_is_the_end(self) -> None:
        assert State.ARCHIVED not in self.path[:-1]

    @invariant()
    def what_was_published_is_never_a_draft_again(self) -> None:
        if State.PUBLISHED in self.path:
            after = self.path[self.path.index(State.PUBLISHED) :]
            assert {State.DRAFT, State.GATHERING_SPONSORS}.isdisjoint(after)

    @invariant()
    def every_step_is_a_row(self) -> None:
        targets = {(s, row.target) for row in TRANSITIONS for s in row.sources}
        for source, target in pairwise(self.path):
            assert (source, target) in targets or (source, None) in targets


AnyLife.TestCase.settings = settings(max_examples=150, stateful_step_count=20)
TestAnyLife = AnyLife.TestCase
