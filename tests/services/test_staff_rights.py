"""Rights by the command line and by a login, what a provider ends, and what is forgotten."""

from __future__ import annotations

import secrets
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from uuid import uuid4

import pytest
from sqlalchemy import Engine, select
from sqlalchemy.orm import Session, sessionmaker

from petitions.domain.errors import ConflictError, InvalidError, NotFoundError
from petitions.domain.lifecycle import Role
from petitions.services import retention, staff_codes, staffing
from petitions.services.staff_logins import Arrival, Door, arrive, end_by_provider
from petitions.services.staff_rights import administrators
from petitions.storage import staff_rows
from petitions.storage import tables as t
from tests.services.office_of_three import (
    ADA,
    AT,
    CLAIM,
    DESK,
    NEW,
    a_desk,
    a_session,
    acts,
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
