"""Who is late: the public duty of each petition that has been overdue longest."""

from __future__ import annotations

from collections.abc import Iterable
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from petitions.storage.tables import Track


def longest_overdue(session: Session, petition_ids: Iterable[UUID]) -> dict[UUID, Track]:
    """Petition → the duty behind its days of delay; those in time are absent."""
    ids = list(petition_ids)
    if not ids:
        return {}
    rows = session.scalars(
        select(Track)
        .where(
            Track.petition_id.in_(ids),
            Track.status == "overdue",
            Track.internal.is_(False),
            Track.due_on.is_not(None),
        )
        .order_by(Track.due_on.desc(), Track.code.desc())
    )
    return {track.petition_id: track for track in rows}
