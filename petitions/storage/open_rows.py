"""What is handed out in bulk: every listed petition, in the order of references, some at a time.

The same conditions as the public list (`reading`), so that nothing is handed out that it does not show.
"""

from __future__ import annotations

from datetime import date, datetime
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from petitions.storage import reading
from petitions.storage.reading import Question, Row
from petitions.storage.tables import (
    LogBatch,
    Petition,
    PetitionCount,
    PetitionSigning,
    PublicCount,
)


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


def batches_of(session: Session, petition_id: UUID) -> list[tuple[datetime, int]]:
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
