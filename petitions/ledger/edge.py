"""A tree that remembers its right edge alone: ten million entries cost a few tiles of memory.

For whoever walks through a log from its first entry: checking, rebuilding, taking in what was published.
Rule: leaves come in order and once; whoever wants a tile that the edge has passed must have kept it.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Final

from petitions.ledger import tree

STEP: Final = 16 * tree.WIDTH
"""Entries in one stride: hashing the edge of the tree again then costs little beside the leaves."""


@dataclass(slots=True)
class Edge:
    """A tree source (`tile`) of the newest tile of each level, which is all that growing needs."""

    size: int = 0
    root: bytes = tree.EMPTY_ROOT
    _newest: dict[int, tuple[int, bytes]] = field(default_factory=dict)

    def tile(self, level: int, n: int) -> bytes | None:
        at, hashes = self._newest.get(level, (-1, b""))
        return hashes if at == n else None

    def add(self, leaf_hashes: Sequence[bytes]) -> dict[tuple[int, int], bytes]:
        """The tiles that are new or became wider: (level, n) → hashes."""
        grown = tree.append(self.size, leaf_hashes, self)
        for (level, n), hashes in grown.tiles.items():
            if n >= self._newest.get(level, (-1, b""))[0]:
                self._newest[level] = (n, hashes)
        self.size, self.root = grown.new_size, grown.root
        return grown.tiles


def strides(size: int, stops: Iterable[int] = ()) -> Iterator[tuple[int, int]]:
    """(first, end) from 0 to `size` in steps of `STEP`, cut at each of `stops` as well."""
    wanted = sorted({stop for stop in stops if 0 < stop < size} | {size})
    first = 0
    for stop in wanted:
        while first < stop:
            end = min(stop, first - first % STEP + STEP)
            yield first, end
            first = end
