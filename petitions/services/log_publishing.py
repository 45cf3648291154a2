"""From a committed batch to public files: fork guard, signature, tiles, counts, and last `checkpoint`.

Every step may be repeated: Ed25519 is deterministic, committed rows do not change, and files are
rewritten from the database under a temporary name. Pages show a count only once its batch is here.
"""

from __future__ import annotations

import json
import os
import re
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import date, datetime
from fcntl import LOCK_EX, LOCK_NB, flock
from functools import partial
from pathlib import Path
from uuid import UUID

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from petitions.ledger import tree
from petitions.ledger.tiles import encode_bundle, entries_path, files_between, tile_path
from petitions.services import public_figures
from petitions.services.key_papers import key_papers, log_vkeys
from petitions.services.log_keys import signed_checkpoint
from petitions.services.log_papers import papers
from petitions.services.log_sources import shown_checkpoint
from petitions.services.notices import texts_gone
from petitions.services.ports import House
from petitions.services.tally import LogStoppedError
from petitions.services.witnessing import NOBODY, Panel, newest_signed
from petitions.storage import log_rows as rows
from petitions.storage import tables as t
from petitions.storage.insertion import insert_statement

WIDTH = 256
_TAIL = 16 * 1024
_LINE = re.compile(r"[0-9]+ [0-9]+ [0-9a-f]{64}")
"""A line that a crash or a full disk cut off is none: nothing was signed after it."""


@dataclass(frozen=True, slots=True)
class Shelf:
    """Where the log is published, and the anchor that no database restore can turn back."""

    directory: Path
    anchor: Path
    durable: bool = True
    """Files reach the disk before anybody is told. Only a history that is being made up may wait."""

    def of(self, log_id: int) -> Path:
        return self.directory / str(log_id)


@contextmanager
def turn(shelf: Shelf, log_id: int) -> Iterator[bool]:
    """One worker at a time per log on this machine; False where another has its turn."""
    place = shelf.of(log_id)
    place.mkdir(parents=True, exist_ok=True)
    with (place / ".turn").open("a") as held:
        try:
            flock(held, LOCK_EX | LOCK_NB)
        except BlockingIOError:
            yield False
            return
        yield True


def _open_folder(place: Path) -> None:
    if not place.is_dir():
        _open_folder(place.parent)
        place.mkdir(exist_ok=True)
        place.chmod(0o755)


def write_file(path: Path, content: bytes, *, durable: bool = True) -> None:
    """Whole or not at all, and on the disk before anybody is told."""
    _open_folder(path.parent)
    temporary = path.with_name(f".{path.name}.{os.getpid()}")
    try:
        with temporary.open("wb") as out:
            out.write(content)
            out.flush()
            if durable:
                os.fsync(out.fileno())
        temporary.chmod(0o644)  # whoever serves the log may read it: everything here is public
        temporary.replace(path)
    except OSError:
        temporary.unlink(missing_ok=True)  # on a full disk half a file would take the last room
        raise


def guard_fork(session: Session, shelf: Shelf, log_id: int) -> None:
    """Every (size, root) that was ever published must be a prefix of what we hold now.

    Stops a restored or altered database before anything is appended, and before anything is signed.
    """
    state = session.get_one(t.LogState, log_id)
    anchored = last_anchored(shelf, log_id)
    shown = shown_checkpoint(shelf.of(log_id), state.origin)  # a second memory, beside the anchor
    if anchored is None and (shown is not None or state.published_batch > 0):
        raise LogStoppedError(
            f"log {log_id} was published before, but {shelf.anchor} does not name it: "
            "put the anchor file back from its own backup"
        )
    for known in (anchored, (shown[0].size, shown[0].root) if shown else None):
        if known is not None:
            _must_be_prefix(session, log_id, state.size, *known)


def _must_be_prefix(session: Session, log_id: int, held: int, size: int, root: bytes) -> None:
    if size > held:
        raise LogStoppedError(
            f"log {log_id}: {size} entries were published, the database holds {held}; "
            "a backup was restored: nothing is signed until `petitions log recover` has taken the "
            "published entries in again"
        )
    if tree.root(size, rows.DatabaseTiles(session, log_id)) != root:
        raise LogStoppedError(
            f"log {log_id}: the first {size} entries are not those published; "
            "`petitions log check` says what is spoilt and what to do"
        )


