"""Rights by two administrators, by one in an emergency, by the command line.

On both databases where the database has a word in it: constraints, locks, conflicts.
"""

from __future__ import annotations

import secrets
import threading
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from uuid import UUID, uuid4

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
from petitions.domain.staffing import Change, RolesFrom
from petitions.services import retention, staff_codes, staffing
from petitions.services.audit import broken_links
from petitions.services.ports import Actor
from petitions.services.staff_logins import Arrival, Door, arrive, end_by_provider
from petitions.services.staff_rights import administrators
from petitions.storage import staff_rows
from petitions.storage import tables as t

AT = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
ADA, BEN, CLEO = (Actor(code, Role.ADMINISTRATOR, code.title()) for code in ("ada", "ben", "cleo"))
NEW = Arrival("nina", "Nina Roux")
DESK, CLAIM = RolesFrom.DESK, RolesFrom.CLAIM


on_both = pytest.mark.parametrize("desk", ["sqlite", "postgresql"], indirect=True)


@pytest.fixture
def desk(
    request: pytest.FixtureRequest, open_engine: Callable[[str], Engine]
) -> sessionmaker[Session]:
    """Two administrators and a clerk; somebody new has logged in and waits."""
    uri = request.getfixturevalue(f"{getattr(request, 'param', 'sqlite')}_uri")
    made = sessionmaker(open_engine(uri), expire_on_commit=False)
    with made.begin() as session:
        for code, role in (("ada", "administrator"), ("ben", "administrator"), ("cleo", "clerk")):
            session.add(
                t.Staff(actor=code, name=code.title(), roles=[role], disabled=False, last_login=AT)
            )
        assert arrive(session, NEW, DESK, AT) == (Door.NO_ROLE, frozenset())
    return made


def a_session(session: Session, actor: str, **more: object) -> bytes:
    row = t.WebSession(
        token_hash=secrets.token_bytes(32), audience="staff", subject=actor, name=actor,
        roles=["clerk"], seen_at=AT, opened_at=AT, expires_at=AT + timedelta(hours=12), **more,
    )  # fmt: skip
    session.add(row)
    session.flush()
    return row.token_hash


def propose(
    session: Session,
    subject: str = "nina",
    change: Change = Change.GIVE,
    role: Role | None = Role.CLERK,
    *,
    by: Actor = ADA,
    reason: str = "She starts today.",
    source: RolesFrom = DESK,
    at: datetime = AT,
) -> UUID:
    return staffing.propose(
        session, by, subject, change, role, reason, source=source, new_id=uuid4(), at=at
    ).id


def confirm(session: Session, proposal: UUID, by: Actor = BEN, at: datetime = AT) -> None:
    staffing.confirm(session, by, proposal, source=DESK, at=at)


def roles_of(session: Session, actor: str) -> list[str]:
    row = session.get(t.Staff, actor, populate_existing=True)
    return list(row.roles) if row else []


def acts(session: Session) -> list[tuple[str, str, dict[str, object]]]:
    rows = session.scalars(select(t.Audit).order_by(t.Audit.seq))
    return [(row.action, row.actor, row.detail) for row in rows]


def refused(kind: type[PetitionError], code: str) -> object:
    return pytest.raises(kind, match=rf"^{code}$")


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


# --- the command line --------------------------------------------------------------------------


def test_a_code_makes_the_first_administrator_once_within_an_hour(engine: Engine) -> None:
    made = sessionmaker(engine)
    with made.begin() as session:
        arrive(session, NEW, DESK, AT)
        code = staff_codes.invite(session, [Role.ADMINISTRATOR], secrets.token_bytes, AT)
        assert len(code.replace("-", "")) == 24
        assert (
            code.replace("-", "").encode()
            not in session.scalars(select(t.StaffCode.code_hash)).one()
        )
        late = AT + timedelta(hours=1)
        with pytest.raises(InvalidError):
            staff_codes.redeem(session, code, "nina", "Nina", late)
        for wrong in ("", code[:-1], "A" * 24, code.replace("-", "")[::-1]):
            with pytest.raises(InvalidError):
                staff_codes.redeem(session, wrong, "nina", "Nina", AT)
        typed = f" {code.lower().replace('-', ' ')} "
        just = late - timedelta(seconds=1)
        assert staff_codes.redeem(session, typed, "nina", "Nina", just) == {Role.ADMINISTRATOR}
        with pytest.raises(InvalidError):
            staff_codes.redeem(session, code, "nina", "Nina", just)
        assert administrators(session) == ["nina"]
        assert session.get_one(t.StaffRole, ("nina", "administrator")).given_by == "command line"
        assert [(act, actor) for act, actor, _ in acts(session)] == [
            ("staff_invited", "command line"), ("role_given", "command line"), ("signed_in", "nina"),
        ]  # fmt: skip


