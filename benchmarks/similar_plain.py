"""Plain full-text search over the same texts, as a database gives it without any work of ours."""

from __future__ import annotations

import re
from collections.abc import Callable
from uuid import UUID

from sqlalchemy import Engine, Uuid, text
from sqlalchemy.orm import Session

_WORD = re.compile(r"[^\W_]+")
LIMIT = 20
Search = Callable[[Session, str], list[UUID]]
"""(session, words) → petitions, best first."""
_COPY = (
    "INSERT INTO plain(rowid, title, request, reasons) "
    "SELECT doc, t.title, t.request, t.reasons FROM search_text s "
    "JOIN petition_text t ON t.petition_id = s.petition_id AND t.language = s.language"
)
_VECTOR = (
    "CREATE TABLE plain AS SELECT petition_id, "
    "to_tsvector('english', title || ' ' || request || ' ' || reasons) AS vector FROM petition_text"
)


def plain_search(engine: Engine) -> Search:
    """FTS5 with its own tokenizer ordered by bm25, or `english` with websearch and ts_rank."""
    sqlite = engine.dialect.name == "sqlite"
    with engine.begin() as connection:
        if sqlite:
            connection.exec_driver_sql(
                "CREATE VIRTUAL TABLE plain USING fts5(title, request, reasons, tokenize='porter')"
            )
            connection.exec_driver_sql(_COPY)
        else:
            connection.exec_driver_sql(_VECTOR)
            connection.exec_driver_sql("CREATE INDEX ON plain USING gin (vector)")
            connection.exec_driver_sql("ANALYZE plain")
    statement = text(_SQLITE if sqlite else _POSTGRESQL).columns(petition_id=Uuid())

    def search(session: Session, words: str) -> list[UUID]:
        each = list(dict.fromkeys(word.casefold() for word in _WORD.findall(words)))
        joined = " OR ".join(f'"{word}"' for word in each) if sqlite else " or ".join(each)
        return list(session.scalars(statement, {"words": joined, "limit": LIMIT}))

    return search


_SQLITE = (
    "SELECT s.petition_id FROM plain p JOIN search_text s ON s.doc = p.rowid "
    "WHERE plain MATCH :words ORDER BY bm25(plain) LIMIT :limit"
)
_POSTGRESQL = (
    "SELECT petition_id FROM plain, websearch_to_tsquery('english', :words) q "
    "WHERE vector @@ q ORDER BY ts_rank(vector, q) DESC, petition_id LIMIT :limit"
)
