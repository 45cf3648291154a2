"""Pages that a parliament writes at its desk: every version, in every language."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from sqlalchemy import CheckConstraint, Integer, String, Text, UniqueConstraint, Uuid
from sqlalchemy.orm import Mapped, mapped_column

from petitions.platform.database import UTCDateTime
from petitions.storage.base import Base


class ContentText(Base):
    """One version of a page in one language. Never edited: what is public is the newest published."""

    __tablename__ = "content_text"
    id: Mapped[UUID] = mapped_column(Uuid, primary_key=True)
    assembly: Mapped[str] = mapped_column(String(60))
    """"" for the whole site."""
    page: Mapped[str] = mapped_column(String(40))
    language: Mapped[str] = mapped_column(String(12))
    number: Mapped[int] = mapped_column(Integer)
    title: Mapped[str] = mapped_column(String(200))
    body: Mapped[str] = mapped_column(Text)
    """Markdown; "" takes the desk's text back, so that the file's or the engine's shows again."""
    recorded_at: Mapped[datetime] = mapped_column(UTCDateTime)
    recorded_by: Mapped[str] = mapped_column(String(60))
    published_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    __table_args__ = (
        UniqueConstraint("assembly", "page", "language", "number", name="uq_content_text_version"),
        CheckConstraint("number >= 1", name="number"),
    )
