"""Whether the person of a finished login has signed: told to that login alone, and changing nothing."""

from __future__ import annotations

from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from petitions.ledger import commitments
from petitions.services.salts import SigningKeys
from petitions.storage.tables import Signature

_TAKEN_BACK = "withdrawn"


def stands(session: Session, keys: SigningKeys, petition_id: UUID, u: bytes) -> bool:
    """One row by its key, without a lock: settling moves it in one transaction, so it is never missed.

    Whether it may be taken back is the word of the act itself.
    """
    wanted = (Signature.petition_id == petition_id, Signature.tag == commitments.tag(keys.salt, u))
    found = session.scalar(select(Signature.standing).where(*wanted))
    return found is not None and found != _TAKEN_BACK
