"""An application that only renders: the face of the site without database, logins or services."""

from __future__ import annotations

from typing import Any

from flask import Flask, render_template
from jinja2 import StrictUndefined

from petitions.platform.i18n import load_catalogues
from petitions.web.face import Face, frame, install_face
from petitions.web.forms import DifferenceForm, TextForm, TitleForm, YouForm, label
from tests.web.extraction import TEMPLATES

LANGUAGES = ("en", "fr", "nl", "de")


def stage(is_demo: bool = False) -> Flask:
    app = Flask("stage", template_folder=str(TEMPLATES), static_folder=None)
    app.jinja_env.undefined = StrictUndefined
    face = Face(
        catalogues=load_catalogues(LANGUAGES),
        names={
            "en": "Example Parliament",
            "fr": "Parlement d’exemple",
            "nl": "Voorbeeldparlement",
            "de": "Beispielparlament",
        },
        address="https://petitions.example.org",
        is_demo=is_demo,
    )
    install_face(app, face)
    app.jinja_env.globals["csrf_token"] = lambda: "csrf-token-of-the-test"
    return app


def forms(template: str, **data: str) -> dict[str, Any]:
    """What a form's template needs besides its page."""
    made = {
        "author/title.html": TitleForm,
        "author/similar.html": DifferenceForm,
        "author/text.html": TextForm,
        "author/you.html": YouForm,
    }.get(template)
    more: dict[str, Any] = {
        "faults": (), "public": "name", "language": "", "texts": (), "remove_action": "", "more": (),
        "days": (),
    }  # fmt: skip
    if made is not None:
        form = made(data=data)
        if made is TitleForm:
            form.language.choices = [("en", "English"), ("fr", "French")]
            form.kind.choices = [("petition", "Petition"), ("private", "Private petition")]
        label(form)
        more["form"] = form
    return more


def render(app: Flask, template: str, page: object, lang: str = "en", **more: Any) -> str:
    address = f"/{lang}/petitions/2026-0142"
    with app.test_request_context(address):
        app.preprocess_request()
        values = {"frame": frame("petitions"), **forms(template), **more}
        return render_template(template, page=page, **values)
