"""Sealing: after it nobody can tell whether a given person signed, not even with an old backup.

Seven steps, each one a transaction, each repeatable; the worker goes on wherever one was killed.
`petition_signing.seal_step` holds the last finished one:

1 signing is closed · 2 the last batch is public, with the final COUNT · 3 SEAL is public ·
4 every row of the signatures is deleted, and the salt · 5 the key is destroyed at every replica, each
of which signs a statement · 6 DESTROYED entries and statements are public · 7 sealed.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from petitions.domain.errors import ConflictError
from petitions.domain.sealing import SealStep
from petitions.platform.database import advisory_lock
from petitions.services import moves
from petitions.services.audit import record
from petitions.services.ports import SYSTEM, Actor, House
from petitions.services.sealing_plan import plan
from petitions.services.sealing_steps import Ceremony, statements_of
from petitions.storage import tables as t
from petitions.storage.signing_rows import lock_key


def order(
    session: Session, house: House, petition_id: UUID, actor: Actor, reason: str, at: datetime
) -> None:
    """Step 1. From here on the worker carries the ceremony out, and nothing can call it back.

    Raises ConflictError with the code of the first obstacle, NotFoundError.
    """
    petition = moves.lock(session, petition_id)
    advisory_lock(session, lock_key(petition_id), shared=False)
    found = plan(session, house, petition, at)
    if found.obstacles:
        raise ConflictError(f"seal_{found.obstacles[0]}", until=found.objections_until or "")
    session.add(
        t.Sealing(
            petition_id=petition_id, ordered_at=at, ordered_by=actor.name or actor.code,
            reason=reason, erased={},
        )
    )  # fmt: skip
    _mark(session, petition_id, SealStep.CLOSED)
    record(
        session, actor, "seal_ordered", at=at, petition=petition,
        detail={"reason": reason, "name": actor.name},
    )  # fmt: skip


def under_way(session: Session) -> list[UUID]:
    """Petitions whose sealing was ordered and is not finished."""
    return list(
        session.scalars(
            select(t.Sealing.petition_id)
            .where(t.Sealing.sealed_at.is_(None))
            .order_by(t.Sealing.ordered_at, t.Sealing.petition_id)
        )
    )


@dataclass(frozen=True, slots=True)
class Progress:
    done: SealStep | None
    """The step now finished; None: it has to wait."""
    queued: bool
    """It waits for the log, which can take its entries at once."""


def next_step(session: Session, house: House, petition_id: UUID, at: datetime) -> Progress:
    """Carry one ceremony one step further, as far as it comes now."""
    petition = moves.lock(session, petition_id)
    advisory_lock(session, lock_key(petition_id), shared=False)
    signing = session.get_one(t.PetitionSigning, petition_id, populate_existing=True)
    ordered = session.get_one(t.Sealing, petition_id, populate_existing=True)
    ceremony = Ceremony(session, house, petition_id, signing.log_id, ordered, at)
    steps: dict[SealStep, Callable[[], bool]] = {
        SealStep.CLOSED: ceremony.count,
        SealStep.COUNTED: ceremony.log_seal,
        SealStep.LOGGED: ceremony.erase,
        SealStep.ERASED: ceremony.destroy_key,
        SealStep.KEY_DESTROYED: ceremony.tell,
        SealStep.STATED: lambda: True,
    }
    carry_out = steps.get(SealStep(signing.seal_step))
    if carry_out is None or not carry_out():
        return Progress(None, ceremony.queued)
    done = SealStep(signing.seal_step + 1)
    _mark(session, petition_id, done)
    if done is SealStep.SEALED:
        _finish(session, petition, ordered, at)
    return Progress(done, queued=False)


def _mark(session: Session, petition_id: UUID, step: SealStep) -> None:
    values: dict[str, object] = {"seal_step": int(step)}
    if step is SealStep.ERASED:
        values["wrapped_salt"] = None
    if step is SealStep.SEALED:
        values["signing"] = "sealed"
    session.execute(
        update(t.PetitionSigning)
        .where(t.PetitionSigning.petition_id == petition_id)
        .values(**values)
        .execution_options(synchronize_session="fetch")
    )


def _finish(session: Session, petition: t.Petition, ordered: t.Sealing, at: datetime) -> None:
    ordered.sealed_at = at
    record(
        session, SYSTEM, "sealed", at=at, petition=petition,
        detail={
            "seal_index": ordered.seal_index,
            "size": ordered.size,
            "statements": [s.statement_hash.hex() for s in statements_of(session, petition.id)],
        },
    )  # fmt: skip
