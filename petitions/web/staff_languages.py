"""The languages of one petition at the desk: what is there, what is owed, and writing a translation
beside the text it is made from.
"""

from __future__ import annotations

from flask import Response, request

from admissibility.cases import by_reference
from petitions.domain.errors import InvalidError
from petitions.domain.permissions import Permission
from petitions.domain.words import Words
from petitions.services import moves, texts
from petitions.storage.tables import Petition
from petitions.web import rule_words
from petitions.web.access import needs
from petitions.web.errors import faults_of
from petitions.web.staff_desk import Desk, desk, office, page, sent_on
from petitions.web.staff_forms import version
from petitions.web.staff_language_rows import known_language
from petitions.web.staff_pages import Faults

PARTS = ("title", "summary", "request", "reasons")


def _typed() -> Words:
    return Words.of(
        *(request.form.get(part, "") for part in ("title", "request", "reasons", "summary"))
    )


def _show(
    at: Desk, petition: Petition, language: str, faults: Faults = (), status: int = 200
) -> Response:
    known_language(at, petition, language)
    written = texts.texts_of(at.session, petition)
    text = written.get(language)
    kind = at.house.kind(at.session, petition)
    book = at.house.rulebook(at.session, petition)
    now = {part: getattr(text, part, "") for part in PARTS}
    if request.method == "POST":
        now = {part: request.form.get(part, "") for part in PARTS}
    return page(
        at,
        "office/translation.html",
        status,
        section="queue",
        ref=petition.reference,
        version=petition.version,
        original=written[petition.language],
        language=language,
        now=now,
        limits=rule_words.limits(book, kind),
        fixed=text is not None and (text.frozen or text.origin == "author"),
        published=petition.published_at is not None,
        required=language in texts.needed_languages(book, petition),
        faults=faults,
    )


@office.get("/cases/<ref>/text/<language>")
@needs("read_office")
def text_in_language(ref: str, language: str) -> Response:
    with desk() as at:
        return _show(at, by_reference(at.session, ref), language)


@office.post("/cases/<ref>/text/<language>")
@needs("translate")
def translate(ref: str, language: str) -> Response:
    """Store the translation; of a petition that is public, publish it with a hash of its own."""
    try:
        with desk(write=True) as at:
            found = by_reference(at.session, ref)
            petition = moves.lock(at.session, found.id, version(request.form))
            known_language(at, petition, language)
            actor = at.acting(Permission.TRANSLATE)
            texts.translate(at.session, at.house, petition, language, _typed(), actor, at=at.at)
    except InvalidError as error:
        with desk() as at:
            return _show(at, by_reference(at.session, ref), language, faults_of(error), 422)
    return sent_on(f"/office/cases/{ref}/filing?done=translated")
