"""The first day of signing where no act of the office fixes it: chosen by the author, or gazetted."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime

from sqlalchemy.orm import Session

from petitions.domain.calendar import add, local_day
from petitions.domain.errors import ForbiddenError, InvalidError, TransitionRefusedError
from petitions.domain.lifecycle import Role, State
from petitions.domain.text import normalised
from petitions.services import clocks, windows
from petitions.services.audit import record
from petitions.services.decisions import missing_texts
from petitions.services.handover import report
from petitions.services.ports import Actor, House
from petitions.storage import time_rows
from petitions.storage.tables import Petition, WindowExtension

CHOSEN, GAZETTE = "chosen", "gazette"
AHEAD_MAX_DAYS = 366
"""A day further away than this was mistyped."""


def last_start_day(session: Session, house: House, petition: Petition) -> date | None:
    """The last day that may be chosen; None where the rules set no time."""
    within = house.kind(session, petition).signing.window.chosen_within
    if within is None or petition.published_at is None:
        return None
    zone = house.rulebook(session, petition).zone
    return add(local_day(petition.published_at, zone), within)


def awaits_start(session: Session, house: House, petition: Petition) -> str:
    """Whether the first day is still to be named: by the author or the gazette; "" if not."""
    start = house.kind(session, petition).signing.window.start
    if petition.state != State.PUBLISHED or start not in windows.REPORTED_STARTS:
        return ""
    return "" if time_rows.recorded(session, petition.id, windows.START) else start


def name_first_day(
    session: Session, house: House, petition: Petition, day: date, actor: Actor, *, at: datetime
) -> None:
    """The author chooses the day, or a clerk records that of the gazette: the window is laid out.

    InvalidError names the field `day`. What was named once is fixed: signers read it.
    """
    start = awaits_start(session, house, petition)
    if not start:
        raise TransitionRefusedError("wrong_state", state=petition.state, action="start")
    if actor.role is Role.AUTHOR and start != CHOSEN:
        raise ForbiddenError("wrong_role")
    zone = house.rulebook(session, petition).zone
    problem = _problem(session, house, petition, start, day, local_day(at, zone))
    if problem:
        raise InvalidError(fields={"day": problem})
    row = report(session, house, petition, windows.START, day, actor, at=at)
    clocks.plan(session, house, petition, at=at)
    record(
        session, actor, f"start_{start}", at=at, petition=petition, legal_instant=row.at,
        detail={"day": day.isoformat(),
                "last_day": petition.last_day.isoformat() if petition.last_day else ""},
    )  # fmt: skip


def _problem(
    session: Session, house: House, petition: Petition, start: str, day: date, today: date
) -> tuple[str, dict[str, object]] | None:
    """A chosen day lies ahead, at the latest on the last one; a gazette may be reported afterwards,
    as long as its window has not run out already.
    """
    if (day - today).days > AHEAD_MAX_DAYS:
        return "day_ahead", {}
    if start == CHOSEN:
        last = last_start_day(session, house, petition)
        if day < today:
            return "start_past", {}
        if last is not None and day > last:
            return "start_too_late", {"last": last.isoformat()}
        return None
    if petition.submitted_at is not None:
        zone = house.rulebook(session, petition).zone
        if day < local_day(petition.submitted_at, zone):
            return "start_past", {}
    return None


def extensions_left(session: Session, house: House, petition: Petition, at: datetime) -> int:
    """How often the window can still be extended by decision; 0 where it cannot."""
    rule = house.kind(session, petition).signing.window.extension
    running = petition.signing_ended_at is None and (
        petition.closes_at is not None and at < petition.closes_at
    )
    if rule is None or not running:
        return 0
    if petition.state not in {State.PUBLISHED, State.THRESHOLD_REACHED}:
        return 0
    return max(0, rule.times - len(time_rows.extensions_of(session, petition.id)))


def extend_window(
    session: Session,
    house: House,
    petition: Petition,
    texts: Mapping[str, str],
    decided_on: date,
    actor: Actor,
    *,
    at: datetime,
) -> WindowExtension:
    """Record for the body of the rulebook that the window is longer, with a public notice (T7)."""
    rule = house.kind(session, petition).signing.window.extension
    if rule is None or extensions_left(session, house, petition, at) == 0:
        raise TransitionRefusedError("no_extension", state=petition.state)
    zone = house.rulebook(session, petition).zone
    bad: dict[str, tuple[str, dict[str, object]]] = {
        f"text_{language}": ("required", {})
        for language in missing_texts(house, session, petition, texts)
    }
    if decided_on > local_day(at, zone):
        bad["decided_on"] = ("day_ahead", {})
    if bad:
        raise InvalidError(fields=bad)
    number = len(time_rows.extensions_of(session, petition.id)) + 1
    row = WindowExtension(
        petition_id=petition.id, number=number, length=str(rule.length), body=rule.by,
        cause=rule.cause or "", decided_on=decided_on, at=at, actor=actor.code,
        texts={language: normalised(text) for language, text in texts.items() if text.strip()},
    )  # fmt: skip
    session.add(row)
    petition.version += 1
    session.flush()
    clocks.plan(session, house, petition, at=at)
    record(
        session, actor, "window_extended", at=at, petition=petition, public_texts=row.texts,
        detail={"number": number, "length": row.length, "body": row.body, "cause": row.cause,
                "last_day": petition.last_day.isoformat() if petition.last_day else ""},
    )  # fmt: skip
    return row
