"""Statements of the tally worker. Bulk, in key order, proportional to the batch."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import cast
from uuid import UUID

from sqlalchemy import Table, and_, delete, func, insert, or_, select, text, update
from sqlalchemy.orm import Session

from petitions.ledger.batch import AreaChange, Batch, Count, PendingEntry
from petitions.ledger.entries import LOG_WIDE, EntryType
from petitions.platform.database import is_sqlite
from petitions.storage import tables as t
from petitions.storage.insertion import insert_statement
from petitions.storage.signing_rows import leaf_index

WAITING = (*(int(kind) for kind in EntryType if 0x10 <= kind <= 0x19), int(EntryType.CLOSE))
"""Types that integrate per petition: signatures, withdrawals, and the CLOSE that ends them."""
_KINDS = {int(kind): kind for kind in EntryType}
"""Looked up a million times: calling the enumeration costs more than the rest of a row."""


@dataclass(frozen=True, slots=True)
class LogHead:
    log_id: int
    origin: str
    size: int
    batch_no: int
    last_at: datetime | None


def locked_head(session: Session, log_id: int) -> LogHead:
    """The log's state, held until commit: two workers append one after the other."""
    row = session.execute(
        select(t.LogState.origin, t.LogState.size, t.LogState.batch_no)
        .where(t.LogState.log_id == log_id)
        .with_for_update()
    ).one()
    last = session.scalar(
        select(t.LogBatch.at).where(
            t.LogBatch.log_id == log_id, t.LogBatch.batch_no == row.batch_no
        )
    )
    return LogHead(log_id, row.origin, row.size, row.batch_no, last)


def due_petitions(
    session: Session,
    log_id: int,
    at: datetime,
    batch_min: int,
    cooling: Collection[UUID] = frozenset(),
) -> list[UUID]:
    """Petitions with enough pending, with one that waited long enough, or being closed.

    `cooling`: petitions whose entries each wait for their own time, until they are being closed.
    """
    pending = t.PendingEntry
    closes = func.max(pending.type) == int(EntryType.CLOSE)
    found = session.scalars(
        select(pending.petition_id)
        .where(pending.log_id == log_id, pending.type.in_(WAITING))
        .group_by(pending.petition_id)
        .having(
            or_(
                and_(
                    pending.petition_id.not_in(cooling),
                    or_(func.count() >= batch_min, func.min(pending.due_at) <= at),
                ),
                closes,
            )
        )
    )
    return list(found)


def take_pending(
    session: Session,
    log_id: int,
    due: Sequence[UUID],
    at: datetime,
    cooling: Collection[UUID] = frozenset(),
) -> list[PendingEntry]:
    """Remove and return what goes into this batch; other types go at their own due time, and so does
    everything of a petition whose signatures cool off.
    """
    pending = t.PendingEntry
    rows = session.execute(
        delete(pending)
        .where(
            pending.log_id == log_id,
            or_(
                pending.petition_id.in_(due),
                and_(pending.type.not_in(WAITING), pending.due_at <= at),
                and_(pending.petition_id.in_(cooling), pending.due_at <= at),
            ),
        )
        .returning(
            pending.petition_id,
            pending.type,
            pending.body,
            pending.secret,
            pending.area,
            pending.classes,
        )
        .execution_options(synchronize_session=False)
    )
    return [
        PendingEntry(p, _KINDS[kind], bytes(body), secret, area, tuple(classes))
        for p, kind, body, secret, area, classes in rows
    ]


def last_counts(session: Session, petitions: Iterable[UUID]) -> dict[UUID, Count]:
    wanted = [p for p in petitions if p != LOG_WIDE]
    newest = (
        select(t.PetitionCount.petition_id, func.max(t.PetitionCount.batch_no).label("batch_no"))
        .where(t.PetitionCount.petition_id.in_(wanted))
        .group_by(t.PetitionCount.petition_id)
        .subquery()
    )
    rows = session.execute(
        select(t.PetitionCount).join(
            newest,
            and_(
                t.PetitionCount.petition_id == newest.c.petition_id,
                t.PetitionCount.batch_no == newest.c.batch_no,
            ),
        )
    ).scalars()
    return {r.petition_id: Count(r.collected, r.withdrawn, r.invalid) for r in rows}


