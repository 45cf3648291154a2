"""The author declares signatures on paper (P11): information for readers, never part of the count."""

from __future__ import annotations

from uuid import UUID

from flask import Response, request

from petitions.domain.errors import ConflictError, InvalidError
from petitions.services import filing, verification
from petitions.web import author_pages
from petitions.web.access import author_only
from petitions.web.author_room import author, go, html, own, tag
from petitions.web.edge import engine, reading, writing
from petitions.web.errors import faults_of
from petitions.web.forms import VersionForm

_DIGITS = 12


@author.post("/<lang>/mine/<uuid:petition_id>/paper")
@author_only
def declare_paper(lang: str, petition_id: UUID) -> Response:
    try:
        number = _number()
        with writing() as session:
            petition = filing.own(session, petition_id, tag())
            if VersionForm(request.form).version.data != petition.version:
                raise ConflictError("changed_meanwhile")
            who = filing.author(petition.author_tag)
            verification.declare_lines(
                session, engine().house, petition, number, who, engine().clock()
            )
            petition.version += 1
    except InvalidError as error:
        with reading() as session:
            page = author_pages.mine_petition(session, engine(), own(session, petition_id))
        return html(
            "author/petition.html", 422, section="mine", page=page, faults=faults_of(error),
            declared=request.form.get("declared", ""),
        )  # fmt: skip
    return go(f"/{lang}/mine/{petition_id}")


def _number() -> int:
    typed = "".join(request.form.get("declared", "").split())
    if not (typed.isascii() and typed.isdigit() and len(typed) <= _DIGITS):
        raise InvalidError(fields={"declared": ("number_whole", {})})
    return int(typed)
