"""What became of the petitions of an assembly so far: told before somebody starts another one."""

from __future__ import annotations

from dataclasses import dataclass
from statistics import median

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from petitions.domain.lifecycle import State
from petitions.storage.tables import MilestoneReached, Petition

LATEST = 50
"""So many checks, the newest, make the median."""


@dataclass(frozen=True, slots=True)
class SoFar:
    """`check_days`: median from sending to publication; None before the first."""

    published: int
    reached: int
    examined: int
    refused: int
    check_days: int | None


def so_far(session: Session, assembly: str) -> SoFar:
    here = Petition.assembly == assembly
    states = {
        str(state): int(number)
        for state, number in session.execute(
            select(Petition.state, func.count()).where(here).group_by(Petition.state)
        )
    }
    published = select(func.count()).where(here, Petition.published_at.is_not(None))
    reached = (
        select(func.count(func.distinct(MilestoneReached.petition_id)))
        .join(Petition, Petition.id == MilestoneReached.petition_id)
        .where(here)
    )
    checks = session.execute(
        select(Petition.submitted_at, Petition.published_at)
        .where(here, Petition.submitted_at.is_not(None), Petition.published_at.is_not(None))
        .order_by(Petition.published_at.desc())
        .limit(LATEST)
    )
    days = [(until - since).days for since, until in checks if since and until]
    return SoFar(
        published=int(session.scalar(published) or 0),
        reached=int(session.scalar(reached) or 0),
        examined=states.get(State.EXAMINED, 0),
        refused=states.get(State.REFUSED, 0) + states.get(State.HIDDEN, 0),
        check_days=round(median(days)) if days else None,
    )