class DatabaseArchive:
    """The ledger's questions about earlier batches, answered by the tables."""

    def __init__(self, session: Session, log_id: int) -> None:
        self._session, self._log = session, log_id

    def index_of(self, petition: UUID, target: bytes) -> int | None:
        return leaf_index(self._session, petition, target)

    def entry_at(self, index: int) -> bytes | None:
        return self._session.scalar(
            select(t.LogEntry.entry).where(t.LogEntry.log_id == self._log, t.LogEntry.idx == index)
        )

    def is_removed(self, index: int) -> bool:
        return self._session.get(t.RemovedLeaf, (self._log, index)) is not None

    def is_withdrawn(self, petition: UUID, mark: bytes) -> bool:
        return self._session.get(t.Withdrawal, (petition, mark)) is not None


class DatabaseTiles:
    def __init__(self, session: Session, log_id: int) -> None:
        self._session, self._log = session, log_id

    def tile(self, level: int, n: int) -> bytes | None:
        return self._session.scalar(
            select(t.LogTile.hashes).where(
                t.LogTile.log_id == self._log, t.LogTile.level == level, t.LogTile.n == n
            )
        )


def write_entries(session: Session, log_id: int, batch: Batch) -> None:
    rows = [
        {"log_id": log_id, "idx": index, "batch_no": batch.number, "entry": entry}
        for index, entry in enumerate(batch.entries, batch.first)
    ]
    if is_sqlite(session):
        table = cast("Table", t.LogEntry.__table__)
        session.connection().execute(insert(table), rows)  # no objects are made
        return
    driver = session.connection().connection.driver_connection
    assert driver is not None
    with (
        driver.cursor() as cursor,
        cursor.copy(
            "COPY log_entry (log_id, idx, batch_no, entry) FROM STDIN (FORMAT BINARY)"
        ) as out,
    ):
        out.set_types(["int2", "int8", "int8", "bytea"])
        for row in rows:
            out.write_row((row["log_id"], row["idx"], row["batch_no"], row["entry"]))


def write_tiles(session: Session, log_id: int, tiles: dict[tuple[int, int], bytes]) -> None:
    if not tiles:
        return
    statement = insert_statement(session, t.LogTile)
    statement = statement.on_conflict_do_update(
        index_elements=["log_id", "level", "n"], set_={"hashes": statement.excluded.hashes}
    )
    session.execute(
        statement,
        [
            {"log_id": log_id, "level": level, "n": n, "hashes": hashes}
            for (level, n), hashes in sorted(tiles.items())
        ],
    )


def write_counts(session: Session, batch: Batch) -> None:
    if batch.counts:
        session.execute(
            insert(t.PetitionCount),
            [
                {
                    "petition_id": petition,
                    "batch_no": batch.number,
                    "collected": count.collected,
                    "withdrawn": count.withdrawn,
                    "invalid": count.invalid,
                    "valid": count.valid,
                }
                for petition, count in sorted(batch.counts.items())
            ],
        )
    for withdrawal in batch.withdrawals:
        session.execute(
            insert(t.Withdrawal).values(
                petition_id=withdrawal.petition, mark=withdrawal.mark, opening=withdrawal.opening
            )
        )


def write_removals(session: Session, log_id: int, batch: Batch) -> None:
    for removal in batch.removals:
        session.execute(
            insert(t.RemovedLeaf).values(
                log_id=log_id,
                idx=removal.index,
                petition_id=removal.petition,
                reason=removal.reason,
            )
        )


