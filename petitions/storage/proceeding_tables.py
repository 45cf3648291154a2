"""What the institution does after publication: steps, their corrections, extensions, merging, care.

Steps, changes of steps and extensions are append-only: triggers refuse UPDATE and DELETE, so that a
mistake is mended by an erratum that everybody can read beside it.
"""

from __future__ import annotations

from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import (
    CheckConstraint,
    Date,
    ForeignKey,
    ForeignKeyConstraint,
    Index,
    Integer,
    LargeBinary,
    String,
    Text,
    UniqueConstraint,
    Uuid,
)
from sqlalchemy.orm import Mapped, mapped_column

from petitions.domain.motions import AskedBy, MergeStatus, Motion, MotionStatus
from petitions.domain.steps import ChangeKind
from petitions.platform.database import JsonText, UTCDateTime
from petitions.storage.base import Base, one_of


class Step(Base):
    """One step of the institution, as it was recorded; what it is now follows from its changes."""

    __tablename__ = "step"
    id: Mapped[UUID] = mapped_column(Uuid, primary_key=True)
    petition_id: Mapped[UUID] = mapped_column(ForeignKey("petition.id"))
    number: Mapped[int] = mapped_column(Integer)
    kind: Mapped[str] = mapped_column(String(60))
    """A code of the wording's `steps`."""
    body: Mapped[str] = mapped_column(String(60), default="")
    planned: Mapped[bool]
    """Announced for a day to come; else it took place."""
    on_day: Mapped[date] = mapped_column(Date)
    """Local to the rulebook's zone."""
    at_time: Mapped[str] = mapped_column(String(5), default="")
    """"14:30", local; "" where no time is told."""
    place: Mapped[str] = mapped_column(Text, default="")
    texts: Mapped[dict[str, Any]] = mapped_column(JsonText, default=dict)
    links: Mapped[list[Any]] = mapped_column(JsonText, default=list)
    """[address, name] of each document."""
    track: Mapped[str | None] = mapped_column(String(60))
    """The duty it belongs to."""
    recorded_at: Mapped[datetime] = mapped_column(UTCDateTime)
    actor: Mapped[str] = mapped_column(String(60))
    __table_args__ = (
        UniqueConstraint("petition_id", "number"),
        CheckConstraint("at_time = '' OR length(at_time) = 5", name="at_time"),
        Index("ix_step_planned", "planned", "on_day"),
    )


class StepChange(Base):
    """An erratum, a new day, a cancellation, or that a planned step was held. Numbered from 1."""

    __tablename__ = "step_change"
    step_id: Mapped[UUID] = mapped_column(ForeignKey("step.id"), primary_key=True)
    number: Mapped[int] = mapped_column(Integer, primary_key=True, autoincrement=False)
    kind: Mapped[str] = mapped_column(String(12))
    on_day: Mapped[date | None] = mapped_column(Date)
    at_time: Mapped[str] = mapped_column(String(5), default="")
    place: Mapped[str] = mapped_column(Text, default="")
    texts: Mapped[dict[str, Any]] = mapped_column(JsonText, default=dict)
    links: Mapped[list[Any]] = mapped_column(JsonText, default=list)
    recorded_at: Mapped[datetime] = mapped_column(UTCDateTime)
    actor: Mapped[str] = mapped_column(String(60))
    __table_args__ = (
        CheckConstraint(one_of("kind", ChangeKind), name="kind"),
        CheckConstraint("number >= 1", name="number"),
        CheckConstraint("kind <> 'rescheduled' OR on_day IS NOT NULL", name="new_day"),
    )


class TrackExtension(Base):
    """A recorded decision that gives a duty more time, with its public notice (rule T7)."""

    __tablename__ = "track_extension"
    petition_id: Mapped[UUID] = mapped_column(Uuid, primary_key=True)
    code: Mapped[str] = mapped_column(String(60), primary_key=True)
    number: Mapped[int] = mapped_column(Integer, primary_key=True, autoincrement=False)
    length: Mapped[str] = mapped_column(String(20))
    """A period as in a rulebook: "P2M", "10 working"."""
    due_before: Mapped[date | None] = mapped_column(Date)
    due_after: Mapped[date | None] = mapped_column(Date)
    texts: Mapped[dict[str, Any]] = mapped_column(JsonText, default=dict)
    at: Mapped[datetime] = mapped_column(UTCDateTime)
    actor: Mapped[str] = mapped_column(String(60))
    __table_args__ = (
        ForeignKeyConstraint(["petition_id", "code"], ["track.petition_id", "track.code"]),
        CheckConstraint("number >= 1", name="number"),
    )


