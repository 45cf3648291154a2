"""Changes of rights by two administrators: proposed by one, confirmed by another, all on record."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from petitions.domain.errors import ConflictError, ForbiddenError, InvalidError, NotFoundError
from petitions.domain.lifecycle import Role
from petitions.domain.staffing import (
    PROPOSAL_LIFE,
    REASON_MAX,
    WITH_ROLE,
    Change,
    Outcome,
    RolesFrom,
    confirming_objection,
    objection,
)
from petitions.services.audit import record
from petitions.services.ports import Actor
from petitions.services.staff_rights import (
    administrators,
    end_sessions,
    give_role,
    lock,
    set_disabled,
    standing,
    take_role,
)
from petitions.storage.tables import StaffNotice, StaffProposal, WebSession

ACTS = {
    Change.GIVE: "role_given",
    Change.REMOVE: "role_removed",
    Change.DISABLE: "staff_disabled",
    Change.ENABLE: "staff_enabled",
}


def propose(
    session: Session,
    by: Actor,
    subject: str,
    change: Change,
    role: Role | None,
    reason: str,
    *,
    source: RolesFrom,
    new_id: UUID,
    at: datetime,
) -> StaffProposal:
    """Changes nothing yet. InvalidError names the field, ConflictError why it cannot be."""
    lock(session)
    _must_be_administrator(session, by.code)
    why = _reason(reason)
    if source is RolesFrom.CLAIM and change in WITH_ROLE:
        raise ConflictError("roles_come_from_the_claim")
    _must_be_possible(session, subject, change, role)
    same = select(StaffProposal.id).where(
        StaffProposal.subject == subject,
        StaffProposal.change == change,
        StaffProposal.role.is_(role) if role is None else StaffProposal.role == role,
        StaffProposal.outcome.is_(None),
        StaffProposal.expires_at > at,
    )
    if session.scalars(same).first() is not None:
        raise ConflictError("proposed_already")
    proposal = StaffProposal(
        id=new_id,
        subject=subject,
        change=str(change),
        role=None if role is None else str(role),
        reason=why,
        proposed_by=by.code,
        proposed_at=at,
        expires_at=at + PROPOSAL_LIFE,
    )
    session.add(proposal)
    _record(session, by, "staff_proposed", proposal, at, why)
    return proposal


def confirm(
    session: Session, by: Actor, proposal: UUID, *, source: RolesFrom, at: datetime
) -> None:
    """Carry it out, if it still can be: by another administrator, within seven days."""
    lock(session)
    _must_be_administrator(session, by.code)
    row = _open_proposal(session, proposal, at)
    change, role = Change(row.change), None if row.role is None else Role(row.role)
    wrong = confirming_objection(
        change, by=by.code, proposed_by=row.proposed_by, subject=row.subject
    )
    if wrong:
        raise ForbiddenError(wrong)
    if row.proposed_by not in administrators(session):
        raise ConflictError("proposer_gone")  # two administrators, both of them today
    if source is RolesFrom.CLAIM and change in WITH_ROLE:
        raise ConflictError("roles_come_from_the_claim")
    _must_be_possible(session, row.subject, change, role)
    _carry_out(session, row.subject, change, role, by=by.code, at=at)
    _settle(row, Outcome.CONFIRMED, by, at)
    _record(session, by, ACTS[change], row, at, row.reason)


def refuse(session: Session, by: Actor, proposal: UUID, reason: str, *, at: datetime) -> Outcome:
    """Not carried out: refused by another administrator with a reason, or taken back by its own."""
    lock(session)
    _must_be_administrator(session, by.code)
    row = _open_proposal(session, proposal, at)
    own = row.proposed_by == by.code
    why = reason.strip()[:REASON_MAX] if own else _reason(reason)
    outcome = Outcome.WITHDRAWN if own else Outcome.REFUSED
    _settle(row, outcome, by, at)
    _record(
        session, by, "staff_proposal_withdrawn" if own else "staff_proposal_refused", row, at, why
    )
    return outcome


def disable_now(
    session: Session,
    by: Actor,
    subject: str,
    reason: str,
    *,
    new_id: Callable[[], UUID],
    at: datetime,
) -> None:
    """The urgent case, by one person: it only takes away, and every other administrator is told."""
    lock(session)
    _must_be_administrator(session, by.code)
    why = _reason(reason)
    if subject == by.code:
        raise ForbiddenError("own_rights")
    _must_be_possible(session, subject, Change.DISABLE, None)
    set_disabled(session, subject, disabled=True)
    for recipient in administrators(session):
        if recipient != by.code:
            session.add(
                StaffNotice(
                    id=new_id(), recipient=recipient, about=subject, by=by.code, at=at, reason=why
                )
            )
    detail = {"to": subject, "why": why, "urgent": True}
    record(session, by, "staff_disabled", at=at, detail=detail)


def seen(session: Session, by: Actor, notice: UUID) -> None:
    """The reader has read it; it is theirs alone."""
    row = session.get(StaffNotice, notice)
    if row is None or row.recipient != by.code:
        raise NotFoundError("notice")
    session.delete(row)


def end_session(
    session: Session, by: Actor, subject: str, token_hash: bytes | None, *, at: datetime
) -> int:
    """End one session of a person, or all of them; how many. On record where it was another's."""
    which = () if token_hash is None else (WebSession.token_hash == token_hash,)
    ended = end_sessions(session, subject, *which)
    if ended and subject != by.code:
        detail = {"to": subject, "cause": "administrator", "count": ended}
        record(session, by, "sessions_ended", at=at, detail=detail)
    return ended


