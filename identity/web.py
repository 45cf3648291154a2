"""The rooms of the login: /identity/start, go, callback, keys.json, leave, left.

Starts are links, never forms: a `form-action` policy would govern the whole chain of redirects.
Every answer is `no-store`; only GET is served, and a HEAD never spends a code. Two POSTs are forms of
the e-mail rooms (`identity.providers.email.rooms`). One is not a browser's: a provider tells us, server
to server, that somebody of the staff has logged out there.
"""

from __future__ import annotations

import math
import secrets
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime

from flask import Blueprint, Response, abort, jsonify, request

from identity.cookies import (
    LEAVE_LIFE,
    LEFT_ROOM,
    LOGIN_LIFE,
    ROOM,
    STAFF_LEAVE_LIFE,
    CookieJar,
    Leaving,
    OpenLogin,
    state_hash,
)
from identity.errors import AskRefused, Cause, LoginRefused
from identity.outcomes import Outcome, quiet_libraries, took_class
from identity.pages import Pages, Visit
from identity.passes import PASS_LIFE, Ask, StaffAsk
from identity.providers.email.pending import LetterCookies
from identity.providers.email.rooms import POSTING, EmailRooms
from identity.service import IdentityService

PARAMETER_MAX = 2048
STAFF_LOGOUT = "/staff/backchannel-logout"
QUERY_MAX = 8192
_DENIED = frozenset({"access_denied", "login_required", "consent_required", "interaction_required"})
_SILENT = frozenset({"server_error", "temporarily_unavailable"})
_WEAK = frozenset({"invalid_acr", "unmet_authentication_requirements"})


def blueprint(service: IdentityService) -> Blueprint:
    """The rooms, around one service."""
    quiet_libraries()
    rooms = Blueprint("identity", __name__, url_prefix=ROOM)
    jar = CookieJar(service.daily_keys, service.settings.secure)
    desk = _Desk(service, jar, Pages(service))
    rooms.before_request(_only_get)
    rooms.after_request(_private)
    rooms.add_url_rule("/start", "start", desk.start)
    rooms.add_url_rule("/go/<provider>", "go", desk.go)
    rooms.add_url_rule("/callback/<provider>", "callback", desk.callback)
    rooms.add_url_rule("/keys.json", "keys", desk.keys)
    rooms.add_url_rule("/leave", "leave", desk.leave)
    rooms.add_url_rule("/left", "left", desk.left)
    rooms.add_url_rule(STAFF_LOGOUT, "staff_logout", desk.staff_logout, methods=["POST"])
    EmailRooms(desk, LetterCookies(jar)).install(rooms)
    return rooms


