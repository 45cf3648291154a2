"""What is judged on the day of the hand-over: figures fixed then, milestones evaluated then (P7, P19).

The first acknowledgement is the day. It takes the figures of that day into the petition and queues a
notice that tells them; the batch that takes the notice along judges the milestones, so that everybody
who reads the log sees figures and judgement side by side.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from petitions.domain.calendar import closes_at
from petitions.domain.errors import ConflictError
from petitions.domain.procedure import Kind
from petitions.domain.vocabulary import Evaluate, SnapshotAt
from petitions.ledger.batch import PendingEntry
from petitions.ledger.entries import EntryType
from petitions.services.ports import House
from petitions.services.procedure_notice import tell_procedure
from petitions.services.targets import fix_targets
from petitions.storage.tables import Petition, PetitionSigning, RecordedEvent

_SEALED = frozenset({"sealing", "sealed"})


def judged_then(kind: Kind) -> bool:
    """Whether the hand-over decides anything about the count."""
    return any(
        each.evaluate is Evaluate.HANDOVER or each.snapshot is SnapshotAt.HANDOVER
        for each in kind.milestones
    )


def decides(kind: Kind) -> bool:
    """Whether the milestone that moves the state is judged at the hand-over."""
    return kind.decisive is not None and kind.decisive.evaluate is Evaluate.HANDOVER


def note(session: Session, house: House, petition: Petition, at: datetime) -> None:
    """With the first acknowledgement. ConflictError where the count is sealed: nothing may follow."""
    kind = house.kind(session, petition)
    if not judged_then(kind):
        return
    signing = session.get(PetitionSigning, petition.id)
    if signing is not None and signing.signing in _SEALED:
        raise ConflictError("sealed")
    fix_targets(house, kind, petition, SnapshotAt.HANDOVER)
    session.flush()
    tell_procedure(session, house, petition, at)


def given(session: Session, petition_id: UUID) -> bool:
    """Whether any step of the hand-over was acknowledged."""
    found = session.scalar(
        select(RecordedEvent.event)
        .where(
            RecordedEvent.petition_id == petition_id, RecordedEvent.event.startswith("handover:")
        )
        .limit(1)
    )
    return found is not None


def judged_in(session: Session, pending: Iterable[PendingEntry]) -> frozenset[UUID]:
    """Petitions of a batch whose notice tells the figures of their hand-over."""
    told = {p.petition for p in pending if p.type is EntryType.NOTICE}
    return frozenset(each for each in told if given(session, each))


def awaited(
    session: Session, kind: Kind, petition: Petition, due: date | None, zone: str, at: datetime
) -> bool:
    """Whether the count is still to be judged at a hand-over that may come. `due`: its last day."""
    if not decides(kind) or given(session, petition.id):
        return False
    return due is None or at < closes_at(due, zone)
