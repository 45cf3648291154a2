"""What became of each letter to an author: queued, sent, not delivered, or given back afterwards."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from petitions.domain.errors import ConflictError, NotFoundError
from petitions.services.audit import record
from petitions.services.ports import Actor
from petitions.storage.tables import Audit, Outbox, Petition, ReturnedLetter

RETURNED = "letter_returned"


class Fate(StrEnum):
    QUEUED = "queued"
    TRYING = "trying"
    """The mail server did not take it; it is tried again."""
    SENT = "sent"
    FAILED = "failed"
    """Given up after the last attempt."""
    RETURNED = "returned"


@dataclass(frozen=True, slots=True)
class LetterFate:
    """`at`: when it was written; `since`: of the fate, where it has a time. UTC."""

    job_id: UUID
    code: str
    payload: Mapping[str, Any]
    at: datetime
    fate: Fate
    since: datetime | None


def letters_of(session: Session, petition_id: UUID) -> list[LetterFate]:
    """The letters about a petition, newest first: each belongs to a row of its audit trail, and the
    outbox's own key names both.
    """
    trail = session.scalars(select(Audit.seq).where(Audit.petition_id == petition_id))
    rows = session.execute(
        select(Outbox, ReturnedLetter)
        .outerjoin(ReturnedLetter, ReturnedLetter.job_id == Outbox.id)
        .where(
            Outbox.key.in_([f"letter:{petition_id}:{seq}" for seq in trail]),
            Outbox.kind == "letter",
        )
        .order_by(Outbox.created_at.desc(), Outbox.key.desc())
    )
    return [_fate(job, returned) for job, returned in rows]


def _fate(job: Outbox, returned: ReturnedLetter | None) -> LetterFate:
    fate, since = Fate.QUEUED, None
    if returned is not None:
        fate, since = Fate.RETURNED, returned.at
    elif job.done_at is not None:
        fate, since = Fate.SENT, job.done_at
    elif job.failed_at is not None:
        fate, since = Fate.FAILED, job.failed_at
    elif job.error:
        fate = Fate.TRYING
    return LetterFate(
        job.id, str(job.payload.get("code", "")), job.payload, job.created_at, fate, since
    )


def letter_of(session: Session, petition_id: UUID, job_id: UUID) -> LetterFate:
    """Raises NotFoundError for a letter about another petition."""
    for each in letters_of(session, petition_id):
        if each.job_id == job_id:
            return each
    raise NotFoundError("letter")


def came_back(
    session: Session, petition: Petition, job_id: UUID, actor: Actor, at: datetime
) -> None:
    """A mail server gave a sent letter back. It stays in the author's space; it is not sent again."""
    letter = letter_of(session, petition.id, job_id)
    if letter.fate is not Fate.SENT:
        raise ConflictError("changed_meanwhile")
    session.add(ReturnedLetter(job_id=job_id, petition_id=petition.id, at=at, actor=actor.code))
    record(session, actor, RETURNED, at=at, petition=petition, detail={"letter": letter.code})
