"""Where the two databases differ in full-text search: nowhere but here.

Every term is a stem of our own making. SQLite gets it as a quoted FTS5 string, PostgreSQL through the
configuration `simple`, which only cuts at spaces, against vectors that it keeps itself (migration 0004).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import pairwise
from typing import Any

from sqlalchemy import (
    ARRAY,
    ColumnElement,
    Integer,
    Select,
    Subquery,
    Text,
    and_,
    case,
    cast,
    column,
    func,
    literal,
    literal_column,
    or_,
    select,
    table,
    text,
    union_all,
)
from sqlalchemy.orm import Session

from petitions.platform.database import is_sqlite
from petitions.storage.tables import SearchText

_TITLE: ColumnElement[str] = literal_column("search_text.title_vector")
_WHOLE: ColumnElement[str] = literal_column("search_text.whole_vector")
_PAIRS: ColumnElement[Any] = literal_column(
    "search_pairs(search_text.title, search_text.request, search_text.reasons)"
)
"""Words beside each other, by an index of its own (migration 0013)."""
_FTS = table("search_fts", column("rowid", Integer()))
_MATCHED: ColumnElement[str] = literal_column("search_fts")
_BY_INDEX = "petitions_by_index"
_WAY = (
    "SELECT set_config('enable_seqscan', 'off', true),"
    " set_config('random_page_cost', '1.1', true),"
    " set_config('max_parallel_workers_per_gather', '0', true)"
)
_UNIT = 10_000_000
"""Of a weight: a whole number of four bytes holds what any word weighs."""


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


def sharing(session: Session, stems: Mapping[str, float]) -> Select[int, int]:
    """`doc` and weight of every text that has some of these stems (stem → weight): the sum of theirs,
    each counted twice where it stands in the title. In whole numbers, so that the sum is the same in
    whatever order a database adds.
    """
    worth = {stem: round(weight * _UNIT) for stem, weight in sorted(stems.items())}
    if is_sqlite(session):
        hits = [
            select(found.c.doc, literal(weight).label("weight"))
            for stem, weight in worth.items()
            for title_only in (False, True)
            for found in (having(session, stem, title_only=title_only).subquery(),)
        ]
        every = union_all(*hits).subquery()
        return select(every.c.doc, func.sum(every.c.weight).label("weight")).group_by(every.c.doc)
    wanted = _wanted(worth)
    once = case((_TITLE.op("@@")(wanted.c.query), 2), else_=1)
    return (
        select(SearchText.doc, func.sum(wanted.c.weight * once).label("weight"))
        .select_from(wanted)
        .join(SearchText, _WHOLE.op("@@")(wanted.c.query))
        .group_by(SearchText.doc)
    )


def _wanted(worth: Mapping[str, int]) -> Subquery:
    """Weight and query of each stem. OFFSET 0 keeps the server from making the query again for every
    text found, which took a third of the time.
    """
    listed = (
        func.unnest(cast([*worth], ARRAY(Text)), cast([*worth.values()], ARRAY(Integer)))
        .table_valued(column("stem", Text), column("weight", Integer))
        .render_derived()
    )
    query = func.plainto_tsquery(text("'simple'::regconfig"), listed.c.stem)
    return select(listed.c.weight, query.label("query")).offset(0).subquery("wanted")


def meets(session: Session, wanted: Sequence[Sequence[str]]) -> ColumnElement[bool]:
    """A condition on `search_text`: the text has, for each part, one of its words.

    A part is a list of alternatives. An alternative of several words is a phrase; one that ends with
    `*` is the beginning of a word.
    """
    if is_sqlite(session):
        return _listed(" AND ".join("(" + " OR ".join(map(_sqlite, part)) + ")" for part in wanted))
    single = [part for part in wanted if not any(" " in each for each in part)]
    conditions = [_said(part) for part in wanted if part not in single]
    if single:
        conditions.append(_query(" & ".join(map(_either, single))))
    return and_(*conditions)


def _said(part: Sequence[str]) -> ColumnElement[bool]:
    """A phrase in any of its languages: looked up by its pairs of words, not text by text."""
    phrases = [each.split() for each in part]
    twos = [" ".join(phrase) for phrase in phrases if len(phrase) == 2]
    longer = [phrase for phrase in phrases if len(phrase) > 2]
    ways = [_query(_lexeme(phrase[0])) for phrase in phrases if len(phrase) == 1]
    if twos:
        ways.append(_PAIRS.op("&&")(cast(twos, ARRAY(Text))))
    for phrase in longer:
        pairs = [" ".join(pair) for pair in pairwise(phrase)]
        together = _query(" <-> ".join(map(_lexeme, phrase)))
        ways.append(and_(_PAIRS.op("@>")(cast(pairs, ARRAY(Text))), together))
    if not longer:
        return or_(*ways)
    # each way by itself: of ways joined by OR the server takes every text to pieces again
    each = (select(SearchText.doc).where(way).correlate(None) for way in ways)
    return SearchText.doc.in_(union_all(*each))


def _either(part: Sequence[str]) -> str:
    return "(" + " | ".join(map(_postgresql, part)) + ")"


def _query(said: str) -> ColumnElement[bool]:
    return _WHOLE.op("@@")(func.to_tsquery(text("'simple'::regconfig"), said))


def titled(session: Session, stems: Sequence[str]) -> ColumnElement[bool]:
    """A condition on `search_text`: the title has one of these stems, or beginnings (`abc*`)."""
    if is_sqlite(session):
        return _listed(f"title : ({' OR '.join(map(_sqlite, stems))})")
    parts = " | ".join(map(_postgresql, stems))
    return _TITLE.op("@@")(func.to_tsquery(text("'simple'::regconfig"), parts))


def by_index(session: Session) -> None:
    """Until this transaction ends, PostgreSQL looks up by indexes and with one process.

    It takes a vector for as cheap as a number and reads all texts one by one for a frequent word,
    although each must be unpacked: three times as slow as its own index. It takes what lies in memory
    for far away, and to start a second process takes as long as a page.
    """
    going_on = session.get_transaction()
    if is_sqlite(session) or (going_on and session.info.get(_BY_INDEX) is going_on):
        return
    session.connection().exec_driver_sql(_WAY)
    session.info[_BY_INDEX] = session.get_transaction()


def _listed(wanted: str) -> ColumnElement[bool]:
    return SearchText.doc.in_(_fts(wanted))


def _fts(wanted: str) -> Select[int]:
    return select(_FTS.c.rowid.label("doc")).where(_MATCHED.op("MATCH")(literal(wanted)))


def _sqlite(alternative: str) -> str:
    if alternative.endswith("*"):
        return quoted(alternative[:-1]) + " *"
    return quoted(alternative)


def _postgresql(alternative: str) -> str:
    """A `tsquery` in words: stems are letters and digits only, so that quoting is enough."""
    if alternative.endswith("*"):
        return _lexeme(alternative[:-1]) + ":*"
    return _lexeme(alternative)


def _lexeme(stem: str) -> str:
    return "'" + stem.replace("\\", "").replace("'", "''") + "'"
