"""Public discussion before signing opens (P20): the author edits the text while everybody reads it.

It ends with the first instant of the window, or with the first signature, whichever comes first; the
text is frozen then and its hash stands in the log's OPEN entry. Every earlier version stays public, so
that nobody can say that something else was asked before.
"""

from __future__ import annotations

from datetime import datetime
from uuid import uuid4

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from petitions.domain.errors import InvalidError
from petitions.domain.lifecycle import State
from petitions.domain.rulebook import Kind
from petitions.domain.words import Words
from petitions.services import texts, windows
from petitions.services.audit import record
from petitions.services.ports import Actor, House
from petitions.storage.insertion import insert_once
from petitions.storage.tables import (
    DiscussedText,
    HeldEntry,
    Petition,
    PetitionSigning,
    PetitionText,
    Task,
)

VERSIONS_MAX = 50


def postpones(kind: Kind, petition: Petition, at: datetime) -> bool:
    """At publication and after: whether the text waits for the first day before it is frozen."""
    if not kind.extras.author_edits or not kind.signable:
        return False
    return not windows.opened(petition) or (
        petition.opens_at is not None and at < petition.opens_at
    )


def may_edit(session: Session, house: House, petition: Petition, at: datetime) -> bool:
    """Published, not open yet, and nobody has signed: not even a sponsor whose act counts."""
    if petition.state != State.PUBLISHED or not postpones(
        house.kind(session, petition), petition, at
    ):
        return False
    if session.get(PetitionSigning, petition.id) is not None:
        return False
    signed = select(HeldEntry.body).where(HeldEntry.petition_id == petition.id).limit(1)
    return session.execute(signed).first() is None


def edit(
    session: Session,
    house: House,
    petition: Petition,
    words: Words,
    language: str,
    author: Actor,
    *,
    at: datetime,
) -> int:
    """A new version of the author's text. `petition` is locked. Returns its number, from 2 on.

    InvalidError where the text is fixed, nothing changed, or a field breaks the form.
    """
    if not may_edit(session, house, petition, at):
        raise InvalidError("text_frozen")
    text = session.get(PetitionText, (petition.id, language))
    if text is None or text.frozen or text.origin != "author":
        raise InvalidError(fields={"language": ("not_accepted", {})})
    bad = texts.problems(house.kind(session, petition), words)
    if bad:
        raise InvalidError(fields=bad)
    before = Words.of(text.title, text.request, text.reasons, text.summary)
    if before == words:
        raise InvalidError("text_unchanged")
    earlier = versions(session, petition, language)
    if len(earlier) >= VERSIONS_MAX:
        raise InvalidError("too_many_versions", max=VERSIONS_MAX)
    number = len(earlier) + 1
    session.add(
        DiscussedText(
            petition_id=petition.id, language=language, number=number, title=text.title,
            summary=text.summary, request=text.request, reasons=text.reasons, until=at,
        )
    )  # fmt: skip
    texts.write(session, petition, language, words, "author")
    petition.version += 1
    detail = {"language": language, "version": number + 1}
    record(session, author, "text_edited", at=at, petition=petition, detail=detail)
    _ask_translation(session, petition, number + 1, at)
    return number + 1


def versions(session: Session, petition: Petition, language: str) -> list[DiscussedText]:
    """What stood there before, oldest first; the text of today is not among them."""
    return list(
        session.scalars(
            select(DiscussedText)
            .where(DiscussedText.petition_id == petition.id, DiscussedText.language == language)
            .order_by(DiscussedText.number)
        )
    )


def _ask_translation(session: Session, petition: Petition, version: int, at: datetime) -> None:
    """The desk's translations say what the text said before: a clerk brings them up to date."""
    by_desk = session.scalar(
        select(func.count()).where(
            PetitionText.petition_id == petition.id, PetitionText.origin == "assembly"
        )
    )
    if by_desk:
        insert_once(
            session, Task, id=uuid4(), petition_id=petition.id, kind="translate_again",
            subject=str(version), opened_at=at, facts={"version": version},
        )  # fmt: skip
