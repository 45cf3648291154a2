"""The figures that pages show beside the log's own count: on paper, certified, by counting class.

`public_count.valid` is everything that counts as given, paper included; `paper` is that part of it.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime
from uuid import UUID

from sqlalchemy import func, select, update
from sqlalchemy.orm import Session

from petitions.domain.counting import Paper
from petitions.storage import tables as t
from petitions.storage.insertion import insert_statement

_NO_CLASS = ""


def show(session: Session, log_id: int, after: int, upto: int, touched: Iterable[UUID]) -> None:
    """Once the batches up to `upto` are public; the log's own numbers were moved before."""
    row = t.Certificate
    certified = set(
        session.scalars(
            select(row.petition_id).where(row.log_id == log_id, row.batch_no <= upto).distinct()
        )
    )
    fresh = set(
        session.scalars(
            select(row.petition_id)
            .where(row.log_id == log_id, row.batch_no > after, row.batch_no <= upto)
            .distinct()
        )
    )
    moved = set(touched)
    days = _days(session, log_id, after, upto)
    for petition_id in sorted((certified & moved) | fresh):
        _show_certified(session, log_id, petition_id, upto, days)
    for petition_id in sorted(moved):
        _show_classes(session, petition_id)


def _days(session: Session, log_id: int, after: int, upto: int) -> dict[date, tuple[int, datetime]]:
    """Each day of these batches, with the number and time of its last one."""
    rows = session.execute(
        select(t.LogBatch.batch_no, t.LogBatch.at)
        .where(
            t.LogBatch.log_id == log_id,
            t.LogBatch.batch_no > after,
            t.LogBatch.batch_no <= upto,
        )
        .order_by(t.LogBatch.batch_no)
    )
    return {at.date(): (number, at) for number, at in rows}


def _show_certified(
    session: Session,
    log_id: int,
    petition_id: UUID,
    upto: int,
    days: dict[date, tuple[int, datetime]],
) -> None:
    for day, (number, _at) in days.items():
        valid = _own_count(session, petition_id, number) + _sum(
            session, petition_id, log_id, Paper.PAPER, number
        )
        shown = insert_statement(session, t.DailyCount).values(
            petition_id=petition_id, day=day, valid=valid
        )
        session.execute(
            shown.on_conflict_do_update(
                index_elements=["petition_id", "day"], set_={"valid": shown.excluded.valid}
            )
        )
    paper = _sum(session, petition_id, log_id, Paper.PAPER, upto)
    session.execute(
        update(t.PublicCount)
        .where(t.PublicCount.petition_id == petition_id)
        .values(
            valid=_own_count(session, petition_id, upto) + paper,
            paper=paper,
            certified=_sum(session, petition_id, log_id, Paper.ONLINE, upto),
            at=max(at for _number, at in days.values()),
        )
        .execution_options(synchronize_session="fetch")
    )


def _own_count(session: Session, petition_id: UUID, upto: int) -> int:
    """What the log's COUNT said after that batch."""
    found = session.scalar(
        select(t.PetitionCount.valid)
        .where(t.PetitionCount.petition_id == petition_id, t.PetitionCount.batch_no <= upto)
        .order_by(t.PetitionCount.batch_no.desc())
        .limit(1)
    )
    return found or 0


def _sum(session: Session, petition_id: UUID, log_id: int, about: Paper, upto: int) -> int:
    row = t.Certificate
    found = session.scalar(
        select(func.sum(row.counted)).where(
            row.petition_id == petition_id,
            row.log_id == log_id,
            row.about == str(about),
            row.batch_no <= upto,
        )
    )
    return int(found or 0)


def _show_classes(session: Session, petition_id: UUID) -> None:
    """Of a signature declared invalid nobody knows the class: all of them are taken from each."""
    row = t.AreaTally
    rows = session.execute(
        select(row.counting_class, func.sum(row.signed - row.withdrawn))
        .where(row.petition_id == petition_id, row.counting_class != _NO_CLASS)
        .group_by(row.counting_class)
    ).all()
    if not rows:
        return
    shown = session.get_one(t.PublicCount, petition_id)
    session.refresh(shown)
    shown.classes = {name: max(0, int(number) - shown.invalid) for name, number in rows}
