"""What is out of sight: a petition that was taken down, and its text beside the log."""

from __future__ import annotations

from collections.abc import Collection

from sqlalchemy import select
from sqlalchemy.orm import Session

from petitions.domain.lifecycle import State
from petitions.domain.motions import Motion
from petitions.storage.tables import Audit, Petition, PetitionText


def was_taken_down(session: Session, petition: Petition) -> bool:
    """Whether it is out of sight by transition 19, not by a refusal that hides."""
    if petition.state != State.HIDDEN:
        return False
    last = session.scalars(
        select(Audit.action)
        .where(Audit.petition_id == petition.id, Audit.to_state == State.HIDDEN)
        .order_by(Audit.seq.desc())
    ).first()
    return last == Motion.TAKE_DOWN


def is_out_of_sight(petition: Petition) -> bool:
    """Hidden now, or archived while it was: neither title nor text is shown to anybody."""
    return petition.state == State.HIDDEN or (
        petition.state == State.ARCHIVED and petition.previous_state == State.HIDDEN
    )


def text_out_of_sight(session: Session, text_hash: bytes) -> bool:
    """Whether every petition with this text is out of sight: its file is not served any more."""
    found = session.scalars(
        select(Petition)
        .join(PetitionText, PetitionText.petition_id == Petition.id)
        .where(PetitionText.text_hash == text_hash)
    ).all()
    return bool(found) and all(is_out_of_sight(petition) for petition in found)


def references_out_of_sight(session: Session, references: Collection[str]) -> frozenset[str]:
    """Which of these may not be named with their title any more: for what was looked up before."""
    if not references:
        return frozenset()
    found = session.scalars(select(Petition).where(Petition.reference.in_(references)))
    return frozenset(each.reference or "" for each in found if is_out_of_sight(each))
