from __future__ import annotations

import hashlib
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from petitions.ledger import tree
from petitions.ledger.encoding import LedgerError
from tests.ledger.memory import MemoryLog, leaves

# Inputs and results of the test programme of RFC 6962's first implementation.
INPUTS = [
    bytes.fromhex(text)
    for text in (
        "", "00", "10", "2021", "3031", "40414243", "5051525354555657",
        "606162636465666768696a6b6c6d6e6f",
    )
]  # fmt: skip
ROOTS = [
    "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
    "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
    "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
    "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
    "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
    "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
    "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
    "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
    "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
]
A = "bc1a0643b12e4d2d7c77918f44e0f4f79a838b6cf9ec5b5c283e1f4d88599e6b"
B = "ca854ea128ed050b41b35ffc1b87b8eb2bde461e9e3b5596ece6b9d5975a0ae0"
D = "5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e"
E = "0ebc5d3437fbe2db158b9f126a1d118e308181031d0a949f8dededebc558ef6a"
INCLUSION = [(0, 1, []), (5, 8, [A, B, ROOTS[4]]), (2, 3, [ROOTS[2]]), (1, 5, [ROOTS[1], D, A])]
CONSISTENCY = [(1, 1, []), (6, 8, [E, B, ROOTS[4]]), (2, 5, [D, A])]
SIZES = [0, 1, 2, 3, 255, 256, 257, 511, 512, 513, 65535, 65536, 65537]
SAMPLE = leaves(1400)
FULL = MemoryLog()
FULL.add(SAMPLE)


def published(count: int) -> MemoryLog:
    log = MemoryLog()
    log.add([hashlib.sha256(b"\0" + data).digest() for data in INPUTS[:count]])
    return log


def test_nothing_has_the_root_of_the_empty_string() -> None:
    assert tree.root_of([]) == tree.root(0, MemoryLog()) == hashlib.sha256(b"").digest()


@pytest.mark.parametrize("size", range(9))
def test_roots_of_rfc_6962(size: int) -> None:
    assert published(size).root.hex() == ROOTS[size]
    assert tree.root(size, published(8)).hex() == ROOTS[size]


@pytest.mark.parametrize(("index", "size", "path"), INCLUSION)
def test_inclusion_proofs_of_rfc_6962(index: int, size: int, path: list[str]) -> None:
    log = published(8)
    proof = tree.inclusion_proof(index, size, log)
    assert [step.hex() for step in proof] == path
    leaf = hashlib.sha256(b"\0" + INPUTS[index]).digest()
    assert tree.verify_inclusion(leaf, index, size, proof, bytes.fromhex(ROOTS[size]))


@pytest.mark.parametrize(("old", "new", "path"), CONSISTENCY)
def test_consistency_proofs_of_rfc_6962(old: int, new: int, path: list[str]) -> None:
    proof = tree.consistency_proof(old, new, published(8))
    assert [step.hex() for step in proof] == path
    roots = bytes.fromhex(ROOTS[old]), bytes.fromhex(ROOTS[new])
    assert tree.verify_consistency(old, new, *roots, proof)


@pytest.mark.parametrize("size", SIZES)
def test_a_log_appended_at_once_has_the_root_of_the_plain_recursion(size: int) -> None:
    log = MemoryLog()
    log.add(leaves(size))
    assert (log.size, log.root) == (size, tree.root_of(leaves(size)))


@pytest.mark.parametrize(("old", "new"), [*pairwise(SIZES), (0, 65537), (254, 65537)])
def test_appending_across_a_border_has_the_root_of_the_plain_recursion(old: int, new: int) -> None:
    log = MemoryLog()
    log.add(leaves(old))
    log.add(leaves(new - old, old))
    assert log.root == tree.root_of(leaves(new)) == tree.root(new, log)
    assert tree.root(old, log) == tree.root_of(leaves(old))


@given(st.lists(st.integers(0, 300), max_size=7))
@settings(max_examples=60)
def test_however_the_leaves_are_split_into_batches_the_tiles_and_the_root_are_the_same(
    batches: list[int],
) -> None:
    split, whole, size = MemoryLog(), MemoryLog(), sum(batches)
    for count in batches:
        split.add(leaves(count, split.size))
    whole.add(leaves(size))
    assert (split.size, split.root, split.tiles) == (size, whole.root, whole.tiles)
    assert split.root == tree.root_of(leaves(size))


