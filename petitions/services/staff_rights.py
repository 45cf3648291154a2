"""What somebody may do at the desk, as rows: roles with their day and giver, sessions that follow.

Every change goes through one lock, so that two of them at once cannot leave the house without an
administrator, nor give by one transaction what another one is taking away.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime, time

from sqlalchemy import ColumnElement, Table, delete, select, update
from sqlalchemy.orm import Session

from petitions.domain.errors import NotFoundError
from petitions.domain.lifecycle import STAFF_ROLES, Role
from petitions.domain.staffing import SETTLED_LIFE, WAITING_LIFE, Standing
from petitions.platform.database import advisory_lock
from petitions.storage.insertion import insert_statement
from petitions.storage.tables import (
    KeptForm,
    Staff,
    StaffCode,
    StaffNotice,
    StaffProposal,
    StaffRole,
    StaffWaiting,
    WebSession,
)

_LOCK = 0x70657469_73746166  # "peti" "staf"


def lock(session: Session) -> None:
    """Before anything here is looked at to be changed; held until the transaction ends."""
    advisory_lock(session, _LOCK, shared=False)


def login_day(at: datetime) -> datetime:
    """Only the day of a login is kept: noon UTC, so that it is the same day in every zone we serve."""
    return datetime.combine(at.astimezone(UTC).date(), time(12), tzinfo=UTC)


def known_roles(listed: Iterable[str]) -> frozenset[Role]:
    """The roles of the desk among these words; what an older version knew gives nothing."""
    return frozenset(Role(each) for each in listed if each in set(map(str, STAFF_ROLES)))


def name_of(session: Session, actor: str) -> str:
    """Of somebody who works here or waits for a role. NotFoundError."""
    found = session.get(Staff, actor) or session.get(StaffWaiting, actor)
    if found is None:
        raise NotFoundError("person")
    return found.name


def administrators(session: Session) -> list[str]:
    """Codes of those who may act as administrators now."""
    rows = session.scalars(select(Staff).where(Staff.disabled.is_(False)).order_by(Staff.actor))
    return [row.actor for row in rows if Role.ADMINISTRATOR in known_roles(row.roles)]


def standing(session: Session, actor: str) -> Standing:
    """Of anybody known; whoever waits has no roles. NotFoundError."""
    name_of(session, actor)
    row = session.get(Staff, actor)
    others = len([each for each in administrators(session) if each != actor])
    if row is None:
        return Standing(others=others)
    return Standing(known_roles(row.roles), row.disabled, others)


def give_role(session: Session, actor: str, role: Role, *, by: str, at: datetime) -> None:
    """The person may act in this role from now on; somebody who waited works here now."""
    row = session.get(Staff, actor)
    if row is None:
        row = Staff(actor=actor, name=name_of(session, actor), roles=[], disabled=False)
        row.last_login = login_day(at)
        session.add(row)
        session.execute(delete(StaffWaiting).where(StaffWaiting.actor == actor))
    row.roles = sorted({*row.roles, str(role)})
    _note(session, actor, role, by, at)


def take_role(session: Session, actor: str, role: Role) -> None:
    """At once: the roles of an open session are looked up at each request."""
    row = session.get_one(Staff, actor)
    row.roles = sorted({each for each in row.roles if each != role})
    session.execute(delete(StaffRole).where(StaffRole.actor == actor, StaffRole.role == role))
    if not row.roles:
        end_sessions(session, actor)


def set_disabled(session: Session, actor: str, *, disabled: bool) -> None:
    """Roles stay written down; nothing opens, and what was open ends."""
    session.get_one(Staff, actor).disabled = disabled
    if disabled:
        end_sessions(session, actor)


def replace_roles(
    session: Session, actor: str, roles: Iterable[Role], *, by: str, at: datetime
) -> None:
    """The person has these roles and no other; a role they had already keeps its day."""
    wanted = set(roles)
    listed = [str(role) for role in wanted]
    session.execute(
        delete(StaffRole).where(StaffRole.actor == actor, StaffRole.role.not_in(listed))
    )
    for role in wanted:
        _note(session, actor, role, by, at)


def _note(session: Session, actor: str, role: Role, by: str, at: datetime) -> None:
    statement = insert_statement(session, StaffRole).values(
        actor=actor, role=str(role), since=login_day(at).date(), given_by=by
    )
    session.execute(statement.on_conflict_do_nothing())


def end_sessions(session: Session, actor: str, *which: ColumnElement[bool]) -> int:
    """Ends the person's open sessions, or those that `which` names; how many."""
    table: Table = WebSession.__table__  # type: ignore[assignment]
    ended = session.execute(
        delete(table)
        .where(WebSession.audience == "staff", WebSession.subject == actor, *which)
        .returning(table.c.token_hash)
    )
    return len(ended.all())


def forget(session: Session, at: datetime) -> None:
    """What may not be kept any longer: codes and forms nobody took up, people who never got a role,
    proposals and notices that are long over.
    """
    for table, over in (
        (StaffCode, StaffCode.expires_at <= at),
        (KeptForm, KeptForm.expires_at <= at),
        (StaffWaiting, StaffWaiting.asked_on < (at - WAITING_LIFE).date()),
        (StaffProposal, StaffProposal.expires_at <= at - SETTLED_LIFE),
        (StaffNotice, StaffNotice.at <= at - SETTLED_LIFE),
    ):
        session.execute(delete(table).where(over))


def speak_to(session: Session, token_hash: bytes, language: str) -> None:
    """The language of the account, for this session."""
    session.execute(
        update(WebSession).where(WebSession.token_hash == token_hash).values(language=language)
    )
