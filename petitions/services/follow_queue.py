"""The mails that wait, and what became of each: claimed, on its way, sent, tried again, given up.

Rules of this module:
- a mail is `sending` from just before its words leave until the server has said yes. Whoever dies in
  between leaves it unsure, and an unsure mail is never sent again: nobody gets it twice, and at most
  one person misses it;
- a server that says "later" (greylisting, 4xx) is asked again, ever more rarely; one that says "no"
  is believed;
- nothing here opens a connection: rows only.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

from sqlalchemy import and_, delete, func, or_, select, update
from sqlalchemy.orm import Session

from petitions.domain.following import MAIL_LIFE, Standing
from petitions.storage.tables import FollowEvent, FollowMail

CLAIM: Final = timedelta(minutes=10)
MOST_ATTEMPTS: Final = 10
LATER: Final = timedelta(minutes=5)
LATEST: Final = timedelta(hours=12)
_ROWS_ALONE: Final = {"synchronize_session": False}
"""No object of the session is looked for: each mail has a transaction of its own."""
Key = tuple[str, UUID]
"""Occasion and follower."""


@dataclass(frozen=True, slots=True)
class Waiting:
    """A claimed mail, apart from its row."""

    key: Key
    kind: str
    subscription: UUID | None
    sealed: bytes | None
    due_at: datetime

    @property
    def event(self) -> UUID | None:
        head, _, rest = self.key[0].partition(":")
        return UUID(rest) if head == "event" else None


def claim(session: Session, at: datetime, limit: int) -> list[Waiting]:
    """The next mails, urgent ones first, for ten minutes. Two workers never hold the same one."""
    stale = FollowMail.claimed_until < at
    session.execute(
        update(FollowMail)
        .where(FollowMail.standing == Standing.SENDING, stale)
        .values(standing=str(Standing.UNSURE), claimed_until=None)
    )
    session.execute(
        update(FollowMail)
        .where(FollowMail.standing == Standing.CLAIMED, stale)
        .values(standing=str(Standing.WAITING), claimed_until=None)
    )
    rows = session.scalars(
        select(FollowMail)
        .where(FollowMail.standing == Standing.WAITING, FollowMail.due_at <= at)
        .order_by(FollowMail.urgency, FollowMail.due_at, FollowMail.follower_id)
        .limit(limit)
        .with_for_update(skip_locked=True)
    ).all()
    for row in rows:
        row.standing, row.claimed_until = str(Standing.CLAIMED), at + CLAIM
    return [
        Waiting((r.occasion, r.follower_id), r.kind, r.subscription_id, r.sealed, r.due_at)
        for r in rows
    ]


def _row(key: Key) -> tuple[object, ...]:
    return FollowMail.occasion == key[0], FollowMail.follower_id == key[1]


def sending(session: Session, key: Key) -> bool:
    """Mark it just before its words leave; False where it is ours no more (stopped, or too late)."""
    found = session.execute(
        update(FollowMail)
        .where(*_row(key), FollowMail.standing == Standing.CLAIMED)  # type: ignore[arg-type]
        .values(standing=str(Standing.SENDING))
        .returning(FollowMail.occasion),
        execution_options=_ROWS_ALONE,
    )
    return found.first() is not None


def settled(session: Session, key: Key, standing: Standing) -> None:
    """Sent, given up or dropped: the end of it. An address of a test mail goes at once."""
    session.execute(
        update(FollowMail)
        .where(*_row(key))  # type: ignore[arg-type]
        .values(standing=str(standing), claimed_until=None, sealed=None),
        execution_options=_ROWS_ALONE,
    )


def later(session: Session, key: Key, at: datetime) -> None:
    """The server said "not now" to this mail; after the last attempt it is given up."""
    row = session.get(FollowMail, key)
    if row is None:
        return
    row.attempts, row.claimed_until = row.attempts + 1, None
    if row.attempts >= MOST_ATTEMPTS:
        row.standing, row.sealed = str(Standing.GIVEN_UP), None
    else:
        row.standing = str(Standing.WAITING)
        row.due_at = at + min(LATEST, LATER * 2 ** (row.attempts - 1))


def released(session: Session, keys: Sequence[Key]) -> None:
    """There is no server to talk to: nothing was tried, nothing is counted."""
    for key in keys:
        session.execute(
            update(FollowMail)
            .where(*_row(key), FollowMail.standing == Standing.CLAIMED)  # type: ignore[arg-type]
            .values(standing=str(Standing.WAITING), claimed_until=None)
        )


def progress(session: Session, occasion: str) -> dict[Standing, int]:
    """How many mails of a happening stand where."""
    rows = session.execute(
        select(FollowMail.standing, func.count())
        .where(FollowMail.occasion == occasion)
        .group_by(FollowMail.standing)
    )
    return {Standing(standing): number for standing, number in rows}


_OVER = (Standing.SENT, Standing.UNSURE, Standing.GIVEN_UP, Standing.DROPPED)


def forget(session: Session, at: datetime) -> None:
    """That a mail left is forgotten a week after it was due; its happening must be spread by then,
    since the row is what keeps a second mail from being written.
    """
    unspread = select(FollowEvent.id).where(FollowEvent.spread_at.is_(None))
    waiting = [f"event:{each}" for each in session.scalars(unspread)]
    session.execute(
        delete(FollowMail).where(
            FollowMail.standing.in_(_OVER),
            FollowMail.due_at < at - MAIL_LIFE,
            or_(FollowMail.occasion.not_in(waiting), and_(FollowMail.kind != "happening")),
        )
    )
