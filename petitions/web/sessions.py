"""Sessions of authors and staff: rows on the server, revocable; the cookie is a random token.

Signatories have none. A session holds a pseudonym, for staff also the name that signs decisions.
"""

from __future__ import annotations

import hashlib
import secrets
from dataclasses import dataclass
from datetime import timedelta

from flask import Response, g
from sqlalchemy import delete, update
from sqlalchemy.orm import Session

from petitions.domain.lifecycle import Role
from petitions.domain.permissions import Permission, may
from petitions.services.ports import Actor
from petitions.storage.tables import Staff as StaffRow
from petitions.storage.tables import WebSession
from petitions.web.edge import cookie, drop_cookie, engine, put_cookie, reading

STAFF_IDLE, STAFF_LIFE = timedelta(minutes=30), timedelta(hours=8)
AUTHOR_LIFE = timedelta(hours=2)
_TOUCH = timedelta(minutes=1)


@dataclass(frozen=True, slots=True)
class Staff:
    """Who is logged in at the desk."""

    actor: str
    name: str
    roles: frozenset[Role]
    language: str

    def may(self, permission: Permission) -> bool:
        return may(self.roles, permission)

    def acting(self, permission: Permission) -> Actor:
        """The actor for the trail, in the role that gives this permission."""
        from petitions.domain.permissions import MATRIX

        role = min(self.roles & MATRIX[permission], key=list(Role).index)
        return Actor(self.actor, role, self.name)


@dataclass(frozen=True, slots=True)
class AuthorSession:
    tag: bytes
    assembly: str


def _hash(token: str) -> bytes:
    return hashlib.sha256(token.encode()).digest()


def open_session(
    session: Session,
    answer: Response,
    *,
    audience: str,
    subject: str,
    assembly: str = "",
    name: str = "",
    roles: tuple[str, ...] = (),
    language: str = "en",
) -> None:
    """A new session with a new token: an older one of this browser is never continued."""
    token = secrets.token_urlsafe(32)
    at = engine().clock().replace(second=0, microsecond=0)
    life = STAFF_LIFE if audience == "staff" else AUTHOR_LIFE
    session.add(
        WebSession(
            token_hash=_hash(token),
            audience=audience,
            subject=subject,
            assembly=assembly,
            name=name,
            roles=list(roles),
            language=language,
            seen_at=at,
            expires_at=at + life + timedelta(minutes=1),
        )
    )
    put_cookie(answer, audience, token, path="/", seconds=int(life.total_seconds()))


def close_session(session: Session, answer: Response, audience: str) -> None:
    session.execute(delete(WebSession).where(WebSession.token_hash == token_hash(audience)))
    drop_cookie(answer, audience, path="/")


def token_hash(audience: str) -> bytes:
    """The key of this browser's session row."""
    return _hash(cookie(audience))


def _row(audience: str) -> WebSession | None:
    token = cookie(audience)
    if not token:
        return None
    at = engine().clock()
    with reading() as session:
        row = session.get(WebSession, _hash(token))
        if row is None or row.audience != audience or row.expires_at <= at:
            return None
        if audience == "staff" and (at - row.seen_at > STAFF_IDLE or _left(session, row)):
            return None
        session.expunge(row)
    return row


def _left(session: Session, row: WebSession) -> bool:
    """Whether this person no longer works here: it counts now, not from the next login on."""
    known = session.get(StaffRow, row.subject)
    return known is not None and known.disabled


def touch(session: Session) -> None:
    """Staff work: the idle clock starts anew, at most once a minute."""
    at = engine().clock()
    session.execute(
        update(WebSession)
        .where(WebSession.token_hash == token_hash("staff"), WebSession.seen_at < at - _TOUCH)
        .values(seen_at=at)
    )


def current_staff() -> Staff | None:
    if "staff" not in g:
        row = _row("staff")
        g.staff = (
            Staff(row.subject, row.name, frozenset(Role(r) for r in row.roles), row.language)
            if row
            else None
        )
    found: Staff | None = g.staff
    return found


def current_author() -> AuthorSession | None:
    if "author" not in g:
        row = _row("author")
        g.author = AuthorSession(bytes.fromhex(row.subject), row.assembly) if row else None
    found: AuthorSession | None = g.author
    return found
