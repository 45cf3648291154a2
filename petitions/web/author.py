"""The author's journey: before you start, five short pages, then the space of one's own petitions.

Rules of this module:
- somebody else's draft answers as if it did not exist;
- GET changes nothing; what is typed is kept whole where it is refused (422);
- a button acts on the version its page showed: an older one is answered with 409.
"""

from __future__ import annotations

import json
from urllib.parse import urlencode
from uuid import UUID

from flask import Blueprint, Response, redirect, render_template, request
from sqlalchemy.orm import Session

from petitions.domain.calendar import local_day
from petitions.domain.errors import ConflictError, ForbiddenError, InvalidError, NotFoundError
from petitions.domain.lifecycle import SIGNING_STATES, State
from petitions.domain.rulebook import Rulebook
from petitions.platform.i18n import _
from petitions.services import filing
from petitions.storage import reading as stored
from petitions.storage.tables import Petition
from petitions.web import author_pages, petition_similar, public_pages, rule_words
from petitions.web.access import author_only, everybody, private
from petitions.web.edge import engine, reading, writing
from petitions.web.errors import faults_of
from petitions.web.face import frame
from petitions.web.forms import (
    DifferenceForm,
    TextForm,
    TitleForm,
    VersionForm,
    YouForm,
    label,
    show,
)
from petitions.web.pages import FacetValue, PetitionLink
from petitions.web.pages_author import SimilarPage, StartPage, StepPage
from petitions.web.pages_signing import FieldFault
from petitions.web.sessions import current_author

author = Blueprint("author", __name__)
Faults = tuple[FieldFault, ...]
_SEE_OTHER = 303


def _html(template: str, status: int = 200, section: str = "start", **values: object) -> Response:
    where = frame(section, noindex=True)
    return private(Response(render_template(template, frame=where, **values), status))


def _go(href: str) -> Response:
    answer = redirect(href, _SEE_OTHER)
    assert isinstance(answer, Response)
    return private(answer)


def _tag() -> bytes:
    who = current_author()
    if who is None:
        raise ForbiddenError
    return who.tag


def _book() -> Rulebook:
    """The rulebook one files under today, at the assembly of the login."""
    who = current_author()
    return _book_of(who.assembly if who else "")


def _own(session: Session, petition_id: UUID) -> Petition:
    """For reading: the author's petition, not locked."""
    petition = session.get(Petition, petition_id)
    if petition is None or petition.author_tag != _tag():
        raise NotFoundError("petition")
    return petition


@author.get("/<lang>/start")
@everybody
def start(lang: str) -> Response:
    the = engine()
    served = public_pages.assemblies(the)
    assembly = request.args.get("assembly", served[0])
    book = _book_of(assembly)
    page = StartPage(
        procedure=rule_words.procedure(
            the.house.library,
            book,
            book.default_kind,
            assembly,
            (the.border.identity_label(book.realm),),
        ),
        login_href=f"/{lang}/start/login?{urlencode({'assembly': assembly})}",
        assemblies=tuple(
            FacetValue(
                the.house.library.assembly(each).name(lang),
                0,
                f"/{lang}/start?{urlencode({'assembly': each})}",
                each == assembly,
            )
            for each in served
        )
        if len(served) > 1
        else (),
    )
    return _html("author/start.html", page=page)


def _book_of(assembly: str) -> Rulebook:
    """The rulebook one files under today at an assembly of this site."""
    if assembly in public_pages.assemblies(engine()):
        for book in public_pages.rulebooks_in_force(engine()):
            if assembly in book.assemblies:
                return book
    raise NotFoundError("assembly")


@author.route("/<lang>/start/new", methods=["GET", "POST"])
@author_only
def new(lang: str) -> Response:
    book = _book()
    form = TitleForm(request.form if request.method == "POST" else None)
    limits = rule_words.limits(book, book.default_kind)
    form.language.choices = list(limits.languages)
    form.kind.choices = [(kind, rule_words.kind_words(kind)) for kind in book.kinds]
    if request.method == "GET":
        known = [code for code, _name in limits.languages]
        form.language.data = lang if lang in known else known[0]
        form.kind.data = book.default_kind.id
    label(form)
    faults: Faults = ()
    if request.method == "POST":
        try:
            return _go(_started(form, book))
        except InvalidError as error:
            faults = show(form, error)
    page = StepPage(1, f"/{lang}/start/new", f"/{lang}/start", limits)
    status = 422 if faults else 200
    return _html("author/title.html", status, page=page, form=form, faults=faults)


