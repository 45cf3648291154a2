"""Keys that a log announced, orders to change one, and the exact bytes of papers beside the log."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    Index,
    LargeBinary,
    SmallInteger,
    String,
    Text,
    Uuid,
)
from sqlalchemy.orm import Mapped, mapped_column

from petitions.platform.database import UTCDateTime
from petitions.storage.base import Base


class LogKey(Base):
    """One verifying key: a readable copy of its VKEY entries. `added` and `retired` are their leaves.

    A checkpoint of `size` entries needs its signature where added < size, and not retired < size.
    """

    __tablename__ = "log_key"
    log_id: Mapped[int] = mapped_column(SmallInteger, primary_key=True, autoincrement=False)
    role: Mapped[int] = mapped_column(SmallInteger, primary_key=True, autoincrement=False)
    digest: Mapped[bytes] = mapped_column(LargeBinary(32), primary_key=True)
    """SHA-256 of `vkey`: the text of a post-quantum key is too long for an index."""
    vkey: Mapped[str] = mapped_column(String(2048))
    key_id: Mapped[str] = mapped_column(String(80))
    """Id in the key store; "" for the witness keys of replicas, which are not ours to use."""
    added: Mapped[int | None] = mapped_column(BigInteger)
    retired: Mapped[int | None] = mapped_column(BigInteger)
    retire_from: Mapped[datetime | None] = mapped_column(UTCDateTime)
    """Not before this instant; None: nobody ordered it."""
    __table_args__ = (
        CheckConstraint("length(digest) = 32", name="digest"),
        CheckConstraint("role BETWEEN 1 AND 3", name="role"),
        CheckConstraint("retired IS NULL OR retired > added", name="retired"),
    )


class KeyRotation(Base):
    """An order to change a log's signing key. The worker, which alone holds that key, carries it out."""

    __tablename__ = "key_rotation"
    log_id: Mapped[int] = mapped_column(SmallInteger, primary_key=True, autoincrement=False)
    role: Mapped[int] = mapped_column(SmallInteger, primary_key=True, autoincrement=False)
    number: Mapped[int] = mapped_column(SmallInteger, primary_key=True, autoincrement=False)
    """Of the new key; the log began with 1."""
    ordered_at: Mapped[datetime] = mapped_column(UTCDateTime)
    ordered_by: Mapped[str] = mapped_column(String(120))
    reason: Mapped[str] = mapped_column(Text)
    overlap: Mapped[int] = mapped_column(BigInteger)
    """Seconds in which the old key signs beside the new one."""
    announced_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    ended_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    """The old key is retired in public and destroyed."""
    __table_args__ = (
        CheckConstraint("number > 1", name="number"),
        CheckConstraint("overlap >= 0", name="overlap"),
    )


class LogPaper(Base):
    """The bytes whose hash an entry carries, as they were when it was queued."""

    __tablename__ = "log_paper"
    digest: Mapped[bytes] = mapped_column(LargeBinary(32), primary_key=True)
    folder: Mapped[str] = mapped_column(String(20))
    """`answers`, `evidence`, `geo` or `notices`: where it is published."""
    log_id: Mapped[int] = mapped_column(SmallInteger)
    petition_id: Mapped[UUID | None] = mapped_column(Uuid)
    """None: about the log as a whole."""
    content: Mapped[bytes] = mapped_column(LargeBinary)
    leaf: Mapped[int | None] = mapped_column(BigInteger)
    """Where its entry stands; None before its batch."""
    __table_args__ = (
        CheckConstraint("length(digest) = 32", name="digest"),
        CheckConstraint("folder IN ('answers', 'evidence', 'geo', 'notices')", name="folder"),
    )


Index("ix_log_paper_leaf", LogPaper.log_id, LogPaper.leaf)
Index("ix_log_paper_petition", LogPaper.petition_id)
