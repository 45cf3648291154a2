"""What a rulebook may ask at filing: addressees, same subjects, answers, annexes; and desks."""

from __future__ import annotations

from datetime import date, datetime
from uuid import UUID

from sqlalchemy import (
    CheckConstraint,
    Date,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    String,
    Text,
    UniqueConstraint,
    Uuid,
)
from sqlalchemy.orm import Mapped, mapped_column

from petitions.platform.database import UTCDateTime
from petitions.storage.base import Base


class Addressee(Base):
    """A further assembly that a petition is addressed to; its own stands in `petition.assembly`."""

    __tablename__ = "addressee"
    petition_id: Mapped[UUID] = mapped_column(ForeignKey("petition.id"), primary_key=True)
    assembly: Mapped[str] = mapped_column(String(60), primary_key=True)
    __table_args__ = (Index("ix_addressee_assembly", "assembly"),)


class SameSubject(Base):
    """A finding that a petition is about the same subject as an earlier, named one (rulebook P15)."""

    __tablename__ = "same_subject"
    petition_id: Mapped[UUID] = mapped_column(ForeignKey("petition.id"), primary_key=True)
    other_id: Mapped[UUID] = mapped_column(ForeignKey("petition.id"), primary_key=True)
    found_by: Mapped[str] = mapped_column(String(10))
    actor: Mapped[str] = mapped_column(String(60))
    note: Mapped[str] = mapped_column(Text, default="")
    at: Mapped[datetime] = mapped_column(UTCDateTime)
    __table_args__ = (
        CheckConstraint("petition_id <> other_id", name="another"),
        CheckConstraint("found_by IN ('author', 'clerk')", name="found_by"),
    )


class FilingAnswer(Base):
    """What the form of a rulebook asks beyond name and e-mail: never public, kept as the author."""

    __tablename__ = "filing_answer"
    petition_id: Mapped[UUID] = mapped_column(ForeignKey("petition.id"), primary_key=True)
    field: Mapped[str] = mapped_column(String(60), primary_key=True)
    value: Mapped[str] = mapped_column(Text)


class Annex(Base):
    """A file that comes with a petition: public once the petition is admitted, never before."""

    __tablename__ = "annex"
    id: Mapped[UUID] = mapped_column(Uuid, primary_key=True)
    petition_id: Mapped[UUID] = mapped_column(ForeignKey("petition.id"))
    number: Mapped[int] = mapped_column(Integer)
    name: Mapped[str] = mapped_column(String(120))
    media_type: Mapped[str] = mapped_column(String(40))
    pages: Mapped[int] = mapped_column(Integer)
    size: Mapped[int] = mapped_column(Integer)
    digest: Mapped[bytes] = mapped_column(LargeBinary(32))
    content: Mapped[bytes] = mapped_column(LargeBinary, deferred=True)
    added_at: Mapped[datetime] = mapped_column(UTCDateTime)
    __table_args__ = (
        UniqueConstraint("petition_id", "number"),
        CheckConstraint("length(digest) = 32", name="digest"),
        CheckConstraint("number >= 1", name="number"),
    )


class PriorCount(Base):
    """Signatures that came with the filing, as a clerk certified them (window mode `prior`)."""

    __tablename__ = "prior_count"
    petition_id: Mapped[UUID] = mapped_column(ForeignKey("petition.id"), primary_key=True)
    collected: Mapped[int] = mapped_column(Integer)
    valid: Mapped[int] = mapped_column(Integer)
    actor: Mapped[str] = mapped_column(String(60))
    at: Mapped[datetime] = mapped_column(UTCDateTime)
    __table_args__ = (
        CheckConstraint("valid >= 0 AND collected >= valid", name="valid_of_collected"),
    )


class StaffAssembly(Base):
    """Whose desk somebody works at. Nobody's row: every desk of the site."""

    __tablename__ = "staff_assembly"
    actor: Mapped[str] = mapped_column(String(60), primary_key=True)
    assembly: Mapped[str] = mapped_column(String(60), primary_key=True)
    since: Mapped[date] = mapped_column(Date)
    given_by: Mapped[str] = mapped_column(String(60))
