"""Forms of the desk that came too late: kept for an hour, given back after the new login.

What was typed lies in the database, closed under a key that only this browser's cookie holds, and
bound to the person who typed it: neither the row alone nor the cookie alone opens it, and a
colleague who logs in at the same machine is shown nothing. Files that were attached are not kept.
"""

from __future__ import annotations

import json
import secrets
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime
from urllib.parse import urlsplit
from uuid import UUID, uuid4

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from flask import Response, request
from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from petitions.domain.staffing import KEPT_FORM_LIFE
from petitions.storage.tables import KeptForm
from petitions.web.edge import cookie, engine, put_cookie, writing

COOKIE, ROOM = "kept", "/office/kept"
FIELD = "kept_form"
"""In a form that is sent again: the row is let go with it."""
_PER_PERSON = 5
_NONCE = 12
_NOT_TYPED = frozenset({"csrf_token", FIELD})


@dataclass(frozen=True, slots=True)
class Form:
    """What was posted, and where; `page`: the one it was written on, "" where the browser does not
    say; `with_files`: something was attached that is not kept.
    """

    path: str
    fields: tuple[tuple[str, str], ...] = field(repr=False)
    page: str
    with_files: bool


@dataclass(frozen=True, slots=True)
class Kept:
    """Where a form waits, and the browser's half of its key."""

    id: UUID
    token: str = field(repr=False)

    @property
    def address(self) -> str:
        return f"{ROOM}?form={self.id}"

    def hand_over(self, answer: Response) -> None:
        seconds = int(KEPT_FORM_LIFE.total_seconds())
        put_cookie(answer, COOKIE, self.token, path="/office", seconds=seconds)


def keep(actor: str) -> Kept | None:
    """Keep the form of this request for this person; None where nothing was typed."""
    typed = tuple((name, text) for name, text in _typed(request.form.items(multi=True)))
    if not typed:
        return None
    form = Form(request.path, typed, _page(), bool(request.files))
    kept = Kept(uuid4(), cookie(COOKIE) or secrets.token_urlsafe(32))
    with writing() as session:
        _make_room(session, actor)
        session.add(
            KeptForm(
                id=kept.id,
                actor=actor,
                sealed=_seal(kept, actor, form),
                expires_at=engine().clock() + KEPT_FORM_LIFE,
            )
        )
    return kept


def _page() -> str:
    """The page of the desk that the form stood on, so that its writer knows what it was about."""
    there = urlsplit(request.referrer or "")
    if there.netloc != request.host or not there.path.startswith("/office/"):
        return ""
    return f"{there.path}?{there.query}" if there.query else there.path


def _typed(fields: Iterable[tuple[str, str]]) -> Iterable[tuple[str, str]]:
    return ((name, text) for name, text in fields if name not in _NOT_TYPED)


def _make_room(session: Session, actor: str) -> None:
    """Never more than five: the oldest goes first."""
    listed = session.scalars(
        select(KeptForm.id).where(KeptForm.actor == actor).order_by(KeptForm.expires_at.desc())
    ).all()
    session.execute(delete(KeptForm).where(KeptForm.id.in_(listed[_PER_PERSON - 1 :])))


def find(session: Session, form: str, actor: str, at: datetime) -> Form | None:
    """The form of this name, for the person and the browser it came from, within the hour."""
    name = _name(form)
    row = session.get(KeptForm, name) if name else None
    if row is None or row.actor != actor or row.expires_at <= at or not cookie(COOKIE):
        return None
    return _open(Kept(row.id, cookie(COOKIE)), actor, row.sealed)


def let_go(session: Session, form: str, actor: str) -> None:
    """It was sent again, or is not wanted any more."""
    name = _name(form)
    if name:
        session.execute(delete(KeptForm).where(KeptForm.id == name, KeptForm.actor == actor))


def _name(form: str) -> UUID | None:
    try:
        return UUID(form)
    except ValueError:
        return None


def _key(token: str) -> AESGCM:
    derived = HKDF(SHA256(), 32, salt=None, info=b"petition/kept-form/v1").derive(token.encode())
    return AESGCM(derived)


def _seal(kept: Kept, actor: str, form: Form) -> bytes:
    plain = json.dumps([form.path, form.fields, form.page, form.with_files]).encode()
    nonce = secrets.token_bytes(_NONCE)
    return nonce + _key(kept.token).encrypt(nonce, plain, _bound(kept.id, actor))


def _open(kept: Kept, actor: str, sealed: bytes) -> Form | None:
    try:
        plain = _key(kept.token).decrypt(sealed[:_NONCE], sealed[_NONCE:], _bound(kept.id, actor))
    except InvalidTag:
        return None  # another browser's cookie
    path, fields, page, with_files = json.loads(plain)
    return Form(path, tuple((name, text) for name, text in fields), page, with_files)


def _bound(form: UUID, actor: str) -> bytes:
    """16 bytes of a fixed length, then the person: no two of them read alike."""
    return form.bytes + actor.encode()
