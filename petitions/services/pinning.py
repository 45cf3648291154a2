"""A petition keeps the rulebook version in force when it was submitted, as a stored copy."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy.orm import Session

from petitions.domain.errors import NotFoundError
from petitions.domain.rulebook import Rulebook, rulebook_from_canonical
from petitions.domain.rulebook_files import Library
from petitions.storage.insertion import insert_once
from petitions.storage.tables import RulebookVersion


def pin(session: Session, rulebook: Rulebook, at: datetime) -> None:
    """Store the version once. Its bytes are what `rules_hash` in the log is the hash of."""
    insert_once(
        session,
        RulebookVersion,
        id=rulebook.id,
        version=rulebook.version,
        digest=rulebook.digest,
        canonical=rulebook.canonical,
        valid_from=rulebook.valid_from,
        stored_at=at,
    )


def load_pinned(session: Session, library: Library, rulebook_id: str, version: int) -> Rulebook:
    row = session.get(RulebookVersion, (rulebook_id, version))
    if row is None:
        raise NotFoundError("rulebook_version", id=rulebook_id, version=version)
    return rulebook_from_canonical(row.canonical, library.context)
