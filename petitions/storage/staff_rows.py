"""What the pages about people read: who may do what, open sessions, what waits for somebody."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from petitions.storage.tables import (
    Staff,
    StaffNotice,
    StaffProposal,
    StaffRole,
    StaffWaiting,
    WebSession,
)


def people(session: Session) -> Sequence[Staff]:
    """Everybody who has, or has had, a right here."""
    return session.scalars(select(Staff).order_by(Staff.disabled, Staff.name, Staff.actor)).all()


def waiting(session: Session) -> Sequence[StaffWaiting]:
    return session.scalars(
        select(StaffWaiting).order_by(StaffWaiting.asked_on, StaffWaiting.name)
    ).all()


def roles_given(session: Session) -> dict[tuple[str, str], StaffRole]:
    return {(row.actor, row.role): row for row in session.scalars(select(StaffRole))}


def sessions(session: Session, actor: str | None = None) -> Sequence[WebSession]:
    """Rows of staff sessions, newest first; whether one is still open, the clock of the edge says."""
    rows = select(WebSession).where(WebSession.audience == "staff")
    if actor is not None:
        rows = rows.where(WebSession.subject == actor)
    return session.scalars(rows.order_by(WebSession.seen_at.desc())).all()


def open_proposals(session: Session, at: datetime) -> Sequence[StaffProposal]:
    """What may still be confirmed, the one that ends first in front."""
    return session.scalars(
        select(StaffProposal)
        .where(StaffProposal.outcome.is_(None), StaffProposal.expires_at > at)
        .order_by(StaffProposal.expires_at, StaffProposal.id)
    ).all()


def notices(session: Session, actor: str) -> Sequence[StaffNotice]:
    return session.scalars(
        select(StaffNotice).where(StaffNotice.recipient == actor).order_by(StaffNotice.at)
    ).all()


def waiting_for(session: Session, actor: str, at: datetime) -> int:
    """How many proposals of others and unread notices wait for this administrator."""
    proposals = (
        select(func.count())
        .select_from(StaffProposal)
        .where(
            StaffProposal.outcome.is_(None),
            StaffProposal.expires_at > at,
            StaffProposal.proposed_by != actor,
        )
    )
    unread = select(func.count()).select_from(StaffNotice).where(StaffNotice.recipient == actor)
    return (session.scalar(proposals) or 0) + (session.scalar(unread) or 0)
