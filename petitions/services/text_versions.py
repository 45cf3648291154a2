"""Each text as it was sent: what a clerk read, kept beside what the author made of it later."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from petitions.domain.words import Words
from petitions.services.texts import texts_of
from petitions.storage.tables import Petition, PetitionText, TextVersion


def words_of(text: PetitionText | TextVersion) -> Words:
    return Words(text.title, text.request, text.reasons, text.summary)


def now(session: Session, petition: Petition) -> dict[str, Words]:
    """The author's own texts as they stand, by language; the desk's translations are not theirs."""
    rows = texts_of(session, petition)
    return {x: words_of(text) for x, text in sorted(rows.items()) if text.origin == "author"}


def keep(session: Session, petition: Petition, at: datetime) -> None:
    """After a petition was sent: a version of each text that differs from the last one."""
    last = latest(session, petition)
    for language, words in now(session, petition).items():
        known = last.get(language)
        if known is not None and words_of(known) == words:
            continue
        session.add(
            TextVersion(
                petition_id=petition.id, language=language,
                number=known.number + 1 if known is not None else 1,
                title=words.title, summary=words.summary, request=words.request,
                reasons=words.reasons, petition_version=petition.version, at=at,
            )
        )  # fmt: skip
    session.flush()


def versions(session: Session, petition: Petition) -> list[TextVersion]:
    """Every version, by language, oldest first."""
    return list(
        session.scalars(
            select(TextVersion)
            .where(TextVersion.petition_id == petition.id)
            .order_by(TextVersion.language, TextVersion.number)
        )
    )


def latest(session: Session, petition: Petition) -> dict[str, TextVersion]:
    return {row.language: row for row in versions(session, petition)}


def as_seen(session: Session, petition: Petition, version: int) -> Mapping[str, Words]:
    """The texts as they stood at a version of the petition; empty where that is not known."""
    seen: dict[str, Words] = {}
    for row in versions(session, petition):
        if row.petition_version <= version:
            seen[row.language] = words_of(row)
    return seen
