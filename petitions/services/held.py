"""Sponsors whose act counts as a signature: recorded at once, counted from publication on.

The person's code goes into `signature` in the transaction of the act, so the database's own key keeps
them from signing a second time. Only the log entry waits, because the petition has no log yet. When
signing opens it becomes an ordinary pending entry and joins a sorted batch like any other.

The commitment is drawn here and its preimage forgotten: nobody can promise an inclusion in a log that
is not known yet. Whoever wants a receipt withdraws the signature later and signs again.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID

from sqlalchemy import delete, func, select
from sqlalchemy.orm import Session

from petitions.domain.errors import ConflictError
from petitions.ledger import commitments
from petitions.ledger.encoding import enc
from petitions.ledger.entries import EntryType
from petitions.services.audit import record
from petitions.services.ports import SYSTEM, House
from petitions.services.sponsor_keys import SponsorKeys
from petitions.services.texts import annex_lines
from petitions.storage import signing_rows
from petitions.storage.insertion import insert_once
from petitions.storage.tables import (
    Gathering,
    HeldEntry,
    PendingEntry,
    Petition,
    PetitionText,
    Signature,
)


@dataclass(frozen=True, slots=True)
class Signer:
    """What a login gives for a signature: 32 bytes, and what the count will need."""

    u: bytes = field(repr=False)
    area: str = ""
    classes: tuple[str, ...] = ()


def words_hash(session: Session, petition: Petition) -> bytes:
    """SHA-256 of what sponsors read: the author's own text and the annexes, without what is bound to
    it only at publication (translations of equal authority).
    """
    text = session.get_one(PetitionText, (petition.id, petition.language))
    parts = (text.title, text.summary, text.request, text.reasons)
    lines = annex_lines(session, petition)
    items = [part.encode() for part in (*parts, *lines)]
    return hashlib.sha256(enc("petition/sponsored/v1", *items)).digest()


def held(session: Session, petition_id: UUID) -> int:
    """How many signatures wait for publication: the count a petition will start with."""
    number = session.scalar(
        select(func.count()).select_from(HeldEntry).where(HeldEntry.petition_id == petition_id)
    )
    return number or 0


def hold(session: Session, house: House, keys: SponsorKeys, signer: Signer) -> bool:
    """Record one signature. False: this person's is there already, and counts once."""
    salt = _salt(keys)
    tag = commitments.tag(salt, signer.u)
    body = house.random(32)
    link = commitments.seal_link(salt, signer.u, keys.petition_id, tag, body, house.random(12))
    if not insert_once(
        session, Signature, petition_id=keys.petition_id, tag=tag, standing="signed", link=link,
        cycles=0, settled=False,
    ):  # fmt: skip
        return False
    session.add(
        HeldEntry(
            petition_id=keys.petition_id, body=body, area=signer.area, classes=list(signer.classes)
        )
    )
    session.flush()
    return True


def let_go(session: Session, keys: SponsorKeys, u: bytes) -> bool:
    """Take one back before publication. Nothing was promised and nothing logged: no trace stays."""
    salt = _salt(keys)
    tag = commitments.tag(salt, u)
    row = signing_rows.standing_for_update(session, keys.petition_id, tag)
    if row is None or row.link is None:
        return False
    body = commitments.open_link(salt, u, keys.petition_id, tag, row.link)
    if body is None:
        raise ConflictError("link_damaged")
    session.execute(
        delete(HeldEntry).where(HeldEntry.petition_id == keys.petition_id, HeldEntry.body == body)
    )
    session.execute(
        delete(Signature).where(Signature.petition_id == keys.petition_id, Signature.tag == tag)
    )
    return True


def opening(session: Session, petition_id: UUID) -> tuple[str, bytes] | None:
    """(pepper version, wrapped salt) made when sponsors began; signing takes them over. Once."""
    row = session.get(Gathering, petition_id)
    if row is None or row.signing_salt is None:
        return None
    salt, row.signing_salt = row.signing_salt, None
    return row.kid, salt


def carry_over(
    session: Session, house: House, petition: Petition, log_id: int, at: datetime
) -> int:
    """The entries that waited become pending ones; how many. Signing is open from here on.

    Where the text was corrected since, none is counted: nobody signs what they did not read.
    """
    row = session.get(Gathering, petition.id)
    if row is None:
        return 0
    waiting = session.scalars(
        select(HeldEntry).where(HeldEntry.petition_id == petition.id).order_by(HeldEntry.body)
    ).all()
    if row.text_hash != words_hash(session, petition):
        if waiting:
            session.execute(delete(Signature).where(Signature.petition_id == petition.id))
            record(
                session, SYSTEM, "sponsors_not_carried", at=at, petition=petition,
                detail={"number": len(waiting)},
            )  # fmt: skip
        forget(session, petition.id)
        return 0
    for entry in waiting:
        insert_once(
            session, PendingEntry, log_id=log_id, petition_id=petition.id,
            type=int(EntryType.SIGN), body=entry.body, secret=None, area=entry.area,
            classes=list(entry.classes),
            due_at=signing_rows.due_time(at, house.policy.batch_max_wait),
        )  # fmt: skip
    forget(session, petition.id)
    return len(waiting)


def forget(session: Session, petition_id: UUID) -> None:
    session.execute(
        delete(HeldEntry)
        .where(HeldEntry.petition_id == petition_id)
        .execution_options(synchronize_session=False)
    )


def _salt(keys: SponsorKeys) -> bytes:
    if keys.signing is None:
        raise ConflictError("sponsors_over")
    return keys.signing
