"""Tracks: what is owed after an event, by when. Opened once per event, settled by the institution."""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from petitions.domain.calendar import local_day, overdue_from
from petitions.domain.collecting import Milestone
from petitions.domain.duties import (
    IMMEDIATE_EFFECTS,
    Opening,
    clocks_started,
    due,
    not_before,
    superseded,
    tracks_opened,
)
from petitions.domain.periods import Period
from petitions.domain.procedure import Duty
from petitions.domain.vocabulary import Overdue
from petitions.services.calendars import calendar_of
from petitions.services.ports import House
from petitions.storage.tables import Petition, Track, TrackExtension


def open_duties(
    session: Session,
    house: House,
    petition: Petition,
    event: str,
    *,
    at: datetime,
    day: date | None = None,
) -> int:
    """Open the tracks an event opens and start the clocks it starts; how many are new.

    `day`: the day of the event, where it is another than the local day of `at` (the last day of a
    window, which ends with the first instant of the next).
    """
    kind = house.kind(session, petition)
    new = sum(_open(session, house, petition, o, at, day) for o in tracks_opened(kind, event))
    for duty in clocks_started(kind, event):
        track = session.get(Track, (petition.id, duty.id))
        if track is not None and track.status != "decided" and track.due_on is None:
            _start_clock(session, house, petition, track, duty, at, day)
    return new


def open_milestone_tracks(
    session: Session, house: House, petition: Petition, milestone: Milestone, *, at: datetime
) -> bool:
    """False: this milestone was dealt with before. Replaced tracks of lower ones are settled."""
    kind = house.kind(session, petition)
    openings = tracks_opened(kind, f"milestone:{milestone.id}")
    known = set(session.scalars(select(Track.code).where(Track.petition_id == petition.id)))
    if openings and all(opening.id in known for opening in openings):
        return False
    for code in superseded(kind, milestone.id):
        lower = session.get(Track, (petition.id, code))
        if lower is not None and lower.status != "decided":
            lower.status, lower.decided_at, lower.cause = "decided", at, "superseded"
    return open_duties(session, house, petition, f"milestone:{milestone.id}", at=at) > 0


def _open(
    session: Session,
    house: House,
    petition: Petition,
    opening: Opening,
    at: datetime,
    day: date | None = None,
) -> bool:
    if session.get(Track, (petition.id, opening.id)) is not None:
        return False
    milestone, duty = opening.milestone, opening.duty
    effect = _effect(petition, milestone)
    at_once = opening.decided or (duty is None and effect in IMMEDIATE_EFFECTS)
    track = Track(
        petition_id=petition.id,
        code=opening.id,
        milestone=milestone.id if milestone else None,
        effect=effect,
        force=str(milestone.force) if milestone else "must",
        body=opening.body,
        status="decided" if at_once else "due",
        opened_at=at,
        decided_at=at if at_once else None,
        provisional=False,
        internal=duty is not None and duty.overdue is Overdue.INTERNAL,
        late=False,
        cause="",
        texts={},
    )
    session.add(track)
    if duty is not None and opening.clock_runs:
        _start_clock(session, house, petition, track, duty, at, day)
    session.flush()
    return True


def _effect(petition: Petition, milestone: Milestone | None) -> str | None:
    """The effect in words of the rulebook; `choice:<id>` is what the author chose at filing."""
    if milestone is None:
        return None
    if milestone.effect.startswith("choice:"):
        return str(petition.choices[milestone.effect.removeprefix("choice:")])
    return milestone.effect


def _start_clock(
    session: Session,
    house: House,
    petition: Petition,
    track: Track,
    duty: Duty,
    at: datetime,
    day: date | None = None,
) -> None:
    zone = house.rulebook(session, petition).zone
    track.started_on = day or local_day(at, zone)
    track.not_before = not_before(duty, track.started_on)
    lay_out(session, house, petition, track)


def lay_out(
    session: Session,
    house: House,
    petition: Petition,
    track: Track,
    given: tuple[str, ...] | None = None,
) -> None:
    """The last day of a running clock from its start, its recorded extensions and the calendar.

    `given`: the extensions, where one of them is not recorded yet.

    Call it again whenever the calendar changes; a track that is settled or has no clock stays.
    """
    duties = house.kind(session, petition).after.duties
    duty = next((each for each in duties if each.id == track.code), None)
    if duty is None or track.started_on is None or track.status == "decided":
        return
    zone = house.rulebook(session, petition).zone
    calendar = calendar_of(session, house, petition.assembly)
    extensions = (
        extensions_of(session, petition, track.code)
        if given is None
        else tuple(Period.parse(length) for length in given)
    )
    found = due(duty, track.started_on, calendar=calendar, extensions=extensions)
    track.due_on, track.provisional = found.day, found.provisional
    track.overdue_at = overdue_from(found.day, zone) if found.day else None


def extensions_of(session: Session, petition: Petition, code: str) -> tuple[Period, ...]:
    rows = session.scalars(
        select(TrackExtension.length)
        .where(TrackExtension.petition_id == petition.id, TrackExtension.code == code)
        .order_by(TrackExtension.number)
    )
    return tuple(Period.parse(length) for length in rows)


def settle_track(track: Track, at: datetime, cause: str = "") -> None:
    """Decided; it stays marked late if the last day had passed."""
    track.late = track.overdue_at is not None and at >= track.overdue_at
    track.status, track.decided_at = "decided", at
    track.cause = cause


def release_tracks(session: Session, petition: Petition, cause: str, *, at: datetime) -> int:
    """Nobody owes anything any more: the petition was refused, merged or taken back. How many."""
    open_ones = session.scalars(
        select(Track).where(Track.petition_id == petition.id, Track.status != "decided")
    ).all()
    for track in open_ones:
        settle_track(track, at, cause)
    return len(open_ones)
