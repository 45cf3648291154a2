"""Declaring signatures invalid: one proposes, another confirms, everybody reads why, and only then,
after a term for objections, the log takes it. Never silent, never undone.

A decision names leaves of the log, so nobody learns who signed. A leaf that its signer has withdrawn in
the meantime is left out by the batch, and a task says so.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

from sqlalchemy import select
from sqlalchemy.orm import Session

from petitions.domain.calendar import closes_at, local_day
from petitions.domain.errors import ConflictError, ForbiddenError, InvalidError, NotFoundError
from petitions.domain.removals import RemovalReason
from petitions.ledger.entries import EntryType, Invalidate, parse
from petitions.services.audit import record
from petitions.services.decisions import missing_texts
from petitions.services.pending import queue
from petitions.services.ports import SYSTEM, Actor, House
from petitions.services.two_people import locked
from petitions.storage import tables as t

LIVE = ("proposed", "confirmed")
SOME = 500


@dataclass(frozen=True, slots=True)
class Wanted:
    """What a clerk asks for: a whole batch of the petition, or leaves by index; and why."""

    reason: RemovalReason
    texts: Mapping[str, str]
    leaves: Sequence[int] = ()
    batch: int | None = None


def propose(
    session: Session,
    house: House,
    petition: t.Petition,
    wanted: Wanted,
    actor: Actor,
    at: datetime,
) -> t.Removal:
    """The first of two people. InvalidError names the field; nothing is public yet."""
    signing = _unsealed(session, petition.id)
    bad: dict[str, tuple[str, dict[str, object]]] = {
        f"text_{language}": ("required", {})
        for language in missing_texts(house, session, petition, wanted.texts)
    }
    leaves = _leaves(session, signing.log_id, petition.id, wanted)
    if not leaves:
        bad["leaves"] = ("required", {})
    wrong = [] if bad else _not_standing(session, signing.log_id, petition.id, leaves)
    if wrong:
        bad["leaves"] = ("not_a_signature", {"index": wrong[0]})
    if bad:
        raise InvalidError(fields=bad)
    row = t.Removal(
        id=uuid4(), petition_id=petition.id, log_id=signing.log_id, reason=int(wanted.reason),
        leaves=list(leaves), texts=dict(wanted.texts), status="proposed", proposed_at=at,
        proposed_by=actor.code,
    )  # fmt: skip
    session.add(row)
    _told(session, actor, "removal_proposed", petition, row, at)
    return row


def confirm(
    session: Session, house: House, removal_id: UUID, actor: Actor, at: datetime
) -> t.Removal:
    """The second person. From here the decision is public, and takes effect after the term."""
    row, petition = locked(session, t.Removal, removal_id, "removal")
    if row.proposed_by == actor.code:
        raise ForbiddenError("second_person_needed")
    _unsealed(session, petition.id)
    zone = house.rulebook(session, petition).zone
    last = local_day(at, zone) + timedelta(days=house.policy.removal_days)
    row.status, row.confirmed_at, row.confirmed_by = "confirmed", at, actor.code
    row.effective_at = closes_at(last, zone)
    row.decision_hash = hashlib.sha256(decision_file(petition, row)).digest()
    _told(session, actor, "removal_confirmed", petition, row, at, public=row.texts)
    return row


def call_off(
    session: Session, removal_id: UUID, actor: Actor, reason: str, at: datetime
) -> t.Removal:
    """Before it takes effect: after an objection, or because it was a mistake. `reason` is public."""
    if not reason.strip():
        raise InvalidError(fields={"reason": ("required", {})})
    row, petition = locked(session, t.Removal, removal_id, "removal", LIVE)
    was_public = row.status == "confirmed"
    row.status, row.ended_at = "called_off", at
    texts = {petition.language: reason.strip()} if was_public else {}
    _told(session, actor, "removal_called_off", petition, row, at, public=texts)
    return row


def due(session: Session, at: datetime) -> list[UUID]:
    return list(
        session.scalars(
            select(t.Removal.id)
            .where(t.Removal.status == "confirmed", t.Removal.effective_at <= at)
            .order_by(t.Removal.effective_at, t.Removal.id)
        )
    )


def carry_out(session: Session, removal_id: UUID, at: datetime) -> None:
    """The term is over: every leaf goes to the log as INVALIDATE. Repeating changes nothing."""
    after = ("confirmed", "carried_out")
    row, petition = locked(session, t.Removal, removal_id, "removal", after)
    if row.status != "confirmed" or row.effective_at is None or row.effective_at > at:
        return
    _unsealed(session, petition.id)
    assert row.decision_hash is not None
    for index in row.leaves:
        body = Invalidate(index, row.reason, row.decision_hash)
        queue(session, row.log_id, petition.id, body, due_at=at)
    row.status, row.ended_at = "carried_out", at
    _told(session, SYSTEM, "removal_carried_out", petition, row, at, public=row.texts)


def decision_file(petition: t.Petition, row: t.Removal) -> bytes:
    """The exact bytes whose hash each INVALIDATE entry carries. It names leaves, and no person."""
    content = {
        "petition": petition.reference,
        "log": row.log_id,
        "reason": row.reason,
        "leaves": row.leaves,
        "texts": row.texts,
        "confirmed_at": row.confirmed_at.isoformat() if row.confirmed_at else None,
        "effective_at": row.effective_at.isoformat() if row.effective_at else None,
    }
    return json.dumps(content, sort_keys=True, ensure_ascii=False, indent=1).encode() + b"\n"


def of_petition(session: Session, petition_id: UUID) -> list[t.Removal]:
    return list(
        session.scalars(
            select(t.Removal)
            .where(t.Removal.petition_id == petition_id)
            .order_by(t.Removal.proposed_at.desc(), t.Removal.id)
        )
    )


def _told(
    session: Session,
    actor: Actor,
    action: str,
    petition: t.Petition,
    row: t.Removal,
    at: datetime,
    public: Mapping[str, str] | None = None,
) -> None:
    record(
        session, actor, action, at=at, petition=petition, reason=str(row.reason),
        public_texts=public, detail={"removal": str(row.id), "leaves": len(row.leaves)},
    )  # fmt: skip


def _unsealed(session: Session, petition_id: UUID) -> t.PetitionSigning:
    signing = session.get(t.PetitionSigning, petition_id)
    if signing is None:
        raise NotFoundError("not_open_for_signing")
    ordered = session.get(t.Sealing, petition_id)
    if signing.signing in {"sealing", "sealed"} or ordered is not None:
        raise ConflictError("sealed")
    return signing


def _leaves(session: Session, log_id: int, petition_id: UUID, wanted: Wanted) -> tuple[int, ...]:
    if wanted.batch is None:
        return tuple(sorted(set(wanted.leaves)))
    standing = signatures_of_batch(session, log_id, petition_id, wanted.batch)
    return tuple(index for index, _entry in standing)


def signatures_of_batch(
    session: Session, log_id: int, petition_id: UUID, batch: int
) -> list[tuple[int, bytes]]:
    """(index, entry) of the petition's SIGN leaves in one batch that stand, in the log's order."""
    prefix = bytes((1, EntryType.SIGN)) + petition_id.bytes
    rows = session.execute(
        select(t.LogEntry.idx, t.LogEntry.entry)
        .where(
            t.LogEntry.log_id == log_id,
            t.LogEntry.batch_no == batch,
            t.LogEntry.entry >= prefix,
            t.LogEntry.entry < prefix + b"\xff" * 33,
            t.LogEntry.idx.not_in(_removed(log_id, petition_id)),
        )
        .order_by(t.LogEntry.idx)
    )
    return [(index, bytes(entry)) for index, entry in rows]


def _removed(log_id: int, petition_id: UUID) -> Any:
    return select(t.RemovedLeaf.idx).where(
        t.RemovedLeaf.log_id == log_id, t.RemovedLeaf.petition_id == petition_id
    )


def _not_standing(
    session: Session, log_id: int, petition_id: UUID, leaves: Sequence[int]
) -> list[int]:
    """Indices that name no public, unremoved signature of this petition, or stand in a live decision."""
    good: set[int] = set()
    public = session.get_one(t.LogState, log_id).published_batch
    for start in range(0, len(leaves), SOME):
        some = leaves[start : start + SOME]
        rows = session.execute(
            select(t.LogEntry.idx, t.LogEntry.entry).where(
                t.LogEntry.log_id == log_id,
                t.LogEntry.idx.in_(some),
                t.LogEntry.batch_no <= public,
                t.LogEntry.idx.not_in(_removed(log_id, petition_id)),
            )
        )
        for index, entry in rows:
            found = parse(bytes(entry))
            if found.type is EntryType.SIGN and found.petition == petition_id:
                good.add(index)
    for row in of_petition(session, petition_id):
        if row.status in LIVE:
            good.difference_update(row.leaves)
    return [index for index in leaves if index not in good]
