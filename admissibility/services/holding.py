"""Who works on a case: take, assign, release, take over; and notes between colleagues.

Holding never changes the version of a case: a form somebody is filling in stays valid while the
case is assigned, and goes stale only when something was decided or found.
"""

from __future__ import annotations

from datetime import datetime
from uuid import uuid4

from sqlalchemy.orm import Session

from admissibility.cases import Case, by_reference, case_of
from petitions.domain.errors import ConflictError, InvalidError
from petitions.domain.text import Limits, normalised, problem
from petitions.services import moves
from petitions.services.audit import record
from petitions.services.ports import Actor, House
from petitions.storage.tables import CaseNote, Review

NOTE_MAX, REASON_MAX = 4000, 200


def open_case(session: Session, house: House, reference: str) -> tuple[Case, Review]:
    """The case, locked until commit. ConflictError if its check has ended."""
    petition = moves.lock(session, by_reference(session, reference).id)
    case = case_of(session, house, petition)
    if case.review is None or not case.open:
        raise ConflictError("check_ended", reference=reference)
    session.refresh(case.review)
    return case, case.review


def hold(review: Review, actor: Actor, at: datetime) -> None:
    review.lock_actor, review.lock_name, review.locked_at = actor.code, actor.name, at


def let_go(review: Review) -> None:
    review.lock_actor = review.lock_name = review.locked_at = None


def take(session: Session, house: House, reference: str, actor: Actor, at: datetime) -> None:
    """Hold a case and be its clerk. ConflictError("held_by_other") names who has it."""
    case, review = open_case(session, house, reference)
    refuse_unless_free(case, actor, at)
    if review.assigned_to != actor.code:
        review.assigned_to, review.assigned_name = actor.code, actor.name
        record(session, actor, "assign", at=at, petition=case.petition, detail={"to": actor.code})
    hold(review, actor, at)


def release(session: Session, house: House, reference: str, actor: Actor, at: datetime) -> None:
    """Stop holding. Somebody else's hold is left alone."""
    case, review = open_case(session, house, reference)
    holder = case.holder(at)
    if holder is not None and holder.actor == actor.code:
        let_go(review)


def take_over(
    session: Session, house: House, reference: str, reason: str, actor: Actor, at: datetime
) -> None:
    """Take a case out of a colleague's hands, with a reason the colleague reads in the history."""
    words = " ".join(normalised(reason).split())
    bad = problem(words, Limits(REASON_MAX))
    if bad:
        raise InvalidError(fields={"take-over": bad})
    case, review = open_case(session, house, reference)
    holder = case.holder(at)
    review.assigned_to, review.assigned_name = actor.code, actor.name
    hold(review, actor, at)
    # The colleague's open form must not be sent any more: it goes stale.
    review.version += 1
    record(
        session,
        actor,
        "take_over",
        at=at,
        petition=case.petition,
        detail={"from": holder.actor if holder else "", "why": words},
    )


def add_note(session: Session, reference: str, text: str, actor: Actor, at: datetime) -> CaseNote:
    """A note for colleagues. The audit trail says that there is one, not what it says."""
    words = normalised(text)
    bad = problem(words, Limits(NOTE_MAX))
    if bad:
        raise InvalidError(fields={"new-note": bad})
    petition = by_reference(session, reference)
    note = CaseNote(
        id=uuid4(),
        petition_id=petition.id,
        at=at,
        actor=actor.code,
        actor_name=actor.name,
        text=words,
    )
    session.add(note)
    record(session, actor, "note", at=at, petition=petition)
    return note


def refuse_unless_free(case: Case, actor: Actor, at: datetime) -> None:
    """Raises ConflictError("held_by_other") where a colleague holds the case."""
    holder = case.holder(at)
    if holder is not None and holder.actor != actor.code:
        raise ConflictError("held_by_other", name=holder.name, since=holder.since)
