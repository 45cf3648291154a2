"""What is looked at when somebody searches: the stems of each text, and the words they came from.

Both are made from `petition_text` and can be made again at any time. Only petitions that were sent and
are not out of sight have rows here.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import (
    BigInteger,
    ForeignKeyConstraint,
    Index,
    Integer,
    String,
    Text,
    UniqueConstraint,
    Uuid,
    event,
)
from sqlalchemy.orm import Mapped, Session, UOWTransaction, mapped_column

from petitions.platform.database import UTCDateTime
from petitions.storage.base import Base

DOC = BigInteger().with_variant(Integer, "sqlite")
"""SQLite's full-text table names a row by its rowid, which only an INTEGER key is."""


class SearchText(Base):
    """One text of a petition as stems, apart by spaces. The databases' own indexes follow this table:
    on SQLite an FTS5 table kept by triggers, on PostgreSQL two GIN indexes of an expression.

    Beside the stems stands what lists ask of the petition, so that words which thousands of petitions
    have are counted and put in order without a look at the petitions themselves.
    """

    __tablename__ = "search_text"
    doc: Mapped[int] = mapped_column(DOC, primary_key=True, autoincrement=True)
    petition_id: Mapped[UUID] = mapped_column(Uuid)
    language: Mapped[str] = mapped_column(String(12))
    title: Mapped[str] = mapped_column(Text)
    request: Mapped[str] = mapped_column(Text)
    reasons: Mapped[str] = mapped_column(Text)
    shown: Mapped[bool] = mapped_column(default=False, server_default="0")
    """Lists show it: a reader may find it, and it is not kept out of lists."""
    assembly: Mapped[str] = mapped_column(String(60), default="", server_default="")
    rulebook_id: Mapped[str] = mapped_column(String(60), default="", server_default="")
    kind: Mapped[str] = mapped_column(String(60), default="", server_default="")
    state: Mapped[str] = mapped_column(String(20), default="", server_default="")
    original: Mapped[str] = mapped_column(String(12), default="", server_default="")
    """The petition's own language."""
    several: Mapped[bool] = mapped_column(default=False, server_default="0")
    """The petition may have further texts here: it is not counted twice."""
    newest: Mapped[datetime | None] = mapped_column(UTCDateTime)
    """When it was published, else when it was sent."""
    closes_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    state_since: Mapped[datetime | None] = mapped_column(UTCDateTime)
    topic: Mapped[str | None] = mapped_column(String(60))
    __table_args__ = (
        UniqueConstraint("petition_id", "language"),
        ForeignKeyConstraint(
            ["petition_id", "language"],
            ["petition_text.petition_id", "petition_text.language"],
            ondelete="CASCADE",
        ),
    )


class SearchWord(Base):
    """A word of the indexed texts with its stem: for word beginnings, for slips of the keyboard, and
    to know which words are rare. The empty word stands for all texts of its language.
    """

    __tablename__ = "search_word"
    language: Mapped[str] = mapped_column(String(12), primary_key=True)
    word: Mapped[str] = mapped_column(String(40), primary_key=True)
    form: Mapped[str] = mapped_column(String(40))
    documents: Mapped[int] = mapped_column(Integer, default=1)
    """Texts with this stem when they were last counted; 1 for a word that came since."""
    __table_args__ = (
        Index("ix_search_word_language_form", "language", "form"),
        Index("ix_search_word_beginning", "word", postgresql_ops={"word": "varchar_pattern_ops"}),
    )


# Here, because whoever knows the tables loads this file: no way of writing a text goes past them.
@event.listens_for(Session, "before_flush")
def _before_flush(session: Session, _context: UOWTransaction, _instances: Any) -> None:
    from petitions.storage.search_index import take_leave

    if session.deleted:
        take_leave(session, session.deleted)


@event.listens_for(Session, "after_flush")
def _after_flush(session: Session, _context: UOWTransaction) -> None:
    from petitions.storage.search_index import follow

    follow(session, (*session.new, *session.dirty))
