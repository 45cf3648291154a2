"""From the end of signing to "nothing left to verify" (P12): given in, certified, concluded.

A petition whose signatures count only once they are certified stays published until that is done; the
end of verification is an event of its own (`verified`), from which duties and a hand-over may count.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from petitions.domain.calendar import closes_at, deadline, local_day
from petitions.domain.channels import certified_online, on_paper
from petitions.domain.counting import Paper
from petitions.domain.errors import ConflictError, InvalidError
from petitions.domain.lifecycle import Action, Facts, State
from petitions.domain.rulebook import Kind
from petitions.services import calendars, clocks, handed_over, moves
from petitions.services.audit import record
from petitions.services.happenings import GIVEN_IN, VERIFIED
from petitions.services.ports import SYSTEM, Actor, House
from petitions.services.tallying import certified
from petitions.services.tracks import open_duties
from petitions.storage import log_rows, paper_rows, time_rows
from petitions.storage import tables as t
from petitions.storage.insertion import insert_once

_ENDING = frozenset({State.PUBLISHED, State.THRESHOLD_REACHED})


def of(session: Session, petition: t.Petition) -> t.Verification:
    """The petition's row, made when it is first needed."""
    row = session.get(t.Verification, petition.id)
    if row is None:
        row = t.Verification(petition_id=petition.id, settled=False)
        session.add(row)
        session.flush()
    return row


def verifies(kind: Kind, petition: t.Petition) -> bool:
    """Whether anything is verified after it was given."""
    return certified_online(kind.signing) or on_paper(kind.signing, petition.choices)


def declare_lines(
    session: Session, house: House, petition: t.Petition, lines: int, actor: Actor, at: datetime
) -> None:
    """What the organisers say they have on paper: shown as their word, never counted."""
    if not on_paper(house.kind(session, petition).signing, petition.choices):
        raise ConflictError("not_on_paper")
    known = session.get(t.Verification, petition.id)
    if petition.published_at is None or (known is not None and known.closed_at is not None):
        raise ConflictError("verification_over")
    if not 0 <= lines <= 10**9:
        raise InvalidError(fields={"declared": ("out_of_range", {"min": 0, "max": 10**9})})
    row = of(session, petition)
    row.declared_lines, row.declared_at = lines, at
    record(session, actor, "paper_declared", at=at, petition=petition, detail={"lines": lines})


def close(session: Session, house: House, petition: t.Petition, actor: Actor, at: datetime) -> None:
    """Nothing is left to verify: what was not certified by now does not count."""
    row = of(session, petition)
    if not verifies(house.kind(session, petition), petition) or row.closed_at is not None:
        raise ConflictError("nothing_to_verify")
    if petition.signing_ended_at is None:
        raise ConflictError("still_signing")
    if _under_way(session, petition.id):
        raise ConflictError("certificates_waiting")
    row.closed_at, row.closed_by = at, actor.code
    record(session, actor, "verification_closed", at=at, petition=petition)


def _under_way(session: Session, petition_id: UUID) -> bool:
    """A certificate waits for its second person, for the other samples, or for its batch."""
    public = session.scalar(
        select(t.LogState.published_batch)
        .join(t.PetitionSigning, t.PetitionSigning.log_id == t.LogState.log_id)
        .where(t.PetitionSigning.petition_id == petition_id)
    )
    return any(
        row.status == "proposed"
        or (row.status == "confirmed" and (row.batch_no is None or row.batch_no > (public or 0)))
        for row in paper_rows.certificates(session, petition_id)
    )


def left_to_verify(session: Session, house: House, petition: t.Petition) -> bool:
    """Whether a certificate may still be owed for what was received."""
    kind = house.kind(session, petition)
    if not certified(kind):
        return False
    row = session.get(t.Verification, petition.id)
    if _under_way(session, petition.id):
        return True
    if row is not None and row.closed_at is not None:
        return False
    if _online_left(session, kind, petition.id) or _sheets_left(session, petition.id):
        return True
    rule = kind.signing.verification.submit_within
    given = time_rows.recorded(session, petition.id, GIVEN_IN)
    return rule is not None and given is None and row is not None and bool(row.declared_lines)


def _online_left(session: Session, kind: Kind, petition_id: UUID) -> bool:
    """Signatures given online that no certificate speaks of."""
    if not certified_online(kind.signing):
        return False
    count = log_rows.last_counts(session, [petition_id]).get(petition_id)
    known = sum(
        each.examined
        for each in paper_rows.in_force(session, petition_id)
        if each.about is Paper.ONLINE
    )
    return count is not None and count.valid > known


def _sheets_left(session: Session, petition_id: UUID) -> bool:
    row = t.Sheet
    found = select(row.number).where(
        row.petition_id == petition_id, row.status.in_(paper_rows.TO_CERTIFY)
    )
    return session.execute(found.limit(1)).first() is not None


