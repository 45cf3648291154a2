"""Whether one log still is what it was: every entry, tile, checkpoint, count, paper, and the anchor.

Nothing is changed here. Each fault names the place, what is wrong and what to do about it; how to tell a
spoilt tile from a spoilt entry is arithmetic: the signed root follows from one of the two.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from petitions.ledger import tree
from petitions.ledger.checkpoint import checkpoint_body
from petitions.ledger.encoding import LedgerError
from petitions.ledger.entries import BatchBorder, CountFields, EntryType, leaf_hash, parse
from petitions.ledger.notes import open_note
from petitions.services.log_publishing import Shelf, last_anchored
from petitions.services.log_sources import (
    Stride,
    announced_keys,
    from_database,
    must_be_signed,
    shown_checkpoint,
    walk,
)
from petitions.services.tally import LogStoppedError
from petitions.storage import log_rows as rows
from petitions.storage import tables as t


class Mend(StrEnum):
    """What an operator does about a fault."""

    REBUILD = "rebuild"
    """`petitions log rebuild`: it follows from the entries, which are good."""
    RECOVER = "recover"
    """`petitions log recover`: the database is older than what was published."""
    RESTORE = "restore"
    """Something that nothing else here can replace has to come from a backup."""


@dataclass(frozen=True, slots=True)
class Fault:
    what: str
    mend: Mend


@dataclass(slots=True)
class Health:
    """What the walk through a log found; `size` entries were read."""

    log_id: int
    origin: str
    size: int = 0
    roots: dict[int, bytes] = field(default_factory=dict)
    """The root at each size that was asked for, as the entries give it."""
    faults: list[Fault] = field(default_factory=list)
    keys: set[str] = field(default_factory=set)
    """Verifier keys of the log that its own entries announce."""

    counts: list[tuple[UUID, CountFields]] = field(default_factory=list)
    """COUNT entries whose batch is not over."""

    def fault(self, mend: Mend, what: str) -> None:
        self.faults.append(Fault(what, mend))


def check_database(session: Session, log_id: int, stops: tuple[int, ...] = ()) -> Health:
    """Entries, borders, counts, tiles, roots and signed checkpoints; the roots at `stops`."""
    state = session.get_one(t.LogState, log_id, populate_existing=True)
    health = Health(log_id, state.origin, roots={0: tree.EMPTY_ROOT})
    root, spoilt = tree.EMPTY_ROOT, set[tuple[int, int]]()
    try:
        for stride in walk(from_database(session, log_id), state.size, stops):
            health.size, root = stride.size, stride.root
            if stride.size in stops:
                health.roots[stride.size] = root
            health.keys |= announced_keys(stride.entries, state.origin)
            spoilt |= _spoilt_tiles(session, log_id, stride, last=stride.size == state.size)
            _judge_borders_and_counts(session, health, stride)
    except (LogStoppedError, LedgerError) as gone:
        health.fault(Mend.RESTORE, f"{gone}: restore a backup that has it, then recover")
        return health
    if root == state.root:
        for level, n in sorted(spoilt):
            health.fault(Mend.REBUILD, f"tile {level}/{n} of the database is missing or spoilt")
    else:
        _judge_entries(session, health, state, spoilt)
    if not health.faults:
        _judge_checkpoints(session, health, state)
    return health


def _spoilt_tiles(
    session: Session, log_id: int, stride: Stride, *, last: bool
) -> set[tuple[int, int]]:
    """Tiles of the database that are not what these entries give. Its wider ones are newer."""
    held: dict[tuple[int, int], bytes] = {}
    for level in {level for level, _n in stride.tiles}:
        wanted = [n for at, n in stride.tiles if at == level]
        found = session.execute(
            select(t.LogTile.n, t.LogTile.hashes).where(
                t.LogTile.log_id == log_id, t.LogTile.level == level, t.LogTile.n.in_(wanted)
            )
        )
        held |= {(level, n): bytes(hashes) for n, hashes in found}
    return {
        tile
        for tile, hashes in stride.tiles.items()
        if held.get(tile, b"")[: None if last else len(hashes)] != hashes
    }


def _judge_entries(
    session: Session, health: Health, state: t.LogState, spoilt: set[tuple[int, int]]
) -> None:
    """The entries do not give the root. Where the tiles do, they tell which entry was altered."""
    tiles = rows.DatabaseTiles(session, health.log_id)
    try:
        good = tree.root(state.size, tiles) == state.root
    except LedgerError:
        good = False
    if not good:
        health.fault(
            Mend.RESTORE,
            "neither the entries nor the tiles give the root of the database: restore a backup of the "
            "database, then recover",
        )
        return
    for n in sorted(n for level, n in spoilt if level == 0):
        hashes, first = tiles.tile(0, n) or b"", n * tree.WIDTH
        end = min(first + tree.WIDTH, state.size)
        for place, entry in enumerate(from_database(session, health.log_id)(first, end)):
            if hashes[32 * place : 32 * place + 32] != leaf_hash(entry):
                health.fault(
                    Mend.RESTORE,
                    f"entry {first + place} of the database was altered: restore a backup from before, "
                    "then recover",
                )


def _judge_borders_and_counts(session: Session, health: Health, stride: Stride) -> None:
    for raw in stride.entries:
        if raw[1] == EntryType.COUNT:
            counted = parse(raw)
            assert isinstance(counted.fields, CountFields)
            health.counts.append((counted.petition, counted.fields))
        elif raw[1] == EntryType.BATCH:
            border = parse(raw).fields
            assert isinstance(border, BatchBorder)
            _judge_border(session, health, border)
            health.counts.clear()


def _judge_border(session: Session, health: Health, border: BatchBorder) -> None:
    kept = session.get(t.LogBatch, (health.log_id, border.number))
    told = (border.first, border.entries, border.time)
    if kept is None or (kept.first, kept.entries, int(kept.at.timestamp())) != told:
        health.fault(Mend.RESTORE, f"the row of batch {border.number} is not its BATCH entry")
    for petition, fields in health.counts:
        row = session.get(t.PetitionCount, (petition, border.number))
        said = (fields.collected, fields.withdrawn, fields.invalid, fields.valid)
        if row is None or (row.collected, row.withdrawn, row.invalid, row.valid) != said:
            health.fault(
                Mend.RESTORE,
                f"the count of petition {petition} after batch {border.number} is not its COUNT entry",
            )


def _judge_checkpoints(session: Session, health: Health, state: t.LogState) -> None:
    tiles = rows.DatabaseTiles(session, health.log_id)
    listed = select(t.Checkpoint).where(t.Checkpoint.log_id == health.log_id)
    for row in session.scalars(listed.order_by(t.Checkpoint.size)):
        if row.size > state.size or tree.root(row.size, tiles) != row.root:
            health.fault(
                Mend.RESTORE, f"the checkpoint of size {row.size} has a root that the log never had"
            )
        elif row.note is not None and not _vouched(row.note, row, state.origin, health.keys):
            health.fault(
                Mend.RESTORE, f"the checkpoint of size {row.size} is not signed by a key of the log"
            )
    newest = session.scalar(
        select(func.max(t.Checkpoint.size)).where(t.Checkpoint.log_id == health.log_id)
    )
    if (newest or 0) != state.size:
        health.fault(Mend.RESTORE, "the newest checkpoint of the database is not of its last batch")


def _vouched(note: str, row: t.Checkpoint, origin: str, keys: set[str]) -> bool:
    try:
        return open_note(note, keys) == checkpoint_body(origin, row.size, row.root)
    except LedgerError:
        return False


def check_published(session: Session, shelf: Shelf, log_id: int) -> Health:
    """The database, and what the anchor and the published checkpoint say against it."""
    state = session.get_one(t.LogState, log_id, populate_existing=True)
    told: list[Fault] = []
    known: dict[str, tuple[int, bytes]] = {}
    text = ""
    anchored = last_anchored(shelf, log_id)
    if anchored is not None:
        known[str(shelf.anchor)] = anchored
    try:
        shown = shown_checkpoint(shelf.of(log_id), state.origin)
    except LogStoppedError as wrong:
        told.append(Fault(str(wrong), Mend.REBUILD))
    else:
        if shown is not None:
            known[str(shelf.of(log_id) / "checkpoint")], text = (
                (shown[0].size, shown[0].root),
                shown[1],
            )
        elif state.published_batch:
            told.append(Fault("the published checkpoint is missing", Mend.REBUILD))
    if anchored is None and (known or state.published_batch):
        told.append(Fault(f"{shelf.anchor} does not name log {log_id}: put it back from its own backup",
                          Mend.RESTORE))  # fmt: skip
    health = check_database(session, log_id, tuple(size for size, _root in known.values()))
    health.faults += told
    for name, (size, root) in known.items():
        _judge_memory(health, state.size, name, size, root)
    if text and health.keys:
        try:
            must_be_signed(text, health.keys)
        except LogStoppedError as wrong:
            health.fault(Mend.REBUILD, str(wrong))
    return health


def _judge_memory(health: Health, held: int, name: str, size: int, root: bytes) -> None:
    """The anchor, or the published checkpoint: each remembers a state of the log."""
    if size > held:
        health.fault(
            Mend.RECOVER,
            f"{name} names {size} entries, the database holds {held}: an older copy was restored",
        )
    elif health.roots.get(size, root) != root:
        health.fault(
            Mend.RESTORE,
            f"the first {size} entries of the database are not those that {name} names: restore a "
            "backup of the database from before, then recover",
        )
