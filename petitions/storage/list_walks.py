"""How PostgreSQL comes to the first petitions of a list with words, whatever the words are.

Where thousands have the words, some of the first in the list have them: those are looked at, a few at a
time. Where few have them, all that have them are looked up and put in order. Left to itself the server
guesses which is better, and a word that nobody ever wrote makes it read the whole list.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any

from sqlalchemy import ColumnElement, Select, Uuid, literal_column, select
from sqlalchemy.orm import Session

from petitions.platform.database import is_sqlite
from petitions.storage.list_order import Key, beyond, in_order
from petitions.storage.tables import SearchText

FREQUENT = 3000
"""Hits from which the beginning of the list is looked at first."""
BEGINNINGS = (200, 1500)
"""Petitions of the list that are looked at."""


@dataclass(frozen=True, slots=True)
class Part:
    """A list and its order; the parts of one page may repeat a petition, which counts once."""

    statement: Select[Any]
    order: tuple[Key, ...]
    found: ColumnElement[bool] | None = None
    """The words, where there are some."""
    indexed: bool = False
    """An index has the list in this order."""

    def from_(self, values: Sequence[Any], *, back: bool) -> Part:
        beginning = beyond(self.order, values, back=back)
        return replace(self, statement=self.statement.where(beginning))


def beginnings(hits: int, *, phrased: bool) -> tuple[int, ...]:
    """How many of the list to look at first. Whether a text has a phrase is not soon seen."""
    if phrased:
        return BEGINNINGS[:1] if hits >= 4 * FREQUENT else ()
    return BEGINNINGS if hits >= FREQUENT else ()


def walked(
    session: Session, part: Part, first: Sequence[int], *, back: bool
) -> Iterator[Select[Any]]:
    """Statements that give the petitions of a part in its order, the later ones what is left over."""
    if part.found is None:
        yield in_order(part.statement, part.order, back=back)
    elif is_sqlite(session) or not part.indexed:
        yield in_order(part.statement.where(part.found), part.order, back=back)
    else:
        listed = in_order(part.statement.with_only_columns(SearchText.doc), part.order, back=back)
        for many in first:
            yield _all_of(part, SearchText.doc.in_(listed.limit(many)), back=back)
        yield _all_of(part, back=back)


def _all_of(part: Part, *narrowed: ColumnElement[bool], back: bool) -> Select[Any]:
    """OFFSET 0: what has the words is found first, and put in order then."""
    assert part.found is not None
    names = [f"key_{place}" for place in range(len(part.order))]
    labelled = [key.column.label(name) for name, key in zip(names, part.order, strict=True)]
    inner = part.statement.where(part.found, *narrowed).add_columns(*labelled).offset(0)
    # by name: to make a copy of each column takes longer than the rest of the statement
    order = [
        Key(literal_column(f"found.{name}"), down=key.down)
        for name, key in zip(names, part.order, strict=True)
    ]
    which = select(literal_column("found.petition_id", Uuid())).select_from(inner.subquery("found"))
    return in_order(which, order, back=back)
