"""Rows about rulebooks beside their pinned copies: who put a version into force, and what
surrounded it on the day a petition was filed.
"""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import CheckConstraint, Integer, LargeBinary, String
from sqlalchemy.orm import Mapped, mapped_column

from petitions.platform.database import JsonText, UTCDateTime
from petitions.storage.base import Base


class RulebookActivation(Base):
    """A version put into force by an administrator, who acknowledged what is to be confirmed."""

    __tablename__ = "rulebook_activation"
    id: Mapped[str] = mapped_column(String(60), primary_key=True)
    version: Mapped[int] = mapped_column(Integer, primary_key=True)
    digest: Mapped[bytes] = mapped_column(LargeBinary(32))
    acknowledged: Mapped[list[str]] = mapped_column(JsonText)
    """Paths of `rulebook.confirm`, each acknowledged by name."""
    actor: Mapped[str] = mapped_column(String(60))
    at: Mapped[datetime] = mapped_column(UTCDateTime)
    __table_args__ = (CheckConstraint("length(digest) = 32", name="digest"),)


class Surroundings(Base):
    """Areas, populations and wording of a rulebook as they stood on one day; stored once each."""

    __tablename__ = "surroundings"
    digest: Mapped[bytes] = mapped_column(LargeBinary(32), primary_key=True)
    content: Mapped[bytes] = mapped_column(LargeBinary)
    """Canonical JSON; `digest` is its SHA-256."""
    stored_at: Mapped[datetime] = mapped_column(UTCDateTime)
    __table_args__ = (CheckConstraint("length(digest) = 32", name="digest"),)