def test_with_two_administrators_the_command_line_names_no_third(desk) -> None:
    with desk.begin() as session:
        with refused(ConflictError, "enough_administrators"):
            staff_codes.invite(session, [Role.ADMINISTRATOR], secrets.token_bytes, AT)
        code = staff_codes.invite(session, [Role.CLERK], secrets.token_bytes, AT)
        assert staff_codes.redeem(session, code, "nina", "Nina", AT) == {Role.CLERK}
        staffing.disable_now(session, ADA, "ben", "x", new_id=uuid4, at=AT)
        one = staff_codes.invite(session, [Role.ADMINISTRATOR], secrets.token_bytes, AT)
        two = staff_codes.invite(session, [Role.ADMINISTRATOR], secrets.token_bytes, AT)
        assert staff_codes.redeem(session, one, "nina", "Nina", AT) == {Role.ADMINISTRATOR}
        with refused(ConflictError, "enough_administrators"):
            staff_codes.redeem(session, two, "cleo", "Cleo", AT)
        assert roles_of(session, "nina") == ["administrator", "clerk"]


def test_a_code_opens_nothing_to_somebody_switched_off_or_unknown(desk) -> None:
    with desk.begin() as session:
        code = staff_codes.invite(session, [Role.CLERK], secrets.token_bytes, AT)
        staffing.disable_now(session, ADA, "cleo", "x", new_id=uuid4, at=AT)
        with refused(ConflictError, "disabled_already"):
            staff_codes.redeem(session, code, "cleo", "Cleo", AT)
        with refused(NotFoundError, "person"):
            staff_codes.redeem(session, code, "nobody", "N", AT)


def test_the_command_line_switches_anybody_off_and_on(desk) -> None:
    with desk.begin() as session:
        for actor in ("ada", "ben"):
            staff_codes.set_disabled_by_command(session, actor, "break-in", disabled=True, at=AT)
        assert administrators(session) == []
        with refused(ConflictError, "disabled_already"):
            staff_codes.set_disabled_by_command(session, "ada", "again", disabled=True, at=AT)
        staff_codes.set_disabled_by_command(session, "ada", "it was nothing", disabled=False, at=AT)
        assert administrators(session) == ["ada"]
        for unknown in ("nobody", "nina"):
            with refused(NotFoundError, "person"):
                staff_codes.set_disabled_by_command(session, unknown, "x", disabled=True, at=AT)
        assert {actor for _act, actor, _ in acts(session)} == {"command line"}


# --- logins ------------------------------------------------------------------------------------


@on_both
def test_roles_of_a_claim_are_read_anew_and_what_is_gone_ends_every_session(desk) -> None:
    def login(*roles: Role) -> tuple[Door, frozenset[Role]]:
        return arrive(session, Arrival("cleo", "Cleo", frozenset(roles)), CLAIM, AT)

    with desk.begin() as session:
        assert login(Role.CLERK) == (Door.OPEN, {Role.CLERK})
        a_session(session, "cleo")
        assert login(Role.CLERK) == (Door.OPEN, {Role.CLERK})
        assert len(staff_rows.sessions(session, "cleo")) == 1, "nothing changed, nothing ends"
        assert login(Role.AUDITOR) == (Door.OPEN, {Role.AUDITOR})
        assert staff_rows.sessions(session, "cleo") == []
        assert set(staff_rows.roles_given(session)) == {("cleo", "auditor")}
        a_session(session, "cleo")
        assert login() == (Door.NO_ROLE, frozenset())
        assert staff_rows.sessions(session, "cleo") == []
        assert roles_of(session, "cleo") == []
        assert staff_rows.roles_given(session) == {}


def test_a_stranger_with_a_claim_that_says_nothing_is_not_written_down(desk) -> None:
    with desk.begin() as session:
        stranger = Arrival("sam", "Sam")
        assert arrive(session, stranger, CLAIM, AT) == (Door.NO_ROLE, frozenset())
        assert session.get(t.Staff, "sam") is None
        assert [row.actor for row in staff_rows.waiting(session)] == ["nina"]


def test_a_claim_gives_nothing_where_the_desk_gives_the_roles(desk) -> None:
    with desk.begin() as session:
        boaster = Arrival("nina", "Nina", frozenset({Role.ADMINISTRATOR}))
        assert arrive(session, boaster, DESK, AT) == (Door.NO_ROLE, frozenset())
        cleo = Arrival("cleo", "Cleo", frozenset({Role.ADMINISTRATOR}))
        assert arrive(session, cleo, DESK, AT) == (Door.OPEN, {Role.CLERK})


