"""What an event of the calendar does to petitions at its instant: extend, close, lapse, or nothing.

Each petition is judged by its own pinned rulebook, in a transaction of its own, once. Pauses are no
act: the plan lays them into the window. `refuse_new` is asked by whoever files.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from petitions.domain import occurrences
from petitions.domain.lifecycle import END_STATES, Action, Facts, State
from petitions.domain.procedure import CalendarRule
from petitions.domain.vocabulary import CalendarEffect
from petitions.services import calendars, clocks, moves, windows
from petitions.services.alarms import end_work
from petitions.services.audit import record
from petitions.services.ports import SYSTEM, House
from petitions.storage.insertion import insert_once
from petitions.storage.tables import AppliedEffect, CalendarEntry, Petition, PetitionSigning

CARRIED = "carry_over"
_NOT_RUNNING = [str(state) for state in (*END_STATES, State.DRAFT)]


def due(session: Session, at: datetime) -> Iterator[tuple[UUID, UUID | None]]:
    """(entry, petition) that an event has still to reach; (entry, None) once it reached them all."""
    entries = session.execute(
        select(CalendarEntry.id, CalendarEntry.assembly).where(
            CalendarEntry.status == "in_force",
            CalendarEntry.what == calendars.EVENT,
            CalendarEntry.settled_at.is_(None),
            CalendarEntry.starts_at <= at,
        )
    ).all()
    for entry_id, assembly in entries:
        left = _unreached(session, entry_id, assembly)
        for petition_id in left:
            yield entry_id, petition_id
        if not left:
            yield entry_id, None


def _unreached(session: Session, entry_id: UUID, assembly: str) -> list[UUID]:
    done = select(AppliedEffect.petition_id).where(AppliedEffect.entry_id == entry_id)
    return list(
        session.scalars(
            select(Petition.id)
            .where(
                Petition.assembly == assembly,
                Petition.state.not_in(_NOT_RUNNING),
                Petition.id.not_in(done),
            )
            .order_by(Petition.id)
        )
    )


def reach_step(
    session: Session, house: House, entry_id: UUID, petition_id: UUID | None, at: datetime
) -> None:
    """One system step. Looks again under the lock; repeating it changes nothing."""
    entry = session.get_one(CalendarEntry, entry_id)
    if entry.status != "in_force" or entry.starts_at is None or entry.event is None:
        return
    if petition_id is None:
        entry.settled_at = at
        return
    petition = moves.lock(session, petition_id)
    state = State(petition.state)
    if state in END_STATES or state is State.DRAFT:
        return
    kind = house.kind(session, petition)
    # What was filed after the event is none of its business, however late it was entered.
    late = petition.submitted_at is not None and petition.submitted_at > entry.starts_at
    rule = None if late else occurrences.verdict(kind, entry.event, state)
    instant = _instant(entry, rule)
    new = insert_once(
        session, AppliedEffect, petition_id=petition.id, entry_id=entry.id,
        effect=str(rule.effect) if rule else CARRIED, at=instant,
        length=str(rule.length) if rule and rule.length else None,
    )  # fmt: skip
    if new and rule is not None:
        _act(session, house, petition, entry, rule, instant, at)
        clocks.plan(session, house, petition, at=at)


def _instant(entry: CalendarEntry, rule: CalendarRule | None) -> datetime:
    """The event's own (rule T8). A closing that was entered late holds from its entry: signatures
    that were accepted in between were given in good faith, and stand.
    """
    assert entry.starts_at is not None
    if rule is not None and rule.effect is CalendarEffect.CLOSE and entry.confirmed_at is not None:
        return max(entry.starts_at, entry.confirmed_at)
    return entry.starts_at


def _act(
    session: Session,
    house: House,
    petition: Petition,
    entry: CalendarEntry,
    rule: CalendarRule,
    instant: datetime,
    at: datetime,
) -> None:
    detail = {"event": entry.event or "", "entry": str(entry.id), "effect": str(rule.effect)}
    if rule.effect is CalendarEffect.LAPSE:
        moves.move(
            session, petition, Action.LAPSE, SYSTEM, Facts(event_lists_state=True), at=at,
            legal_instant=instant, reason=entry.event or "", detail=detail,
        )  # fmt: skip
        end_work(session, petition, "lapsed", instant)
        return
    record(
        session, SYSTEM, f"calendar_{rule.effect}", at=at, petition=petition,
        legal_instant=instant, reason=entry.event or "", detail=detail,
    )  # fmt: skip
    if rule.effect is CalendarEffect.CLOSE:
        _close_unopened(session, house, petition, instant, at)


def _close_unopened(
    session: Session, house: House, petition: Petition, instant: datetime, at: datetime
) -> None:
    """A petition that waited for its first day has no window to end: it is closed at once."""
    kind = house.kind(session, petition)
    waiting = petition.state == State.PUBLISHED and not windows.opened(petition)
    if not waiting or session.get(PetitionSigning, petition.id) is not None:
        return
    facts = Facts(
        has_milestone=bool(kind.milestones), window_over=True, left_to_verify=False,
        decisive_met=False,
    )  # fmt: skip
    petition.signing_ended_at = instant
    if kind.milestones:
        moves.move(session, petition, Action.CLOSE, SYSTEM, facts, at=at, legal_instant=instant)
