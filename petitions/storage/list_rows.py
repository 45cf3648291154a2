"""One page of a list: which petitions, in which order, with what each line shows.

An order that two tables decide (most signed, the week's signatures, words in the title) is two lists
laid end to end, each in the order of an index: those that have what is asked for, then all others.
Only the few that a page shows are read with their texts.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Select, and_, case, literal, select, true
from sqlalchemy.orm import Session

from petitions.platform.database import is_sqlite
from petitions.storage import reading
from petitions.storage.list_order import (
    INDEXED,
    KEYED,
    PETITION,
    Beside,
    Columns,
    Key,
    foremost,
    gained,
    in_order,
    keys,
)
from petitions.storage.list_walks import Part, beginnings, walked
from petitions.storage.reading import Question, Row
from petitions.storage.search_match import by_index, titled
from petitions.storage.search_open import open_texts
from petitions.storage.tables import Petition, PublicCount

FOREMOST = 500
"""Petitions that are first asked whether they belong on a page in the order of the week."""


def page_of(
    session: Session,
    question: Question,
    *,
    offset: int,
    limit: int,
    beside: Beside | None = None,
    hits: int = 0,
) -> list[Row]:
    """One page of a question's petitions; where `beside` is in the list, from there instead. `hits`:
    how many there are, where that is known.
    """
    place = _place(session, question, beside)
    back = place is not None and beside is not None and beside.back
    parts = _parts(session, question)
    if place is not None:
        offset, parts = 0, _from(parts, place, back=back)
    by_index(session)
    if question.found is None and len(parts) == 1:  # each petition once: the database counts off
        only = in_order(parts[0].statement, parts[0].order, back=back)
        keyed = list(session.scalars(only.offset(offset).limit(limit)))
    else:
        first = beginnings(hits, phrased=question.phrased)
        walks = (each for part in parts for each in walked(session, part, first, back=back))
        keyed = _first(session, walks, offset + limit)[offset:]
    return _rows(session, question, keyed[::-1] if back else keyed)


def _rows(session: Session, question: Question, keyed: Sequence[UUID]) -> list[Row]:
    if not keyed:
        return []
    rows = session.execute(reading.with_text(question).where(Petition.id.in_(keyed)))
    found = {petition.id: Row(petition, text, count) for petition, text, count in rows}
    return [found[key] for key in keyed if key in found]


def _first(session: Session, walks: Iterable[Select[Any]], wanted: int) -> list[UUID]:
    """The first petitions of the walks laid end to end, each petition where it stands first."""
    found: dict[UUID, None] = {}
    for walk in walks:
        many = wanted + len(found)
        while len(found) < wanted:
            rows = session.scalars(walk.limit(many)).all()
            found.update(dict.fromkeys(rows))
            if len(rows) < many:
                break
            many *= 2  # petitions with several texts, or in an earlier walk as well
    return list(found)[:wanted]


def _parts(session: Session, question: Question) -> list[Part]:
    of = PETITION if question.found is None else INDEXED
    if question.found is None:
        every: Select[Any] = reading.open_to(select(Petition.id), question)
        every = every.where(*reading.conditions_of(question).values())
    else:
        every = open_texts(replace(question, found=true()))
    rest = Part(every, keys(question.sort, of), question.found, indexed=True)
    if question.sort == "most_signed":
        return _signed(rest, of)
    if question.sort == "week" and question.since is not None:
        return [*_moved(session, question, rest, of), rest]
    if question.worth:
        return [_titled(session, question, rest), rest]
    return [rest]


def _signed(rest: Part, of: Columns) -> list[Part]:
    """Those with a count, then those that nobody could sign yet."""
    every, order = rest.statement, rest.order
    counted = every.join(PublicCount, PublicCount.petition_id == of.id)
    none = ~select(PublicCount.petition_id).where(PublicCount.petition_id == of.id).exists()
    first = Key(PublicCount.valid, down=True)  # type: ignore[arg-type]
    return [
        replace(rest, statement=counted, order=(first, *order[1:])),
        replace(rest, statement=every.where(none), order=order[1:]),
    ]


def _moved(session: Session, question: Question, rest: Part, of: Columns) -> list[Part]:
    """Those signed in the week. PostgreSQL looks at the foremost alone while they fill the page."""
    assert question.since is not None
    week = gained(session, question.since, question.quiet_kinds)
    every_one = [week.subquery()]
    if not is_sqlite(session):
        every_one.insert(0, foremost(week, FOREMOST).subquery())
    return [
        Part(
            rest.statement.join(most, most.c.petition_id == of.id),
            (Key(most.c.number, down=True), *rest.order),
            rest.found,
        )
        for most in every_one
    ]


def _titled(session: Session, question: Question, rest: Part) -> Part:
    """Those with a word in the title: the rarer the words there, the further in front."""
    weight: ColumnElement[Any] = literal(0.0)
    for stem, worth in question.worth:
        weight = weight + case((titled(session, [stem]), worth), else_=0.0)
    there = titled(session, [stem for stem, _worth in question.worth])
    # whose title has the only word has the word: one look-up, not two
    found = there if question.one_word else and_(there, question.found)
    return Part(rest.statement, (Key(weight, down=True), *rest.order), found)


def _place(
    session: Session, question: Question, beside: Beside | None
) -> tuple[int | None, tuple[Any, ...]] | None:
    """Where a petition of the list stands in its order: its count, where it decides, and the rest."""
    if beside is None or question.sort not in KEYED:
        return None
    order = keys(question.sort)
    wanted = reading.with_text(question).with_only_columns(
        PublicCount.valid, *(key.column for key in order)
    )
    row = session.execute(wanted.where(Petition.reference == beside.reference)).one_or_none()
    return None if row is None else (row[0], tuple(row[1:]))


def _from(
    parts: list[Part], place: tuple[int | None, tuple[Any, ...]], *, back: bool
) -> list[Part]:
    count, values = place
    if len(parts) == 1:
        return [parts[0].from_(values, back=back)]
    counted, others = parts
    if count is None:
        begun = others.from_(values[1:], back=back)
        return [begun, counted] if back else [begun]
    begun = counted.from_(values, back=back)
    return [begun] if back else [begun, others]
