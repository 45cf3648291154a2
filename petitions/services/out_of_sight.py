"""A petition that was taken down while people could sign: its window waits, and ends by itself.

The days lost are given back if it is restored (transition 20), so the window does not run on while
nobody sees it. It cannot wait for ever: the signatures may be kept only so long, and before that there
must be time to object and to seal. From that day on signing is over for good; a restored petition then
goes on as one whose window has ended.
"""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from petitions.domain.lifecycle import State
from petitions.services import keeping, outbox
from petitions.services.audit import record
from petitions.services.closing import TAKEN_DOWN, close_signing
from petitions.services.hiding import was_taken_down
from petitions.services.ports import SYSTEM, House
from petitions.storage.log_rows import WAITING
from petitions.storage.tables import LogState, PendingEntry, Petition, PetitionSigning


def ends(session: Session, house: House, petition: Petition) -> datetime | None:
    """When signing of a hidden petition is over, UTC; None: it is not hidden, or over already."""
    signing = session.get(PetitionSigning, petition.id)
    if petition.state != State.HIDDEN or signing is None or signing.signing != "open":
        return None
    if not was_taken_down(session, petition):
        return None
    over = keeping.class_over(session, house, petition, keeping.SIGNATURES)
    if over is None:
        return None
    return max(petition.state_since, over - timedelta(days=house.policy.objection_days + 1))


def end(session: Session, petition: Petition, due: datetime, at: datetime) -> None:
    """Signing is over: what waits goes into the next batch, and the petition can be sealed."""
    if close_signing(session, petition, at=due, reason=TAKEN_DOWN):
        petition.closes_at = petition.last_day = None
        record(session, SYSTEM, "window_ended", at=at, petition=petition, legal_instant=due)


def conclude_restored(session: Session, petition: Petition, at: datetime) -> None:
    """What the end of signing owed while nobody saw the petition, once it is restored."""
    signing = session.get(PetitionSigning, petition.id)
    if signing is None or signing.signing == "open" or petition.signing_ended_at is None:
        return
    waiting = select(PendingEntry.type).where(
        PendingEntry.petition_id == petition.id, PendingEntry.type.in_(WAITING)
    )
    if session.execute(waiting.limit(1)).first() is not None:
        return  # its batch concludes by itself
    batch = session.get_one(LogState, signing.log_id).batch_no
    payload = {"log": signing.log_id, "batch": batch, "petition": str(petition.id)}
    key = f"closed:{petition.id}:restored:{petition.version}"
    outbox.enqueue(session, "closed", key, payload, at=at)
