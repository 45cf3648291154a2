"""What must be there before a petition is sent: judged under the version in force that day."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy.orm import Session

from petitions.domain.calendar import local_day
from petitions.domain.errors import InvalidError
from petitions.domain.rulebook import Kind, Rulebook
from petitions.domain.text import Problem
from petitions.domain.vocabulary import FilingChannel
from petitions.domain.words import Words
from petitions.services import annexes, choosing, form_answers, texts
from petitions.storage.tables import Petition, PetitionText


def check(session: Session, rulebook: Rulebook, petition: Petition, at: datetime) -> Kind:
    """The kind with the author's choices applied. Raises InvalidError with everything missing."""
    kind = choosing.kind_under(rulebook, petition)
    bad = choosing.unanswered(kind, petition)
    if bad:
        raise InvalidError(fields=bad)
    choosing.check_window(kind, petition, local_day(at, rulebook.zone))
    check_texts(session, rulebook, kind, petition)
    if not petition.author_name:
        raise InvalidError(fields={"name": ("required", {})})
    if not petition.author_email and petition.channel == FilingChannel.ONLINE:
        raise InvalidError(fields={"name": ("required", {})})
    bad = form_answers.missing(session, kind, petition)
    if bad:
        raise InvalidError(fields=bad)
    return kind


def check_texts(session: Session, rulebook: Rulebook, kind: Kind, petition: Petition) -> None:
    """Every text the author wrote keeps the form, and every language they owe is there."""
    own = session.get_one(PetitionText, (petition.id, petition.language))
    bad = texts.problems(kind, _words(own))
    if bad:
        raise InvalidError(fields=bad)
    written = texts.texts_of(session, petition)
    for language, text in written.items():
        whole = texts.is_complete(text) and text.origin == "author"
        if language != petition.language and whole and texts.problems(kind, _words(text)):
            raise InvalidError(fields={f"text-{language}": ("text_in_language", {})})
    owed: dict[str, Problem] = {
        f"text-{language}": ("required", {})
        for language in texts.missing_of_author(session, rulebook, petition)
    }
    if owed:
        raise InvalidError(fields=owed)
    annexes.check_all(session, kind, petition)


def _words(text: PetitionText) -> Words:
    return Words(text.title, text.request, text.reasons, text.summary)
