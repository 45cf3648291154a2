"""Groups of competing petitions in which a person signs once. No row leads from a code to a petition."""

from __future__ import annotations

from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, LargeBinary, String, UniqueConstraint, Uuid
from sqlalchemy.orm import Mapped, mapped_column

from petitions.storage.base import Base


class SigningGroup(Base):
    """Lives from the opening of its first petition to the sealing of its last one."""

    __tablename__ = "signing_group"
    id: Mapped[UUID] = mapped_column(Uuid, primary_key=True)
    """Also the context in which a login gives the group's value."""
    name_hash: Mapped[bytes] = mapped_column(LargeBinary(32))
    """SHA-256 of rulebook, kind and what the author entered in the field that names the group."""
    kid: Mapped[str] = mapped_column(String(64))
    """The pepper's version, the same for all its petitions."""
    __table_args__ = (
        UniqueConstraint("name_hash", name="uq_signing_group_name_hash"),
        CheckConstraint("length(name_hash) = 32", name="name_hash"),
    )


class GroupMember(Base):
    __tablename__ = "group_member"
    petition_id: Mapped[UUID] = mapped_column(ForeignKey("petition.id"), primary_key=True)
    group_id: Mapped[UUID] = mapped_column(ForeignKey("signing_group.id"), index=True)
    wrapped_salt: Mapped[bytes] = mapped_column(LargeBinary)
    """The group's salt under this petition's own key: with the last of these keys it is gone."""


class GroupAct(Base):
    """One person in one group, in whichever of its petitions: the row does not say."""

    __tablename__ = "group_act"
    group_id: Mapped[UUID] = mapped_column(ForeignKey("signing_group.id"), primary_key=True)
    tag: Mapped[bytes] = mapped_column(LargeBinary(32), primary_key=True)
    __table_args__ = (
        CheckConstraint("length(tag) = 32", name="tag"),
        {"sqlite_with_rowid": False},
    )
