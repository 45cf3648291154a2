"""From one happening to one mail for each follower, in pieces, without a gap and without a double.

Rules of this module:
- a piece is one transaction: the mails of up to a thousand followers and how far it came, together;
  killed anywhere, it goes on where it stopped;
- the key of a mail is (happening, follower): somebody who follows a petition and its subject hears
  of it once;
- followers are gone through in the order of their random numbers, one thing one can follow after
  the other, by an index: the last thousand costs what the first did.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID, uuid5

from sqlalchemy import ColumnElement, Uuid, cast, func, literal, null, select
from sqlalchemy.orm import Session

from petitions.domain.following import (
    EVENT_LIFE,
    PATIENT,
    USUAL,
    WIDE,
    Happening,
    MailKind,
    Rhythm,
    Scope,
    Standing,
)
from petitions.domain.topics import target_of
from petitions.services.follow_subjects import subjects_of
from petitions.storage.insertion import insert_once, insert_statement
from petitions.storage.tables import FollowEvent, FollowMail, Petition, Subscription

PIECE = 1000
_WEEKS = UUID("5d4fb5a5-7b1c-45e0-8f0e-5a8d9f5f7d21")
Part = tuple[Scope, str]


def unspread(session: Session) -> list[UUID]:
    """Happenings whose followers do not all have their mail yet, the oldest first."""
    rows = select(FollowEvent.id).where(FollowEvent.spread_at.is_(None))
    return list(session.scalars(rows.order_by(FollowEvent.at, FollowEvent.id).limit(50)))


def spread(session: Session, event_id: UUID, at: datetime, piece: int = PIECE) -> bool:
    """The next piece; True while there is more. Two workers never write the same one."""
    event = session.scalars(
        select(FollowEvent)
        .where(FollowEvent.id == event_id, FollowEvent.spread_at.is_(None))
        .with_for_update(skip_locked=True)
    ).one_or_none()
    if event is None:
        return False
    parts = _fixed_parts(session, event)
    if event.part < len(parts) and event.at > at - EVENT_LIFE:
        last = _piece(session, event, _wanted(event, parts[event.part]), piece)
        event.after = last
        if last is None:
            event.part += 1
        return True
    event.spread_at = at
    event.mails = session.scalar(
        select(func.count()).where(FollowMail.occasion == occasion_of(event.id))
    ) or 0  # fmt: skip
    return False


def _fixed_parts(session: Session, event: FollowEvent) -> list[Part]:
    """Found out at the first piece and kept: a subject that somebody begins to follow meanwhile must
    not shift the others.
    """
    kept = event.facts.get("parts")
    if kept is None:
        found = parts_of(session, event)
        kept = [[str(scope), target] for scope, target in found]
        event.facts = {**event.facts, "parts": kept}
    return [(Scope(scope), str(target)) for scope, target in kept]


def parts_of(session: Session, event: FollowEvent) -> list[Part]:
    """What one can follow to hear of it, the narrowest first: that is the reason the mail gives."""
    if event.petition_id is None:
        return [(Scope.ALL, "")]
    own: list[Part] = [(Scope.PETITION, str(event.petition_id))]
    if event.what not in WIDE:
        return own
    petition = session.get(Petition, event.petition_id)
    if petition is None:
        return []
    return own + scopes_of(session, petition)


def scopes_of(session: Session, petition: Petition) -> list[Part]:
    """Everything wider than the petition itself by which it is followed."""
    about: list[Part] = [(Scope.SUBJECT, each) for each in subjects_of(session, petition)]
    if petition.topic:
        about.append((Scope.TOPIC, target_of(petition.assembly, petition.topic)))
    return [*about, (Scope.ASSEMBLY, petition.assembly), (Scope.ALL, "")]


def occasion_of(event: UUID) -> str:
    return f"event:{event}"


def _wanted(event: FollowEvent, part: Part) -> list[ColumnElement[bool]]:
    confirmed = Subscription.confirmed_on.is_not(None)
    if event.what == Happening.WEEK:
        return [confirmed, Subscription.rhythm == Rhythm.WEEKLY]
    return [
        confirmed,
        Subscription.scope == part[0],
        Subscription.target == part[1],
        Subscription.rhythm == Rhythm.AT_ONCE,
    ]


def _piece(
    session: Session, event: FollowEvent, wanted: list[ColumnElement[bool]], piece: int
) -> UUID | None:
    """Write the mails of the next followers; the last of them, None where there was none left."""
    weekly = event.what == Happening.WEEK
    rows = select(Subscription.follower_id).where(*wanted)
    if event.after is not None:
        rows = rows.where(Subscription.follower_id > event.after)
    # one follower has one row of a thing, but may have several wishes of a weekly mail
    people = rows.distinct() if weekly else rows
    people = people.order_by(Subscription.follower_id)
    last = session.scalar(people.offset(piece - 1).limit(1))
    if last is None:
        through = select(people.subquery()).subquery()
        final = session.scalar(
            select(through.c.follower_id).order_by(through.c.follower_id.desc()).limit(1)
        )
        if final is None:
            return None
        last = final
    chosen: Any = select(
        literal(occasion_of(event.id)),
        Subscription.follower_id,
        literal(str(MailKind.WEEKLY if weekly else MailKind.HAPPENING)),
        cast(null(), Uuid) if weekly else Subscription.id,
        literal(str(Standing.WAITING)),
        literal(PATIENT if weekly else USUAL),
        literal(event.at, FollowMail.due_at.type),
        literal(0),
    ).where(*wanted, Subscription.follower_id <= last)
    if event.after is not None:
        chosen = chosen.where(Subscription.follower_id > event.after)
    if weekly:
        chosen = chosen.distinct()
    session.execute(
        insert_statement(session, FollowMail)
        .from_select(
            [
                "occasion", "follower_id", "kind", "subscription_id", "standing", "urgency",
                "due_at", "attempts",
            ],
            chosen,
        )
        .on_conflict_do_nothing()
    )  # fmt: skip
    return last


def begin_week(session: Session, at: datetime) -> bool:
    """Once a week, from Monday six in the morning (UTC): the weekly mail becomes a happening."""
    local = at.astimezone(UTC)
    monday = (local - timedelta(days=local.weekday())).replace(
        hour=6, minute=0, second=0, microsecond=0
    )
    if local < monday:
        return False
    year, week, _day = monday.isocalendar()
    return insert_once(
        session, FollowEvent, id=uuid5(_WEEKS, f"{year}-{week}"), what=str(Happening.WEEK),
        at=monday, facts={"week": f"{year}-W{week:02}"}, part=0, mails=0,
    )  # fmt: skip
