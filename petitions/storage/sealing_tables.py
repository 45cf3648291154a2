"""What sealing leaves behind for good: the order, the replicas' public keys, their statements."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import BigInteger, CheckConstraint, LargeBinary, SmallInteger, String, Text, Uuid
from sqlalchemy.orm import Mapped, mapped_column

from petitions.platform.database import JsonText, UTCDateTime
from petitions.storage.base import Base


class Sealing(Base):
    """One petition's ceremony. Which step is done stands in `petition_signing.seal_step`."""

    __tablename__ = "sealing"
    petition_id: Mapped[UUID] = mapped_column(Uuid, primary_key=True)
    ordered_at: Mapped[datetime] = mapped_column(UTCDateTime)
    ordered_by: Mapped[str] = mapped_column(String(120))
    """The name that answers for it, as it stands in the report."""
    reason: Mapped[str] = mapped_column(Text)
    size: Mapped[int | None] = mapped_column(BigInteger)
    """Size of the checkpoint that SEAL names; its entry stands behind it."""
    root: Mapped[bytes | None] = mapped_column(LargeBinary(32))
    seal_index: Mapped[int | None] = mapped_column(BigInteger)
    erased_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    erased: Mapped[dict[str, Any]] = mapped_column(JsonText, default=dict)
    """Rows deleted, by table."""
    told_from: Mapped[int | None] = mapped_column(BigInteger)
    """Size of the log when the DESTROYED entries were queued: they stand behind it."""
    sealed_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    __table_args__ = (
        CheckConstraint("length(root) = 32", name="root"),
        CheckConstraint("(size IS NULL) = (root IS NULL)", name="size_and_root"),
    )


class ReplicaKey(Base):
    """The published list of replicas of a log: the number that DESTROYED entries name."""

    __tablename__ = "replica_key"
    log_id: Mapped[int] = mapped_column(SmallInteger, primary_key=True, autoincrement=False)
    number: Mapped[int] = mapped_column(SmallInteger, primary_key=True, autoincrement=False)
    vkey: Mapped[str] = mapped_column(String(2048))


class DestructionStatement(Base):
    """A replica's signed note that it lost a key (C2SP signed-note), exactly as published."""

    __tablename__ = "destruction_statement"
    key_id: Mapped[str] = mapped_column(String(80), primary_key=True)
    replica: Mapped[str] = mapped_column(String(200), primary_key=True)
    """Name of the replica's verifying key."""
    petition_id: Mapped[UUID | None] = mapped_column(Uuid)
    """None: a pepper, which belonged to several petitions."""
    log_id: Mapped[int] = mapped_column(SmallInteger)
    number: Mapped[int | None] = mapped_column(SmallInteger)
    statement: Mapped[bytes] = mapped_column(LargeBinary)
    statement_hash: Mapped[bytes] = mapped_column(LargeBinary(32), unique=True)
    __table_args__ = (CheckConstraint("length(statement_hash) = 32", name="statement_hash"),)
