"""The first page of a draft, come back to: its title, its language, whom else it asks."""

from __future__ import annotations

from uuid import UUID

from flask import Response, request
from sqlalchemy.orm import Session

from petitions.domain.errors import InvalidError, NotFoundError
from petitions.domain.lifecycle import State
from petitions.platform.i18n import current_locale
from petitions.services import addressing, draft_language, filing, texts
from petitions.services.draft_changes import DraftChangedError, title_fields
from petitions.storage.tables import Petition
from petitions.web import author_drafts, public_pages, rule_words
from petitions.web.access import author_only
from petitions.web.author_changed import asked_of, changed_page, guarded, kept_mark, mark
from petitions.web.author_room import Faults, author, go, html, own, tag
from petitions.web.author_steps import draft_href, step
from petitions.web.edge import engine, reading, writing
from petitions.web.forms import TitleForm, label, show


@author.route("/<lang>/drafts/<uuid:draft>/title", methods=["GET", "POST"])
@author_only
def title(lang: str, draft: UUID) -> Response:
    del lang
    form = TitleForm(request.form if request.method == "POST" else None)
    label(form)
    faults: Faults = ()
    if request.method == "POST":
        try:
            return go(_retitled(form, draft))
        except DraftChangedError as error:
            with reading() as session:
                petition = own(session, draft)
                _choices(form, session, petition)
            return changed_page(petition, error, asked_of(form), _made_in(petition))
        except InvalidError as error:
            faults = show(form, error)
    with reading() as session:
        petition = own(session, draft)
        if petition.state != State.DRAFT:
            raise NotFoundError("title")
        book, kind = (
            engine().house.rulebook(session, petition),
            engine().house.kind(session, petition),
        )
        _choices(form, session, petition)
        if request.method == "GET":
            form.title.data = filing.text_of(session, petition).title
            form.language.data = petition.language
            form.also.data = list(addressing.addressees(session, petition)[1:])
        page = step(
            petition, kind, "title", rule_words.limits(book, kind), language=_made_in(petition),
            shown=kept_mark() if faults else mark(title_fields(session, petition)),
        )  # fmt: skip
        others = [
            current_locale().language(each)
            for each in texts.texts_of(session, petition)
            if each != petition.language
        ]
    return html(
        "author/title.html", 422 if faults else 200, page=page, form=form, faults=faults,
        begun=True, others=current_locale().together(others) if others else "",
    )  # fmt: skip


def _made_in(petition: Petition) -> str:
    """The language of the text whose title the form shows: also after the draft moved on."""
    return request.form.get("written_in") or petition.language


def _choices(form: TitleForm, session: Session, petition: Petition) -> None:
    book, library = engine().house.rulebook(session, petition), engine().house.library
    form.language.choices = [
        (each, current_locale().language(each)) for each in book.languages.accepted
    ]
    others = addressing.further(book, petition.assembly, public_pages.assemblies(engine()))
    lang = current_locale().lang
    form.also.choices = [(each, library.assembly(each).name(lang)) for each in others]


def _retitled(form: TitleForm, draft: UUID) -> str:
    """Where to go on: to what is similar if the search would find something else now."""
    the, served = engine(), public_pages.assemblies(engine())
    with writing() as session:
        petition = filing.own(session, draft, tag())
        made_in, book = _made_in(petition), the.house.rulebook(session, petition)
        before = draft_language.titled(session, petition, made_in).title
        with guarded(petition, lambda: title_fields(session, petition, made_in)):
            moved = draft_language.retitle(
                session, the.house, petition, form.title.data or "", form.language.data or "",
                of=made_in,
            )  # fmt: skip
            addressing.address(session, book, petition, form.also.data or [], served)
        if moved or filing.text_of(session, petition).title != before:
            return draft_href(petition, "similar")
        return author_drafts.next_page(session, petition)