def last_anchored(shelf: Shelf, log_id: int) -> tuple[int, bytes] | None:
    """The newest whole line of this log, read from the end: the file grows by a line a batch."""
    if not shelf.anchor.exists():
        return None
    wanted = f"{log_id} "
    with shelf.anchor.open("rb") as held:
        end = held.seek(0, os.SEEK_END)
        span = min(end, _TAIL)
        while True:
            held.seek(end - span)
            text = held.read(span).decode("ascii", "replace")
            # Before the first line end a line may be cut off by us, after the last by a crash.
            whole = text[: text.rfind("\n") + 1].splitlines()[0 if span == end else 1 :]
            mine = [line for line in whole if line.startswith(wanted) and _LINE.fullmatch(line)]
            if mine:
                _log, size, root = mine[-1].split(" ")
                return int(size), bytes.fromhex(root)
            if span == end:
                return None
            span = min(end, span * 16)


def _append_anchor(shelf: Shelf, log_id: int, size: int, root: bytes) -> None:
    if last_anchored(shelf, log_id) == (size, root):
        return
    shelf.anchor.parent.mkdir(parents=True, exist_ok=True)
    with shelf.anchor.open("a+b") as out:
        if out.tell() > 0:
            out.seek(-1, os.SEEK_END)
            if out.read(1) != b"\n":  # a line cut off by a crash stays a line of its own
                out.write(b"\n")
        out.write(f"{log_id} {size} {root.hex()}\n".encode("ascii"))
        out.flush()
        if shelf.durable:
            os.fsync(out.fileno())


def sign_newest(session: Session, house: House, shelf: Shelf, log_id: int) -> bool:
    """Fork guard, anchor, then the signature. False where the newest checkpoint is signed."""
    newest = session.scalars(
        select(t.Checkpoint)
        .where(t.Checkpoint.log_id == log_id)
        .order_by(t.Checkpoint.size.desc())
        .limit(1)
    ).one_or_none()
    if newest is None or newest.note is not None:
        return False
    guard_fork(session, shelf, log_id)
    _append_anchor(shelf, log_id, newest.size, newest.root)
    origin = session.get_one(t.LogState, log_id).origin
    note = signed_checkpoint(session, house, newest, origin)
    session.execute(
        update(t.Checkpoint)
        .where(t.Checkpoint.log_id == log_id, t.Checkpoint.size == newest.size)
        .values(note=note)
    )
    return True


def publish_newest(
    session: Session,
    house: House,
    shelf: Shelf,
    log_id: int,
    panel: Panel = NOBODY,
    at: datetime | None = None,
) -> list[str]:
    """Write every file that the newest signed checkpoint needs; returns the paths written.

    `checkpoint` and `counts.json` move when enough witnesses vouch for them; the counts that pages
    show wait for that no longer than the panel says (`at`: now).
    """
    state = session.get_one(t.LogState, log_id)
    newest = newest_signed(session, log_id)
    if newest is None:
        return []
    enough = panel.enough(newest.note or "", newest.cosignatures)
    if newest.batch_no <= state.published_batch:
        return _vouched_for(session, house, shelf, panel, state, newest) if enough else []
    batch = session.get_one(t.LogBatch, (log_id, newest.batch_no))
    if not enough and at is not None and at - batch.at < panel.wait:
        return []
    old = session.scalar(
        select(t.Checkpoint.size).where(
            t.Checkpoint.log_id == log_id, t.Checkpoint.batch_no == state.published_batch
        )
    )
    place, written = shelf.of(log_id), []
    write = partial(write_file, durable=shelf.durable)
    for path, content in _tree_files(session, log_id, old or 0, newest.size):
        write(place / path, content)
        written.append(path)
    for path, content in papers(session, log_id, old or 0, newest.size):
        write(place / path, content)
        written.append(path)
    for path in texts_gone(session, log_id, old or 0, newest.size):
        (place / path).unlink(missing_ok=True)
    touched = rows.petitions_of_batches(session, log_id, state.published_batch, newest.batch_no)
    _show(session, log_id, state.published_batch, newest.batch_no, touched)
    public_figures.show(session, log_id, state.published_batch, newest.batch_no, touched)
    if panel.witnesses:
        write(place / "checkpoint-latest", _cosigned(newest))
        written.append("checkpoint-latest")
    session.execute(
        update(t.LogState)
        .where(t.LogState.log_id == log_id)
        .values(published_batch=newest.batch_no)
    )
    return [
        *written,
        *(_vouched_for(session, house, shelf, panel, state, newest) if enough else ()),
    ]


def _cosigned(checkpoint: t.Checkpoint) -> bytes:
    return f"{checkpoint.note or ''}{checkpoint.cosignatures}".encode()


