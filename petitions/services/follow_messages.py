"""Words of the office to everybody who follows a petition: one person writes, another sends.

Rules of this module:
- followers asked for news of this petition: a message is about it, in every language that its texts
  must have, and goes to those who follow the petition itself, nobody else;
- nobody sends their own message; a test mail goes to one typed address and is kept nowhere;
- once sent it is a happening like any other: listed in pieces, paced, once for each follower.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID, uuid4

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from petitions.domain.errors import (
    ConflictError,
    ForbiddenError,
    InvalidError,
    NotFoundError,
    TransitionRefusedError,
)
from petitions.domain.following import Happening, MailKind, Rhythm, Scope, Standing, read_address
from petitions.domain.lifecycle import State
from petitions.domain.text import Limits, normalised, problem
from petitions.services import moves
from petitions.services.audit import record
from petitions.services.decisions import missing_texts
from petitions.services.follow_keys import follow_keys
from petitions.services.follow_queue import progress
from petitions.services.following import queue_mail
from petitions.services.ports import Actor, House
from petitions.services.spreading import occasion_of
from petitions.services.telling import tell_followers
from petitions.storage.tables import FollowEvent, FollowMessage, Petition, Subscription

SUBJECT_MAX, TEXT_MAX, WHY_MAX = 150, 5000, 500
PROPOSED, SENT, CALLED_OFF = "message_proposed", "message_sent", "message_called_off"
_NONCE = 12


@dataclass(frozen=True, slots=True)
class Followers:
    """How many hear of it at once, and how many in their weekly mail."""

    at_once: int
    weekly: int


def followers(session: Session, petition_id: UUID) -> Followers:
    rows = session.execute(
        select(Subscription.rhythm, func.count())
        .where(
            Subscription.scope == Scope.PETITION,
            Subscription.target == str(petition_id),
            Subscription.confirmed_on.is_not(None),
        )
        .group_by(Subscription.rhythm)
    ).all()
    found = {str(rhythm): int(number) for rhythm, number in rows}
    return Followers(found.get(Rhythm.AT_ONCE, 0), found.get(Rhythm.WEEKLY, 0))


def propose(
    session: Session,
    house: House,
    petition: Petition,
    subjects: Mapping[str, str],
    texts: Mapping[str, str],
    actor: Actor,
    at: datetime,
) -> FollowMessage:
    """The first of two people; nothing leaves yet. InvalidError names the fields."""
    if petition.published_at is None or petition.state == State.HIDDEN:
        raise TransitionRefusedError("wrong_state", state=petition.state)
    if open_message(session, petition.id) is not None:
        raise ConflictError("message_open")
    bad = _wrong(house, session, petition, subjects, texts)
    if bad:
        raise InvalidError(fields=bad)
    row = FollowMessage(
        id=uuid4(), petition_id=petition.id, status="proposed", proposed_at=at,
        proposed_by=actor.code,
        subjects={lang: normalised(text) for lang, text in subjects.items() if text.strip()},
        texts={lang: normalised(text) for lang, text in texts.items() if text.strip()},
    )  # fmt: skip
    session.add(row)
    record(
        session, actor, PROPOSED, at=at, petition=petition, detail={"message": str(row.id)}
    )  # fmt: skip
    session.flush()
    return row


def _wrong(
    house: House,
    session: Session,
    petition: Petition,
    subjects: Mapping[str, str],
    texts: Mapping[str, str],
) -> dict[str, tuple[str, dict[str, object]]]:
    bad: dict[str, tuple[str, dict[str, object]]] = {}
    for name, given, most in (("subject", subjects, SUBJECT_MAX), ("text", texts, TEXT_MAX)):
        for language in missing_texts(house, session, petition, given):
            bad[f"{name}_{language}"] = ("required", {})
        for language, text in given.items():
            wrong = problem(normalised(text), Limits(most, required=False))
            if wrong:
                bad[f"{name}_{language}"] = wrong
    return bad


def send(session: Session, message_id: UUID, actor: Actor, at: datetime) -> FollowMessage:
    """The second person: from here it is a happening, and the post carries it out."""
    row, petition = _locked(session, message_id)
    if row.proposed_by == actor.code:
        raise ForbiddenError("second_person_needed")
    if petition.state == State.HIDDEN:
        raise TransitionRefusedError("wrong_state", state=petition.state)
    row.status, row.settled_at, row.settled_by = "carried_out", at, actor.code
    detail = {"message": str(row.id), "by": row.proposed_by}
    record(
        session, actor, SENT, at=at, petition=petition, public_texts=row.texts, detail=detail
    )  # fmt: skip
    facts = {"message": str(row.id)}
    tell_followers(
        session, petition, Happening.MESSAGE, at, key=f"message:{row.id}", facts=facts
    )  # fmt: skip
    return row


def call_off(session: Session, message_id: UUID, actor: Actor, at: datetime) -> FollowMessage:
    """By either of them, before it is sent."""
    row, petition = _locked(session, message_id)
    row.status, row.settled_at, row.settled_by = "called_off", at, actor.code
    record(
        session, actor, CALLED_OFF, at=at, petition=petition, detail={"message": str(row.id)}
    )  # fmt: skip
    return row


def test_mail(
    session: Session, house: House, row: FollowMessage, language: str, typed: str, at: datetime
) -> None:
    """One mail to one address, through the post like all others. InvalidError at the address."""
    address = read_address(typed)
    if address is None:
        raise InvalidError(fields={"email": ("email_malformed", {})})
    nobody = uuid4()
    sealed = follow_keys(house).seal(address, nobody, house.random(_NONCE))
    occasion = f"test:{row.id}:{language}:{nobody.hex[:8]}"
    queue_mail(session, nobody, MailKind.TEST, occasion, at, sealed=sealed)


def open_message(session: Session, petition_id: UUID) -> FollowMessage | None:
    return session.scalars(
        select(FollowMessage).where(
            FollowMessage.petition_id == petition_id, FollowMessage.status == "proposed"
        )
    ).first()


def messages_of(session: Session, petition_id: UUID) -> list[FollowMessage]:
    """Newest first."""
    return list(
        session.scalars(
            select(FollowMessage)
            .where(FollowMessage.petition_id == petition_id)
            .order_by(FollowMessage.proposed_at.desc(), FollowMessage.id)
        )
    )


def standing_of(session: Session, row: FollowMessage) -> dict[Standing, int]:
    """How many of its mails stand where; empty before it is sent, and after a week."""
    event = session.scalars(
        select(FollowEvent).where(
            FollowEvent.petition_id == row.petition_id,
            FollowEvent.what == Happening.MESSAGE,
            FollowEvent.at == row.settled_at,
        )
    ).first()
    return progress(session, occasion_of(event.id)) if event is not None else {}


def _locked(session: Session, message_id: UUID) -> tuple[FollowMessage, Petition]:
    found = session.get(FollowMessage, message_id)
    if found is None:
        raise NotFoundError("message")
    petition = moves.lock(session, found.petition_id)
    session.refresh(found)
    if found.status != "proposed":
        raise ConflictError("changed_meanwhile", state=petition.state)
    return found, petition
