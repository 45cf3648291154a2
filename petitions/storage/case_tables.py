"""The institution's work on a petition: reviews, decisions, tracks, outcomes, tasks."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import (
    CheckConstraint,
    Date,
    ForeignKey,
    Index,
    Integer,
    String,
    Text,
    UniqueConstraint,
    Uuid,
)
from sqlalchemy.orm import Mapped, mapped_column

from petitions.platform.database import JsonText, UTCDateTime
from petitions.storage.base import Base


class Review(Base):
    """One admissibility stage of one petition: who holds it, until when it must be decided."""

    __tablename__ = "review"
    id: Mapped[UUID] = mapped_column(Uuid, primary_key=True)
    petition_id: Mapped[UUID] = mapped_column(ForeignKey("petition.id"))
    stage: Mapped[str] = mapped_column(String(60))
    body: Mapped[str] = mapped_column(String(60))
    opened_at: Mapped[datetime] = mapped_column(UTCDateTime)
    due_on: Mapped[date | None] = mapped_column(Date)
    """Last day for the decision, local to the rulebook's zone; None where the rules set none."""
    due_provisional: Mapped[bool] = mapped_column(default=False)
    stopped_since: Mapped[date | None] = mapped_column(Date)
    """The clock stands while the author corrects."""
    days_stopped: Mapped[int] = mapped_column(Integer, default=0)
    returns_used: Mapped[int] = mapped_column(Integer, default=0)
    assigned_to: Mapped[str | None] = mapped_column(String(60))
    assigned_name: Mapped[str | None] = mapped_column(String(120))
    lock_actor: Mapped[str | None] = mapped_column(String(60))
    lock_name: Mapped[str | None] = mapped_column(String(120))
    locked_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    proposed: Mapped[dict[str, Any] | None] = mapped_column(JsonText)
    """A first reader's decision that waits for the second reader."""
    back_from_author: Mapped[bool] = mapped_column(default=False)
    closed_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    outcome: Mapped[str | None] = mapped_column(String(40))
    version: Mapped[int] = mapped_column(Integer, default=1)
    __table_args__ = (
        UniqueConstraint("petition_id", "stage"),
        CheckConstraint("(closed_at IS NULL) = (outcome IS NULL)", name="closed_with_outcome"),
        Index("ix_review_queue", "closed_at", "due_on", "id"),
        Index("ix_review_assigned", "assigned_to", "closed_at"),
    )


class Finding(Base):
    """One line of the checklist: is this ground of refusal met?"""

    __tablename__ = "finding"
    review_id: Mapped[UUID] = mapped_column(ForeignKey("review.id"), primary_key=True)
    ground: Mapped[str] = mapped_column(String(60), primary_key=True)
    met: Mapped[bool]
    note: Mapped[str] = mapped_column(Text, default="")
    actor: Mapped[str] = mapped_column(String(60))
    at: Mapped[datetime] = mapped_column(UTCDateTime)


class Decision(Base):
    """A reasoned, dated, numbered decision; reversed only by a new one."""

    __tablename__ = "decision"
    id: Mapped[UUID] = mapped_column(Uuid, primary_key=True)
    petition_id: Mapped[UUID] = mapped_column(ForeignKey("petition.id"))
    number: Mapped[int] = mapped_column(Integer)
    stage: Mapped[str] = mapped_column(String(60))
    body: Mapped[str] = mapped_column(String(60))
    outcome: Mapped[str] = mapped_column(String(40))
    grounds: Mapped[list[Any]] = mapped_column(JsonText, default=list)
    texts: Mapped[dict[str, Any]] = mapped_column(JsonText, default=dict)
    """Reasons, or the points to correct, by language."""
    actor: Mapped[str] = mapped_column(String(60))
    actor_name: Mapped[str] = mapped_column(String(120))
    second_actor: Mapped[str | None] = mapped_column(String(60))
    at: Mapped[datetime] = mapped_column(UTCDateTime)
    __table_args__ = (UniqueConstraint("petition_id", "number"), Index("ix_decision_at", "at"))


