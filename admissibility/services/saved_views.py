"""A person's own views of the queue: filters under a name, for nobody else."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from uuid import UUID, uuid4

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from admissibility.narrowing import NAME_MAX
from petitions.domain.errors import InvalidError, NotFoundError
from petitions.domain.text import Limits, normalised, problem
from petitions.storage.tables import SavedView

MOST = 20


def views_of(session: Session, actor: str) -> list[SavedView]:
    return list(
        session.scalars(select(SavedView).where(SavedView.actor == actor).order_by(SavedView.name))
    )


def save(session: Session, actor: str, name: str, asked: Mapping[str, str], day: date) -> SavedView:
    """Keep the filters under a name; the same name again replaces what it meant."""
    words = " ".join(normalised(name).split())
    wrong = problem(words, Limits(NAME_MAX))
    if wrong:
        raise InvalidError(fields={"name": wrong})
    found = views_of(session, actor)
    row = next((each for each in found if each.name == words), None)
    if row is None:
        if len(found) >= MOST:
            raise InvalidError(fields={"name": ("too_many_views", {"max": MOST})})
        row = SavedView(id=uuid4(), actor=actor, name=words, asked={}, made_on=day)
        session.add(row)
    row.asked, row.made_on = dict(asked), day
    session.flush()
    return row


def forget(session: Session, actor: str, view_id: UUID) -> None:
    """Somebody else's view is not there."""
    gone = session.execute(
        delete(SavedView)
        .where(SavedView.id == view_id, SavedView.actor == actor)
        .returning(SavedView.id)
    )
    if gone.first() is None:
        raise NotFoundError("view")
