"""The statements of clocks and timers. Marking a petition's clock is part of every move."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime
from uuid import UUID

from sqlalchemy import delete, select, update
from sqlalchemy.orm import Session

from petitions.domain.lifecycle import END_STATES, State
from petitions.storage.insertion import insert_once
from petitions.storage.tables import (
    CalendarEntry,
    Petition,
    PetitionClock,
    RecordedEvent,
    Timer,
    WindowExtension,
)

_OVER = [str(state) for state in (*END_STATES, State.DRAFT)]


def mark_stale(session: Session, petition_id: UUID) -> None:
    """Something happened that dates may hang on: the worker lays them out again."""
    if not insert_once(session, PetitionClock, petition_id=petition_id, stale=True, unlisted=False):
        session.execute(
            update(PetitionClock)
            .where(PetitionClock.petition_id == petition_id)
            .values(stale=True)
            .execution_options(synchronize_session="fetch")
        )


def mark_running_stale(session: Session, assembly: str) -> None:
    """The assembly's calendar changed: every petition that still runs is laid out again."""
    running = select(Petition.id).where(Petition.assembly == assembly, Petition.state.not_in(_OVER))
    session.execute(
        update(PetitionClock)
        .where(PetitionClock.petition_id.in_(running))
        .values(stale=True)
        .execution_options(synchronize_session="fetch")
    )


def stale(session: Session, limit: int = 500) -> list[UUID]:
    return list(
        session.scalars(
            select(PetitionClock.petition_id)
            .where(PetitionClock.stale.is_(True))
            .order_by(PetitionClock.petition_id)
            .limit(limit)
        )
    )


def set_timers(session: Session, petition_id: UUID, wanted: Mapping[str, datetime]) -> None:
    """Timers that have not run become exactly these; what was done once is never done again."""
    known = {
        timer.code: timer
        for timer in session.scalars(select(Timer).where(Timer.petition_id == petition_id))
    }
    gone = [code for code, timer in known.items() if not timer.done_at and code not in wanted]
    if gone:
        session.execute(delete(Timer).where(Timer.petition_id == petition_id, Timer.code.in_(gone)))
    for code, due_at in wanted.items():
        if code not in known:
            session.add(Timer(petition_id=petition_id, code=code, due_at=due_at))
        elif known[code].done_at is None:
            known[code].due_at = due_at
    session.flush()


def due_timers(session: Session, at: datetime, limit: int = 500) -> list[UUID]:
    """Petitions with a timer that is due, each once."""
    rows = session.scalars(
        select(Timer.petition_id)
        .where(Timer.done_at.is_(None), Timer.due_at <= at)
        .distinct()
        .limit(limit)
    )
    return list(rows)


def timers_of(session: Session, petition_id: UUID) -> list[Timer]:
    """What is still to come for a petition, the next one first."""
    return list(
        session.scalars(
            select(Timer)
            .where(Timer.petition_id == petition_id, Timer.done_at.is_(None))
            .order_by(Timer.due_at, Timer.code)
        )
    )


def recorded(session: Session, petition_id: UUID, event: str) -> RecordedEvent | None:
    return session.get(RecordedEvent, (petition_id, event))


def extensions_of(session: Session, petition_id: UUID) -> list[WindowExtension]:
    return list(
        session.scalars(
            select(WindowExtension)
            .where(WindowExtension.petition_id == petition_id)
            .order_by(WindowExtension.number)
        )
    )


def entries_of(
    session: Session, assembly: str, statuses: Iterable[str] = ("in_force",)
) -> list[CalendarEntry]:
    """The lines of an assembly's calendar, oldest event first."""
    return list(
        session.scalars(
            select(CalendarEntry)
            .where(CalendarEntry.assembly == assembly, CalendarEntry.status.in_(list(statuses)))
            .order_by(CalendarEntry.starts_at, CalendarEntry.recorded_at)
        )
    )