def add_areas(session: Session, areas: dict[tuple[UUID, str, str], AreaChange]) -> None:
    if not areas:
        return
    statement = insert_statement(session, t.AreaTally)
    statement = statement.on_conflict_do_update(
        index_elements=["petition_id", "area", "class"],
        set_={
            "signed": t.AreaTally.signed + statement.excluded.signed,
            "withdrawn": t.AreaTally.withdrawn + statement.excluded.withdrawn,
        },
    )
    session.execute(
        statement,
        [
            {
                "petition_id": petition,
                "area": area,
                "counting_class": group,
                "signed": change.signed,
                "withdrawn": change.withdrawn,
            }
            for (petition, area, group), change in sorted(areas.items())
        ],
    )


def advance_head(session: Session, head: LogHead, size: int, root: bytes, batch_no: int) -> bool:
    """False: somebody else moved the log although we hold its row; nothing may be committed."""
    moved = session.execute(
        update(t.LogState)
        .where(t.LogState.log_id == head.log_id, t.LogState.size == head.size)
        .values(size=size, root=root, batch_no=batch_no)
        .returning(t.LogState.log_id)
    ).first()
    return moved is not None


def settle_published(session: Session, log_id: int) -> bool:
    """T2 for every batch that is public and not settled yet; False where there is none."""
    state = session.execute(
        select(t.LogState.settled_batch, t.LogState.published_batch).where(
            t.LogState.log_id == log_id
        )
    ).one()
    if state.settled_batch >= state.published_batch:
        return False
    done, upto = state.settled_batch, state.published_batch
    settle(session, petitions_of_batches(session, log_id, done, upto))
    session.execute(
        update(t.LogState).where(t.LogState.log_id == log_id).values(settled_batch=upto)
    )
    return True


def settle(session: Session, petitions: Sequence[UUID]) -> None:
    """Lay signatures down in the order of their tags, in one transaction: heap order and xmin then
    tell nothing of the order of arrival inside the batch.
    """
    wanted = [p for p in petitions if p != LOG_WIDE]
    if not wanted:
        return
    if is_sqlite(session):
        _settle_sqlite(session, wanted)
        return
    session.execute(
        text(
            "WITH fresh AS (SELECT petition_id, tag FROM signature"
            "  WHERE petition_id = ANY(:petitions) AND NOT settled FOR UPDATE SKIP LOCKED),"
            " moved AS (DELETE FROM signature s USING fresh f"
            "  WHERE s.petition_id = f.petition_id AND s.tag = f.tag RETURNING s.*)"
            " INSERT INTO signature (petition_id, tag, standing, link, cycles, settled)"
            " SELECT petition_id, tag, standing, link, cycles, true FROM moved"
            " ORDER BY petition_id, tag"
        ),
        {"petitions": wanted},
    )


def _settle_sqlite(session: Session, petitions: Sequence[UUID]) -> None:
    """Stored by key, and yet inside a page of the file cells lie as they came: lay them anew."""
    rows = t.Signature.__table__
    fresh = delete(t.Signature).where(
        t.Signature.petition_id.in_(petitions), t.Signature.settled.is_(False)
    )
    # executed on the connection: the session's own objects are not asked
    moved = session.connection().execute(fresh.returning(*rows.c)).mappings().all()
    if moved:
        laid = sorted(
            ({**row, "settled": True} for row in moved),
            key=lambda row: (row["petition_id"].bytes, row["tag"]),
        )
        session.connection().execute(insert(t.Signature), laid)


def petitions_of_batches(session: Session, log_id: int, after: int, upto: int) -> list[UUID]:
    """Petitions whose count stands in one of the batches (after, upto] of this log."""
    return list(
        session.scalars(
            select(t.PetitionCount.petition_id)
            .join(t.PetitionSigning, t.PetitionSigning.petition_id == t.PetitionCount.petition_id)
            .where(
                t.PetitionSigning.log_id == log_id,
                t.PetitionCount.batch_no > after,
                t.PetitionCount.batch_no <= upto,
            )
            .distinct()
        )
    )
