"""Who the author is: the public name, the address for letters, and what the rulebook asks besides."""

from __future__ import annotations

from datetime import date
from typing import Any
from uuid import UUID

from flask import Response, request
from wtforms import Form, StringField

from petitions.domain.calendar import local_day
from petitions.domain.errors import InvalidError
from petitions.domain.procedure import Kind
from petitions.platform.i18n import _
from petitions.services import filing, form_answers
from petitions.services.draft_changes import DraftChangedError, author_fields
from petitions.web import filing_words
from petitions.web.access import author_only
from petitions.web.author_changed import asked_of, changed_page, guarded, kept_mark, mark
from petitions.web.author_room import Faults, author, go, html, in_preparation, own, tag
from petitions.web.author_steps import onward, step
from petitions.web.edge import engine, reading, writing
from petitions.web.forms import YouForm, label, show


@author.route("/<lang>/drafts/<uuid:draft>/you", methods=["GET", "POST"])
@author_only
def you(lang: str, draft: UUID) -> Response:
    del lang
    with reading() as session:
        petition = own(session, draft)
        kind = engine().house.kind(session, petition)
        zone = engine().house.rulebook(session, petition).zone
        known = form_answers.answers(session, petition)
        shown = mark(author_fields(session, petition, kind))
    today = local_day(engine().clock(), zone)
    form = _form(kind)(request.form if request.method == "POST" else None)
    _label(form, kind)
    faults: Faults = ()
    if request.method == "POST":
        try:
            return go(_told(form, draft, kind, today))
        except DraftChangedError as error:
            return changed_page(petition, error, asked_of(form))
        except InvalidError as error:
            faults, shown = show(form, error), kept_mark()
    else:
        form.name.data, form.email.data = petition.author_name, petition.author_email
        for field in form_answers.fields_of(kind):
            form[field].data = known.get(field, "")
    page = step(petition, kind, "you", shown=shown)
    return html(
        "author/you.html", 422 if faults else 200, page=page, form=form, faults=faults,
        public=str(kind.publicity.author), more=form_answers.fields_of(kind),
        days=form_answers.DAYS,
    )  # fmt: skip


def _form(kind: Kind) -> type[Any]:
    """The form with the fields that this kind asks for."""
    more: dict[str, Any] = {field: StringField() for field in form_answers.fields_of(kind)}
    made: type[Any] = type("AskedForm", (YouForm,), more)
    return made


def _label(form: Form, kind: Kind) -> None:
    label(form)
    for field in form_answers.fields_of(kind):
        form[field].label.text = filing_words.field_words(field)
    if str(kind.publicity.author) == "hidden":
        form["name"].label.text = _("Name")


def _told(form: Any, draft: UUID, kind: Kind, today: date) -> str:
    """Everything is looked at before anything is refused: nobody corrects a page twice."""
    given = {field: form[field].data or "" for field in form_answers.fields_of(kind)}
    bad = form_answers.bad_answers(kind, given, today)
    with writing() as session:
        petition = filing.own(session, draft, tag())
        in_preparation(petition)
        with guarded(petition, lambda: author_fields(session, petition, kind)):
            try:
                filing.write_author(petition, form.name.data or "", form.email.data or "")
            except InvalidError as error:
                raise InvalidError(fields={**error.fields, **bad}) from None
            form_answers.write(session, petition, kind, given, today)
        return onward(petition, kind, "you")
