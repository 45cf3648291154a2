"""What the desk reads: the queue by legal deadline, its figures, one case. Reads only, no clock.

The queue is two ordered walks of one index (closed_at, due_on, id): first the reviews with a
deadline, then those without. Pages continue after a key, so that page 200 costs what page 1 costs.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta, tzinfo
from enum import StrEnum
from statistics import median
from uuid import UUID

from sqlalchemy import ColumnElement, Row, Select, and_, func, or_, select, true
from sqlalchemy.orm import Session

from admissibility.narrowing import AGES, Age, marked, of_age
from admissibility.review import UNDER_REVIEW, Standing, standing
from admissibility.suspicion import DUPLICATE
from petitions.domain.calendar import days_left
from petitions.domain.lifecycle import State
from petitions.storage.filing_rows import addressed_to
from petitions.storage.search_reading import saying
from petitions.storage.tables import Petition, PetitionText, Review

PAGE = 25
SOON = timedelta(days=3)
"""A deadline this near is marked; the last day itself is inside."""
MEDIAN_OVER = 500
"""The median looks at the last decisions only: it tells how the desk works now."""


class View(StrEnum):
    ALL = "all"
    MINE = "mine"
    UNASSIGNED = "unassigned"
    SECOND = "second"
    BACK = "back"
    DUPLICATES = "duplicates"
    OVERDUE = "overdue"
    WITH_AUTHOR = "with_author"


@dataclass(frozen=True, slots=True)
class QueueRow:
    """One case of the queue. `days_left`: today and the last day included; negative when late."""

    review_id: UUID
    petition_id: UUID
    ref: str
    title: str
    request: str
    reasons: str
    language: str
    kind: str
    stage: str
    standing: Standing
    due_on: date | None
    provisional: bool
    days_left: int | None
    assigned_to: str | None
    assigned_name: str | None
    returns_used: int
    opened_at: datetime
    version: int
    assembly: str = ""
    topic: str = ""


@dataclass(frozen=True, slots=True)
class Page:
    rows: tuple[QueueRow, ...]
    after: str = ""
    """Key to continue from; empty on the last page."""


@dataclass(frozen=True, slots=True)
class Figures:
    """The desk in numbers. `median_days` is None before the first decision."""

    views: dict[View, int]
    due_soon: int
    median_days: int | None
    ages: tuple[tuple[Age, int, int | None, int], ...] = ()
    """(bucket, from, to, open checks of that age) in days since the check was opened."""


_TEXT = and_(PetitionText.petition_id == Petition.id, PetitionText.language == Petition.language)
_WAITING = Petition.state.in_([str(state) for state in sorted(UNDER_REVIEW)])


def _condition(view: View, actor: str, today: date) -> ColumnElement[bool]:
    if view is View.WITH_AUTHOR:
        return and_(Review.closed_at.is_(None), Petition.state == str(State.RETURNED))
    open_review = and_(Review.closed_at.is_(None), _WAITING)
    narrower = _narrower(actor, today)
    return and_(open_review, narrower[view]) if view in narrower else open_review


def _narrower(actor: str, today: date) -> dict[View, ColumnElement[bool]]:
    """What makes a view, beyond that the check waits for the desk."""
    return {
        View.MINE: Review.assigned_to == actor,
        View.UNASSIGNED: Review.assigned_to.is_(None),
        View.SECOND: Review.proposed.is_not(None),
        View.BACK: Review.back_from_author.is_(True),
        View.DUPLICATES: marked(DUPLICATE),
        View.OVERDUE: Review.due_on < today,
    }


def _asking(assembly: str) -> ColumnElement[bool]:
    """Petitions to one assembly, alone or with others; empty: to any."""
    return addressed_to([assembly]) if assembly else true()


def _keys(view: View, actor: str, today: date, assembly: str) -> Select[UUID]:
    return (
        select(Review.id)
        .join(Petition, Petition.id == Review.petition_id)
        .where(_condition(view, actor, today), _asking(assembly))
    )


def _rows(keys: Select[UUID]) -> Select[Review, Petition, PetitionText]:
    """Only what a page shows is read whole."""
    found = keys.subquery()
    return (
        select(Review, Petition, PetitionText)
        .join(found, found.c.id == Review.id)
        .join(Petition, Petition.id == Review.petition_id)
        .join(PetitionText, _TEXT)
    )


def _walks(after: str) -> Iterator[tuple[ColumnElement[bool], tuple[ColumnElement[object], ...]]]:
    """The two ordered walks that are left after a key."""
    day, _, key = after.partition("~")
    if day != "-":
        dated: ColumnElement[bool] = Review.due_on.is_not(None)
        if after:
            since, last = date.fromisoformat(day), UUID(key)
            dated = or_(Review.due_on > since, and_(Review.due_on == since, Review.id > last))
        yield dated, (Review.due_on, Review.id)  # type: ignore[misc]
    undated: ColumnElement[bool] = Review.due_on.is_(None)
    if day == "-":
        undated = and_(undated, Review.id > UUID(key))
    yield undated, (Review.id,)  # type: ignore[misc]


def queue(
    session: Session,
    view: View,
    actor: str,
    today: date,
    *,
    text: str = "",
    after: str = "",
    limit: int = PAGE,
    assembly: str = "",
    narrowed: Sequence[ColumnElement[bool]] = (),
) -> Page:
    """One page, oldest legal deadline first. Raises ValueError for a key that is none."""
    found: list[Row[Review, Petition, PetitionText]] = []
    said = (saying(session, text),) if text.strip() else ()
    for where, order in _walks(after):
        wanted = limit + 1 - len(found)
        if wanted > 0:
            keys = _keys(view, actor, today, assembly).where(where, *said, *narrowed)
            rows = _rows(keys.order_by(*order).limit(wanted))
            found += session.execute(rows.order_by(*order)).all()
    rows_out = tuple(_row(row, today) for row in found[:limit])
    return Page(rows_out, key_of(rows_out[-1]) if len(found) > limit else "")


def everything(
    session: Session,
    view: View,
    actor: str,
    today: date,
    *,
    text: str = "",
    assembly: str = "",
    narrowed: Sequence[ColumnElement[bool]] = (),
) -> Iterator[QueueRow]:
    """Every row of a view, in pages, for the download."""
    after = ""
    while True:
        page = queue(
            session, view, actor, today, text=text, after=after, limit=500, assembly=assembly,
            narrowed=narrowed,
        )  # fmt: skip
        yield from page.rows
        if not page.after:
            return
        after = page.after


def key_of(row: QueueRow) -> str:
    return f"{row.due_on.isoformat() if row.due_on else '-'}~{row.review_id}"


def _row(found: Row[Review, Petition, PetitionText], today: date) -> QueueRow:
    review, petition, text = found
    return QueueRow(
        review_id=review.id,
        petition_id=petition.id,
        ref=petition.reference or "",
        title=text.title,
        request=text.request,
        reasons=text.reasons,
        language=petition.language,
        kind=petition.kind,
        stage=review.stage,
        standing=stands(review, petition),
        due_on=review.due_on,
        provisional=review.due_provisional,
        days_left=days_to(review.due_on, today) if review.due_on else None,
        assigned_to=review.assigned_to,
        assigned_name=review.assigned_name,
        returns_used=review.returns_used,
        opened_at=review.opened_at,
        version=review.version,
        assembly=petition.assembly,
        topic=petition.topic or "",
    )


def days_to(due: date, today: date) -> int:
    """Days on which one can still act (rule T4); negative: days over the deadline."""
    return days_left(due, today) or (due - today).days


def stands(review: Review, petition: Petition) -> Standing:
    """Where a review stands."""
    if review.closed_at is not None:
        return Standing.DECIDED
    return standing(
        State(petition.state),
        assigned=review.assigned_to is not None,
        proposed=review.proposed is not None,
        back=review.back_from_author,
    )


def figures(
    session: Session, actor: str, today: date, assembly: str = "", zone: tzinfo = UTC
) -> Figures:
    """Counts of each view and of near deadlines, in one pass over the open reviews."""
    narrower = _narrower(actor, today)
    waiting = [view for view in View if view is not View.WITH_AUTHOR]
    counted = [
        *(narrower.get(view, true()) for view in waiting),
        *(of_age(least, most, today, zone) for _bucket, least, most in AGES),
        and_(Review.due_on >= today, Review.due_on < today + SOON),
    ]
    every = (
        select(*(func.count().filter(where) for where in counted))
        .select_from(Review)
        .join(Petition, Petition.id == Review.petition_id)
        .where(_asking(assembly))
    )
    *numbers, near = session.execute(every.where(Review.closed_at.is_(None), _WAITING)).one()
    with_author = every.where(_condition(View.WITH_AUTHOR, actor, today))
    views = dict(zip(waiting, numbers[: len(waiting)], strict=True))
    views[View.WITH_AUTHOR] = session.scalar(with_author.with_only_columns(func.count())) or 0
    return Figures(
        views={view: views[view] for view in View},
        ages=tuple(
            (*each, count) for each, count in zip(AGES, numbers[len(waiting) :], strict=True)
        ),
        due_soon=near,
        median_days=_median_days(session, assembly),
    )


def _median_days(session: Session, assembly: str) -> int | None:
    spans: Sequence[Row[datetime, datetime | None, int]] = session.execute(
        select(Review.opened_at, Review.closed_at, Review.days_stopped)
        .join(Petition, Petition.id == Review.petition_id)
        .where(Review.closed_at.is_not(None), _asking(assembly))
        .order_by(Review.closed_at.desc())
        .limit(MEDIAN_OVER)
    ).all()
    days = [(end - start).days - stopped for start, end, stopped in spans if end is not None]
    return round(median(max(0, each) for each in days)) if days else None
