"""The window of a petition from what is recorded: its start, choice, extensions, pauses, closings.

`lay_out` is a function of recorded facts and may be called any number of times; `apply` writes what
it gives into the petition. What people relied on stays: signing that ended is not opened again, and
a correction never ends a running window before the end of the day on which it is made.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from petitions.domain import calendar, occurrences
from petitions.domain.calendar import Pause, closes_at, first_instant, local_day
from petitions.domain.collecting import Window
from petitions.domain.lifecycle import Action
from petitions.domain.occurrences import Occurrence
from petitions.domain.periods import Period
from petitions.domain.procedure import Kind
from petitions.domain.vocabulary import WindowMode
from petitions.services import calendars, suspended_times
from petitions.services.audit import record
from petitions.services.ports import SYSTEM, House
from petitions.storage import time_rows
from petitions.storage.tables import AppliedEffect, Audit, Petition, PetitionSigning

WITHOUT_END = datetime(9999, 12, 31, tzinfo=UTC)
NOT_OPENED = WITHOUT_END
"""`opens_at` of a published petition whose first day nobody knows yet."""
START = "start"
"""The recorded event that opens a window with a chosen start, or one in the gazette."""
REPORTED_STARTS = ("chosen", "gazette")
_MOMENT = timedelta(microseconds=1)


@dataclass(frozen=True, slots=True)
class LaidOut:
    """Instants in UTC. No `closes_at`: without an end, or a pause goes on (`provisional`)."""

    opens_at: datetime
    last_day: date | None
    closes_at: datetime | None
    provisional: bool
    pauses: tuple[Pause, ...]
    by_event: bool = False
    """An event of the calendar closed it, at its own instant."""


def opened(petition: Petition) -> bool:
    """Whether the first day of signing is known (it may lie ahead)."""
    return petition.opens_at is not None and petition.opens_at != NOT_OPENED


def start_instant(
    session: Session, petition: Petition, window: Window, zone: str, entered: Sequence[Occurrence]
) -> datetime | None:
    """The instant of the window's start event; None where it has not happened or is not recorded."""
    if window.start == "publication":
        return petition.published_at
    if window.start == "submission":
        return petition.submitted_at
    if window.start in REPORTED_STARTS:
        reported = time_rows.recorded(session, petition.id, START)
        return first_instant(reported.day, zone) if reported else None
    if petition.published_at is None:
        return None
    admitted = first_instant(local_day(petition.published_at, zone), zone)
    found = occurrences.first_since(entered, window.start.removeprefix("event:"), admitted)
    return found.start if found else None


def chosen_window(kind: Kind, petition: Petition) -> Window:
    """The window with the length the author picked at filing; it was judged then, and never again."""
    window = kind.signing.window
    if window.mode not in (WindowMode.LIST, WindowMode.RANGE):
        return window
    picked = petition.choices.get("window")
    length = Period.parse(str(picked)) if picked else window.maximum
    return replace(window, mode=WindowMode.FIXED, length=length)


def lay_out(session: Session, house: House, petition: Petition) -> LaidOut | None:
    """Base period, extensions, pauses (rule T7), then the first event that closes; None: no start."""
    rulebook = house.rulebook(session, petition)
    kind = house.kind(session, petition)
    entered = calendars.occurrences(session, petition.assembly)
    start = start_instant(session, petition, kind.signing.window, rulebook.zone, entered)
    if start is None:
        return None
    pauses = (
        *occurrences.pauses(kind, entered, rulebook.zone),
        *_days_out_of_sight(session, petition),
        *suspended_times.pauses(session, petition.id),
    )
    found = calendar.window(
        chosen_window(kind, petition),
        event_at=start,
        zone=rulebook.zone,
        pauses=pauses,
        extensions=extensions(session, petition),
    )
    closed = _closed_by_event(session, petition)
    if closed is not None and (found.closes_at is None or closed < found.closes_at):
        last = local_day(closed - _MOMENT, rulebook.zone)
        return LaidOut(
            found.opens_at, last, closed, provisional=False, pauses=pauses, by_event=True
        )
    return LaidOut(found.opens_at, found.last_day, found.closes_at, found.provisional, pauses)


def extensions(session: Session, petition: Petition) -> tuple[Period, ...]:
    """Recorded decisions, then what events of the calendar gave, each in its order."""
    decided = [each.length for each in time_rows.extensions_of(session, petition.id)]
    given = session.scalars(
        select(AppliedEffect.length)
        .where(AppliedEffect.petition_id == petition.id, AppliedEffect.effect == "extend")
        .order_by(AppliedEffect.at)
    )
    return tuple(Period.parse(length) for length in (*decided, *given) if length)


