from __future__ import annotations

import random
from dataclasses import replace
from itertools import pairwise
from uuid import UUID

import pytest

from petitions.ledger import tree
from petitions.ledger.batch import (
    AreaChange,
    Batch,
    BatchStoppedError,
    Count,
    Dropped,
    DropReason,
    MilestoneReached,
    PendingEntry,
    Removal,
    Withdrawal,
)
from petitions.ledger.commitments import withdrawal_commitment
from petitions.ledger.encoding import LedgerError
from petitions.ledger.entries import (
    LOG_WIDE,
    Answer,
    BatchBorder,
    CountFields,
    EntryType,
    Fields,
    Milestone,
    Notice,
    Paper,
    Seal,
    VKey,
    WithdrawOpen,
    leaf_hash,
    parse,
    write,
)
from tests.ledger.archive import (
    TIME,
    MemoryArchive,
    c_of,
    closed,
    invalidated,
    mark,
    opened,
    opening,
    pend,
    r_w_of,
    signed,
    withdrawn,
)
from tests.ledger.memory import ORIGIN, C, P, Q


@pytest.fixture
def log() -> MemoryArchive:
    """P and Q open, persons 0 to 9 have signed P: leaves 2 to 11."""
    archive = MemoryArchive()
    archive.take([opened(P), opened(Q), *(signed(P, n) for n in range(10))])
    return archive


def types(batch: Batch) -> list[EntryType]:
    return [parse(entry).type for entry in batch.entries]


def leaf_of(log: MemoryArchive, person: int) -> int:
    index = log.index_of(P, c_of(person))
    assert index is not None
    return index


def test_vector_of_the_first_batch() -> None:
    archive = MemoryArchive()
    batch = archive.take([PendingEntry(P, EntryType.SIGN, C), opened(P)])
    assert types(batch) == [EntryType.OPEN, EntryType.SIGN, EntryType.COUNT, EntryType.BATCH]
    expected = "a9b541ec062a595131b5926f4f3b90f13d42bebcbdb4c48a718f23ad5d636598"
    assert tree.root_of([leaf_hash(entry) for entry in batch.entries]).hex() == expected


def test_the_order_of_arrival_leaves_no_trace_in_the_batch(log: MemoryArchive) -> None:
    pending = [
        *(signed(P, n) for n in range(20, 40)),
        *(withdrawn(P, n) for n in range(5)),
        *(invalidated(P, leaf_of(log, n)) for n in range(5, 9)),
        signed(Q, 50),
        closed(Q),
    ]
    batches = []
    for seed in range(5):
        random.Random(seed).shuffle(pending)
        batches.append(log.build(pending))
    assert all(batch == batches[0] for batch in batches)
    assert list(batches[0].areas) == sorted(batches[0].areas)


def test_entries_ascend_strictly_and_the_border_is_last(log: MemoryArchive) -> None:
    batch = log.build([closed(P), withdrawn(P, 1), *(signed(P, n) for n in range(20, 30))])
    assert all(one < other for one, other in pairwise(batch.entries))
    border = parse(batch.entries[-1])
    assert border.petition == LOG_WIDE
    assert border.fields == BatchBorder(2, len(log.log), len(batch.entries), TIME)


def test_an_empty_batch_is_its_border_alone(log: MemoryArchive) -> None:
    batch = log.build([])
    assert types(batch) == [EntryType.BATCH]
    assert batch.counts == {}


def test_indices_are_the_places_of_the_signatures_in_the_log(log: MemoryArchive) -> None:
    batch = log.build([signed(P, 20), signed(Q, 21), signed(Q, 20), withdrawn(P, 3)])
    assert set(batch.indices) == {(P, c_of(20)), (Q, c_of(21)), (Q, c_of(20))}
    for (petition, c), index in batch.indices.items():
        entry = parse(batch.entries[index - batch.first])
        assert (entry.type, entry.petition, entry.body) == (EntryType.SIGN, petition, c)


