"""Who stands behind a petition before it is published, and nothing that could lead to a person.

`sponsor` holds a code of one person in one stage of one petition, under a salt of its own: it compares
with no signature, nor with the same person's code elsewhere. No table here has a code beside a time.
`held_entry` is the log entry of a sponsor whose act counts as a signature: it waits for the log that
the petition will be opened in. Its code stands in `signature` already, so that nobody signs twice.
"""

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
    SmallInteger,
    String,
    Uuid,
)
from sqlalchemy.orm import Mapped, mapped_column

from petitions.domain.sponsors import Invited, Progress, Standing
from petitions.platform.database import JsonText, UTCDateTime
from petitions.storage.base import Base, one_of

_KEY_ORDER = {"sqlite_with_rowid": False}
"""Stored by key on SQLite, so that no order of arrival is kept."""


class Gathering(Base):
    """The keys under which sponsors of one petition log in, from sending to publication."""

    __tablename__ = "gathering"
    petition_id: Mapped[UUID] = mapped_column(ForeignKey("petition.id"), primary_key=True)
    kid: Mapped[str] = mapped_column(String(40))
    realm: Mapped[str] = mapped_column(String(60))
    realm_fingerprint: Mapped[str] = mapped_column(String(64))
    wrapped_salt: Mapped[bytes] = mapped_column(LargeBinary(60))
    """Of the sponsors' codes."""
    signing_salt: Mapped[bytes | None] = mapped_column(LargeBinary(60))
    """The petition's own, until signing opens and takes it over."""
    text_hash: Mapped[bytes] = mapped_column(LargeBinary(32))
    """What the sponsors read: a signature for another text is never counted."""
    __table_args__ = (
        CheckConstraint("length(wrapped_salt) = 60", name="wrapped_salt"),
        CheckConstraint("length(signing_salt) = 60", name="signing_salt"),
        CheckConstraint("length(text_hash) = 32", name="text_hash"),
    )


class GatheringStage(Base):
    """One stage of sponsors of one petition. A stage that the author need not pass has no row."""

    __tablename__ = "gathering_stage"
    petition_id: Mapped[UUID] = mapped_column(ForeignKey("petition.id"), primary_key=True)
    stage: Mapped[str] = mapped_column(String(60), primary_key=True)
    position: Mapped[int] = mapped_column(SmallInteger)
    needed: Mapped[int] = mapped_column(Integer)
    progress: Mapped[str] = mapped_column(String(8))
    opened_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    due_on: Mapped[date | None] = mapped_column(Date)
    """Last day of the stage, or of the attempt that runs."""
    attempts_used: Mapped[int] = mapped_column(SmallInteger, default=0)
    ended_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    __table_args__ = (
        CheckConstraint(one_of("progress", Progress), name="progress"),
        CheckConstraint("needed >= 1", name="needed"),
        CheckConstraint("(progress = 'waiting') = (opened_at IS NULL)", name="opened"),
        Index("ix_gathering_stage_due", "progress", "due_on"),
    )


class Invitation(Base):
    """A private link. Only the hash of its secret is kept: nobody can show the link again."""

    __tablename__ = "sponsor_invitation"
    petition_id: Mapped[UUID] = mapped_column(ForeignKey("petition.id"), primary_key=True)
    number: Mapped[int] = mapped_column(Integer, primary_key=True, autoincrement=False)
    stage: Mapped[str] = mapped_column(String(60))
    token_hash: Mapped[bytes] = mapped_column(LargeBinary(32), unique=True)
    shared: Mapped[bool] = mapped_column(default=False)
    """For several people; else for one."""
    role: Mapped[str] = mapped_column(String(60), default="")
    standing: Mapped[str] = mapped_column(String(9))
    issued_on: Mapped[date] = mapped_column(Date)
    expires_at: Mapped[datetime] = mapped_column(UTCDateTime)
    __table_args__ = (
        CheckConstraint(one_of("standing", Invited), name="standing"),
        CheckConstraint("length(token_hash) = 32", name="token_hash"),
        CheckConstraint("number >= 1", name="number"),
    )


class Sponsor(Base):
    """One person in one stage, once: the primary key says so. No time, and no signature's code."""

    __tablename__ = "sponsor"
    petition_id: Mapped[UUID] = mapped_column(Uuid, primary_key=True)
    stage: Mapped[str] = mapped_column(String(60), primary_key=True)
    tag: Mapped[bytes] = mapped_column(LargeBinary(32), primary_key=True)
    standing: Mapped[str] = mapped_column(String(9))
    role: Mapped[str] = mapped_column(String(60), default="")
    area: Mapped[str] = mapped_column(String(40), default="")
    invitation: Mapped[int | None] = mapped_column(Integer)
    """Number of a personal invitation; None where a link was shared, and for the author."""
    __table_args__ = (
        CheckConstraint("length(tag) = 32", name="tag"),
        CheckConstraint(one_of("standing", Standing), name="standing"),
        _KEY_ORDER,
    )


class HeldEntry(Base):
    """A SIGN entry that waits for the petition's publication. No code, no order, no time."""

    __tablename__ = "held_entry"
    petition_id: Mapped[UUID] = mapped_column(Uuid, primary_key=True)
    body: Mapped[bytes] = mapped_column(LargeBinary(32), primary_key=True)
    area: Mapped[str] = mapped_column(String(40), default="")
    classes: Mapped[list[Any]] = mapped_column(JsonText, default=list)
    __table_args__ = (CheckConstraint("length(body) = 32", name="body"), _KEY_ORDER)
