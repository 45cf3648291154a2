"""What goes into a batch and what comes out of it: the tally's vocabulary, without its rules."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Protocol
from uuid import UUID

from petitions.ledger.encoding import LedgerError
from petitions.ledger.entries import EntryType


class BatchStoppedError(LedgerError):
    """The pending entries contradict the log; the worker stops and rings. Nothing was decided."""


@dataclass(frozen=True, slots=True)
class PendingEntry:
    """Withdrawals: `body` is the target (body of the signature entry), `secret` is r_w."""

    petition: UUID
    type: EntryType
    body: bytes = field(repr=False)
    secret: bytes | None = field(default=None, repr=False)
    area: str = ""
    classes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Count:
    collected: int = 0
    withdrawn: int = 0
    invalid: int = 0

    @property
    def valid(self) -> int:
        return self.collected - self.withdrawn - self.invalid


@dataclass(frozen=True, slots=True)
class Withdrawal:
    """One row to insert; a conflict on (petition, mark) must stop the transaction too."""

    petition: UUID
    mark: bytes
    opening: bytes


@dataclass(frozen=True, slots=True)
class Removal:
    index: int
    petition: UUID
    reason: int


class DropReason(StrEnum):
    ALREADY_REMOVED = "already_removed"
    NO_LONGER_STANDING = "no_longer_standing"  # the clerk is told: it was withdrawn first


@dataclass(frozen=True, slots=True)
class Dropped:
    pending: PendingEntry
    reason: DropReason


@dataclass(frozen=True, slots=True)
class AreaChange:
    signed: int = 0
    withdrawn: int = 0


@dataclass(frozen=True, slots=True)
class MilestoneReached:
    petition: UUID
    rule: int
    threshold: int
    valid: int


@dataclass(frozen=True, slots=True)
class Batch:
    """`entries[i]` gets index `first + i`; `indices`: (petition, body) of each new signature."""

    number: int
    first: int
    entries: tuple[bytes, ...]
    counts: Mapping[UUID, Count]
    indices: Mapping[tuple[UUID, bytes], int]
    withdrawals: tuple[Withdrawal, ...]
    removals: tuple[Removal, ...]
    milestones: tuple[MilestoneReached, ...]
    areas: Mapping[tuple[UUID, str, str], AreaChange]  # (petition, area, class); '' = everybody
    dropped: tuple[Dropped, ...]


class Archive(Protocol):
    """What the log and its tables held before this batch."""

    def index_of(self, petition: UUID, target: bytes) -> int | None:
        """Index of the petition's signature entry with this body."""
        ...

    def entry_at(self, index: int) -> bytes | None:
        """The logged entry; None past the end, also for an index this batch will fill."""
        ...

    def is_removed(self, index: int) -> bool:
        """An INVALIDATE names this leaf."""
        ...

    def is_withdrawn(self, petition: UUID, mark: bytes) -> bool: ...


MarkOf = Callable[[UUID, bytes], bytes]  # petition, target → commitments.mark under its salt
OpeningOf = Callable[[UUID, int, bytes, bytes], bytes]  # petition, index, r_w, mark → wrapped
MilestonesOf = Callable[[UUID, Count], Sequence[tuple[int, ...]]]
"""→ (rule, threshold), and third the number that counts where it is not COUNT's valid and paper."""


def no_milestones(petition: UUID, count: Count) -> Sequence[tuple[int, ...]]:  # noqa: ARG001
    """For logs whose rulebooks know none."""
    return ()
