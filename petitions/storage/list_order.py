"""In which order lists show petitions, and what comes after a petition of theirs.

A page continues after the last petition of the one before where the order stands in columns: what is
published meanwhile shifts nothing, and page 200 costs what page 2 costs. Best matches and closing days
are counted off instead.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, TypeAlias

from sqlalchemy import ColumnElement, Select, and_, case, false, func, or_, select
from sqlalchemy.orm import aliased

from petitions.domain.lifecycle import State
from petitions.storage.tables import DailyCount, Petition, PetitionText, PublicCount

Listed: TypeAlias = Select[Petition, PetitionText, int]
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


def keys(sort: str) -> tuple[Key, ...]:
    newest = Key(func.coalesce(Petition.published_at, Petition.submitted_at), down=True)
    last = Key(Petition.id)  # type: ignore[arg-type]
    if sort == "most_signed":
        return (Key(func.coalesce(PublicCount.valid, -1), down=True), newest, last)
    if sort == "closing":
        return (
            Key(Petition.state != State.PUBLISHED),
            Key(Petition.closes_at.is_(None)),
            Key(Petition.closes_at),  # type: ignore[arg-type]
            newest,
            last,
        )
    if sort == "updated":
        return (Key(Petition.state_since, down=True), last)  # type: ignore[arg-type]
    return (newest, last)


def in_order(statement: Listed, order: Sequence[Key], *, back: bool = False) -> Listed:
    return statement.order_by(
        *(key.column.desc() if key.down is not back else key.column for key in order)
    )


def beyond(order: Sequence[Key], values: Sequence[Any], *, back: bool) -> ColumnElement[bool]:
    """What comes after these values in the order; with `back`, before them."""
    found: ColumnElement[bool] = false()
    for key, value in zip(reversed(order), reversed(values), strict=True):
        further = key.column < value if key.down is not back else key.column > value
        found = or_(further, and_(key.column == value, found))
    return found


def by_gain(statement: Listed, since: date, quiet: Sequence[tuple[str, str]]) -> Listed:
    """The petitions with most signatures after a day in front."""
    week = _gained(since, quiet)
    statement = statement.outerjoin(week, week.c.petition_id == Petition.id)
    return statement.order_by(func.coalesce(week.c.number, 0).desc())


def _gained(since: date, quiet: Sequence[tuple[str, str]]) -> Any:
    """Petition and `number` of signatures gained after a day. `quiet`: pairs (rulebook, kind) whose
    count is not shown as it is: nothing of theirs may be read from an order either.
    """
    moved = (
        select(DailyCount.petition_id, func.max(DailyCount.day).label("day"))
        .where(DailyCount.day > since)
        .group_by(DailyCount.petition_id)
        .subquery()
    )
    earlier = aliased(DailyCount)
    before = (
        select(earlier.valid)
        .where(earlier.petition_id == moved.c.petition_id, earlier.day <= since)
        .order_by(earlier.day.desc())
        .limit(1)
        .scalar_subquery()
    )
    number = DailyCount.valid - func.coalesce(before, 0)
    hidden = [and_(Petition.rulebook_id == book, Petition.kind == kind) for book, kind in quiet]
    return (
        select(
            DailyCount.petition_id,
            case((or_(false(), *hidden), 0), else_=number).label("number"),
        )
        .join(
            moved,
            and_(DailyCount.petition_id == moved.c.petition_id, DailyCount.day == moved.c.day),
        )
        .join(Petition, Petition.id == DailyCount.petition_id)
        .subquery()
    )
