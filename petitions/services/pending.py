"""Queue an entry for the log: it joins the next batch and is queued once, however often asked."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy.orm import Session

from petitions.ledger.entries import HEADER, parse, write
from petitions.storage.insertion import insert_once
from petitions.storage.tables import PendingEntry


def queue(session: Session, log_id: int, petition: UUID, fields: Any, *, due_at: datetime) -> bool:
    """`fields` is one of the ledger's entry bodies. False: the same entry is pending already."""
    entry = write(petition, fields)
    return insert_once(
        session,
        PendingEntry,
        log_id=log_id,
        petition_id=petition,
        type=int(parse(entry).type),
        body=entry[HEADER:],
        secret=None,
        area="",
        classes=[],
        due_at=due_at,
    )
