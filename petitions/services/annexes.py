"""Files that an author adds to a petition: added, taken away, numbered; public once it is admitted."""

from __future__ import annotations

import hashlib
from datetime import datetime
from uuid import UUID, uuid4

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from petitions.domain.annexes import Clean, accept
from petitions.domain.errors import InvalidError, NotFoundError
from petitions.domain.lifecycle import State
from petitions.domain.rulebook import Kind
from petitions.services.ports import House
from petitions.storage.tables import Annex, Petition, PetitionText


def annexes_of(session: Session, petition: Petition) -> list[Annex]:
    """In their order, without their content."""
    return list(
        session.scalars(
            select(Annex).where(Annex.petition_id == petition.id).order_by(Annex.number)
        )
    )


def _editable(session: Session, petition: Petition) -> None:
    text = session.get_one(PetitionText, (petition.id, petition.language))
    if petition.state not in {State.DRAFT, State.RETURNED} or text.frozen:
        raise InvalidError("text_frozen")


def add(
    session: Session, house: House, petition: Petition, name: str, content: bytes, at: datetime
) -> Annex:
    """Raises InvalidError: kind, size, pages, number of files as the rulebook limits them."""
    _editable(session, petition)
    form = house.kind(session, petition).filing.form
    have = session.execute(
        select(func.count(), func.coalesce(func.max(Annex.number), 0)).where(
            Annex.petition_id == petition.id
        )
    ).one()
    if have[0] >= form.files_max:
        raise InvalidError(fields={"file": ("too_many_files", {"max": form.files_max})})
    found = accept(form, name, content)
    if not isinstance(found, Clean):
        raise InvalidError(fields={"file": found})
    annex = Annex(
        id=uuid4(),
        petition_id=petition.id,
        number=have[1] + 1,
        name=found.name,
        media_type=found.media_type,
        pages=found.pages,
        size=len(found.content),
        digest=hashlib.sha256(found.content).digest(),
        content=found.content,
        added_at=at,
    )
    session.add(annex)
    petition.version += 1
    session.flush()
    return annex


def remove(session: Session, petition: Petition, number: int) -> None:
    _editable(session, petition)
    session.delete(annex(session, petition.id, number))
    petition.version += 1
    session.flush()


def annex(session: Session, petition_id: UUID, number: int) -> Annex:
    """Raises NotFoundError."""
    found = session.scalars(
        select(Annex).where(Annex.petition_id == petition_id, Annex.number == number)
    ).one_or_none()
    if found is None:
        raise NotFoundError("annex")
    return found


def check_all(session: Session, kind: Kind, petition: Petition) -> None:
    """What was added under an earlier version keeps the limits of the one that is pinned."""
    form, have = kind.filing.form, annexes_of(session, petition)
    if len(have) > form.files_max:
        raise InvalidError(fields={"file": ("too_many_files", {"max": form.files_max})})
    for each in have:
        if form.pages_max and each.pages > form.pages_max:
            facts: dict[str, object] = {"max": form.pages_max, "pages": each.pages}
            raise InvalidError(fields={"file": ("file_too_long", facts)})
