"""The text: title, summary, request and reasons, in one language or in several."""

from __future__ import annotations

from dataclasses import replace
from uuid import UUID

from flask import Response, request
from sqlalchemy.orm import Session

from petitions.domain.errors import ConflictError, InvalidError, NotFoundError
from petitions.domain.procedure import Kind
from petitions.domain.schema_head import TranslatedBy
from petitions.platform.i18n import _, native_name
from petitions.services import filing, texts, topics
from petitions.services.draft_changes import DraftChangedError, text_fields
from petitions.storage.tables import Petition
from petitions.web import author_pages, rule_words
from petitions.web.access import author_only
from petitions.web.author_changed import asked_of, changed_page, guarded, kept_mark, mark
from petitions.web.author_room import Faults, author, go, html, own, tag
from petitions.web.author_similar import others_now
from petitions.web.author_steps import draft_href, mine_href, onward, step
from petitions.web.edge import engine, reading, writing
from petitions.web.forms import TextForm, VersionForm, label, show
from petitions.web.pages_author import TextIn
from petitions.web.topic_words import offered


@author.route("/<lang>/drafts/<uuid:draft>/text", methods=["GET", "POST"])
@author_only
def text(lang: str, draft: UUID) -> Response:
    del lang
    return _page(draft, "")


@author.route("/<lang>/drafts/<uuid:draft>/text/<language>", methods=["GET", "POST"])
@author_only
def text_in(lang: str, draft: UUID, language: str) -> Response:
    """The same petition in a further language of the assembly."""
    del lang
    return _page(draft, language)


@author.post("/<lang>/drafts/<uuid:draft>/text/<language>/remove")
@author_only
def remove_text(lang: str, draft: UUID, language: str) -> Response:
    del lang
    with writing() as session:
        petition = filing.own(session, draft, tag())
        if VersionForm(request.form).version.data != petition.version:
            raise ConflictError("changed_meanwhile")
        filing.remove_text(session, petition, language)
        petition.version += 1
        href = draft_href(petition, "text")
    return go(href)


def _page(draft: UUID, language: str) -> Response:
    form = TextForm(request.form if request.method == "POST" else None)
    label(form)
    faults: Faults = ()
    hints: tuple[str, ...] = ()
    if request.method == "POST":
        try:
            href, hints = _written(form, draft, language)
            if _unfinished():
                return go(href)
            if not hints or request.form.get("seen"):
                return go(href)
        except DraftChangedError as error:
            return _changed(form, draft, language, error)
        except InvalidError as error:
            faults = show(form, error)
    with reading() as session:
        petition = own(session, draft)
        book = engine().house.rulebook(session, petition)
        if language and language not in book.languages.accepted:
            raise NotFoundError("language")
        kind = engine().house.kind(session, petition)
        here = draft_href(petition, f"text/{language}") if language else ""
        made_in = request.form.get("written_in", "") if faults else ""
        page = step(
            petition, kind, "text", rule_words.limits(book, kind),
            hints=hints, action=here, language=language or made_in,
            shown=kept_mark() if faults else mark(text_fields(session, petition, language)),
        )  # fmt: skip
        page = replace(page, back_href=_before(petition, kind, language))
        others = languages(session, petition)
        if request.method == "GET":
            _fill(form, session, petition, language or petition.language)
        if not language:
            form.topic.choices = _topics(petition)
        removable = any(each.language == language and each.state == "whole" for each in others)
        version = petition.version
    return html(
        "author/text.html", 422 if faults else 200, page=page, form=form, faults=faults,
        texts=others, language=language, remove_action=f"{here}/remove" if removable else "",
        version=version,
    )  # fmt: skip


def _changed(form: TextForm, draft: UUID, language: str, error: DraftChangedError) -> Response:
    with reading() as session:
        petition = own(session, draft)
        form.topic.choices = _topics(petition)
        language = _meant(session, petition, language)
    return changed_page(petition, error, asked_of(form), language)


def _meant(session: Session, petition: Petition, language: str) -> str:
    """The further language that a form is for, "" for the petition's own: as it was when it was made.

    The petition may be in another language since; the text that was typed in is then a further one.
    """
    made_in = request.form.get("written_in", "")
    if language or made_in in {"", petition.language}:
        return language
    return made_in if made_in in texts.texts_of(session, petition) else ""


def _fill(form: TextForm, session: Session, petition: Petition, language: str) -> None:
    written = texts.texts_of(session, petition).get(language)
    if written is None:
        return
    form.title.data, form.summary.data = written.title, written.summary
    form.request.data, form.reasons.data = written.request, written.reasons
    form.topic.data = petition.topic or ""


def _topics(petition: Petition) -> list[tuple[str, str]]:
    """Those of the assembly, after the choice of none; empty where it has no list."""
    found = offered(engine().house.library, (petition.assembly,))
    return [("", _("None of these fits")), *found.items()] if found else []


def _written(form: TextForm, draft: UUID, language: str) -> tuple[str, tuple[str, ...]]:
    """Where to go on, and the hints about the text, which is saved in any case."""
    the = engine()
    with writing() as session:
        petition = filing.own(session, draft, tag())
        words, later = form.words(), _unfinished()
        stood = filing.text_of(session, petition)
        before = (stood.title, stood.request)
        meant = _meant(session, petition, language)
        with guarded(petition, lambda: text_fields(session, petition, meant)):
            filing.write_text(session, the.house, petition, words, meant, unfinished=later)
            if not meant and form.topic.data is not None:
                topics.choose(the.house, petition, form.topic.data)
        kind = the.house.kind(session, petition)
        if "back" in request.form:
            return _before(petition, kind, language), ()
        if later:
            return f"{mine_href(petition)}?saved=y", ()
        if meant != language:
            return draft_href(petition, f"text/{meant}"), ()
        if not language and others_now(session, petition, before):
            return draft_href(petition, "similar"), ()
        href = draft_href(petition, "text") if language else onward(petition, kind, "text")
        written_in = language or petition.language
        return href, author_pages.hints(words, written_in, kind.filing.form)


def _unfinished() -> bool:
    """Saved as it stands, complete or not: to go on another day, or to go one page back."""
    return "later" in request.form or "back" in request.form


def _before(petition: Petition, kind: Kind, language: str) -> str:
    return draft_href(petition, "text") if language else step(petition, kind, "text").back_href


def languages(session: Session, petition: Petition) -> tuple[TextIn, ...]:
    """The further languages of the petition: written, owed by the author, or left to the desk."""
    book = engine().house.rulebook(session, petition)
    written = texts.texts_of(session, petition)
    owed = texts.needed_languages(book, petition)
    desk = book.languages.translated_by is TranslatedBy.ASSEMBLY

    def state(language: str) -> str:
        text = written.get(language)
        if text is not None and texts.is_complete(text):
            return "whole"
        if language in owed:
            return "desk" if desk else "owed"
        return "open"

    return tuple(
        TextIn(each, native_name(each), draft_href(petition, f"text/{each}"), state(each))
        for each in book.languages.accepted
        if each != petition.language
    )
