"""The transactional outbox: a job is a row of the transaction that needs it.

Delivery is at least once: every effect names its key, and a handler that runs twice changes nothing.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID, uuid5

from sqlalchemy import or_, select, update
from sqlalchemy.orm import Session

from petitions.storage.insertion import insert_once
from petitions.storage.tables import Outbox

_NAMES = UUID("6d0b5d5c-6f0e-4d0b-9a55-0c3d1d3c8a10")
CLAIM = timedelta(minutes=10)
MAX_ATTEMPTS = 12


def enqueue(
    session: Session,
    kind: str,
    key: str,
    payload: Mapping[str, Any],
    *,
    at: datetime,
    due_at: datetime | None = None,
) -> None:
    """Queue an effect once: a second call with the same key changes nothing."""
    insert_once(
        session,
        Outbox,
        id=uuid5(_NAMES, key),
        kind=kind,
        key=key,
        payload=dict(payload),
        created_at=at,
        due_at=due_at or at,
        attempts=0,
        error="",
    )


def claim(session: Session, at: datetime, limit: int = 10) -> list[Outbox]:
    """Take due jobs for ten minutes. Two workers never hold the same one at a time."""
    due = (
        select(Outbox)
        .where(
            Outbox.done_at.is_(None),
            Outbox.failed_at.is_(None),
            Outbox.due_at <= at,
            or_(Outbox.claimed_until.is_(None), Outbox.claimed_until < at),
        )
        .order_by(Outbox.due_at)
        .limit(limit)
        .with_for_update(skip_locked=True)
    )
    jobs = list(session.scalars(due))
    for job in jobs:
        job.claimed_until = at + CLAIM
        job.attempts += 1
    return jobs


def done(session: Session, job_id: UUID, at: datetime) -> None:
    session.execute(update(Outbox).where(Outbox.id == job_id).values(done_at=at, error=""))


def postpone(session: Session, job_id: UUID, until: datetime) -> None:
    """Not its time yet (its batch is not public): no attempt is counted."""
    session.execute(
        update(Outbox)
        .where(Outbox.id == job_id)
        .values(due_at=until, claimed_until=None, attempts=Outbox.attempts - 1)
    )


def failed(session: Session, job_id: UUID, error: str, at: datetime) -> None:
    """Try again later, ever more rarely; after the last attempt a person must look."""
    job = session.get_one(Outbox, job_id)
    job.error = error[:500]
    job.claimed_until = None
    if job.attempts >= MAX_ATTEMPTS:
        job.failed_at = at
    else:
        job.due_at = at + timedelta(seconds=min(3600, 5 * 2**job.attempts))
