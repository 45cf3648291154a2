"""A tree by other hands (pymerkle, a development tool only) agrees with ours."""

from __future__ import annotations

import pytest
from pymerkle import InmemoryTree, verify_inclusion

from petitions.ledger import tree
from petitions.ledger.entries import leaf_hash
from tests.ledger.memory import MemoryLog

ENTRIES = [f"entry {i}".encode() for i in range(700)]


@pytest.fixture(scope="module")
def judge() -> InmemoryTree:
    other = InmemoryTree(algorithm="sha256")
    for entry in ENTRIES:
        other.append_entry(entry)
    return other


@pytest.fixture(scope="module")
def log() -> MemoryLog:
    ours = MemoryLog()
    for start in range(0, 700, 90):
        ours.add([leaf_hash(entry) for entry in ENTRIES[start : start + 90]])
    return ours


@pytest.mark.parametrize("size", [1, 2, 3, 7, 255, 256, 257, 511, 512, 513, 700])
def test_both_trees_have_the_same_root(size: int, judge: InmemoryTree, log: MemoryLog) -> None:
    assert tree.root(size, log) == judge.get_root(size)


@pytest.mark.parametrize("size", [1, 2, 3, 7, 256, 257, 513, 700])
def test_both_trees_have_the_same_inclusion_proofs(
    size: int, judge: InmemoryTree, log: MemoryLog
) -> None:
    for index in {0, 1, size // 3, size // 2, size - 2, size - 1} & set(range(size)):
        theirs = judge.prove_inclusion(index + 1, size)  # counts from one, leaf first
        ours = tree.inclusion_proof(index, size, log)
        assert theirs.path == [leaf_hash(ENTRIES[index]), *ours]
        verify_inclusion(theirs.path[0], tree.root(size, log), theirs, index + 1, size)


@pytest.mark.parametrize(
    ("old", "new"), [(1, 2), (3, 7), (6, 8), (255, 257), (256, 700), (513, 700)]
)
def test_each_side_proves_to_the_other_that_the_earlier_log_is_a_prefix(
    old: int, new: int, judge: InmemoryTree, log: MemoryLog
) -> None:
    theirs, ours = judge.prove_consistency(old, new), tree.consistency_proof(old, new, log)
    theirs.verify(tree.root(old, log), tree.root(new, log), old, new)
    assert tree.verify_consistency(old, new, judge.get_root(old), judge.get_root(new), ours)
