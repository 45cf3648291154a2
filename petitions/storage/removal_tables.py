"""Decisions to declare signatures invalid: by entry of the log, never by person."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, Index, LargeBinary, SmallInteger, String, Uuid
from sqlalchemy.orm import Mapped, mapped_column

from petitions.platform.database import JsonText, UTCDateTime
from petitions.storage.base import Base


class Removal(Base):
    __tablename__ = "removal"
    id: Mapped[UUID] = mapped_column(Uuid, primary_key=True)
    petition_id: Mapped[UUID] = mapped_column(ForeignKey("petition.id"))
    log_id: Mapped[int] = mapped_column(SmallInteger)
    reason: Mapped[int] = mapped_column(SmallInteger)
    leaves: Mapped[list[Any]] = mapped_column(JsonText)
    """Indices in the log, ascending."""
    texts: Mapped[dict[str, Any]] = mapped_column(JsonText)
    """The public statement of reasons, per language."""
    status: Mapped[str] = mapped_column(String(12))
    proposed_at: Mapped[datetime] = mapped_column(UTCDateTime)
    proposed_by: Mapped[str] = mapped_column(String(60))
    confirmed_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    confirmed_by: Mapped[str | None] = mapped_column(String(60))
    effective_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    """First instant after the term for objections, UTC."""
    ended_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    decision_hash: Mapped[bytes | None] = mapped_column(LargeBinary(32))
    """Of the published file of the decision, once it is confirmed."""
    __table_args__ = (
        CheckConstraint(
            "status IN ('proposed', 'confirmed', 'called_off', 'carried_out')", name="status"
        ),
        CheckConstraint("reason BETWEEN 1 AND 6", name="reason"),
        CheckConstraint("length(decision_hash) = 32", name="decision_hash"),
        CheckConstraint("confirmed_by IS NULL OR confirmed_by <> proposed_by", name="two_people"),
        Index("ix_removal_petition", "petition_id", "proposed_at"),
        Index("ix_removal_due", "status", "effective_at"),
    )
