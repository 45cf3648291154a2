"""Who may change whose rights: the rules themselves, for every role and every change."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from petitions.domain.lifecycle import STAFF_ROLES, Role
from petitions.domain.staffing import (
    FRESH_FOR,
    WITH_ROLE,
    Change,
    Standing,
    confirming_objection,
    is_fresh,
    objection,
)

NOW = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
CLERK = Standing(frozenset({Role.CLERK}), others=1)
LAST = Standing(frozenset({Role.ADMINISTRATOR, Role.CLERK}), others=0)


@pytest.mark.parametrize("role", sorted(STAFF_ROLES))
def test_a_role_is_given_once_and_taken_once(role: Role) -> None:
    without, having = Standing(others=1), Standing(frozenset({role}), others=1)
    assert objection(Change.GIVE, role, without) == ""
    assert objection(Change.GIVE, role, having) == "has_role"
    assert objection(Change.REMOVE, role, having) == ""
    assert objection(Change.REMOVE, role, without) == "lacks_role"


@pytest.mark.parametrize("role", [Role.SYSTEM, Role.AUTHOR])
def test_what_is_no_role_of_the_desk_is_never_given(role: Role) -> None:
    assert objection(Change.GIVE, role, Standing(others=1)) == "no_such_role"


@pytest.mark.parametrize("change", list(Change))
def test_a_change_of_roles_names_a_role_and_no_other_change_does(change: Change) -> None:
    named = Role.AUDITOR if change not in WITH_ROLE else None
    assert objection(change, named, CLERK) == "no_such_role"


def test_an_access_is_switched_off_once_and_on_once() -> None:
    off = Standing(CLERK.roles, disabled=True, others=1)
    assert objection(Change.DISABLE, None, CLERK) == ""
    assert objection(Change.DISABLE, None, off) == "disabled_already"
    assert objection(Change.ENABLE, None, off) == ""
    assert objection(Change.ENABLE, None, CLERK) == "not_disabled"


def test_the_last_administrator_cannot_be_taken_away() -> None:
    assert objection(Change.DISABLE, None, LAST) == "last_administrator"
    assert objection(Change.REMOVE, Role.ADMINISTRATOR, LAST) == "last_administrator"
    assert objection(Change.REMOVE, Role.CLERK, LAST) == ""
    two = Standing(LAST.roles, others=1)
    assert objection(Change.DISABLE, None, two) == ""
    off = Standing(LAST.roles, disabled=True, others=0)
    assert objection(Change.REMOVE, Role.ADMINISTRATOR, off) == "", "they are none already"


@pytest.mark.parametrize("change", list(Change))
def test_nobody_confirms_their_own_proposal(change: Change) -> None:
    found = confirming_objection(change, by="a", proposed_by="a", subject="c")
    assert found == "own_proposal"
    assert confirming_objection(change, by="b", proposed_by="a", subject="c") == ""


@pytest.mark.parametrize("change", list(Change))
def test_nobody_confirms_a_gain_of_their_own_but_may_agree_to_a_loss(change: Change) -> None:
    found = confirming_objection(change, by="b", proposed_by="a", subject="b")
    assert found == ("own_rights" if change in {Change.GIVE, Change.ENABLE} else "")


@pytest.mark.parametrize(
    ("ago", "fresh"),
    [
        (timedelta(0), True),
        (FRESH_FOR, True),
        (FRESH_FOR + timedelta(seconds=1), False),
        (timedelta(days=9), False),
        (timedelta(seconds=-30), True),
        (timedelta(seconds=-31), False),
        (timedelta(days=-9), False),
    ],
)
def test_a_login_is_fresh_for_five_minutes_and_never_from_the_future(
    ago: timedelta, fresh: bool
) -> None:
    assert is_fresh(NOW - ago, NOW) is fresh


def test_a_login_of_unknown_age_is_never_fresh() -> None:
    assert not is_fresh(None, NOW)