def test_only_the_day_of_a_login_is_kept(desk) -> None:
    at = datetime(2026, 3, 4, 16, 37, 12, tzinfo=UTC)
    with desk.begin() as session:
        arrive(session, Arrival("cleo", "Cleo"), DESK, at)
        assert session.get_one(t.Staff, "cleo").last_login == at.replace(
            hour=12, minute=0, second=0
        )


# --- the provider logs somebody out ------------------------------------------------------------


def log_out(
    session: Session, subject: bytes | None, sid: bytes | None, jti: bytes = b"j" * 32
) -> bool:
    return end_by_provider(
        session, jti_hash=jti, expires=AT + timedelta(minutes=2), subject_mark=subject,
        session_mark=sid, at=AT,
    )  # fmt: skip


@pytest.mark.parametrize(
    ("subject", "sid", "left"),
    [
        (b"C" * 32, None, {"other"}),
        (None, b"1" * 32, {"second", "unnamed", "other"}),
        (b"C" * 32, b"1" * 32, {"second", "other"}),
        (b"O" * 32, b"1" * 32, {"first", "second", "unnamed", "other"}),
        (b"X" * 32, None, {"first", "second", "unnamed", "other"}),
        (None, b"9" * 32, {"first", "second", "unnamed", "other"}),
    ],
)
def test_a_logout_order_ends_what_it_names_and_nothing_else(
    desk, subject: bytes | None, sid: bytes | None, left: set[str]
) -> None:
    with desk.begin() as session:
        cleo, other = {"subject_mark": b"C" * 32}, {"subject_mark": b"O" * 32}
        named = {
            a_session(session, "cleo", session_mark=b"1" * 32, **cleo): "first",
            a_session(session, "cleo", session_mark=b"2" * 32, **cleo): "second",
            a_session(session, "cleo", **cleo): "unnamed",
            a_session(session, "ada", session_mark=b"3" * 32, **other): "other",
        }
        assert log_out(session, subject, sid) is True
        assert {named[row.token_hash] for row in staff_rows.sessions(session)} == left
        ended = [detail for act, _, detail in acts(session) if act == "sessions_ended"]
        wanted = [] if len(left) == 4 else [{"to": "cleo", "cause": "provider"}]
        assert ended == wanted


@on_both
def test_a_logout_order_serves_once(desk) -> None:
    with desk.begin() as session:
        assert log_out(session, b"C" * 32, None)
        a_session(session, "cleo", subject_mark=b"C" * 32)
        assert not log_out(session, b"C" * 32, None)
        assert len(staff_rows.sessions(session, "cleo")) == 1
        assert log_out(session, b"C" * 32, None, jti=b"k" * 32)
        assert staff_rows.sessions(session, "cleo") == []


def test_an_author_with_the_same_mark_is_left_alone(desk) -> None:
    with desk.begin() as session:
        session.add(
            t.WebSession(
                token_hash=b"a" * 32, audience="author", subject="07" * 32, name="", roles=[],
                seen_at=AT, expires_at=AT + timedelta(hours=2), subject_mark=b"C" * 32,
            )
        )  # fmt: skip
        assert log_out(session, b"C" * 32, None)
        assert session.get(t.WebSession, b"a" * 32) is not None


# --- what is forgotten -------------------------------------------------------------------------


@on_both
def test_what_nobody_took_up_is_forgotten_in_time(desk) -> None:
    with desk.begin() as session:
        staff_codes.invite(session, [Role.CLERK], secrets.token_bytes, AT)
        propose(session)
        staffing.disable_now(session, ADA, "cleo", "x", new_id=uuid4, at=AT)
        session.add(t.KeptForm(id=uuid4(), actor="ada", sealed=b"x", expires_at=AT))
    tables = (t.StaffCode, t.KeptForm, t.StaffWaiting, t.StaffProposal, t.StaffNotice)

    def left(at: datetime) -> list[int]:
        with desk.begin() as session:
            retention.purge(session, at)
            return [len(session.scalars(select(table)).all()) for table in tables]

    assert left(AT - timedelta(seconds=1)) == [1, 1, 1, 1, 1]
    assert left(AT) == [1, 0, 1, 1, 1]
    assert left(AT + timedelta(hours=1)) == [0, 0, 1, 1, 1]
    assert left(AT + timedelta(days=31)) == [0, 0, 0, 1, 1]
    assert left(AT + timedelta(days=90)) == [0, 0, 0, 1, 0]
    assert left(AT + timedelta(days=97)) == [0, 0, 0, 0, 0]