def _carry_out(
    session: Session, subject: str, change: Change, role: Role | None, *, by: str, at: datetime
) -> None:
    if change is Change.GIVE and role is not None:
        give_role(session, subject, role, by=by, at=at)
    elif change is Change.REMOVE and role is not None:
        take_role(session, subject, role)
    else:
        set_disabled(session, subject, disabled=change is Change.DISABLE)


def _must_be_administrator(session: Session, actor: str) -> None:
    """The route asked already; what counts is what holds behind the lock."""
    if actor not in administrators(session):
        raise ForbiddenError("wrong_role")


def _must_be_possible(session: Session, subject: str, change: Change, role: Role | None) -> None:
    found = standing(session, subject)
    wrong = objection(change, role, found)
    if wrong == "no_such_role":
        raise InvalidError(fields={"role": ("not_accepted", {})})
    if wrong:
        raise ConflictError(wrong)
    if change in {Change.DISABLE, Change.ENABLE} and not found.roles and not found.disabled:
        raise ConflictError("has_no_rights")


def _open_proposal(session: Session, proposal: UUID, at: datetime) -> StaffProposal:
    row = session.get(StaffProposal, proposal, with_for_update=True)
    if row is None:
        raise NotFoundError("proposal")
    if row.outcome is not None:
        raise ConflictError("proposal_settled")
    if row.expires_at <= at:
        raise ConflictError("proposal_expired")
    return row


def _settle(row: StaffProposal, outcome: Outcome, by: Actor, at: datetime) -> None:
    row.outcome, row.settled_by, row.settled_at = str(outcome), by.code, at


def _record(
    session: Session, by: Actor, act: str, row: StaffProposal, at: datetime, why: str
) -> None:
    """Who proposed stands beside who confirmed, and the reason beside both."""
    detail = {"to": row.subject, "change": row.change, "why": why}
    if row.role is not None:
        detail["role"] = row.role
    if row.proposed_by != by.code:
        detail["by"] = row.proposed_by
    record(session, by, act, at=at, detail=detail)


def _reason(text: str) -> str:
    why = text.strip()
    if not why:
        raise InvalidError(fields={"reason": ("required", {})})
    if len(why) > REASON_MAX:
        over = {"max": REASON_MAX, "over": len(why) - REASON_MAX}
        raise InvalidError(fields={"reason": ("too_long", dict(over))})
    return why
