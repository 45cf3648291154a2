"""One log, read from its first entry on: out of the database, or out of the published folder.

Both answer alike, so that checking, rebuilding and recovery can hold one beside the other. Memory is
that of one stride, whatever the length of the log.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy import select
from sqlalchemy.orm import Session

from petitions.ledger.checkpoint import Checkpoint, parse_checkpoint
from petitions.ledger.edge import Edge, strides
from petitions.ledger.encoding import LedgerError
from petitions.ledger.entries import EntryType, VKey, leaf_hash, parse
from petitions.ledger.notes import open_note, parse_vkey, split_note
from petitions.ledger.tiles import decode_bundle, entries_path
from petitions.ledger.tree import WIDTH
from petitions.services.logs import ROLE_LOG
from petitions.services.tally import LogStoppedError
from petitions.storage import tables as t

COPIES = (
    "put back a later backup of the database, or a copy of the folder that a mirror still holds"
)
REWRITE = "`petitions log rebuild` writes it again"
Between = Callable[[int, int], list[bytes]]
"""(first, end) → the entries from `first` up to `end`, that one not included; all of them."""


@dataclass(frozen=True, slots=True)
class Folder:
    """The published files of one log."""

    place: Path
    size: int
    """Entries that the bundles are read for: the last one may be a partial file of this size."""

    def between(self, first: int, end: int) -> list[bytes]:
        """LogStoppedError names the file that lacks or does not hold what its name says."""
        found: list[bytes] = []
        for n in range(first // WIDTH, -(-end // WIDTH)):
            found += self.bundle(n)
        skipped = first % WIDTH
        return found[skipped : skipped + end - first]

    def bundle(self, n: int) -> list[bytes]:
        width = min(WIDTH, self.size - n * WIDTH)
        # a full file may have taken the place of the partial one
        for name in dict.fromkeys((entries_path(n, width), entries_path(n))):
            try:
                entries = decode_bundle((self.place / name).read_bytes())
            except FileNotFoundError:
                continue
            except LedgerError:
                entries = []
            if len(entries) < width:
                raise LogStoppedError(
                    f"{self.place / name} does not hold {width} entries: {COPIES}"
                )
            return entries[:width]
        raise LogStoppedError(f"{self.place / entries_path(n, width)} is missing: {COPIES}")


def from_database(session: Session, log_id: int) -> Between:
    """LogStoppedError names the first entry that is missing."""

    def between(first: int, end: int) -> list[bytes]:
        entry = t.LogEntry
        rows = session.execute(
            select(entry.idx, entry.entry)
            .where(entry.log_id == log_id, entry.idx >= first, entry.idx < end)
            .order_by(entry.idx)
        ).all()
        if len(rows) != end - first:
            held = {idx for idx, _entry in rows}
            gone = next(idx for idx in range(first, end) if idx not in held)
            raise LogStoppedError(f"log {log_id}: entry {gone} is not in the database")
        return [bytes(raw) for _idx, raw in rows]

    return between


@dataclass(frozen=True, slots=True)
class Stride:
    """Some entries and what the tree became by them."""

    first: int
    entries: list[bytes]
    tiles: dict[tuple[int, int], bytes]
    size: int
    root: bytes


def walk(between: Between, size: int, stops: tuple[int, ...] = ()) -> Iterator[Stride]:
    """From the first entry to `size`; a stride ends at each of `stops`, where its root is wanted."""
    edge = Edge()
    for first, end in strides(size, stops):
        entries = between(first, end)
        tiles = edge.add([leaf_hash(entry) for entry in entries])
        yield Stride(first, entries, tiles, edge.size, edge.root)


def shown_checkpoint(place: Path, origin: str) -> tuple[Checkpoint, str] | None:
    """What the published `checkpoint` says, and its text; None where there is no such file.

    LogStoppedError where it is no checkpoint of this log. Signatures are not checked here.
    """
    path = place / "checkpoint"
    try:
        text = path.read_text(encoding="utf-8")
    except FileNotFoundError:
        return None
    except UnicodeDecodeError:
        raise LogStoppedError(f"{path} is no checkpoint; {REWRITE}") from None
    try:
        shown = parse_checkpoint(split_note(text)[0])
    except LedgerError as wrong:
        raise LogStoppedError(f"{path} is no checkpoint ({wrong}); {REWRITE}") from None
    if shown.origin != origin:
        raise LogStoppedError(f"{path} names {shown.origin}, this log is {origin}")
    return shown, text


def announced_keys(entries: list[bytes], origin: str) -> set[str]:
    """The log's own Ed25519 verifier keys that VKEY entries among these name."""
    found = set()
    for raw in entries:
        if raw[1] == EntryType.VKEY:
            fields = parse(raw).fields
            assert isinstance(fields, VKey)
            if fields.role == ROLE_LOG and _is_ed25519(fields.vkey, origin):
                found.add(fields.vkey)
    return found


def _is_ed25519(vkey: str, origin: str) -> bool:
    try:
        return parse_vkey(vkey)[0] == origin
    except LedgerError:  # the second line's key, ML-DSA-44
        return False


def must_be_signed(text: str, vkeys: set[str]) -> None:
    """LogStoppedError unless a key that the log itself announced vouches for this checkpoint."""
    try:
        open_note(text, vkeys)
    except LedgerError as wrong:
        raise LogStoppedError(
            f"the published checkpoint is not signed by the log: {wrong}"
        ) from None