def test_a_withdrawal_hides_the_leaf_and_its_row_opens_it(log: MemoryArchive) -> None:
    batch = log.build([withdrawn(P, 3)])
    index = leaf_of(log, 3)
    assert parse(batch.entries[0]).body == withdrawal_commitment(ORIGIN, P, index, r_w_of(3))
    found = mark(P, c_of(3))
    row = Withdrawal(P, found, opening(P, index, r_w_of(3), found))
    assert batch.withdrawals == (row,)
    assert batch.counts == {P: Count(10, 1, 0)}


def test_an_open_withdrawal_names_the_leaf_and_leaves_a_mark_too(log: MemoryArchive) -> None:
    batch = log.build([withdrawn(P, 3, EntryType.WITHDRAW_OPEN)])
    assert parse(batch.entries[0]).fields == WithdrawOpen(leaf_of(log, 3))
    assert [row.mark for row in batch.withdrawals] == [mark(P, c_of(3))]


def test_a_signature_and_its_withdrawal_may_share_a_batch(log: MemoryArchive) -> None:
    batch = log.build([withdrawn(P, 20), signed(P, 20), signed(P, 21)])
    index = batch.indices[P, c_of(20)]
    expected = withdrawal_commitment(ORIGIN, P, index, r_w_of(20))
    assert [parse(e).body for e in batch.entries if e[1] == EntryType.WITHDRAW] == [expected]
    assert batch.counts == {P: Count(12, 1, 0)}


def test_rows_of_withdrawals_are_ordered_by_mark(log: MemoryArchive) -> None:
    marks = [row.mark for row in log.build([withdrawn(P, n) for n in range(9)]).withdrawals]
    assert marks == sorted(marks)


def test_a_withdrawal_of_a_removed_leaf_is_dropped_and_moves_nothing(log: MemoryArchive) -> None:
    log.take([invalidated(P, leaf_of(log, 3))])
    late = withdrawn(P, 3, EntryType.WITHDRAW, "75", "abroad")
    batch = log.build([late])
    assert types(batch) == [EntryType.BATCH]
    assert batch.dropped == (Dropped(late, DropReason.ALREADY_REMOVED),)
    assert (batch.counts, batch.areas, batch.withdrawals) == ({}, {}, ())


def test_a_second_withdrawal_of_a_leaf_stops_the_worker(log: MemoryArchive) -> None:
    twice = [withdrawn(P, 3), withdrawn(P, 3, EntryType.WITHDRAW_OPEN)]
    with pytest.raises(BatchStoppedError, match="twice"):
        log.build(twice)
    log.take(twice[:1])
    with pytest.raises(BatchStoppedError, match="twice"):
        log.build(twice[:1])


@pytest.mark.parametrize(
    "wrong", [withdrawn(P, 77), withdrawn(Q, 3), replace(withdrawn(P, 3), secret=None)]
)
def test_a_withdrawal_without_signature_or_secret_stops_the_worker(
    log: MemoryArchive, wrong: PendingEntry
) -> None:
    with pytest.raises(BatchStoppedError):
        log.build([wrong])


def test_an_invalidation_subtracts_once_and_names_leaf_and_reason(log: MemoryArchive) -> None:
    index = leaf_of(log, 3)
    batch = log.take([invalidated(P, index, 5)])
    assert types(batch) == [EntryType.INVALIDATE, EntryType.COUNT, EntryType.BATCH]
    assert batch.removals == (Removal(index, P, 5),)
    assert log.counts[P] == Count(10, 0, 1)
    again = invalidated(P, index, 6)
    batch = log.take([again])
    assert batch.dropped == (Dropped(again, DropReason.ALREADY_REMOVED),)
    assert log.counts[P] == Count(10, 0, 1)


