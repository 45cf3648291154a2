"""The pages of an e-mail login: the address, the code, the link. They work without any script.

- A form belongs to a login of this browser: its hidden field is the login's state, 256 random bits
  that no other site knows, beside a cookie that no other site can make the browser send.
- The link in a message goes on in the browser that asked for it. Elsewhere it says how to go on and
  uses nothing up, so that a mail scanner that follows links costs nobody their signature.
- What counts once is spent in the database under a random name: each try of a code, and the proof.
"""

from __future__ import annotations

import secrets
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Any, Final, Protocol

from flask import Blueprint, Response, abort, request

from identity.cookies import LOGIN_LIFE, CookieJar, OpenLogin, state_name
from identity.errors import Cause, LoginRefused
from identity.pages import Pages, Visit
from identity.passes import Ask, StaffAsk
from identity.providers.adapter import Departure
from identity.providers.email.address import AddressRefused
from identity.providers.email.code import read_code
from identity.providers.email.letter import LettersSpent
from identity.providers.email.letterbox import Letterbox
from identity.providers.email.pending import (
    TRIES,
    TWICE,
    LetterCookies,
    Pending,
    Proved,
    open_link,
)
from identity.service import IdentityService

TYPED_MAX: Final = 320  # signs of an entry that a page shows again
CODE_MAX: Final = 40
TOKEN_MAX: Final = 512
POSTING: Final = frozenset({"identity.email_send", "identity.email_prove"})
"""Endpoints to which a browser posts."""
Step = Callable[[Visit], Response]


class Desk(Protocol):
    """What every way to log in shares (`identity.web`)."""

    @property
    def service(self) -> IdentityService: ...
    @property
    def jar(self) -> CookieJar: ...
    @property
    def pages(self) -> Pages: ...

    def guarded(self, visit: Visit, step: Step) -> Response:
        """The step's answer, or the page of its LoginRefused; closes what `visit.closed` names."""
        ...

    def admitted(self, visit: Visit) -> None:
        """LoginRefused where too many come from one network."""
        ...

    def asked_if_any(self) -> Ask | StaffAsk | None:
        """The request that this browser last came with."""
        ...

    def open(self, token: str, at: datetime) -> Ask | StaffAsk:
        """The request token as of an instant. LoginRefused."""
        ...

    def hand_over(self, visit: Visit, asked: Ask | StaffAsk, sealed: str) -> Response:
        """Back to the petition with the pass."""
        ...

    def tell(self, visit: Visit, refusal: LoginRefused | None) -> None:
        """One line of the log."""
        ...


