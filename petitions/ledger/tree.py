"""RFC 9162 Merkle tree kept in tiles: appending, roots, proofs.

Geometry of C2SP tlog-tiles: a tile is 256 hashes wide (height 8); each hash of level L stands for
256^L leaves; a partial tile is not hashed into the level above. Rules: leaves are added at the
right edge only; a full tile is never rewritten; an append costs about one hash per new leaf and at
most two tiles' worth of hashes per level.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Final, Protocol

from petitions.ledger.encoding import LedgerError

HASH: Final = 32
HEIGHT: Final = 8
WIDTH: Final = 256
EMPTY_ROOT: Final = hashlib.sha256(b"").digest()


class TileSource(Protocol):
    def tile(self, level: int, n: int) -> bytes | None:
        """The tile's hashes one after another, in the widest form stored, or None."""
        ...


@dataclass(frozen=True, slots=True)
class Appended:
    """`tiles`: (level, n) → hashes; each is new or a partial tile that became wider."""

    new_size: int
    root: bytes
    tiles: dict[tuple[int, int], bytes]


def node_hash(left: bytes, right: bytes) -> bytes:
    """SHA-256(01 || left || right), RFC 9162 2.1.1."""
    return hashlib.sha256(b"\x01" + left + right).digest()


def root_of(leaf_hashes: Sequence[bytes]) -> bytes:
    """Root by the recursion of RFC 9162 2.1.1; for short lists and as the judge of the rest."""
    if not leaf_hashes:
        return EMPTY_ROOT
    if len(leaf_hashes) == 1:
        return leaf_hashes[0]
    k = split(len(leaf_hashes))
    return node_hash(root_of(leaf_hashes[:k]), root_of(leaf_hashes[k:]))


def split(n: int) -> int:
    """Largest power of two below n (n > 1): where RFC 9162 divides n leaves."""
    return 1 << ((n - 1).bit_length() - 1)


