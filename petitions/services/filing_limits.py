"""The limits that are checked when a petition is sent (rulebook P15): per author, and per subject."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from petitions.domain.calendar import add, local_day
from petitions.domain.errors import InvalidError
from petitions.domain.filing import PerAuthor
from petitions.domain.lifecycle import END_STATES, State
from petitions.domain.rulebook import Kind
from petitions.services.same_subject import refuse_barred
from petitions.storage.tables import Petition


def respect(session: Session, kind: Kind, petition: Petition, zone: str, at: datetime) -> None:
    """Raises InvalidError with the limit that stands in the way; the draft stays as it is."""
    limits = kind.filing.limits
    if limits.open_per_author is not None:
        _few_open(session, petition, limits.open_per_author)
    if limits.per_author is not None:
        _few_filed(session, petition, limits.per_author, zone, at)
    refuse_barred(session, petition, kind, zone, local_day(at, zone))


def _few_open(session: Session, petition: Petition, most: int) -> None:
    running = session.scalar(
        select(func.count())
        .select_from(Petition)
        .where(
            Petition.author_tag == petition.author_tag,
            Petition.assembly == petition.assembly,
            Petition.id != petition.id,
            Petition.state != State.DRAFT,
            Petition.state.not_in([str(state) for state in END_STATES]),
        )
    )
    if (running or 0) >= most:
        raise InvalidError("open_per_author", max=most)


def _few_filed(
    session: Session, petition: Petition, limit: PerAuthor, zone: str, at: datetime
) -> None:
    """The last day of each earlier filing's time is inside (rule T2)."""
    filed = session.scalars(
        select(Petition.submitted_at).where(
            Petition.author_tag == petition.author_tag,
            Petition.assembly == petition.assembly,
            Petition.submitted_at.is_not(None),
        )
    )
    today = local_day(at, zone)
    recent = [day for day in filed if day and add(local_day(day, zone), limit.within) >= today]
    if len(recent) >= limit.n:
        raise InvalidError("per_author", max=limit.n)
