"""Pages of a login, drawn for the identity zone: it names the cause, the site finds the words."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from flask import current_app, render_template, request

from petitions.domain.following import FOLLOWABLE
from petitions.domain.lifecycle import State
from petitions.domain.predicates import Predicate
from petitions.login_email import address_page, code_page, elsewhere_page
from petitions.platform.i18n import Locale, _, current_locale, speak
from petitions.storage import reading as stored
from petitions.web import public_pages, rule_words
from petitions.web.edge import engine, reading
from petitions.web.face import the_face
from petitions.web.pages import Link
from petitions.web.pages_signing import ChooserPage, FailedPage, IneligiblePage, Provider
from petitions.web.rate_limits import time_of_day
from petitions.web.scope import wear

_REF = re.compile(r"/petitions/(\d{4}-\d{4,9})(?:/|$)")
SUPPORT = "/support/confirm"
"""Where a sponsor comes back to: an address without the secret of their link."""


def render_login_page(template: str, facts: dict[str, Any]) -> str:
    """Facts of the identity zone (codes, labels, paths; no claim) as one of our pages."""
    speak(_locale(facts.get("lang")))
    makers: dict[str, Callable[[dict[str, Any]], object]] = {
        "identity/chooser.html": _chooser,
        "identity/failed.html": _failed,
        "identity/ineligible.html": _ineligible,
        "identity/left.html": _left,
        "identity/email_address.html": lambda f: address_page(f, _about(f).title, _petition(f)),
        "identity/email_code.html": lambda f: code_page(f, _about(f).title, _petition(f)),
        "identity/email_elsewhere.html": lambda _facts: elsewhere_page(),
    }
    return render_template(template, page=makers[template](facts))


def _locale(lang: str | None) -> Locale:
    """Of the page where the login began; in a browser that knows nothing of it, the reader's own."""
    catalogues = the_face(current_app).catalogues
    if lang:
        return catalogues.locale(lang)
    return catalogues.best([wanted for wanted, _quality in request.accept_languages])


def _left(facts: dict[str, Any]) -> Link:
    return Link(href=_petition(facts), text="")


def _petition(facts: dict[str, Any]) -> str:
    """Where a person came from: the petition's page, the start page, or the front."""
    path = str(facts.get("return_to") or "/").partition("?")[0]
    if "/petitions/" in path:
        return path.partition("/sign")[0]
    if path.startswith("/office"):
        return "/"
    if path.endswith(SUPPORT):  # only the link itself leads back, and it stays with its holder
        return path.removesuffix(SUPPORT) + "/"
    if path.endswith("/prove"):
        return path.removesuffix("/prove") + "/check"
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
    if path.endswith("/prove"):  # a petition that is sent by way of a login
        return f"{path}/login"
    return f"/{current_locale().lang}/start/login" if "/start" in path else ""


def _purpose(facts: dict[str, Any]) -> str:
    path = str(facts.get("return_to"))
    if path.endswith(SUPPORT):
        return "support"
    if "/sign/withdraw" in path:
        return "withdraw"
    return "file" if "/start" in path or path.endswith("/prove") else "sign"


def _leave(facts: dict[str, Any]) -> Link | None:
    found = facts.get("leave")
    return Link(href=found["href"], text=found["text"]) if found else None


@dataclass(frozen=True, slots=True)
class _About:
    """What a login was for: public facts of one petition, found by the address it came from."""

    title: str = ""
    who: str = ""
    follow_href: str = ""


def _about(facts: dict[str, Any]) -> _About:
    found = _REF.search(str(facts.get("return_to") or ""))
    if found is None:
        return _About()
    the, lang = engine(), current_locale().lang
    with reading() as session:
        petition = stored.public_petition(session, public_pages.assemblies(the), found[1])
        if petition is None or petition.state == State.HIDDEN:
            return _About()
        wear(petition.assembly)
        kind = the.house.kind(session, petition)
        texts = stored.texts_of(session, petition.id)
        return _About(
            title=stored.text_shown(texts, lang, petition.language).title,
            who=rule_words.who(kind.signing.who, the.house.shelf(session, petition)),
            follow_href=f"/{lang}/follow?petition={petition.reference}"
            if State(petition.state) in FOLLOWABLE
            else "",
        )


def _wanted(condition: str, wanted: object) -> str:
    """What one condition asks for, in words: names of places and registers, never their codes."""
    library = engine().house.library
    if condition in {"resident_of", "citizen_of"}:
        codes = [wanted] if isinstance(wanted, str) else list(wanted)  # type: ignore[call-overload]
        return current_locale().either(
            [rule_words.place_words(library, str(each)) for each in codes]
        )
    if condition == "age_min" and isinstance(wanted, Mapping):  # an age for each area
        return current_locale().either([str(age) for age in sorted(set(wanted.values()))])
    if condition == "in_register":
        return rule_words.register_words(library, str(wanted))
    if condition in {"any", "all", "not"}:
        return rule_words.who(Predicate.from_toml({condition: wanted}), library)
    return str(wanted)


def _chooser(facts: dict[str, Any]) -> ChooserPage:
    providers = tuple(
        Provider(
            name=_("an e-mail address") if each["kind"] == "email" else each["label"],
            href=each["href"],
            about_href=each["about_href"] or "",
            down_since=_clock(each["down_since"]),
        )
        for each in facts["providers"]
    )
    return ChooserPage(
        title=_about(facts).title,
        providers=providers,
        back_href=_petition(facts),
        purpose=_purpose(facts),
    )


def _clock(since: float | None) -> str:
    return "" if since is None else current_locale().datetime(datetime.fromtimestamp(since, UTC))


def _failed(facts: dict[str, Any]) -> FailedPage:
    return FailedPage(
        title=_about(facts).title,
        cause=_cause(facts),
        reference=facts["reference"],
        again_href=_again(facts),
        back_href=_petition(facts),
        other_href=facts.get("other_url") or "",
        missing_fact=str(facts["facts"].get("fact", "")),
        wait_until=_until(facts["facts"].get("until")),
        service=facts.get("provider") or "",
    )


def _cause(facts: dict[str, Any]) -> str:
    """A browser that did begin a login here has loaded the last page of it once more."""
    cause = str(facts["cause"])
    began = cause == "other_browser" and facts.get("return_to") not in (None, "", "/")
    return "ended" if began else cause


def _until(at: datetime | None) -> str:
    return "" if at is None else time_of_day(at)


def _ineligible(facts: dict[str, Any]) -> IneligiblePage:
    told, about = facts["facts"], _about(facts)
    condition = str(told.get("condition", ""))
    return IneligiblePage(
        condition=condition,
        wanted=_wanted(condition, told.get("wanted", "")),
        back_href=_petition(facts),
        title=about.title,
        who=about.who,
        service=facts.get("provider") or "",
        follow_href=about.follow_href,
        purpose=_purpose(facts),
        leave=_leave(facts),
    )
