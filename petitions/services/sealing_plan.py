"""What sealing a petition would do, and what is in the way: the dry run. Nothing is written."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from petitions.domain.calendar import local_day
from petitions.domain.lifecycle import END_STATES, State
from petitions.domain.sealing import (
    Obstacle,
    SealStep,
    Standing,
    erase_by,
    objections_end,
    obstacles,
)
from petitions.ledger.entries import EntryType
from petitions.services import replicas, taking_back
from petitions.services.ports import House
from petitions.services.removals import LIVE
from petitions.storage import log_rows
from petitions.storage import tables as t


@dataclass(frozen=True, slots=True)
class Plan:
    petition_id: UUID
    reference: str
    title: str
    step: SealStep
    obstacles: tuple[Obstacle, ...]
    objections_until: date | None
    """Last day of the objection term, in the assembly's zone."""
    erase_by: date | None
    """Last day on which the rulebook lets the signatures be kept; None: no clock runs yet."""
    collected: int
    withdrawn: int
    invalid: int
    pending: int
    """Entries that will go into the last batch first."""
    rows: int
    """Rows of signatures and withdrawals that will be deleted."""
    key: str
    replicas: tuple[str, ...]
    kid: str
    pepper_shared: int
    """Other petitions, not sealed yet, under the same pepper."""


def plan(session: Session, house: House, petition: t.Petition, at: datetime) -> Plan:
    book = house.rulebook(session, petition)
    signing = session.get(t.PetitionSigning, petition.id)
    ordered = session.get(t.Sealing, petition.id)
    kind = house.kind(session, petition)
    last = erase_by(kind.publicity.retention, _events(petition, book.zone))
    may_wait = last is None or local_day(at, book.zone) <= last
    standing = Standing(
        signing=signing.signing if signing else None,
        ordered=ordered is not None,
        ended_at=petition.signing_ended_at,
        removals_open=_removals_open(session, petition.id),
        # the clock of retention is the stronger rule
        withdrawals_open=may_wait
        and taking_back.after_signing(session, kind.signing.withdrawal, petition.id, at),
        places_absent=len(_absent(session, house, signing)) if signing else 0,
    )
    days, zone = house.policy.objection_days, book.zone
    until = None
    if petition.signing_ended_at is not None:
        end = objections_end(petition.signing_ended_at, days, zone)
        until = local_day(end, zone)
    count = log_rows.last_counts(session, [petition.id]).get(petition.id)
    text = session.get(t.PetitionText, (petition.id, petition.language))
    key = f"kek/{petition.id}"
    return Plan(
        petition_id=petition.id,
        reference=petition.reference or "",
        title=text.title if text else "",
        step=SealStep(signing.seal_step if signing else 0),
        obstacles=obstacles(standing, at=at, days=days, zone=zone),
        objections_until=until,
        erase_by=last,
        collected=count.collected if count else 0,
        withdrawn=count.withdrawn if count else 0,
        invalid=count.invalid if count else 0,
        pending=_rows(session, t.PendingEntry, petition.id),
        rows=_rows(session, t.Signature, petition.id) + _rows(session, t.Withdrawal, petition.id),
        key=key,
        replicas=tuple(name for name, _public in house.keys.replicas(key)),
        kid=signing.kid if signing else "",
        pepper_shared=_sharing(session, signing) if signing else 0,
    )


def _absent(session: Session, house: House, signing: t.PetitionSigning) -> list[str]:
    if signing.signing == "sealed":
        return []
    return replicas.absent(session, house, signing.log_id, f"kek/{signing.petition_id}")


def candidates(session: Session) -> list[t.Petition]:
    """Petitions that have collected signatures and are not sealed, oldest end first."""
    return list(
        session.scalars(
            select(t.Petition)
            .join(t.PetitionSigning, t.PetitionSigning.petition_id == t.Petition.id)
            .where(t.PetitionSigning.signing != "sealed", t.Petition.signing_ended_at.is_not(None))
            .order_by(t.Petition.signing_ended_at, t.Petition.id)
        )
    )


def _events(petition: t.Petition, zone: str) -> dict[str, date]:
    """The days from which the rulebook's clocks of retention may run."""
    instants = {
        "submitted": petition.submitted_at,
        "published": petition.published_at,
        "admitted": petition.published_at,
        "window_open": petition.opens_at,
        "closed": petition.signing_ended_at,
        "final": petition.state_since if State(petition.state) in END_STATES else None,
    }
    return {name: local_day(at, zone) for name, at in instants.items() if at is not None}


def _rows(session: Session, table: type[t.Base], petition_id: UUID) -> int:
    column = table.__table__.c.petition_id
    return session.scalar(select(func.count()).select_from(table).where(column == petition_id)) or 0


def _sharing(session: Session, signing: t.PetitionSigning) -> int:
    return (
        session.scalar(
            select(func.count())
            .select_from(t.PetitionSigning)
            .where(
                t.PetitionSigning.kid == signing.kid,
                t.PetitionSigning.signing != "sealed",
                t.PetitionSigning.petition_id != signing.petition_id,
            )
        )
        or 0
    )


def _removals_open(session: Session, petition_id: UUID) -> int:
    """Invalidations that are proposed, decided, or wait for their batch."""
    decided = (
        session.scalar(
            select(func.count())
            .select_from(t.Removal)
            .where(t.Removal.petition_id == petition_id, t.Removal.status.in_(LIVE))
        )
        or 0
    )
    return decided + (
        session.scalar(
            select(func.count())
            .select_from(t.PendingEntry)
            .where(
                t.PendingEntry.petition_id == petition_id,
                t.PendingEntry.type == EntryType.INVALIDATE,
            )
        )
        or 0
    )
