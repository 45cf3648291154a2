"""What is handed out in bulk: every listed petition, in the order of references, some at a time.

The same conditions as the public list (`reading`), so that nothing is handed out that it does not show.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from petitions.storage import paper_rows, reading
from petitions.storage.reading import Question, Row
from petitions.storage.tables import (
    AreaMap,
    DailyCount,
    Decision,
    LogBatch,
    Outcome,
    Petition,
    PetitionCount,
    PetitionSigning,
    PetitionText,
    PublicCount,
)

__all__ = [
    "after", "batches_of", "counts_by_day", "maps_of", "outcomes", "sitemap_parts", "sitemap_rows",
    "texts",
]  # fmt: skip


def after(session: Session, question: Question, reference: str, limit: int) -> list[Row]:
    """The petitions whose reference comes after `reference`, ascending: a cursor that never skips."""
    more = (Petition.reference > reference,) if reference else ()
    statement = (
        reading.matching(question)
        .where(*more)
        .order_by(None)
        .order_by(Petition.reference)
        .limit(limit)
    )
    return [Row(petition, text, count) for petition, text, count in session.execute(statement)]


def sitemap_parts(session: Session, question: Question, size: int) -> list[date]:
    """The newest change in each part of `size` petitions."""
    days = _days(session, question)
    return [max(days[at : at + size]) for at in range(0, len(days), size)]


def _days(session: Session, question: Question) -> list[date]:
    statement = reading.matching(question).with_only_columns(Petition.state_since)
    rows = session.scalars(statement.order_by(None).order_by(Petition.reference))
    return [at.date() for at in rows]


def sitemap_rows(
    session: Session, question: Question, size: int, number: int
) -> list[tuple[str, str, date]]:
    """(reference, state, day of the last change) of one part."""
    statement = reading.matching(question).with_only_columns(
        Petition.reference, Petition.state, Petition.state_since
    )
    rows = session.execute(
        statement.order_by(None).order_by(Petition.reference).offset(number * size).limit(size)
    )
    return [(str(ref), state, at.date()) for ref, state, at in rows]


def texts(session: Session, ids: Iterable[UUID]) -> dict[UUID, dict[str, PetitionText]]:
    found: dict[UUID, dict[str, PetitionText]] = {}
    for row in session.scalars(select(PetitionText).where(PetitionText.petition_id.in_(list(ids)))):
        found.setdefault(row.petition_id, {})[row.language] = row
    return found


def counts_by_day(session: Session, ids: Iterable[UUID]) -> dict[UUID, list[tuple[date, int]]]:
    """(day, valid at its end), days ascending."""
    found: dict[UUID, list[tuple[date, int]]] = {}
    rows = session.execute(
        select(DailyCount.petition_id, DailyCount.day, DailyCount.valid)
        .where(DailyCount.petition_id.in_(list(ids)))
        .order_by(DailyCount.petition_id, DailyCount.day)
    )
    for petition_id, day, valid in rows:
        found.setdefault(petition_id, []).append((day, valid))
    return found


def maps_of(session: Session, ids: Iterable[UUID]) -> dict[UUID, AreaMap]:
    """The newest public map of each petition that has one."""
    found = {each: paper_rows.shown_map(session, each) for each in ids}
    return {each: row for each, row in found.items() if row is not None}


def outcomes(session: Session, ids: Iterable[UUID]) -> Sequence[Outcome]:
    return session.scalars(
        select(Outcome).where(Outcome.petition_id.in_(list(ids))).order_by(Outcome.at)
    ).all()


def refusals(session: Session, ids: Iterable[UUID]) -> Sequence[Decision]:
    return session.scalars(
        select(Decision).where(Decision.petition_id.in_(list(ids))).order_by(Decision.at)
    ).all()


def batches_of(session: Session, petition_id: UUID) -> list[tuple[object, int]]:
    """(time of the batch, valid after it), ascending: published batches only."""
    rows = session.execute(
        select(LogBatch.at, PetitionCount.valid)
        .select_from(PetitionCount)
        .join(PetitionSigning, PetitionSigning.petition_id == PetitionCount.petition_id)
        .join(PublicCount, PublicCount.petition_id == PetitionCount.petition_id)
        .join(
            LogBatch,
            (LogBatch.log_id == PetitionSigning.log_id)
            & (LogBatch.batch_no == PetitionCount.batch_no),
        )
        .where(
            PetitionCount.petition_id == petition_id,
            PetitionCount.batch_no <= PublicCount.batch_no,
        )
        .order_by(PetitionCount.batch_no)
    )
    return [(at, valid) for at, valid in rows]


def how_many(session: Session, question: Question) -> int:
    return session.scalar(
        select(func.count()).select_from(reading.matching(question).subquery())
    ) or 0
