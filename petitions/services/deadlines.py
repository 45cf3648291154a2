"""System moves: what the legal calendar does by itself, once a minute, each in its own transaction.

Every move is idempotent and carries the legal instant (the end of the window), not the moment of
the job: a worker that was down for a day writes the same dates as one that was not.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import datetime
from functools import partial
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from petitions.domain.calendar import closes_at, local_day
from petitions.domain.lifecycle import SIGNING_STATES, Action, Facts, State
from petitions.services import (
    alarms,
    area_maps,
    calendar_effects,
    calendars,
    change_requests,
    clocks,
    moves,
    removals,
    sponsor_deadlines,
    verification,
)
from petitions.services.audit import record
from petitions.services.closing import END_DATE, close_signing
from petitions.services.ports import SYSTEM, House
from petitions.storage import time_rows
from petitions.storage.tables import (
    Petition,
    PetitionSigning,
    Track,
)

Step = Callable[[Session], None]


def due_steps(session: Session, house: House, at: datetime) -> Iterator[Step]:
    """The steps that are due; run each in a transaction of its own. Looks again under the lock."""
    for assembly in calendars.files_changed(session, house):
        yield partial(calendars.see_file, house=house, assembly=assembly)
    for entry_id, reached_id in calendar_effects.due(session, at):
        yield partial(
            calendar_effects.reach_step, house=house, entry_id=entry_id, petition_id=reached_id,
            at=at,
        )  # fmt: skip
    for petition_id in time_rows.stale(session):
        yield partial(alarms.plan_step, house=house, petition_id=petition_id, at=at)
    for petition_id in time_rows.due_timers(session, at):
        yield partial(alarms.ring_step, house=house, petition_id=petition_id, at=at)
    for petition_id in _windows_over(session, at):
        yield partial(end_window, house=house, petition_id=petition_id, at=at)
    for petition_id, number in change_requests.reminders_due(session, house, at):
        yield partial(
            change_requests.remind, house=house, petition_id=petition_id, number=number, at=at
        )
    for petition_id in _corrections(session):
        yield partial(miss_correction, house=house, petition_id=petition_id, at=at)
    for petition_id, stage in sponsor_deadlines.due(session, at):
        yield partial(
            sponsor_deadlines.time_over, house=house, petition_id=petition_id, stage_id=stage, at=at
        )
    for petition_id in verification.due(session):
        yield partial(verification.step, house=house, petition_id=petition_id, at=at)
    for petition_id in area_maps.due(session, house, at):
        yield partial(area_maps.draw, house=house, petition_id=petition_id, at=at)
    for removal_id in removals.due(session, at):
        yield partial(removals.carry_out, removal_id=removal_id, at=at)
    for petition_id, code in _overdue(session, at):
        yield partial(mark_overdue, petition_id=petition_id, code=code, at=at)


def _windows_over(session: Session, at: datetime) -> list[UUID]:
    return list(
        session.scalars(
            select(Petition.id)
            .join(PetitionSigning, PetitionSigning.petition_id == Petition.id)
            .where(PetitionSigning.signing == "open", PetitionSigning.closes_at <= at)
            .order_by(PetitionSigning.closes_at)
        )
    )


def end_window(session: Session, house: House, petition_id: UUID, at: datetime) -> None:
    """The last day is over: no signature enters any more; the next batch takes the last ones.

    The state moves when that batch is public (`effects.after_closing`), with this legal instant.
    """
    petition = moves.lock(session, petition_id)
    signing = session.get(PetitionSigning, petition_id)
    if signing is None or signing.closes_at > at:  # a pause or an extension moved it
        return
    if petition.closes_at is None or State(petition.state) not in SIGNING_STATES:
        close_signing(session, petition, at=petition.closes_at or at, reason=END_DATE)
        return
    if close_signing(session, petition, at=petition.closes_at, reason=END_DATE):
        record(
            session, SYSTEM, "window_ended", at=at, petition=petition,
            legal_instant=petition.closes_at,
        )  # fmt: skip
        clocks.plan(session, house, petition, at=at)


def _corrections(session: Session) -> list[UUID]:
    return list(session.scalars(select(Petition.id).where(Petition.state == State.RETURNED)))


def miss_correction(session: Session, house: House, petition_id: UUID, at: datetime) -> None:
    petition = moves.lock(session, petition_id)
    if petition.state != State.RETURNED or petition.correction_due is None:
        return
    zone = house.rulebook(session, petition).zone
    if local_day(at, zone) <= petition.correction_due:
        return
    instant = closes_at(petition.correction_due, zone)
    facts = Facts(correction_over=True)
    moves.move(
        session, petition, Action.CORRECTION_MISSED, SYSTEM, facts, at=at, legal_instant=instant
    )
    alarms.end_work(session, petition, "lapsed", instant)  # it may be returned after its milestone


def _overdue(session: Session, at: datetime) -> list[tuple[UUID, str]]:
    found = session.execute(
        select(Track.petition_id, Track.code).where(
            Track.status == "due",
            Track.overdue_at <= at,
            Track.provisional.is_(False),
        )
    )
    return [(p, code) for p, code in found]


def mark_overdue(session: Session, petition_id: UUID, code: str, at: datetime) -> None:
    petition = moves.lock(session, petition_id)
    track = session.get_one(Track, (petition_id, code))
    if track.status != "due" or track.overdue_at is None or track.overdue_at > at:
        return
    track.status = "overdue"
    record(
        session, SYSTEM, "overdue", at=at, petition=petition, legal_instant=track.overdue_at,
        detail={"track": code},
    )  # fmt: skip
