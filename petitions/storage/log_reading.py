"""What the public pages of the log ask: read only, each answer proportional to what is shown."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from petitions.ledger.entries import EntryType
from petitions.storage import tables as t


@dataclass(frozen=True, slots=True)
class BatchRow:
    """One batch in which a petition's count can have moved; numbers are those of this batch."""

    number: int
    at: datetime
    signed: int
    withdrawn: int
    invalid: int
    valid: int
    """After the batch."""


def batches_of(
    session: Session, petition_id: UUID, log_id: int, *, before: int | None, limit: int
) -> list[BatchRow]:
    """Published batches of a petition, newest first; `before`: only those with smaller numbers."""
    count, batch = t.PetitionCount, t.LogBatch
    public = select(t.LogState.published_batch).where(t.LogState.log_id == log_id).scalar_subquery()
    query = (
        select(count, batch.at)
        .join(batch, (batch.batch_no == count.batch_no) & (batch.log_id == log_id))
        .where(count.petition_id == petition_id, count.batch_no <= public)
        .order_by(count.batch_no.desc())
        .limit(limit + 1)
    )
    if before is not None:
        query = query.where(count.batch_no < before)
    rows = session.execute(query).all()
    found = []
    for place, (row, at) in enumerate(rows[:limit]):
        older = rows[place + 1][0] if place + 1 < len(rows) else None
        found.append(
            BatchRow(
                row.batch_no, at,
                row.collected - (older.collected if older else 0),
                row.withdrawn - (older.withdrawn if older else 0),
                row.invalid - (older.invalid if older else 0),
                row.valid,
            )
        )  # fmt: skip
    return found


def batches_in_all(session: Session, petition_id: UUID) -> int:
    return (
        session.scalar(
            select(func.count())
            .select_from(t.PetitionCount)
            .where(t.PetitionCount.petition_id == petition_id)
        )
        or 0
    )


def removed_by_reason(session: Session, petition_id: UUID) -> dict[int, int]:
    rows = session.execute(
        select(t.RemovedLeaf.reason, func.count())
        .where(t.RemovedLeaf.petition_id == petition_id)
        .group_by(t.RemovedLeaf.reason)
    )
    return dict(rows.all())


def public_removals(session: Session, petition_id: UUID) -> list[t.Removal]:
    """Decisions that two people made, newest first; proposals are nobody's business yet."""
    return list(
        session.scalars(
            select(t.Removal)
            .where(t.Removal.petition_id == petition_id, t.Removal.confirmed_at.is_not(None))
            .order_by(t.Removal.confirmed_at.desc(), t.Removal.id)
        )
    )


def opening(session: Session, petition_id: UUID) -> t.PetitionSigning | None:
    return session.get(t.PetitionSigning, petition_id)


def sealing_of(session: Session, petition_id: UUID) -> t.Sealing | None:
    return session.get(t.Sealing, petition_id)


@dataclass(frozen=True, slots=True)
class LogStatus:
    log_id: int
    origin: str
    size: int
    batches: int
    last_batch: datetime | None
    """Time of the newest published batch, UTC."""
    root: bytes | None
    cosignatures: str
    pending: int
    """Signatures and withdrawals that wait for their batch."""
    due: datetime | None
    """By when the oldest of them must be in the log."""

    @property
    def witnesses(self) -> tuple[str, ...]:
        """Names of the keys that cosigned the newest checkpoint."""
        lines = self.cosignatures.splitlines()
        return tuple(dict.fromkeys(line.split(" ")[1] for line in lines if line.count(" ") == 2))


WAITING = tuple(int(kind) for kind in EntryType if 0x10 <= kind <= 0x19)


def statuses(session: Session) -> list[LogStatus]:
    """Every log of the deployment, newest first, as far as it is public."""
    found = []
    for state in session.scalars(select(t.LogState).order_by(t.LogState.log_id.desc())):
        newest = session.execute(
            select(t.Checkpoint, t.LogBatch.at)
            .join(
                t.LogBatch,
                (t.LogBatch.log_id == t.Checkpoint.log_id)
                & (t.LogBatch.batch_no == t.Checkpoint.batch_no),
            )
            .where(
                t.Checkpoint.log_id == state.log_id,
                t.Checkpoint.batch_no == state.published_batch,
            )
        ).one_or_none()
        pending, due = session.execute(
            select(func.count(), func.min(t.PendingEntry.due_at)).where(
                t.PendingEntry.log_id == state.log_id, t.PendingEntry.type.in_(WAITING)
            )
        ).one()
        checkpoint, at = newest if newest is not None else (None, None)
        found.append(
            LogStatus(
                state.log_id, state.origin, checkpoint.size if checkpoint else 0,
                state.published_batch, at, checkpoint.root if checkpoint else None,
                checkpoint.cosignatures if checkpoint else "", pending, due,
            )
        )  # fmt: skip
    return found
