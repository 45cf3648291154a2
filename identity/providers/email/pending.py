"""A message under way: what the browser that asked for it carries until it comes back.

All of it lies in one encrypted cookie per login. The browser can keep an old copy of its cookie, so
nothing that must happen once is believed from it: each try of a code, and the proof itself, is spent
in the database under a random name.
"""

from __future__ import annotations

import json
import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Final

from flask import Response

from identity.cookies import ROOM, CookieJar, state_name
from identity.daily_keys import DailyKeys
from identity.providers.email.code import hash_of

LETTER_LIFE: Final = timedelta(minutes=30)  # mail servers that greylist make people wait for ten
TRIES: Final = 5
TWICE: Final = timedelta(minutes=1)  # the same form sent twice, or the link after the code
_LINK_USE, _COOKIE_USE = b"letter-link", b"letter"
_PREFIX = "letter-"


@dataclass(frozen=True, slots=True, kw_only=True)
class Pending:
    """One message: for which login, to which address, and the hashes of what proves its arrival.

    `request` is the request token of the petition side, valid when the message left; `begun` and
    `sent` are instants; `code` and `link` are hashes; `tries` is how many codes were wrong.
    """

    provider: str
    state: str = field(repr=False)
    request: str = field(repr=False)
    begun: datetime
    sent: datetime
    letter: bytes = field(repr=False)
    address: str = field(repr=False)
    code: bytes = field(repr=False)
    link: bytes = field(repr=False)
    tries: int = 0

    def fits_code(self, code: str) -> bool:
        found = hash_of("code", self.letter, code.encode())
        return secrets.compare_digest(found, self.code)

    def fits_link(self, secret: bytes) -> bool:
        return secrets.compare_digest(hash_of("link", self.letter, secret), self.link)

    def mark(self, use: str) -> bytes:
        """32 bytes under which one step of this message is spent; random to everybody else."""
        return hash_of(f"spent {use}", self.letter, b"")

    def expires(self) -> datetime:
        return self.sent + LETTER_LIFE


@dataclass(frozen=True, slots=True)
class Proved:
    """What stays of a message after it did its work: `at` when; `request`, good at `sent`, says
    where the person went on to.
    """

    provider: str
    state: str = field(repr=False)
    request: str = field(repr=False)
    sent: datetime
    at: datetime


@dataclass(frozen=True, slots=True)
class Link:
    """What the link in a message says: in which language, since when, of which login, the secret."""

    lang: str
    sent: datetime
    name: str
    secret: bytes = field(repr=False)

    def seal(self, keys: DailyKeys) -> str:
        """Opaque: no address, no petition, and nothing that serves in another browser."""
        stamp = int(self.sent.timestamp()).to_bytes(8, "big")
        plain = bytes.fromhex(self.name) + stamp + self.secret + self.lang.encode()
        return keys.seal_state(self.sent, plain, _LINK_USE)


def open_link(keys: DailyKeys, token: str, now: datetime) -> Link | None:
    """None: not ours, not whole, or older than the day's key."""
    plain = keys.open_state(now, token, _LINK_USE)
    if plain is None:
        return None
    sent = datetime.fromtimestamp(int.from_bytes(plain[8:16], "big"), UTC)
    return Link(plain[32:].decode(), sent, plain[:8].hex(), plain[16:32])


@dataclass(frozen=True, slots=True)
class LetterCookies:
    """One cookie per login that waits for a message, beside that login's own."""

    jar: CookieJar

    def put(
        self, answer: Response, kept: Pending | Proved, now: datetime, cookies: Mapping[str, str]
    ) -> None:
        """Keep this one, and of the others those whose login is still open."""
        base = _PREFIX + state_name(kept.state)
        sealed = self.jar.keys.seal_state(now, json.dumps(_plain(kept)).encode(), _COOKIE_USE)
        self.jar.put(answer, base, sealed, path=ROOM, life=LETTER_LIFE)
        start = self.jar.name(_PREFIX)
        for other in [name for name in cookies if name.startswith(start)]:
            name = other.removeprefix(start)
            if _PREFIX + name != base and self.jar.name(f"login-{name}") not in cookies:
                self.jar.drop(answer, _PREFIX + name, path=ROOM)

    def get(self, cookies: Mapping[str, str], name: str, now: datetime) -> Pending | Proved | None:
        """The message of the login with this name (16 hex digits), if it began in this browser."""
        sealed = cookies.get(self.jar.name(_PREFIX + name), "")
        opened = self.jar.keys.open_state(now, sealed, _COOKIE_USE)
        return None if opened is None else _typed(json.loads(opened))

    def drop(self, answer: Response, state: str) -> None:
        self.jar.drop(answer, _PREFIX + state_name(state), path=ROOM)


def _plain(kept: Pending | Proved) -> dict[str, object]:
    shown = {name: getattr(kept, name) for name in kept.__dataclass_fields__}
    return {
        name: value.hex()
        if isinstance(value, bytes)
        else value.timestamp()
        if isinstance(value, datetime)
        else value
        for name, value in shown.items()
    }


def _typed(told: dict[str, object]) -> Pending | Proved:
    """What we sealed ourselves, so of the right types."""
    for name in ("begun", "sent", "at"):
        if name in told:
            told[name] = datetime.fromtimestamp(float(str(told[name])), UTC)
    for name in ("letter", "code", "link"):
        if name in told:
            told[name] = bytes.fromhex(str(told[name]))
    shape = Proved if "at" in told else Pending
    return shape(**told)  # type: ignore[arg-type]
