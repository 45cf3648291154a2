"""In which order lists show petitions, and what comes after a petition of theirs.

A page continues after the last petition of the one before where the order stands in columns: what is
published meanwhile shifts nothing, and page 200 costs what page 2 costs. Best matches and closing days
are counted off instead.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, TypeVarTuple

from sqlalchemy import (
    BigInteger,
    ColumnElement,
    Select,
    and_,
    case,
    cast,
    false,
    func,
    literal,
    or_,
    select,
)
from sqlalchemy.orm import Session, aliased

from petitions.domain.lifecycle import State
from petitions.platform.database import is_sqlite
from petitions.storage.tables import DailyCount, Petition, PublicCount, SearchText

Shape = TypeVarTuple("Shape")
KEYED = frozenset({"newest", "most_signed", "updated"})
"""Orders whose pages continue after a petition."""


@dataclass(frozen=True, slots=True)
class Beside:
    """Where a page starts: after the petition with this reference, or (`back`) ends before it."""

    reference: str
    back: bool = False


@dataclass(frozen=True, slots=True)
class Key:
    """A column of the order. Never null, so that it can be compared."""

    column: ColumnElement[Any]
    down: bool = False


@dataclass(frozen=True, slots=True)
class Columns:
    """Where a list reads what its order asks of a petition: in `petition`, or beside its words."""

    id: Any
    state: Any
    newest: Any
    closes_at: Any
    state_since: Any


PETITION = Columns(
    Petition.id, Petition.state, func.coalesce(Petition.published_at, Petition.submitted_at),
    Petition.closes_at, Petition.state_since,
)  # fmt: skip
INDEXED = Columns(
    SearchText.petition_id, SearchText.state, SearchText.newest, SearchText.closes_at,
    SearchText.state_since,
)  # fmt: skip


def keys(sort: str, of: Columns = PETITION) -> tuple[Key, ...]:
    newest, last = Key(of.newest, down=True), Key(of.id)
    if sort == "most_signed":
        return (Key(func.coalesce(PublicCount.valid, -1), down=True), newest, last)
    if sort == "closing":
        return (
            Key(of.state != State.PUBLISHED),
            Key(of.closes_at.is_(None)),
            Key(of.closes_at),
            newest,
            last,
        )
    if sort == "updated":
        return (Key(of.state_since, down=True), last)
    return (newest, last)


def in_order(
    statement: Select[*Shape], order: Sequence[Key], *, back: bool = False
) -> Select[*Shape]:
    return statement.order_by(
        *(key.column.desc() if key.down is not back else key.column for key in order)
    )


def beyond(order: Sequence[Key], values: Sequence[Any], *, back: bool) -> ColumnElement[bool]:
    """What comes after these values in the order; with `back`, before them.

    The first column is also compared by itself: an index is entered there.
    """
    found: ColumnElement[bool] = false()
    for key, value in zip(reversed(order), reversed(values), strict=True):
        further = key.column < value if key.down is not back else key.column > value
        found = or_(further, and_(key.column == value, found))
    first, start = order[0], values[0]
    entered = first.column <= start if first.down is not back else first.column >= start
    return and_(entered, found)


_MOST = 2**33
"""More signatures than there are people."""


def gained(session: Session, since: date, quiet: Sequence[tuple[str, str]]) -> Any:
    """Petition and `number` of signatures gained after a day, of those that gained some. `quiet`: pairs
    (rulebook, kind) whose count is not shown as it is: nothing of theirs may be read from an order
    either.

    One look at the days since then: the last count of each petition is found by its day and itself as
    one number, and what it had before mostly stands on the first of these days.
    """
    days = DailyCount.day - literal(date(1970, 1, 1))
    number_of_day: Any = func.julianday(DailyCount.day) if is_sqlite(session) else days
    dated = cast(number_of_day, BigInteger) * _MOST + DailyCount.valid
    week = (
        select(
            DailyCount.petition_id,
            func.max(case((DailyCount.day > since, dated))).label("last"),
            func.max(case((DailyCount.day == since, DailyCount.valid))).label("before"),
        )
        .where(DailyCount.day >= since)
        .group_by(DailyCount.petition_id)
        .subquery()
    )
    earlier = aliased(DailyCount)
    before = (
        select(earlier.valid)
        .where(earlier.petition_id == week.c.petition_id, earlier.day < since)
        .order_by(earlier.day.desc())
        .limit(1)
        .scalar_subquery()
    )
    number = (week.c.last % _MOST - func.coalesce(week.c.before, before, 0)).label("number")
    every = select(week.c.petition_id, number).where(week.c.last.is_not(None))
    if quiet:
        hidden = [and_(Petition.rulebook_id == book, Petition.kind == kind) for book, kind in quiet]
        every = every.join(Petition, Petition.id == week.c.petition_id).where(~or_(*hidden))
    once = every.cte("gained").prefix_with("MATERIALIZED")
    return select(once).where(once.c.number > 0)


def foremost(most: Select[*Shape], number: int) -> Select[*Shape]:
    """The first of those that gained some, with all that gained as many as the last of them."""
    return most.order_by(most.selected_columns["number"].desc()).fetch(number, with_ties=True)
