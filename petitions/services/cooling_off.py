"""Time to think: a signature counts once its cooling-off time is over (P20).

Until then its entry waits with the pending ones and joins no batch; whoever withdraws meanwhile takes
both entries into one batch, so that it is never counted. All signatures of one day wait until the same
instant: what waits tells no time of day. When signing ends, so does the time to think.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from math import ceil
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from petitions.domain.calendar import add, closes_at, local_day
from petitions.ledger.entries import EntryType
from petitions.platform.database import database_now
from petitions.services.ports import House
from petitions.services.signing_terms import SigningTerms
from petitions.storage.signing_rows import NewSignature
from petitions.storage.tables import PendingEntry, Petition


def counts_from(terms: SigningTerms, now: datetime) -> datetime | None:
    """When a signature given now joins the log; None where it does at once."""
    if terms.cooling_off is None:
        return None
    return closes_at(add(local_day(now, terms.zone), terms.cooling_off), terms.zone)


def waiting(
    session: Session, terms: SigningTerms, new: NewSignature, at: datetime | None
) -> NewSignature:
    """The same signature with the time its entry waits; `at` None: the database's clock."""
    if terms.cooling_off is None:
        return new
    now = at or database_now(session)
    until = counts_from(terms, now)
    assert until is not None
    return replace(new, max_wait=max(new.max_wait, ceil((until - now).total_seconds())))


def due_of_withdrawal(
    session: Session, petition_id: UUID, commitment: bytes, otherwise: datetime
) -> datetime:
    """A withdrawal goes with its signature where that still waits: into the same batch, not before."""
    found = session.scalar(
        select(PendingEntry.due_at).where(
            PendingEntry.petition_id == petition_id,
            PendingEntry.type == int(EntryType.SIGN),
            PendingEntry.body == commitment,
        )
    )
    return max(found, otherwise) if found is not None else otherwise


def petitions_cooling(session: Session, house: House, log_id: int) -> frozenset[UUID]:
    """Petitions with pending entries whose rules know a cooling-off; asked only if any rulebook does."""
    books = [*house.pinned.values(), *(v for b in house.library.rulebooks.values() for v in b)]
    kinds = (kind for book in books for kind in book.kinds.values())
    if not any(
        each.extras.cooling_off for kind in kinds for each in (kind, *kind.variants.values())
    ):
        return frozenset()
    pending = session.scalars(
        select(PendingEntry.petition_id).where(PendingEntry.log_id == log_id).distinct()
    ).all()
    rows = session.scalars(select(Petition).where(Petition.id.in_(pending)))
    return frozenset(row.id for row in rows if house.kind(session, row).extras.cooling_off)