def test_two_invalidations_of_one_leaf_in_one_batch_subtract_once(log: MemoryArchive) -> None:
    first, second = (invalidated(P, leaf_of(log, 3), reason) for reason in (2, 5))
    batch = log.build([second, first])
    assert batch.dropped == (Dropped(second, DropReason.ALREADY_REMOVED),)
    assert batch.counts == {P: Count(10, 0, 1)}


@pytest.mark.parametrize("together", [True, False])
def test_a_withdrawal_wins_over_an_invalidation(log: MemoryArchive, together: bool) -> None:
    decision = invalidated(P, leaf_of(log, 3))
    if together:
        batch = log.take([decision, withdrawn(P, 3)])
    else:
        log.take([withdrawn(P, 3)])
        batch = log.take([decision])
    assert batch.dropped == (Dropped(decision, DropReason.NO_LONGER_STANDING),)
    assert (log.counts[P], batch.removals) == (Count(10, 1, 0), ())


@pytest.mark.parametrize("index", [0, 12, 14, 15, 99, 2**63])
def test_an_invalidation_of_anything_but_an_earlier_signature_stops_the_worker(
    log: MemoryArchive, index: int
) -> None:
    assert len(log.log) == 15
    with pytest.raises(BatchStoppedError, match=f"leaf {index} is no signature"):
        log.build([invalidated(P, index), signed(P, 40), signed(P, 41)])


def test_an_invalidation_of_another_petitions_leaf_stops_the_worker(log: MemoryArchive) -> None:
    with pytest.raises(BatchStoppedError, match="is no signature of this petition"):
        log.build([invalidated(Q, leaf_of(log, 3)), signed(Q, 1)])


def test_each_petition_whose_numbers_moved_has_one_count_and_no_other(log: MemoryArchive) -> None:
    batch = log.build([signed(P, 20), signed(P, 21), pend(Q, Notice(bytes(32))), closed(Q)])
    counts = [parse(e) for e in batch.entries if e[1] == EntryType.COUNT]
    assert [(e.petition, e.fields) for e in counts] == [(P, CountFields(12, 0, 0, 12))]
    assert batch.counts == {P: Count(12, 0, 0)}


def test_an_opening_has_a_count_of_nothing(log: MemoryArchive) -> None:
    assert log.counts[Q] == Count(0, 0, 0)
    assert write(Q, CountFields(0, 0, 0, 0)) in log.log


def test_a_petition_not_open_or_opened_twice_stops_the_worker(log: MemoryArchive) -> None:
    for pending in ([signed(UUID(int=9), 1)], [opened(P)], [closed(UUID(int=9))]):
        with pytest.raises(BatchStoppedError):
            log.build(pending)


def test_a_repeated_entry_stops_the_worker(log: MemoryArchive) -> None:
    for pending in ([signed(P, 20)] * 2, [closed(P)] * 2):
        with pytest.raises(BatchStoppedError, match="strictly ascending"):
            log.build(pending)


@pytest.mark.parametrize(
    "fields", [CountFields(1, 0, 0, 1), Milestone(0, 1, 1), BatchBorder(1, 0, 1, 0)]
)
def test_what_the_tally_decides_cannot_be_queued(log: MemoryArchive, fields: Fields) -> None:
    petition = LOG_WIDE if isinstance(fields, BatchBorder) else P
    with pytest.raises(BatchStoppedError, match="never queued"):
        log.build([pend(petition, fields)])


def test_a_malformed_body_stops_the_worker(log: MemoryArchive) -> None:
    for kind in (EntryType.SIGN, EntryType.INVALIDATE, EntryType.SEAL, EntryType.CLOSE):
        with pytest.raises(LedgerError):
            log.build([PendingEntry(P, kind, bytes(31))])


def test_more_taken_away_than_collected_stops_the_worker(log: MemoryArchive) -> None:
    log.counts[P] = Count(10, 6, 4)
    with pytest.raises(BatchStoppedError, match="more signatures taken away"):
        log.build([withdrawn(P, 1)])


