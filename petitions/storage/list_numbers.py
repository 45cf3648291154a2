"""How many petitions of each sort a list without words has: all that ask an assembly, by an index that
holds nothing else, less those kept out of lists, and those that ask it together with another.
"""

from __future__ import annotations

from collections import Counter
from functools import lru_cache
from typing import Any, TypeAlias

from sqlalchemy import ColumnElement, CompoundSelect, Select, and_, func, literal, select, union_all
from sqlalchemy.orm import Session

from petitions.storage.reading import Question
from petitions.storage.search_index import is_public
from petitions.storage.tables import Addressee, Petition, PetitionClock

Private: TypeAlias = tuple[tuple[str, str], ...]
"""Pairs (rulebook, kind) on no list."""
_SORT = (Petition.state, Petition.language, Petition.kind, Petition.topic)


def numbers_of_list(session: Session, question: Question) -> Counter[tuple[str, ...]]:
    """(state, language, kind, topic) → petitions, whatever else the question narrows to."""
    found: Counter[tuple[str, ...]] = Counter()
    for *sort, number in session.execute(_every(question.assemblies, question.private_kinds)):
        found[tuple(each or "" for each in sort)] += number
    return +found


@lru_cache(maxsize=64)
def _every(assemblies: tuple[str, ...], private_kinds: Private) -> CompoundSelect[Any]:
    """The same for every list of these assemblies: written down once."""
    own = Petition.assembly.in_(assemblies)
    further = select(Addressee.petition_id).where(Addressee.assembly.in_(assemblies))
    unlisted = select(PetitionClock.petition_id).where(PetitionClock.unlisted.is_(True))
    return union_all(
        _counted(private_kinds, 1, own),
        _counted(private_kinds, -1, own, Petition.id.in_(unlisted)),
        _counted(private_kinds, 1, ~own, Petition.id.in_(further), Petition.id.not_in(unlisted)),
    )


def _counted(
    private_kinds: Private, sign: int, *which: ColumnElement[bool]
) -> Select[str, str, str, str | None, int]:
    statement = (
        select(*_SORT, (literal(sign) * func.count()).label("number"))
        .where(Petition.reference.is_not(None), is_public(), *which)
        .group_by(*_SORT)
    )
    for rulebook, kind in private_kinds:
        statement = statement.where(~and_(Petition.rulebook_id == rulebook, Petition.kind == kind))
    return statement
