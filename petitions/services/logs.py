"""Which log a petition goes into: one per deployment and year, opened when first needed."""

from __future__ import annotations

import hashlib
from datetime import datetime

from sqlalchemy.orm import Session

from petitions.ledger.entries import LOG_WIDE, VKey
from petitions.ledger.notes import vkey
from petitions.ledger.promise import promise_name
from petitions.services.pending import queue
from petitions.services.ports import House
from petitions.storage import log_key_rows
from petitions.storage.insertion import insert_once
from petitions.storage.tables import LogState

ROLE_LOG, ROLE_PROMISE, ROLE_REPLICA = 1, 2, 3
ADD, RETIRE = 1, 0


def origin_of(house: House, year: int) -> str:
    return f"{house.policy.deployment}/{year}"


def ensure_log(session: Session, house: House, at: datetime) -> LogState:
    """The log of this (UTC) year. Its promise key is announced in the log itself."""
    year = at.year
    origin = origin_of(house, year)
    new = insert_once(
        session,
        LogState,
        log_id=year,
        origin=origin,
        size=0,
        root=hashlib.sha256(b"").digest(),
        batch_no=0,
        published_batch=0,
        settled_batch=0,
    )
    if new:
        key = f"promise/{year}"
        ensure_key(house, key)
        announce(session, house, year, ROLE_PROMISE, promise_name(origin), key, at)
    return session.get_one(LogState, year)


def ensure_key(house: House, key: str) -> None:
    if not house.keys.exists(key):
        house.keys.create(key, house.kinds.ed25519)


def announce(
    session: Session, house: House, log_id: int, role: int, name: str, key: str, at: datetime
) -> str:
    """Queue a VKEY entry: which public key signs what from here on. Returns the verifier key."""
    text = vkey(name, house.keys.public(key))
    announce_text(session, log_id, role, text, key, at)
    return text


def announce_text(
    session: Session, log_id: int, role: int, text: str, key: str, at: datetime
) -> None:
    """Of any kind. Announcing it again before its batch changes nothing."""
    log_key_rows.remember(session, log_id, role, text, key)
    queue(session, log_id, LOG_WIDE, VKey(role, ADD, text), due_at=at)
