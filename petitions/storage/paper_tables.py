"""Paper and certificates: sheets, what authorities certify, how far verification is, maps by area.

No line of a sheet is kept here, no name and no number of a person: sheets stay with whoever checks them.
"""

from __future__ import annotations

from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    Date,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    SmallInteger,
    String,
    Uuid,
)
from sqlalchemy.orm import Mapped, mapped_column

from petitions.platform.database import JsonText, UTCDateTime
from petitions.storage.base import Base


class Sheet(Base):
    """One numbered sheet of signatures, from printing to its certificate."""

    __tablename__ = "sheet"
    petition_id: Mapped[UUID] = mapped_column(ForeignKey("petition.id"), primary_key=True)
    number: Mapped[int] = mapped_column(Integer, primary_key=True, autoincrement=False)
    area: Mapped[str] = mapped_column(String(40), default="")
    status: Mapped[str] = mapped_column(String(10))
    lines: Mapped[int] = mapped_column(Integer, default=0)
    """Signatures on it, counted when it came back."""
    valid: Mapped[int] = mapped_column(Integer, default=0)
    invalid: Mapped[int] = mapped_column(Integer, default=0)
    duplicate: Mapped[int] = mapped_column(Integer, default=0)
    certificate_id: Mapped[UUID | None] = mapped_column(ForeignKey("certificate.id"))
    changed_at: Mapped[datetime] = mapped_column(UTCDateTime)
    changed_by: Mapped[str] = mapped_column(String(60))
    __table_args__ = (
        CheckConstraint(
            "status IN ('created', 'issued', 'returned', 'checked', 'certified')", name="status"
        ),
        CheckConstraint("number >= 1", name="number"),
        CheckConstraint(
            "status NOT IN ('checked', 'certified') OR lines = valid + invalid + duplicate",
            name="adds_up",
        ),
        CheckConstraint("(status = 'certified') = (certificate_id IS NOT NULL)", name="certified"),
    )


class Certificate(Base):
    """What an authority's document says of signatures, or an area's declaration. Two people enter it."""

    __tablename__ = "certificate"
    id: Mapped[UUID] = mapped_column(Uuid, primary_key=True)
    petition_id: Mapped[UUID] = mapped_column(ForeignKey("petition.id"))
    log_id: Mapped[int] = mapped_column(SmallInteger)
    about: Mapped[str] = mapped_column(String(12))
    area: Mapped[str] = mapped_column(String(40), default="")
    authority: Mapped[str] = mapped_column(String(200))
    document: Mapped[str] = mapped_column(String(200))
    """Reference of the paper that is kept in the file."""
    issued_on: Mapped[date] = mapped_column(Date)
    raw: Mapped[int] = mapped_column(BigInteger)
    """Signatures received, of which a sample or all were looked at."""
    examined: Mapped[int] = mapped_column(BigInteger)
    valid: Mapped[int] = mapped_column(BigInteger)
    invalid: Mapped[int] = mapped_column(BigInteger)
    duplicate: Mapped[int] = mapped_column(BigInteger)
    sampled: Mapped[bool] = mapped_column(default=False)
    counted: Mapped[int] = mapped_column(BigInteger, default=0)
    """What counts: the valid ones, or what a sample stands for."""
    sheets: Mapped[list[Any]] = mapped_column(JsonText, default=list)
    status: Mapped[str] = mapped_column(String(12))
    proposed_at: Mapped[datetime] = mapped_column(UTCDateTime)
    proposed_by: Mapped[str] = mapped_column(String(60))
    confirmed_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    confirmed_by: Mapped[str | None] = mapped_column(String(60))
    ended_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    evidence_hash: Mapped[bytes | None] = mapped_column(LargeBinary(32), unique=True)
    """Of the published file, once the certificate goes to the log."""
    batch_no: Mapped[int | None] = mapped_column(BigInteger)
    __table_args__ = (
        CheckConstraint("about IN ('online', 'paper', 'declaration')", name="about"),
        CheckConstraint(
            "status IN ('proposed', 'confirmed', 'called_off', 'replaced')", name="status"
        ),
        CheckConstraint("examined = valid + invalid + duplicate", name="adds_up"),
        CheckConstraint("raw >= examined AND valid >= 0 AND counted >= 0", name="numbers"),
        CheckConstraint("about <> 'declaration' OR (raw = 0 AND area <> '')", name="declaration"),
        CheckConstraint("confirmed_by IS NULL OR confirmed_by <> proposed_by", name="two_people"),
        CheckConstraint("length(evidence_hash) = 32", name="evidence_hash"),
        CheckConstraint("batch_no IS NULL OR evidence_hash IS NOT NULL", name="logged"),
        Index("ix_certificate_petition", "petition_id", "proposed_at"),
    )


