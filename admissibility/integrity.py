"""Is anything unusual about how a petition is being signed? From counts of batches alone.

Rules of this module:
- it reads totals that the log made public, and sums over rows; no row of a signature is shown;
- an hour is that of the batch, never of a signature; where batches are rare, so are hours;
- an anomaly is a question for a person, not a finding: a broadcast looks like an attack.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from statistics import median
from uuid import UUID

from sqlalchemy import and_, func, select
from sqlalchemy.orm import Session

from petitions.storage.tables import (
    AreaTally,
    LogBatch,
    PetitionCount,
    PetitionSigning,
    Removal,
    Signature,
)

HOURS = 72
"""Looked at hour by hour; before that by the day, as everybody sees it."""
FLOOR = 100
"""Signatures in an hour below which no hour is unusual."""
TIMES = 10
"""A peak is so many times the median of the busy hours of the day before."""
WITHDRAWN = 0.05
CELL = 10
"""An area with fewer is not named."""
CONCENTRATED = 0.5


class Anomaly(StrEnum):
    PEAK = "peak"
    WITHDRAWALS = "withdrawals"
    AGAIN = "again"
    ONE_AREA = "one_area"


@dataclass(frozen=True, slots=True)
class Hour:
    """`since`: the full hour, UTC. `collected`, `withdrawn`: added in its batches."""

    since: datetime
    batches: int
    collected: int
    withdrawn: int
    peak: bool = False


@dataclass(frozen=True, slots=True)
class Integrity:
    collected: int
    withdrawn: int
    invalid: int
    again: int
    """Acts of signing again after a withdrawal, of all persons together."""
    hours: tuple[Hour, ...]
    areas: tuple[tuple[str, int], ...]
    """The areas with most signatures; cells under ten are left out."""
    removals_open: int
    anomalies: tuple[Anomaly, ...]

    @property
    def withdrawal_rate(self) -> float | None:
        return self.withdrawn / self.collected if self.collected >= FLOOR else None


def integrity(session: Session, petition_id: UUID, at: datetime) -> Integrity | None:
    """None where the petition was never open for signatures."""
    signing = session.get(PetitionSigning, petition_id)
    if signing is None:
        return None
    hours = _hours(session, signing, at)
    last = session.execute(
        select(PetitionCount.collected, PetitionCount.withdrawn, PetitionCount.invalid)
        .where(PetitionCount.petition_id == petition_id)
        .order_by(PetitionCount.batch_no.desc())
        .limit(1)
    ).first()
    collected, withdrawn, invalid = last or (0, 0, 0)
    again = session.scalar(
        select(func.coalesce(func.sum(Signature.cycles), 0)).where(
            Signature.petition_id == petition_id, Signature.cycles > 0
        )
    )
    areas = _areas(session, petition_id)
    open_removals = session.scalar(
        select(func.count()).where(
            Removal.petition_id == petition_id, Removal.status.in_(("proposed", "confirmed"))
        )
    )
    found = Integrity(
        collected, withdrawn, invalid, int(again or 0), hours, areas, open_removals or 0, ()
    )
    return Integrity(
        collected, withdrawn, invalid, found.again, hours, areas, found.removals_open,
        tuple(_anomalies(found)),
    )  # fmt: skip


def _hours(session: Session, signing: PetitionSigning, at: datetime) -> tuple[Hour, ...]:
    since = (at - timedelta(hours=HOURS)).replace(minute=0, second=0, microsecond=0)
    rows = session.execute(
        select(LogBatch.at, PetitionCount.collected, PetitionCount.withdrawn)
        .join(
            LogBatch,
            and_(LogBatch.log_id == signing.log_id, LogBatch.batch_no == PetitionCount.batch_no),
        )
        .where(PetitionCount.petition_id == signing.petition_id, LogBatch.at >= since)
        .order_by(PetitionCount.batch_no)
    ).all()
    if not rows:
        return ()
    before = session.execute(
        select(PetitionCount.collected, PetitionCount.withdrawn)
        .join(
            LogBatch,
            and_(LogBatch.log_id == signing.log_id, LogBatch.batch_no == PetitionCount.batch_no),
        )
        .where(PetitionCount.petition_id == signing.petition_id, LogBatch.at < since)
        .order_by(PetitionCount.batch_no.desc())
        .limit(1)
    ).first()
    signed, left = before or (0, 0)
    found: dict[datetime, list[int]] = {}
    for when, collected, withdrawn in rows:
        cell = found.setdefault(when.replace(minute=0, second=0, microsecond=0), [0, 0, 0])
        cell[0] += 1
        cell[1] += collected - signed
        cell[2] += withdrawn - left
        signed, left = collected, withdrawn
    return peaks([Hour(hour, a, b, c) for hour, (a, b, c) in sorted(found.items())])


def peaks(hours: Sequence[Hour]) -> tuple[Hour, ...]:
    """An hour stands out against the median of the hours of the day before that had any signature."""
    told = []
    for hour in hours:
        day = [
            each.collected
            for each in hours
            if hour.since - timedelta(hours=24) <= each.since < hour.since and each.collected
        ]
        usual = median(day) if len(day) >= 3 else None
        peak = hour.collected >= FLOOR and usual is not None and hour.collected >= TIMES * usual
        told.append(Hour(hour.since, hour.batches, hour.collected, hour.withdrawn, peak))
    return tuple(told)


def _areas(session: Session, petition_id: UUID) -> tuple[tuple[str, int], ...]:
    standing = AreaTally.signed - AreaTally.withdrawn
    rows = session.execute(
        select(AreaTally.area, standing)
        .where(
            AreaTally.petition_id == petition_id, AreaTally.counting_class == "",
            AreaTally.area != "", standing >= CELL,
        )
        .order_by(standing.desc(), AreaTally.area)
        .limit(10)
    )  # fmt: skip
    return tuple((area, int(count)) for area, count in rows)


def _anomalies(found: Integrity) -> list[Anomaly]:
    told = []
    if any(hour.peak for hour in found.hours):
        told.append(Anomaly.PEAK)
    if found.withdrawal_rate is not None and found.withdrawal_rate > WITHDRAWN:
        told.append(Anomaly.WITHDRAWALS)
    if found.again > max(FLOOR, 0.01 * found.collected):
        told.append(Anomaly.AGAIN)
    most = found.areas[0][1] if len(found.areas) > 1 and found.collected >= FLOOR else 0
    if most > CONCENTRATED * found.collected:
        told.append(Anomaly.ONE_AREA)
    return told
