"""What moved in the last days: the statement behind "most signed this week"."""

from __future__ import annotations

from datetime import date
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.orm import Session, aliased

from petitions.storage.tables import DailyCount


def gained(session: Session, since: date, limit: int) -> dict[UUID, int]:
    """Petition → signatures gained after `since`, of those that moved most.

    What is read grows with the petitions that moved, not with all there are; the count before the
    window is looked up for the foremost ones only.
    """
    moved = func.max(DailyCount.valid) - func.min(DailyCount.valid)
    first = session.execute(
        select(DailyCount.petition_id, func.max(DailyCount.valid))
        .where(DailyCount.day > since)
        .group_by(DailyCount.petition_id)
        .order_by(moved.desc(), func.max(DailyCount.valid).desc())
        .limit(limit * 4)
    ).all()
    before = aliased(DailyCount)
    days = (
        select(before.petition_id, func.max(before.day).label("day"))
        .where(before.petition_id.in_([each for each, _last in first]), before.day <= since)
        .group_by(before.petition_id)
        .subquery()
    )
    rows = select(DailyCount.petition_id, DailyCount.valid).join(
        days, (DailyCount.petition_id == days.c.petition_id) & (DailyCount.day == days.c.day)
    )
    baseline = {row.petition_id: row.valid for row in session.execute(rows)}
    found = {petition: last - baseline.get(petition, 0) for petition, last in first}
    foremost = sorted(found.items(), key=lambda each: (-each[1], each[0]))[:limit]
    return {petition: number for petition, number in foremost if number > 0}
