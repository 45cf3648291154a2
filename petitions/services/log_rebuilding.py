"""Tiles and files computed anew from the entries of the database; what is good is left alone.

Refused unless the entries are those that were published: a wrong tree must never be written out.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from sqlalchemy.orm import Session

from petitions.ledger.tree import HASH, WIDTH
from petitions.services.log_check import Health, Mend, check_published
from petitions.services.log_publishing import Shelf
from petitions.services.log_shelf import differences, mend
from petitions.services.log_sources import from_database, walk
from petitions.services.ports import House
from petitions.services.tally import LogStoppedError
from petitions.services.witnessing import NOBODY, Panel
from petitions.storage import log_rows as rows
from petitions.storage import tables as t


@dataclass(slots=True)
class Rebuilt:
    tiles: list[str] = field(default_factory=list)
    """Of the database, as level/number."""
    files: list[str] = field(default_factory=list)
    """Published ones, as paths inside the log's folder."""


def rebuild(
    session: Session, house: House, shelf: Shelf, log_id: int, panel: Panel = NOBODY
) -> Rebuilt:
    """The caller holds the log's turn and commits. LogStoppedError: refused, nothing was written."""
    health = check_published(session, shelf, log_id)
    _refuse_what_only_a_person_can_mend(health)
    done = Rebuilt()
    _tiles(session, log_id, health.size, done)
    for found in differences(session, house, shelf, log_id, panel):
        mend(shelf, log_id, found)
        done.files.append(found.path)
    return done


def _refuse_what_only_a_person_can_mend(health: Health) -> None:
    for fault in health.faults:
        if fault.mend is Mend.RECOVER:
            raise LogStoppedError(f"{fault.what}; run `petitions log recover`, not this")
        if fault.mend is Mend.RESTORE:
            raise LogStoppedError(f"{fault.what}; nothing was written")


def _tiles(session: Session, log_id: int, size: int, done: Rebuilt) -> None:
    growing: dict[tuple[int, int], bytes] = {}
    for stride in walk(from_database(session, log_id), size):
        growing |= stride.tiles
        whole = {tile: got for tile, got in growing.items() if len(got) == WIDTH * HASH}
        _put(session, log_id, whole, done)
        growing = {tile: got for tile, got in growing.items() if tile not in whole}
    _put(session, log_id, growing, done)


def _put(session: Session, log_id: int, tiles: dict[tuple[int, int], bytes], done: Rebuilt) -> None:
    held = rows.DatabaseTiles(session, log_id)
    wrong = {tile: hashes for tile, hashes in tiles.items() if held.tile(*tile) != hashes}
    rows.write_tiles(session, log_id, wrong)
    done.tiles += [f"{level}/{n}" for level, n in sorted(wrong)]


def logs_of(session: Session, only: int | None) -> list[int]:
    """The logs of this deployment, oldest first; LogStoppedError where there is none of that year."""
    listed = sorted(state.log_id for state in session.query(t.LogState))
    if only is not None and only not in listed:
        raise LogStoppedError(f"there is no log {only}; there are {listed or 'none'}")
    return [only] if only is not None else listed
