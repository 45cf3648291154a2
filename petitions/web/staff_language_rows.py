"""The languages of one petition as the desk lists them."""

from __future__ import annotations

from dataclasses import dataclass

from petitions.domain.errors import NotFoundError
from petitions.services import texts
from petitions.storage.tables import Petition
from petitions.web.staff_desk import Desk


@dataclass(frozen=True, slots=True)
class LanguageRow:
    language: str
    state: str
    """original, author, desk, missing."""
    required: bool
    href: str


def language_rows(at: Desk, petition: Petition) -> tuple[LanguageRow, ...]:
    book = at.house.rulebook(at.session, petition)
    written = texts.texts_of(at.session, petition)
    needed = texts.needed_languages(book, petition)
    found = []
    for language in book.languages.accepted:
        text = written.get(language)
        state = "missing"
        if text is not None and texts.is_complete(text):
            state = "desk" if text.origin == "assembly" else "author"
        if language == petition.language:
            state = "original"
        href = f"/office/cases/{petition.reference}/text/{language}"
        found.append(LanguageRow(language, state, language in needed, href))
    return tuple(found)


def known_language(at: Desk, petition: Petition, language: str) -> None:
    if language not in at.house.rulebook(at.session, petition).languages.accepted:
        raise NotFoundError("language")