def _closed_by_event(session: Session, petition: Petition) -> datetime | None:
    return session.scalar(
        select(AppliedEffect.at)
        .where(AppliedEffect.petition_id == petition.id, AppliedEffect.effect == "close")
        .order_by(AppliedEffect.at)
        .limit(1)
    )


def _days_out_of_sight(session: Session, petition: Petition) -> tuple[Pause, ...]:
    """From each take-down to its restoration: the days lost are given back (transition 20)."""
    trail = session.execute(
        select(Audit.action, Audit.legal_instant)
        .where(
            Audit.petition_id == petition.id, Audit.action.in_([Action.TAKE_DOWN, Action.RESTORE])
        )
        .order_by(Audit.seq)
    )
    found, since = [], None
    for action, at in trail:
        if action == Action.TAKE_DOWN:
            since = at
        elif since is not None:
            found.append(Pause(since, at))
            since = None
    if since is not None:  # still out of sight: nobody signs, and the window does not run on
        found.append(Pause(since, None))
    return tuple(found)


def apply(session: Session, house: House, petition: Petition, *, at: datetime) -> None:
    """Write the window into a published petition whose signing has not ended."""
    if petition.published_at is None or petition.signing_ended_at is not None:
        return
    found = lay_out(session, house, petition)
    if found is None:
        return
    signing = session.get(PetitionSigning, petition.id)
    if signing is not None and signing.signing != "open":
        return
    first_time, before = not opened(petition), petition.last_day
    zone = house.rulebook(session, petition).zone
    if first_time or (petition.opens_at is not None and petition.opens_at > at):
        petition.opens_at = max(found.opens_at, petition.published_at)
    closing, last = _not_in_the_past(petition, found, zone, at)
    if closing is not None and petition.opens_at is not None and closing <= petition.opens_at:
        petition.opens_at = min(petition.published_at, closing - _MOMENT)
    petition.closes_at, petition.last_day = closing, last
    if signing is not None:
        _shut(house, session, petition, signing, found, at)
    if not first_time and before != petition.last_day:
        record(
            session, SYSTEM, "window_moved", at=at, petition=petition,
            detail={"before": before.isoformat() if before else "",
                    "last_day": last.isoformat() if last else ""},
        )  # fmt: skip


def _not_in_the_past(
    petition: Petition, found: LaidOut, zone: str, at: datetime
) -> tuple[datetime | None, date | None]:
    """A correction that shortens a running window lets the current day end."""
    was = petition.closes_at
    running = was is None or was > at
    if (
        opened(petition)
        and not found.by_event
        and found.closes_at is not None
        and found.closes_at < at
        and running
        and (was is None or was > found.closes_at)
    ):
        today = local_day(at, zone)
        return closes_at(today, zone), today
    return found.closes_at, found.last_day


def _shut(
    house: House,
    session: Session,
    petition: Petition,
    signing: PetitionSigning,
    found: LaidOut,
    at: datetime,
) -> None:
    """When the row of signing ends, and the next stretch in which it lets nobody in."""
    grace = timedelta(hours=house.kind(session, petition).signing.confirm_hours)
    signing.closes_at = petition.closes_at + grace if petition.closes_at else WITHOUT_END
    signing.shut_from, signing.shut_until = shut_interval(petition, found, at)


def shut_interval(
    petition: Petition, found: LaidOut, at: datetime
) -> tuple[datetime | None, datetime | None]:
    """The current or next time in which no signature enters: before the first day, or a pause."""
    coming = sorted(
        (pause for pause in found.pauses if pause.end is None or pause.end > at),
        key=lambda pause: pause.start,
    )
    if petition.opens_at is not None and petition.opens_at > at:
        until: datetime | None = petition.opens_at
        for pause in coming:
            if until is not None and pause.start <= until:
                until = pause.end if pause.end is None else max(until, pause.end)
        return petition.published_at, until
    if not coming:
        return None, None
    since, until = coming[0].start, coming[0].end
    for pause in coming[1:]:
        if until is not None and pause.start <= until:
            until = pause.end if pause.end is None else max(until, pause.end)
    return since, until


def paused_now(petition: Petition, signing: PetitionSigning | None, at: datetime) -> bool:
    """Derived, never stored: the window runs and signing is shut at this instant."""
    return (
        signing is not None
        and opened(petition)
        and petition.opens_at is not None
        and petition.opens_at <= at
        and signing.shut_from is not None
        and signing.shut_from <= at
        and (signing.shut_until is None or at < signing.shut_until)
    )
