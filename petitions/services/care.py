"""Who looks after a file, and the secret addresses from which calendars read due dates."""

from __future__ import annotations

import hashlib
import secrets
from datetime import date, datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from petitions.domain.errors import ConflictError, InvalidError, NotFoundError
from petitions.domain.lifecycle import Role
from petitions.domain.permissions import Permission, may
from petitions.services.audit import record
from petitions.services.ports import Actor
from petitions.storage.tables import CalendarFeed, FileCare, Petition, Staff

FEEDS_MAX = 5


def take(session: Session, petition: Petition, actor: Actor, at: datetime) -> None:
    """From now on the file is this person's; who had it before is told in the audit trail."""
    row = session.get(FileCare, petition.id)
    before = row.actor if row else ""
    if before == actor.code:
        return
    if row is None:
        session.add(FileCare(petition_id=petition.id, actor=actor.code, name=actor.name, since=at))
    else:
        row.actor, row.name, row.since = actor.code, actor.name, at
    detail = {"to": actor.code, "from": before} if before else {"to": actor.code}
    record(session, actor, "file_taken", at=at, petition=petition, detail=detail)


def leave(session: Session, petition: Petition, actor: Actor, at: datetime) -> None:
    row = session.get(FileCare, petition.id)
    if row is None or row.actor != actor.code:
        raise ConflictError("not_yours")
    session.delete(row)
    record(session, actor, "file_left", at=at, petition=petition)


def make_feed(
    session: Session,
    actor: Actor,
    language: str,
    *,
    day: date,
    body: str = "",
    assembly: str = "",
    mine: bool = False,
) -> str:
    """The secret part of a new address; it is shown once, and kept as a hash."""
    held = feeds_of(session, actor.code)
    if len(held) >= FEEDS_MAX:
        raise InvalidError("too_many_feeds", max=FEEDS_MAX)
    token = secrets.token_urlsafe(32)
    session.add(
        CalendarFeed(
            token_hash=_hash(token), actor=actor.code, language=language, body=body,
            assembly=assembly, mine=mine, made_on=day,
        )
    )  # fmt: skip
    return token


def feeds_of(session: Session, actor: str) -> list[CalendarFeed]:
    return list(
        session.scalars(
            select(CalendarFeed)
            .where(CalendarFeed.actor == actor)
            .order_by(CalendarFeed.made_on, CalendarFeed.token_hash)
        )
    )


def revoke_feed(session: Session, actor: str, token_hash: str) -> None:
    """`token_hash` in hexadecimal; somebody else's feed is not there."""
    row = None
    if len(token_hash) == 64 and set(token_hash) <= set("0123456789abcdef"):
        row = session.get(CalendarFeed, bytes.fromhex(token_hash))
    if row is None or row.actor != actor:
        raise NotFoundError("calendar_feed")
    session.delete(row)


def feed_of(session: Session, token: str) -> CalendarFeed | None:
    """The feed behind a secret, while the person still works here and may read the office."""
    row = session.get(CalendarFeed, _hash(token))
    staff = session.get(Staff, row.actor) if row is not None else None
    if row is None or staff is None or staff.disabled:
        return None
    roles = [Role(role) for role in staff.roles]
    return row if may(roles, Permission.READ_OFFICE) else None


def _hash(token: str) -> bytes:
    return hashlib.sha256(b"petition/calendar-feed/v1:" + token.encode()).digest()
