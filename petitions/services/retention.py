"""What may not be kept any longer is deleted here; the periods are those of the retention table.

Idempotent, and safe beside people who are acting: a row that somebody holds waits for the next turn.
What sealing and batches destroy is destroyed there, in the transaction that no longer needs it.
"""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from petitions.domain.lifecycle import State
from petitions.domain.retention import CASE_DRAFT_LIFE, DRAFT_LIFE, SPENT_GRACE
from petitions.services import drafts, staff_rights
from petitions.storage.tables import (
    CaseDraft,
    Petition,
    Review,
    SpentPass,
    SpentState,
    WebSession,
)


def purge(session: Session, at: datetime) -> None:
    """Spent passes and states, sessions that are over, drafts nobody finished. Nothing commits."""
    session.execute(delete(SpentPass).where(SpentPass.expires_at < at - SPENT_GRACE))
    session.execute(delete(SpentState).where(SpentState.expires_at < at - SPENT_GRACE))
    session.execute(delete(WebSession).where(WebSession.expires_at < at))
    staff_rights.forget(session, at)
    over = select(Review.id).where(Review.closed_at < at - CASE_DRAFT_LIFE)
    session.execute(delete(CaseDraft).where(CaseDraft.review_id.in_(over)))
    drafts.erase(session, _forgotten_drafts(session, at))


def _forgotten_drafts(session: Session, at: datetime) -> list[UUID]:
    return list(
        session.scalars(
            select(Petition.id)
            .where(Petition.state == State.DRAFT, Petition.created_at <= at - DRAFT_LIFE)
            .with_for_update(skip_locked=True)  # the author may be sending it just now
        )
    )
