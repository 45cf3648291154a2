"""Sign, exactly once per person and petition; withdraw; say when one signed.

The uniqueness of a signature is the database's word: an INSERT on the key (petition, tag), never a
read before a write. Nothing here commits: the caller commits on return and rolls back on any error.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import TypeVar
from uuid import UUID

from sqlalchemy.orm import Session

from petitions.domain.errors import (
    ConflictError,
    PassRefusedError,
    SigningClosedError,
    UnavailableError,
)
from petitions.domain.removals import MAY_SIGN_AGAIN
from petitions.domain.vocabulary import Withdrawal
from petitions.ledger import commitments
from petitions.ledger.entries import EntryType
from petitions.platform.database import database_now
from petitions.services import groups, taking_back
from petitions.services.cooling_off import due_of_withdrawal, waiting
from petitions.services.ports import House
from petitions.services.salts import SigningKeys
from petitions.storage import signing_rows as rows
from petitions.storage.insertion import insert_once
from petitions.storage.signing_rows import Attempt, NewSignature
from petitions.storage.tables import PendingEntry, SpentPass

_ATTEMPTS = 5
T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Act:
    """What a signer brings: the value u of a finished login, and a commitment drawn at random."""

    petition_id: UUID
    u: bytes = field(repr=False)
    jti: bytes = field(repr=False)
    jti_expires: datetime
    commitment: bytes
    area: str = ""
    classes: tuple[str, ...] = ()
    u_group: bytes = field(default=b"", repr=False)
    """The same login's value in the context of the petition's group, where it has one."""


@dataclass(frozen=True, slots=True)
class Signed:
    """The signature stands. `log_size` goes into the promise as `from`."""

    log_size: int
    first_time: bool


@dataclass(frozen=True, slots=True)
class AlreadySigned:
    """Counts once. `on` is the time of the batch (UTC), None while it waits for one."""

    on: datetime | None


class _RowMovedError(Exception):
    """Settling had the row in its hands; start the transaction again."""


def retried(attempt: Callable[[], T], undo: Callable[[], object]) -> T:
    """Run a signing transaction again when settling just moved the row: at most five times."""
    for _ in range(_ATTEMPTS):
        try:
            return attempt()
        except _RowMovedError:
            undo()
    raise UnavailableError("busy")


def _new(house: House, keys: SigningKeys, act: Act, tag: bytes) -> NewSignature:
    link = commitments.seal_link(
        keys.salt, act.u, act.petition_id, tag, act.commitment, house.random(12)
    )
    return NewSignature(
        petition_id=act.petition_id,
        log_id=keys.log_id,
        jti_hash=hashlib.sha256(act.jti).digest(),
        jti_expires=rounded_up(act.jti_expires),
        tag=tag,
        link=link,
        commitment=act.commitment,
        area=act.area,
        classes=act.classes,
        max_wait=house.policy.batch_max_wait,
    )


def rounded_up(instant: datetime) -> datetime:
    """To ten minutes, so that the row of a spent pass tells no instant."""
    return datetime.fromtimestamp(-(-int(instant.timestamp()) // 600) * 600, tz=UTC)


def sign(
    session: Session, house: House, keys: SigningKeys, act: Act, at: datetime | None = None
) -> Signed | AlreadySigned:
    """One signature, in the transaction of `session`. Call inside `retried`; commit on return.

    `at` None = the database's clock read in this transaction (rule T4). Raises SigningClosedError,
    PassRefusedError (used before, nothing to repeat) or ConflictError (commitment not fresh).
    """
    new = waiting(session, keys.terms, _checked(house, keys, act), at)
    outcome, size = rows.first_attempt(session, new, at)
    if outcome is Attempt.SIGNED:
        groups.claim(session, keys.group, act.u_group)
        return Signed(size, first_time=True)
    _refuse(outcome)
    return _second_time(session, house, keys, act, new, size, outcome is Attempt.REPLAYED, at)


def sign_at_once(
    session: Session, house: House, keys: SigningKeys, act: Act, at: datetime | None = None
) -> Signed | bool:
    """The first attempt as one statement that is a transaction of its own (one round trip).

    `session` is in autocommit on PostgreSQL; not for a petition of a group. A bool means that the
    person's row is there already and `sign_second_look` must be asked; it tells whether the pass had
    been spent before this call.
    """
    new = waiting(session, keys.terms, _checked(house, keys, act), at)
    outcome, size = rows.first_attempt(session, new, at)
    if outcome is Attempt.SIGNED:
        return Signed(size, first_time=True)
    _refuse(outcome)
    return outcome is Attempt.REPLAYED


def sign_second_look(
    session: Session,
    house: House,
    keys: SigningKeys,
    act: Act,
    *,
    replayed: bool,
    at: datetime | None = None,
) -> Signed | AlreadySigned:
    """Step 5 in a transaction of its own, after `sign_at_once`. Call inside `retried`."""
    now = at or database_now(session)
    size = rows.open_size(session, act.petition_id, now)
    if size is None:
        raise SigningClosedError("signing_closed")
    new = waiting(session, keys.terms, _checked(house, keys, act), now)
    return _second_time(session, house, keys, act, new, size, replayed, at)


def _checked(house: House, keys: SigningKeys, act: Act) -> NewSignature:
    if len(act.commitment) != 32 or len(act.u) != 32:
        raise PassRefusedError("malformed")
    keys.terms.check(act.area)
    return _new(house, keys, act, commitments.tag(keys.salt, act.u))


def _refuse(outcome: Attempt) -> None:
    if outcome is Attempt.CLOSED:
        raise SigningClosedError("signing_closed")
    if outcome is Attempt.STALE:
        raise ConflictError("commitment_not_fresh")


def _second_time(
    session: Session,
    house: House,
    keys: SigningKeys,
    act: Act,
    new: NewSignature,
    size: int,
    replayed: bool,
    at: datetime | None,
) -> Signed | AlreadySigned:
    found = rows.standing_for_update(session, act.petition_id, new.tag)
    if found is None:
        if replayed:
            raise PassRefusedError("pass_used")
        raise _RowMovedError
    if found.standing == "private":
        return AlreadySigned(None)
    if found.link is not None:
        earlier = commitments.open_link(keys.salt, act.u, act.petition_id, new.tag, found.link)
        if earlier == act.commitment:
            index = rows.leaf_index(session, act.petition_id, earlier)
            # the promise is made anew: its `from` may not lie behind a leaf that is in the log
            return Signed(size if index is None else min(size, index), first_time=False)
        since, removed = _integrated(session, keys, act.petition_id, earlier)
        if removed not in MAY_SIGN_AGAIN:
            return AlreadySigned(since)
    if replayed:
        raise PassRefusedError("pass_used")
    if found.cycles >= house.policy.resign_max:
        raise ConflictError("signed_and_withdrawn_too_often")
    if found.standing == "withdrawn":  # else the group holds this person's code for this petition
        groups.claim(session, keys.group, act.u_group)
    rows.sign_again(session, new)
    if not rows.queue_sign(session, new, at or database_now(session)):
        raise ConflictError("commitment_not_fresh")
    return Signed(size, first_time=True)


def _integrated(
    session: Session, keys: SigningKeys, petition_id: UUID, commitment: bytes | None
) -> tuple[datetime | None, int | None]:
    """(time of the batch, reason of removal) of a signature, each None where there is none."""
    if commitment is None:
        return None, None
    index = rows.leaf_index(session, petition_id, commitment)
    if index is None:
        return None, None
    return (
        rows.batch_time(session, keys.log_id, index),
        rows.removal_reason(session, keys.log_id, index),
    )


@dataclass(frozen=True, slots=True)
class Withdrawn:
    done: bool
    """False: there was nothing to withdraw."""


def withdraw(
    session: Session, house: House, keys: SigningKeys, act: Act, at: datetime | None = None
) -> Withdrawn:
    """Take a signature back. The pending SIGN entry is never deleted: its promise is out.

    `act.commitment` is not used. Raises SigningClosedError when the rulebook's time is over.
    """
    now = at or database_now(session)
    rule, size = keys.terms.withdrawal, rows.open_size(session, act.petition_id, now)
    late = size is None and taking_back.after_signing(session, rule, act.petition_id, now)
    if rule is Withdrawal.NEVER or (size is None and not late):
        raise SigningClosedError("withdrawal_closed")
    jti_hash = hashlib.sha256(act.jti).digest()
    fresh = insert_once(
        session, SpentPass, jti_hash=jti_hash, expires_at=rounded_up(act.jti_expires)
    )
    tag = commitments.tag(keys.salt, act.u)
    found = rows.standing_for_update(session, act.petition_id, tag)
    if found is None or found.standing == "withdrawn":
        return Withdrawn(done=found is not None and not fresh)
    if not fresh:
        raise PassRefusedError("pass_used")
    if found.link is None:
        raise ConflictError("private_signature")
    earlier = commitments.open_link(keys.salt, act.u, act.petition_id, tag, found.link)
    if earlier is None:
        raise ConflictError("link_damaged")
    _, removed = _integrated(session, keys, act.petition_id, earlier)
    if removed is not None:
        raise ConflictError("signature_invalidated", reason=removed)
    insert_once(
        session,
        PendingEntry,
        log_id=keys.log_id,
        petition_id=act.petition_id,
        type=int(EntryType.WITHDRAW),
        body=earlier,
        secret=house.random(32),
        area=act.area,
        classes=list(act.classes),
        due_at=due_of_withdrawal(
            session, act.petition_id, earlier, rows.due_time(now, house.policy.batch_max_wait)
        )
        if keys.terms.cooling_off
        else rows.due_time(now, house.policy.batch_max_wait),
    )
    rows.mark_withdrawn(session, act.petition_id, tag)
    groups.free(session, keys.group, act.u_group)
    return Withdrawn(done=True)
