"""Petitions, their texts and the rulebook versions they are pinned to."""

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
    Uuid,
)
from sqlalchemy.orm import Mapped, mapped_column

from petitions.domain.lifecycle import State
from petitions.platform.database import JsonText, UTCDateTime
from petitions.storage.base import Base, one_of

_NEEDS_REFERENCE = "state IN ('draft', 'withdrawn', 'archived') OR reference IS NOT NULL"
_NEEDS_PUBLICATION = (
    "state NOT IN ('published', 'threshold_reached', 'examined', 'closed_below') "
    "OR (published_at IS NOT NULL AND opens_at IS NOT NULL)"
)
_RETURNED = "(state = 'returned') = (correction_due IS NOT NULL)"
_PREVIOUS = "state <> 'returned' OR previous_state IS NOT NULL"


class RulebookVersion(Base):
    """A pinned copy: running petitions never look at a file again."""

    __tablename__ = "rulebook_version"
    id: Mapped[str] = mapped_column(String(60), primary_key=True)
    version: Mapped[int] = mapped_column(Integer, primary_key=True)
    digest: Mapped[bytes] = mapped_column(LargeBinary(32))
    canonical: Mapped[bytes] = mapped_column(LargeBinary)
    valid_from: Mapped[date] = mapped_column(Date)
    stored_at: Mapped[datetime] = mapped_column(UTCDateTime)
    __table_args__ = (CheckConstraint("length(digest) = 32", name="digest"),)


class ReferenceCounter(Base):
    """The last number given out in a year; filing is rare, so one row a year does not run hot."""

    __tablename__ = "reference_counter"
    year: Mapped[int] = mapped_column(Integer, primary_key=True, autoincrement=False)
    last: Mapped[int] = mapped_column(Integer)


class AuthorContext(Base):
    """The opaque context in which authors of one assembly log in: never that of a petition."""

    __tablename__ = "author_context"
    assembly: Mapped[str] = mapped_column(String(60), primary_key=True)
    context: Mapped[UUID] = mapped_column(Uuid)
    kid: Mapped[str] = mapped_column(String(40))


class Petition(Base):
    __tablename__ = "petition"
    id: Mapped[UUID] = mapped_column(Uuid, primary_key=True)
    assembly: Mapped[str] = mapped_column(String(60))
    rulebook_id: Mapped[str] = mapped_column(String(60))
    rulebook_version: Mapped[int] = mapped_column(Integer)
    kind: Mapped[str] = mapped_column(String(60))
    choices: Mapped[dict[str, Any]] = mapped_column(JsonText, default=dict)
    targets: Mapped[dict[str, Any]] = mapped_column(JsonText, default=dict)
    """Per milestone, what it demands: fixed at admission."""
    reference: Mapped[str | None] = mapped_column(String(20), unique=True)
    state: Mapped[str] = mapped_column(String(20))
    previous_state: Mapped[str | None] = mapped_column(String(20))
    language: Mapped[str] = mapped_column(String(12))
    author_tag: Mapped[bytes] = mapped_column(LargeBinary(32))
    author_name: Mapped[str] = mapped_column(String(120), default="")
    author_email: Mapped[str | None] = mapped_column(String(254))
    similar_shown: Mapped[bool] = mapped_column(default=False)
    difference: Mapped[str] = mapped_column(Text, default="")
    created_at: Mapped[datetime] = mapped_column(UTCDateTime)
    submitted_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    published_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    opens_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    closes_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    last_day: Mapped[date | None] = mapped_column(Date)
    signing_ended_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    correction_due: Mapped[date | None] = mapped_column(Date)
    state_since: Mapped[datetime] = mapped_column(UTCDateTime)
    time_zone_data: Mapped[str] = mapped_column(String(12), default="")
    channel: Mapped[str] = mapped_column(String(12), default="online", server_default="online")
    """How it came: online by its author, else entered by a clerk."""
    after_kind: Mapped[str | None] = mapped_column(String(60))
    """The kind it goes on as since it closed below its threshold (rulebook P20)."""
    surroundings: Mapped[bytes | None] = mapped_column(LargeBinary(32))
    """Areas, populations and wording as they stood at filing."""
    topic: Mapped[str | None] = mapped_column(String(60))
    """From the assembly's list; it may be set at any time, and belongs to no text."""
    version: Mapped[int] = mapped_column(Integer, default=1)
    """Grows with every change: a form that shows an older one is answered with 409."""

    __table_args__ = (
        ForeignKeyConstraint(
            ["rulebook_id", "rulebook_version"], ["rulebook_version.id", "rulebook_version.version"]
        ),
        CheckConstraint(one_of("state", State), name="state"),
        CheckConstraint(one_of("previous_state", State), name="previous_state"),
        CheckConstraint("length(author_tag) = 32", name="author_tag"),
        CheckConstraint(_NEEDS_REFERENCE, name="reference_given"),
        CheckConstraint(_NEEDS_PUBLICATION, name="publication_dated"),
        CheckConstraint(_RETURNED, name="returned_with_day"),
        CheckConstraint(_PREVIOUS, name="returned_from"),
        CheckConstraint("closes_at IS NULL OR closes_at > opens_at", name="window"),
        Index("ix_petition_state_closes", "state", "closes_at"),
        Index("ix_petition_author", "author_tag"),
        Index("ix_petition_published", "published_at", "id"),
        Index("ix_petition_submitted", "submitted_at"),
        Index("ix_petition_topic", "topic", "state"),
    )


class PetitionText(Base):
    """What is asked, per language. A frozen text never changes: triggers refuse it."""

    __tablename__ = "petition_text"
    petition_id: Mapped[UUID] = mapped_column(ForeignKey("petition.id"), primary_key=True)
    language: Mapped[str] = mapped_column(String(12), primary_key=True)
    title: Mapped[str] = mapped_column(Text)
    request: Mapped[str] = mapped_column(Text, default="")
    reasons: Mapped[str] = mapped_column(Text, default="")
    folded: Mapped[str] = mapped_column(Text, default="")
    """Title and request in lower case without accents: what plain search looks at."""
    authoritative: Mapped[bool] = mapped_column(default=True)
    frozen: Mapped[bool] = mapped_column(default=False)
    text_hash: Mapped[bytes | None] = mapped_column(LargeBinary(32))
    summary: Mapped[str] = mapped_column(Text, default="", server_default="")
    origin: Mapped[str] = mapped_column(String(10), default="author", server_default="author")
    """Who wrote it: author, or assembly for a translation of the desk."""
    bound: Mapped[list[Any]] = mapped_column(JsonText, default=list, server_default="[]")
    """Lines that belong to the frozen text: its annexes, and the texts of equal authority."""
    published_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    __table_args__ = (
        CheckConstraint("NOT frozen OR text_hash IS NOT NULL", name="frozen_hashed"),
        CheckConstraint("text_hash IS NULL OR length(text_hash) = 32", name="text_hash"),
    )
