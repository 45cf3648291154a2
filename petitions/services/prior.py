"""Signatures that come with the filing and are counted on admission (window mode `prior`, P6).

They stand on paper that a clerk counts before deciding; nobody signs afterwards. So transition 15 or 16
follows in the transaction of the admission, at its instant.
"""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import update
from sqlalchemy.orm import Session

from petitions.domain.errors import InvalidError, TransitionRefusedError
from petitions.domain.lifecycle import Action, Facts, State
from petitions.domain.milestones import Tally, reached
from petitions.domain.rulebook import Kind
from petitions.domain.vocabulary import WindowMode
from petitions.services import milestone_effects, moves
from petitions.services.audit import record
from petitions.services.ports import SYSTEM, Actor, House
from petitions.services.reviews import open_review
from petitions.services.targets import target
from petitions.services.tracks import open_duties, open_milestone_tracks
from petitions.storage.insertion import insert_once
from petitions.storage.tables import MilestoneReached, Petition, PriorCount, PublicCount

COUNT_MAX = 10_000_000


def certify(
    session: Session,
    house: House,
    petition: Petition,
    collected: int,
    valid: int,
    actor: Actor,
    *,
    at: datetime,
) -> None:
    """Record how many signatures came with the petition and how many are valid; may be corrected
    until the petition is admitted. `petition` is locked.
    """
    if house.kind(session, petition).signing.window.mode is not WindowMode.PRIOR:
        raise InvalidError("no_prior_signatures")
    if petition.state not in {State.DRAFT, State.IN_ADMISSIBILITY, State.GATHERING_SPONSORS}:
        raise TransitionRefusedError("wrong_state", state=petition.state)
    if not 0 <= valid <= collected <= COUNT_MAX:
        raise InvalidError(fields={"valid": ("number_malformed", {})})
    session.merge(
        PriorCount(
            petition_id=petition.id, collected=collected, valid=valid, actor=actor.code, at=at
        )
    )
    petition.version += 1
    detail = {"collected": collected, "valid": valid}
    record(session, actor, "prior_counted", at=at, petition=petition, detail=detail)


def count_prior(session: Session, house: House, petition: Petition, *, at: datetime) -> None:
    """On admission: publish the certified count and judge every milestone by it."""
    kind = house.kind(session, petition)
    found = session.get(PriorCount, petition.id)
    valid = found.valid if found else 0
    session.execute(
        update(PublicCount).where(PublicCount.petition_id == petition.id).values(valid=valid)
    )
    tally = Tally(raw=found.collected if found else 0, verified=valid)
    decisive_met = False
    for rule, milestone in enumerate(kind.milestones):
        wanted = target(house, kind, petition, milestone)
        if not reached(milestone, tally, wanted):
            continue
        insert_once(
            session, MilestoneReached, petition_id=petition.id, rule=rule,
            threshold=wanted.threshold, valid=valid, batch_no=0,
        )  # fmt: skip
        open_milestone_tracks(session, house, petition, milestone, at=at)
        milestone_effects.carry_out(session, house, petition, milestone, at)
        detail = {"milestone": milestone.id, "threshold": wanted.threshold, "valid": valid}
        decisive_met |= milestone.decisive
        _tell(session, petition, detail, decisive=milestone.decisive, at=at)
        for stage in kind.admissibility.at(f"milestone:{milestone.id}"):
            open_review(session, house, petition, stage, at)
    if kind.milestones and not decisive_met:
        _close(session, house, petition, kind, at)


def _tell(
    session: Session, petition: Petition, detail: dict[str, object], *, decisive: bool, at: datetime
) -> None:
    reason = str(detail["milestone"])
    if decisive:
        facts = Facts(decisive_met=True)
        moves.move(
            session, petition, Action.REACH, SYSTEM, facts, at=at, reason=reason, detail=detail
        )
    else:
        record(
            session, SYSTEM, "milestone_reached", at=at, petition=petition, reason=reason,
            detail=detail,
        )  # fmt: skip


def _close(session: Session, house: House, petition: Petition, kind: Kind, at: datetime) -> None:
    facts = Facts(has_milestone=True, window_over=True, left_to_verify=False, decisive_met=False)
    moves.move(session, petition, Action.CLOSE, SYSTEM, facts, at=at)
    petition.after_kind = kind.extras.fallback_kind
    open_duties(session, house, petition, "final", at=at)
