"""The transparency log and what is counted from it. Only the worker writes here."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    Date,
    Index,
    Integer,
    LargeBinary,
    SmallInteger,
    String,
    Text,
    Uuid,
    text,
)
from sqlalchemy.orm import Mapped, mapped_column

from petitions.platform.database import JsonText, UTCDateTime
from petitions.storage.base import Base


class LogState(Base):
    __tablename__ = "log_state"
    log_id: Mapped[int] = mapped_column(SmallInteger, primary_key=True, autoincrement=False)
    origin: Mapped[str] = mapped_column(String(200), unique=True)
    size: Mapped[int] = mapped_column(BigInteger, default=0)
    root: Mapped[bytes] = mapped_column(LargeBinary(32))
    batch_no: Mapped[int] = mapped_column(BigInteger, default=0)
    published_batch: Mapped[int] = mapped_column(BigInteger, default=0)
    settled_batch: Mapped[int] = mapped_column(BigInteger, default=0)
    """The signatures of batches up to here lie in the order of their tags."""
    __table_args__ = (
        CheckConstraint("length(root) = 32", name="root"),
        CheckConstraint("published_batch <= batch_no", name="published"),
        CheckConstraint("settled_batch <= published_batch", name="settled"),
    )


class LogBatch(Base):
    """Borders and time of a batch: a copy of its BATCH entry that queries can read."""

    __tablename__ = "log_batch"
    log_id: Mapped[int] = mapped_column(SmallInteger, primary_key=True)
    batch_no: Mapped[int] = mapped_column(BigInteger, primary_key=True)
    first: Mapped[int] = mapped_column(BigInteger)
    entries: Mapped[int] = mapped_column(Integer)
    at: Mapped[datetime] = mapped_column(UTCDateTime)


class LogEntry(Base):
    __tablename__ = "log_entry"
    log_id: Mapped[int] = mapped_column(SmallInteger, primary_key=True)
    idx: Mapped[int] = mapped_column(BigInteger, primary_key=True)
    batch_no: Mapped[int] = mapped_column(BigInteger)
    entry: Mapped[bytes] = mapped_column(LargeBinary)
    __table_args__ = (
        CheckConstraint("idx >= 0", name="idx"),
        CheckConstraint("length(entry) BETWEEN 18 AND 4096", name="entry"),
    )


class LogTile(Base):
    __tablename__ = "log_tile"
    log_id: Mapped[int] = mapped_column(SmallInteger, primary_key=True)
    level: Mapped[int] = mapped_column(SmallInteger, primary_key=True)
    n: Mapped[int] = mapped_column(BigInteger, primary_key=True)
    hashes: Mapped[bytes] = mapped_column(LargeBinary)
    __table_args__ = (
        CheckConstraint(
            "length(hashes) BETWEEN 32 AND 8192 AND length(hashes) % 32 = 0", name="hashes"
        ),
    )


class Checkpoint(Base):
    __tablename__ = "checkpoint"
    log_id: Mapped[int] = mapped_column(SmallInteger, primary_key=True)
    size: Mapped[int] = mapped_column(BigInteger, primary_key=True)
    batch_no: Mapped[int] = mapped_column(BigInteger)
    root: Mapped[bytes] = mapped_column(LargeBinary(32))
    note: Mapped[str | None] = mapped_column(Text)
    cosignatures: Mapped[str] = mapped_column(Text, default="", server_default="")


class WitnessState(Base):
    """The size a witness has cosigned last: the proof for its next one starts there."""

    __tablename__ = "witness_state"
    log_id: Mapped[int] = mapped_column(SmallInteger, primary_key=True, autoincrement=False)
    witness: Mapped[str] = mapped_column(String(200), primary_key=True)
    size: Mapped[int] = mapped_column(BigInteger)


class PetitionCount(Base):
    __tablename__ = "petition_count"
    petition_id: Mapped[UUID] = mapped_column(Uuid, primary_key=True)
    batch_no: Mapped[int] = mapped_column(BigInteger, primary_key=True)
    collected: Mapped[int] = mapped_column(BigInteger)
    withdrawn: Mapped[int] = mapped_column(BigInteger)
    invalid: Mapped[int] = mapped_column(BigInteger)
    valid: Mapped[int] = mapped_column(BigInteger)
    __table_args__ = (
        CheckConstraint("valid = collected - withdrawn - invalid AND valid >= 0", name="adds_up"),
    )


class MilestoneReached(Base):
    """Exactly once by its primary key; one-way, since rows are never deleted."""

    __tablename__ = "milestone"
    petition_id: Mapped[UUID] = mapped_column(Uuid, primary_key=True)
    rule: Mapped[int] = mapped_column(SmallInteger, primary_key=True, autoincrement=False)
    threshold: Mapped[int] = mapped_column(BigInteger)
    valid: Mapped[int] = mapped_column(BigInteger)
    batch_no: Mapped[int] = mapped_column(BigInteger)


class PublicCount(Base):
    """The figure pages show: the newest published batch. Written by the worker when it publishes."""

    __tablename__ = "public_count"
    petition_id: Mapped[UUID] = mapped_column(Uuid, primary_key=True)
    valid: Mapped[int] = mapped_column(BigInteger)
    withdrawn: Mapped[int] = mapped_column(BigInteger)
    invalid: Mapped[int] = mapped_column(BigInteger)
    batch_no: Mapped[int] = mapped_column(BigInteger)
    at: Mapped[datetime] = mapped_column(UTCDateTime)
    """Time of the batch, UTC."""
    paper: Mapped[int] = mapped_column(BigInteger, default=0, server_default="0")
    """The part of `valid` that was certified on paper: the log's own count is without it."""
    certified: Mapped[int] = mapped_column(BigInteger, default=0, server_default="0")
    """Of the signatures given online, those that an authority certified."""
    classes: Mapped[dict[str, Any]] = mapped_column(JsonText, default=dict, server_default="{}")
    """Counting class → those of it that count."""


class DailyCount(Base):
    """Valid signatures at the end of a (UTC) day with batches: curves and open data read this."""

    __tablename__ = "daily_count"
    petition_id: Mapped[UUID] = mapped_column(Uuid, primary_key=True)
    day: Mapped[date] = mapped_column(Date, primary_key=True)
    valid: Mapped[int] = mapped_column(BigInteger)


Index("ix_public_count_valid", PublicCount.valid, PublicCount.petition_id)
Index("ix_daily_count_day", DailyCount.day, DailyCount.petition_id, postgresql_include=["valid"])
Index(
    "uq_log_entry_sign",
    LogEntry.entry,
    unique=True,
    sqlite_where=text("substr(entry, 2, 1) IN (x'10', x'11')"),
    postgresql_where=text("get_byte(entry, 1) IN (16, 17)"),
)
