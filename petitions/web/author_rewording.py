"""The author’s answer to a wording that the office proposes: taken, edited first, or left."""

from __future__ import annotations

from uuid import UUID

from flask import Response, request

from petitions.domain.errors import ConflictError, InvalidError
from petitions.services import filing, rewording
from petitions.web import author_pages
from petitions.web.access import author_only
from petitions.web.author_room import author, go, html, own, tag
from petitions.web.author_steps import draft_href
from petitions.web.edge import engine, reading, writing
from petitions.web.errors import faults_of
from petitions.web.forms import VersionForm


@author.post("/<lang>/mine/<uuid:petition_id>/wording")
@author_only
def answer_wording(lang: str, petition_id: UUID) -> Response:
    """Take it as it is, edit it first, or leave the text as it was."""
    do, answer = request.form.get("do", ""), request.form.get("answer", "")
    house, at = engine().house, engine().clock()
    try:
        with writing() as session:
            petition = filing.own(session, petition_id, tag())
            if VersionForm(request.form).version.data != petition.version:
                raise ConflictError("changed_meanwhile")
            if do == "accept":
                rewording.accept(session, house, petition, at)
            elif do == "edit":
                rewording.edit_first(session, house, petition)
                return go(draft_href(petition, "text"))
            else:
                rewording.leave(session, house, petition, answer, at)
    except InvalidError as error:
        with reading() as session:
            page = author_pages.mine_petition(session, engine(), own(session, petition_id))
        return html(
            "author/petition.html", 422, section="mine", page=page, faults=faults_of(error),
            wording_answer=answer,
        )  # fmt: skip
    return go(f"/{lang}/mine/{petition_id}")
