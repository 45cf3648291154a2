"""How many petitions of each sort a list without words has: all that ask an assembly, by an index that
holds nothing else, less those kept out of lists, and those that ask it together with another.
"""

from __future__ import annotations

from collections import Counter

from sqlalchemy import ColumnElement, Select, and_, func, literal, select, union_all
from sqlalchemy.orm import Session

from petitions.storage.reading import Question
from petitions.storage.search_index import is_public
from petitions.storage.tables import Addressee, Petition, PetitionClock

_SORT = (Petition.state, Petition.language, Petition.kind, Petition.topic)


def numbers_of_list(session: Session, question: Question) -> Counter[tuple[str, ...]]:
    """(state, language, kind, topic) → petitions, whatever else the question narrows to."""
    own = Petition.assembly.in_(question.assemblies)
    further = select(Addressee.petition_id).where(Addressee.assembly.in_(question.assemblies))
    unlisted = select(PetitionClock.petition_id).where(PetitionClock.unlisted.is_(True))
    parts = (
        _counted(question, 1, own),
        _counted(question, -1, own, Petition.id.in_(unlisted)),
        _counted(question, 1, ~own, Petition.id.in_(further), Petition.id.not_in(unlisted)),
    )
    found: Counter[tuple[str, ...]] = Counter()
    for *sort, number in session.execute(union_all(*parts)):
        found[tuple(each or "" for each in sort)] += number
    return +found


def _counted(
    question: Question, sign: int, *which: ColumnElement[bool]
) -> Select[str, str, str, str | None, int]:
    statement = (
        select(*_SORT, (literal(sign) * func.count()).label("number"))
        .where(Petition.reference.is_not(None), is_public(), *which)
        .group_by(*_SORT)
    )
    for rulebook, kind in question.private_kinds:
        statement = statement.where(~and_(Petition.rulebook_id == rulebook, Petition.kind == kind))
    return statement
