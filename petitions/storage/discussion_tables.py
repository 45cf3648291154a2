"""Earlier versions of a text that its author edits in public, before anybody signs it."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, Integer, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from petitions.platform.database import UTCDateTime
from petitions.storage.base import Base


class DiscussedText(Base):
    """What a text said until it was edited; numbered from 1 in each language."""

    __tablename__ = "discussed_text"
    petition_id: Mapped[UUID] = mapped_column(ForeignKey("petition.id"), primary_key=True)
    language: Mapped[str] = mapped_column(String(12), primary_key=True)
    number: Mapped[int] = mapped_column(Integer, primary_key=True, autoincrement=False)
    title: Mapped[str] = mapped_column(Text)
    summary: Mapped[str] = mapped_column(Text, default="")
    request: Mapped[str] = mapped_column(Text, default="")
    reasons: Mapped[str] = mapped_column(Text, default="")
    until: Mapped[datetime] = mapped_column(UTCDateTime)
    __table_args__ = (CheckConstraint("number >= 1", name="number"),)
