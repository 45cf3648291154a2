"""The pages of the login: the choice, the refusals, the goodbye. Facts in, the port renders them.

Every refusal says its cause, keeps petition and language, offers the next step and a random
reference; nothing a provider said is ever on a page.
"""

from __future__ import annotations

import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from flask import Response

from identity.cookies import LEAVE_ROOM, ROOM
from identity.errors import Cause, LoginRefused
from identity.passes import Ask, StaffAsk
from identity.service import IdentityService, new_reference

DOWN_RETRY = 30  # seconds, as the breaker's pause


@dataclass(slots=True)
class Visit:
    """What one request has learnt so far, for its error page and its log line."""

    step: str
    provider: str | None = None
    asked: Ask | StaffAsk | None = None
    lang: str | None = None  # where no request tells it
    id_token: str | None = field(default=None, repr=False)
    closed: list[str] = field(default_factory=list, repr=False)
    reference: str = field(default_factory=new_reference)
    began: float = field(default_factory=time.monotonic)


@dataclass(frozen=True, slots=True)
class Pages:
    """Each method gives a whole answer. `alive`: the request token still serves for a new start."""

    service: IdentityService

    def refusal(self, visit: Visit, refusal: LoginRefused, *, alive: bool) -> Response:
        """The page of one cause, with the status of that cause."""
        not_eligible = refusal.cause is Cause.NOT_ELIGIBLE
        template = "identity/ineligible.html" if not_eligible else "identity/failed.html"
        facts = self._common(visit, alive=alive)
        facts |= {"cause": str(refusal.cause), "status": refusal.status}
        facts["facts"] = dict(refusal.facts)
        answer = self._page(template, facts, refusal.status)
        if refusal.retry_after is not None:
            answer.headers["Retry-After"] = str(refusal.retry_after)
        return answer

    def chooser(self, visit: Visit, status: int, *, alive: bool) -> Response:
        """Each provider's button and what will be sent; 503 while the one chosen is silent."""
        asked = visit.asked
        facts = {**self._common(visit, alive=alive), "cause": None, "status": status, "facts": {}}
        facts["providers"] = [self._button(name) for name in self._names(asked)]
        realm = self.service.settings.realms.get(asked.realm) if isinstance(asked, Ask) else None
        facts["attributes"] = () if realm is None else realm.attributes
        answer = self._page("identity/chooser.html", facts, status)
        if status == 503:
            answer.headers["Retry-After"] = str(DOWN_RETRY)
        return answer

    def step(self, template: str, visit: Visit, more: Mapping[str, Any], status: int) -> Response:
        """A page of our own on the way to a proof: what was typed is shown to its typer alone."""
        facts = {**self._common(visit, alive=True), "status": status, "facts": {}, **more}
        return self._page(template, facts, status)

    def left(self, return_to: str, lang: str | None, *, confirmed: bool) -> Response:
        facts = {"return_to": return_to, "lang": lang, "status": 200, "confirmed": confirmed}
        return self._page("identity/left.html", facts, 200)

    def may_leave(self, visit: Visit) -> bool:
        """The provider has a logout, and this visit finished a login there."""
        if visit.id_token is None or visit.provider is None:
            return False
        page = self.service.settings.way(visit.provider).record.page
        return page.logout == "id_token_hint"

    def _button(self, name: str) -> dict[str, Any]:
        settings = self.service.settings.way(name)
        silent = self.service.adapter(name).breaker.silent_for()
        since = None if silent is None else self.service.clock().timestamp() - silent
        return {
            "name": name,
            "label": settings.label,
            "kind": settings.record.kind,
            "href": f"{ROOM}/go/{name}",
            "official": settings.record.page.button == "official",
            "about_href": settings.record.page.explanation,
            "down_since": since,
        }

    def _common(self, visit: Visit, *, alive: bool) -> dict[str, Any]:
        asked, settings = visit.asked, self.service.settings
        label = settings.way(visit.provider).label if visit.provider else None
        leave = {"href": LEAVE_ROOM, "text": label} if self.may_leave(visit) else None
        several = len(self._names(asked)) > 1
        return {
            "provider": label,
            "reference": visit.reference,
            "return_to": asked.return_to if asked else "/",
            "lang": asked.lang if asked else visit.lang,
            "retry_url": f"{ROOM}/start" if alive else (asked.return_to if asked else None),
            "other_url": f"{ROOM}/start" if alive and several else None,
            "leave": leave,
            "staff": isinstance(asked, StaffAsk),
        }

    def _names(self, asked: Ask | StaffAsk | None) -> tuple[str, ...]:
        """Providers that may answer; none where the request itself is what was refused."""
        try:
            return () if asked is None else self.service.providers_for(asked)
        except LoginRefused:
            return ()

    def _page(self, template: str, facts: dict[str, Any], status: int) -> Response:
        return Response(self.service.render(template, facts), status, mimetype="text/html")