def test_areas_and_classes_are_tallied_for_what_was_kept(log: MemoryArchive) -> None:
    batch = log.build(
        [
            signed(P, 20, "75", "abroad"),
            signed(P, 21, "75"),
            signed(P, 22, "13", "abroad", "student", "abroad"),
            withdrawn(P, 1, EntryType.WITHDRAW, "75", "student"),
            signed(Q, 20, "75"),
        ]
    )
    assert batch.areas == {
        (P, "13", ""): AreaChange(1, 0),
        (P, "13", "abroad"): AreaChange(1, 0),
        (P, "13", "student"): AreaChange(1, 0),
        (P, "75", ""): AreaChange(2, 1),
        (P, "75", "abroad"): AreaChange(1, 0),
        (P, "75", "student"): AreaChange(0, 1),
        (Q, "75", ""): AreaChange(1, 0),
    }


def test_a_milestone_reached_becomes_an_entry_of_the_same_batch(log: MemoryArchive) -> None:
    def reached(petition: UUID, count: Count) -> list[tuple[int, int]]:
        return [(0, 10), (2, 12)] if petition == P and count.valid >= 12 else []

    assert log.build([signed(P, 20)], milestones=reached).milestones == ()
    batch = log.build([signed(P, 20), signed(P, 21), signed(Q, 1)], milestones=reached)
    assert batch.milestones == (MilestoneReached(P, 0, 10, 12), MilestoneReached(P, 2, 12, 12))
    written = [parse(e) for e in batch.entries if e[1] == EntryType.MILESTONE]
    assert [(e.petition, e.fields) for e in written] == [
        (P, Milestone(0, 10, 12)),
        (P, Milestone(2, 12, 12)),
    ]


def test_milestones_are_asked_once_per_petition_with_its_newest_count(log: MemoryArchive) -> None:
    asked: list[tuple[UUID, Count]] = []

    def ask(petition: UUID, count: Count) -> list[tuple[int, int]]:
        asked.append((petition, count))
        return []

    log.build([signed(P, 20), withdrawn(P, 1), closed(P)], milestones=ask)
    assert asked == [(P, Count(11, 1, 0))]
    asked.clear()
    log.build([closed(P)], milestones=ask, also=[Q])
    assert asked == [(P, Count(10, 0, 0)), (Q, Count())]
    asked.clear()
    log.build([pend(P, Answer(bytes(32))), pend(LOG_WIDE, VKey(1, 1, "k"))], milestones=ask)
    assert asked == []


def test_paper_counts_towards_a_milestone_but_never_in_count(log: MemoryArchive) -> None:
    batch = log.build(
        [pend(P, Paper(90, bytes(32))), signed(P, 20)],
        milestones=lambda petition, count: [(1, 100)],
        paper={P: 90},
    )
    assert batch.counts == {P: Count(11, 0, 0)}
    assert batch.milestones == (MilestoneReached(P, 1, 100, 101),)


def test_a_seal_repeats_the_last_count_and_nothing_moves_it_in_its_batch(
    log: MemoryArchive,
) -> None:
    size = len(log.log)
    good = Seal(10, 0, 0, 10, size, bytes(32))
    assert types(log.build([pend(P, good), signed(Q, 1)]))[-2:] == [EntryType.SEAL, EntryType.BATCH]
    for wrong in (
        replace(good, collected=11),
        replace(good, valid=9),
        replace(good, withdrawn=1, invalid=0),
        replace(good, size=size + 1),
    ):
        with pytest.raises(BatchStoppedError):
            log.build([pend(P, wrong)])
    with pytest.raises(BatchStoppedError):
        log.build([pend(P, good), signed(P, 20)])


def test_secrets_and_targets_do_not_appear_when_a_pending_entry_is_printed() -> None:
    printed = repr(withdrawn(P, 3))
    assert repr(r_w_of(3)) not in printed
    assert repr(c_of(3)) not in printed
