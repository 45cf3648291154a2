"""Drafts begun earlier: offered before a new one is begun, gone on with where they stand, or deleted."""

from __future__ import annotations

from uuid import UUID

from flask import Response, request
from sqlalchemy.orm import Session

from petitions.domain.calendar import local_day
from petitions.domain.errors import ConflictError
from petitions.domain.lifecycle import State
from petitions.services import choosing, drafts, filing, texts
from petitions.storage.tables import Petition
from petitions.web.access import author_only
from petitions.web.author_room import author, go, tag
from petitions.web.author_steps import draft_href
from petitions.web.edge import engine, writing
from petitions.web.forms import VersionForm
from petitions.web.pages_drafts import DraftLine
from petitions.web.sessions import current_author


def begun(session: Session, assembly: str) -> tuple[DraftLine, ...]:
    """The drafts of whoever is logged in at this assembly; none for anybody else."""
    who = current_author()
    if who is None or who.assembly != assembly:
        return ()
    return tuple(_line(session, each) for each in drafts.unfinished(session, who.tag, assembly))


def _line(session: Session, petition: Petition) -> DraftLine:
    text = filing.text_of(session, petition)
    zone = engine().house.rulebook(session, petition).zone
    return DraftLine(
        title=text.title,
        language=petition.language,
        href=next_page(session, petition),
        begun=local_day(petition.created_at, zone),
        kept_until=drafts.kept_until(petition, zone),
    )


def next_page(session: Session, petition: Petition) -> str:
    """The first page on which something is still to be done."""
    if petition.state == State.DRAFT and not petition.similar_shown:
        return draft_href(petition, "similar")
    if not texts.is_complete(filing.text_of(session, petition)):
        return draft_href(petition, "text")
    if choosing.unanswered(engine().house.kind(session, petition), petition):
        return draft_href(petition, "choices")
    if not petition.author_name or not petition.author_email:
        return draft_href(petition, "you")
    return draft_href(petition, "check")


@author.post("/<lang>/mine/<uuid:petition_id>/delete")
@author_only
def delete_draft(lang: str, petition_id: UUID) -> Response:
    with writing() as session:
        petition = filing.own(session, petition_id, tag())
        if VersionForm(request.form).version.data != petition.version:
            raise ConflictError("changed_meanwhile")
        drafts.delete_draft(session, petition)
    return go(f"/{lang}/mine?deleted=draft")
