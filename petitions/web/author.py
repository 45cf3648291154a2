"""The author's journey: before you start, a few short pages, then the space of one's own petitions.

Here: looking over everything and sending it, and the space of one's own. The other pages are beside it,
one module each; what they share, and the rules they keep, stand in `author_room`.
"""

from __future__ import annotations

import json
from dataclasses import replace
from uuid import UUID

from flask import Response, request
from sqlalchemy.orm import Session

from petitions.domain.calendar import local_day
from petitions.domain.errors import ConflictError, InvalidError
from petitions.domain.lifecycle import State
from petitions.domain.rulebook import Rulebook
from petitions.services import filing, joint_withdrawal
from petitions.services.draft_changes import DraftChangedError
from petitions.storage import reading as stored
from petitions.storage.tables import Petition
from petitions.web import (
    author_annexes,
    author_check,
    author_choices,
    author_drafts,
    author_letters,
    author_logged_out,
    author_merge,
    author_pages,
    author_paper_form,
    author_public_text,
    author_rewording,
    author_similar,
    author_start,
    author_text,
    author_time,
    author_title,
    author_you,
)
from petitions.web.access import author_only, private
from petitions.web.author_room import Faults, author, go, html, own, tag
from petitions.web.author_steps import draft_href
from petitions.web.edge import engine, reading, writing
from petitions.web.errors import faults_of
from petitions.web.forms import VersionForm
from petitions.web.pages_signing import FieldFault
from petitions.web.sessions import current_author

__all__ = [
    "author",
    "author_annexes",
    "author_choices",
    "author_drafts",
    "author_letters",
    "author_logged_out",
    "author_merge",
    "author_paper_form",
    "author_public_text",
    "author_rewording",
    "author_similar",
    "author_start",
    "author_text",
    "author_time",
    "author_title",
    "author_you",
]


@author.route("/<lang>/drafts/<uuid:draft>/check", methods=["GET", "POST"])
@author_only
def check(lang: str, draft: UUID) -> Response:
    del lang
    faults: Faults = ()
    changed = request.args.get("changed") == "1"
    if request.method == "POST":
        try:
            return go(_sent(draft))
        except DraftChangedError:
            changed = True
        except InvalidError as error:
            faults = _summary(error)
    with reading() as session:
        petition = own(session, draft)
        if petition.state not in {State.DRAFT, State.RETURNED}:
            return go(draft_href(petition, "sent"))
        page = author_check.check_page(session, petition, _current(petition, session))
    status = 422 if faults else 409 if request.method == "POST" else 200
    return html("author/check.html", status, page=page, faults=faults, changed=changed)


def _current(petition: Petition, session: Session) -> Rulebook:
    """The version in force today: a draft moves on to it when it is sent, and not before."""
    the = engine()
    book = the.house.rulebook(session, petition)
    return the.house.library.rulebook(book.id, local_day(the.clock(), book.zone))


def _summary(error: InvalidError) -> Faults:
    """On the check page there are no fields: the faults stand for themselves."""
    return tuple(FieldFault("main", fault.sentence) for fault in faults_of(error))


def _sent(draft: UUID) -> str:
    """Send once: a second press finds the petition sent and shows the same reference."""
    the, at = engine(), engine().clock()
    form = VersionForm(request.form)
    with writing() as session:
        petition = filing.own(session, draft, tag())
        if petition.state not in {State.DRAFT, State.RETURNED}:
            return draft_href(petition, "sent")
        if form.version.data != petition.version:
            raise DraftChangedError
        if petition.state == State.RETURNED:
            filing.resubmit(session, the.house, petition, at)
        else:
            current = _current(petition, session)
            if request.form.get("rules", str(current.version)) != str(current.version):
                raise InvalidError("rules_changed")
            filing.submit(session, the.house, current, petition, at)
        return draft_href(petition, "sent")


@author.get("/<lang>/drafts/<uuid:draft>/sent")
@author_only
def sent(lang: str, draft: UUID) -> Response:
    del lang
    with reading() as session:
        petition = own(session, draft)
        if petition.reference is None:
            return go(draft_href(petition, "check"))
        page = author_pages.sent_page(session, petition, filing.text_of(session, petition))
    return html("author/sent.html", page=page)


@author.get("/<lang>/mine")
@author_only
def mine(lang: str) -> Response:
    del lang
    who = current_author()
    with reading() as session:
        rows = stored.mine(session, tag(), who.assembly if who else "")
        page = author_pages.mine_page(session, engine(), rows, who.assembly if who else "")
    page = replace(page, deleted=request.args.get("deleted") == "draft")
    return html("author/mine.html", section="mine", page=page)


@author.get("/<lang>/mine/<uuid:petition_id>")
@author_only
def mine_petition(lang: str, petition_id: UUID) -> Response:
    del lang
    with reading() as session:
        page = author_pages.mine_petition(session, engine(), own(session, petition_id))
    page = replace(page, saved=request.args.get("saved") == "y" and page.state == State.DRAFT)
    return html("author/petition.html", section="mine", page=page)


@author.post("/<lang>/mine/<uuid:petition_id>/withdraw")
@author_only
def withdraw(lang: str, petition_id: UUID) -> Response:
    form = VersionForm(request.form)
    with writing() as session:
        petition = filing.own(session, petition_id, tag())
        if form.version.data != petition.version:
            raise ConflictError("changed_meanwhile")
        filing.withdraw_petition(session, engine().house, petition, engine().clock())
    return go(f"/{lang}/mine/{petition_id}")


@author.post("/<lang>/mine/<uuid:petition_id>/withdraw-together")
@author_only
def withdraw_together(lang: str, petition_id: UUID) -> Response:
    """Ask those who promote it too: the answer shows their private link once. Or no longer ask."""
    the = engine()
    with writing() as session:
        petition = filing.own(session, petition_id, tag())
        if VersionForm(request.form).version.data != petition.version:
            raise ConflictError("changed_meanwhile")
        who = filing.author(petition.author_tag)
        if request.form.get("do") == "call_off":
            joint_withdrawal.call_off(session, petition, who, the.clock())
            return go(f"/{lang}/mine/{petition_id}")
        asked = joint_withdrawal.ask(session, the.house, petition, who, the.clock())
        link = f"{the.settings.site.base_url}/{petition.language}/support/withdrawal/{asked.token}"
        page = author_pages.mine_petition(session, the, petition)
    return html("author/petition.html", section="mine", page=page, agree_link=link)


@author.get("/<lang>/mine/<uuid:petition_id>/export.json")
@author_only
def export(lang: str, petition_id: UUID) -> Response:
    del lang
    with reading() as session:
        content = author_pages.exported(session, engine(), own(session, petition_id))
    answer = Response(
        json.dumps(content, ensure_ascii=False, indent=1), mimetype="application/json"
    )
    answer.headers["Content-Disposition"] = 'attachment; filename="petition.json"'
    return private(answer)
