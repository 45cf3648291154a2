"""Rights of staff, how they came about, and forms that were posted too late."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import CheckConstraint, Date, Index, LargeBinary, String, Text, Uuid
from sqlalchemy.orm import Mapped, mapped_column

from petitions.domain.lifecycle import STAFF_ROLES
from petitions.domain.staffing import Change, Outcome
from petitions.platform.database import JsonText, UTCDateTime
from petitions.storage.base import Base, one_of

_ROLE = f"role IN ({', '.join(repr(str(role)) for role in sorted(STAFF_ROLES))})"


class StaffRole(Base):
    """One role of one person: since which day, and by whom. `staff.roles` lists the same roles."""

    __tablename__ = "staff_role"
    actor: Mapped[str] = mapped_column(String(60), primary_key=True)
    role: Mapped[str] = mapped_column(String(20), primary_key=True)
    since: Mapped[date] = mapped_column(Date)
    given_by: Mapped[str] = mapped_column(String(60))
    """An actor's code, `claim` or `command line`."""
    __table_args__ = (CheckConstraint(_ROLE, name="role"),)


class StaffWaiting(Base):
    """Somebody who logged in and has no role yet: what an administrator needs to give one."""

    __tablename__ = "staff_waiting"
    actor: Mapped[str] = mapped_column(String(60), primary_key=True)
    name: Mapped[str] = mapped_column(String(120))
    asked_on: Mapped[date] = mapped_column(Date)


class StaffProposal(Base):
    """A change of rights that waits for a second administrator, or what became of it."""

    __tablename__ = "staff_proposal"
    id: Mapped[UUID] = mapped_column(Uuid, primary_key=True)
    subject: Mapped[str] = mapped_column(String(60))
    change: Mapped[str] = mapped_column(String(10))
    role: Mapped[str | None] = mapped_column(String(20))
    reason: Mapped[str] = mapped_column(Text)
    proposed_by: Mapped[str] = mapped_column(String(60))
    proposed_at: Mapped[datetime] = mapped_column(UTCDateTime)
    expires_at: Mapped[datetime] = mapped_column(UTCDateTime)
    settled_by: Mapped[str | None] = mapped_column(String(60))
    settled_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    outcome: Mapped[str | None] = mapped_column(String(10))
    __table_args__ = (
        CheckConstraint(one_of("change", Change), name="change"),
        CheckConstraint(one_of("outcome", Outcome), name="outcome"),
        CheckConstraint(_ROLE, name="role"),
        CheckConstraint(
            "(role IS NULL) = (change IN ('disable', 'enable'))", name="role_of_change"
        ),
        CheckConstraint("outcome <> 'confirmed' OR settled_by <> proposed_by", name="two_people"),
        CheckConstraint(
            "(outcome IS NULL) = (settled_by IS NULL) AND (outcome IS NULL) = (settled_at IS NULL)",
            name="settled",
        ),
        Index("ix_staff_proposal_open", "settled_at", "expires_at"),
    )


class StaffCode(Base):
    """A one-time code of the command line; only its hash is here. The row goes when it is used."""

    __tablename__ = "staff_code"
    code_hash: Mapped[bytes] = mapped_column(LargeBinary(32), primary_key=True)
    roles: Mapped[list[Any]] = mapped_column(JsonText)
    expires_at: Mapped[datetime] = mapped_column(UTCDateTime)
    __table_args__ = (CheckConstraint("length(code_hash) = 32", name="code_hash"),)


class StaffNotice(Base):
    """What one administrator did alone, told to each of the others until they have seen it."""

    __tablename__ = "staff_notice"
    id: Mapped[UUID] = mapped_column(Uuid, primary_key=True)
    recipient: Mapped[str] = mapped_column(String(60))
    about: Mapped[str] = mapped_column(String(60))
    by: Mapped[str] = mapped_column(String(60))
    at: Mapped[datetime] = mapped_column(UTCDateTime)
    reason: Mapped[str] = mapped_column(Text)
    __table_args__ = (Index("ix_staff_notice_recipient", "recipient"),)


class KeptForm(Base):
    """What somebody posted after their session had ended, closed under a key of their browser's."""

    __tablename__ = "kept_form"
    id: Mapped[UUID] = mapped_column(Uuid, primary_key=True)
    actor: Mapped[str] = mapped_column(String(60))
    sealed: Mapped[bytes] = mapped_column(LargeBinary)
    expires_at: Mapped[datetime] = mapped_column(UTCDateTime)
    __table_args__ = (Index("ix_kept_form_actor", "actor"),)
