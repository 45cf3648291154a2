"""What people see: the login page and the way back, the end of a session, the home page.

Choosing a person logs in. A form counts only with the ticket of a page shown in the same browser,
so that no other site can choose for anybody. Nobody stays logged in: each login asks anew.
"""

import json
import secrets
from collections.abc import Sequence
from typing import Any
from urllib.parse import urlencode, urlsplit

from flask import Blueprint, Response, make_response, redirect, render_template, request
from joserfc import jws
from joserfc.errors import JoseError
from werkzeug.wrappers import Response as Answer

from . import asking, people, tokens
from .asking import PARAMETERS, SHORTEST_BY_GET, SHORTEST_BY_POST, Asked, Fault, SentBack
from .issuer import PUSHED_PREFIX, Issuer, OpenLogin
from .people import Citizen, StaffMember
from .settings import Audience, Client
from .wording import LANGUAGES, chosen, language, word

COOKIE = "demonstration_browser"
AGES = (10, 12, 14, 15, 16, 17, 18, 19, 21, 25, 30, 35, 40, 45, 50, 55, 60, 65, 70, 75, 80, 90)


def front(issuer: Issuer) -> Blueprint:
    """The pages of one issuer."""
    tenant = issuer.tenant
    routes = Blueprint(f"{tenant.audience}_front", __name__, url_prefix=f"/{tenant.audience}")

    @routes.route("/authorize", methods=["GET", "POST"])
    def authorize() -> Answer:
        return _login_page(issuer, _read(issuer), request.cookies.get(COOKIE, ""))

    @routes.post("/login")
    def login() -> Answer:
        return _choice(issuer)

    @routes.get("/session/end")
    def leave() -> Answer:
        return redirect(_way_out(issuer), 303)

    @routes.errorhandler(Fault)
    def fault(wrong: Fault) -> tuple[Response, int]:
        lang = language("")
        return page("fault.html", lang, tenant.client, code=wrong.code, which=wrong.parameter), 400

    @routes.errorhandler(SentBack)
    def sent_back(wrong: SentBack) -> Answer:
        address = issuer.return_address(wrong.redirect_uri, wrong.state, error=wrong.error)
        return redirect(address, 303)

    return routes


def _read(issuer: Issuer) -> Asked:
    """The request as sent, or the one pushed before (RFC 9126: its name serves once)."""
    given = request.args if request.method == "GET" else request.form
    if issuer.tenant.profile.pushed:
        name = given.get("request_uri", "")
        if given.get("client_id") != issuer.tenant.client.id:
            raise Fault(asking.UNKNOWN_CLIENT, "client_id")
        pushed = issuer.pushed.take(name.removeprefix(PUSHED_PREFIX), issuer.clock())
        if pushed is None:
            raise Fault(PARAMETERS, "request_uri")
        return pushed
    shortest = SHORTEST_BY_GET if request.method == "GET" else SHORTEST_BY_POST
    return asking.read(issuer.tenant, given.items(multi=True), shortest)


def _login_page(issuer: Issuer, asked: Asked, browser: str) -> Answer:
    fresh = not browser
    browser = browser or secrets.token_urlsafe(32)
    ticket = issuer.open_page(asked, browser)
    answer = make_response(_choices(issuer, asked, ticket))
    if fresh:
        _set_browser(answer, issuer, browser)
    return answer


def _set_browser(answer: Answer, issuer: Issuer, browser: str) -> None:
    path = urlsplit(issuer.tenant.issuer)
    answer.set_cookie(
        COOKIE,
        browser,
        path=f"/{issuer.tenant.audience}",
        httponly=True,
        samesite="Lax",
        secure=path.scheme == "https",
    )


def _choices(
    issuer: Issuer, asked: Asked, ticket: str, wrong: str = "", typed: str = ""
) -> Response:
    tenant = issuer.tenant
    return page(
        "login.html",
        language(asked.languages),
        tenant.client,
        audience=str(tenant.audience),
        asked=asked,
        claims=["sub", *sorted(asked.claims), *(["amr"] if asked.amr else [])],
        ticket=ticket,
        people=people.CITIZENS if tenant.audience is Audience.CITIZENS else people.STAFF,
        places=people.PLACES,
        ages=AGES,
        wrong=wrong,
        typed=typed,
        switch=_switch(issuer),
    )


