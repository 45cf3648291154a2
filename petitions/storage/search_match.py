"""Where the two databases differ in full-text search: nowhere but here.

Every term is a stem of our own making. SQLite gets it as a quoted FTS5 string, PostgreSQL through the
configuration `simple`, which only cuts at spaces; the expressions are those of the migration's indexes.
"""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import ColumnElement, Select, TextClause, func, literal_column, select, text
from sqlalchemy.orm import Session

from petitions.platform.database import is_sqlite
from petitions.storage.tables import SearchText

_TITLE: ColumnElement[str] = literal_column("to_tsvector('simple'::regconfig, search_text.title)")
_WHOLE: ColumnElement[str] = literal_column(
    "to_tsvector('simple'::regconfig, search_text.title || ' ' || search_text.request || ' ' ||"
    " search_text.reasons)"
)


def quoted(stem: str) -> str:
    """An FTS5 string: whatever stands in it is only letters."""
    return '"' + stem.replace('"', '""') + '"'


def having(session: Session, stem: str, *, title_only: bool = False) -> Select[int]:
    """The `doc` of every text that has a stem."""
    if is_sqlite(session):
        wanted = f"title : {quoted(stem)}" if title_only else quoted(stem)
        return _fts(wanted)
    vector = _TITLE if title_only else _WHOLE
    query = func.plainto_tsquery(text("'simple'::regconfig"), stem)
    return select(SearchText.doc).where(vector.op("@@")(query))


def having_all(session: Session, wanted: Sequence[Sequence[str]]) -> Select[int]:
    """The `doc` of every text that has, for each part, one of its words.

    A part is a list of alternatives. An alternative of several words is a phrase; one that ends with
    `*` is the beginning of a word.
    """
    if is_sqlite(session):
        return _fts(" AND ".join("(" + " OR ".join(map(_sqlite, part)) + ")" for part in wanted))
    parts = " & ".join("(" + " | ".join(map(_postgresql, part)) + ")" for part in wanted)
    query = func.to_tsquery(text("'simple'::regconfig"), parts)
    return select(SearchText.doc).where(_WHOLE.op("@@")(query))


def _fts(wanted: str) -> Select[int]:
    found: TextClause = text("SELECT rowid AS doc FROM search_fts WHERE search_fts MATCH :wanted")
    rows = found.bindparams(wanted=wanted).columns(doc=SearchText.doc.type).subquery()
    return select(rows.c.doc)


def _sqlite(alternative: str) -> str:
    if alternative.endswith("*"):
        return quoted(alternative[:-1]) + " *"
    return quoted(alternative)


def _postgresql(alternative: str) -> str:
    """A `tsquery` in words: stems are letters and digits only, so that quoting is enough."""
    if alternative.endswith("*"):
        return _lexeme(alternative[:-1]) + ":*"
    return "(" + " <-> ".join(map(_lexeme, alternative.split())) + ")"


def _lexeme(stem: str) -> str:
    return "'" + stem.replace("\\", "").replace("'", "''") + "'"
