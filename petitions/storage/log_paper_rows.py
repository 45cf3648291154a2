"""Papers beside the log, kept as the bytes that were hashed when their entry was queued."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from typing import Final
from uuid import UUID

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from petitions.ledger.entries import HEADER, EntryType
from petitions.storage import tables as t
from petitions.storage.insertion import insert_once

ENDINGS: Final = {"answers": ".json", "evidence": ".json", "geo": ".json", "notices": ".txt"}
_TOLD = frozenset(
    {
        EntryType.ANSWER, EntryType.NOTICE, EntryType.PAPER, EntryType.CERTIFIED,
        EntryType.DECLARED, EntryType.GEO,
    }
)  # fmt: skip
_HASH = 32
"""Each of these bodies ends with the hash of its paper."""


def keep(
    session: Session, log_id: int, folder: str, content: bytes, petition_id: UUID | None = None
) -> bytes:
    """Returns the hash that the entry carries. Keeping the same bytes again changes nothing."""
    digest = hashlib.sha256(content).digest()
    insert_once(
        session, t.LogPaper, digest=digest, folder=folder, log_id=log_id,
        petition_id=petition_id, content=content, leaf=None,
    )  # fmt: skip
    return digest


def note_entries(session: Session, first: int, entries: Sequence[bytes]) -> None:
    """Where the entries of a batch that carry hashes of papers stand."""
    for index, entry in enumerate(entries, first):
        if entry[1] in _TOLD:
            session.execute(
                update(t.LogPaper)
                .where(t.LogPaper.digest == entry[HEADER:][-_HASH:])
                .values(leaf=index)
                .execution_options(synchronize_session=False)
            )


def between(session: Session, log_id: int, old: int, new: int) -> list[t.LogPaper]:
    """Those whose entries stand in the leaves from `old` up to `new`, in that order."""
    return list(
        session.scalars(
            select(t.LogPaper)
            .where(t.LogPaper.log_id == log_id, t.LogPaper.leaf >= old, t.LogPaper.leaf < new)
            .order_by(t.LogPaper.leaf)
        )
    )


def of_petition(session: Session, petition_id: UUID, folder: str, size: int) -> list[t.LogPaper]:
    """Those that the first `size` entries name, in their order."""
    return list(
        session.scalars(
            select(t.LogPaper)
            .where(
                t.LogPaper.petition_id == petition_id,
                t.LogPaper.folder == folder,
                t.LogPaper.leaf < size,
            )
            .order_by(t.LogPaper.leaf)
        )
    )


def path_of(paper: t.LogPaper) -> str:
    return f"{paper.folder}/{paper.digest.hex()}{ENDINGS[paper.folder]}"
