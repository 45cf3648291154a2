"""What the calendar does by itself to one petition, each thing once and with its legal instant.

A timer is only a reminder: whoever carries it out looks at the facts again under the petition's lock,
so that a timer of yesterday's calendar does nothing today.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from uuid import UUID, uuid4

from sqlalchemy import and_, func, select
from sqlalchemy.orm import Session

from petitions.domain.calendar import ONE_DAY
from petitions.domain.lifecycle import END_STATES, Action, Facts, State
from petitions.domain.vocabulary import AttritionElse
from petitions.ledger.entries import EntryType
from petitions.services import (
    clocks,
    erasure,
    keeping,
    moves,
    out_of_sight,
    silence,
    verification,
)
from petitions.services.audit import record
from petitions.services.closing import END_DATE, LAPSED, close_signing
from petitions.services.ports import SYSTEM, House
from petitions.services.reviews import open_reviews
from petitions.services.tallying import tally_of
from petitions.services.tracks import release_tracks
from petitions.storage import log_rows, time_rows
from petitions.storage.insertion import insert_once
from petitions.storage.tables import (
    LogBatch,
    PendingEntry,
    Petition,
    PetitionClock,
    PetitionCount,
    PetitionSigning,
    Task,
    Timer,
)


def plan_step(session: Session, house: House, petition_id: UUID, at: datetime) -> None:
    """One system step: lay out again what was marked, and carry out what that makes due at once."""
    petition = moves.lock(session, petition_id)
    clock = session.get(PetitionClock, petition_id)
    if clock is None or not clock.stale:
        return
    clocks.plan(session, house, petition, at=at)
    ring_step(session, house, petition_id, at)


def ring_step(session: Session, house: House, petition_id: UUID, at: datetime) -> None:
    """One system step: every timer of a petition that is due, the earliest first."""
    petition = moves.lock(session, petition_id)
    due = [timer for timer in time_rows.timers_of(session, petition_id) if timer.due_at <= at]
    for timer in due:
        if timer.done_at is None:
            _ring(session, house, petition, timer, at)
    if due:
        clocks.plan(session, house, petition, at=at)


def _ring(session: Session, house: House, petition: Petition, timer: Timer, at: datetime) -> None:
    code, _, subject = timer.code.partition(":")
    wanted = dict(clocks.timers(session, house, petition, at=timer.due_at - _MOMENT))
    if wanted.get(timer.code) != timer.due_at:
        return  # the facts changed since it was set; the plan that follows sets it anew
    if _CARRY_OUT.get(code, _nothing)(session, house, petition, subject, timer.due_at, at):
        timer.done_at = at
    else:
        timer.due_at += ONE_DAY


_MOMENT = timedelta(microseconds=1)
Work = Callable[[Session, House, Petition, str, datetime, datetime], bool]
"""(…, subject of the code, legal instant, now) → True: done for good; False: look again tomorrow."""


def _nothing(
    _session: Session,
    _house: House,
    _petition: Petition,
    _subject: str,
    _due: datetime,
    _at: datetime,
) -> bool:
    """The plan that follows does it: signing opens, a pause is over."""
    return True


def _start_missed(
    session: Session, _house: House, petition: Petition, _subject: str, due: datetime, at: datetime
) -> bool:
    _lapse(session, petition, Action.START_MISSED, due, at)
    return True


def _submission_missed(
    session: Session, _house: House, petition: Petition, _subject: str, due: datetime, at: datetime
) -> bool:
    _lapse(session, petition, Action.SUBMISSION_MISSED, due, at)
    return True


def _handover_missed(
    session: Session, house: House, petition: Petition, _subject: str, due: datetime, at: datetime
) -> bool:
    if petition.state == State.PUBLISHED:  # nothing was handed over that could be judged
        verification.conclude(session, house, petition, at)
        return petition.state != State.PUBLISHED
    _lapse(session, petition, Action.HANDOVER_MISSED, due, at)
    return True


def _lapse(
    session: Session, petition: Petition, action: Action, due: datetime, at: datetime
) -> None:
    moves.move(session, petition, action, SYSTEM, Facts(time_missed=True), at=at, legal_instant=due)
    end_work(session, petition, "lapsed", due)


def end_work(session: Session, petition: Petition, outcome: str, at: datetime) -> None:
    """A petition that ended by the calendar: nobody signs it, reviews it or owes it anything."""
    close_signing(session, petition, at=at, reason=LAPSED)
    release_tracks(session, petition, outcome, at=at)
    for review in open_reviews(session, petition):
        review.closed_at, review.outcome = at, outcome
        review.version += 1


def _attrition(
    session: Session, house: House, petition: Petition, subject: str, due: datetime, at: datetime
) -> bool:
    rule = house.kind(session, petition).signing.attrition[int(subject)]
    count = raw_count(session, house, petition, due)
    if count >= rule.at_least:
        return True
    detail = {"count": count, "at_least": rule.at_least}
    if rule.otherwise is AttritionElse.CLOSE:
        moves.move(
            session, petition, Action.ATTRITION, SYSTEM, Facts(attrition_missed=True), at=at,
            legal_instant=due, detail=detail,
        )  # fmt: skip
        close_signing(session, petition, at=due, reason=END_DATE)
    elif rule.otherwise is AttritionElse.MAY_CLOSE:
        insert_once(
            session, Task, id=uuid4(), petition_id=petition.id, kind="may_close", subject=subject,
            opened_at=due, facts=detail,
        )  # fmt: skip
    else:
        session.get_one(PetitionClock, petition.id).unlisted = True
        record(
            session, SYSTEM, "unlisted", at=at, petition=petition, legal_instant=due, detail=detail
        )
    return True


def raw_count(session: Session, house: House, petition: Petition, at: datetime) -> int:
    """Signatures received up to an instant, those that still wait for their batch included.

    The log keeps no time of a signature: the first batch from the instant on is the earliest count
    that holds all of them. Before there is one, pending entries due late enough to have been given
    afterwards are left out.
    """
    kind = house.kind(session, petition)
    batch = session.scalar(
        select(func.min(PetitionCount.batch_no))
        .join(PetitionSigning, PetitionSigning.petition_id == PetitionCount.petition_id)
        .join(
            LogBatch,
            and_(
                LogBatch.log_id == PetitionSigning.log_id,
                LogBatch.batch_no == PetitionCount.batch_no,
            ),
        )
        .where(PetitionCount.petition_id == petition.id, LogBatch.at >= at)
    )
    if batch is not None:
        found = session.get_one(PetitionCount, (petition.id, batch))
        return int(found.collected)
    counts = log_rows.last_counts(session, [petition.id])
    counted = (
        tally_of(session, kind, petition.id, counts[petition.id]).raw
        if petition.id in counts
        else 0
    )
    given_before = at + timedelta(seconds=house.policy.batch_max_wait + 60)
    waiting = session.scalar(
        select(func.count())
        .select_from(PendingEntry)
        .where(
            PendingEntry.petition_id == petition.id,
            PendingEntry.type == int(EntryType.SIGN),
            PendingEntry.due_at <= given_before,
        )
    )
    return counted + (waiting or 0)


def _silence(
    session: Session, house: House, petition: Petition, subject: str, due: datetime, at: datetime
) -> bool:
    return silence.decide_by_silence(session, house, petition, subject, due=due, at=at)


def _archive(
    session: Session, house: House, petition: Petition, _subject: str, due: datetime, at: datetime
) -> bool:
    """Transition 28. Signatures go by sealing, which people order: until then it waits."""
    if keeping.tracks_open(session, petition) or keeping.signatures_kept(session, petition):
        return False
    if petition.state not in END_STATES:
        return True
    erasure.erase_all(session, house, petition, due=due, at=at)
    facts = Facts(tracks_open=False, retention_over=True)
    erased = {"erased": [rule.data for rule in house.kind(session, petition).publicity.retention]}
    moves.move(
        session, petition, Action.ARCHIVE, SYSTEM, facts, at=at, legal_instant=due, detail=erased
    )
    return True


def _erase(
    session: Session, house: House, petition: Petition, subject: str, due: datetime, at: datetime
) -> bool:
    erasure.erase(session, house, petition, subject, due=due, at=at)
    return True


def _hidden_over(
    session: Session, _house: House, petition: Petition, _subject: str, due: datetime, at: datetime
) -> bool:
    out_of_sight.end(session, petition, due, at)
    return True


_CARRY_OUT: dict[str, Work] = {
    clocks.START_MISSED: _start_missed,
    clocks.SUBMISSION_MISSED: _submission_missed,
    clocks.HANDOVER_MISSED: _handover_missed,
    clocks.ATTRITION: _attrition,
    clocks.SILENCE: _silence,
    clocks.ARCHIVE: _archive,
    clocks.ERASE: _erase,
    clocks.HIDDEN_OVER: _hidden_over,
}
