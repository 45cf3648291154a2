"""Admissibility stages: opening one, and the day by which it must be decided."""

from __future__ import annotations

from datetime import date, datetime
from uuid import uuid4

from sqlalchemy import select
from sqlalchemy.orm import Session

from petitions.domain.calendar import ONE_DAY, DaySpan, Deadline, deadline, local_day
from petitions.domain.filing import Stage
from petitions.domain.lifecycle import Action
from petitions.services.calendars import calendar_of
from petitions.services.ports import House
from petitions.storage.tables import Audit, Petition, Review


def due_day(
    session: Session,
    house: House,
    petition: Petition,
    stage: Stage,
    start: date,
    stopped: tuple[DaySpan, ...] = (),
) -> Deadline:
    """Last day for deciding a stage that opened on `start` (local day of the rulebook's zone)."""
    if stage.within is None:
        return Deadline(None)
    calendar = calendar_of(session, house, petition.assembly)
    return deadline(start, stage.within, calendar=calendar, stops=stage.stops, stopped=stopped)


def open_review(
    session: Session, house: House, petition: Petition, stage: Stage, at: datetime
) -> Review:
    zone = house.rulebook(session, petition).zone
    due = due_day(session, house, petition, stage, local_day(at, zone))
    review = Review(
        id=uuid4(),
        petition_id=petition.id,
        stage=stage.id,
        body=stage.body,
        opened_at=at,
        due_on=due.day,
        due_provisional=due.provisional,
        days_stopped=0,
        returns_used=0,
        back_from_author=False,
        version=1,
    )
    session.add(review)
    session.flush()
    return review


def open_reviews(session: Session, petition: Petition) -> list[Review]:
    return list(
        session.scalars(
            select(Review)
            .where(Review.petition_id == petition.id, Review.closed_at.is_(None))
            .order_by(Review.opened_at)
        )
    )


def next_stage(
    session: Session, house: House, petition: Petition, point: str = "publication"
) -> Stage | None:
    """The first stage at this point that was never opened."""
    opened = set(session.scalars(select(Review.stage).where(Review.petition_id == petition.id)))
    stages = house.kind(session, petition).admissibility.at(point)
    return next((stage for stage in stages if stage.id not in opened), None)


def stage_of(session: Session, house: House, petition: Petition, review: Review) -> Stage:
    kind = house.kind(session, petition)
    return next(stage for stage in kind.admissibility.stages if stage.id == review.stage)


def stop_clock(review: Review, today: date) -> None:
    """The author corrects: the institution's clock stands still from the next day on."""
    review.stopped_since = today


def restart_clock(
    session: Session,
    house: House,
    petition: Petition,
    review: Review,
    stage: Stage,
    today: date,
    zone: str,
) -> None:
    """The days in between were not the institution's; the deadline moves by as many.

    Call after the resubmission is in the audit trail: that is where the days are read from.
    """
    since = review.stopped_since
    review.stopped_since = None
    if since is None:
        return
    review.days_stopped += max(0, (today - since).days)
    if stage.within is None or review.days_stopped == 0:
        return
    lay_out(session, house, petition, review, stage, zone)


def lay_out(
    session: Session, house: House, petition: Petition, review: Review, stage: Stage, zone: str
) -> None:
    """The last day of an open stage from its opening, the days with the author and the calendar."""
    opened = local_day(review.opened_at, zone)
    stopped = _days_with_author(session, petition, stage, zone)
    due = due_day(session, house, petition, stage, opened, stopped)
    review.due_on, review.due_provisional = due.day, due.provisional


def _days_with_author(
    session: Session, petition: Petition, stage: Stage, zone: str
) -> tuple[DaySpan, ...]:
    """From the day after each return to the day of its resubmission, both counted.

    Each span on its own: a clock of working days must know on which weekdays it stood still.
    """
    trail = session.execute(
        select(Audit.action, Audit.at, Audit.detail)
        .where(Audit.petition_id == petition.id, Audit.action.in_([Action.RETURN, Action.RESUBMIT]))
        .order_by(Audit.seq)
    )
    spans, since = [], None
    for action, at, detail in trail:
        day = local_day(at, zone)
        if action == Action.RETURN:
            since = day if detail.get("stage") == stage.id else None
        elif since is not None and since < day:
            spans.append(DaySpan(since + ONE_DAY, day))
    return tuple(spans)
