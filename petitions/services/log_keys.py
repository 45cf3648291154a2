"""The log's own keys: made by the worker, announced in the log, and the signature lines of a checkpoint.

A log has one Ed25519 key and, where the library can, one ML-DSA-44 key beside it; while a key is being
changed it has two of each, and all of them sign. Number 1 is `log/<year>`, number n `log/<year>/<n>`.
"""

from __future__ import annotations

from datetime import datetime

from sqlalchemy.orm import Session

from petitions.ledger import postquantum
from petitions.ledger.checkpoint import checkpoint_body
from petitions.ledger.encoding import LedgerError
from petitions.ledger.entries import VKey, parse
from petitions.ledger.key_history import kind_of
from petitions.ledger.notes import ED25519, signature_line, vkey
from petitions.ledger.promise import promise_name
from petitions.services.logs import (
    ADD,
    ROLE_LOG,
    ROLE_PROMISE,
    announce,
    announce_text,
    ensure_key,
)
from petitions.services.ports import House
from petitions.storage import log_key_rows
from petitions.storage import tables as t


class KeyLostError(LedgerError):
    """A key that must sign is not in the key store: a person must look."""


def key_name(role: int, log_id: int, number: int = 1) -> str:
    """Id in the key store. The log's ML-DSA-44 key has `/ml-dsa-44` after it."""
    zone = "log" if role == ROLE_LOG else "promise"
    return f"{zone}/{log_id}" if number == 1 else f"{zone}/{log_id}/{number}"


def second_name(key: str) -> str:
    """The ML-DSA-44 key of the same number: a quantum computer could not forge it either."""
    return f"{key}/ml-dsa-44"


def announce_log_key(session: Session, house: House, log_id: int, at: datetime) -> None:
    """The keys of a log, in its first batch: the worker makes the log's, the promise's is there.

    Whether they were announced is the database's word: a key's file outlives a transaction that was
    rolled back. Until the first batch, queuing them again changes nothing.
    """
    state = session.get_one(t.LogState, log_id)
    if state.batch_no == 0:
        announce_number(session, house, state, ROLE_LOG, 1, at)
        announce_number(session, house, state, ROLE_PROMISE, 1, at)
    elif not log_key_rows.keys_of(session, log_id, ROLE_LOG):
        _read_from_entries(session, log_id)


def announce_number(
    session: Session, house: House, state: t.LogState, role: int, number: int, at: datetime
) -> list[str]:
    """Make the keys of this number and queue their VKEY entries; returns the verifier keys."""
    key = key_name(role, state.log_id, number)
    name = state.origin if role == ROLE_LOG else promise_name(state.origin)
    ensure_key(house, key)
    texts = [announce(session, house, state.log_id, role, name, key, at)]
    if role == ROLE_LOG and house.kinds.ml_dsa is not None:
        second = second_name(key)
        if not house.keys.exists(second):
            house.keys.create(second, house.kinds.ml_dsa)
        text = postquantum.vkey(name, house.keys.public(second))
        announce_text(session, state.log_id, role, text, second, at)
        texts.append(text)
    return texts


def _read_from_entries(session: Session, log_id: int) -> None:
    """A log that was begun before keys had rows of their own: once, from its entries."""
    for index, raw in log_key_rows.announced_before(session, log_id):
        fields = parse(raw).fields
        assert isinstance(fields, VKey)
        key = ""
        if fields.action == ADD and fields.role in (ROLE_LOG, ROLE_PROMISE):
            key = key_name(fields.role, log_id)
            key = key if kind_of(fields.vkey) == ED25519 else second_name(key)
        log_key_rows.remember(session, log_id, fields.role, fields.vkey, key)
        log_key_rows.note_entries(session, log_id, index, [raw])


def signed_checkpoint(session: Session, house: House, newest: t.Checkpoint, origin: str) -> str:
    """The note with a line of every log key in force at this size: Ed25519 first, the oldest first."""
    keys = log_key_rows.in_force(
        log_key_rows.keys_of(session, newest.log_id, ROLE_LOG), newest.size
    )
    body = checkpoint_body(origin, newest.size, newest.root)
    lines = [_line(house, row, body, origin) for row in keys if kind_of(row.vkey) == ED25519]
    if not lines:
        raise KeyLostError(f"log {newest.log_id}: no signing key was announced")
    seconds = [row for row in keys if kind_of(row.vkey) == postquantum.ML_DSA_44]
    return f"{body}\n" + "".join(lines + _second_lines(session, house, newest, origin, seconds))


def _line(house: House, row: t.LogKey, body: str, origin: str) -> str:
    key = row.key_id
    if not house.keys.exists(key) or vkey(origin, house.keys.public(key)) != row.vkey:
        raise KeyLostError(f"{key} is not the key that the log announced")
    return signature_line(
        body, origin, lambda message: house.keys.sign(key, message), house.keys.public(key)
    )


def _second_lines(
    session: Session, house: House, newest: t.Checkpoint, origin: str, keys: list[t.LogKey]
) -> list[str]:
    """Beside Ed25519, where the log has such a key (C2SP tlog-cosignature, type 06)."""
    if house.kinds.ml_dsa is None:
        return []
    batch = session.get_one(t.LogBatch, (newest.log_id, newest.batch_no))
    at = int(batch.at.timestamp())
    return [_second_line(house, row.key_id, newest, origin, at) for row in keys]


def _second_line(house: House, key: str, newest: t.Checkpoint, origin: str, at: int) -> str:
    return postquantum.signature_line(
        origin,
        at,
        origin,
        newest.size,
        newest.root,
        lambda message: house.keys.sign(key, message),
        house.keys.public(key),
    )
