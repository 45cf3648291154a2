"""Answers that wait for a second person, and what became of them."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import CheckConstraint, Date, ForeignKey, Index, String, Text, Uuid
from sqlalchemy.orm import Mapped, mapped_column

from petitions.domain.motions import MotionStatus
from petitions.platform.database import JsonText, UTCDateTime
from petitions.storage.base import Base, one_of


class AnswerProposal(Base):
    """An examination as one person wrote it; another one confirms it word for word, or sends it back."""

    __tablename__ = "answer_proposal"
    id: Mapped[UUID] = mapped_column(Uuid, primary_key=True)
    petition_id: Mapped[UUID] = mapped_column(ForeignKey("petition.id"))
    code: Mapped[str] = mapped_column(String(60))
    decided_on: Mapped[date] = mapped_column(Date)
    summaries: Mapped[dict[str, Any]] = mapped_column(JsonText, default=dict)
    texts: Mapped[dict[str, Any]] = mapped_column(JsonText, default=dict)
    links: Mapped[list[Any]] = mapped_column(JsonText, default=list)
    reason: Mapped[str] = mapped_column(Text, default="")
    """Why it is examined before the threshold."""
    status: Mapped[str] = mapped_column(String(12))
    proposed_at: Mapped[datetime] = mapped_column(UTCDateTime)
    proposed_by: Mapped[str] = mapped_column(String(60))
    settled_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    settled_by: Mapped[str | None] = mapped_column(String(60))
    why: Mapped[str] = mapped_column(Text, default="")
    """Why it was sent back."""
    __table_args__ = (
        CheckConstraint(one_of("status", MotionStatus), name="status"),
        CheckConstraint("status <> 'carried_out' OR settled_by <> proposed_by", name="two_people"),
        CheckConstraint("(status = 'proposed') = (settled_at IS NULL)", name="settled"),
        Index("ix_answer_proposal_petition", "petition_id", "proposed_at"),
    )
