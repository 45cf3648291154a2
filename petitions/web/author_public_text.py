"""The author edits a published text before signing opens; what it said before stays readable."""

from __future__ import annotations

from uuid import UUID

from flask import Response, request

from petitions.domain.errors import ConflictError, InvalidError
from petitions.services import filing, public_drafting
from petitions.services.draft_changes import DraftChangedError, text_fields
from petitions.web import author_together, rule_words
from petitions.web.access import author_only
from petitions.web.author_changed import asked_of, changed_page, guarded, kept_mark, mark
from petitions.web.author_room import Faults, author, go, html, own, tag
from petitions.web.edge import engine, reading, writing
from petitions.web.forms import TextForm, label, show


@author.route("/<lang>/mine/<uuid:petition_id>/text", methods=["GET", "POST"])
@author_only
def public_text(lang: str, petition_id: UUID) -> Response:
    form = TextForm(request.form if request.method == "POST" else None)
    label(form)
    faults: Faults = ()
    if request.method == "POST":
        try:
            _edit(petition_id, form)
            return go(f"/{lang}/mine/{petition_id}")
        except DraftChangedError as error:
            with reading() as session:
                return changed_page(own(session, petition_id), error, asked_of(form))
        except InvalidError as error:
            faults = show(form, error)
    the = engine()
    with reading() as session:
        petition = own(session, petition_id)
        shown = author_together.discussed(session, the, petition)
        if shown is None:
            raise ConflictError("text_frozen")
        if request.method == "GET":
            text = filing.text_of(session, petition)
            form.title.data, form.summary.data = text.title, text.summary
            form.request.data, form.reasons.data = text.request, text.reasons
        kind = the.house.kind(session, petition)
        limits = rule_words.limits(the.house.rulebook(session, petition), kind)
        language = petition.language
        made_from = kept_mark() if faults else mark(text_fields(session, petition, language))
    return html(
        "author/public_text.html", 422 if faults else 200, section="mine", form=form,
        faults=faults, limits=limits, shown=shown, made_from=made_from, language=language,
        back=f"/{lang}/mine/{petition_id}",
    )  # fmt: skip


def _edit(petition_id: UUID, form: TextForm) -> None:
    the = engine()
    with writing() as session:
        petition = filing.own(session, petition_id, tag())
        with guarded(petition, lambda: text_fields(session, petition, petition.language)):
            public_drafting.edit(
                session, the.house, petition, form.words(), petition.language,
                filing.author(petition.author_tag), at=the.clock(),
            )  # fmt: skip
