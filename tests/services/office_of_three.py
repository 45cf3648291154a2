"""A small office for the tests of rights: two administrators, a clerk, and somebody who waits."""

from __future__ import annotations

import secrets
from datetime import UTC, datetime, timedelta
from uuid import UUID, uuid4

import pytest
from sqlalchemy import Engine, select
from sqlalchemy.orm import Session, sessionmaker

from petitions.domain.errors import PetitionError
from petitions.domain.lifecycle import Role
from petitions.domain.staffing import Change, RolesFrom
from petitions.services import staffing
from petitions.services.ports import Actor
from petitions.services.staff_logins import Arrival, Door, arrive
from petitions.storage import tables as t

AT = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
ADA, BEN, CLEO = (Actor(code, Role.ADMINISTRATOR, code.title()) for code in ("ada", "ben", "cleo"))
NEW = Arrival("nina", "Nina Roux")
DESK, CLAIM = RolesFrom.DESK, RolesFrom.CLAIM
on_both = pytest.mark.parametrize("desk", ["sqlite", "postgresql"], indirect=True)


def a_desk(engine: Engine) -> sessionmaker[Session]:
    """Two administrators and a clerk; somebody new has logged in and waits."""
    made = sessionmaker(engine, expire_on_commit=False)
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
