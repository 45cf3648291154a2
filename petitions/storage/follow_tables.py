"""Who follows what by e-mail. No path leads from here to a signature: no shared key, no shared code.

No row tells a time of day at which a person did something: a day beside a public count of
signatures tells nothing, a minute might.
"""

from __future__ import annotations

from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import (
    CheckConstraint,
    Date,
    Index,
    Integer,
    LargeBinary,
    SmallInteger,
    String,
    UniqueConstraint,
    Uuid,
)
from sqlalchemy.orm import Mapped, mapped_column

from petitions.domain.following import Happening, MailKind, Rhythm, Scope, Silence, Standing
from petitions.platform.database import JsonText, UTCDateTime
from petitions.storage.base import Base, one_of


class Follower(Base):
    """One address, encrypted; `mark` is its keyed hash, by which it is found again."""

    __tablename__ = "follower"
    id: Mapped[UUID] = mapped_column(Uuid, primary_key=True)
    mark: Mapped[bytes] = mapped_column(LargeBinary(32), unique=True)
    sealed: Mapped[bytes] = mapped_column(LargeBinary)
    """The address, under the key `follow`."""
    language: Mapped[str] = mapped_column(String(12))
    asked_on: Mapped[date] = mapped_column(Date)
    """The last day on which somebody typed this address, with how often on that day."""
    asked_times: Mapped[int] = mapped_column(SmallInteger, default=0)
    bounced: Mapped[int] = mapped_column(SmallInteger, default=0)
    __table_args__ = (
        CheckConstraint("length(mark) = 32", name="mark"),
        Index("ix_follower_asked", "asked_on"),
    )


class Subscription(Base):
    """One thing that one address follows. Without `confirmed_on` it is a question, not a wish."""

    __tablename__ = "subscription"
    id: Mapped[UUID] = mapped_column(Uuid, primary_key=True)
    follower_id: Mapped[UUID] = mapped_column(Uuid)
    scope: Mapped[str] = mapped_column(String(10))
    target: Mapped[str] = mapped_column(String(60), default="")
    rhythm: Mapped[str] = mapped_column(String(8))
    asked_on: Mapped[date] = mapped_column(Date)
    confirmed_on: Mapped[date | None] = mapped_column(Date)
    __table_args__ = (
        UniqueConstraint("follower_id", "scope", "target"),
        CheckConstraint(one_of("scope", Scope), name="scope"),
        CheckConstraint(one_of("rhythm", Rhythm), name="rhythm"),
        CheckConstraint("(scope = 'all') = (target = '')", name="target"),
        Index("ix_subscription_spread", "scope", "target", "rhythm", "follower_id"),
        Index("ix_subscription_rhythm", "rhythm", "follower_id"),
        Index("ix_subscription_asked", "confirmed_on", "asked_on"),
    )


class FollowEvent(Base):
    """Something that followers are told of, and how far the list of its mails is written."""

    __tablename__ = "follow_event"
    id: Mapped[UUID] = mapped_column(Uuid, primary_key=True)
    petition_id: Mapped[UUID | None] = mapped_column(Uuid)
    what: Mapped[str] = mapped_column(String(12))
    at: Mapped[datetime] = mapped_column(UTCDateTime)
    facts: Mapped[dict[str, Any]] = mapped_column(JsonText, default=dict)
    """Where the rest stands: number of an audit row, a step, a message. Never a text."""
    part: Mapped[int] = mapped_column(SmallInteger, default=0)
    """Which of the things one can follow is being gone through."""
    after: Mapped[UUID | None] = mapped_column(Uuid)
    """The last follower of that part who has a mail."""
    mails: Mapped[int] = mapped_column(Integer, default=0)
    spread_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    """Every follower has a mail."""
    __table_args__ = (
        CheckConstraint(one_of("what", Happening), name="what"),
        CheckConstraint("(what = 'week') = (petition_id IS NULL)", name="petition"),
        Index("ix_follow_event_spread", "spread_at", "at"),
        Index("ix_follow_event_petition", "petition_id", "at"),
    )


class FollowMail(Base):
    """One mail to one follower. The key says that one happening makes one mail for each."""

    __tablename__ = "follow_mail"
    occasion: Mapped[str] = mapped_column(String(80), primary_key=True)
    follower_id: Mapped[UUID] = mapped_column(Uuid, primary_key=True)
    kind: Mapped[str] = mapped_column(String(10))
    subscription_id: Mapped[UUID | None] = mapped_column(Uuid)
    """Why this person gets it: what one click stops."""
    standing: Mapped[str] = mapped_column(String(8))
    urgency: Mapped[int] = mapped_column(SmallInteger)
    due_at: Mapped[datetime] = mapped_column(UTCDateTime)
    claimed_until: Mapped[datetime | None] = mapped_column(UTCDateTime)
    attempts: Mapped[int] = mapped_column(SmallInteger, default=0)
    sealed: Mapped[bytes | None] = mapped_column(LargeBinary)
    """The address of a test mail to somebody of the staff, encrypted; erased when it has left."""
    __table_args__ = (
        CheckConstraint(one_of("kind", MailKind), name="kind"),
        CheckConstraint(one_of("standing", Standing), name="standing"),
        CheckConstraint("(sealed IS NULL) OR (kind = 'test')", name="sealed"),
        Index("ix_follow_mail_due", "standing", "urgency", "due_at", "follower_id"),
        Index("ix_follow_mail_follower", "follower_id"),
    )


class MailSuppression(Base):
    """An address that gets nothing more, as a keyed hash: it stays when the address is erased."""

    __tablename__ = "mail_suppression"
    mark: Mapped[bytes] = mapped_column(LargeBinary(32), primary_key=True)
    why: Mapped[str] = mapped_column(String(9))
    on_day: Mapped[date] = mapped_column(Date)
    __table_args__ = (
        CheckConstraint("length(mark) = 32", name="mark"),
        CheckConstraint(one_of("why", Silence), name="why"),
    )


class FollowMessage(Base):
    """Words of the office to everybody who follows a petition: one writes, another sends."""

    __tablename__ = "follow_message"
    id: Mapped[UUID] = mapped_column(Uuid, primary_key=True)
    petition_id: Mapped[UUID] = mapped_column(Uuid)
    subjects: Mapped[dict[str, Any]] = mapped_column(JsonText)
    texts: Mapped[dict[str, Any]] = mapped_column(JsonText)
    """Both by language."""
    status: Mapped[str] = mapped_column(String(12))
    proposed_at: Mapped[datetime] = mapped_column(UTCDateTime)
    proposed_by: Mapped[str] = mapped_column(String(60))
    settled_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    settled_by: Mapped[str | None] = mapped_column(String(60))
    __table_args__ = (
        CheckConstraint("status IN ('proposed', 'carried_out', 'called_off')", name="status"),
        CheckConstraint("(status = 'proposed') = (settled_at IS NULL)", name="settled"),
        CheckConstraint("status <> 'carried_out' OR settled_by <> proposed_by", name="two_people"),
        Index("ix_follow_message_petition", "petition_id", "proposed_at"),
    )