@dataclass(frozen=True, slots=True)
class EmailRooms:
    """The views. Each: read what came → one step of the letterbox → a redirect or a page."""

    desk: Desk
    letters: LetterCookies

    def install(self, rooms: Blueprint) -> None:
        here = "/email/<provider>"
        rooms.add_url_rule(here, "email_address", self._view("email", self._address))
        rooms.add_url_rule(here, "email_send", self._view("letter", self._send), methods=["POST"])
        code = f"{here}/code"
        rooms.add_url_rule(code, "email_code", self._view("email", self._code))
        rooms.add_url_rule(code, "email_prove", self._view("code", self._prove), methods=["POST"])
        rooms.add_url_rule(f"{here}/link", "email_link", self._view("link", self._link))

    def _view(self, step: str, work: Step) -> Callable[[str], Response]:
        def view(provider: str) -> Response:
            if provider not in self.desk.service.letterboxes:
                abort(404)
            visit = Visit(step, provider)
            answer = self.desk.guarded(visit, work)
            if answer.status_code != 303:  # a refusal that ends a login ends its message, too
                for state in visit.closed:
                    self.letters.drop(answer, state)
            return answer

        return view

    # --- the address -------------------------------------------------------------------------

    def _address(self, visit: Visit) -> Response:
        login = self._login(visit, request.args.getlist("state"))
        kept = self._kept(state_name(login.departure.state))
        address = kept.address if isinstance(kept, Pending) else ""
        return self._address_page(visit, login, address)

    def _send(self, visit: Visit) -> Response:
        self.desk.admitted(visit)
        login = self._login(visit, request.form.getlist("csrf_token"))
        typed = request.form.get("address", "")[:TYPED_MAX]
        box, asked = self._box(visit), self._asked(visit)
        try:
            address = box.read(typed)
            with self.desk.service.bulkhead.place():  # a slow mail server is a slow provider
                pending = box.write_to(address, login, asked.lang)
        except AddressRefused as refused:
            return self._address_page(visit, login, typed, fault=refused.reason, status=422)
        except LettersSpent as spent:
            more = {"fault": spent.reason, "until": spent.until}
            return self._address_page(visit, login, typed, status=429, **more)
        answer = _see(f"{box.room}/code?state={pending.state}")
        self.letters.put(answer, pending, self._now(), request.cookies)
        return answer

    def _address_page(
        self, visit: Visit, login: OpenLogin, address: str, *, status: int = 200, **more: Any
    ) -> Response:
        room, token = self._box(visit).room, login.departure.state
        facts: dict[str, Any] = {"action": room, "token": token}
        facts |= {"address": address, "fault": None, "until": None, **more}
        return self.desk.pages.step("identity/email_address.html", visit, facts, status)

    # --- the code ----------------------------------------------------------------------------

    def _code(self, visit: Visit) -> Response:
        kept = self._message(visit, request.args.getlist("state"))
        return self._sent_on(visit, kept) if isinstance(kept, Proved) else self._ask(visit, kept)

    def _prove(self, visit: Visit) -> Response:
        self.desk.admitted(visit)
        kept = self._message(visit, request.form.getlist("csrf_token"))
        if isinstance(kept, Proved):
            return self._sent_on(visit, kept)
        typed = request.form.get("code", "")[:CODE_MAX]
        code = read_code(typed)
        if code is None:  # no code has this form: it costs no try
            return self._ask(visit, kept, fault="code_form", typed=typed, status=422)
        # First a place, then the try is spent: who finds none comes back with the same code.
        with self.desk.service.bulkhead.place():
            # Spent before the codes are compared: an old copy of the cookie buys no more tries.
            if not self._spend(kept, f"try {kept.tries}"):
                return _see(f"{self._box(visit).room}/code?state={kept.state}")
            if kept.fits_code(code):
                return self._proved(visit, kept)
        tried = replace(kept, tries=kept.tries + 1)
        if tried.tries >= TRIES:
            visit.closed.append(kept.state)
            raise LoginRefused(Cause.CODES_SPENT, "codes_spent")
        answer = self._ask(visit, tried, fault="code_wrong", typed=typed, status=422)
        self.letters.put(answer, tried, self._now(), request.cookies)
        return answer

    def _ask(
        self,
        visit: Visit,
        pending: Pending,
        *,
        fault: str | None = None,
        typed: str = "",
        status: int = 200,
    ) -> Response:
        room = self._box(visit).room
        wrong = "code_wrong" if pending.tries else None  # shown anew, it still says so
        facts: dict[str, Any] = {"action": f"{room}/code", "token": pending.state}
        facts |= {"address": pending.address, "tries": pending.tries}
        facts |= {"address_url": f"{room}?state={pending.state}", "left": TRIES - pending.tries}
        facts |= {"fault": fault or wrong, "typed": typed, "until": pending.expires()}
        return self.desk.pages.step("identity/email_code.html", visit, facts, status)

    # --- the link ----------------------------------------------------------------------------

    def _link(self, visit: Visit) -> Response:
        if "prefetch" in request.headers.get("Sec-Purpose", ""):
            abort(403)  # a browser that guesses must not end a login
        tokens, now = request.args.getlist("t"), self._now()
        token = tokens[0] if len(tokens) == 1 else ""
        link = open_link(self.desk.service.daily_keys, token[:TOKEN_MAX], now)
        if link is None:
            raise LoginRefused(Cause.LETTER_OLD, "link_unusable")
        visit.lang = link.lang
        kept = self._kept(link.name)
        if kept is None or kept.provider != visit.provider:
            self.desk.tell(visit, LoginRefused(Cause.OTHER_BROWSER, "link_elsewhere"))
            return self.desk.pages.step("identity/email_elsewhere.html", visit, {}, 200)
        kept = self._message(visit, [kept.state])
        if isinstance(kept, Proved):
            return self._sent_on(visit, kept)
        if not kept.fits_link(link.secret):
            return self._ask(visit, kept, fault="letter_replaced", status=400)
        with self.desk.service.bulkhead.place():
            return self._proved(visit, kept)

    # --- what all of them share --------------------------------------------------------------

    def _proved(self, visit: Visit, pending: Pending) -> Response:
        """The address is this person's: key, conditions, pass. The caller holds a place."""
        service, asked = self.desk.service, self._asked(visit)
        visit.closed.append(pending.state)
        if not self._spend(pending, "proof"):
            raise LoginRefused(Cause.LETTER_USED, "letter_spent")
        left = Departure("", pending.state, "", None, pending.begun.timestamp())
        found = self._box(visit).finish(left, pending.address, service.wish_for(asked))
        sealed = service.pass_for(asked, found, pending.provider)
        answer, now = self.desk.hand_over(visit, asked, sealed), self._now()
        proved = Proved(pending.provider, pending.state, pending.request, pending.sent, now)
        self.letters.put(answer, proved, now, request.cookies)
        return answer

    def _sent_on(self, visit: Visit, proved: Proved) -> Response:
        """The same form sent twice, or the link after the code: the same way on, no second pass."""
        if self._now() - proved.at <= TWICE:
            return _see(self._asked(visit).return_to)
        raise LoginRefused(Cause.LETTER_USED, "letter_spent")

    def _login(self, visit: Visit, states: list[str]) -> OpenLogin:
        """The open login of the one state that came. LoginRefused."""
        state = states[0][:TYPED_MAX] if len(states) == 1 else ""
        login = self.desk.jar.login(request.cookies, state, self._now())
        if login is None or not _same(login.departure.state, state):
            visit.asked = self.desk.asked_if_any()
            raise LoginRefused(Cause.OTHER_BROWSER, "state_unknown")
        if login.provider != visit.provider:
            raise LoginRefused(Cause.NOT_VERIFIED, "state_of_another_provider")
        if not (self._now().timestamp() - login.departure.at <= LOGIN_LIFE.total_seconds()):
            raise LoginRefused(Cause.TOO_LATE, "state_expired")
        visit.asked = self.desk.open(login.request_token, self._now())
        return login

    def _message(self, visit: Visit, states: list[str]) -> Pending | Proved:
        """The message of the one state that came, while it holds. LoginRefused."""
        state = states[0][:TYPED_MAX] if len(states) == 1 else ""
        kept = self._kept(state_name(state))
        if kept is None or not _same(kept.state, state):
            visit.asked = self.desk.asked_if_any()
            raise LoginRefused(Cause.OTHER_BROWSER, "state_unknown")
        if kept.provider != visit.provider:
            raise LoginRefused(Cause.NOT_VERIFIED, "state_of_another_provider")
        # The request was good when the message left; the message has a time of its own.
        visit.asked = self.desk.open(kept.request, kept.sent)
        if isinstance(kept, Pending) and not (self._now() < kept.expires()):
            visit.closed.append(kept.state)
            raise LoginRefused(Cause.LETTER_OLD, "letter_old")
        return kept

    def _kept(self, name: str) -> Pending | Proved | None:
        return self.letters.get(request.cookies, name, self._now())

    def _spend(self, pending: Pending, use: str) -> bool:
        return self.desk.service.one_use(pending.mark(use), pending.expires())

    def _asked(self, visit: Visit) -> Ask | StaffAsk:
        assert visit.asked is not None  # `_login` or `_message` opened it
        return visit.asked

    def _box(self, visit: Visit) -> Letterbox:
        return self.desk.service.letterboxes[str(visit.provider)]

    def _now(self) -> datetime:
        return self.desk.service.clock().astimezone(UTC)


def _same(one: str, other: str) -> bool:
    return secrets.compare_digest(one.encode(), other.encode("utf-8", "replace"))


def _see(url: str) -> Response:
    return Response("", 303, {"Location": url}, mimetype="text/plain")
