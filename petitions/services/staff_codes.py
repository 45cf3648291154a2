"""Rights by access to the server: one-time codes, and disabling from the command line.

Whoever can run commands there can change the database anyway. So the two-person rule gives way, and
the trail says "command line".
"""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Callable, Iterable
from datetime import datetime

from sqlalchemy.orm import Session

from petitions.domain.errors import ConflictError, InvalidError, NotFoundError
from petitions.domain.lifecycle import Role
from petitions.domain.staffing import (
    CODE_LIFE,
    COMMAND_LINE,
    ENOUGH_ADMINISTRATORS,
    Change,
    objection,
)
from petitions.services.audit import record
from petitions.services.ports import Actor
from petitions.services.staff_rights import (
    administrators,
    give_role,
    known_roles,
    lock,
    set_disabled,
    standing,
)
from petitions.storage.tables import Staff, StaffCode

SERVER = Actor(COMMAND_LINE, Role.SYSTEM)
_BYTES, _GROUP = 15, 4
"""120 bits: nobody tries them out within an hour. Base32, in groups of four, read out aloud."""


def invite(
    session: Session, roles: Iterable[Role], random: Callable[[int], bytes], at: datetime
) -> str:
    """A code that gives these roles to whoever types it in after their login, once, for an hour.

    ConflictError: enough administrators are here, so that the desk can name more by its own rule.
    """
    wanted = sorted({str(role) for role in roles})
    _must_need_an_administrator(session, wanted)
    plain = base64.b32encode(random(_BYTES)).decode()
    session.add(StaffCode(code_hash=_hash(plain), roles=wanted, expires_at=at + CODE_LIFE))
    record(session, SERVER, "staff_invited", at=at, detail={"roles": wanted})
    return "-".join(plain[i : i + _GROUP] for i in range(0, len(plain), _GROUP))


def redeem(session: Session, code: str, actor: str, name: str, at: datetime) -> frozenset[Role]:
    """The roles that the code gave to this person, who has just logged in. InvalidError: no code of
    ours, used, or older than an hour; ConflictError: the person is disabled, or no longer needed.
    """
    lock(session)
    row = session.get(StaffCode, _hash(code), with_for_update=True)
    if row is None or row.expires_at <= at:
        raise InvalidError(fields={"code": ("code_unknown", {})})
    before = standing(session, actor)
    if before.disabled:
        raise ConflictError("disabled_already")
    _must_need_an_administrator(session, row.roles)
    given = known_roles(row.roles)
    session.delete(row)
    for role in given:
        give_role(session, actor, role, by=COMMAND_LINE, at=at)
    detail = {"to": actor, "roles": sorted(map(str, given))}
    record(session, SERVER, "role_given", at=at, detail=detail)
    if not before.roles:
        first = min(given, key=list(Role).index)
        record(session, Actor(actor, first, name), "signed_in", at=at)
    return given


def set_disabled_by_command(
    session: Session, actor: str, reason: str, *, disabled: bool, at: datetime
) -> None:
    """For the house in which nobody can confirm any more. NotFoundError, ConflictError."""
    lock(session)
    if session.get(Staff, actor) is None:
        raise NotFoundError("person")
    change = Change.DISABLE if disabled else Change.ENABLE
    wrong = objection(change, None, standing(session, actor))
    if wrong and wrong != "last_administrator":  # whoever holds the server may name the next one
        raise ConflictError(wrong)
    set_disabled(session, actor, disabled=disabled)
    act = "staff_disabled" if disabled else "staff_enabled"
    record(session, SERVER, act, at=at, detail={"to": actor, "why": reason.strip()})


def _must_need_an_administrator(session: Session, roles: Iterable[str]) -> None:
    if Role.ADMINISTRATOR in set(roles) and len(administrators(session)) >= ENOUGH_ADMINISTRATORS:
        raise ConflictError("enough_administrators")


def _hash(code: str) -> bytes:
    """Written in any way people write it: small letters, spaces, without the hyphens."""
    plain = "".join(letter for letter in code.upper() if letter.isascii() and letter.isalnum())
    return hashlib.sha256(b"petition/staff-code/v1\x00" + plain.encode()).digest()
