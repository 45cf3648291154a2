"""What the house needs to run: the audit trail, the outbox, sessions, staff."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import BigInteger, CheckConstraint, Index, Integer, LargeBinary, String, Text, Uuid
from sqlalchemy.orm import Mapped, mapped_column

from petitions.domain.lifecycle import Role, State
from petitions.platform.database import JsonText, UTCDateTime
from petitions.storage.base import Base, one_of


class Audit(Base):
    """Append-only and chained: each row's hash covers the row and the hash before it."""

    __tablename__ = "audit"
    seq: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    petition_id: Mapped[UUID | None] = mapped_column(Uuid)
    at: Mapped[datetime] = mapped_column(UTCDateTime)
    """When it was recorded, UTC."""
    legal_instant: Mapped[datetime] = mapped_column(UTCDateTime)
    """When it holds in law: the end of a window, the time of a batch; UTC."""
    action: Mapped[str] = mapped_column(String(40))
    from_state: Mapped[str | None] = mapped_column(String(20))
    to_state: Mapped[str | None] = mapped_column(String(20))
    """None: an act that moved no state (a note, an assignment, a login)."""
    role: Mapped[str] = mapped_column(String(20))
    actor: Mapped[str] = mapped_column(String(60))
    reason: Mapped[str] = mapped_column(String(120), default="")
    public_texts: Mapped[dict[str, Any]] = mapped_column(JsonText, default=dict)
    detail: Mapped[dict[str, Any]] = mapped_column(JsonText, default=dict)
    rulebook: Mapped[str] = mapped_column(String(80), default="")
    previous_hash: Mapped[bytes] = mapped_column(LargeBinary(32))
    hash: Mapped[bytes] = mapped_column(LargeBinary(32))
    __table_args__ = (
        CheckConstraint(one_of("from_state", State), name="from_state"),
        CheckConstraint(one_of("to_state", State), name="to_state"),
        CheckConstraint(one_of("role", Role), name="role"),
        CheckConstraint("length(hash) = 32 AND length(previous_hash) = 32", name="hashes"),
        Index("ix_audit_petition", "petition_id", "seq"),
    )


class Outbox(Base):
    """A job is a row of the transaction that needs it. Delivery is at least once."""

    __tablename__ = "outbox"
    id: Mapped[UUID] = mapped_column(Uuid, primary_key=True)
    kind: Mapped[str] = mapped_column(String(40))
    key: Mapped[str] = mapped_column(String(200), unique=True)
    """Names the effect: the same effect is queued once, however often it is asked for."""
    payload: Mapped[dict[str, Any]] = mapped_column(JsonText)
    created_at: Mapped[datetime] = mapped_column(UTCDateTime)
    due_at: Mapped[datetime] = mapped_column(UTCDateTime)
    attempts: Mapped[int] = mapped_column(Integer, default=0)
    claimed_until: Mapped[datetime | None] = mapped_column(UTCDateTime)
    done_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    failed_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    error: Mapped[str] = mapped_column(Text, default="")
    __table_args__ = (Index("ix_outbox_open", "done_at", "failed_at", "due_at"),)


class WebSession(Base):
    """A session on the server, revocable; the cookie holds a random token, here is its hash."""

    __tablename__ = "web_session"
    token_hash: Mapped[bytes] = mapped_column(LargeBinary(32), primary_key=True)
    audience: Mapped[str] = mapped_column(String(10))
    subject: Mapped[str] = mapped_column(String(64))
    """Hex of the author tag, or the actor code of staff."""
    assembly: Mapped[str] = mapped_column(String(60), default="")
    name: Mapped[str] = mapped_column(String(120), default="")
    roles: Mapped[list[Any]] = mapped_column(JsonText, default=list)
    language: Mapped[str] = mapped_column(String(12), default="en")
    seen_at: Mapped[datetime] = mapped_column(UTCDateTime)
    expires_at: Mapped[datetime] = mapped_column(UTCDateTime)
    opened_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    auth_time: Mapped[datetime | None] = mapped_column(UTCDateTime)
    """Staff: when they typed something at the provider, None where it did not say."""
    subject_mark: Mapped[bytes | None] = mapped_column(LargeBinary(32))
    session_mark: Mapped[bytes | None] = mapped_column(LargeBinary(32))
    kinds: Mapped[list[Any] | None] = mapped_column(JsonText)
    """Author: the kinds of petition whose conditions the login proved; None = all of them."""
    """Staff: keyed hashes of the provider's `sub` and `sid`, by which it ends the session."""
    __table_args__ = (
        CheckConstraint("audience IN ('author', 'staff')", name="audience"),
        CheckConstraint("length(token_hash) = 32", name="token_hash"),
        Index("ix_web_session_expires", "expires_at"),
    )


class Staff(Base):
    """Who works here. Names are kept on purpose: decisions are signed by people.

    `roles` are those of the last login where roles come from a claim, else those of the desk.
    """

    __tablename__ = "staff"
    actor: Mapped[str] = mapped_column(String(60), primary_key=True)
    name: Mapped[str] = mapped_column(String(120))
    roles: Mapped[list[Any]] = mapped_column(JsonText, default=list)
    disabled: Mapped[bool] = mapped_column(default=False)
    last_login: Mapped[datetime] = mapped_column(UTCDateTime)
    shortcuts: Mapped[bool] = mapped_column(default=True, server_default="1")
    """Single letters act at the desk (WCAG 2.1.4: each person can switch them off)."""
