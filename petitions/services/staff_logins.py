"""The end of a staff login: which roles this person has now, and what becomes of older sessions."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from sqlalchemy import delete, or_, select
from sqlalchemy.orm import Session

from petitions.domain.lifecycle import Role
from petitions.domain.staffing import FROM_CLAIM, RolesFrom
from petitions.services.audit import record
from petitions.services.ports import SYSTEM, Actor
from petitions.services.signing import rounded_up
from petitions.services.staff_rights import (
    end_sessions,
    known_roles,
    lock,
    login_day,
    replace_roles,
)
from petitions.storage.insertion import insert_once, insert_statement
from petitions.storage.tables import SpentState, Staff, StaffWaiting, WebSession

NAME_MAX = 120


class Door(StrEnum):
    OPEN = "open"
    NO_ROLE = "no_role"
    DISABLED = "disabled"


@dataclass(frozen=True, slots=True)
class Arrival:
    """Who logged in. `claimed`: roles of the provider's claim, empty where the desk gives them."""

    actor: str
    name: str
    claimed: frozenset[Role] = field(default_factory=frozenset)


def arrive(
    session: Session, who: Arrival, source: RolesFrom, at: datetime
) -> tuple[Door, frozenset[Role]]:
    """Judge a login by the rights of this moment. Only an open door comes with roles.

    A login never widens what an earlier one had: from a claim the roles are those of this login,
    also in the person's other browsers, which end where they had others.
    """
    lock(session)
    row = session.get(Staff, who.actor)
    if row is not None and row.disabled:
        end_sessions(session, who.actor)
        return Door.DISABLED, frozenset()
    before = known_roles(row.roles) if row else frozenset()
    roles = who.claimed if source is RolesFrom.CLAIM else before
    if source is RolesFrom.CLAIM and roles != before:
        end_sessions(session, who.actor)
    if row is None and not roles:
        if source is RolesFrom.DESK:
            _wait(session, who, at)
        return Door.NO_ROLE, frozenset()
    _write_down(session, who, roles, at)
    if source is RolesFrom.CLAIM:
        replace_roles(session, who.actor, roles, by=FROM_CLAIM, at=at)
    if not roles:
        return Door.NO_ROLE, frozenset()
    first = min(roles, key=list(Role).index)
    told = {"roles": sorted(map(str, roles))}
    record(session, Actor(who.actor, first, who.name), "signed_in", at=at, detail=told)
    return Door.OPEN, roles


def _write_down(session: Session, who: Arrival, roles: frozenset[Role], at: datetime) -> None:
    statement = insert_statement(session, Staff).values(
        actor=who.actor,
        name=who.name[:NAME_MAX],
        roles=sorted(map(str, roles)),
        disabled=False,
        last_login=login_day(at),
    )
    session.execute(
        statement.on_conflict_do_update(
            index_elements=["actor"],
            set_={name: statement.excluded[name] for name in ("name", "roles", "last_login")},
        )
    )
    session.expire_all()  # the row may be here already, with what it said before


def _wait(session: Session, who: Arrival, at: datetime) -> None:
    """An administrator must be able to name the person; forgotten after 30 days without a role."""
    statement = insert_statement(session, StaffWaiting).values(
        actor=who.actor, name=who.name[:NAME_MAX], asked_on=login_day(at).date()
    )
    session.execute(
        statement.on_conflict_do_update(
            index_elements=["actor"],
            set_={name: statement.excluded[name] for name in ("name", "asked_on")},
        )
    )


def end_by_provider(
    session: Session,
    *,
    jti_hash: bytes,
    expires: datetime,
    subject_mark: bytes | None,
    session_mark: bytes | None,
    at: datetime,
) -> bool:
    """A back-channel logout (OpenID Connect Back-Channel Logout 1.0, 2.7): spent and carried out in
    one transaction, so that a failure leaves the provider free to send it again. False: spent.

    A session of the provider ends here with it; without one named, all of the person's do. Sessions
    of which the provider named no session at login end with the person.
    """
    if not insert_once(session, SpentState, state_hash=jti_hash, expires_at=rounded_up(expires)):
        return False
    for actor in _ended(session, subject_mark, session_mark):
        detail = {"to": actor, "cause": "provider"}
        record(session, SYSTEM, "sessions_ended", at=at, detail=detail)
    return True


def _ended(
    session: Session, subject_mark: bytes | None, session_mark: bytes | None
) -> Sequence[str]:
    named = [WebSession.audience == "staff"]
    if subject_mark is not None:
        named.append(WebSession.subject_mark == subject_mark)
    if session_mark is not None:
        same = WebSession.session_mark == session_mark
        named.append(same if subject_mark is None else or_(same, WebSession.session_mark.is_(None)))
    people = session.scalars(select(WebSession.subject).where(*named).distinct()).all()
    session.execute(delete(WebSession).where(*named))
    return sorted(people)
