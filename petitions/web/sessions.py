"""Sessions of authors and staff: rows on the server, revocable; the cookie is a random token.

Signatories have none. A session holds a pseudonym, for staff also the name that signs decisions.
"""

from __future__ import annotations

import hashlib
import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta

from flask import Response, g
from sqlalchemy import delete, update
from sqlalchemy.orm import Session

from petitions.domain import staffing
from petitions.domain.lifecycle import Role
from petitions.domain.permissions import MATRIX, Permission, may
from petitions.domain.retention import STAFF_SESSION, STAFF_SESSION_ROW
from petitions.domain.staffing import RolesFrom
from petitions.services.ports import Actor
from petitions.services.staff_rights import known_roles
from petitions.storage.tables import Staff as StaffRow
from petitions.storage.tables import WebSession
from petitions.web.edge import cookie, drop_cookie, engine, put_cookie, reading

STAFF_IDLE, STAFF_LIFE = timedelta(minutes=30), STAFF_SESSION
STAFF_ROW_LIFE = STAFF_SESSION_ROW
"""A session that is over opens nothing. It is known a while longer, so that what somebody typed too
late can be kept for them and for nobody else.
"""
AUTHOR_LIFE = timedelta(hours=2)
_TOUCH = timedelta(minutes=1)


@dataclass(frozen=True, slots=True)
class Staff:
    """Who is logged in at the desk. `ends_at`: when the session is over, whatever they do."""

    actor: str
    name: str
    roles: frozenset[Role]
    language: str
    ends_at: datetime
    auth_time: datetime | None = None

    def may(self, permission: Permission) -> bool:
        return may(self.roles, permission)

    def acting(self, permission: Permission) -> Actor:
        """The actor for the trail, in the role that gives this permission."""
        role = min(self.roles & MATRIX[permission], key=list(Role).index)
        return Actor(self.actor, role, self.name)

    def is_fresh(self, at: datetime) -> bool:
        """Whether the login is young enough for sealing, key and role actions."""
        return staffing.is_fresh(self.auth_time, at)


@dataclass(frozen=True, slots=True)
class AuthorSession:
    tag: bytes
    assembly: str
    kinds: tuple[str, ...] | None = None
    """Kinds of petition whose conditions the login proved; None = every kind of the rulebook."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Proved:
    """What a staff login proved, beside who it was."""

    auth_time: datetime | None
    subject_mark: bytes
    session_mark: bytes | None


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
    proved: Proved | None = None,
    kinds: tuple[str, ...] | None = None,
) -> None:
    """A new session with a new token: an older one of this browser is never continued."""
    token = secrets.token_urlsafe(32)
    at = engine().clock().replace(second=0, microsecond=0)
    life = STAFF_ROW_LIFE if audience == "staff" else AUTHOR_LIFE
    session.execute(delete(WebSession).where(WebSession.token_hash == token_hash(audience)))
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
            opened_at=at,
            expires_at=at + life + timedelta(minutes=1),
            auth_time=proved.auth_time if proved else None,
            subject_mark=proved.subject_mark if proved else None,
            session_mark=proved.session_mark if proved else None,
            kinds=None if kinds is None else list(kinds),
        )
    )
    put_cookie(answer, audience, token, path="/", seconds=int(life.total_seconds()))


def close_session(session: Session, answer: Response, audience: str) -> None:
    session.execute(delete(WebSession).where(WebSession.token_hash == token_hash(audience)))
    drop_cookie(answer, audience, path="/")


def token_hash(audience: str) -> bytes:
    """The key of this browser's session row."""
    return _hash(cookie(audience))


def ends_at(row: WebSession) -> datetime:
    """When a staff session is over, however busy the person is."""
    if row.opened_at is None:
        return row.expires_at
    return min(row.expires_at, row.opened_at + STAFF_LIFE + timedelta(minutes=1))


def is_open(row: WebSession, at: datetime) -> bool:
    """Whether a staff session still lets somebody in, as far as the clock tells."""
    return at < ends_at(row) and at - row.seen_at <= STAFF_IDLE


def _row(audience: str) -> WebSession | None:
    token = cookie(audience)
    if not token:
        return None
    with reading() as session:
        row = session.get(WebSession, _hash(token))
        if row is None or row.audience != audience or row.expires_at <= engine().clock():
            return None
        if audience == "staff" and not _still_works_here(session, row):
            return None
        session.expunge(row)
    return row


def _still_works_here(session: Session, row: WebSession) -> bool:
    """A right that was taken away counts now, not from the next login on."""
    known = session.get(StaffRow, row.subject)
    if known is None:
        return engine().roles_from is RolesFrom.CLAIM
    if engine().roles_from is RolesFrom.DESK:
        row.roles = list(known.roles)
    return not known.disabled


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
        inside = row is not None and is_open(row, engine().clock())
        g.staff = _staff(row) if row and inside else None
    found: Staff | None = g.staff
    return found


def _staff(row: WebSession) -> Staff:
    return Staff(
        row.subject, row.name, known_roles(row.roles), row.language, ends_at(row), row.auth_time
    )


def late_staff() -> str:
    """Code of the person whose session in this browser has run out, "" if none has: it opens
    nothing, and says for whom something is to be kept.
    """
    row = _row("staff")
    return row.subject if row is not None else ""


def session_name(hashed: bytes) -> str:
    """How a page names a session row: nobody can lead it back to the cookie, or the row."""
    return hashlib.sha256(b"petition/session-name/v1\x00" + hashed).hexdigest()[:16]


def _author(row: WebSession) -> AuthorSession:
    kinds = None if row.kinds is None else tuple(str(kind) for kind in row.kinds)
    return AuthorSession(bytes.fromhex(row.subject), row.assembly, kinds)


def current_author() -> AuthorSession | None:
    if "author" not in g:
        row = _row("author")
        g.author = _author(row) if row else None
    found: AuthorSession | None = g.author
    return found
