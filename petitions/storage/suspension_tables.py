"""Signing suspended by the office: who, since when, until when, and the reason that is public."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, Uuid
from sqlalchemy.orm import Mapped, mapped_column

from petitions.platform.database import JsonText, UTCDateTime
from petitions.storage.base import Base


class SigningSuspension(Base):
    """From `since` to `resumed_at`; unless a second person confirmed, to `lapses_at` at the latest."""

    __tablename__ = "signing_suspension"
    id: Mapped[UUID] = mapped_column(Uuid, primary_key=True)
    petition_id: Mapped[UUID] = mapped_column(ForeignKey("petition.id"))
    since: Mapped[datetime] = mapped_column(UTCDateTime)
    lapses_at: Mapped[datetime] = mapped_column(UTCDateTime)
    """One person alone stops signing for so long and no longer."""
    texts: Mapped[dict[str, Any]] = mapped_column(JsonText)
    """The public reason, per language."""
    actor: Mapped[str] = mapped_column(String(60))
    confirmed_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    confirmed_by: Mapped[str | None] = mapped_column(String(60))
    resumed_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    resumed_by: Mapped[str | None] = mapped_column(String(60))
    __table_args__ = (
        CheckConstraint("confirmed_by IS NULL OR confirmed_by <> actor", name="two_people"),
        CheckConstraint("(confirmed_by IS NULL) = (confirmed_at IS NULL)", name="confirmed_dated"),
        CheckConstraint("(resumed_by IS NULL) = (resumed_at IS NULL)", name="resumed_dated"),
        Index("ix_signing_suspension_petition", "petition_id", "since"),
    )
