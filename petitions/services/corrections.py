"""A final count that rises over the threshold after the close (transition 18): two people decide.

A late certificate enters the log like any other; the log then records that the milestone is reached,
and the petition stays closed until a second person has confirmed the correction.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from uuid import UUID, uuid4

from sqlalchemy import func, select, update
from sqlalchemy.orm import Session

from petitions.domain.collecting import Milestone
from petitions.domain.counting import Paper
from petitions.domain.errors import ConflictError, ForbiddenError, InvalidError
from petitions.domain.lifecycle import Action, Facts, State
from petitions.domain.text import normalised
from petitions.services import moves
from petitions.services.audit import record
from petitions.services.decisions import missing_texts
from petitions.services.ports import Actor, House
from petitions.services.tracks import open_milestone_tracks
from petitions.services.two_people import locked
from petitions.storage import tables as t
from petitions.storage.insertion import insert_once

TASK = "count_corrected"
TEXT_MAX = 20_000


def by_declarations(session: Session, petition_id: UUID, milestone: Milestone) -> bool:
    """Whether so many areas declared themselves that signatures were not needed."""
    if milestone.alternative is None:
        return False
    row = t.Certificate
    declared = session.scalar(
        select(func.count(func.distinct(row.area))).where(
            row.petition_id == petition_id,
            row.about == str(Paper.DECLARATION),
            row.batch_no.is_not(None),
        )
    )
    return (declared or 0) >= milestone.alternative.declarations


def ask(session: Session, petition: t.Petition, hit: t.MilestoneReached, at: datetime) -> None:
    """The count of a closed petition reaches its milestone: a task for two clerks."""
    insert_once(
        session, t.Task, id=uuid4(), petition_id=petition.id, kind=TASK, subject="", opened_at=at,
        facts={"valid": hit.valid, "threshold": hit.threshold},
    )  # fmt: skip


def possible(session: Session, house: House, petition: t.Petition) -> t.MilestoneReached | None:
    """The decisive milestone that a closed petition reaches by its corrected count; else None."""
    if petition.state != State.CLOSED_BELOW:
        return None
    kind = house.kind(session, petition)
    decisive = [i for i, each in enumerate(kind.milestones) if each.decisive]
    return session.get(t.MilestoneReached, (petition.id, decisive[0])) if decisive else None


def of_petition(session: Session, petition_id: UUID) -> list[t.CountCorrection]:
    return list(
        session.scalars(
            select(t.CountCorrection)
            .where(t.CountCorrection.petition_id == petition_id)
            .order_by(t.CountCorrection.proposed_at.desc())
        )
    )


def propose(
    session: Session,
    house: House,
    petition: t.Petition,
    texts: Mapping[str, str],
    actor: Actor,
    at: datetime,
) -> t.CountCorrection:
    """The first of two people, with the reason that the public will read."""
    hit = possible(session, house, petition)
    if hit is None or any(each.status == "proposed" for each in of_petition(session, petition.id)):
        raise ConflictError("changed_meanwhile", state=petition.state)
    bad: dict[str, tuple[str, dict[str, object]]] = {
        f"text_{language}": ("required", {})
        for language in missing_texts(house, session, petition, texts)
    }
    for language, text in texts.items():
        if len(text) > TEXT_MAX:
            over = len(text) - TEXT_MAX
            bad[f"text_{language}"] = ("too_long", {"max": TEXT_MAX, "over": over})
    if bad:
        raise InvalidError(fields=bad)
    row = t.CountCorrection(
        id=uuid4(), petition_id=petition.id, was=_count_at_close(session, petition, hit),
        becomes=hit.valid, texts={each: normalised(text) for each, text in texts.items()},
        status="proposed", proposed_at=at, proposed_by=actor.code,
    )  # fmt: skip
    session.add(row)
    record(
        session, actor, "correction_proposed", at=at, petition=petition,
        detail={"was": row.was, "becomes": row.becomes},
    )  # fmt: skip
    return row


def confirm(
    session: Session, house: House, correction: UUID, actor: Actor, at: datetime
) -> t.Petition:
    """The second person: the petition has reached its threshold after all."""
    row, petition = locked(session, t.CountCorrection, correction, "correction")
    if row.proposed_by == actor.code:
        raise ForbiddenError("second_person_needed")
    hit = possible(session, house, petition)
    if hit is None:
        raise ConflictError("changed_meanwhile", state=petition.state)
    row.status, row.settled_at, row.settled_by = "confirmed", at, actor.code
    milestone = house.kind(session, petition).milestones[hit.rule]
    detail = {
        "milestone": milestone.id, "threshold": hit.threshold, "valid": hit.valid, "was": row.was,
    }  # fmt: skip
    facts = Facts(second_person=True, reasons_given=True, decisive_met=True)
    moves.move(
        session, petition, Action.CORRECT_COUNT, actor, facts, at=at, reason=milestone.id,
        public_texts=row.texts, detail=detail,
    )  # fmt: skip
    open_milestone_tracks(session, house, petition, milestone, at=at)
    session.execute(
        update(t.Task)
        .where(t.Task.petition_id == petition.id, t.Task.kind == TASK, t.Task.done_at.is_(None))
        .values(done_at=at, done_by=actor.code)
    )
    return petition


def call_off(session: Session, correction: UUID, actor: Actor, at: datetime) -> None:
    row, petition = locked(session, t.CountCorrection, correction, "correction")
    row.status, row.settled_at, row.settled_by = "called_off", at, actor.code
    record(session, actor, "correction_called_off", at=at, petition=petition)


def _count_at_close(session: Session, petition: t.Petition, hit: t.MilestoneReached) -> int:
    """The number before the certificates that came after the state closed."""
    signing = session.get_one(t.PetitionSigning, petition.id)
    late = session.scalar(
        select(func.sum(t.Certificate.counted))
        .join(
            t.LogBatch,
            (t.LogBatch.batch_no == t.Certificate.batch_no)
            & (t.LogBatch.log_id == t.Certificate.log_id),
        )
        .where(
            t.Certificate.petition_id == petition.id,
            t.LogBatch.log_id == signing.log_id,
            t.LogBatch.at > petition.state_since,
        )
    )
    return hit.valid - int(late or 0)
