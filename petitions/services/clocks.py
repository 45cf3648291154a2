"""Laying out the dates of one petition: window, duties, stages, and what the calendar will do by itself.

`plan` reads what is recorded and writes what follows from it, any number of times with the same
result. A move, an entry of the calendar or a reported event marks a petition; the worker plans it
again. So no service has to remember which dates hang on what it records.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from petitions.domain.calendar import add, closes_at, deadline, local_day
from petitions.domain.lifecycle import END_STATES, State
from petitions.domain.procedure import Kind
from petitions.domain.vocabulary import Silence
from petitions.services import (
    calendars,
    erasure,
    handed_over,
    out_of_sight,
    reviews,
    tracks,
    windows,
)
from petitions.services.happenings import GIVEN_IN, happened
from petitions.services.keeping import archive_due
from petitions.services.ports import House
from petitions.services.publication import open_signing
from petitions.services.reviews import open_reviews, stage_of
from petitions.storage import time_rows
from petitions.storage.tables import Petition, PetitionClock, PetitionSigning, Track

OPENS, SHUT, START_MISSED, SUBMISSION_MISSED, HANDOVER_MISSED, ARCHIVE, ERASE, HIDDEN_OVER = (
    "opens", "shut", "start_missed", "submission_missed", "handover_missed", "archive",
    "erase", "hidden_over",
)  # fmt: skip
ATTRITION, SILENCE = "attrition", "silence"
Wanted = Iterator[tuple[str, datetime]]


def plan(session: Session, house: House, petition: Petition, *, at: datetime) -> None:
    """Lay out everything that follows from what is recorded. The petition's row is locked."""
    if petition.state == State.DRAFT:
        return
    _window(session, house, petition, at)
    _duties(session, house, petition, at)
    _deadlines(session, house, petition)
    time_rows.set_timers(session, petition.id, dict(timers(session, house, petition, at=at)))
    time_rows.mark_stale(session, petition.id)
    session.get_one(PetitionClock, petition.id).stale = False
    session.flush()


def _window(session: Session, house: House, petition: Petition, at: datetime) -> None:
    """Window and first opening: only while people sign or wait for the first day."""
    if petition.state not in {State.PUBLISHED, State.THRESHOLD_REACHED}:
        return
    windows.apply(session, house, petition, at=at)
    if open_signing(session, house, petition, at=at):
        session.flush()
        windows.apply(session, house, petition, at=at)


def _duties(session: Session, house: House, petition: Petition, at: datetime) -> None:
    """Open what recorded events owe, start the clocks they start; known ones are left alone."""
    duties = house.kind(session, petition).after.duties
    for event in dict.fromkeys(duty.start for duty in duties):
        found = happened(session, house, petition, event)
        if found is not None and found.at <= at:
            tracks.open_duties(session, house, petition, event, at=found.at, day=found.day)


def _deadlines(session: Session, house: House, petition: Petition) -> None:
    """Open deadlines once more from the calendar in force; what is overdue stays overdue."""
    running = session.scalars(
        select(Track).where(Track.petition_id == petition.id, Track.status == "due")
    )
    for track in running.all():
        if track.started_on is not None:
            tracks.lay_out(session, house, petition, track)
    zone = house.rulebook(session, petition).zone
    for review in open_reviews(session, petition):
        stage = stage_of(session, house, petition, review)
        if stage.within is not None and review.stopped_since is None:
            reviews.lay_out(session, house, petition, review, stage, zone)


def timers(session: Session, house: House, petition: Petition, *, at: datetime) -> Wanted:
    """What the calendar will do to this petition by itself: (code, instant in UTC)."""
    state = State(petition.state)
    kind = house.kind(session, petition)
    zone = house.rulebook(session, petition).zone
    if state in {State.PUBLISHED, State.THRESHOLD_REACHED}:
        yield from _of_window(session, petition, kind, zone, at)
    if state is State.PUBLISHED:
        yield from _of_collection(session, house, petition, kind, zone)
    if state is State.THRESHOLD_REACHED or (state is State.PUBLISHED and handed_over.decides(kind)):
        due = handover_due(session, house, petition)
        if due is not None:
            yield HANDOVER_MISSED, closes_at(due, zone)
    yield from _silences(session, house, petition, zone)
    for data, over in erasure.clocks(session, house, petition):
        yield f"{ERASE}:{data}", over
    if state in END_STATES and state is not State.ARCHIVED:
        for code, instant in (
            (ARCHIVE, archive_due(session, house, petition)),
            (HIDDEN_OVER, out_of_sight.ends(session, house, petition)),
        ):
            if instant is not None:
                yield code, instant


def _of_window(session: Session, petition: Petition, kind: Kind, zone: str, at: datetime) -> Wanted:
    if not windows.opened(petition):
        within = kind.signing.window.chosen_within
        if petition.published_at is not None and within is not None:
            last = add(local_day(petition.published_at, zone), within)
            yield START_MISSED, closes_at(last, zone)
        return
    if petition.opens_at is not None and petition.opens_at > at:
        yield OPENS, petition.opens_at
    signing = session.get(PetitionSigning, petition.id)
    if signing is not None and signing.signing == "open" and signing.shut_until is not None:
        yield f"{SHUT}:{signing.shut_until.isoformat()}", signing.shut_until


def _of_collection(
    session: Session, house: House, petition: Petition, kind: Kind, zone: str
) -> Wanted:
    if windows.opened(petition) and petition.opens_at is not None:
        first = local_day(petition.opens_at, zone)
        for number, rule in enumerate(kind.signing.attrition):
            yield f"{ATTRITION}:{number}", closes_at(add(first, rule.within), zone)
    last = submission_due(session, house, petition)
    if last is not None:
        yield SUBMISSION_MISSED, closes_at(last, zone)


def submission_due(session: Session, house: House, petition: Petition) -> date | None:
    """Last day for giving sheets and statements to the verifier; None: not due, or done."""
    within = house.kind(session, petition).signing.verification.submit_within
    if within is None or time_rows.recorded(session, petition.id, GIVEN_IN) is not None:
        return None
    closed = happened(session, house, petition, "closed")
    if closed is None:
        return None
    calendar = calendars.calendar_of(session, house, petition.assembly)
    found = deadline(closed.day, within, calendar=calendar)
    return None if found.provisional else found.day


def handover_due(session: Session, house: House, petition: Petition) -> date | None:
    """Last day for the first acknowledgement; None: no time set, its start unknown, or given."""
    rule = house.kind(session, petition).after.handover
    if rule is None or rule.within is None or not rule.acks:
        return None
    if time_rows.recorded(session, petition.id, f"handover:{rule.acks[0]}") is not None:
        return None
    start = happened(session, house, petition, rule.start)
    if start is None:
        return None
    calendar = calendars.calendar_of(session, house, petition.assembly)
    found = deadline(start.day, rule.within, calendar=calendar)
    return None if found.provisional else found.day


def _silences(session: Session, house: House, petition: Petition, zone: str) -> Wanted:
    """Stages whose silence decides, at the first instant after their last day."""
    for review in open_reviews(session, petition):
        stage = stage_of(session, house, petition, review)
        if stage.silence is Silence.OVERDUE or review.due_provisional:
            continue
        if review.due_on is not None and review.stopped_since is None:
            yield f"{SILENCE}:{stage.id}", closes_at(review.due_on, zone)
