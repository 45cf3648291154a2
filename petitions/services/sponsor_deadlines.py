"""What the clock does to sponsors: attempts that ended in silence, stages that were missed, and the
end of what is kept of those whose petition never got to signing.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import delete, select, update
from sqlalchemy.orm import Session

from petitions.domain import sponsors as rules
from petitions.domain.calendar import closes_at
from petitions.domain.lifecycle import END_STATES, State
from petitions.domain.retention import SPONSORS_LIFE
from petitions.domain.sponsors import Invited, Progress
from petitions.services import invitations, moves
from petitions.services.audit import record
from petitions.services.ports import SYSTEM, House
from petitions.storage.tables import (
    Gathering,
    GatheringStage,
    HeldEntry,
    Invitation,
    Petition,
    PetitionSigning,
    PromoterAgreement,
    Signature,
    Sponsor,
)

_A_DAY = timedelta(days=1)
FOR_GOOD = (State.WITHDRAWN, State.MERGED, State.LAPSED, State.ARCHIVED)
"""A refusal may be reopened, and publication then needs the petition's key: it is not destroyed."""


def due(session: Session, at: datetime) -> Iterator[tuple[UUID, str]]:
    """Stages whose last day may be over: looked at again under the lock, in the petition's zone."""
    rows = session.execute(
        select(GatheringStage.petition_id, GatheringStage.stage)
        .join(Petition, Petition.id == GatheringStage.petition_id)
        .where(
            Petition.state == State.GATHERING_SPONSORS,
            GatheringStage.progress == Progress.OPEN,
            GatheringStage.due_on <= (at + _A_DAY).date(),
        )
        .order_by(GatheringStage.due_on)
    )
    yield from ((petition, stage) for petition, stage in rows)


def time_over(
    session: Session, house: House, petition_id: UUID, stage_id: str, at: datetime
) -> None:
    """The last day is over: the next attempt begins, or the petition lapses. Idempotent."""
    petition = moves.lock(session, petition_id)
    row = session.get_one(GatheringStage, (petition_id, stage_id), populate_existing=True)
    if petition.state != State.GATHERING_SPONSORS or row.progress != Progress.OPEN:
        return
    zone = house.rulebook(session, petition).zone
    if row.due_on is None or at < closes_at(row.due_on, zone):
        return
    instant = closes_at(row.due_on, zone)
    session.execute(
        update(Invitation)
        .where(
            Invitation.petition_id == petition_id,
            Invitation.stage == stage_id,
            Invitation.standing == Invited.INVITED,
        )
        .values(standing=Invited.EXPIRED)
    )
    stage = rules.stage_of(house.kind(session, petition), stage_id)
    if stage.attempts == 1:
        invitations.miss(session, petition, row, at=at, legal_instant=instant)
        return
    record(
        session, SYSTEM, "sponsor_silent", at=at, petition=petition, legal_instant=instant,
        detail={"stage": stage_id, "attempt": row.attempts_used + 1},
    )  # fmt: skip
    invitations.use_up(session, house, petition, stage_id, at=at, legal_instant=instant)


def forget(session: Session, house: House, at: datetime) -> int:
    """What is kept of sponsors ends: six months after the petition did, or with its sealing before.

    A petition that was never signed has nothing left to seal: its key goes here. Idempotent: a key
    that is gone is not asked again. Returns for how many petitions.
    """
    over = session.scalars(
        select(Gathering.petition_id)
        .join(Petition, Petition.id == Gathering.petition_id)
        .where(
            Petition.state.in_([str(state) for state in END_STATES]),
            Petition.state_since <= at - SPONSORS_LIFE,
        )
    ).all()
    for petition_id in over:
        if moves.lock(session, petition_id).state in END_STATES:
            erase(session, petition_id)
            end_unsigned(session, house, petition_id)
    return len(over)


def erase(session: Session, petition_id: UUID) -> None:
    """The rows of one petition's sponsors. Numbers and days of its stages stay: they name nobody."""
    for table in (Sponsor, Invitation, HeldEntry, Gathering, PromoterAgreement):
        session.execute(
            delete(table)
            .where(table.__table__.c.petition_id == petition_id)
            .execution_options(synchronize_session=False)
        )


def end_unsigned(session: Session, house: House, petition_id: UUID) -> None:
    """The key of a petition that was never signed and has ended for good."""
    if session.get(PetitionSigning, petition_id) is not None:
        return  # its rows and its key end with the sealing
    session.execute(delete(Signature).where(Signature.petition_id == petition_id))
    key = f"kek/{petition_id}"
    if session.get_one(Petition, petition_id).state in FOR_GOOD and house.keys.exists(key):
        house.keys.destroy(key)
