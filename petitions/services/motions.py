"""Taking down, restoring, reopening: proposed by one person, carried out by another (19, 20, 14).

Rules of this module:
- nothing happens to the petition before the second person; nobody confirms their own proposal;
- taking down needs a ground that hides, or a court's order, and a legal basis; the author gets the
  statement of reasons, the public the category, the basis and the date;
- what restoring gives back (days, signing, a threshold reached in the meantime) it gives back at once.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID, uuid4

from sqlalchemy import select
from sqlalchemy.orm import Session

from petitions.domain.calendar import local_day
from petitions.domain.errors import (
    ConflictError,
    ForbiddenError,
    InvalidError,
    TransitionRefusedError,
)
from petitions.domain.lifecycle import Action, Facts, State, rows
from petitions.domain.motions import AskedBy, Motion, MotionStatus, grounds_objection
from petitions.domain.text import Limits, normalised, problem
from petitions.services import moves, windows
from petitions.services.audit import record
from petitions.services.decisions import missing_texts
from petitions.services.hiding import was_taken_down
from petitions.services.notices import tell_of_text
from petitions.services.out_of_sight import conclude_restored
from petitions.services.ports import SYSTEM, Actor, House
from petitions.services.reviews import due_day, stage_of
from petitions.services.two_people import locked
from petitions.storage.tables import CaseMotion, MilestoneReached, Petition, Review, Track

TEXT_MAX = 5000
BASIS_MAX = 500
PROPOSED = "motion_proposed"
CALLED_OFF = "motion_called_off"


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """What somebody asks for. `texts`: the statement of reasons, by language."""

    motion: Motion
    texts: Mapping[str, str]
    legal_basis: str
    asked_by: AskedBy = AskedBy.OFFICE
    grounds: tuple[str, ...] = ()


def possible(session: Session, petition: Petition) -> tuple[Motion, ...]:
    """What may be proposed for a petition now; the second person's guard aside."""
    return tuple(motion for motion in Motion if not _why_not(session, petition, motion))


def propose(
    session: Session, house: House, petition: Petition, wanted: Wanted, actor: Actor, at: datetime
) -> CaseMotion:
    """The first of two people; nothing changes yet. InvalidError names the fields."""
    refusal = _why_not(session, petition, wanted.motion)
    if refusal:
        raise TransitionRefusedError(refusal, state=petition.state, action=wanted.motion)
    if open_motion(session, petition.id) is not None:
        raise ConflictError("motion_open")
    bad: dict[str, tuple[str, dict[str, object]]] = {
        f"text_{language}": ("required", {})
        for language in missing_texts(house, session, petition, wanted.texts)
    }
    for language, text in wanted.texts.items():
        wrong = problem(normalised(text), Limits(TEXT_MAX, required=False))
        if wrong:
            bad[f"text_{language}"] = wrong
    hidden = house.kind(session, petition).admissibility.grounds.hidden
    objection = grounds_objection(wanted.motion, wanted.grounds, hidden, wanted.asked_by)
    if objection:
        bad["grounds"] = (objection, {})
    wrong = problem(normalised(wanted.legal_basis), Limits(BASIS_MAX))
    if wrong:
        bad["legal_basis"] = wrong
    if bad:
        raise InvalidError(fields=bad)
    row = CaseMotion(
        id=uuid4(), petition_id=petition.id, action=str(wanted.motion),
        grounds=list(wanted.grounds), legal_basis=normalised(wanted.legal_basis),
        asked_by=str(wanted.asked_by),
        texts={lang: normalised(text) for lang, text in wanted.texts.items() if text.strip()},
        status=str(MotionStatus.PROPOSED), proposed_at=at, proposed_by=actor.code, why="",
    )  # fmt: skip
    session.add(row)
    petition.version += 1
    _told(session, actor, PROPOSED, petition, row, at)
    return row