def _started(form: TitleForm, book: Rulebook) -> str:
    who, the = current_author(), engine()
    if form.kind.data not in book.kinds:
        raise InvalidError(fields={"kind": ("not_accepted", {})})
    with writing() as session:
        petition = filing.start_draft(
            session,
            book,
            assembly=who.assembly if who else "",
            kind=form.kind.data,
            tag=_tag(),
            language=form.language.data or "",
            title=form.title.data or "",
            at=the.clock(),
        )
        return author_pages.draft_href(petition, "similar")


@author.route("/<lang>/drafts/<uuid:draft>/similar", methods=["GET", "POST"])
@author_only
def similar(lang: str, draft: UUID) -> Response:
    del lang
    form = DifferenceForm(request.form if request.method == "POST" else None)
    label(form)
    faults: Faults = ()
    if request.method == "POST":
        try:
            with writing() as session:
                petition = filing.own(session, draft, _tag())
                _must_differ(_found(session, petition), form.difference.data or "")
                filing.see_similar(petition, form.difference.data or "")
                onward = author_pages.draft_href(petition, "text")
            return _go(onward)
        except InvalidError as error:
            faults = show(form, error)
    with reading() as session:
        petition = _own(session, draft)
        page = _found(session, petition)
        if request.method == "GET":
            form.difference.data = petition.difference
    return _html("author/similar.html", 422 if faults else 200, page=page, form=form, faults=faults)


def _must_differ(found: SimilarPage, difference: str) -> None:
    """Where something similar exists, the author says how this petition is not the same."""
    if found.found and not difference.strip():
        raise InvalidError(fields={"difference": ("required", {})})


def _found(session: Session, petition: Petition) -> SimilarPage:
    text = filing.text_of(session, petition)
    links = petition_similar.find(
        session, engine(), text.title, text.request, petition.language, (petition.id,)
    )

    def of(*states: State) -> tuple[PetitionLink, ...]:
        return tuple(link for link in links if link.state in states)

    others = tuple(link for link in links if link.state not in {*SIGNING_STATES, State.REFUSED})
    return SimilarPage(
        step=author_pages.step(petition, "similar"),
        title=text.title,
        open=of(*SIGNING_STATES),
        refused=of(State.REFUSED),
        closed=others,
    )


@author.route("/<lang>/drafts/<uuid:draft>/text", methods=["GET", "POST"])
@author_only
def text(lang: str, draft: UUID) -> Response:
    del lang
    form = TextForm(request.form if request.method == "POST" else None)
    label(form)
    faults: Faults = ()
    hints: tuple[str, ...] = ()
    if request.method == "POST":
        try:
            onward, hints = _written(form, draft)
            if not hints or request.form.get("seen"):
                return _go(onward)
        except InvalidError as error:
            faults = show(form, error)
    with reading() as session:
        petition = _own(session, draft)
        kind = engine().house.kind(session, petition)
        limits = rule_words.limits(engine().house.rulebook(session, petition), kind)
        page = author_pages.step(petition, "text", limits, hints=hints)
        if request.method == "GET":
            written = filing.text_of(session, petition)
            form.title.data, form.request.data = written.title, written.request
            form.reasons.data = written.reasons
    return _html("author/text.html", 422 if faults else 200, page=page, form=form, faults=faults)


def _written(form: TextForm, draft: UUID) -> tuple[str, tuple[str, ...]]:
    """Where to go on, and the hints about the text, which is saved in any case."""
    with writing() as session:
        petition = filing.own(session, draft, _tag())
        words = form.words()
        filing.write_text(session, engine().house, petition, words)
        rules = engine().house.kind(session, petition).filing.form
        onward = "check" if petition.state == State.RETURNED else "you"
        return (
            author_pages.draft_href(petition, onward),
            author_pages.hints(words, petition.language, rules),
        )


@author.route("/<lang>/drafts/<uuid:draft>/you", methods=["GET", "POST"])
@author_only
def you(lang: str, draft: UUID) -> Response:
    del lang
    form = YouForm(request.form if request.method == "POST" else None)
    label(form)
    faults: Faults = ()
    if request.method == "POST":
        try:
            with writing() as session:
                petition = filing.own(session, draft, _tag())
                _in_preparation(petition)
                filing.write_author(petition, form.name.data or "", form.email.data or "")
                onward = author_pages.draft_href(petition, "check")
            return _go(onward)
        except InvalidError as error:
            faults = show(form, error)
    with reading() as session:
        petition = _own(session, draft)
        page = author_pages.step(petition, "you")
        public = str(engine().house.kind(session, petition).publicity.author)
        if request.method == "GET":
            form.name.data, form.email.data = petition.author_name, petition.author_email
    if public == "hidden":
        form.name.label.text = _("Name")
    return _html(
        "author/you.html",
        422 if faults else 200,
        page=page,
        form=form,
        faults=faults,
        public=public,
    )