def _switch(issuer: Issuer) -> dict[str, str]:
    """The same request in the other language, where the request is in the address."""
    if request.method != "GET" or issuer.tenant.profile.pushed:
        return {}
    kept = [(name, value) for name, value in request.args.items() if name != "ui_locales"]
    return {one: f"?{urlencode([*kept, ('ui_locales', one)])}" for one in LANGUAGES}


def _choice(issuer: Issuer) -> Answer:
    """A button was pressed: log in as that person, or go back with `access_denied`."""
    ticket, browser = request.form.get("ticket", ""), request.cookies.get(COOKIE, "")
    opened = issuer.page(ticket, browser)
    if opened is None:
        return _used(issuer)
    if "cancel" in request.form:
        person = None
    else:
        try:
            person = _person(issuer.tenant.audience)
        except ValueError as unusable:
            wrong, typed = str(unusable), request.form.get("name", "")
            return make_response(_choices(issuer, opened.asked, ticket, wrong, typed), 400)
    if not issuer.close_page(ticket):
        return _used(issuer)
    return redirect(_finish(issuer, opened, person), 303)


def _finish(issuer: Issuer, opened: OpenLogin, person: Citizen | StaffMember | None) -> str:
    asked = opened.asked
    if person is None:
        return issuer.return_address(asked.redirect_uri, asked.state, error="access_denied")
    return issuer.log_in(asked, person)


def _person(audience: Audience) -> Citizen | StaffMember:
    """Whom the form names; ValueError names the field that is wrong."""
    form = request.form
    if audience is Audience.STAFF:
        chosen: Citizen | StaffMember | None = people.staff_member(form.get("person", ""))
    elif "person" in form:
        chosen = people.citizen(form["person"])
    else:
        age = form.get("age", "")
        if age not in {str(one) for one in AGES}:
            raise ValueError("age")
        return people.anybody(form.get("name", ""), int(age), form.get("place", ""))
    if chosen is None:
        raise Fault(PARAMETERS, "person")
    return chosen


def _used(issuer: Issuer) -> Response:
    answer = page("used.html", language(""), issuer.tenant.client)
    answer.status_code = 400
    return answer


def _way_out(issuer: Issuer) -> str:
    """End of session with its three parameters, each compulsory; the address to go back to."""
    given = request.args
    names = ("id_token_hint", "state", "post_logout_redirect_uri")
    for name in (*names, *given):
        if name not in names or len(given.getlist(name)) != 1 or not given[name]:
            raise Fault(PARAMETERS, name)
    if given["post_logout_redirect_uri"] not in issuer.tenant.client.left_uris:
        raise Fault(asking.UNKNOWN_RETURN, "post_logout_redirect_uri")
    if not _ours(issuer, given["id_token_hint"]):
        raise Fault(PARAMETERS, "id_token_hint")
    return f"{given['post_logout_redirect_uri']}?{urlencode({'state': given['state']})}"


def _ours(issuer: Issuer, hint: str) -> bool:
    """The hint is an id_token of this issuer for this client; it may have expired long ago."""
    try:
        opened = jws.deserialize_compact(hint, issuer.key, algorithms=[tokens.SIGNED])
        claims = json.loads(opened.payload or b"")
    except (JoseError, ValueError):
        return False
    tenant = issuer.tenant
    return bool(claims.get("iss") == tenant.issuer and claims.get("aud") == tenant.client.id)


def page(template: str, lang: str, client: Client | None, **shown: Any) -> Response:
    """A page in one language; the client's own address may follow the form of a login."""

    def said(key: str) -> str:
        return word(key, lang)

    def named(texts: Sequence[str]) -> str:
        return chosen(texts, lang)

    body = render_template(template, lang=lang, w=said, named=named, client=client, **shown)
    answer = make_response(body)
    answer.headers["Content-Language"] = lang
    answer.vary.add("Accept-Language")
    return answer
