"""An answer takes two people where the rulebook says so (`after.four_eyes`).

Rules of this module:
- nothing is published, logged or sent before the second person;
- what is confirmed is what was proposed, word for word: whoever wants another word sends it back;
- nobody confirms their own proposal.
"""

from __future__ import annotations

from datetime import datetime
from uuid import UUID, uuid4

from sqlalchemy import select
from sqlalchemy.orm import Session

from petitions.domain.errors import ConflictError, ForbiddenError, InvalidError
from petitions.domain.motions import MotionStatus
from petitions.domain.text import Limits, normalised, problem
from petitions.services import examination
from petitions.services.audit import record
from petitions.services.examination import Examination
from petitions.services.ports import Actor, House
from petitions.services.two_people import locked
from petitions.storage.tables import AnswerProposal, Outcome, Petition

WHY_MAX = 500


def needed(session: Session, house: House, petition: Petition) -> bool:
    """Whether the answer to this petition takes two people."""
    return house.kind(session, petition).after.four_eyes


def propose(
    session: Session,
    house: House,
    petition: Petition,
    found: Examination,
    actor: Actor,
    *,
    at: datetime,
) -> AnswerProposal:
    """The first of two people. `petition` is locked. InvalidError names the fields."""
    if open_proposal(session, petition.id) is not None:
        raise ConflictError("answer_proposed")
    possible = examination.can_examine(session, house, petition, at)
    if not possible.allowed:
        raise ConflictError("wrong_state")
    if possible.needs_reason and not found.reason.strip():
        raise InvalidError(fields={"reason": ("required", {})})
    examination.check(session, house, petition, found, at)
    row = AnswerProposal(
        id=uuid4(), petition_id=petition.id, code=found.code, decided_on=found.decided_on,
        summaries=dict(found.summaries), texts=dict(found.texts), links=list(found.links),
        reason=normalised(found.reason), status=str(MotionStatus.PROPOSED), proposed_at=at,
        proposed_by=actor.code, why="",
    )  # fmt: skip
    session.add(row)
    petition.version += 1
    _told(session, actor, "answer_proposed", petition, row, at)
    return row


def confirm(session: Session, house: House, proposal: UUID, actor: Actor, at: datetime) -> Outcome:
    """The second person: recorded and published as it was proposed."""
    row, petition = locked(session, AnswerProposal, proposal, "answer_proposal")
    if row.proposed_by == actor.code:
        raise ForbiddenError("second_person_needed")
    row.status, row.settled_at, row.settled_by = str(MotionStatus.CARRIED_OUT), at, actor.code
    session.flush()
    return examination.examine(
        session, house, petition, written(row), actor, at=at, proposed_by=row.proposed_by
    )


def send_back(
    session: Session, proposal: UUID, actor: Actor, why: str, at: datetime
) -> AnswerProposal:
    """By the second person, or taken back by the first; with a reason for the record."""
    wrong = problem(normalised(why), Limits(WHY_MAX))
    if wrong:
        raise InvalidError(fields={"why": wrong})
    row, petition = locked(session, AnswerProposal, proposal, "answer_proposal")
    row.status, row.settled_at, row.settled_by = str(MotionStatus.CALLED_OFF), at, actor.code
    row.why = normalised(why)
    petition.version += 1
    _told(session, actor, "answer_sent_back", petition, row, at)
    return row


def written(row: AnswerProposal) -> Examination:
    """What was proposed, as it would be recorded."""
    return Examination(
        code=row.code,
        decided_on=row.decided_on,
        summaries={lang: str(text) for lang, text in row.summaries.items()},
        texts={lang: str(text) for lang, text in row.texts.items()},
        links=tuple(map(str, row.links)),
        reason=row.reason,
    )


def open_proposal(session: Session, petition_id: UUID) -> AnswerProposal | None:
    return session.scalars(
        select(AnswerProposal).where(
            AnswerProposal.petition_id == petition_id,
            AnswerProposal.status == MotionStatus.PROPOSED,
        )
    ).first()


def last_sent_back(session: Session, petition_id: UUID) -> AnswerProposal | None:
    """The newest proposal, where it was sent back: its words are what somebody goes on from."""
    newest = session.scalars(
        select(AnswerProposal)
        .where(AnswerProposal.petition_id == petition_id)
        .order_by(AnswerProposal.proposed_at.desc(), AnswerProposal.id)
        .limit(1)
    ).first()
    return newest if newest is not None and newest.status == MotionStatus.CALLED_OFF else None


def _told(
    session: Session, actor: Actor, act: str, petition: Petition, row: AnswerProposal, at: datetime
) -> None:
    detail = {"proposal": str(row.id), "outcome": row.code}
    if row.why:
        detail["why"] = row.why
    record(session, actor, act, at=at, petition=petition, detail=detail)