def append(size: int, leaf_hashes: Sequence[bytes], source: TileSource) -> Appended:
    """The tree of `size` leaves with these added. LedgerError if a tile of the right edge lacks."""
    if any(len(leaf) != HASH for leaf in leaf_hashes):
        raise LedgerError("a leaf hash is 32 bytes")
    reader = _Reader(source)
    tiles: dict[tuple[int, int], bytes] = {}
    level, before, added = 0, size, list(leaf_hashes)
    while added:
        n, width = divmod(before, WIDTH)
        hashes = reader.hashes(level, n, width) + added
        full: list[bytes] = []
        for start in range(0, len(hashes), WIDTH):
            piece = hashes[start : start + WIDTH]
            tiles[level, n + start // WIDTH] = b"".join(piece)
            if len(piece) == WIDTH:
                full.append(_perfect(piece))
        level, before, added = level + 1, before >> HEIGHT, full
    new_size = size + len(leaf_hashes)
    return Appended(new_size, root(new_size, _Over(tiles, reader)), tiles)


def root(size: int, source: TileSource) -> bytes:
    """Root of the first `size` leaves; older sizes too, since tiles only grow."""
    return _subtree(0, size, _Reader(source)) if size else EMPTY_ROOT


def inclusion_proof(index: int, size: int, source: TileSource) -> list[bytes]:
    """RFC 9162 2.1.3.1: from the leaf's sibling up to the root's child."""
    if not 0 <= index < size:
        raise LedgerError(f"no leaf {index} in a log of {size}")
    reader, low, high, proof = _Reader(source), 0, size, list[bytes]()
    while high - low > 1:
        middle = low + split(high - low)
        if index < middle:
            proof.append(_subtree(middle, high, reader))
            high = middle
        else:
            proof.append(_subtree(low, middle, reader))
            low = middle
    return proof[::-1]


def consistency_proof(old: int, new: int, source: TileSource) -> list[bytes]:
    """RFC 9162 2.1.4.1; empty where old is 0 or new, since there is nothing to prove."""
    if not 0 <= old <= new:
        raise LedgerError(f"a log of {new} has no earlier size {old}")
    if old in {0, new}:
        return []
    reader, low, high, proof = _Reader(source), 0, new, list[bytes]()
    while high != old:
        middle = low + split(high - low)
        if old <= middle:
            proof.append(_subtree(middle, high, reader))
            high = middle
        else:
            proof.append(_subtree(low, middle, reader))
            low = middle
    if low:  # low = 0: the old tree is itself a subtree, whose root the verifier has
        proof.append(_subtree(low, high, reader))
    return proof[::-1]


def verify_inclusion(
    leaf_hash: bytes, index: int, size: int, proof: Sequence[bytes], root: bytes
) -> bool:
    """RFC 9162 2.1.3.2."""
    if not 0 <= index < size:
        return False
    fn, sn, computed = index, size - 1, leaf_hash
    for p in proof:
        if sn == 0 or len(p) != HASH:
            return False
        if fn & 1 or fn == sn:
            computed = node_hash(p, computed)
            while not fn & 1 and fn:
                fn, sn = fn >> 1, sn >> 1
        else:
            computed = node_hash(computed, p)
        fn, sn = fn >> 1, sn >> 1
    return sn == 0 and computed == root


def verify_consistency(
    old: int, new: int, old_root: bytes, new_root: bytes, proof: Sequence[bytes]
) -> bool:
    """RFC 9162 2.1.4.2; from size 0 only the empty proof and the root of nothing are accepted."""
    if not 0 <= old <= new:
        return False
    if old in {0, new}:
        same = old_root == (new_root if old else EMPTY_ROOT)
        return not proof and same and (new > 0 or new_root == EMPTY_ROOT)
    path = [old_root, *proof] if old & (old - 1) == 0 else list(proof)
    if not proof or any(len(p) != HASH for p in path):
        return False
    fn, sn = old - 1, new - 1
    while fn & 1:
        fn, sn = fn >> 1, sn >> 1
    from_old = from_new = path[0]
    for p in path[1:]:
        if sn == 0:
            return False
        if fn & 1 or fn == sn:
            from_old, from_new = node_hash(p, from_old), node_hash(p, from_new)
            while not fn & 1 and fn:
                fn, sn = fn >> 1, sn >> 1
        else:
            from_new = node_hash(from_new, p)
        fn, sn = fn >> 1, sn >> 1
    return sn == 0 and from_old == old_root and from_new == new_root


class TileTree:
    """The five operations under one name, for callers that are handed a tree."""

    append = staticmethod(append)
    root = staticmethod(root)
    inclusion_proof = staticmethod(inclusion_proof)
    consistency_proof = staticmethod(consistency_proof)


@dataclass(frozen=True, slots=True)
class _Reader:
    """Each tile read once and checked for length."""

    source: TileSource
    seen: dict[tuple[int, int], bytes] = field(default_factory=dict)

    def tile(self, level: int, n: int) -> bytes:
        if (level, n) not in self.seen:
            self.seen[level, n] = self.source.tile(level, n) or b""
        return self.seen[level, n]

    def hashes(self, level: int, n: int, upto: int, start: int = 0) -> list[bytes]:
        if start == upto:
            return []
        tile = self.tile(level, n)
        if len(tile) < upto * HASH or len(tile) % HASH or len(tile) > WIDTH * HASH:
            raise LedgerError(f"tile {level}/{n} does not hold {upto} hashes")
        return [tile[i * HASH : (i + 1) * HASH] for i in range(start, upto)]


@dataclass(frozen=True, slots=True)
class _Over:
    """Tiles just written, over those of the source."""

    tiles: dict[tuple[int, int], bytes]
    under: TileSource

    def tile(self, level: int, n: int) -> bytes | None:
        return self.tiles.get((level, n)) or self.under.tile(level, n)


def _subtree(low: int, high: int, reader: _Reader) -> bytes:
    """Root of the leaves low..high, where low is a multiple of a power of two ≥ high − low."""
    perfect: list[bytes] = []
    while low < high:
        height = (high - low).bit_length() - 1
        perfect.append(_node(height, low >> height, reader))
        low += 1 << height
    result = perfect.pop()
    while perfect:
        result = node_hash(perfect.pop(), result)
    return result


def _node(height: int, i: int, reader: _Reader) -> bytes:
    """Root of the i-th perfect subtree of 2^height leaves."""
    level, within = divmod(height, HEIGHT)
    n, start = divmod(i << within, WIDTH)
    return _perfect(reader.hashes(level, n, start + (1 << within), start))


def _perfect(hashes: list[bytes]) -> bytes:
    while len(hashes) > 1:
        hashes = [node_hash(*pair) for pair in zip(hashes[::2], hashes[1::2], strict=True)]
    return hashes[0]
