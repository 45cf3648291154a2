"""What became of each letter to an author: queued, sent, not delivered, or given back afterwards."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any
from uuid import UUID, uuid5

from sqlalchemy import select
from sqlalchemy.orm import Session

from petitions.domain.errors import ConflictError, NotFoundError
from petitions.services import outbox
from petitions.services.audit import record
from petitions.services.ports import SYSTEM, Actor
from petitions.storage.insertion import insert_once
from petitions.storage.tables import Audit, Outbox, Petition, ReturnedLetter, Task

RETURNED = "letter_returned"
UNDELIVERED = "letter_undelivered"
"""The task of whoever has to reach an author in another way."""


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


def not_taken(
    session: Session, job_id: UUID, error: str, at: datetime, *, no_mailbox: bool
) -> None:
    """The mail server did not take a letter. It is tried again; where nothing will ever arrive, or
    after the last attempt, it is given up and a person is asked to reach its author.
    """
    job = session.get_one(Outbox, job_id)
    if no_mailbox:
        job.error, job.claimed_until, job.failed_at = error[:500], None, at
    else:
        outbox.failed(session, job_id, error, at)
    if job.failed_at is not None:
        _ask(session, job, at)


def given_back(session: Session, job_id: UUID, at: datetime) -> bool:
    """A delivery report came for a letter. False where it is gone, or was told of before."""
    job = session.get(Outbox, job_id)
    if job is None or job.done_at is None or session.get(ReturnedLetter, job_id) is not None:
        return False
    petition = session.get_one(Petition, UUID(job.payload["petition"]))
    came_back(session, petition, job_id, SYSTEM, at)
    _ask(session, job, at)
    return True


def _ask(session: Session, job: Outbox, at: datetime) -> None:
    """One open task for a petition, however many letters come back before somebody has seen to it."""
    petition = UUID(job.payload["petition"])
    waiting = select(Task.id).where(
        Task.petition_id == petition, Task.kind == UNDELIVERED, Task.done_at.is_(None)
    )
    if session.scalars(waiting).first() is None:
        insert_once(
            session, Task, id=uuid5(job.id, UNDELIVERED), petition_id=petition, kind=UNDELIVERED,
            subject=str(job.id), facts={"letter": job.payload["code"]}, opened_at=at,
        )  # fmt: skip


def came_back(
    session: Session, petition: Petition, job_id: UUID, actor: Actor, at: datetime
) -> None:
    """A mail server gave a sent letter back. It stays in the author's space; it is not sent again."""
    letter = letter_of(session, petition.id, job_id)
    if letter.fate is not Fate.SENT:
        raise ConflictError("changed_meanwhile")
    session.add(ReturnedLetter(job_id=job_id, petition_id=petition.id, at=at, actor=actor.code))
    record(session, actor, RETURNED, at=at, petition=petition, detail={"letter": letter.code})
