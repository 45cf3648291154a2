"""Ending the collection of signatures: an exclusive lock, the word `closed`, a CLOSE entry.

After this no signature can enter; the worker's next batch takes every pending one along with CLOSE,
so a signature given before the end counts although its batch comes after it.
"""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import update
from sqlalchemy.orm import Session

from petitions.ledger.entries import Close
from petitions.platform.database import advisory_lock
from petitions.services.pending import queue
from petitions.storage.signing_rows import lock_key
from petitions.storage.tables import Petition, PetitionSigning

END_DATE, OUTCOME, WITHDRAWN_BY_AUTHOR, TAKEN_DOWN, LAPSED = 0, 1, 2, 3, 4
"""Reasons in the CLOSE entry."""


def close_signing(session: Session, petition: Petition, *, at: datetime, reason: int) -> bool:
    """Close once; False where it was closed (or never opened) before. `at`: when it ended, UTC."""
    advisory_lock(session, lock_key(petition.id), shared=False)
    log_id = session.execute(
        update(PetitionSigning)
        .where(PetitionSigning.petition_id == petition.id, PetitionSigning.signing == "open")
        .values(signing="closed")
        .returning(PetitionSigning.log_id)
    ).scalar_one_or_none()
    if log_id is None:
        return False
    petition.signing_ended_at = at
    queue(session, log_id, petition.id, Close(reason), due_at=at)
    return True