class Verification(Base):
    """How far the verification of one petition is, and what its organisers say they have."""

    __tablename__ = "verification"
    petition_id: Mapped[UUID] = mapped_column(ForeignKey("petition.id"), primary_key=True)
    declared_lines: Mapped[int | None] = mapped_column(BigInteger)
    """On paper, by the organisers' own word: shown, never counted."""
    declared_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    closed_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    """Nothing is left to verify."""
    closed_by: Mapped[str | None] = mapped_column(String(60))
    settled: Mapped[bool] = mapped_column(default=False, server_default="0")
    """The engine has drawn the consequence of `closed_at`."""
    __table_args__ = (
        CheckConstraint("declared_lines IS NULL OR declared_lines >= 0", name="declared_lines"),
        CheckConstraint("(closed_at IS NULL) = (closed_by IS NULL)", name="closed"),
    )


class AreaMap(Base):
    """One day's figures by area, exactly as published: whole tens, small ones hidden."""

    __tablename__ = "area_map"
    petition_id: Mapped[UUID] = mapped_column(ForeignKey("petition.id"), primary_key=True)
    day: Mapped[date] = mapped_column(Date, primary_key=True)
    figures: Mapped[dict[str, Any]] = mapped_column(JsonText)
    """Area code → whole tens; 0: under the smallest figure shown."""
    met: Mapped[dict[str, Any]] = mapped_column(JsonText)
    """Milestone → areas at their minimum on that day."""
    area_min: Mapped[int] = mapped_column(Integer)
    content: Mapped[bytes] = mapped_column(LargeBinary)
    digest: Mapped[bytes] = mapped_column(LargeBinary(32), unique=True)
    batch_no: Mapped[int | None] = mapped_column(BigInteger)
    __table_args__ = (CheckConstraint("length(digest) = 32", name="digest"),)


class CountCorrection(Base):
    """A final count that is corrected upwards: one proposes, another confirms (transition 18)."""

    __tablename__ = "count_correction"
    id: Mapped[UUID] = mapped_column(Uuid, primary_key=True)
    petition_id: Mapped[UUID] = mapped_column(ForeignKey("petition.id"))
    texts: Mapped[dict[str, Any]] = mapped_column(JsonText)
    was: Mapped[int] = mapped_column(BigInteger)
    becomes: Mapped[int] = mapped_column(BigInteger)
    status: Mapped[str] = mapped_column(String(12))
    proposed_at: Mapped[datetime] = mapped_column(UTCDateTime)
    proposed_by: Mapped[str] = mapped_column(String(60))
    settled_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    settled_by: Mapped[str | None] = mapped_column(String(60))
    __table_args__ = (
        CheckConstraint("status IN ('proposed', 'confirmed', 'called_off')", name="status"),
        CheckConstraint("status <> 'confirmed' OR settled_by <> proposed_by", name="two_people"),
        CheckConstraint("becomes > was", name="upwards"),
        Index("ix_count_correction_petition", "petition_id", "proposed_at"),
    )
