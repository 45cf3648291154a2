"""What a signature leaves behind, and nothing that could lead back to a person.

`signature` and `pending_entry` have no foreign key on purpose: each insert would write a row lock on
the hot petition row. The shared advisory lock and the check of `signing` in the same transaction
replace it. No id, no time, no area, no leaf index stands beside a tag.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import BigInteger, CheckConstraint, Index, LargeBinary, SmallInteger, String, Uuid
from sqlalchemy.orm import Mapped, mapped_column

from petitions.platform.database import JsonText, UTCDateTime
from petitions.storage.base import Base

_KEY_ORDER = {"sqlite_with_rowid": False}
"""Stored by key on SQLite, so that no order of arrival is kept."""


class PetitionSigning(Base):
    __tablename__ = "petition_signing"
    petition_id: Mapped[UUID] = mapped_column(Uuid, primary_key=True)
    log_id: Mapped[int] = mapped_column(SmallInteger)
    kid: Mapped[str] = mapped_column(String(40))
    realm: Mapped[str] = mapped_column(String(60))
    realm_fingerprint: Mapped[str] = mapped_column(String(64))
    """All that makes a person's key in this realm, hashed, when signing opened."""
    rules_hash: Mapped[bytes] = mapped_column(LargeBinary(32))
    closes_at: Mapped[datetime] = mapped_column(UTCDateTime)
    """Confirmation grace included; far in the future for a window without end."""
    signing: Mapped[str] = mapped_column(String(8))
    shut_from: Mapped[datetime | None] = mapped_column(UTCDateTime)
    shut_until: Mapped[datetime | None] = mapped_column(UTCDateTime)
    """While it is open, no signature enters from the one instant to the other: before the first
    day, or in a pause; without the second, until it is known.
    """
    seal_step: Mapped[int] = mapped_column(SmallInteger, default=0)
    wrapped_salt: Mapped[bytes | None] = mapped_column(LargeBinary(60))
    __table_args__ = (
        CheckConstraint("signing IN ('open', 'closed', 'sealing', 'sealed')", name="signing"),
        CheckConstraint("length(wrapped_salt) = 60", name="wrapped_salt"),
        CheckConstraint("length(rules_hash) = 32", name="rules_hash"),
        CheckConstraint("(seal_step >= 4) = (wrapped_salt IS NULL)", name="sealed_without_salt"),
    )


class Signature(Base):
    __tablename__ = "signature"
    petition_id: Mapped[UUID] = mapped_column(Uuid, primary_key=True)
    tag: Mapped[bytes] = mapped_column(LargeBinary(32), primary_key=True)
    standing: Mapped[str] = mapped_column(String(9))
    link: Mapped[bytes | None] = mapped_column(LargeBinary(60))
    cycles: Mapped[int] = mapped_column(SmallInteger, default=0, server_default="0")
    settled: Mapped[bool] = mapped_column(default=False, server_default="0")
    __table_args__ = (
        CheckConstraint("length(tag) = 32", name="tag"),
        CheckConstraint("standing IN ('signed', 'withdrawn', 'private')", name="standing"),
        CheckConstraint("length(link) = 60", name="link"),
        CheckConstraint("cycles BETWEEN 0 AND 100", name="cycles"),
        CheckConstraint("(standing = 'signed') = (link IS NOT NULL)", name="signed_with_link"),
        _KEY_ORDER,
    )


class SpentPass(Base):
    """SHA-256 of the pass's `jti`: single use. UNLOGGED on PostgreSQL, purged after expiry."""

    __tablename__ = "spent_pass"
    jti_hash: Mapped[bytes] = mapped_column(LargeBinary(32), primary_key=True)
    expires_at: Mapped[datetime] = mapped_column(UTCDateTime)
    __table_args__ = (CheckConstraint("length(jti_hash) = 32", name="jti_hash"), _KEY_ORDER)


class SpentState(Base):
    """SHA-256 of a login's `state`: one callback each."""

    __tablename__ = "spent_state"
    state_hash: Mapped[bytes] = mapped_column(LargeBinary(32), primary_key=True)
    expires_at: Mapped[datetime] = mapped_column(UTCDateTime)
    __table_args__ = (CheckConstraint("length(state_hash) = 32", name="state_hash"), _KEY_ORDER)


class PendingEntry(Base):
    """Waits for the next batch. `due_at` is rounded up, so that it tells no instant of signing."""

    __tablename__ = "pending_entry"
    log_id: Mapped[int] = mapped_column(SmallInteger, primary_key=True)
    petition_id: Mapped[UUID] = mapped_column(Uuid, primary_key=True)
    type: Mapped[int] = mapped_column(SmallInteger, primary_key=True)
    body: Mapped[bytes] = mapped_column(LargeBinary, primary_key=True)
    secret: Mapped[bytes | None] = mapped_column(LargeBinary(32))
    area: Mapped[str] = mapped_column(String(40), default="", server_default="")
    classes: Mapped[list[Any]] = mapped_column(JsonText, default=list, server_default="[]")
    due_at: Mapped[datetime] = mapped_column(UTCDateTime)
    __table_args__ = (
        CheckConstraint("length(secret) = 32", name="secret"),
        CheckConstraint("(type IN (24, 25)) = (secret IS NOT NULL)", name="withdrawal_secret"),
        _KEY_ORDER,
    )


class Withdrawal(Base):
    __tablename__ = "withdrawal"
    petition_id: Mapped[UUID] = mapped_column(Uuid, primary_key=True)
    mark: Mapped[bytes] = mapped_column(LargeBinary(32), primary_key=True)
    opening: Mapped[bytes] = mapped_column(LargeBinary)
    __table_args__ = (CheckConstraint("length(mark) = 32", name="mark"), _KEY_ORDER)


class RemovedLeaf(Base):
    """Public trace of an INVALIDATE entry."""

    __tablename__ = "removed_leaf"
    log_id: Mapped[int] = mapped_column(SmallInteger, primary_key=True)
    idx: Mapped[int] = mapped_column(BigInteger, primary_key=True)
    petition_id: Mapped[UUID] = mapped_column(Uuid)
    reason: Mapped[int] = mapped_column(SmallInteger)


class AreaTally(Base):
    """Exact area totals, added per batch; class '' is everybody. Never on a signature."""

    __tablename__ = "area_tally"
    petition_id: Mapped[UUID] = mapped_column(Uuid, primary_key=True)
    area: Mapped[str] = mapped_column(String(40), primary_key=True)
    counting_class: Mapped[str] = mapped_column("class", String(40), primary_key=True)
    signed: Mapped[int] = mapped_column(BigInteger)
    withdrawn: Mapped[int] = mapped_column(BigInteger)


Index("ix_pending_entry_due", PendingEntry.log_id, PendingEntry.due_at)
