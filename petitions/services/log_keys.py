"""The log's own keys: made by the worker, announced in the log, and the second line of a checkpoint."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy.orm import Session

from petitions.ledger import postquantum
from petitions.ledger.entries import LOG_WIDE, VKey
from petitions.services.logs import ADD, ROLE_LOG, announce, ensure_key
from petitions.services.pending import queue
from petitions.services.ports import House
from petitions.storage import tables as t


def announce_log_key(session: Session, house: House, log_id: int, at: datetime) -> None:
    """The log's own key, made by the worker alone; VKEY says so in the log's first batch.

    Whether it was announced is the database's word: the key's file outlives a transaction that was
    rolled back. Until the first batch, queuing it again changes nothing.
    """
    state = session.get_one(t.LogState, log_id)
    if state.batch_no == 0:
        key = f"log/{log_id}"
        ensure_key(house, key)
        announce(session, house, log_id, ROLE_LOG, state.origin, key, at)
        _announce_second_key(session, house, state, at)


def _second_key(log_id: int) -> str:
    """The log's ML-DSA-44 key: a signature that a quantum computer could not forge either."""
    return f"log/{log_id}/ml-dsa-44"


def _announce_second_key(session: Session, house: House, state: t.LogState, at: datetime) -> None:
    if house.kinds.ml_dsa is None:
        return
    key = _second_key(state.log_id)
    if not house.keys.exists(key):
        house.keys.create(key, house.kinds.ml_dsa)
    text = postquantum.vkey(state.origin, house.keys.public(key))
    queue(session, state.log_id, LOG_WIDE, VKey(ROLE_LOG, ADD, text), due_at=at)


def second_line(session: Session, house: House, newest: t.Checkpoint, origin: str) -> str:
    """Beside Ed25519, for a log that began with such a key (C2SP tlog-cosignature, type 06)."""
    key = _second_key(newest.log_id)
    if house.kinds.ml_dsa is None or not house.keys.exists(key):
        return ""
    batch = session.get_one(t.LogBatch, (newest.log_id, newest.batch_no))
    return postquantum.signature_line(
        origin,
        int(batch.at.timestamp()),
        origin,
        newest.size,
        newest.root,
        lambda message: house.keys.sign(key, message),
        house.keys.public(key),
    )
