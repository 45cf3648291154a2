"""Indexed texts that a reader may find: the conditions of a list, asked of the words' own table."""

from __future__ import annotations

from collections import Counter
from typing import Any

from sqlalchemy import (
    BigInteger,
    ColumnElement,
    Select,
    and_,
    bindparam,
    case,
    func,
    literal_column,
    or_,
    select,
)
from sqlalchemy.orm import Session

from petitions.platform.database import is_sqlite
from petitions.storage.reading import Question, of_body
from petitions.storage.search_match import by_index
from petitions.storage.tables import Addressee, SearchText, Track

_CLASS = literal_column("search_text.sort_class", BigInteger())
"""PostgreSQL keeps one number for each (assembly, state, language, kind, topic) (migration 0013)."""

_TOGETHER = (
    select(Addressee.petition_id)
    .where(Addressee.assembly.in_(bindparam("assemblies", expanding=True)))
    .limit(1)
)


def open_texts(question: Question, *, anywhere: bool = False) -> Select[Any]:
    """The petition of each text that answers a question with words; one with several texts repeats.
    `anywhere`: whichever assembly it asks.
    """
    served = SearchText.assembly.in_(question.assemblies)
    further = select(Addressee.petition_id).where(Addressee.assembly.in_(question.assemblies))
    statement = select(SearchText.petition_id).where(
        question.found,
        SearchText.shown.is_(True),
    )
    if not anywhere:
        statement = statement.where(or_(served, SearchText.petition_id.in_(further)))
    for rulebook, kind in question.private_kinds:
        private = and_(SearchText.rulebook_id == rulebook, SearchText.kind == kind)
        statement = statement.where(~private)
    if question.state:
        statement = statement.where(SearchText.state == question.state)
    if question.language:
        statement = statement.where(SearchText.original == question.language)
    if question.kind:
        statement = statement.where(SearchText.kind == question.kind)
    if question.topic:
        statement = statement.where(SearchText.topic == question.topic)
    if question.body:
        owed = select(Track.petition_id).where(of_body(), Track.body == question.body)
        statement = statement.where(SearchText.petition_id.in_(owed))
    return statement


def numbers_of(session: Session, question: Question) -> Counter[tuple[str, ...]]:
    """How many petitions of each (state, language, kind, topic) answer a question with words."""
    by_index(session)
    if is_sqlite(session):
        statement = _by_columns(question)
    else:
        served = {"assemblies": list(question.assemblies)}
        joint = session.scalars(_TOGETHER, served).first() is not None
        statement = _by_class(question, joint=joint)
    rows = session.execute(statement).all()
    found: Counter[tuple[str, ...]] = Counter()
    for *sort, number in rows:
        found[tuple(each or "" for each in sort)] += int(number)
    return found


_SORT = (SearchText.state, SearchText.original, SearchText.kind, SearchText.topic)
_ONCE = case((SearchText.several, SearchText.petition_id), else_=None).label("once")
"""A petition with several texts is counted by itself, so that it counts once."""
_FIRST: ColumnElement[int] = func.min(literal_column("found.doc", BigInteger())).label("doc")
_PETITIONS: ColumnElement[int] = literal_column(
    "sum(CASE WHEN found.once IS NULL THEN found.texts ELSE 1 END)", BigInteger()
).label("number")


def _by_columns(question: Question) -> Select[Any]:
    each = open_texts(question).with_only_columns(*_SORT, _ONCE, func.count().label("texts"))
    found = each.group_by(*_SORT, _ONCE).subquery()
    columns = [found.c[column.key] for column in _SORT]
    return select(*columns, _petitions(found)).group_by(*columns)


def _by_class(question: Question, *, joint: bool) -> Select[Any]:
    """The same by one number instead of four words, looked up at the end: half of the time. Where no
    petition asks two assemblies (`joint`), the assembly is a matter of that end as well.
    """
    each = open_texts(question, anywhere=not joint).with_only_columns(
        _CLASS.label("sort_class"), _ONCE, func.min(SearchText.doc).label("doc"),
        func.count().label("texts"),
    )  # fmt: skip
    # by name: to make a copy of each column takes longer than to send the statement
    numbers = (
        select(_FIRST, _PETITIONS)
        .select_from(each.group_by(_CLASS, _ONCE).subquery("found"))
        .group_by(literal_column("found.sort_class"))
        .subquery("numbers")
    )
    which = literal_column("numbers.doc") == SearchText.doc
    number: Any = literal_column("numbers.number", BigInteger())
    counted: Select[Any] = select(*_SORT, number).join_from(numbers, SearchText, which)
    return counted if joint else counted.where(SearchText.assembly.in_(question.assemblies))


def assemblies_of(session: Session, question: Question) -> Counter[str]:
    """How many petitions that answer a question with words ask each of its assemblies: alone, and
    together with another.
    """
    by_index(session)
    each = open_texts(question).with_only_columns(
        SearchText.assembly, _ONCE, func.count().label("texts")
    )
    own = each.group_by(SearchText.assembly, _ONCE).subquery()
    together = (
        open_texts(question)
        .join(Addressee, Addressee.petition_id == SearchText.petition_id)
        .where(Addressee.assembly != SearchText.assembly)
        .with_only_columns(Addressee.assembly, func.count(SearchText.petition_id.distinct()))
        .group_by(Addressee.assembly)
    )
    found: Counter[str] = Counter()
    for statement in (
        select(own.c.assembly, _petitions(own)).group_by(own.c.assembly), together,
    ):  # fmt: skip
        for assembly, number in session.execute(statement):
            found[assembly] += int(number)
    return Counter({each: found[each] for each in question.assemblies})


def _petitions(found: Any) -> Any:
    return func.sum(case((found.c.once.is_(None), found.c.texts), else_=1))
