"""What is published about a log's keys: who signs now, who signed when, and how one led to the next.

`policy` names the keys in force. `keys.json` names every key with the sizes that it vouches for.
`handovers` holds, for each log key that came later, the first checkpoint that contains its
announcement: signed by the key before it as well, so that whoever trusts the old one can go on.
"""

from __future__ import annotations

from collections.abc import Iterator

from sqlalchemy import select
from sqlalchemy.orm import Session

from petitions.ledger.key_history import ROLE_LOG, keys_file, kind_of
from petitions.ledger.notes import ED25519
from petitions.services.log_keys import KeyLostError
from petitions.services.ports import House
from petitions.storage import log_key_rows
from petitions.storage import tables as t


def log_vkeys(session: Session, house: House, log_id: int, size: int) -> list[str]:
    """Ed25519 keys that sign a checkpoint of this size: readers that know no ML-DSA refuse a policy
    that names it. KeyLostError where this house could not sign with one: nobody should expect it.
    """
    keys = log_key_rows.in_force(log_key_rows.keys_of(session, log_id, ROLE_LOG), size)
    found = [row for row in keys if kind_of(row.vkey) == ED25519]
    lost = [row.key_id for row in found if not house.keys.exists(row.key_id)]
    if lost or not found:
        raise KeyLostError(f"log {log_id}: {lost[0] if lost else 'no signing key'} is not there")
    return [row.vkey for row in found]


def key_papers(session: Session, state: t.LogState, size: int) -> Iterator[tuple[str, bytes]]:
    """`keys.json`, and `handovers` where a key was ever changed."""
    yield (
        "keys.json",
        keys_file(state.origin, size, log_key_rows.spans(session, state.log_id, size)),
    )
    notes = list(_handovers(session, state.log_id, size))
    if notes:
        yield "handovers", ("\n\n".join(note.strip("\n") for note in notes) + "\n").encode()


def _handovers(session: Session, log_id: int, size: int) -> Iterator[str]:
    """Signed notes, the oldest first; an empty line stands between two."""
    later = [
        row.added
        for row in log_key_rows.keys_of(session, log_id, ROLE_LOG)
        if row.added is not None and row.added < size
    ]
    shown = set()
    for added in later:
        first = session.scalars(
            select(t.Checkpoint)
            .where(
                t.Checkpoint.log_id == log_id,
                t.Checkpoint.size > added,
                t.Checkpoint.size <= size,
                t.Checkpoint.note.is_not(None),
            )
            .order_by(t.Checkpoint.size)
            .limit(1)
        ).first()
        if first is not None and first.batch_no > 1 and first.size not in shown:
            shown.add(first.size)
            yield first.note or ""
