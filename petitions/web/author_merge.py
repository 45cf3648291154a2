"""The author's answer to a proposed merger."""

from __future__ import annotations

from uuid import UUID

from flask import Response, request

from petitions.domain.errors import ConflictError, InvalidError
from petitions.services import filing, merging
from petitions.web import author_pages
from petitions.web.access import author_only
from petitions.web.author_room import author, go, html, own, tag
from petitions.web.edge import engine, reading, writing
from petitions.web.errors import faults_of
from petitions.web.forms import VersionForm


@author.post("/<lang>/mine/<uuid:petition_id>/merge")
@author_only
def answer_merging(lang: str, petition_id: UUID) -> Response:
    """Accept: the petition ends and leads to the other one. Refuse: both go on."""
    answer, accepts = request.form.get("answer", ""), request.form.get("do") == "accept"
    try:
        with writing() as session:
            petition = filing.own(session, petition_id, tag())
            if VersionForm(request.form).version.data != petition.version:
                raise ConflictError("changed_meanwhile")
            who, at = filing.author(petition.author_tag), engine().clock()
            if accepts:
                merging.accept(session, petition, who, at)
            else:
                merging.refuse(session, petition, who, answer, at)
    except InvalidError as error:
        with reading() as session:
            page = author_pages.mine_petition(session, engine(), own(session, petition_id))
        return html(
            "author/petition.html", 422, section="mine", page=page, faults=faults_of(error),
            answer=answer,
        )  # fmt: skip
    return go(f"/{lang}/mine/{petition_id}")