@pytest.mark.parametrize("size", [1, 255, 256, 257, 65536, 65537])
def test_a_tile_holds_the_subtree_hashes_that_its_definition_names(size: int) -> None:
    log, all_leaves = MemoryLog(), leaves(size)
    log.add(all_leaves)
    expected: dict[tuple[int, int], bytes] = {}
    for level in range(3):
        span = 256**level
        hashes = [tree.root_of(all_leaves[i * span : (i + 1) * span]) for i in range(size // span)]
        for n in range(0, len(hashes), 256):
            expected[level, n // 256] = b"".join(hashes[n : n + 256])
    assert log.tiles == expected


def test_only_tiles_of_the_right_edge_are_read_and_written() -> None:
    log = MemoryLog()
    log.add(leaves(70_000))
    log.read.clear()
    appended = log.add(leaves(10, 70_000))
    assert set(appended.tiles) == {(0, 273)}
    assert set(log.read) <= {(0, 273), (1, 1), (2, 0)}
    assert len(log.read) == len(set(log.read))


@pytest.mark.parametrize("n", [0, 1, 255, 256, 1_000, 65_535, 65_536, 70_000])
@pytest.mark.parametrize("k", [1, 10, 255, 256, 2_000])
def test_appending_costs_hashes_in_proportion_to_the_batch_and_the_height(
    n: int, k: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    log = MemoryLog()
    log.add(leaves(n))
    batch, made, real = leaves(k, n), [0], tree.node_hash

    def counted(left: bytes, right: bytes) -> bytes:
        made[0] += 1
        return real(left, right)

    monkeypatch.setattr(tree, "node_hash", counted)
    log.add(batch)
    # per level of tiles (8 levels of the tree): at most one tile completed, one partial one summed
    levels = (n + k).bit_length() // 8 + 1
    assert 0 < made[0] + (n + k == 1) <= k * 256 / 255 + 2 * 256 * levels


def test_a_tenfold_log_does_not_make_appending_tenfold(monkeypatch: pytest.MonkeyPatch) -> None:
    costs = []
    real = tree.node_hash
    for size in (7_000, 70_000):
        log, made = MemoryLog(), [0]
        log.add(leaves(size))

        def counted(left: bytes, right: bytes, made: list[int] = made) -> bytes:
            made[0] += 1
            return real(left, right)

        with monkeypatch.context() as patch:
            patch.setattr(tree, "node_hash", counted)
            log.add(leaves(100, size))
        costs.append(made[0])
    assert costs[1] < costs[0] + 2 * 256


@given(st.integers(1, 1400), st.data())
@settings(max_examples=150)
def test_every_index_proves_and_no_other(size: int, data: st.DataObject) -> None:
    index = data.draw(st.integers(0, size - 1))
    root, proof = tree.root_of(SAMPLE[:size]), tree.inclusion_proof(index, size, FULL)
    assert tree.verify_inclusion(SAMPLE[index], index, size, proof, root)
    other = data.draw(st.integers(-1, size + 1).filter(lambda i: i != index))
    assert not tree.verify_inclusion(SAMPLE[index], other, size, proof, root)
    assert not tree.verify_inclusion(SAMPLE[(index + 1) % 1400], index, size, proof, root)
    assert not tree.verify_inclusion(SAMPLE[index], index, size, [*proof, root], root)
    assert not tree.verify_inclusion(SAMPLE[index], index, size, proof, SAMPLE[0][::-1])
    for at in range(len(proof)):
        bad = [*proof[:at], proof[at][::-1], *proof[at + 1 :]]
        assert not tree.verify_inclusion(SAMPLE[index], index, size, bad, root)
        assert not tree.verify_inclusion(
            SAMPLE[index], index, size, proof[:at] + proof[at + 1 :], root
        )


def test_every_index_of_every_small_size_proves_itself_alone() -> None:
    for size in range(1, 20):
        root = tree.root_of(SAMPLE[:size])
        for index in range(size):
            proof = tree.inclusion_proof(index, size, FULL)
            proving = [
                i for i in range(size) if tree.verify_inclusion(SAMPLE[i], index, size, proof, root)
            ]
            holding = [
                i for i in range(size) if tree.verify_inclusion(SAMPLE[index], i, size, proof, root)
            ]
            assert proving == holding == [index]


@given(st.integers(0, 1400), st.integers(0, 1400))
@settings(max_examples=150)
def test_every_earlier_size_is_a_prefix_and_no_altered_one(one: int, other: int) -> None:
    old, new = sorted((one, other))
    roots = tree.root_of(SAMPLE[:old]), tree.root_of(SAMPLE[:new])
    proof = tree.consistency_proof(old, new, FULL)
    assert tree.verify_consistency(old, new, *roots, proof)
    assert not tree.verify_consistency(old, new, roots[0][::-1], roots[1], proof)
    if old:  # nothing is a prefix of everything
        assert not tree.verify_consistency(old, new, roots[0], roots[1][::-1], proof)
    assert not tree.verify_consistency(old, new, *roots, [*proof, roots[1]])
    for at in range(len(proof)):
        bad = [*proof[:at], proof[at][::-1], *proof[at + 1 :]]
        assert not tree.verify_consistency(old, new, *roots, bad)
        assert not tree.verify_consistency(old, new, *roots, proof[:at] + proof[at + 1 :])


def test_a_rewritten_history_has_no_consistency_proof() -> None:
    forged = MemoryLog()
    forged.add([*SAMPLE[:99], SAMPLE[500], *SAMPLE[100:300]])
    proof = tree.consistency_proof(200, 300, forged)
    old_root = tree.root_of(SAMPLE[:200])
    assert not tree.verify_consistency(200, 300, old_root, forged.root, proof)
    assert tree.verify_consistency(200, 300, tree.root(200, forged), forged.root, proof)


def test_two_roots_of_one_size_are_never_consistent() -> None:
    assert tree.verify_consistency(3, 3, SAMPLE[0], SAMPLE[0], [])
    assert not tree.verify_consistency(3, 3, SAMPLE[0], SAMPLE[1], [])
    assert not tree.verify_consistency(0, 0, SAMPLE[0], SAMPLE[0], [])
    assert not tree.verify_consistency(0, 0, tree.EMPTY_ROOT, SAMPLE[0], [])
    assert tree.verify_consistency(0, 0, tree.EMPTY_ROOT, tree.EMPTY_ROOT, [])
    assert not tree.verify_consistency(4, 3, SAMPLE[0], SAMPLE[0], [])


def test_proofs_outside_the_log_are_refused() -> None:
    for index, size in ((-1, 5), (5, 5), (0, 0)):
        with pytest.raises(LedgerError):
            tree.inclusion_proof(index, size, FULL)
    for old, new in ((-1, 5), (6, 5)):
        with pytest.raises(LedgerError):
            tree.consistency_proof(old, new, FULL)


def test_a_missing_short_or_overlong_tile_stops_the_work() -> None:
    for broken in (None, FULL.tiles[0, 0][:-32], FULL.tiles[0, 0] + bytes(32)):
        log = MemoryLog(size=256)
        if broken is not None:
            log.tiles[0, 0] = broken
        with pytest.raises(LedgerError, match="tile 0/0"):
            tree.inclusion_proof(0, 256, log)
    with pytest.raises(LedgerError, match="tile 0/0"):
        tree.append(5, SAMPLE[:1], MemoryLog())
    frayed = MemoryLog(tiles={(0, 0): FULL.tiles[0, 0][: 5 * 32 + 7]})
    with pytest.raises(LedgerError, match="tile 0/0"):
        tree.root(5, frayed)


def test_a_leaf_hash_of_another_length_is_refused() -> None:
    with pytest.raises(LedgerError):
        tree.append(0, [bytes(31)], MemoryLog())
    assert not tree.verify_inclusion(SAMPLE[0], 0, 2, [bytes(31)], tree.root_of(SAMPLE[:2]))


def test_the_tree_by_its_name_is_the_same_five_operations() -> None:
    log = MemoryLog()
    appended = tree.TileTree.append(0, SAMPLE[:300], log)
    log.tiles.update(appended.tiles)
    assert appended.root == tree.TileTree.root(300, log) == tree.root_of(SAMPLE[:300])
    assert tree.TileTree.inclusion_proof(7, 300, log) == tree.inclusion_proof(7, 300, FULL)
    assert tree.TileTree.consistency_proof(7, 300, log) == tree.consistency_proof(7, 300, FULL)
