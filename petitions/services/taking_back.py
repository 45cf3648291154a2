"""Until when a signature may be taken back (P13): the end of signing, the hand-over, or never.

Between the end of signing and the hand-over nobody can sign any more, so what is withdrawn then is gone.
Its entry follows CLOSE in the log, and a falling count meets what every fall meets: no milestone is
undone, and a clerk is told.
"""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from sqlalchemy import and_, or_, select, update
from sqlalchemy.orm import Session

from petitions.domain.lifecycle import State
from petitions.domain.procedure import Kind
from petitions.domain.vocabulary import Withdrawal
from petitions.platform.database import advisory_lock
from petitions.services import handed_over
from petitions.storage.signing_rows import lock_key
from petitions.storage.tables import PendingEntry, Petition, PetitionSigning

_MAY_BE_HANDED_OVER = (State.PUBLISHED, State.THRESHOLD_REACHED, State.EXAMINED)


def after_signing(session: Session, rule: Withdrawal, petition_id: UUID, at: datetime) -> bool:
    """Whether signing is over and the hand-over still to come, under rules that wait for it."""
    if rule is not Withdrawal.HANDOVER:
        return False
    over = or_(
        PetitionSigning.signing == "closed",
        and_(PetitionSigning.signing == "open", PetitionSigning.closes_at <= at),
    )
    found = session.scalar(
        select(PetitionSigning.petition_id)
        .join(Petition, Petition.id == PetitionSigning.petition_id)
        .where(Petition.id == petition_id, Petition.state.in_(_MAY_BE_HANDED_OVER), over)
    )
    return found is not None and not handed_over.given(session, petition_id)


def end(session: Session, kind: Kind, petition_id: UUID, at: datetime) -> None:
    """Call before the first acknowledgement is written: who came in time goes with the next batch,
    which is the one that judges the count where the hand-over decides it; who comes later is refused.
    """
    if kind.signing.withdrawal is not Withdrawal.HANDOVER:
        return
    advisory_lock(session, lock_key(petition_id), shared=False)
    session.execute(
        update(PendingEntry)
        .where(PendingEntry.petition_id == petition_id, PendingEntry.due_at > at)
        .values(due_at=at)
    )
