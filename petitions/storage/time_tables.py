"""Time: the assembly's calendar as clerks keep it, and the clocks of each petition."""

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
    LargeBinary,
    String,
    Text,
    Uuid,
    text,
)
from sqlalchemy.orm import Mapped, mapped_column

from petitions.platform.database import JsonText, UTCDateTime
from petitions.storage.base import Base


class CalendarEntry(Base):
    """One line of an assembly's calendar: an event with its instants, or days of one sort.

    Never edited and never deleted: it is ended, or corrected by an entry that names it.
    """

    __tablename__ = "calendar_entry"
    id: Mapped[UUID] = mapped_column(Uuid, primary_key=True)
    assembly: Mapped[str] = mapped_column(String(60))
    what: Mapped[str] = mapped_column(String(12))
    event: Mapped[str | None] = mapped_column(String(60))
    starts_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    ends_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    """Exclusive. None: a point in time, or it goes on."""
    days: Mapped[list[Any]] = mapped_column(JsonText, default=list)
    """ISO dates of sitting days, days without a sitting, or holidays."""
    covers_until: Mapped[date | None] = mapped_column(Date)
    note: Mapped[str] = mapped_column(Text)
    """Where it stands: the decree, the decision, the report of the outage."""
    status: Mapped[str] = mapped_column(String(12))
    recorded_at: Mapped[datetime] = mapped_column(UTCDateTime)
    recorded_by: Mapped[str] = mapped_column(String(60))
    confirmed_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    """Since when it is in force; set at once where one person is enough."""
    confirmed_by: Mapped[str | None] = mapped_column(String(60))
    corrects: Mapped[UUID | None] = mapped_column(ForeignKey("calendar_entry.id"))
    cancels: Mapped[bool] = mapped_column(default=False, server_default="0")
    """An erratum that only takes the other entry out."""
    settled_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    """When every petition it reaches at its instant had been dealt with."""
    __table_args__ = (
        CheckConstraint(
            "what IN ('event', 'sitting', 'no_sitting', 'holiday', 'coverage')", name="what"
        ),
        CheckConstraint(
            "status IN ('proposed', 'in_force', 'called_off', 'corrected')", name="status"
        ),
        CheckConstraint(
            "what <> 'event' OR (event IS NOT NULL AND starts_at IS NOT NULL)", name="event_dated"
        ),
        CheckConstraint("ends_at IS NULL OR ends_at > starts_at", name="ends_after_start"),
        CheckConstraint("status <> 'in_force' OR confirmed_at IS NOT NULL", name="in_force_dated"),
        Index("ix_calendar_entry_assembly", "assembly", "status"),
    )


class CalendarSeen(Base):
    """The digest of the calendar file that open deadlines were last laid out with."""

    __tablename__ = "calendar_seen"
    assembly: Mapped[str] = mapped_column(String(60), primary_key=True)
    digest: Mapped[bytes] = mapped_column(LargeBinary(32))
    __table_args__ = (CheckConstraint("length(digest) = 32", name="digest"),)


class AppliedEffect(Base):
    """What an event did to one petition: once, whoever carries it out and however often."""

    __tablename__ = "applied_effect"
    petition_id: Mapped[UUID] = mapped_column(ForeignKey("petition.id"), primary_key=True)
    entry_id: Mapped[UUID] = mapped_column(ForeignKey("calendar_entry.id"), primary_key=True)
    effect: Mapped[str] = mapped_column(String(12))
    at: Mapped[datetime] = mapped_column(UTCDateTime)
    """The instant it holds from."""
    length: Mapped[str | None] = mapped_column(String(20))
    __table_args__ = (
        CheckConstraint("effect IN ('extend', 'close', 'lapse', 'carry_over')", name="effect"),
    )


class PetitionClock(Base):
    """Whether a petition's dates must be laid out again, and whether lists still show it."""

    __tablename__ = "petition_clock"
    petition_id: Mapped[UUID] = mapped_column(ForeignKey("petition.id"), primary_key=True)
    stale: Mapped[bool] = mapped_column(default=True, server_default="1")
    unlisted: Mapped[bool] = mapped_column(default=False, server_default="0")
    __table_args__ = (
        Index("ix_petition_clock_stale", "stale"),
        Index(
            "ix_petition_clock_unlisted",
            "petition_id",
            postgresql_where=text("unlisted IS true"),
            sqlite_where=text("unlisted IS 1"),
        ),
    )


class Timer(Base):
    """What the calendar does by itself to one petition at an instant, once."""

    __tablename__ = "timer"
    petition_id: Mapped[UUID] = mapped_column(ForeignKey("petition.id"), primary_key=True)
    code: Mapped[str] = mapped_column(String(80), primary_key=True)
    due_at: Mapped[datetime] = mapped_column(UTCDateTime)
    done_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    __table_args__ = (Index("ix_timer_due", "done_at", "due_at"),)


class RecordedEvent(Base):
    """An event of one petition that somebody reports: its first day, a hand-over, a submission."""

    __tablename__ = "recorded_event"
    petition_id: Mapped[UUID] = mapped_column(ForeignKey("petition.id"), primary_key=True)
    event: Mapped[str] = mapped_column(String(60), primary_key=True)
    day: Mapped[date] = mapped_column(Date)
    """Local to the rulebook's zone."""
    at: Mapped[datetime] = mapped_column(UTCDateTime)
    """The instant it holds from, UTC."""
    recorded_at: Mapped[datetime] = mapped_column(UTCDateTime)
    actor: Mapped[str] = mapped_column(String(60))


class WindowExtension(Base):
    """A recorded decision that lengthens the window, with its public notice (rule T7)."""

    __tablename__ = "window_extension"
    petition_id: Mapped[UUID] = mapped_column(ForeignKey("petition.id"), primary_key=True)
    number: Mapped[int] = mapped_column(Integer, primary_key=True, autoincrement=False)
    length: Mapped[str] = mapped_column(String(20))
    body: Mapped[str] = mapped_column(String(60))
    cause: Mapped[str] = mapped_column(String(60), default="")
    texts: Mapped[dict[str, Any]] = mapped_column(JsonText, default=dict)
    decided_on: Mapped[date] = mapped_column(Date)
    at: Mapped[datetime] = mapped_column(UTCDateTime)
    actor: Mapped[str] = mapped_column(String(60))
    __table_args__ = (CheckConstraint("number >= 1", name="number"),)
