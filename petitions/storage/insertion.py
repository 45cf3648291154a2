"""INSERT … ON CONFLICT DO NOTHING on both engines: uniqueness is the database's word."""

from __future__ import annotations

from typing import Any

from sqlalchemy.dialects.postgresql import insert as postgresql_insert
from sqlalchemy.dialects.sqlite import insert as sqlite_insert
from sqlalchemy.orm import Session

from petitions.platform.database import is_sqlite
from petitions.storage.base import Base


def insert_statement(session: Session, table: type[Base]) -> Any:
    return sqlite_insert(table) if is_sqlite(session) else postgresql_insert(table)


def insert_once(session: Session, table: type[Base], **values: Any) -> bool:
    """True where the row is new. RETURNING, since row counts lie here (a duplicate seen as new)."""
    key = table.__table__.primary_key.columns.values()[0]  # type: ignore[attr-defined]
    statement = (
        insert_statement(session, table).values(**values).on_conflict_do_nothing().returning(key)
    )
    return session.execute(statement).first() is not None
