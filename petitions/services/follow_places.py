"""By which subjects and places a petition is followed."""

from __future__ import annotations

from sqlalchemy.orm import Session

from petitions.storage.tables import Petition


def codes_of(session: Session, petition: Petition) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Codes of its subjects, and of its places."""
    del session, petition
    return (), ()
