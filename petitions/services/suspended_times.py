"""When signing of a petition was suspended, is, or will be: read from what was decided."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from petitions.domain.calendar import Pause
from petitions.storage.tables import SigningSuspension


def end_of(row: SigningSuspension) -> datetime | None:
    """When it ended or will; None while two people stand behind it."""
    if row.resumed_at is not None:
        return row.resumed_at
    return None if row.confirmed_at is not None else row.lapses_at


def standing(session: Session, petition_id: UUID, at: datetime) -> SigningSuspension | None:
    """The suspension that holds at an instant."""
    for row in of_petition(session, petition_id):
        end = end_of(row)
        if row.since <= at and (end is None or at < end):
            return row
    return None


def of_petition(session: Session, petition_id: UUID) -> list[SigningSuspension]:
    """Newest first."""
    return list(
        session.scalars(
            select(SigningSuspension)
            .where(SigningSuspension.petition_id == petition_id)
            .order_by(SigningSuspension.since.desc(), SigningSuspension.id)
        )
    )


def pauses(session: Session, petition_id: UUID) -> tuple[Pause, ...]:
    """For the window: nobody signs in these times, and they are given back."""
    return tuple(Pause(row.since, end_of(row)) for row in of_petition(session, petition_id))
