"""What the clerk's queue keeps beside the reviews: marks of the automated reading, saved views, letters.

Marks are derived: they may be deleted at any time and are computed again from the text.
"""

from __future__ import annotations

from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Date, ForeignKey, Index, Integer, String, UniqueConstraint, Uuid
from sqlalchemy.orm import Mapped, mapped_column

from petitions.platform.database import JsonText, UTCDateTime
from petitions.storage.base import Base


class CaseReading(Base):
    """Up to which version of its petition the automated signals of a check were computed."""

    __tablename__ = "case_reading"
    review_id: Mapped[UUID] = mapped_column(ForeignKey("review.id"), primary_key=True)
    petition_version: Mapped[int] = mapped_column(Integer)


class CaseMark(Base):
    """One signal of a check, or a ground it points at ("ground:<code>"): what the queue filters by.

    Facts are counts, limits and references, never a passage of the text.
    """

    __tablename__ = "case_mark"
    review_id: Mapped[UUID] = mapped_column(ForeignKey("review.id"), primary_key=True)
    code: Mapped[str] = mapped_column(String(80), primary_key=True)
    severity: Mapped[str] = mapped_column(String(10))
    facts: Mapped[dict[str, Any]] = mapped_column(JsonText, default=dict)
    __table_args__ = (Index("ix_case_mark_code", "code", "review_id"),)


class SavedView(Base):
    """Filters of the queue under a name, of one person."""

    __tablename__ = "saved_view"
    id: Mapped[UUID] = mapped_column(Uuid, primary_key=True)
    actor: Mapped[str] = mapped_column(String(60))
    name: Mapped[str] = mapped_column(String(60))
    asked: Mapped[dict[str, Any]] = mapped_column(JsonText)
    made_on: Mapped[date] = mapped_column(Date)
    __table_args__ = (UniqueConstraint("actor", "name"),)


class ReturnedLetter(Base):
    """A letter that a mail server gave back after it had left: recorded by a person at the desk."""

    __tablename__ = "returned_letter"
    job_id: Mapped[UUID] = mapped_column(ForeignKey("outbox.id"), primary_key=True)
    petition_id: Mapped[UUID] = mapped_column(ForeignKey("petition.id"), index=True)
    at: Mapped[datetime] = mapped_column(UTCDateTime)
    actor: Mapped[str] = mapped_column(String(60))
