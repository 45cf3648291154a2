"""The pure heart of the tally: from pending entries to one sorted batch.

Rules:
- strictly ascending by bytes, border last: c is random, so sorting is shuffling, and anyone can
  check it;
- a leaf is subtracted once, by withdrawal or by invalidation; in one batch the withdrawal wins;
- one COUNT for each petition whose numbers can have moved, and no other;
- whatever does not fit stops the batch: a log cannot be corrected afterwards.

That a signature is not in the log already (same petition, same c) is the word of the database's
unique index, not of this module.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from types import MappingProxyType
from typing import Final
from uuid import UUID

from petitions.ledger.commitments import withdrawal_commitment
from petitions.ledger.encoding import be8
from petitions.ledger.entries import (
    LOG_WIDE,
    BatchBorder,
    CountFields,
    EntryType,
    Invalidate,
    Milestone,
    Seal,
    entry,
    parse,
    read_body,
    write,
)
from petitions.ledger.pending import (
    Archive,
    AreaChange,
    Batch,
    BatchStoppedError,
    Count,
    Dropped,
    DropReason,
    MarkOf,
    MilestoneReached,
    MilestonesOf,
    OpeningOf,
    PendingEntry,
    Removal,
    Withdrawal,
    no_milestones,
)

__all__ = [
    "Archive",
    "AreaChange",
    "Batch",
    "BatchStoppedError",
    "Count",
    "DropReason",
    "Dropped",
    "MilestoneReached",
    "PendingEntry",
    "Removal",
    "Withdrawal",
    "build_batch",
    "no_milestones",
]

SIGNATURES: Final = frozenset({EntryType.SIGN})
WITHDRAWALS: Final = frozenset({EntryType.WITHDRAW, EntryType.WITHDRAW_OPEN})
EARLY: Final = EntryType.WITHDRAW  # types below sort before all others: their indices are fixed
MADE_HERE: Final = frozenset({EntryType.COUNT, EntryType.MILESTONE, EntryType.BATCH})
MOVES_COUNT: Final = SIGNATURES | WITHDRAWALS | {EntryType.OPEN, EntryType.INVALIDATE}
NO_PAPER: Final[Mapping[UUID, int]] = MappingProxyType({})


def build_batch(
    pending: Iterable[PendingEntry],
    counts_before: Mapping[UUID, Count],
    *,
    origin: str,
    number: int,
    first: int,
    time: int,
    archive: Archive,
    mark: MarkOf,
    opening: OpeningOf,
    milestones: MilestonesOf = no_milestones,
    paper: Mapping[UUID, int] = NO_PAPER,
    also: Collection[UUID] = (),
) -> Batch:
    """The batch of these entries; BatchStoppedError where they contradict the log or each other.

    `counts_before`: last COUNT of each petition that has entries here and is already open;
    `first`: size of the log; `time`: seconds since the epoch, not before the last batch's;
    `milestones`: asked once per petition with entries up to PAPER here, and per petition in `also`
    (hand-over), returns those reached and not yet recorded; `paper`: certified signatures to be
    added to a milestone's `valid` where the rulebook combines the channels.
    """
    draft = _Draft(origin, first, archive, counts_before)
    ordered = sorted(pending, key=lambda p: (p.type, p.petition.bytes, p.body))
    draft.place_early([p for p in ordered if p.type < EARLY])
    for p in ordered:
        if p.type in WITHDRAWALS:
            draft.withdraw(p, mark, opening)
    for p in ordered:
        if p.type == EntryType.INVALIDATE:
            draft.invalidate(p, mark)
        elif p.type > EntryType.INVALIDATE:
            draft.place_late(p)
    draft.count()
    draft.ask_milestones(milestones, paper, also)
    return draft.close(number, time)


@dataclass(slots=True)
class _Draft:
    origin: str
    first: int
    archive: Archive
    counts_before: Mapping[UUID, Count]
    early: list[bytes] = field(default_factory=list)
    late: list[bytes] = field(default_factory=list)
    indices: dict[tuple[UUID, bytes], int] = field(default_factory=dict)
    moved: dict[UUID, Counter[EntryType]] = field(default_factory=lambda: defaultdict(Counter))
    present: set[UUID] = field(default_factory=set)
    counts: dict[UUID, Count] = field(default_factory=dict)
    withdrawals: dict[tuple[UUID, bytes], Withdrawal] = field(default_factory=dict)
    removals: dict[int, Removal] = field(default_factory=dict)
    milestones: list[MilestoneReached] = field(default_factory=list)
    signed: Counter[tuple[UUID, str, str]] = field(default_factory=Counter)
    withdrawn: Counter[tuple[UUID, str, str]] = field(default_factory=Counter)
    dropped: list[Dropped] = field(default_factory=list)

    def place_early(self, ordered: Sequence[PendingEntry]) -> None:
        """Entries whose place in the log no later step can move."""
        for at, p in enumerate(ordered, self.first):
            self.early.append(entry(p.type, p.petition, p.body))
            self._keep(p)
            if p.type in SIGNATURES:
                self.indices[p.petition, p.body] = at

    def withdraw(self, p: PendingEntry, mark: MarkOf, opening: OpeningOf) -> None:
        index = self.indices.get((p.petition, p.body))
        if index is None:
            index = self.archive.index_of(p.petition, p.body)
        if index is None or p.secret is None:
            raise BatchStoppedError("a withdrawal without its signature or its secret")
        if self.archive.is_removed(index):
            self.dropped.append(Dropped(p, DropReason.ALREADY_REMOVED))
            return
        found = mark(p.petition, p.body)
        if self._is_withdrawn(p.petition, found):
            raise BatchStoppedError("a leaf is withdrawn twice")
        hidden = withdrawal_commitment(self.origin, p.petition, index, p.secret)
        body = be8(index) if p.type == EntryType.WITHDRAW_OPEN else hidden
        row = Withdrawal(p.petition, found, opening(p.petition, index, p.secret, found))
        self.withdrawals[p.petition, found] = row
        self.late.append(entry(p.type, p.petition, body))
        self._keep(p)

    def invalidate(self, p: PendingEntry, mark: MarkOf) -> None:
        fields = read_body(p.type, p.body)
        assert isinstance(fields, Invalidate)
        leaf = self.archive.entry_at(fields.index)
        target = parse(leaf) if leaf else None
        if not target or target.type not in SIGNATURES or target.petition != p.petition:
            raise BatchStoppedError(f"leaf {fields.index} is no signature of this petition")
        if self._is_withdrawn(p.petition, mark(p.petition, target.body)):
            self.dropped.append(Dropped(p, DropReason.NO_LONGER_STANDING))
        elif fields.index in self.removals or self.archive.is_removed(fields.index):
            self.dropped.append(Dropped(p, DropReason.ALREADY_REMOVED))
        else:
            self.removals[fields.index] = Removal(fields.index, p.petition, fields.reason)
            self.place_late(p)

    def place_late(self, p: PendingEntry) -> None:
        if p.type in MADE_HERE:
            raise BatchStoppedError(f"{p.type.name} is decided by the tally, never queued")
        if p.type == EntryType.SEAL:
            self._check_seal(p)
        self.late.append(entry(p.type, p.petition, p.body))
        self._keep(p)

    def count(self) -> None:
        """One COUNT per petition with an opening, signature, withdrawal or invalidation here."""
        for petition, by_type in self.moved.items():
            before = self.counts_before.get(petition)
            if (before is None) != (by_type[EntryType.OPEN] == 1):
                raise BatchStoppedError("a petition is opened once, before all else")
            before = before or Count()
            after = Count(
                before.collected + sum(by_type[t] for t in SIGNATURES),
                before.withdrawn + sum(by_type[t] for t in WITHDRAWALS),
                before.invalid + by_type[EntryType.INVALIDATE],
            )
            if after.valid < 0:
                raise BatchStoppedError("more signatures taken away than collected")
            self.counts[petition] = after
            numbers = CountFields(after.collected, after.withdrawn, after.invalid, after.valid)
            self.late.append(write(petition, numbers))

    def ask_milestones(
        self, milestones: MilestonesOf, paper: Mapping[UUID, int], also: Collection[UUID]
    ) -> None:
        for petition in sorted(self.present.union(also) - {LOG_WIDE}):
            count = self.counts.get(petition) or self.counts_before.get(petition)
            if count is None:
                raise BatchStoppedError("a petition without an earlier COUNT")
            for rule, threshold, *own in milestones(petition, count):
                valid = own[0] if own else count.valid + paper.get(petition, 0)
                self.milestones.append(MilestoneReached(petition, rule, threshold, valid))
                self.late.append(write(petition, Milestone(rule, threshold, valid)))

    def close(self, number: int, time: int) -> Batch:
        """Add the border and check the order that every verifier will check."""
        size = len(self.early) + len(self.late) + 1
        border = write(LOG_WIDE, BatchBorder(number, self.first, size, time))
        entries = (*self.early, *sorted(self.late), border)
        if any(one >= other for one, other in pairwise(entries)):
            raise BatchStoppedError("entries are not strictly ascending")
        return Batch(
            number=number,
            first=self.first,
            entries=entries,
            counts=self.counts,
            indices=self.indices,
            # by mark, so that the order of the rows tells no order of arrival
            withdrawals=tuple(row for _, row in sorted(self.withdrawals.items())),
            removals=tuple(self.removals[index] for index in sorted(self.removals)),
            milestones=tuple(self.milestones),
            areas={
                area: AreaChange(self.signed[area], self.withdrawn[area])
                for area in sorted(self.signed | self.withdrawn)
            },
            dropped=tuple(self.dropped),
        )

    def _keep(self, p: PendingEntry) -> None:
        if p.type < EntryType.COUNT:  # after SEAL no milestone may follow
            self.present.add(p.petition)
        if p.type in MOVES_COUNT:
            self.moved[p.petition][p.type] += 1
        if p.type in SIGNATURES or p.type in WITHDRAWALS:
            counter = self.signed if p.type in SIGNATURES else self.withdrawn
            for group in {"", *p.classes}:
                counter[p.petition, p.area, group] += 1

    def _is_withdrawn(self, petition: UUID, mark: bytes) -> bool:
        return (petition, mark) in self.withdrawals or self.archive.is_withdrawn(petition, mark)

    def _check_seal(self, p: PendingEntry) -> None:
        """SEAL repeats the last COUNT, which an earlier checkpoint holds: nothing moves it here."""
        fields = read_body(p.type, p.body)
        assert isinstance(fields, Seal)
        last = Count(fields.collected, fields.withdrawn, fields.invalid)
        moved = p.petition in self.moved
        if moved or last != self.counts_before.get(p.petition) or last.valid != fields.valid:
            raise BatchStoppedError("SEAL does not repeat the petition's last COUNT")
        if fields.size > self.first:
            raise BatchStoppedError("SEAL names a checkpoint that is not earlier")
