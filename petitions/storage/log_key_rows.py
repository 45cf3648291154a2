"""The keys that a log announced, as rows: found without reading the log."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Sequence
from datetime import datetime

from sqlalchemy import delete, func, select, update
from sqlalchemy.orm import Session

from petitions.ledger.batch import PendingEntry
from petitions.ledger.entries import EntryType, VKey, parse
from petitions.ledger.key_history import KeySpan
from petitions.storage import tables as t
from petitions.storage.insertion import insert_once

ADD = 1
MOST_BEFORE = 128
"""Openings that the first batch may hold before the keys: these stay in the log's first 256 entries,
where every reader looks for them.
"""
_HEAD = bytes((1, EntryType.VKEY))


def remember(session: Session, log_id: int, role: int, vkey: str, key_id: str = "") -> bool:
    """A key that is to be announced. False: the log has it already."""
    return insert_once(
        session, t.LogKey, log_id=log_id, role=role, digest=_digest(vkey), vkey=vkey,
        key_id=key_id, added=None, retired=None, retire_from=None,
    )  # fmt: skip


def note_entries(session: Session, log_id: int, first: int, entries: Sequence[bytes]) -> None:
    """Where the VKEY entries of a batch stand. `first`: index of the batch's first entry."""
    for index, entry in enumerate(entries, first):
        if entry[:2] != _HEAD:
            continue
        fields = parse(entry).fields
        assert isinstance(fields, VKey)
        if fields.action == ADD:
            remember(session, log_id, fields.role, fields.vkey)
        session.execute(
            update(t.LogKey)
            .where(
                t.LogKey.log_id == log_id,
                t.LogKey.role == fields.role,
                t.LogKey.digest == _digest(fields.vkey),
            )
            .values({"added" if fields.action == ADD else "retired": index})
            .execution_options(synchronize_session=False)
        )


def keys_alone(session: Session, log_id: int, at: datetime) -> bool:
    """Whether so many openings wait that a log's first batch had better hold its keys alone."""
    openings = session.scalar(
        select(func.count())
        .select_from(t.PendingEntry)
        .where(
            t.PendingEntry.log_id == log_id,
            t.PendingEntry.type < EntryType.VKEY,
            t.PendingEntry.due_at <= at,
        )
    )
    return (openings or 0) > MOST_BEFORE


def take_announcements(session: Session, log_id: int) -> list[PendingEntry]:
    """Remove and return the VKEY entries that wait."""
    taken = session.execute(
        delete(t.PendingEntry)
        .where(t.PendingEntry.log_id == log_id, t.PendingEntry.type == EntryType.VKEY)
        .returning(t.PendingEntry.petition_id, t.PendingEntry.body)
        .execution_options(synchronize_session=False)
    )
    return [PendingEntry(petition, EntryType.VKEY, bytes(body)) for petition, body in taken]


def announced_before(session: Session, log_id: int) -> list[tuple[int, bytes]]:
    """Index and bytes of every VKEY entry: reads the log once, for one that began without rows."""
    found = session.execute(
        select(t.LogEntry.idx, t.LogEntry.entry)
        .where(
            t.LogEntry.log_id == log_id,
            t.LogEntry.entry >= _HEAD,
            t.LogEntry.entry < bytes((1, EntryType.VKEY + 1)),
        )
        .order_by(t.LogEntry.idx)
    ).all()
    return [(index, bytes(entry)) for index, entry in found]


def keys_of(session: Session, log_id: int, *roles: int) -> list[t.LogKey]:
    """In the order in which they were announced; those that wait for their batch come last."""
    wanted = select(t.LogKey).where(t.LogKey.log_id == log_id)
    if roles:
        wanted = wanted.where(t.LogKey.role.in_(roles))
    found = session.scalars(wanted.execution_options(populate_existing=True)).all()
    return sorted(found, key=lambda row: (row.added is None, row.added or 0, row.key_id))


def in_force(keys: Iterable[t.LogKey], size: int) -> list[t.LogKey]:
    """Those that vouch for this size of the log."""
    return [
        row
        for row in keys
        if row.added is not None
        and row.added < size
        and (row.retired is None or row.retired >= size)
    ]


def spans(session: Session, log_id: int, size: int) -> tuple[KeySpan, ...]:
    """What `keys.json` says after `size` entries."""
    return tuple(
        KeySpan(
            row.role,
            row.vkey,
            row.added + 1,
            row.retired if row.retired is not None and row.retired < size else None,
        )
        for row in keys_of(session, log_id)
        if row.added is not None and row.added < size
    )


def promise_key(session: Session, log_id: int) -> str:
    """Id of the key that signs promises now: the newest that the log announced."""
    keys = [row for row in keys_of(session, log_id, 2) if row.retired is None]
    announced = [row for row in keys if row.added is not None]
    newest = announced[-1:] or keys[:1]
    return newest[0].key_id if newest else f"promise/{log_id}"


def _digest(vkey: str) -> bytes:
    return hashlib.sha256(vkey.encode()).digest()
