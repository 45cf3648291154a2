"""Tasks the engine opened for a person: a count that fell below a milestone, a petition that may close.

Counting never moves a state back and never reopens a track: a clerk confirms, or records for the
body that the effect is set aside, with a public reason.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from enum import StrEnum
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from petitions.domain.errors import ConflictError, InvalidError, NotFoundError
from petitions.domain.lifecycle import Action, Facts
from petitions.services import milestone_effects, moves
from petitions.services.audit import record
from petitions.services.closing import OUTCOME, close_signing
from petitions.services.decisions import missing_texts
from petitions.services.examination import decide_track, open_tracks
from petitions.services.ports import Actor, House
from petitions.storage.tables import Task, Track


class TaskKind(StrEnum):
    COUNT_BELOW = "count_below"
    MAY_CLOSE = "may_close"
    REMOVAL_NOT_STANDING = "removal_not_standing"
    SPONSORS_BELOW = "sponsors_below"
    COUNT_CORRECTED = "count_corrected"
    INFORM_BODY = "inform_body"
    TRANSLATE_AGAIN = "translate_again"
    LETTER_UNDELIVERED = "letter_undelivered"


class Answer(StrEnum):
    STANDS = "stands"
    SET_ASIDE = "set_aside"
    KEEP_OPEN = "keep_open"
    CLOSE = "close"
    SEEN = "seen"
    DONE = "done"


ANSWERS = {
    TaskKind.COUNT_BELOW: (Answer.STANDS, Answer.SET_ASIDE),
    TaskKind.MAY_CLOSE: (Answer.KEEP_OPEN, Answer.CLOSE),
    TaskKind.REMOVAL_NOT_STANDING: (Answer.SEEN,),
    TaskKind.SPONSORS_BELOW: (Answer.SEEN,),
    TaskKind.COUNT_CORRECTED: (Answer.SEEN,),
    TaskKind.INFORM_BODY: (Answer.DONE,),
    TaskKind.TRANSLATE_AGAIN: (Answer.DONE,),
    TaskKind.LETTER_UNDELIVERED: (Answer.DONE,),
}


def settle(
    session: Session,
    house: House,
    task_id: UUID,
    answer: Answer,
    reasons: Mapping[str, str],
    actor: Actor,
    at: datetime,
) -> Task:
    """Answer a task once. `reasons` by language; public, and needed where something ends.

    Raises InvalidError (an answer this task does not know, reasons missing) or ConflictError
    (somebody else was faster).
    """
    known = session.get(Task, task_id)
    if known is None:
        raise NotFoundError("task")
    petition = moves.lock(session, known.petition_id)
    task = session.scalars(select(Task).where(Task.id == task_id).with_for_update()).one()
    session.refresh(task)
    if task.done_at is not None:
        raise ConflictError("task_settled")
    if answer not in ANSWERS.get(TaskKind(task.kind), ()):
        raise InvalidError("not_accepted")
    if answer in {Answer.SET_ASIDE, Answer.CLOSE}:
        missing = missing_texts(house, session, petition, reasons)
        if missing:
            raise InvalidError(fields={f"reason-{task.id}-{missing[0]}": ("required", {})})
    task.done_at, task.done_by = at, actor.code
    if answer is Answer.SET_ASIDE:
        for track in _tracks_of(open_tracks(session, petition), task.subject):
            decide_track(session, house, petition, track.code, reasons, actor, at=at)
        milestone_effects.undo(session, petition, task.subject)
    if answer is Answer.CLOSE:
        facts = Facts(attrition_missed=True)
        moves.move(session, petition, Action.ATTRITION, actor, facts, at=at, public_texts=reasons)
        close_signing(session, petition, at=at, reason=OUTCOME)
    detail = {"task": task.kind, "subject": task.subject, "answer": str(answer)}
    record(session, actor, "task_settled", at=at, petition=petition, detail=detail)
    return task


def _tracks_of(tracks: list[Track], milestone: str) -> list[Track]:
    """The open duties that rest on a milestone."""
    return [track for track in tracks if milestone in {track.milestone, track.code}]