class CaseNote(Base):
    """A clerk's note: never public."""

    __tablename__ = "case_note"
    id: Mapped[UUID] = mapped_column(Uuid, primary_key=True)
    petition_id: Mapped[UUID] = mapped_column(ForeignKey("petition.id"), index=True)
    at: Mapped[datetime] = mapped_column(UTCDateTime)
    actor: Mapped[str] = mapped_column(String(60))
    actor_name: Mapped[str] = mapped_column(String(120))
    text: Mapped[str] = mapped_column(Text)


class Track(Base):
    """The running record of one duty or reached milestone: due, decided or overdue."""

    __tablename__ = "track"
    petition_id: Mapped[UUID] = mapped_column(ForeignKey("petition.id"), primary_key=True)
    code: Mapped[str] = mapped_column(String(60), primary_key=True)
    """Id of the duty, or of the milestone where no duty names it."""
    milestone: Mapped[str | None] = mapped_column(String(60))
    effect: Mapped[str | None] = mapped_column(String(60))
    force: Mapped[str] = mapped_column(String(10), default="may")
    body: Mapped[str | None] = mapped_column(String(60))
    status: Mapped[str] = mapped_column(String(10))
    opened_at: Mapped[datetime] = mapped_column(UTCDateTime)
    due_on: Mapped[date | None] = mapped_column(Date)
    provisional: Mapped[bool] = mapped_column(default=False)
    overdue_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    """First instant after the last day."""
    internal: Mapped[bool] = mapped_column(default=False)
    decided_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    late: Mapped[bool] = mapped_column(default=False)
    cause: Mapped[str] = mapped_column(String(40), default="")
    texts: Mapped[dict[str, Any]] = mapped_column(JsonText, default=dict)
    started_on: Mapped[date | None] = mapped_column(Date)
    """Day on which its clock started, not counted; None while it does not run."""
    not_before: Mapped[date | None] = mapped_column(Date)
    """First day on which it may be settled without giving a reason."""
    __table_args__ = (
        CheckConstraint("status IN ('due', 'decided', 'overdue')", name="status"),
        CheckConstraint("(status = 'decided') = (decided_at IS NOT NULL)", name="decided_dated"),
        Index("ix_track_open", "status", "due_on"),
    )


class Outcome(Base):
    """The examination's result, with the answer in each language."""

    __tablename__ = "outcome"
    id: Mapped[UUID] = mapped_column(Uuid, primary_key=True)
    petition_id: Mapped[UUID] = mapped_column(ForeignKey("petition.id"), index=True)
    code: Mapped[str] = mapped_column(String(60))
    body: Mapped[str] = mapped_column(String(60))
    at: Mapped[datetime] = mapped_column(UTCDateTime)
    decided_on: Mapped[date] = mapped_column(Date)
    summaries: Mapped[dict[str, Any]] = mapped_column(JsonText, default=dict)
    texts: Mapped[dict[str, Any]] = mapped_column(JsonText, default=dict)
    links: Mapped[list[Any]] = mapped_column(JsonText, default=list)
    actor: Mapped[str] = mapped_column(String(60))


class Task(Base):
    """Something a clerk must look at, opened by the engine (count below a milestone, may close)."""

    __tablename__ = "task"
    id: Mapped[UUID] = mapped_column(Uuid, primary_key=True)
    petition_id: Mapped[UUID] = mapped_column(ForeignKey("petition.id"))
    kind: Mapped[str] = mapped_column(String(40))
    subject: Mapped[str] = mapped_column(String(60), default="")
    facts: Mapped[dict[str, Any]] = mapped_column(JsonText, default=dict)
    opened_at: Mapped[datetime] = mapped_column(UTCDateTime)
    done_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    done_by: Mapped[str | None] = mapped_column(String(60))
    __table_args__ = (UniqueConstraint("petition_id", "kind", "subject"),)