def carry_out(
    session: Session, house: House, motion_id: UUID, actor: Actor, at: datetime
) -> CaseMotion:
    """The second person: the move, and all that follows from it, in one transaction."""
    row, petition = locked(session, CaseMotion, motion_id, "motion")
    if row.proposed_by == actor.code:
        raise ForbiddenError("second_person_needed")
    motion = Motion(row.action)
    row.status, row.settled_at, row.settled_by = str(MotionStatus.CARRIED_OUT), at, actor.code
    facts = Facts(
        second_person=True,
        reasons_given=True,
        taken_down=motion is Motion.RESTORE and was_taken_down(session, petition),
        published_before=petition.published_at is not None,
    )
    detail = {
        "motion": str(row.id), "by": row.proposed_by, "grounds": row.grounds,
        "legal_basis": row.legal_basis, "asked_by": row.asked_by,
    }  # fmt: skip
    public = {} if motion is Motion.TAKE_DOWN else row.texts
    session.flush()
    moves.move(
        session, petition, motion.action, actor, facts, at=at, reason=row.asked_by,
        public_texts=public, detail=detail,
    )  # fmt: skip
    if motion is Motion.REOPEN:
        _open_check_again(session, house, petition, at)
    else:
        tell_of_text(session, petition, motion.action, at)
        windows.apply(session, house, petition, at=at)
    if motion is Motion.RESTORE:
        _reach_what_was_reached(session, house, petition, at)
        conclude_restored(session, petition, at)
    return row


def call_off(session: Session, motion_id: UUID, actor: Actor, why: str, at: datetime) -> CaseMotion:
    """By either of them, before it is carried out; with a reason for the record."""
    wrong = problem(normalised(why), Limits(BASIS_MAX))
    if wrong:
        raise InvalidError(fields={"why": wrong})
    row, petition = locked(session, CaseMotion, motion_id, "motion")
    row.status, row.settled_at, row.settled_by = str(MotionStatus.CALLED_OFF), at, actor.code
    row.why = normalised(why)
    petition.version += 1
    _told(session, actor, CALLED_OFF, petition, row, at)
    return row


def open_motion(session: Session, petition_id: UUID) -> CaseMotion | None:
    return session.scalars(
        select(CaseMotion).where(
            CaseMotion.petition_id == petition_id, CaseMotion.status == MotionStatus.PROPOSED
        )
    ).first()


def motions_of(session: Session, petition_id: UUID) -> list[CaseMotion]:
    return list(
        session.scalars(
            select(CaseMotion)
            .where(CaseMotion.petition_id == petition_id)
            .order_by(CaseMotion.proposed_at.desc(), CaseMotion.id)
        )
    )


def _why_not(session: Session, petition: Petition, motion: Motion) -> str:
    """The guards of the table that one person can already answer; "" where nothing is in the way."""
    if not list(rows(State(petition.state), motion.action)):
        return "wrong_state"
    if motion is Motion.RESTORE and not was_taken_down(session, petition):
        return "guard_taken_down"
    if motion is Motion.REOPEN and petition.published_at is not None:
        return "guard_published_before"
    return ""


def _told(
    session: Session, actor: Actor, act: str, petition: Petition, row: CaseMotion, at: datetime
) -> None:
    detail = {"motion": str(row.id), "action": row.action, "asked_by": row.asked_by}
    if row.why:
        detail["why"] = row.why
    record(session, actor, act, at=at, petition=petition, detail=detail)


def _open_check_again(session: Session, house: House, petition: Petition, at: datetime) -> None:
    """The check that refused it starts anew, with a whole term; the old decision stays on record."""
    review = session.scalars(
        select(Review)
        .where(Review.petition_id == petition.id, Review.outcome == str(Action.REFUSE))
        .order_by(Review.closed_at.desc())
    ).first()
    if review is None:
        raise TransitionRefusedError("no_check_to_reopen")
    stage = stage_of(session, house, petition, review)
    today = local_day(at, house.rulebook(session, petition).zone)
    due = due_day(session, house, petition, stage, today)
    review.closed_at = review.outcome = review.proposed = None
    review.assigned_to = review.assigned_name = None
    review.lock_actor = review.lock_name = review.locked_at = None
    review.opened_at, review.due_on, review.due_provisional = at, due.day, due.provisional
    review.days_stopped, review.stopped_since, review.back_from_author = 0, None, False
    review.version += 1
    for track in session.scalars(
        select(Track).where(Track.petition_id == petition.id, Track.cause == "refused")
    ):
        track.status, track.decided_at, track.cause = "due", None, ""


def _reach_what_was_reached(
    session: Session, house: House, petition: Petition, at: datetime
) -> None:
    """A batch that completed the decisive milestone while nobody saw the petition moved no state."""
    if petition.state != State.PUBLISHED:
        return
    milestones = house.kind(session, petition).milestones
    reached = session.scalars(
        select(MilestoneReached.rule).where(MilestoneReached.petition_id == petition.id)
    )
    for rule in reached:
        if milestones[rule].decisive:
            moves.move(
                session, petition, Action.REACH, SYSTEM, Facts(decisive_met=True), at=at,
                reason=milestones[rule].id, detail={"milestone": milestones[rule].id},
            )  # fmt: skip