@dataclass(frozen=True, slots=True)
class _Desk:
    """The views. Each: read what came → one step of the service → a redirect or a page."""

    service: IdentityService
    jar: CookieJar
    pages: Pages

    def start(self) -> Response:
        return self.guarded(Visit("start"), self._start)

    def go(self, provider: str) -> Response:
        if provider not in {*self.service.providers, *self.service.letterboxes}:
            abort(404)
        return self.guarded(Visit("go", provider), self._go)

    def callback(self, provider: str) -> Response:
        if provider not in self.service.providers:
            abort(404)
        return self.guarded(Visit("callback", provider), self._callback)

    def keys(self) -> Response:
        answer = jsonify(self.service.public_keys())
        answer.headers["Cache-Control"] = "public, max-age=300"
        return answer

    def leave(self) -> Response:
        return self.guarded(Visit("leave"), self._leave)

    def left(self) -> Response:
        """Whatever the provider did, our own side is done."""
        now = self.service.clock()
        sealed = request.cookies.get(self.jar.name("left"), "")
        opened = self.service.daily_keys.open_state(now, sealed, b"left") or b""
        state, _, rest = opened.decode().partition(" ")
        lang, _, return_to = rest.partition(" ")
        given = request.args.get("state", "")
        known = bool(state) and secrets.compare_digest(state.encode(), given.encode())
        answer = self.pages.left(return_to or "/", lang or None, confirmed=known)
        self.jar.drop(answer, "left", path=LEFT_ROOM)
        return answer

    def staff_logout(self) -> Response:
        """OpenID Connect Back-Channel Logout 1.0, 2.8: 200 where it is done, 400 where it is not.

        No cookie is read or set, and no anti-forgery token asked: what counts is the provider's
        signature, and a browser that is made to post here brings nothing of its own along.
        """
        visit = Visit("logout")
        try:
            self._log_out(visit)
        except LoginRefused as refusal:
            self.tell(visit, refusal, realm="staff")
            answer = jsonify({"error": "invalid_request"})
            answer.status_code = 400
            return answer
        self.tell(visit, None, realm="staff")
        return Response("", 200, mimetype="text/plain")

    def _log_out(self, visit: Visit) -> None:
        with self.service.bulkhead.place():
            visit.provider, order = self.service.logout_order(_logout_token())
        if not self.service.end_sessions(order):
            raise LoginRefused(Cause.ALREADY_USED, "logout_used")

    def _start(self, visit: Visit) -> Response:
        self.admitted(visit)
        asked = self._asked(visit)
        names = self.service.providers_for(asked)
        alone = len(names) == 1
        if alone and self.service.settings.way(names[0]).record.page.button == "plain":
            return _see(f"{ROOM}/go/{names[0]}")
        return self._chooser(visit, 200)

    def _go(self, visit: Visit) -> Response:
        self.admitted(visit)
        asked = self._asked(visit)
        name = str(visit.provider)
        if name not in self.service.providers_for(asked):
            abort(404)
        provider = self.service.adapter(name)
        if not provider.breaker.admits():
            self.tell(visit, LoginRefused(Cause.KNOWN_DOWN, "breaker_open"))
            return self._chooser(visit, 503)
        with self.service.bulkhead.place():
            departure = provider.begin(self.service.wish_for(asked))
        answer = _see(departure.url)
        login = OpenLogin(name, departure, self._token("ask"))
        self.jar.put_login(answer, login, self.service.clock(), request.cookies)
        return answer

    def _callback(self, visit: Visit) -> Response:
        visit.asked = self.asked_if_any()
        # First a place, then the state is spent: who finds none comes back with the same answer.
        with self.service.bulkhead.place():
            login = self._take_back(visit)
            asked = self._open(login.request_token)
            visit.asked = asked
            told = _single_parameters()
            provider = self.service.providers[login.provider]
            provider.check_callback_issuer(told.get("iss"))
            code = _code_of(told)
            wish = self.service.wish_for(asked)
            found = provider.finish(login.departure, code, wish)
            visit.id_token = found.id_token
            sealed = self.service.pass_for(asked, found, login.provider)
        return self.hand_over(visit, asked, sealed)

    def hand_over(self, visit: Visit, asked: Ask | StaffAsk, sealed: str) -> Response:
        """Back to the petition with the pass; the login and its request are over."""
        self.tell(visit, None)
        answer = _see(asked.return_to)
        path = asked.return_to.partition("?")[0]
        self.jar.put(answer, "pass", sealed, path=path, life=PASS_LIFE)
        self.jar.drop(answer, "ask", path=ROOM)
        self._offer_leaving(answer, visit)
        self._close(answer, visit)
        return answer

    def _leave(self, visit: Visit) -> Response:
        """Send the person to the provider's end of session, with the token only it can use."""
        now = self.service.clock()
        leaving = self.jar.leaving(request.cookies, now)
        if leaving is None or leaving.provider not in self.service.providers:
            return _see(f"{ROOM}/left")
        visit.provider = leaving.provider
        state = secrets.token_hex(32)
        back = f"{self.service.settings.base_url}{LEFT_ROOM}"
        with self.service.bulkhead.place():
            provider = self.service.providers[leaving.provider]
            url = provider.leave_url(leaving.id_token, state, back)
        answer = _see(url or LEFT_ROOM)
        note = f"{state} {leaving.lang} {leaving.return_to}".encode()
        sealed = self.service.daily_keys.seal_state(now, note, b"left")
        self.jar.put(answer, "left", sealed, path=LEFT_ROOM, life=LEAVE_LIFE)
        self.jar.drop(answer, "leave", path=f"{ROOM}/leave")
        return answer

    def _take_back(self, visit: Visit) -> OpenLogin:
        """The open login of the state that came back: spent now, whatever follows."""
        now = self.service.clock()
        states = request.args.getlist("state")
        found = []
        for state in states[:2]:
            login = self.jar.login(request.cookies, state[:PARAMETER_MAX], now)
            if login is not None and secrets.compare_digest(
                login.departure.state.encode(), state.encode()
            ):
                visit.closed.append(state)
                fresh = self.service.one_use(state_hash(state), now + LOGIN_LIFE)
                found.append((login, fresh))
        if not found:
            visit.asked = self.asked_if_any()
            raise LoginRefused(Cause.OTHER_BROWSER, "state_unknown")
        login, fresh = found[0]
        # as of its beginning: whoever comes too late still reads about their petition
        begun = datetime.fromtimestamp(login.departure.at, UTC)
        visit.asked = self.asked_if_any(login.request_token, begun)
        if not fresh:
            raise LoginRefused(Cause.ALREADY_USED, "state_used")
        if len(states) != 1:
            raise LoginRefused(Cause.NOT_VERIFIED, "parameter_twice")
        if login.provider != visit.provider:
            raise LoginRefused(Cause.NOT_VERIFIED, "state_of_another_provider")
        if not (now.timestamp() - login.departure.at <= LOGIN_LIFE.total_seconds()):
            raise LoginRefused(Cause.TOO_LATE, "state_expired")
        return login

    def admitted(self, visit: Visit) -> None:
        """Before anything else is looked at: a flood must cost little. We never see whence it comes."""
        until = self.service.admit(visit.step)
        if until is not None:
            visit.asked = self.asked_if_any()
            wait = math.ceil((until - self.service.clock()).total_seconds())
            raise LoginRefused(Cause.TOO_MANY, "too_many", retry_after=max(1, wait), until=until)

    def _asked(self, visit: Visit) -> Ask | StaffAsk:
        token = self._token("ask")
        if not token:
            raise LoginRefused(Cause.OTHER_BROWSER, "ask_absent")
        visit.asked = self._open(token)
        return visit.asked

    def open(self, token: str, at: datetime) -> Ask | StaffAsk:
        try:
            return self.service.border.open_request(token, at)
        except AskRefused as refusal:
            late = refusal.reason == "ask_expired"
            cause = Cause.TOO_LATE if late else Cause.OTHER_BROWSER
            raise LoginRefused(cause, refusal.reason) from None

    def _open(self, token: str) -> Ask | StaffAsk:
        return self.open(token, self.service.clock())

    def asked_if_any(
        self, token: str | None = None, at: datetime | None = None
    ) -> Ask | StaffAsk | None:
        try:
            return self.open(token or self._token("ask"), at or self.service.clock())
        except LoginRefused:
            return None

    def _token(self, base: str) -> str:
        return request.cookies.get(self.jar.name(base), "")

    def guarded(self, visit: Visit, step: Callable[[Visit], Response]) -> Response:
        try:
            return step(visit)
        except LoginRefused as refusal:
            self.tell(visit, refusal)
            return self._refusal(visit, refusal)

    def _refusal(self, visit: Visit, refusal: LoginRefused) -> Response:
        answer = self.pages.refusal(visit, refusal, alive=self.asked_if_any() is not None)
        self._offer_leaving(answer, visit)
        self._close(answer, visit)
        return answer

    def _chooser(self, visit: Visit, status: int) -> Response:
        return self.pages.chooser(visit, status, alive=True)

    def _offer_leaving(self, answer: Response, visit: Visit) -> None:
        if visit.asked is not None and visit.provider and self.pages.may_leave(visit):
            back, lang = visit.asked.return_to, visit.asked.lang
            leaving = Leaving(visit.provider, visit.id_token, back, lang)
            life = STAFF_LEAVE_LIFE if isinstance(visit.asked, StaffAsk) else LEAVE_LIFE
            self.jar.put_leaving(answer, leaving, self.service.clock(), life)

    def _close(self, answer: Response, visit: Visit) -> None:
        for state in visit.closed:
            self.jar.drop_login(answer, state)

    def tell(self, visit: Visit, refusal: LoginRefused | None, *, realm: str | None = None) -> None:
        asked = visit.asked
        if asked is not None:
            realm = "staff" if isinstance(asked, StaffAsk) else asked.realm
        self.service.report(
            Outcome(
                reference=visit.reference,
                step=visit.step,
                provider=visit.provider,
                realm=realm,
                cause=None if refusal is None else refusal.cause,
                reason="ok" if refusal is None else refusal.reason,
                took=took_class(time.monotonic() - visit.began),
            )
        )


