"""Names and contents of the published files (C2SP tlog-tiles).

`tile/<L>/<N>[.p/<W>]` holds hashes, `tile/entries/<N>[.p/<W>]` the entries behind level 0. Rule: a
partial file keeps its name for ever; growing by one entry makes another file, so caches never lie.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from petitions.ledger.encoding import LedgerError, be2
from petitions.ledger.tree import HEIGHT, WIDTH

MAX_LEVEL = 63


@dataclass(frozen=True, slots=True)
class PublishedFile:
    """One tile, or with level None one bundle of entries; `width` 256 is a full one."""

    level: int | None
    n: int
    width: int

    @property
    def path(self) -> str:
        if self.level is None:
            return entries_path(self.n, self.width)
        return tile_path(self.level, self.n, self.width)


def tile_path(level: int, n: int, width: int = WIDTH) -> str:
    """`tile/0/x001/067.p/112`: tile 1067 of level 0 with 112 hashes."""
    if not 0 <= level <= MAX_LEVEL:
        raise LedgerError(f"no tile level {level}")
    return f"tile/{level}/{_numbered(n, width)}"


def entries_path(n: int, width: int = WIDTH) -> str:
    """`tile/entries/x001/067`: entries 1067 * 256 and the 255 after it."""
    return f"tile/entries/{_numbered(n, width)}"


def encode_bundle(entries: Sequence[bytes]) -> bytes:
    """Each entry as 2-byte big-endian length || bytes."""
    return b"".join(be2(len(entry)) + entry for entry in entries)


def decode_bundle(bundle: bytes) -> list[bytes]:
    """The entries; LedgerError if the last one is cut short."""
    entries: list[bytes] = []
    at = 0
    while at < len(bundle):
        start = at + 2
        at = start + int.from_bytes(bundle[at:start], "big")
        if at > len(bundle):
            raise LedgerError("a bundle ends inside an entry")
        entries.append(bundle[start:at])
    return entries


def files_between(old: int, new: int) -> Iterator[PublishedFile]:
    """What must be published when the log moves from `old` to `new` leaves, bundles first.

    Only the right edge: as many files as new tiles, and at most one partial file per level.
    """
    if not 0 <= old <= new:
        raise LedgerError(f"a log of {new} has no earlier size {old}")
    yield from _widened(None, old, new)
    level = 0
    while new > old:
        yield from _widened(level, old, new)
        level, old, new = level + 1, old >> HEIGHT, new >> HEIGHT


def _widened(level: int | None, old: int, new: int) -> Iterator[PublishedFile]:
    if old < new:
        for n in range(old // WIDTH, (new - 1) // WIDTH + 1):
            yield PublishedFile(level, n, min(WIDTH, new - n * WIDTH))


def _numbered(n: int, width: int) -> str:
    if n < 0 or not 1 <= width <= WIDTH:
        raise LedgerError(f"no tile {n} of width {width}")
    name = f"{n % 1000:03}"
    while n >= 1000:
        n //= 1000
        name = f"x{n % 1000:03}/{name}"
    return name if width == WIDTH else f"{name}.p/{width}"
