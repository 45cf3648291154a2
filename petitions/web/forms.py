"""The author's forms. What is typed is kept whole, also where it is refused; rules set the limits.

The anti-forgery token is checked for every POST before a form is read, so the forms themselves hold
the fields only. A rule that a service checks is not repeated here: `show` puts its refusal beside
the field.
"""

from __future__ import annotations

from wtforms import (
    Form,
    IntegerField,
    RadioField,
    SelectField,
    SelectMultipleField,
    StringField,
    TextAreaField,
)

from petitions.domain.errors import InvalidError
from petitions.domain.words import Words
from petitions.platform.i18n import _
from petitions.web.errors import faults_of
from petitions.web.pages_signing import FieldFault


class TitleForm(Form):
    title = StringField()
    language = SelectField(validate_choice=False)
    kind = RadioField(validate_choice=False)
    also = SelectMultipleField(validate_choice=False)


class DifferenceForm(Form):
    same = RadioField(validate_choice=False, default="")
    difference = TextAreaField()


class TextForm(Form):
    title = StringField()
    summary = TextAreaField()
    request = TextAreaField()
    reasons = TextAreaField()
    topic = SelectField(validate_choice=False, choices=())

    def words(self) -> Words:
        return Words.of(
            self.title.data or "",
            self.request.data or "",
            self.reasons.data or "",
            self.summary.data or "",
        )


class YouForm(Form):
    name = StringField()
    email = StringField()


class VersionForm(Form):
    """A button that acts on what the page showed: an older version is answered with 409."""

    version = IntegerField()


def label(form: Form) -> None:
    """Labels in the reader's language: forms are classes, made before any reader is known."""
    words = {
        "title": _("Title"),
        "language": _("Language of the petition"),
        "kind": _("Kind of petition"),
        "also": _("Address it also to"),
        "same": _("Is yours about the same subject as one of these?"),
        "difference": _("How is yours different?"),
        "summary": _("Summary"),
        "request": _("Request"),
        "reasons": _("Reasons"),
        "topic": _("Topic"),
        "name": _("Public name"),
        "email": _("E-mail address"),
    }
    for field in form:
        if field.name in words:
            field.label.text = words[field.name]


def show(form: Form, error: InvalidError) -> tuple[FieldFault, ...]:
    """Put a service's refusal beside the fields it names; returns the summary, in form order."""
    faults = faults_of(error)
    by_name = {fault.field: fault for fault in faults}
    for field in form:
        if field.name in by_name:
            field.errors = [by_name[field.name].sentence]
    order = {field.name: place for place, field in enumerate(form)}
    return tuple(sorted(faults, key=lambda fault: order.get(fault.field, -1)))
