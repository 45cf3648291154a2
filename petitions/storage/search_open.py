"""Indexed texts that a reader may find: the conditions of a list, asked of the words' own table."""

from __future__ import annotations

from collections import Counter
from typing import Any

from sqlalchemy import Select, and_, case, func, or_, select
from sqlalchemy.orm import Session

from petitions.storage.reading import Question, of_body
from petitions.storage.search_match import by_index
from petitions.storage.tables import Addressee, PetitionClock, SearchText, Track


def open_texts(question: Question) -> Select[Any]:
    """The petition of each text that answers a question with words; one with several texts repeats."""
    served = SearchText.assembly.in_(question.assemblies)
    further = select(Addressee.petition_id).where(Addressee.assembly.in_(question.assemblies))
    unlisted = select(PetitionClock.petition_id).where(PetitionClock.unlisted.is_(True))
    statement = select(SearchText.petition_id).where(
        question.found,
        SearchText.shown.is_(True),
        or_(served, SearchText.petition_id.in_(further)),
        SearchText.petition_id.not_in(unlisted),
    )
    for rulebook, kind in question.private_kinds:
        private = and_(SearchText.rulebook_id == rulebook, SearchText.kind == kind)
        statement = statement.where(~private)
    if question.state:
        statement = statement.where(SearchText.state == question.state)
    if question.language:
        statement = statement.where(SearchText.original == question.language)
    if question.kind:
        statement = statement.where(SearchText.kind == question.kind)
    if question.body:
        owed = select(Track.petition_id).where(of_body(), Track.body == question.body)
        statement = statement.where(SearchText.petition_id.in_(owed))
    return statement


def numbers_of(session: Session, question: Question) -> Counter[tuple[str, ...]]:
    """How many petitions of each (state, language, kind) answer a question with words."""
    sort = (SearchText.state, SearchText.original, SearchText.kind)
    once = case((SearchText.several, SearchText.petition_id), else_=None).label("once")
    each = open_texts(question).with_only_columns(*sort, once, func.count().label("texts"))
    found = each.group_by(*sort, once).subquery()
    columns = (found.c.state, found.c.original, found.c.kind)
    petitions = func.sum(case((found.c.once.is_(None), found.c.texts), else_=1))
    with by_index(session):
        rows = session.execute(select(*columns, petitions).group_by(*columns)).all()
    return Counter({tuple(row[:3]): int(row[3]) for row in rows})
