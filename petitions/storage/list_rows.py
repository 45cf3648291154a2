"""One page of a list: which petitions, in which order, with what each line shows.

An order that two tables decide (most signed, the week's signatures, words in the title) is two lists
laid end to end, each in the order of an index: those that have what is asked for, then all others.
Only the few that a page shows are read with their texts.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Select, case, literal, select
from sqlalchemy.orm import Session

from petitions.storage import reading
from petitions.storage.list_order import (
    INDEXED,
    KEYED,
    PETITION,
    Beside,
    Columns,
    Key,
    beyond,
    gained,
    in_order,
    keys,
)
from petitions.storage.reading import Question, Row
from petitions.storage.search_match import by_index, titled
from petitions.storage.search_open import open_texts
from petitions.storage.tables import Petition, PublicCount


@dataclass(frozen=True, slots=True)
class Part:
    """A list and its order; the parts of one page may repeat a petition, which counts once."""

    statement: Select[Any]
    order: tuple[Key, ...]

    def from_(self, values: Sequence[Any], *, back: bool) -> Part:
        beginning = beyond(self.order, values, back=back)
        return replace(self, statement=self.statement.where(beginning))


def page_of(
    session: Session, question: Question, *, offset: int, limit: int, beside: Beside | None = None
) -> list[Row]:
    """One page of a question's petitions; where `beside` is in the list, from there instead."""
    place = _place(session, question, beside)
    back = place is not None and beside is not None and beside.back
    parts = _parts(session, question)
    if place is not None:
        offset, parts = 0, _from(parts, place, back=back)
    if question.found is not None:
        with by_index(session):
            keyed = _first(session, parts, offset + limit, back=back)[offset:]
    elif len(parts) == 1:  # each petition once: the database counts off
        only = in_order(parts[0].statement, parts[0].order, back=back)
        keyed = list(session.scalars(only.offset(offset).limit(limit)))
    else:
        keyed = _first(session, parts, offset + limit, back=back)[offset:]
    return _rows(session, question, keyed[::-1] if back else keyed)


def _rows(session: Session, question: Question, keyed: Sequence[UUID]) -> list[Row]:
    if not keyed:
        return []
    rows = session.execute(reading.with_text(question).where(Petition.id.in_(keyed)))
    found = {petition.id: Row(petition, text, count) for petition, text, count in rows}
    return [found[key] for key in keyed if key in found]


def _first(session: Session, parts: Iterable[Part], wanted: int, *, back: bool) -> list[UUID]:
    """The first petitions of the parts laid end to end, each petition where it stands first."""
    found: dict[UUID, None] = {}
    for part in parts:
        statement = in_order(part.statement, part.order, back=back)
        many = wanted + len(found)
        while len(found) < wanted:
            rows = session.scalars(statement.limit(many)).all()
            found.update(dict.fromkeys(rows))
            if len(rows) < many:
                break
            many *= 2  # petitions with several texts, or in an earlier part as well
    return list(found)[:wanted]


def _parts(session: Session, question: Question) -> list[Part]:
    of = PETITION if question.found is None else INDEXED
    if question.found is None:
        every: Select[Any] = reading.open_to(select(Petition.id), question)
        every = every.where(*reading.conditions_of(question).values())
    else:
        every = open_texts(question)
    rest = Part(every, keys(question.sort, of))
    if question.sort == "most_signed":
        return _signed(every, rest.order, of)
    if question.sort == "week" and question.since is not None:
        week = gained(question.since, question.quiet_kinds)
        moved = every.join(week, week.c.petition_id == of.id)
        return [Part(moved, (Key(week.c.number, down=True), *rest.order)), rest]
    if question.worth:
        return [_titled(session, question, every, rest.order), rest]
    return [rest]


def _signed(every: Select[Any], order: tuple[Key, ...], of: Columns) -> list[Part]:
    """Those with a count, then those that nobody could sign yet."""
    counted = every.join(PublicCount, PublicCount.petition_id == of.id)
    none = ~select(PublicCount.petition_id).where(PublicCount.petition_id == of.id).exists()
    first = Key(PublicCount.valid, down=True)  # type: ignore[arg-type]
    return [Part(counted, (first, *order[1:])), Part(every.where(none), order[1:])]


def _titled(
    session: Session, question: Question, every: Select[Any], order: tuple[Key, ...]
) -> Part:
    """Those with a word in the title: the rarer the words there, the further in front."""
    weight: ColumnElement[Any] = literal(0.0)
    for stem, worth in question.worth:
        weight = weight + case((titled(session, [stem]), worth), else_=0.0)
    there = titled(session, [stem for stem, _worth in question.worth])
    return Part(every.where(there), (Key(weight, down=True), *order))


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
