"""A form that came too late: what was typed, and one button that sends it now."""

from __future__ import annotations

from flask import Response, request

from petitions.web import kept_forms
from petitions.web.access import needs
from petitions.web.staff_desk import desk, office, page, sent_on

_LONG = 40
"""From here on a field was typed, not chosen: it is shown, so that it can be read and copied."""


@office.get("/kept")
@needs("read_office")
def kept_form() -> Response:
    name = request.args.get("form", "")
    with desk() as at:
        form = kept_forms.find(at.session, name, at.staff.actor, at.at)
        return page(
            at,
            "office/kept.html",
            200 if form else 404,
            section="",
            name=name,
            form=form,
            typed=_typed(form) if form else [],
            field=kept_forms.FIELD,
        )


def _typed(form: kept_forms.Form) -> list[str]:
    return [text for _name, text in form.fields if len(text) >= _LONG or " " in text.strip()]


@office.post("/kept/drop")
@needs("read_office")
def drop_kept_form() -> Response:
    with desk(write=True) as at:
        kept_forms.let_go(at.session, request.form.get("form", ""), at.staff.actor)
    return sent_on("/office/queue")
