"""Addresses that get nothing more: mail came back, or somebody said that they do not want it.

What is kept is a keyed hash, so that it outlives the address and serves for nothing else.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime
from uuid import UUID

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from petitions.domain.following import SOFT_BOUNCES, Silence
from petitions.services.follow_keys import FollowKeys, follow_keys
from petitions.services.ports import House
from petitions.storage.insertion import insert_once
from petitions.storage.tables import Follower, MailSuppression


def suppress(session: Session, follower: UUID, why: Silence, at: datetime) -> bool:
    """False where the follower is gone already, or suppressed already."""
    row = session.get(Follower, follower)
    if row is None:
        return False
    return insert_once(
        session, MailSuppression, mark=row.mark, why=str(why),
        on_day=at.astimezone(UTC).date(),
    )  # fmt: skip


def came_back(session: Session, follower: UUID, at: datetime, *, for_good: bool) -> bool:
    """A mail came back. `for_good`: there is no such mailbox; else the third time counts as that.

    True where the address is suppressed now.
    """
    row = session.get(Follower, follower)
    if row is None:
        return False
    row.bounced = min(row.bounced + 1, SOFT_BOUNCES)
    if for_good or row.bounced >= SOFT_BOUNCES:
        return suppress(session, follower, Silence.BOUNCE, at)
    return False


def silence_of(session: Session, row: Follower) -> MailSuppression | None:
    return session.get(MailSuppression, row.mark)


def silent_among(session: Session, rows: Iterable[Follower]) -> set[UUID]:
    """Those of these followers who get nothing more."""
    marks = {row.mark: row.id for row in rows}
    found = select(MailSuppression.mark).where(MailSuppression.mark.in_(marks))
    return {marks[mark] for mark in session.scalars(found)}


def works_again(session: Session, row: Follower) -> None:
    """The person says so, on their own page."""
    row.bounced = 0
    session.execute(delete(MailSuppression).where(MailSuppression.mark == row.mark))


def by_return_path(house: House, token: str) -> UUID | None:
    """The follower to whom the mail went; None where the token is none of ours."""
    keys: FollowKeys = follow_keys(house)
    return keys.read_return_path(token)
