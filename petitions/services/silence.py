"""A stage that was not decided in its time, where the rulebook says what silence means (P5)."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy.orm import Session

from petitions.domain.errors import TransitionRefusedError
from petitions.services.audit import record
from petitions.services.decisions import decide_in_silence
from petitions.services.ports import SYSTEM, House
from petitions.services.reviews import open_reviews
from petitions.storage.tables import Petition


def decide_by_silence(
    session: Session, house: House, petition: Petition, stage: str, *, due: datetime, at: datetime
) -> bool:
    """Carry out what silence means. False: the law's answer cannot take effect yet (a text that
    every publication needs is missing); it is tried again, and the stage stays overdue meanwhile.
    """
    review = next((each for each in open_reviews(session, petition) if each.stage == stage), None)
    if review is None:
        return True
    try:
        with session.begin_nested():
            decision = decide_in_silence(session, house, petition, review, at=at)
    except TransitionRefusedError:
        session.refresh(petition)
        return False
    record(
        session, SYSTEM, "silence", at=at, petition=petition, legal_instant=due,
        reason=decision.outcome, detail={"stage": stage, "decision": decision.number},
    )  # fmt: skip
    return True
