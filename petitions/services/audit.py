"""The audit trail: append-only, chained by hashes, written in the transaction of the act itself.

hash = SHA-256(enc("petition/audit/v1", previous hash, canonical JSON of the row)). Altering, removing
or inserting a row breaks every hash after it. One chain for the whole house, serialised by an
advisory lock (PostgreSQL) or the write transaction (SQLite); signing never writes here.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from petitions.domain.lifecycle import State
from petitions.ledger.encoding import enc
from petitions.platform.database import advisory_lock
from petitions.services.ports import Actor
from petitions.storage.tables import Audit, Petition

GENESIS = bytes(32)
_LOCK = 0x70657469_61756474  # "peti" "audt"


def canonical(row: Audit) -> bytes:
    """The bytes that are hashed: every column but the two hashes, keys sorted, UTF-8."""
    content = {
        "seq": row.seq,
        "petition": str(row.petition_id) if row.petition_id else None,
        "at": row.at.astimezone(UTC).isoformat(),  # as the database will give it back
        "legal_instant": row.legal_instant.astimezone(UTC).isoformat(),
        "action": row.action,
        "from": row.from_state,
        "to": row.to_state,
        "role": row.role,
        "actor": row.actor,
        "reason": row.reason,
        "public_texts": row.public_texts,
        "detail": row.detail,
        "rulebook": row.rulebook,
    }
    return json.dumps(content, sort_keys=True, ensure_ascii=False, separators=(",", ":")).encode()


def record(
    session: Session,
    actor: Actor,
    action: str,
    *,
    at: datetime,
    petition: Petition | None = None,
    source: State | None = None,
    target: State | None = None,
    legal_instant: datetime | None = None,
    reason: str = "",
    public_texts: Mapping[str, Any] | None = None,
    detail: Mapping[str, Any] | None = None,
) -> Audit:
    """Append one row. `at` is when it is recorded, `legal_instant` when it holds in law (UTC)."""
    advisory_lock(session, _LOCK, shared=False)
    last = session.execute(
        select(Audit.seq, Audit.hash).order_by(Audit.seq.desc()).limit(1)
    ).one_or_none()
    row = Audit(
        seq=(last.seq + 1) if last else 1,
        petition_id=petition.id if petition else None,
        at=at,
        legal_instant=legal_instant or at,
        action=action,
        from_state=source,
        to_state=target,
        role=actor.role,
        actor=actor.code,
        reason=reason,
        public_texts=dict(public_texts or {}),
        detail=dict(detail or {}),
        rulebook=f"{petition.rulebook_id} {petition.rulebook_version}" if petition else "",
        previous_hash=last.hash if last else GENESIS,
    )
    row.hash = hashlib.sha256(enc("petition/audit/v1", row.previous_hash, canonical(row))).digest()
    session.add(row)
    session.flush()
    return row


def broken_links(session: Session, page: int = 500) -> Iterator[int]:
    """The sequence numbers at which the chain does not hold. By pages: memory stays flat, and a
    reader that stops at the first one leaves no cursor open.
    """
    previous, expected, after = GENESIS, 1, 0
    while rows := session.scalars(
        select(Audit).where(Audit.seq > after).order_by(Audit.seq).limit(page)
    ).all():
        for row in rows:
            right = hashlib.sha256(enc("petition/audit/v1", previous, canonical(row))).digest()
            if row.seq != expected or row.previous_hash != previous or row.hash != right:
                yield row.seq
            previous, expected, after = row.hash, row.seq + 1, row.seq
            session.expunge(row)