def _vouched_for(
    session: Session,
    house: House,
    shelf: Shelf,
    panel: Panel,
    state: t.LogState,
    newest: t.Checkpoint,
) -> list[str]:
    """`policy`, `counts.json` and last `checkpoint`; nothing where they say this already."""
    place = shelf.of(state.log_id)
    with suppress(FileNotFoundError):
        if (place / "checkpoint").read_bytes() == _cosigned(newest):
            return []
    files = list(heads(session, house, panel, state, newest))
    for name, content in files:
        write_file(place / name, content, durable=shelf.durable)
    return [name for name, _content in files]


def heads(
    session: Session, house: House, panel: Panel, state: t.LogState, vouched: t.Checkpoint
) -> Iterator[tuple[str, bytes]]:
    """The files that change under their name, in the order in which readers must find them."""
    yield from key_papers(session, state, vouched.size)
    yield "policy", panel.policy(log_vkeys(session, house, state.log_id, vouched.size)).encode()
    yield "counts.json", _counts(session, state, vouched)
    if panel.witnesses:
        newest = newest_signed(session, state.log_id)
        yield "checkpoint-latest", _cosigned(newest or vouched)
    yield "checkpoint", _cosigned(vouched)


def _tree_files(session: Session, log_id: int, old: int, new: int) -> Iterator[tuple[str, bytes]]:
    tiles = rows.DatabaseTiles(session, log_id)
    for file in files_between(old, new):
        if file.level is None:
            first = file.n * WIDTH
            entries = session.scalars(
                select(t.LogEntry.entry)
                .where(
                    t.LogEntry.log_id == log_id,
                    t.LogEntry.idx >= first,
                    t.LogEntry.idx < first + file.width,
                )
                .order_by(t.LogEntry.idx)
            ).all()
            yield entries_path(file.n, file.width), encode_bundle(list(entries))
        else:
            hashes = tiles.tile(file.level, file.n) or b""
            yield tile_path(file.level, file.n, file.width), hashes[: 32 * file.width]


def _show(session: Session, log_id: int, after: int, upto: int, petitions: list[UUID]) -> None:
    """Move the figures that pages read: the newest count of each petition, and each day's last.

    Several batches may become public at once, after a fault: no day between them may be missing.
    """
    for petition_id in petitions:
        history = session.execute(
            select(t.PetitionCount, t.LogBatch.at)
            .join(
                t.LogBatch,
                (t.LogBatch.batch_no == t.PetitionCount.batch_no) & (t.LogBatch.log_id == log_id),
            )
            .where(
                t.PetitionCount.petition_id == petition_id,
                t.PetitionCount.batch_no > after,
                t.PetitionCount.batch_no <= upto,
            )
            .order_by(t.PetitionCount.batch_no)
        ).all()
        count, at = history[-1]
        shown = insert_statement(session, t.PublicCount).values(
            petition_id=petition_id, valid=count.valid, withdrawn=count.withdrawn,
            invalid=count.invalid, batch_no=count.batch_no, at=at,
        )  # fmt: skip
        fields = ("valid", "withdrawn", "invalid", "batch_no", "at")
        session.execute(
            shown.on_conflict_do_update(
                index_elements=["petition_id"],
                set_={name: getattr(shown.excluded, name) for name in fields},
            )
        )
        for day, valid in {at.date(): count.valid for count, at in history}.items():
            _show_day(session, petition_id, day, valid)


def _show_day(session: Session, petition_id: UUID, day: date, valid: int) -> None:
    shown = insert_statement(session, t.DailyCount).values(
        petition_id=petition_id, day=day, valid=valid
    )
    session.execute(
        shown.on_conflict_do_update(
            index_elements=["petition_id", "day"], set_={"valid": shown.excluded.valid}
        )
    )


def _counts(session: Session, state: t.LogState, newest: t.Checkpoint) -> bytes:
    rows_ = session.execute(
        select(t.PublicCount)
        .join(t.PetitionSigning, t.PetitionSigning.petition_id == t.PublicCount.petition_id)
        .where(t.PetitionSigning.log_id == state.log_id, t.PublicCount.batch_no > 0)
        .order_by(t.PublicCount.petition_id)
    ).scalars()
    content = {
        "origin": state.origin,
        "size": newest.size,
        "batch": newest.batch_no,
        "petitions": {
            str(r.petition_id): {
                "collected": r.valid - r.paper + r.withdrawn + r.invalid,
                "withdrawn": r.withdrawn,
                "invalid": r.invalid,
                "valid": r.valid - r.paper,
                "batch": r.batch_no,
                **({"paper": r.paper} if r.paper else {}),
                **({"certified": r.certified} if r.certified else {}),
            }
            for r in rows_
        },
    }
    return json.dumps(content, sort_keys=True, indent=1).encode() + b"\n"
