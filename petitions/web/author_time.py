"""The author's own times: choosing the first day of signing, reporting the hand-over."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from datetime import date
from uuid import UUID

from flask import Response, request
from sqlalchemy.orm import Session

from petitions.domain.errors import ConflictError, InvalidError
from petitions.services import filing, handover, starting
from petitions.services.ports import Actor
from petitions.storage.tables import Petition
from petitions.web import author_pages, time_words
from petitions.web.access import author_only
from petitions.web.author_room import author, go, html, own, tag
from petitions.web.edge import engine, reading, writing
from petitions.web.forms import VersionForm


@author.post("/<lang>/mine/<uuid:petition_id>/first-day")
@author_only
def choose_first_day(lang: str, petition_id: UUID) -> Response:
    def do(session: Session, petition: Petition, who: Actor, day: date) -> None:
        the = engine()
        starting.name_first_day(session, the.house, petition, day, who, at=the.clock())

    return _act(lang, petition_id, do)


@author.post("/<lang>/mine/<uuid:petition_id>/handover")
@author_only
def report_handover(lang: str, petition_id: UUID) -> Response:
    def do(session: Session, petition: Petition, who: Actor, day: date) -> None:
        the, ack = engine(), request.form.get("ack", "")
        handover.acknowledge(session, the.house, petition, ack, day, who, at=the.clock())

    return _act(lang, petition_id, do)


Do = Callable[[Session, Petition, Actor, date], None]


def _act(lang: str, petition_id: UUID, do: Do) -> Response:
    try:
        day = _day()
        with writing() as session:
            petition = filing.own(session, petition_id, tag())
            if VersionForm(request.form).version.data != petition.version:
                raise ConflictError("changed_meanwhile")
            do(session, petition, filing.author(petition.author_tag), day)
    except InvalidError as error:
        with reading() as session:
            page = author_pages.mine_petition(session, engine(), own(session, petition_id))
        return html(
            "author/petition.html", 422, section="mine", page=page,
            faults=time_words.faults(error), typed_day=request.form.get("day", ""),
        )  # fmt: skip
    return go(f"/{lang}/mine/{petition_id}")


def _day() -> date:
    with suppress(ValueError):
        return date.fromisoformat(request.form.get("day", ""))
    raise InvalidError(fields={"day": ("required", {})})
