"""A withdrawal that all promoters must agree to (transition 21): who still has to, as numbers.

A promoter's agreement is the code of their sponsorship, nothing more: the row is deleted with it.
"""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, LargeBinary, String, Uuid
from sqlalchemy.orm import Mapped, mapped_column

from petitions.platform.database import UTCDateTime
from petitions.storage.base import Base

_KEY_ORDER = {"sqlite_with_rowid": False}


class JointWithdrawal(Base):
    """The author asks; it is carried out when the last promoter has agreed."""

    __tablename__ = "joint_withdrawal"
    petition_id: Mapped[UUID] = mapped_column(ForeignKey("petition.id"), primary_key=True)
    token_hash: Mapped[bytes] = mapped_column(LargeBinary(32), unique=True)
    """Of the private link that the author hands to the promoters."""
    asked_at: Mapped[datetime] = mapped_column(UTCDateTime)
    status: Mapped[str] = mapped_column(String(10), default="asked")
    __table_args__ = (
        CheckConstraint("length(token_hash) = 32", name="token_hash"),
        CheckConstraint("status IN ('asked', 'agreed')", name="status"),
    )


class PromoterAgreement(Base):
    """One promoter who agreed: the code of their sponsorship in its stage. No time."""

    __tablename__ = "promoter_agreement"
    petition_id: Mapped[UUID] = mapped_column(Uuid, primary_key=True)
    stage: Mapped[str] = mapped_column(String(60), primary_key=True)
    tag: Mapped[bytes] = mapped_column(LargeBinary(32), primary_key=True)
    __table_args__ = (CheckConstraint("length(tag) = 32", name="tag"), _KEY_ORDER)