class CaseMotion(Base):
    """An act on a whole petition that takes two people: proposed by one, carried out by another."""

    __tablename__ = "case_motion"
    id: Mapped[UUID] = mapped_column(Uuid, primary_key=True)
    petition_id: Mapped[UUID] = mapped_column(ForeignKey("petition.id"))
    action: Mapped[str] = mapped_column(String(12))
    grounds: Mapped[list[Any]] = mapped_column(JsonText, default=list)
    legal_basis: Mapped[str] = mapped_column(Text, default="")
    asked_by: Mapped[str] = mapped_column(String(20))
    """A category, never a name."""
    texts: Mapped[dict[str, Any]] = mapped_column(JsonText, default=dict)
    """Statement of reasons by language: for the author; public where the petition stays so."""
    status: Mapped[str] = mapped_column(String(12))
    proposed_at: Mapped[datetime] = mapped_column(UTCDateTime)
    proposed_by: Mapped[str] = mapped_column(String(60))
    settled_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    settled_by: Mapped[str | None] = mapped_column(String(60))
    why: Mapped[str] = mapped_column(Text, default="")
    """Why it was called off."""
    __table_args__ = (
        CheckConstraint(one_of("action", Motion), name="action"),
        CheckConstraint(one_of("status", MotionStatus), name="status"),
        CheckConstraint(one_of("asked_by", AskedBy), name="asked_by"),
        CheckConstraint("status <> 'carried_out' OR settled_by <> proposed_by", name="two_people"),
        CheckConstraint("(status = 'proposed') = (settled_at IS NULL)", name="settled"),
        Index("ix_case_motion_petition", "petition_id", "proposed_at"),
    )


class MergeRequest(Base):
    """One petition proposed to be merged into another; the accepted one is where readers go on."""

    __tablename__ = "merge_request"
    id: Mapped[UUID] = mapped_column(Uuid, primary_key=True)
    petition_id: Mapped[UUID] = mapped_column(ForeignKey("petition.id"))
    target_id: Mapped[UUID] = mapped_column(ForeignKey("petition.id"))
    texts: Mapped[dict[str, Any]] = mapped_column(JsonText, default=dict)
    status: Mapped[str] = mapped_column(String(12))
    asked_at: Mapped[datetime] = mapped_column(UTCDateTime)
    asked_by: Mapped[str] = mapped_column(String(60))
    asked_role: Mapped[str] = mapped_column(String(20))
    asked_name: Mapped[str] = mapped_column(String(120))
    answered_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    answer: Mapped[str] = mapped_column(Text, default="")
    """What the author wrote with a refusal; for the office."""
    __table_args__ = (
        CheckConstraint(one_of("status", MergeStatus), name="status"),
        CheckConstraint("petition_id <> target_id", name="two_petitions"),
        CheckConstraint("(status = 'asked') = (answered_at IS NULL)", name="answered"),
        Index("ix_merge_request_petition", "petition_id", "status"),
        Index("ix_merge_request_target", "target_id", "status"),
    )


class FileCare(Base):
    """Who looks after a petition's file: "mine" on the page of duties."""

    __tablename__ = "file_care"
    petition_id: Mapped[UUID] = mapped_column(ForeignKey("petition.id"), primary_key=True)
    actor: Mapped[str] = mapped_column(String(60), index=True)
    name: Mapped[str] = mapped_column(String(120))
    since: Mapped[datetime] = mapped_column(UTCDateTime)


class CalendarFeed(Base):
    """A secret address from which somebody's calendar reads the due dates; only its hash is here."""

    __tablename__ = "calendar_feed"
    token_hash: Mapped[bytes] = mapped_column(LargeBinary(32), primary_key=True)
    actor: Mapped[str] = mapped_column(String(60), index=True)
    language: Mapped[str] = mapped_column(String(12))
    body: Mapped[str] = mapped_column(String(60), default="")
    assembly: Mapped[str] = mapped_column(String(60), default="")
    mine: Mapped[bool] = mapped_column(default=False)
    made_on: Mapped[date] = mapped_column(Date)
    __table_args__ = (CheckConstraint("length(token_hash) = 32", name="token_hash"),)
