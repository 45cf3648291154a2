"""What the published folder must hold, file by file, as the database gives it; and putting that right.

The same list serves the check, which compares, and the rebuilding, which writes what differs: a file
that is as it must be is never touched.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session

from petitions.ledger.edge import Edge, strides
from petitions.ledger.entries import leaf_hash
from petitions.ledger.tiles import encode_bundle, entries_path, files_between, tile_path
from petitions.ledger.tree import HASH, WIDTH
from petitions.services.log_papers import papers
from petitions.services.log_publishing import Shelf, heads, write_file
from petitions.services.log_sources import from_database
from petitions.services.ports import House
from petitions.services.witnessing import Panel
from petitions.storage import tables as t

_File = tuple[str, bytes]


@dataclass(frozen=True, slots=True)
class Different:
    """A published file that is missing (`held` None) or not what it must be."""

    path: str
    content: bytes
    held: bytes | None

    @property
    def what(self) -> str:
        return f"the published file {self.path} is {'missing' if self.held is None else 'spoilt'}"


def differences(
    session: Session, house: House, shelf: Shelf, log_id: int, panel: Panel
) -> Iterator[Different]:
    """In the order in which they are written: what is found last is what names the others."""
    place = shelf.of(log_id)
    for path, content in _wanted(session, house, log_id, panel):
        try:
            held = (place / path).read_bytes()
        except FileNotFoundError:
            held = None
        if held != content:
            yield Different(path, content, held)


def mend(shelf: Shelf, log_id: int, found: Different) -> None:
    write_file(shelf.of(log_id) / found.path, found.content, durable=shelf.durable)


def published_checkpoint(session: Session, log_id: int) -> t.Checkpoint | None:
    """The signed checkpoint of the newest batch that pages show."""
    state = session.get_one(t.LogState, log_id, populate_existing=True)
    return session.scalars(
        select(t.Checkpoint).where(
            t.Checkpoint.log_id == log_id,
            t.Checkpoint.batch_no == state.published_batch,
            t.Checkpoint.note.is_not(None),
        )
    ).one_or_none()


def _wanted(session: Session, house: House, log_id: int, panel: Panel) -> Iterator[_File]:
    shown = published_checkpoint(session, log_id)
    if shown is None:
        return
    yield from tree_files(session, log_id, shown.size)
    yield from papers(session, log_id, 0, shown.size)
    if panel.enough(shown.note or "", shown.cosignatures):
        # else the heads still are those of an earlier state, which has witnesses enough
        state = session.get_one(t.LogState, log_id)
        yield from heads(session, house, panel, state, shown)


def tree_files(session: Session, log_id: int, size: int) -> Iterator[_File]:
    """Every bundle and tile of a log of `size` entries, computed from the entries alone."""
    edge, between = Edge(), from_database(session, log_id)
    for first, end in strides(size):
        entries = between(first, end)
        tiles = edge.add([leaf_hash(entry) for entry in entries])
        for start in range(0, len(entries), WIDTH):
            some = entries[start : start + WIDTH]
            yield entries_path((first + start) // WIDTH, len(some)), encode_bundle(some)
        for (level, n), hashes in sorted(tiles.items()):
            if len(hashes) == WIDTH * HASH:
                yield tile_path(level, n), hashes
    for file in files_between(0, size):
        if file.level is not None and file.width < WIDTH:
            hashes = edge.tile(file.level, file.n) or b""
            yield tile_path(file.level, file.n, file.width), hashes[: file.width * HASH]
