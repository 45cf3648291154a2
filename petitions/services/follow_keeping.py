"""What is kept of followers, and until when: the periods of the retention table. Nothing commits."""

from __future__ import annotations

from datetime import UTC, datetime
from uuid import UUID

from sqlalchemy import and_, delete, or_, select
from sqlalchemy.orm import Session

from petitions.domain.following import (
    CONFIRM_LIFE,
    EVENT_LIFE,
    OVER_LIFE,
    SILENCE_LIFE,
    Scope,
)
from petitions.domain.lifecycle import State
from petitions.services import follow_queue
from petitions.storage.tables import (
    Follower,
    FollowEvent,
    MailSuppression,
    Petition,
    Subscription,
)

OVER = frozenset({State.WITHDRAWN, State.MERGED, State.LAPSED, State.ARCHIVED})
"""Nothing more happens to such a petition; one that was taken down may come back."""
SOME = 500


def forget(session: Session, at: datetime) -> None:
    """Unconfirmed addresses, followers of files that are over, happenings, old suppressions."""
    today = at.astimezone(UTC).date()
    session.execute(
        delete(Subscription).where(
            Subscription.confirmed_on.is_(None), Subscription.asked_on < today - CONFIRM_LIFE
        )
    )
    _files_over(session, at)
    wanting = select(Subscription.id).where(Subscription.follower_id == Follower.id).exists()
    session.execute(delete(Follower).where(~wanting, Follower.asked_on < today))
    session.execute(
        delete(FollowEvent).where(
            FollowEvent.spread_at.is_not(None), FollowEvent.at < at - EVENT_LIFE
        )
    )
    session.execute(delete(MailSuppression).where(MailSuppression.on_day < today - SILENCE_LIFE))
    follow_queue.forget(session, at)


def _files_over(session: Session, at: datetime) -> None:
    """The end of the file ends the following of it."""
    over = or_(
        and_(Petition.state.in_(OVER), Petition.state_since < at - EVENT_LIFE),
        and_(Petition.state == State.HIDDEN, Petition.state_since < at - OVER_LIFE),
    )
    followed = session.scalars(
        select(Subscription.target).where(Subscription.scope == Scope.PETITION).distinct()
    ).all()
    for first in range(0, len(followed), SOME):
        some = followed[first : first + SOME]
        ended = session.scalars(
            select(Petition.id).where(Petition.id.in_([UUID(each) for each in some]), over)
        ).all()
        if not ended:
            continue
        session.execute(
            delete(Subscription).where(
                Subscription.scope == Scope.PETITION,
                Subscription.target.in_([str(each) for each in ended]),
            )
        )
