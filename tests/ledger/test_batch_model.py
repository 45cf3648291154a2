"""Whole lives of petitions against a plain model, and the log read back as a verifier would."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from itertools import pairwise
from uuid import UUID

from hypothesis import given, settings
from hypothesis import strategies as st

from petitions.ledger.batch import Count, PendingEntry
from petitions.ledger.commitments import withdrawal_commitment
from petitions.ledger.entries import (
    BatchBorder,
    CountFields,
    Entry,
    EntryType,
    Invalidate,
    WithdrawOpen,
    parse,
)
from tests.ledger.archive import (
    MemoryArchive,
    c_of,
    invalidated,
    opened,
    r_w_of,
    signed,
    withdrawn,
)
from tests.ledger.memory import ORIGIN, P, Q

ACTS = st.lists(
    st.tuples(
        st.sampled_from(["sign", "withdraw", "withdraw", "invalidate", "tally"]),
        st.sampled_from([P, Q]),
        st.integers(0, 12),
    ),
    max_size=60,
)
KINDS = {P: EntryType.WITHDRAW, Q: EntryType.WITHDRAW_OPEN}


class Model:
    """Who stands, by plain sets; the tally's rules enter only as 'withdrawal before removal'."""

    def __init__(self) -> None:
        self.archive = MemoryArchive()
        self.pending: list[PendingEntry] = [opened(P), opened(Q)]
        self.signed: set[tuple[UUID, int]] = set()
        self.withdrawn: set[tuple[UUID, int]] = set()
        self.removed: set[tuple[UUID, int]] = set()
        self.decided: set[tuple[UUID, int]] = set()

    def act(self, name: str, petition: UUID, person: int) -> None:
        who = (petition, person)
        if name == "tally":
            self.tally()
        elif name == "sign" and who not in self.signed:
            self.signed.add(who)
            self.pending.append(signed(petition, person, "75"))
        elif name == "withdraw" and who in self.signed - self.withdrawn - self.removed:
            self.withdrawn.add(who)
            self.pending.append(withdrawn(petition, person, KINDS[petition], "75"))
        elif name == "invalidate" and who not in self.decided:
            index = self.archive.index_of(petition, c_of(person))
            if index is not None:
                self.decided.add(who)
                self.pending.append(invalidated(petition, index))

    def tally(self) -> None:
        self.archive.take(self.pending)
        self.pending = []
        self.removed |= self.decided - self.withdrawn
        for petition in (P, Q):
            assert self.archive.counts[petition] == self.count(petition)

    def count(self, petition: UUID) -> Count:
        numbers = Counter({name: 0 for name in ("signed", "withdrawn", "removed")})
        for name in numbers:
            numbers[name] = sum(whose == petition for whose, _ in getattr(self, name))
        return Count(*numbers.values())


@given(ACTS)
@settings(max_examples=150)
def test_the_published_numbers_are_those_of_a_plain_model(
    acts: list[tuple[str, UUID, int]],
) -> None:
    model = Model()
    for name, petition, person in acts:
        model.act(name, petition, person)
    model.tally()
    read_back(model.archive.log)
    subtracted = Counter(
        (entry.petition, index) for entry, index in opened_subtractions(model.archive.log)
    )
    assert set(subtracted.values()) <= {1}
    expected = model.withdrawn | model.removed
    assert len(subtracted) == len(expected)


def read_back(log: list[bytes]) -> None:
    """Borders, order inside each batch, one COUNT per touched petition with the right numbers."""
    running: dict[UUID, Counter[EntryType]] = {P: Counter(), Q: Counter()}
    start, number = 0, 0
    while start < len(log):
        end = next(i for i in range(start, len(log)) if log[i][1] == EntryType.BATCH) + 1
        batch, number = [parse(entry) for entry in log[start:end]], number + 1
        assert all(one < other for one, other in pairwise(log[start:end]))
        border = batch[-1].fields
        assert isinstance(border, BatchBorder)
        assert (border.number, border.first, border.entries) == (number, start, end - start)
        touched = set()
        for entry in batch:
            if entry.type == EntryType.COUNT:
                continue
            if entry.type == EntryType.OPEN or 0x10 <= entry.type <= 0x1A:
                touched.add(entry.petition)
                running[entry.petition][entry.type] += 1
        counts = {entry.petition: entry.fields for entry in batch if entry.type == EntryType.COUNT}
        assert len(counts) == sum(entry.type == EntryType.COUNT for entry in batch)
        assert set(counts) == touched
        for petition, fields in counts.items():
            assert fields == numbers(running[petition])
        start = end
    assert start == len(log)


def numbers(seen: Counter[EntryType]) -> CountFields:
    collected = seen[EntryType.SIGN]
    taken = seen[EntryType.WITHDRAW] + seen[EntryType.WITHDRAW_OPEN]
    invalid = seen[EntryType.INVALIDATE]
    return CountFields(collected, taken, invalid, collected - taken - invalid)


def opened_subtractions(log: list[bytes]) -> Iterator[tuple[Entry, int]]:
    """Each subtraction with the leaf it names, hidden withdrawals opened by trying every leaf."""
    hidden = {}
    for index, leaf in enumerate(log):
        for person in range(13):
            if parse(leaf).type == EntryType.SIGN and parse(leaf).body == c_of(person):
                w = withdrawal_commitment(ORIGIN, parse(leaf).petition, index, r_w_of(person))
                hidden[w] = index
    for leaf in log:
        entry = parse(leaf)
        if entry.type == EntryType.WITHDRAW:
            yield entry, hidden[entry.body]
        elif isinstance(entry.fields, WithdrawOpen | Invalidate):
            yield entry, entry.fields.index
