"""The only place that writes a petition's state.

A move asks the transition table, changes the row, appends the audit trail and queues the letters it
owes, all in the caller's transaction.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from petitions.domain.errors import ConflictError, NotFoundError
from petitions.domain.lifecycle import Action, Facts, Move, State, advance
from petitions.services import outbox
from petitions.services.audit import record
from petitions.services.ports import Actor
from petitions.services.telling import tell_of_move
from petitions.storage.tables import Petition
from petitions.storage.time_rows import mark_stale

_REMEMBERING = frozenset({State.RETURNED, State.HIDDEN, State.ARCHIVED})
"""States whose meaning depends on where the petition came from: what is archived out of sight stays
out of sight.
"""
LETTERS: dict[tuple[Action, State], str] = {
    (Action.SUBMIT, State.IN_ADMISSIBILITY): "submitted",
    (Action.SUBMIT, State.GATHERING_SPONSORS): "submitted",
    (Action.ACCEPT, State.PUBLISHED): "admitted",
    (Action.ACCEPT_IN_PART, State.PUBLISHED): "admitted",
    (Action.ACCEPT_WITH_CONDITIONS, State.PUBLISHED): "admitted",
    (Action.RETURN, State.RETURNED): "returned",
    (Action.REFUSE, State.REFUSED): "refused",
    (Action.REFUSE, State.HIDDEN): "hidden",
    (Action.TAKE_DOWN, State.HIDDEN): "taken_down",
    (Action.RESTORE, State.PUBLISHED): "restored",
    (Action.RESTORE, State.THRESHOLD_REACHED): "restored",
    (Action.RESTORE, State.CLOSED_BELOW): "restored",
    (Action.RESTORE, State.EXAMINED): "restored",
    (Action.RESTORE, State.REFUSED): "restored",
    (Action.REOPEN, State.IN_ADMISSIBILITY): "reopened",
    (Action.MERGE, State.MERGED): "merged",
    (Action.REACH, State.THRESHOLD_REACHED): "threshold_reached",
    (Action.CLOSE, State.CLOSED_BELOW): "closed_below",
    (Action.ATTRITION, State.CLOSED_BELOW): "closed_below",
    (Action.EXAMINE, State.EXAMINED): "examined",
    (Action.COMPLETE, State.IN_ADMISSIBILITY): "sponsors_complete",
    (Action.COMPLETE, State.PUBLISHED): "admitted",
    (Action.ACCEPT, State.GATHERING_SPONSORS): "sponsors_wanted",
    (Action.SPONSORS_MISSED, State.LAPSED): "lapsed",
    (Action.CORRECTION_MISSED, State.LAPSED): "lapsed",
    (Action.LAPSE, State.LAPSED): "lapsed",
    (Action.START_MISSED, State.LAPSED): "lapsed",
    (Action.SUBMISSION_MISSED, State.LAPSED): "lapsed",
    (Action.HANDOVER_MISSED, State.LAPSED): "lapsed",
}


def lock(session: Session, petition_id: object, version: int | None = None) -> Petition:
    """The petition's row, held until commit. ConflictError if a form shows an older version."""
    petition = session.scalars(
        select(Petition).where(Petition.id == petition_id).with_for_update()
    ).one_or_none()
    if petition is None:
        raise NotFoundError("petition")
    session.refresh(petition)
    if version is not None and petition.version != version:
        raise ConflictError("changed_meanwhile", state=petition.state)
    return petition


def move(
    session: Session,
    petition: Petition,
    action: Action,
    actor: Actor,
    facts: Facts,
    *,
    at: datetime,
    legal_instant: datetime | None = None,
    reason: str = "",
    public_texts: Mapping[str, Any] | None = None,
    detail: Mapping[str, Any] | None = None,
) -> Move:
    """Make a transition or raise TransitionRefusedError / ForbiddenError; nothing is half done."""
    source = State(petition.state)
    previous = State(petition.previous_state) if petition.previous_state else None
    decided = advance(source, action, actor.role, facts, previous=previous)
    returning = decided.transition.target is None
    petition.previous_state = source if decided.target in _REMEMBERING and not returning else None
    petition.state = decided.target
    petition.state_since = legal_instant or at
    petition.version += 1
    if decided.target is not State.RETURNED:
        petition.correction_due = None
    row = record(
        session,
        actor,
        action,
        at=at,
        petition=petition,
        source=source,
        target=decided.target,
        legal_instant=legal_instant,
        reason=reason,
        public_texts=public_texts,
        detail=detail,
    )
    mark_stale(session, petition.id)  # its dates are laid out again
    tell_of_move(session, petition, action, decided.target, row)
    code = LETTERS.get((action, decided.target))
    if code and petition.author_email:
        outbox.enqueue(
            session,
            "letter",
            f"letter:{petition.id}:{row.seq}",
            {"petition": str(petition.id), "code": code, "audit": row.seq},
            at=at,
        )
    return decided
