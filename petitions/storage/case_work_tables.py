"""What desk and author pass to each other: drafts, wording asked for, each text as it was sent."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, Integer, LargeBinary, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from petitions.domain.rewording import Answered
from petitions.platform.database import JsonText, UTCDateTime
from petitions.storage.base import Base, one_of


class CaseDraft(Base):
    """What one clerk has written about one check and not sent yet."""

    __tablename__ = "case_draft"
    review_id: Mapped[UUID] = mapped_column(ForeignKey("review.id"), primary_key=True)
    actor: Mapped[str] = mapped_column(String(60), primary_key=True)
    actor_name: Mapped[str] = mapped_column(String(120))
    content: Mapped[dict[str, Any]] = mapped_column(JsonText)
    """Findings, decision, texts by language, proposed wording by language and part."""
    review_version: Mapped[int] = mapped_column(Integer)
    petition_version: Mapped[int] = mapped_column(Integer)
    """The versions it was written against: a newer one is shown with what changed."""
    at: Mapped[datetime] = mapped_column(UTCDateTime)


class TextVersion(Base):
    """A text exactly as its author sent it; a correction adds a version and changes none."""

    __tablename__ = "text_version"
    petition_id: Mapped[UUID] = mapped_column(ForeignKey("petition.id"), primary_key=True)
    language: Mapped[str] = mapped_column(String(12), primary_key=True)
    number: Mapped[int] = mapped_column(Integer, primary_key=True)
    title: Mapped[str] = mapped_column(Text)
    summary: Mapped[str] = mapped_column(Text)
    request: Mapped[str] = mapped_column(Text)
    reasons: Mapped[str] = mapped_column(Text)
    petition_version: Mapped[int] = mapped_column(Integer)
    """Version of the petition from which on this text stood."""
    at: Mapped[datetime] = mapped_column(UTCDateTime)


class ChangeRequest(Base):
    """A return for correction: the wording proposed with it, if any, and what the author answered."""

    __tablename__ = "change_request"
    petition_id: Mapped[UUID] = mapped_column(ForeignKey("petition.id"), primary_key=True)
    number: Mapped[int] = mapped_column(Integer, primary_key=True)
    """That of the decision which returned the petition."""
    before: Mapped[dict[str, Any]] = mapped_column(JsonText)
    """By language: the text as it stood."""
    proposed: Mapped[dict[str, Any]] = mapped_column(JsonText)
    """By language: the text as the office would have it; a language without a proposal is absent."""
    asked_at: Mapped[datetime] = mapped_column(UTCDateTime)
    reminded_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    status: Mapped[str] = mapped_column(String(10))
    answered_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    answer: Mapped[str] = mapped_column(Text)
    __table_args__ = (
        CheckConstraint(one_of("status", Answered), name="status"),
        CheckConstraint("(status = 'asked') = (answered_at IS NULL)", name="answered_dated"),
    )


class TextReading(Base):
    """The language in which a text reads, found once per text by the worker."""

    __tablename__ = "text_reading"
    petition_id: Mapped[UUID] = mapped_column(ForeignKey("petition.id"), primary_key=True)
    language: Mapped[str] = mapped_column(String(12), primary_key=True)
    """The declared one."""
    digest: Mapped[bytes] = mapped_column(LargeBinary(32))
    """SHA-256 of what was read: another text is read anew."""
    guessed: Mapped[str | None] = mapped_column(String(12))
    """None where the detector could not tell."""
    at: Mapped[datetime] = mapped_column(UTCDateTime)
    __table_args__ = (CheckConstraint("length(digest) = 32", name="digest"),)
