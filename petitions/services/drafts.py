"""Drafts: the ones somebody can go on with, how long, and how one is deleted, by its author or by time.

Deleting leaves nothing of the text: only the row of the audit trail which says that a draft was begun.
"""

from __future__ import annotations

from collections.abc import Collection
from datetime import date
from uuid import UUID

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from petitions.domain.calendar import local_day
from petitions.domain.errors import ConflictError
from petitions.domain.lifecycle import State
from petitions.domain.retention import DRAFT_LIFE
from petitions.domain.words import Words
from petitions.storage.tables import (
    Addressee,
    Annex,
    FilingAnswer,
    Petition,
    PetitionText,
    SameSubject,
)

_OF_A_DRAFT = (PetitionText, FilingAnswer, Annex, Addressee, SameSubject)


def unfinished(session: Session, tag: bytes, assembly: str) -> list[Petition]:
    """What the author began and has not sent, the newest first."""
    return list(
        session.scalars(
            select(Petition)
            .where(
                Petition.author_tag == tag,
                Petition.assembly == assembly,
                Petition.state == State.DRAFT,
            )
            .order_by(Petition.created_at.desc())
        )
    )


def begun_alike(
    session: Session, tag: bytes, assembly: str, *, kind: str, language: str, title: str
) -> Petition | None:
    """A draft with this first page that nothing was added to: its button was pressed twice."""
    words = Words.of(title).title
    for each in unfinished(session, tag, assembly):
        text = session.get(PetitionText, (each.id, language))
        untouched = each.version == 1 and not each.similar_shown
        if untouched and each.kind == kind and text is not None and text.title == words:
            return each
    return None


def kept_until(petition: Petition, zone: str) -> date:
    """The last day of a draft, local to `zone`: in its course it is deleted, unless it was sent."""
    return local_day(petition.created_at + DRAFT_LIFE, zone)


def delete_draft(session: Session, petition: Petition) -> None:
    """The author's own draft. ConflictError once it was sent: then it can only be withdrawn."""
    if petition.state != State.DRAFT:
        raise ConflictError("changed_meanwhile")
    erase(session, [petition.id])


def erase(session: Session, drafts: Collection[UUID]) -> None:
    """Every row of these drafts. They are drafts: nobody else has seen them."""
    for table in _OF_A_DRAFT:
        session.execute(delete(table).where(table.petition_id.in_(drafts)))
    session.execute(delete(Petition).where(Petition.id.in_(drafts)))
