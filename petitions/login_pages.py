"""Pages of a login, drawn for the identity zone: it names the cause, the site finds the words."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

from flask import current_app, render_template

from petitions.platform.i18n import current_locale, speak
from petitions.web.face import the_face
from petitions.web.pages import Link
from petitions.web.pages_signing import ChooserPage, FailedPage, IneligiblePage, Provider


def render_login_page(template: str, facts: dict[str, Any]) -> str:
    """Facts of the identity zone (codes, labels, paths; no claim) as one of our pages."""
    speak(the_face(current_app).catalogues.locale(facts.get("lang")))
    makers: dict[str, Callable[[dict[str, Any]], object]] = {
        "identity/chooser.html": _chooser,
        "identity/failed.html": _failed,
        "identity/ineligible.html": _ineligible,
        "identity/left.html": _left,
    }
    return render_template(template, page=makers[template](facts))


def _left(facts: dict[str, Any]) -> Link:
    return Link(href=_petition(facts), text="")


def _petition(facts: dict[str, Any]) -> str:
    """Where a person came from: the petition's page, the start page, or the front."""
    path = str(facts.get("return_to") or "/").partition("?")[0]
    if "/petitions/" in path:
        return path.partition("/sign")[0]
    if path.startswith("/office"):
        return "/"
    return path.partition("/start")[0] + "/start" if "/start" in path else path


def _again(facts: dict[str, Any]) -> str:
    """Start again from the petition: a new request, never an old one continued."""
    path = str(facts.get("return_to") or "/")
    if "/sign/withdraw" in path:
        return path.partition("/confirm")[0]
    if "/petitions/" in path:
        return path.partition("/sign")[0] + "/sign"
    if path.startswith("/office"):
        return "/office/sign-in"
    return f"/{current_locale().lang}/start/login" if "/start" in path else ""


def _purpose(facts: dict[str, Any]) -> str:
    return "file" if "/start" in str(facts.get("return_to")) else "sign"


def _leave(facts: dict[str, Any]) -> Link | None:
    found = facts.get("leave")
    return Link(href=found["href"], text=found["text"]) if found else None


def _chooser(facts: dict[str, Any]) -> ChooserPage:
    providers = tuple(
        Provider(
            name=each["label"],
            href=each["href"],
            about_href=each["about_href"] or "",
            down_since=_clock(each["down_since"]),
        )
        for each in facts["providers"]
    )
    return ChooserPage(
        title="", providers=providers, back_href=_petition(facts), purpose=_purpose(facts)
    )


def _clock(since: float | None) -> str:
    return "" if since is None else current_locale().datetime(datetime.fromtimestamp(since, UTC))


def _failed(facts: dict[str, Any]) -> FailedPage:
    return FailedPage(
        cause=facts["cause"],
        reference=facts["reference"],
        again_href=_again(facts),
        back_href=_petition(facts),
        other_href=facts.get("other_url") or "",
        missing_fact=str(facts["facts"].get("fact", "")),
        service=facts.get("provider") or "",
    )


def _ineligible(facts: dict[str, Any]) -> IneligiblePage:
    told = facts["facts"]
    wanted = told.get("wanted", "")
    return IneligiblePage(
        condition=str(told.get("condition", "")),
        wanted=str(wanted),
        back_href=_petition(facts),
        purpose=_purpose(facts),
        leave=_leave(facts),
    )
