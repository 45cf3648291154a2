"""When an event of a rulebook happened to one petition: read from what is recorded, never stored anew.

Duties, hand-overs and retention clocks start at such events (P10, P19, `publicity.retention`).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from petitions.domain import occurrences
from petitions.domain.calendar import first_instant, local_day
from petitions.domain.lifecycle import END_STATES, State
from petitions.domain.milestones_met import REACHING
from petitions.domain.procedure import Kind
from petitions.domain.vocabulary import Channel, Method
from petitions.services import calendars, windows
from petitions.services.ports import House
from petitions.storage import time_rows
from petitions.storage.tables import Audit, Outcome, Petition, Track

VERIFIED = "verified"
GIVEN_IN = "given_in"
"""The sheets or statements were given to whoever verifies them."""
_MOMENT = timedelta(microseconds=1)


@dataclass(frozen=True, slots=True)
class Happened:
    """`at` is the instant in UTC, `day` the local day that clocks count from."""

    at: datetime
    day: date


def happened(session: Session, house: House, petition: Petition, event: str) -> Happened | None:
    """The event, or None where it has not happened (or cannot, in this procedure)."""
    zone = house.rulebook(session, petition).zone
    name, _, subject = event.partition(":")
    if subject:
        found = _OF_SUBJECT.get(name, _never)(session, petition, subject)
    else:
        found = _plain(session, house, petition, event)
    if found is None:
        return None
    at, day = found
    return Happened(at, day or local_day(at, zone))


Found = tuple[datetime, date | None] | None


def _plain(session: Session, house: House, petition: Petition, event: str) -> Found:
    if event == "submitted":
        return _at(petition.submitted_at)
    if event in {"admitted", "published"}:
        return _at(petition.published_at)
    if event == "window_open":
        return _at(petition.opens_at) if windows.opened(petition) else None
    if event == "closed":
        return _closed(house, session, petition)
    if event == VERIFIED:
        return _verified(house, session, petition)
    if event == "final":
        return _at(final(session, petition))
    return None


def _at(instant: datetime | None) -> Found:
    return None if instant is None else (instant, None)


def _never(_session: Session, _petition: Petition, _subject: str) -> Found:
    return None


def _closed(house: House, session: Session, petition: Petition) -> Found:
    """The last day of the window; without signing it counts as closed from its publication."""
    if not house.kind(session, petition).signable:
        return _at(petition.published_at)
    ended = petition.signing_ended_at
    if ended is None:
        return None
    zone = house.rulebook(session, petition).zone
    return ended, local_day(ended - _MOMENT, zone)


def verified_at_signing(kind: Kind) -> bool:
    """Nothing is left to verify once signing is over."""
    online_only = set(kind.signing.channels) <= {Channel.ONLINE}
    return online_only and kind.signing.verification.online is Method.AT_SIGNING


def _verified(house: House, session: Session, petition: Petition) -> Found:
    reported = time_rows.recorded(session, petition.id, VERIFIED)
    if reported is not None:
        return reported.at, reported.day
    if verified_at_signing(house.kind(session, petition)):
        return _closed(house, session, petition)
    return _at(
        session.scalar(
            select(func.max(Audit.legal_instant)).where(
                Audit.petition_id == petition.id, Audit.action == VERIFIED
            )
        )
    )


def final(session: Session, petition: Petition) -> datetime | None:
    """When it came to the end state it is in, by whatever ways it went on between end states."""
    since = None
    moved = session.execute(
        select(Audit.to_state, Audit.legal_instant)
        .where(Audit.petition_id == petition.id, Audit.to_state.is_not(None))
        .order_by(Audit.seq)
    )
    for target, at in moved:
        if target is None or State(target) not in END_STATES:
            since = None
        elif since is None:
            since = at
    return since


def _milestone(session: Session, petition: Petition, milestone: str) -> Found:
    return _at(
        session.scalar(
            select(func.min(Audit.legal_instant)).where(
                Audit.petition_id == petition.id,
                Audit.action.in_(REACHING),
                Audit.reason == milestone,
            )
        )
    )


def _outcome(session: Session, petition: Petition, code: str) -> Found:
    row = session.scalars(
        select(Outcome)
        .where(Outcome.petition_id == petition.id, Outcome.code == code)
        .order_by(Outcome.at)
        .limit(1)
    ).first()
    return (row.at, row.decided_on) if row else None


def _duty(session: Session, petition: Petition, code: str) -> Found:
    track = session.get(Track, (petition.id, code))
    return _at(track.decided_at) if track is not None else None


def _handover(session: Session, petition: Petition, ack: str) -> Found:
    row = time_rows.recorded(session, petition.id, f"handover:{ack}")
    return (row.at, row.day) if row else None


def _event(session: Session, petition: Petition, event: str) -> Found:
    """The first one of the assembly since the petition was filed."""
    if petition.submitted_at is None:
        return None
    entered = calendars.occurrences(session, petition.assembly)
    found = occurrences.first_since(entered, event, petition.submitted_at)
    return _at(found.start) if found else None


def reference_event(session: Session, petition: Petition, event: str, zone: str) -> date | None:
    """The day of the first such event from the day of publication on; None while none is entered."""
    if petition.published_at is None:
        return None
    admitted = first_instant(local_day(petition.published_at, zone), zone)
    entered = calendars.occurrences(session, petition.assembly)
    found = occurrences.first_since(entered, event, admitted)
    return local_day(found.start, zone) if found else None


_OF_SUBJECT: dict[str, Callable[[Session, Petition, str], Found]] = {
    "milestone": _milestone,
    "outcome": _outcome,
    "duty": _duty,
    "handover": _handover,
    "event": _event,
}
