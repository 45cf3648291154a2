"""A tree grown along its right edge is the tree, and remembers next to nothing."""

from __future__ import annotations

import hashlib
from itertools import pairwise

import pytest

from petitions.ledger import tree
from petitions.ledger.edge import STEP, Edge, strides
from petitions.ledger.tiles import files_between

SIZE = 70_000
"""More than 256 full tiles: three levels."""
LEAVES = [hashlib.sha256(b"%d" % number).digest() for number in range(SIZE)]


@pytest.mark.parametrize("step", [1000, STEP, SIZE])
def test_growing_in_pieces_gives_every_tile_and_the_same_root(step: int) -> None:
    edge, tiles = Edge(), dict[tuple[int, int], bytes]()
    for first in range(0, SIZE, step):
        tiles |= edge.add(LEAVES[first : first + step])
    whole = Edge()
    assert tiles == whole.add(LEAVES)
    assert (edge.size, edge.root) == (SIZE, whole.root)
    for file in files_between(0, SIZE):
        if file.level is not None:
            assert len(tiles[file.level, file.n]) == 32 * file.width
    assert b"".join(LEAVES[:256]) == tiles[0, 0]


def test_each_state_on_the_way_has_its_own_root() -> None:
    edge, seen = Edge(), {}
    assert edge.root == tree.EMPTY_ROOT
    for first, end in strides(1000, stops=(1, 255, 256, 257, 999)):
        edge.add(LEAVES[first:end])
        seen[edge.size] = edge.root
    assert list(seen) == [1, 255, 256, 257, 999, 1000]
    assert seen == {size: tree.root_of(LEAVES[:size]) for size in seen}


def test_only_the_newest_tile_of_each_level_is_kept() -> None:
    edge = Edge()
    for first in range(0, SIZE, STEP):
        edge.add(LEAVES[first : first + STEP])
    kept = [(level, n) for level in range(4) for n in range(300) if edge.tile(level, n)]
    assert kept == [(0, 273), (1, 1), (2, 0)]


def test_strides_cover_everything_once_and_end_where_they_are_told() -> None:
    for size, stops in ((0, ()), (1, (0, 1, 5)), (3 * STEP + 7, (5, STEP, STEP + 1, 10**9))):
        found = list(strides(size, stops))
        assert [first for first, _end in found] == [0, *(end for _first, end in found)][:-1]
        assert not found or found[-1][1] == size
        assert all(first < end for first, end in found)
        assert all(one[1] == other[0] for one, other in pairwise(found))
        ends = {end for _first, end in found}
        assert {stop for stop in stops if 0 < stop < size} <= ends
