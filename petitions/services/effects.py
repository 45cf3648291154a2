"""What a published batch sets in motion: milestones move the state, the last batch closes.

Jobs of the outbox, delivered at least once: each looks at the state under the lock and does nothing
the second time.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any
from uuid import UUID, uuid4

from sqlalchemy import select
from sqlalchemy.orm import Session

from petitions.domain.following import Happening
from petitions.domain.lifecycle import Action, Facts, State
from petitions.domain.milestones import reached
from petitions.services import corrections, milestone_effects, moves, verification
from petitions.services.audit import record
from petitions.services.ports import SYSTEM, House
from petitions.services.reviews import open_review
from petitions.services.tallying import tally_of
from petitions.services.targets import target
from petitions.services.telling import tell_followers
from petitions.services.tracks import open_milestone_tracks
from petitions.storage import log_rows
from petitions.storage.insertion import insert_once
from petitions.storage.tables import (
    LogBatch,
    LogState,
    MilestoneReached,
    Petition,
    Review,
    Task,
)


def published(session: Session, payload: Mapping[str, Any]) -> bool:
    """Whether the batch of this job is public: its effects wait for that."""
    log = session.get(LogState, payload["log"])
    return log is not None and log.published_batch >= payload["batch"]


def batch_instant(session: Session, log_id: int, batch_no: int) -> datetime:
    """The legal instant of everything a batch decides: its own time."""
    return session.get_one(LogBatch, (log_id, batch_no)).at


def reach_milestone(
    session: Session, house: House, payload: Mapping[str, Any], at: datetime
) -> None:
    """Open the duties of a milestone; the decisive one moves the state. Exactly once."""
    petition = moves.lock(session, UUID(payload["petition"]))
    rule = payload["rule"]
    hit = session.get_one(MilestoneReached, (petition.id, rule))
    instant = batch_instant(session, payload["log"], hit.batch_no)
    kind = house.kind(session, petition)
    milestone = kind.milestones[rule]
    if milestone.decisive and petition.state == State.CLOSED_BELOW:
        corrections.ask(session, petition, hit, at)  # two people decide (transition 18)
        return
    if not open_milestone_tracks(session, house, petition, milestone, at=instant):
        return
    milestone_effects.carry_out(session, house, petition, milestone, instant)
    detail: dict[str, object] = {
        "milestone": milestone.id, "threshold": hit.threshold, "valid": hit.valid,
    }  # fmt: skip
    if corrections.by_declarations(session, petition.id, milestone):
        detail["cause"] = "alternative"
    if milestone.decisive and petition.state == State.PUBLISHED:
        facts = Facts(decisive_met=True)
        moves.move(
            session, petition, Action.REACH, SYSTEM, facts, at=at, legal_instant=instant,
            reason=milestone.id, detail=detail,
        )  # fmt: skip
    else:
        row = record(
            session, SYSTEM, "milestone_reached", at=at, petition=petition,
            legal_instant=instant, reason=milestone.id, detail=detail,
        )  # fmt: skip
        tell_followers(
            session, petition, Happening.MILESTONE, at, key=f"audit:{row.seq}",
            facts={"audit": row.seq},
        )  # fmt: skip
    for stage in kind.admissibility.at(f"milestone:{milestone.id}"):
        _open_once(session, house, petition, stage, instant)


def _open_once(
    session: Session, house: House, petition: Petition, stage: Any, at: datetime
) -> None:
    known = session.scalar(
        select(Review.id).where(Review.petition_id == petition.id, Review.stage == stage.id)
    )
    if known is None:
        open_review(session, house, petition, stage, at)


def after_closing(session: Session, house: House, payload: Mapping[str, Any], at: datetime) -> None:
    """The last batch is public: below its decisive milestone it closes, unless something is left to
    verify.
    """
    verification.conclude(session, house, moves.lock(session, UUID(payload["petition"])), at)


def count_fell(session: Session, house: House, payload: Mapping[str, Any], at: datetime) -> None:
    """Counting never moves a state back: a milestone now missed again is a task for a clerk."""
    petition = session.get_one(Petition, UUID(payload["petition"]))
    kind = house.kind(session, petition)
    count = log_rows.last_counts(session, [petition.id])[petition.id]
    now = tally_of(session, kind, petition.id, count)
    hits = session.scalars(
        select(MilestoneReached.rule).where(MilestoneReached.petition_id == petition.id)
    )
    for rule in hits:
        milestone = kind.milestones[rule]
        wanted = target(house, kind, petition, milestone)
        if not reached(milestone, now, wanted):
            insert_once(
                session, Task, id=uuid4(), petition_id=petition.id, kind="count_below",
                subject=milestone.id, opened_at=at,
                facts={"valid": count.valid, "threshold": wanted.threshold},
            )  # fmt: skip