def _in_preparation(petition: Petition) -> None:
    """Name and address belong to the text that is checked: both are fixed by sending it."""
    if petition.state not in {State.DRAFT, State.RETURNED}:
        raise ConflictError("text_frozen")


@author.route("/<lang>/drafts/<uuid:draft>/check", methods=["GET", "POST"])
@author_only
def check(lang: str, draft: UUID) -> Response:
    del lang
    faults: Faults = ()
    if request.method == "POST":
        try:
            return _go(_sent(draft))
        except InvalidError as error:
            faults = _summary(error)
    with reading() as session:
        petition = _own(session, draft)
        if petition.state not in {State.DRAFT, State.RETURNED}:
            return _go(author_pages.draft_href(petition, "sent"))
        kind = engine().house.kind(session, petition)
        page = author_pages.check_page(petition, filing.text_of(session, petition), kind)
    return _html("author/check.html", 422 if faults else 200, page=page, faults=faults)


def _summary(error: InvalidError) -> Faults:
    """On the check page there are no fields: the faults stand for themselves."""
    return tuple(FieldFault("main", fault.sentence) for fault in faults_of(error))


def _sent(draft: UUID) -> str:
    """Send once: a second press finds the petition sent and shows the same reference."""
    the, at = engine(), engine().clock()
    form = VersionForm(request.form)
    with writing() as session:
        petition = filing.own(session, draft, _tag())
        if petition.state not in {State.DRAFT, State.RETURNED}:
            return author_pages.draft_href(petition, "sent")
        if form.version.data != petition.version:
            raise ConflictError("changed_meanwhile")
        if petition.state == State.RETURNED:
            filing.resubmit(session, the.house, petition, at)
        else:
            book = the.house.rulebook(session, petition)
            current = the.house.library.rulebook(book.id, local_day(at, book.zone))
            filing.submit(session, the.house, current, petition, at)
        return author_pages.draft_href(petition, "sent")


@author.get("/<lang>/drafts/<uuid:draft>/sent")
@author_only
def sent(lang: str, draft: UUID) -> Response:
    del lang
    with reading() as session:
        petition = _own(session, draft)
        if petition.reference is None:
            return _go(author_pages.draft_href(petition, "check"))
        kind = engine().house.kind(session, petition)
        page = author_pages.sent_page(session, petition, filing.text_of(session, petition), kind)
    return _html("author/sent.html", page=page)


@author.get("/<lang>/mine")
@author_only
def mine(lang: str) -> Response:
    del lang
    who = current_author()
    with reading() as session:
        rows = stored.mine(session, _tag(), who.assembly if who else "")
        page = author_pages.mine_page(session, engine(), rows)
    return _html("author/mine.html", section="mine", page=page)


@author.get("/<lang>/mine/<uuid:petition_id>")
@author_only
def mine_petition(lang: str, petition_id: UUID) -> Response:
    del lang
    with reading() as session:
        page = author_pages.mine_petition(session, engine(), _own(session, petition_id))
    return _html("author/petition.html", section="mine", page=page)


@author.post("/<lang>/mine/<uuid:petition_id>/withdraw")
@author_only
def withdraw(lang: str, petition_id: UUID) -> Response:
    form = VersionForm(request.form)
    with writing() as session:
        petition = filing.own(session, petition_id, _tag())
        if form.version.data != petition.version:
            raise ConflictError("changed_meanwhile")
        filing.withdraw_petition(session, engine().house, petition, engine().clock())
    return _go(f"/{lang}/mine/{petition_id}")


@author.get("/<lang>/mine/<uuid:petition_id>/export.json")
@author_only
def export(lang: str, petition_id: UUID) -> Response:
    del lang
    with reading() as session:
        content = author_pages.exported(session, engine(), _own(session, petition_id))
    answer = Response(
        json.dumps(content, ensure_ascii=False, indent=1), mimetype="application/json"
    )
    answer.headers["Content-Disposition"] = 'attachment; filename="petition.json"'
    return private(answer)
