"""Windows without an end, in which a signature counts for a time only (P6, mode `rolling`).

The log tells when a signature joined it by its batch, and nothing finer: that day is its age. One that
is taken away later may have been old or young; nobody can tell, so it is taken from the young ones. What
grows too old opens no task: nothing was withdrawn.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime, timedelta

from sqlalchemy import and_, select
from sqlalchemy.orm import Session

from petitions.domain.calendar import ONE_DAY, add, closes_at, local_day
from petitions.domain.milestones import Tally
from petitions.domain.periods import Period
from petitions.domain.rulebook import Kind
from petitions.domain.vocabulary import WindowMode
from petitions.ledger.batch import Count
from petitions.services.ports import House
from petitions.storage.tables import LogBatch, Petition, PetitionCount, PetitionSigning


def rolls(kind: Kind) -> bool:
    return kind.signing.window.mode is WindowMode.ROLLING


def too_old_until(today: date, age: Period) -> date:
    """The newest day whose signatures no longer count on `today`: they are `age` old, not younger."""
    day = today - timedelta(days=age.days + 31 * age.whole_months)
    while add(day + ONE_DAY, age) <= today:
        day += ONE_DAY
    return day


def young(
    session: Session, house: House, petition: Petition, kind: Kind, count: Count, at: datetime
) -> Count:
    """What of a count is young enough at this instant; never below nought."""
    age = kind.signing.window.statement_age
    if not rolls(kind) or age is None:
        return count
    zone = house.rulebook(session, petition).zone
    until = closes_at(too_old_until(local_day(at, zone), age), zone)
    old = session.scalars(
        select(PetitionCount)
        .join(PetitionSigning, PetitionSigning.petition_id == PetitionCount.petition_id)
        .join(
            LogBatch,
            and_(
                LogBatch.log_id == PetitionSigning.log_id,
                LogBatch.batch_no == PetitionCount.batch_no,
            ),
        )
        .where(PetitionCount.petition_id == petition.id, LogBatch.at < until)
        .order_by(PetitionCount.batch_no.desc())
        .limit(1)
    ).one_or_none()
    if old is None:
        return count
    collected = count.collected - old.collected
    gone = count.withdrawn - old.withdrawn + count.invalid - old.invalid
    return Count(collected, min(gone, collected), 0)


def aged(tally: Tally, counted: Count) -> Tally:
    """The tally that milestones look at."""
    return replace(tally, raw=counted.collected, verified=counted.valid)
