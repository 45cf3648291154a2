"""Carrying the result over (P19): each acknowledgement is its own instant, in the order of the rules.

The author may report the first one where the rules let the author hand over; whatever the other side
acknowledges is recorded by a clerk. The certificate of the count goes with it.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta

from sqlalchemy.orm import Session

from petitions.domain.calendar import closes_at, first_instant, local_day
from petitions.domain.errors import ForbiddenError, InvalidError, TransitionRefusedError
from petitions.domain.lifecycle import Role, State
from petitions.domain.procedure import Handover
from petitions.services import clocks, handed_over, taking_back
from petitions.services.audit import record
from petitions.services.happenings import GIVEN_IN, happened
from petitions.services.ports import Actor, House
from petitions.storage import time_rows
from petitions.storage.insertion import insert_once
from petitions.storage.tables import Petition, RecordedEvent

BY_AUTHOR = "author"
_MOMENT = timedelta(microseconds=1)
_STATES = frozenset({State.THRESHOLD_REACHED, State.EXAMINED})


@dataclass(frozen=True, slots=True)
class Standing:
    """Where a hand-over stands. `due`: last day for its first acknowledgement, where one is set."""

    rule: Handover
    started: date | None
    due: date | None
    given: tuple[tuple[str, date], ...]
    following: str
    """The acknowledgement that comes next; "" once all are there."""
    judging: bool = False
    """The count is judged at the hand-over, which therefore comes before any threshold is reached."""


def standing(session: Session, house: House, petition: Petition) -> Standing | None:
    """None where the rules know no hand-over, or it cannot begin yet."""
    rule = house.kind(session, petition).after.handover
    if rule is None:
        return None
    start = happened(session, house, petition, rule.start)
    given = []
    for ack in rule.acks:
        found = time_rows.recorded(session, petition.id, f"handover:{ack}")
        if found is not None:
            given.append((ack, found.day))
    known = {ack for ack, _day in given}
    following = next((ack for ack in rule.acks if ack not in known), "")
    due = clocks.handover_due(session, house, petition)
    judging = handed_over.decides(house.kind(session, petition))
    return Standing(rule, start.day if start else None, due, tuple(given), following, judging)


def may_acknowledge(found: Standing, petition: Petition, role: Role) -> bool:
    if found.started is None or not found.following:
        return False
    if petition.state not in _STATES and not (petition.state == State.PUBLISHED and found.judging):
        return False
    by_author = found.rule.by == BY_AUTHOR and found.following == found.rule.acks[0]
    return role is not Role.AUTHOR or by_author


def acknowledge(
    session: Session,
    house: House,
    petition: Petition,
    ack: str,
    day: date,
    actor: Actor,
    *,
    at: datetime,
) -> RecordedEvent:
    """Record one acknowledgement; the clocks that start with it start. The row is locked.

    InvalidError names the field `day` or `ack`; ForbiddenError: another than the author reports it.
    """
    found = standing(session, house, petition)
    states = {*_STATES, State.PUBLISHED} if found and found.judging else _STATES
    if found is None or petition.state not in states or found.started is None:
        raise TransitionRefusedError("wrong_state", state=petition.state, action="handover")
    if ack != found.following:
        raise InvalidError(fields={"ack": ("not_the_next", {})})
    if not may_acknowledge(found, petition, actor.role):
        raise ForbiddenError("wrong_role")
    zone = house.rulebook(session, petition).zone
    earliest = found.given[-1][1] if found.given else found.started
    problem = day_problem(day, earliest=earliest, latest=found.due, today=local_day(at, zone))
    if problem:
        raise InvalidError(fields={"day": (problem, {})})
    if not found.given:
        taking_back.end(session, house.kind(session, petition), petition.id, at)
    row = report(session, house, petition, f"handover:{ack}", day, actor, at=at)
    detail = {"ack": ack, "day": day.isoformat()}
    record(
        session, actor, "handover", at=at, petition=petition, legal_instant=row.at, reason=ack,
        detail=detail,
    )  # fmt: skip
    if not found.given:
        handed_over.note(session, house, petition, at)
    clocks.plan(session, house, petition, at=at)
    return row


def day_problem(day: date, *, earliest: date | None, latest: date | None, today: date) -> str:
    """Why a reported day cannot be: "" where it can. The last day of a clock is inside it."""
    if day > today:
        return "day_ahead"
    if earliest is not None and day < earliest:
        return "day_before_start"
    if latest is not None and day > latest:
        return "day_after_last"
    return ""


def report(
    session: Session,
    house: House,
    petition: Petition,
    event: str,
    day: date,
    actor: Actor,
    *,
    at: datetime,
) -> RecordedEvent:
    """Write an event of this petition once. Its instant: now for today, else the end of that day."""
    zone = house.rulebook(session, petition).zone
    today = local_day(at, zone)
    instant = at if day == today else closes_at(day, zone) - _MOMENT
    if day > today:
        instant = first_instant(day, zone)
    new = insert_once(
        session, RecordedEvent, petition_id=petition.id, event=event, day=day, at=instant,
        recorded_at=at, actor=actor.code,
    )  # fmt: skip
    if not new:
        raise InvalidError("recorded_before")
    petition.version += 1
    session.flush()
    return session.get_one(RecordedEvent, (petition.id, event))


def give_in(
    session: Session, house: House, petition: Petition, day: date, actor: Actor, *, at: datetime
) -> RecordedEvent:
    """Sheets and statements were given to whoever verifies them: `submission_missed` is averted."""
    due = clocks.submission_due(session, house, petition)
    if petition.state != State.PUBLISHED or due is None:
        raise TransitionRefusedError("wrong_state", state=petition.state, action=GIVEN_IN)
    closed = happened(session, house, petition, "closed")
    zone = house.rulebook(session, petition).zone
    earliest = closed.day if closed else None
    problem = day_problem(day, earliest=earliest, latest=due, today=local_day(at, zone))
    if problem:
        raise InvalidError(fields={"day": (problem, {})})
    row = report(session, house, petition, GIVEN_IN, day, actor, at=at)
    record(session, actor, GIVEN_IN, at=at, petition=petition, legal_instant=row.at,
           detail={"day": day.isoformat()})  # fmt: skip
    clocks.plan(session, house, petition, at=at)
    return row