def _single_parameters() -> Mapping[str, str]:
    """The callback's parameters, each once and short. Two of one name mean two things at once."""
    if len(request.query_string) > QUERY_MAX:
        raise LoginRefused(Cause.NOT_VERIFIED, "callback_too_long")
    for name, values in request.args.lists():
        if len(values) != 1:
            raise LoginRefused(Cause.NOT_VERIFIED, "parameter_twice")
        if len(name) + len(values[0]) > PARAMETER_MAX:
            raise LoginRefused(Cause.NOT_VERIFIED, "callback_too_long")
    return request.args.to_dict()


def _code_of(told: Mapping[str, str]) -> str:
    """The code, or the refusal that the provider's error means."""
    if ("error" in told) == ("code" in told):
        raise LoginRefused(Cause.NOT_VERIFIED, "neither_code_nor_error_alone")
    error = told.get("error")
    if error is None:
        return told["code"]
    if error in _DENIED:
        raise LoginRefused(Cause.CANCELLED, "denied")
    if error in _SILENT:
        raise LoginRefused(Cause.NO_ANSWER, "provider_error")
    if error in _WEAK:
        raise LoginRefused(Cause.TOO_LOW, "level_refused")
    raise LoginRefused(Cause.SET_UP, "request_refused")


def _logout_token() -> str:
    """The one field of the form (Back-Channel Logout 1.0, 2.5), once."""
    sent = request.form.getlist("logout_token")
    if request.mimetype != "application/x-www-form-urlencoded" or len(sent) != 1:
        raise LoginRefused(Cause.NOT_VERIFIED, "logout_form")
    return sent[0]


def _only_get() -> None:
    posting = request.endpoint in {"identity.staff_logout", *POSTING}
    if request.method != ("POST" if posting else "GET"):
        abort(405)


def _private(answer: Response) -> Response:
    answer.headers.setdefault("Cache-Control", "no-store")
    answer.headers.setdefault("Referrer-Policy", "same-origin")
    return answer


def _see(url: str) -> Response:
    return Response("", 303, {"Location": url}, mimetype="text/plain")
