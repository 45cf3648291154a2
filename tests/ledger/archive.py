"""An archive in memory that takes in each batch as the database would, and a way to build the next."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from petitions.ledger import commitments
from petitions.ledger.batch import Batch, Count, PendingEntry, build_batch
from petitions.ledger.entries import (
    Close,
    EntryType,
    Fields,
    Invalidate,
    Open,
    Sign,
    parse,
    write,
)
from tests.ledger.memory import ORIGIN, SALT

TIME = 1798761600
DECISION = bytes(32)


def mark(petition: UUID, target: bytes) -> bytes:
    return commitments.mark(hashlib.sha256(SALT + petition.bytes).digest(), target)


def opening(petition: UUID, index: int, r_w: bytes, found: bytes) -> bytes:
    """Not encrypted, so that tests can read it."""
    return petition.bytes + commitments.opening_plain(index, r_w) + found


@dataclass
class MemoryArchive:
    log: list[bytes] = field(default_factory=list)
    counts: dict[UUID, Count] = field(default_factory=dict)
    removed: set[int] = field(default_factory=set)
    withdrawn: set[tuple[UUID, bytes]] = field(default_factory=set)
    number: int = 0

    def index_of(self, petition: UUID, target: bytes) -> int | None:
        entry = write(petition, Sign(target))
        return self.log.index(entry) if entry in self.log else None

    def entry_at(self, index: int) -> bytes | None:
        return self.log[index] if index < len(self.log) else None

    def is_removed(self, index: int) -> bool:
        return index in self.removed

    def is_withdrawn(self, petition: UUID, mark: bytes) -> bool:
        return (petition, mark) in self.withdrawn

    def build(self, pending: Iterable[PendingEntry], **more: Any) -> Batch:
        arguments: dict[str, Any] = {
            "origin": ORIGIN,
            "number": self.number + 1,
            "first": len(self.log),
            "time": TIME,
            "archive": self,
            "mark": mark,
            "opening": opening,
        }
        return build_batch(pending, self.counts, **(arguments | more))

    def take(self, pending: Iterable[PendingEntry], **more: Any) -> Batch:
        batch = self.build(pending, **more)
        self.number = batch.number
        self.log += batch.entries
        self.counts |= batch.counts
        self.removed |= {removal.index for removal in batch.removals}
        self.withdrawn |= {(row.petition, row.mark) for row in batch.withdrawals}
        return batch


def c_of(person: int) -> bytes:
    return hashlib.sha256(b"c" + person.to_bytes(4, "big")).digest()


def r_w_of(person: int) -> bytes:
    return hashlib.sha256(b"r_w" + person.to_bytes(4, "big")).digest()


def pend(petition: UUID, fields: Fields) -> PendingEntry:
    found = parse(write(petition, fields))
    return PendingEntry(petition, found.type, found.body)


def opened(petition: UUID) -> PendingEntry:
    return pend(petition, Open(bytes(32), b"\xff" * 32, 1830297600))


def signed(petition: UUID, person: int, area: str = "", *classes: str) -> PendingEntry:
    return PendingEntry(petition, EntryType.SIGN, c_of(person), None, area, classes)


def withdrawn(
    petition: UUID,
    person: int,
    kind: EntryType = EntryType.WITHDRAW,
    area: str = "",
    *classes: str,
) -> PendingEntry:
    return PendingEntry(petition, kind, c_of(person), r_w_of(person), area, classes)


def invalidated(petition: UUID, index: int, reason: int = 2) -> PendingEntry:
    return pend(petition, Invalidate(index, reason, DECISION))


def closed(petition: UUID) -> PendingEntry:
    return pend(petition, Close(0))
