"""The end of a pepper: when the last petition pinned to it is sealed and new ones take another."""

from __future__ import annotations

import hashlib
from datetime import datetime
from typing import Protocol

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from petitions.ledger.entries import LOG_WIDE, EntryType, Notice, VKey, write
from petitions.ledger.notes import split_note, vkey
from petitions.services.logs import ADD, ROLE_REPLICA
from petitions.services.pending import queue
from petitions.services.ports import House
from petitions.storage import tables as t
from petitions.storage.insertion import insert_once


class Peppers(Protocol):
    """The identity zone's peppers, as far as sealing may touch them: by version, never a value."""

    def exists(self, kid: str) -> bool: ...

    def destroy(self, kid: str) -> list[bytes]:
        """One signed destruction statement per replica; repeatable."""

    def replicas(self, kid: str) -> list[tuple[str, bytes]]:
        """Name and public key of each replica that signs one of them."""


def unused(session: Session, house: House) -> list[str]:
    """Versions that no unsealed petition, no author and no new petition needs any more."""
    kids = session.scalars(
        select(t.PetitionSigning.kid).distinct().order_by(t.PetitionSigning.kid)
    ).all()
    kept = {house.policy.kid, house.policy.author_kid}
    kept.update(session.scalars(select(t.AuthorContext.kid)))
    kept.update(
        session.scalars(
            select(t.PetitionSigning.kid).where(t.PetitionSigning.signing != "sealed").distinct()
        )
    )
    kept.update(session.scalars(select(t.Gathering.kid)))
    kept.update(session.scalars(select(t.SigningGroup.kid)))
    return [kid for kid in kids if kid not in kept]


def retire(session: Session, house: House, peppers: Peppers, kid: str, at: datetime) -> bool:
    """Destroy one version and publish the statements. False: it was destroyed and told before.

    Call for what `unused` names. The key goes before the commit: repeating gives the same statements.
    """
    key = f"pepper/{kid}"
    known = session.scalar(
        select(func.count())
        .select_from(t.DestructionStatement)
        .where(t.DestructionStatement.key_id == key)
    )
    if known:
        return False
    log_id = session.scalars(
        select(func.max(t.PetitionSigning.log_id)).where(t.PetitionSigning.kid == kid)
    ).one()
    for name, public in peppers.replicas(kid):
        _announce(session, log_id, vkey(f"{house.policy.deployment}/replica/{name}", public), at)
    for statement in peppers.destroy(kid):
        _body, signatures = split_note(statement.decode())
        found = hashlib.sha256(statement).digest()
        insert_once(
            session, t.DestructionStatement, key_id=key, replica=signatures[0][0],
            petition_id=None, log_id=log_id, number=None, statement=statement,
            statement_hash=found,
        )  # fmt: skip
        queue(session, log_id, LOG_WIDE, Notice(found), due_at=at)
    return True


def _announce(session: Session, log_id: int, text: str, at: datetime) -> None:
    """The identity zone's replicas are not in the petitions' list; their keys must be known."""
    fields = VKey(ROLE_REPLICA, ADD, text)
    entry = write(LOG_WIDE, fields)
    told = session.scalar(
        select(t.LogEntry.idx)
        .where(
            t.LogEntry.log_id == log_id,
            t.LogEntry.entry >= bytes((1, EntryType.VKEY)),
            t.LogEntry.entry < bytes((1, EntryType.VKEY + 1)),
            t.LogEntry.entry == entry,
        )
        .limit(1)
    )
    if told is None:
        queue(session, log_id, LOG_WIDE, fields, due_at=at)
