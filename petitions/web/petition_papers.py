"""The texts of a petition as the exact bytes that were hashed, and its annexes: public once admitted."""

from __future__ import annotations

from flask import Response, abort
from sqlalchemy.orm import Session

from petitions.domain.errors import NotFoundError
from petitions.services import annexes, texts
from petitions.services.hiding import is_out_of_sight
from petitions.storage import reading as stored
from petitions.storage.tables import Petition
from petitions.web import public_pages
from petitions.web.access import everybody
from petitions.web.author_annexes import download
from petitions.web.edge import engine, reading
from petitions.web.public_room import found_page, open_data, public


def _admitted(session: Session, ref: str) -> Petition:
    served = public_pages.assemblies(engine())
    found = found_page(stored.public_petition(session, served, ref))
    if is_out_of_sight(found) or found.published_at is None:
        abort(404)
    return found


@public.get("/petitions/<ref>/texts/<language>.txt")
@everybody
def text_of_petition(ref: str, language: str) -> Response:
    """The bytes whose SHA-256 is the fingerprint of this language."""
    with reading() as session:
        text = texts.texts_of(session, _admitted(session, ref)).get(language)
        if text is None or not text.frozen:
            raise NotFoundError("text")
        content = texts.text_file(text)
    return open_data(Response(content, content_type="text/plain; charset=utf-8"))


@public.get("/petitions/<ref>/annexes/<int:number>")
@everybody
def annex_of_petition(ref: str, number: int) -> Response:
    with reading() as session:
        found = annexes.annex(session, _admitted(session, ref).id, number)
        if not found.size:  # erased, as the rules say
            raise NotFoundError("annex")
        answer = download(found)
    return open_data(answer)