def after_certificate(
    session: Session, house: House, payload: Mapping[str, Any], at: datetime
) -> None:
    """The job of a published certificate: perhaps it was the last one."""
    conclude(session, house, moves.lock(session, UUID(payload["petition"])), at)


def conclude(session: Session, house: House, petition: t.Petition, at: datetime) -> None:
    """Where signing is over and nothing is left to verify: say so, and close below the threshold.

    Repeating changes nothing. A milestone that was reached moves the state by its own job.
    """
    signing = session.get(t.PetitionSigning, petition.id)
    if signing is None or signing.signing == "open" or State(petition.state) not in _ENDING:
        return
    if petition.signing_ended_at is None or left_to_verify(session, house, petition):
        return
    kind = house.kind(session, petition)
    instant = petition.signing_ended_at
    if verifies(kind, petition):
        instant = max(instant, _settle(session, house, petition, at))
    zone, due = (
        house.rulebook(session, petition).zone,
        clocks.handover_due(session, house, petition),
    )
    if handed_over.awaited(session, kind, petition, due, zone, at):
        return
    if handed_over.decides(kind):
        instant = at if due is None else max(instant, closes_at(due, zone))
    _close_below(session, house, kind, petition, instant, at)


def _settle(session: Session, house: House, petition: t.Petition, at: datetime) -> datetime:
    """The end of verification as an event of its own, once; when it was."""
    row = of(session, petition)
    if row.closed_at is None:
        row.closed_at, row.closed_by = _last_word(session, petition), SYSTEM.code
        record(
            session, SYSTEM, "verification_closed", at=at, petition=petition,
            legal_instant=row.closed_at,
        )  # fmt: skip
    if row.settled:
        return row.closed_at
    row.settled = True
    day = local_day(row.closed_at, house.rulebook(session, petition).zone)
    insert_once(
        session, t.RecordedEvent, petition_id=petition.id, event=VERIFIED, day=day,
        at=row.closed_at, recorded_at=at, actor=row.closed_by,
    )  # fmt: skip
    open_duties(session, house, petition, VERIFIED, at=row.closed_at)
    time_rows.mark_stale(session, petition.id)
    return row.closed_at


def _last_word(session: Session, petition: t.Petition) -> datetime:
    """When the last certificate came into the log; the end of signing where there is none."""
    assert petition.signing_ended_at is not None
    batches = select(t.LogBatch.at).join(
        t.Certificate,
        (t.Certificate.batch_no == t.LogBatch.batch_no)
        & (t.Certificate.log_id == t.LogBatch.log_id),
    )
    found = session.scalars(
        batches.where(t.Certificate.petition_id == petition.id)
        .order_by(t.LogBatch.at.desc())
        .limit(1)
    ).one_or_none()
    return max(found, petition.signing_ended_at) if found else petition.signing_ended_at


def _close_below(
    session: Session,
    house: House,
    kind: Kind,
    petition: t.Petition,
    instant: datetime,
    at: datetime,
) -> None:
    """Transition 16, where the rulebook knows a milestone and the decisive one was not met."""
    if petition.state != State.PUBLISHED or not kind.milestones:
        return
    rules = set(
        session.scalars(
            select(t.MilestoneReached.rule).where(t.MilestoneReached.petition_id == petition.id)
        )
    )
    if rules.intersection(i for i, each in enumerate(kind.milestones) if each.decisive):
        return
    facts = Facts(has_milestone=True, window_over=True, left_to_verify=False, decisive_met=False)
    moves.move(
        session, petition, Action.CLOSE, SYSTEM, facts, at=at, legal_instant=instant,
    )  # fmt: skip
    petition.after_kind = kind.extras.fallback_kind
    open_duties(session, house, petition, "final", at=instant)


def verifier_due(session: Session, house: House, petition: t.Petition) -> date | None:
    """Last day for whoever verifies; None: no time set, or nothing given in yet."""
    within = house.kind(session, petition).signing.verification.within
    given = time_rows.recorded(session, petition.id, GIVEN_IN)
    if within is None or given is None:
        return None
    calendar = calendars.calendar_of(session, house, petition.assembly)
    found = deadline(given.day, within, calendar=calendar)
    return None if found.provisional else found.day


def due(session: Session) -> list[UUID]:
    """Petitions whose verification was closed, and nothing was concluded from it yet."""
    return list(
        session.scalars(
            select(t.Verification.petition_id).where(
                t.Verification.closed_at.is_not(None), t.Verification.settled.is_(False)
            )
        )
    )


def step(session: Session, house: House, petition_id: UUID, at: datetime) -> None:
    """The system's own move, once a clerk has said that nothing is left to verify."""
    conclude(session, house, moves.lock(session, petition_id), at)
