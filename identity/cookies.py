"""Cookies of the login: sealed, short, few, and only on our own paths.

State lives in the person's browser, encrypted, so that the server keeps no list of logins.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from flask import Response

from identity.daily_keys import DailyKeys
from identity.encoding import enc
from identity.providers.adapter import Departure

LOGIN_LIFE: Final = timedelta(minutes=20)
LEAVE_LIFE: Final = timedelta(minutes=30)
# as long as a working day; who logs in after 17:00 UTC has until the key of the day goes, at 01:00
STAFF_LEAVE_LIFE: Final = timedelta(hours=8)
OPEN_LOGINS: Final = 3  # twenty abandoned logins must not fill the browser's request header
HINT_MAX: Final = 3500  # bytes; a longer id_token is dropped and logout goes without it
ROOM: Final = "/identity"
LEAVE_ROOM: Final = "/identity/leave"
LEFT_ROOM: Final = "/identity/left"

_LOGIN = re.compile(r"(?:__Secure-)?login-[0-9a-f]{16}")


@dataclass(frozen=True, slots=True)
class OpenLogin:
    """One login under way: where, what was sent along, and the request it answers."""

    provider: str
    departure: Departure
    request_token: str


@dataclass(frozen=True, slots=True)
class Leaving:
    """What a later logout needs: the provider, its id_token if short enough, the way back."""

    provider: str
    id_token: str | None
    return_to: str
    lang: str


@dataclass(frozen=True, slots=True)
class CookieJar:
    """Writes and reads our cookies; `secure` is off only on http loopback."""

    keys: DailyKeys
    secure: bool

    def name(self, base: str) -> str:
        return f"__Secure-{base}" if self.secure else base

    def put(self, answer: Response, base: str, value: str, *, path: str, life: timedelta) -> None:
        answer.set_cookie(
            self.name(base),
            value,
            max_age=int(life.total_seconds()),
            path=path,
            secure=self.secure,
            httponly=True,
            samesite="Lax",
        )

    def drop(self, answer: Response, base: str, *, path: str) -> None:
        self._drop_named(answer, self.name(base), path)

    def put_login(
        self, answer: Response, login: OpenLogin, now: datetime, cookies: Mapping[str, str]
    ) -> None:
        """Keep this login and the two newest others; drop the rest, and what does not open."""
        text = {
            "provider": login.provider,
            "state": login.departure.state,
            "nonce": login.departure.nonce,
            "verifier": login.departure.verifier,
            "at": login.departure.at,
            "request": login.request_token,
        }
        sealed = self.keys.seal_state(now, json.dumps(text).encode(), b"login")
        base = _login_name(login.departure.state)
        self.put(answer, base, sealed, path=ROOM, life=LOGIN_LIFE)
        others = [name for name in cookies if _LOGIN.fullmatch(name) and name != self.name(base)]
        opened = {name: self._open_login(cookies[name], now) for name in others}
        ages = {name: found.departure.at for name, found in opened.items() if found}
        kept = sorted(ages, key=lambda name: ages[name], reverse=True)[: OPEN_LOGINS - 1]
        for name in others:
            if name not in kept:
                self._drop_named(answer, name, ROOM)

    def login(self, cookies: Mapping[str, str], state: str, now: datetime) -> OpenLogin | None:
        """The login this state belongs to, if it began in this browser and is not yet closed."""
        sealed = cookies.get(self.name(_login_name(state)))
        return None if sealed is None else self._open_login(sealed, now)

    def drop_login(self, answer: Response, state: str) -> None:
        self.drop(answer, _login_name(state), path=ROOM)

    def put_leaving(
        self, answer: Response, leaving: Leaving, now: datetime, life: timedelta = LEAVE_LIFE
    ) -> None:
        """The id_token waits encrypted in the browser, never on our server."""
        hint = leaving.id_token
        if hint is not None and len(hint) > HINT_MAX:
            hint = None
        until = (now + life).timestamp()
        text = [leaving.provider, hint, leaving.return_to, leaving.lang, until]
        sealed = self.keys.seal_state(now, json.dumps(text).encode(), b"leave")
        if len(sealed) > HINT_MAX:
            text[1] = None
            sealed = self.keys.seal_state(now, json.dumps(text).encode(), b"leave")
        self.put(answer, "leave", sealed, path=LEAVE_ROOM, life=life)

    def leaving(self, cookies: Mapping[str, str], now: datetime) -> Leaving | None:
        opened = self.keys.open_state(now, cookies.get(self.name("leave"), ""), b"leave")
        if opened is None:
            return None
        provider, hint, return_to, lang, until = json.loads(opened)
        if not (now.timestamp() <= until):
            return None
        return Leaving(provider, hint, return_to, lang)

    def _open_login(self, sealed: str, now: datetime) -> OpenLogin | None:
        opened = self.keys.open_state(now, sealed, b"login")
        if opened is None:
            return None
        text = json.loads(opened)
        departure = Departure("", text["state"], text["nonce"], text["verifier"], text["at"])
        return OpenLogin(text["provider"], departure, text["request"])

    def _drop_named(self, answer: Response, name: str, path: str) -> None:
        answer.delete_cookie(name, path=path, secure=self.secure, httponly=True, samesite="Lax")


def state_hash(state: str) -> bytes:
    """32 bytes under which a state is spent; the state itself is never stored."""
    return hashlib.sha256(enc("petition/login-state/v1", state.encode())).digest()


def state_name(state: str) -> str:
    """16 hex digits that name this login's cookies."""
    return hashlib.sha256(state.encode()).hexdigest()[:16]


def _login_name(state: str) -> str:
    return f"login-{state_name(state)}"
