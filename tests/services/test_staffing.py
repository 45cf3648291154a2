"""Rights by two administrators, or by one in an emergency.

On both databases where the database has a word in it: constraints, locks.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from datetime import timedelta
from uuid import uuid4

import pytest
from sqlalchemy import Engine, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session, sessionmaker

from petitions.domain.errors import (
    ConflictError,
    ForbiddenError,
    InvalidError,
    NotFoundError,
    PetitionError,
)
from petitions.domain.lifecycle import Role
from petitions.domain.staffing import Change
from petitions.services import staffing
from petitions.services.audit import broken_links
from petitions.services.ports import Actor
from petitions.services.staff_logins import Arrival, Door, arrive
from petitions.services.staff_rights import administrators
from petitions.storage import staff_rows
from petitions.storage import tables as t
from tests.services.office_of_three import (
    ADA,
    AT,
    BEN,
    CLAIM,
    CLEO,
    DESK,
    NEW,
    a_desk,
    a_session,
    acts,
    confirm,
    on_both,
    propose,
    refused,
    roles_of,
)


@pytest.fixture
def desk(
    request: pytest.FixtureRequest, open_engine: Callable[[str], Engine]
) -> sessionmaker[Session]:
    uri = request.getfixturevalue(f"{getattr(request, 'param', 'sqlite')}_uri")
    return a_desk(open_engine(uri))


# --- two persons -------------------------------------------------------------------------------


@on_both
def test_a_role_holds_when_a_second_administrator_has_confirmed_it(desk) -> None:
    with desk.begin() as session:
        proposal = propose(session)
        assert roles_of(session, "nina") == []
        confirm(session, proposal)
    with desk.begin() as session:
        assert roles_of(session, "nina") == ["clerk"]
        row = session.get_one(t.StaffRole, ("nina", "clerk"))
        assert (row.given_by, row.since) == ("ben", AT.date())
        assert staff_rows.waiting(session) == []
        (door, roles) = arrive(session, NEW, DESK, AT)
        assert (door, roles) == (Door.OPEN, {Role.CLERK})
        found = acts(session)
        assert [(act, actor) for act, actor, _ in found] == [
            ("staff_proposed", "ada"), ("role_given", "ben"), ("signed_in", "nina"),
        ]  # fmt: skip
        assert found[1][2] == {
            "to": "nina", "change": "give", "role": "clerk", "by": "ada", "why": "She starts today.",
        }  # fmt: skip
        assert list(broken_links(session)) == []


def test_nobody_confirms_their_own_proposal_nor_their_own_gain(desk) -> None:
    with desk.begin() as session:
        own = propose(session)
        with refused(ForbiddenError, "own_proposal"):
            confirm(session, own, by=ADA)
        gain = propose(session, "ben", role=Role.AUDITOR)
        with refused(ForbiddenError, "own_rights"):
            confirm(session, gain, by=BEN)
        assert roles_of(session, "nina") == []
        assert roles_of(session, "ben") == ["administrator"]


@on_both
def test_the_database_itself_wants_two_persons(desk) -> None:
    with desk() as session:
        row = session.get_one(t.StaffProposal, propose(session))
        row.outcome, row.settled_by, row.settled_at = "confirmed", "ada", AT
        with pytest.raises(IntegrityError):
            session.flush()


def test_whoever_is_no_administrator_neither_proposes_nor_confirms(desk) -> None:
    with desk.begin() as session:
        with refused(ForbiddenError, "wrong_role"):
            propose(session, by=CLEO)
        proposal = propose(session)
        with refused(ForbiddenError, "wrong_role"):
            confirm(session, proposal, by=CLEO)
        with refused(ForbiddenError, "wrong_role"):
            staffing.refuse(session, CLEO, proposal, "no", at=AT)
        with refused(ForbiddenError, "wrong_role"):
            staffing.disable_now(session, CLEO, "ben", "no", new_id=uuid4, at=AT)


def test_a_proposal_expires_after_seven_days(desk) -> None:
    last = AT + timedelta(days=7)
    with desk.begin() as session:
        early, late = propose(session), propose(session, role=Role.AUDITOR)
        confirm(session, early, at=last - timedelta(seconds=1))
        with refused(ConflictError, "proposal_expired"):
            confirm(session, late, at=last)
        assert staff_rows.open_proposals(session, last) == []
        assert roles_of(session, "nina") == ["clerk"]
        propose(session, role=Role.AUDITOR, at=last)  # the same may be proposed again


def test_a_proposal_is_carried_out_once(desk) -> None:
    with desk.begin() as session:
        proposal = propose(session)
        confirm(session, proposal)
        with refused(ConflictError, "proposal_settled"):
            confirm(session, proposal)
        with refused(NotFoundError, "proposal"):
            confirm(session, uuid4())


def test_the_same_is_not_proposed_twice_at_a_time(desk) -> None:
    with desk.begin() as session:
        propose(session)
        with refused(ConflictError, "proposed_already"):
            propose(session, by=BEN)
        propose(session, role=Role.AUDITOR)
        propose(session, "cleo", Change.DISABLE, None)
        with refused(ConflictError, "proposed_already"):
            propose(session, "cleo", Change.DISABLE, None, by=BEN)


def test_the_proposal_of_somebody_who_is_gone_counts_for_nothing(desk) -> None:
    with desk.begin() as session:
        session.add(
            t.Staff(
                actor="dora", name="Dora", roles=["administrator"], disabled=False, last_login=AT
            )
        )
        proposal = propose(session, by=ADA)
        staffing.disable_now(session, BEN, "ada", "Her laptop is lost.", new_id=uuid4, at=AT)
        with refused(ConflictError, "proposer_gone"):
            confirm(session, proposal)
        assert roles_of(session, "nina") == []


def test_what_became_impossible_meanwhile_is_not_carried_out(desk) -> None:
    with desk.begin() as session:
        first = propose(session, "cleo", Change.REMOVE, Role.CLERK)
        confirm(session, first)
        with refused(ConflictError, "lacks_role"):
            propose(session, "cleo", Change.REMOVE, Role.CLERK)
    with desk.begin() as session:
        away = propose(session, "ada", Change.REMOVE, Role.ADMINISTRATOR, by=BEN)
        also = propose(session, "ben", Change.REMOVE, Role.ADMINISTRATOR, by=ADA)
        confirm(session, away, by=ADA)  # she agrees to her own loss
        with refused(ForbiddenError, "wrong_role"):
            confirm(session, also, by=ADA)
        assert administrators(session) == ["ben"]


def test_a_reason_is_required_and_has_an_end(desk) -> None:
    with desk.begin() as session:
        for reason in ("", "  \n "):
            with pytest.raises(InvalidError) as wrong:
                propose(session, reason=reason)
            assert wrong.value.fields == {"reason": ("required", {})}
        with pytest.raises(InvalidError) as wrong:
            propose(session, reason="x" * 503)
        assert wrong.value.fields["reason"] == ("too_long", {"max": 500, "over": 3})
        proposal = propose(session, reason="x" * 500)
        with pytest.raises(InvalidError):
            staffing.refuse(session, BEN, proposal, " ", at=AT)


def test_a_proposal_is_refused_with_a_reason_or_taken_back_without(desk) -> None:
    with desk.begin() as session:
        mine, theirs = propose(session), propose(session, role=Role.AUDITOR)
        assert staffing.refuse(session, ADA, mine, "", at=AT) == "withdrawn"
        assert staffing.refuse(session, BEN, theirs, "Not yet.", at=AT) == "refused"
        assert [act for act, _, _ in acts(session)][2:] == [
            "staff_proposal_withdrawn", "staff_proposal_refused",
        ]  # fmt: skip
        assert roles_of(session, "nina") == []


def test_nobody_unknown_is_given_anything(desk) -> None:
    with desk.begin() as session, refused(NotFoundError, "person"):
        propose(session, "nobody")


def test_roles_of_a_claim_are_not_changed_at_the_desk(desk) -> None:
    with desk.begin() as session:
        with refused(ConflictError, "roles_come_from_the_claim"):
            propose(session, source=CLAIM)
        proposal = propose(session)
        with refused(ConflictError, "roles_come_from_the_claim"):
            staffing.confirm(session, BEN, proposal, source=CLAIM, at=AT)
        off = propose(session, "cleo", Change.DISABLE, None, source=CLAIM)
        staffing.confirm(session, BEN, off, source=CLAIM, at=AT)
        assert session.get_one(t.Staff, "cleo").disabled


def test_the_last_role_that_goes_takes_the_open_sessions_along(desk) -> None:
    with desk.begin() as session:
        a_session(session, "cleo")
        confirm(session, propose(session, "cleo", Change.GIVE, Role.AUDITOR))
        confirm(session, propose(session, "cleo", Change.REMOVE, Role.CLERK))
        assert len(staff_rows.sessions(session, "cleo")) == 1
        confirm(session, propose(session, "cleo", Change.REMOVE, Role.AUDITOR))
        assert staff_rows.sessions(session, "cleo") == []
        assert roles_of(session, "cleo") == []


@on_both
def test_two_removals_at_once_leave_an_administrator(desk) -> None:
    """Each alone would be right; without the lock both would find another one left."""
    with desk.begin() as session:
        session.add(
            t.Staff(actor="dora", name="Dora", roles=["clerk"], disabled=False, last_login=AT)
        )
    outcomes: list[str] = []
    gate = threading.Barrier(2)

    def switch_off(by: Actor, whom: str) -> None:
        gate.wait(20)
        try:
            with desk.begin() as session:
                staffing.disable_now(session, by, whom, "now", new_id=uuid4, at=AT)
            outcomes.append("done")
        except PetitionError as error:
            outcomes.append(error.code)

    threads = [
        threading.Thread(target=switch_off, args=pair) for pair in ((ADA, "ben"), (BEN, "ada"))
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    assert sorted(outcomes) == ["done", "wrong_role"]
    with desk() as session:
        assert len(administrators(session)) == 1


# --- one person, in an emergency ---------------------------------------------------------------


def test_one_administrator_switches_an_access_off_and_the_others_are_told(desk) -> None:
    with desk.begin() as session:
        session.add(
            t.Staff(
                actor="dora", name="Dora", roles=["administrator"], disabled=False, last_login=AT
            )
        )
        a_session(session, "cleo")
        staffing.disable_now(session, ADA, "cleo", "Her badge was stolen.", new_id=uuid4, at=AT)
    with desk.begin() as session:
        assert session.get_one(t.Staff, "cleo").disabled
        assert staff_rows.sessions(session, "cleo") == []
        assert arrive(session, Arrival("cleo", "Cleo"), DESK, AT) == (Door.DISABLED, frozenset())
        told = {row.recipient for row in session.scalars(select(t.StaffNotice))}
        assert told == {"ben", "dora"}
        (notice,) = staff_rows.notices(session, "ben")
        with refused(NotFoundError, "notice"):
            staffing.seen(session, ADA, notice.id)
        assert staff_rows.waiting_for(session, "ben", AT) == 1
        staffing.seen(session, BEN, notice.id)
        assert staff_rows.waiting_for(session, "ben", AT) == 0
        (act,) = acts(session)
        assert act == (
            "staff_disabled", "ada",
            {"to": "cleo", "why": "Her badge was stolen.", "urgent": True},
        )  # fmt: skip


def test_nobody_switches_themselves_off_nor_the_last_administrator(desk) -> None:
    with desk.begin() as session:
        with refused(ForbiddenError, "own_rights"):
            staffing.disable_now(session, ADA, "ada", "x", new_id=uuid4, at=AT)
        with refused(ConflictError, "has_no_rights"):
            staffing.disable_now(session, ADA, "nina", "x", new_id=uuid4, at=AT)
        staffing.disable_now(session, ADA, "ben", "x", new_id=uuid4, at=AT)
        with refused(ConflictError, "last_administrator"):
            propose(session, "ada", Change.DISABLE, None)


def test_switching_on_again_takes_two_and_gives_the_same_roles_back(desk) -> None:
    with desk.begin() as session:
        staffing.disable_now(session, ADA, "cleo", "x", new_id=uuid4, at=AT)
        confirm(session, propose(session, "cleo", Change.ENABLE, None))
        assert arrive(session, Arrival("cleo", "Cleo"), DESK, AT) == (Door.OPEN, {Role.CLERK})
