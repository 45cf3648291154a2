"""Changing the keys of a log while it runs.

1 somebody orders it, with a name and a reason; 2 the worker makes the new key and announces it in a
batch that old and new key sign; 3 both sign for the time of overlap; 4 a VKEY entry retires the old
one; 5 once that is public, its key is destroyed. Every step is found again from the rows.

Rule: the old key is retired only when a public checkpoint bears both signatures. It is what leads
whoever trusts the old key to the new one.
"""

from __future__ import annotations

import json
from datetime import datetime, timedelta
from typing import Final

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from petitions.domain.errors import ConflictError, NotFoundError
from petitions.ledger.entries import LOG_WIDE, VKey
from petitions.ledger.notice import What
from petitions.services.audit import record
from petitions.services.log_keys import announce_number
from petitions.services.logs import RETIRE, ROLE_LOG, ROLE_PROMISE
from petitions.services.notices import tell
from petitions.services.pending import queue
from petitions.services.ports import Actor, House
from petitions.services.salts import LIFE
from petitions.storage import log_key_rows
from petitions.storage import tables as t

ROLE_NAMES: Final = {"log": ROLE_LOG, "promise": ROLE_PROMISE}
LEAST_OVERLAP: Final = timedelta(seconds=5 * LIFE)
"""A web process knows for LIFE seconds which key signs promises: none is signed after it was retired."""


def order(
    session: Session,
    log_id: int,
    role: int,
    actor: Actor,
    reason: str,
    overlap: timedelta,
    *,
    at: datetime,
) -> int:
    """Ask the worker for a new key; returns its number. One change at a time for each role.

    Raises NotFoundError, ConflictError (the log has no key yet, or one is being changed).
    """
    state = session.get(t.LogState, log_id, with_for_update=True)
    if state is None:
        raise NotFoundError("log")
    if not log_key_rows.in_force(log_key_rows.keys_of(session, log_id, role), state.size):
        raise ConflictError("key_not_announced")
    if any(row.role == role for row in open_rotations(session, log_id)):
        raise ConflictError("key_being_changed")
    last = session.scalar(
        select(func.max(t.KeyRotation.number)).where(
            t.KeyRotation.log_id == log_id, t.KeyRotation.role == role
        )
    )
    number = (last or 1) + 1
    session.add(
        t.KeyRotation(
            log_id=log_id, role=role, number=number, ordered_at=at,
            ordered_by=actor.name or actor.code, reason=reason,
            overlap=int(max(overlap, LEAST_OVERLAP).total_seconds()),
        )
    )  # fmt: skip
    record(
        session, actor, "log_key_ordered", at=at,
        detail={"log": log_id, "role": role, "number": number, "reason": reason, "name": actor.name},
    )  # fmt: skip
    return number


def open_rotations(session: Session, log_id: int) -> list[t.KeyRotation]:
    return list(
        session.scalars(
            select(t.KeyRotation)
            .where(t.KeyRotation.log_id == log_id, t.KeyRotation.ended_at.is_(None))
            .order_by(t.KeyRotation.role)
        )
    )


def take_steps(session: Session, house: House, log_id: int, at: datetime) -> None:
    """Queue what is due before the next batch: announcements, and the end of old keys."""
    for rotation in open_rotations(session, log_id):
        if rotation.announced_at is None:
            _announce(session, house, rotation, at)
        else:
            _retire(session, rotation, at)


def _announce(session: Session, house: House, rotation: t.KeyRotation, at: datetime) -> None:
    state = session.get_one(t.LogState, rotation.log_id)
    if state.batch_no == 0:
        return
    old = log_key_rows.keys_of(session, rotation.log_id, rotation.role)
    until = at + timedelta(seconds=rotation.overlap)
    for row in log_key_rows.in_force(old, state.size):
        row.retire_from = until
    made = announce_number(session, house, state, rotation.role, rotation.number, at)
    words = {"role": rotation.role, "number": rotation.number, "reason": rotation.reason}
    told = json.dumps(words, ensure_ascii=False, sort_keys=True)
    tell(session, rotation.log_id, LOG_WIDE, What.KEY_CHANGED, made[0], at, told)
    rotation.announced_at = at


def _retire(session: Session, rotation: t.KeyRotation, at: datetime) -> None:
    """Not before both keys signed something that everybody can read."""
    keys = log_key_rows.keys_of(session, rotation.log_id, rotation.role)
    ending = [row for row in keys if row.retire_from is not None and row.retired is None]
    if not ending or any(row.retire_from is None or at < row.retire_from for row in ending):
        return
    following = [row for row in keys if row.retire_from is None and row.retired is None]
    public = public_size(session, rotation.log_id)
    if not following or any(row.added is None or row.added >= public for row in following):
        return
    if any(at < known_from(session, row) + LEAST_OVERLAP for row in following):
        return  # a web process may not have seen the new key yet
    for row in ending:
        fields = VKey(rotation.role, RETIRE, row.vkey)
        queue(session, rotation.log_id, LOG_WIDE, fields, due_at=at)


def known_from(session: Session, key: t.LogKey) -> datetime:
    """Time of the batch that announced it."""
    return session.scalars(
        select(t.LogBatch.at)
        .where(t.LogBatch.log_id == key.log_id, t.LogBatch.first <= key.added)
        .order_by(t.LogBatch.first.desc())
        .limit(1)
    ).one()


def public_size(session: Session, log_id: int) -> int:
    """Entries under the newest checkpoint that was published."""
    state = session.get_one(t.LogState, log_id, populate_existing=True)
    return (
        session.scalar(
            select(t.Checkpoint.size).where(
                t.Checkpoint.log_id == log_id,
                t.Checkpoint.batch_no == state.published_batch,
                t.Checkpoint.note.is_not(None),
            )
        )
        or 0
    )


def finish(session: Session, house: House, log_id: int, at: datetime) -> bool:
    """Destroy keys whose end is public: whoever takes the machine later can sign no former state."""
    public, done = public_size(session, log_id), False
    for rotation in open_rotations(session, log_id):
        keys = log_key_rows.keys_of(session, log_id, rotation.role)
        ended = [row for row in keys if row.retire_from is not None]
        if rotation.announced_at is None or not ended:
            continue
        if any(row.retired is None or row.retired >= public for row in ended):
            continue
        for row in ended:
            if house.keys.exists(row.key_id):
                house.keys.destroy(row.key_id)
        rotation.ended_at, done = at, True
    return done
