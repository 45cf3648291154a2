"""Tracks: what is owed after an event, by when. Opened once per event, settled by the institution."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from petitions.domain.calendar import local_day, overdue_from
from petitions.domain.collecting import Milestone
from petitions.domain.duties import (
    Opening,
    clocks_started,
    due,
    superseded,
    tracks_opened,
)
from petitions.domain.procedure import Duty
from petitions.domain.vocabulary import Overdue
from petitions.services.ports import House
from petitions.storage.tables import Petition, Track


def open_duties(
    session: Session, house: House, petition: Petition, event: str, *, at: datetime
) -> int:
    """Open the tracks an event opens and start the clocks it starts; how many are new."""
    kind = house.kind(session, petition)
    new = sum(_open(session, house, petition, o, at) for o in tracks_opened(kind, event))
    for duty in clocks_started(kind, event):
        track = session.get(Track, (petition.id, duty.id))
        if track is not None and track.status != "decided" and track.due_on is None:
            _start_clock(session, house, petition, track, duty, at)
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
    session: Session, house: House, petition: Petition, opening: Opening, at: datetime
) -> bool:
    if session.get(Track, (petition.id, opening.id)) is not None:
        return False
    milestone, duty = opening.milestone, opening.duty
    track = Track(
        petition_id=petition.id,
        code=opening.id,
        milestone=milestone.id if milestone else None,
        effect=_effect(petition, milestone),
        force=str(milestone.force) if milestone else "must",
        body=opening.body,
        status="decided" if opening.decided else "due",
        opened_at=at,
        decided_at=at if opening.decided else None,
        provisional=False,
        internal=duty is not None and duty.overdue is Overdue.INTERNAL,
        late=False,
        cause="",
        texts={},
    )
    session.add(track)
    if duty is not None and opening.clock_runs:
        _start_clock(session, house, petition, track, duty, at)
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
    session: Session, house: House, petition: Petition, track: Track, duty: Duty, at: datetime
) -> None:
    zone = house.rulebook(session, petition).zone
    calendar = house.library.assembly(petition.assembly).calendar
    found = due(duty, local_day(at, zone), calendar=calendar)
    track.due_on, track.provisional = found.day, found.provisional
    track.overdue_at = overdue_from(found.day, zone) if found.day else None
