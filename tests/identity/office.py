"""A small petition site for the tests of the login: keys, a petitions border, plain pages.

It is the other side of the border, written without the engine, so that `identity` is tested alone.
"""

from __future__ import annotations

import json
import secrets
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from flask import Flask
from flask.testing import FlaskClient

from identity.daily_keys import DailyKeys
from identity.keyring import FileKeyStore, Kind
from identity.outcomes import Outcome
from identity.passes import Ask, IdentityBorder, Pass, PetitionsBorder, StaffAsk, StaffPass
from identity.pseudonym import StretchCost
from identity.service import STAFF_PEPPER, IdentityService
from identity.settings import IdentitySettings, load
from identity.tokens import SigningKey
from identity.web import blueprint

SITE = "http://127.0.0.1:8000"
RETURN_TO = "/en/petitions/16/sign"
CHEAP = StretchCost(memory_kib=64, passes=1)


@dataclass
class Office:
    """The site with its ports; `pages` collects what was rendered, `outcomes` what was told."""

    settings: IdentitySettings
    borders: Borders
    service: IdentityService
    app: Flask
    spent: set[bytes]
    pages: list[tuple[str, dict[str, Any]]] = field(default_factory=list)
    outcomes: list[Outcome] = field(default_factory=list)

    @property
    def now(self) -> datetime:
        return self.borders.now

    def clock(self) -> float:
        """Seconds since the epoch, on the clock that the test moves; providers may share it."""
        return self.now.timestamp()

    def later(self, **span: float) -> None:
        self.borders.now += timedelta(**span)

    def browser(self) -> FlaskClient:
        return self.app.test_client()

    def last_page(self) -> dict[str, Any]:
        return self.pages[-1][1]


class Borders:
    """Both sides' keys and borders, on one clock that the test moves."""

    def __init__(self, directory: Path, now: datetime | None = None) -> None:
        self.now = now or datetime.now(UTC)
        identity = frozenset({"pepper", "pass-sign", STAFF_PEPPER})
        self.identity_keys = FileKeyStore(directory / "identity", prefixes=identity)
        self.petition_keys = FileKeyStore(directory / "petitions", prefixes=frozenset({"ask-sign"}))
        self.identity_keys.create("pepper/2026a", Kind.HMAC)
        self.identity_keys.create(STAFF_PEPPER, Kind.HMAC)
        self.identity_keys.create("pass-sign", Kind.ED25519)
        self.petition_keys.create("ask-sign", Kind.ED25519)
        self.daily = DailyKeys(directory / "memory", "petitions")
        self.own_daily = DailyKeys(directory / "memory", "identity")
        self.petitions = PetitionsBorder(
            sign_ask=signer(self.petition_keys, "ask-sign"),
            pass_signers=[self.identity_keys.public("pass-sign")],
            pass_keys=self.daily,
        )
        self.identity = IdentityBorder(
            ask_signers=[self.petition_keys.public("ask-sign")],
            sign_pass=signer(self.identity_keys, "pass-sign"),
            pass_public=self.daily.pass_public,
        )


def signer(store: FileKeyStore, key: str) -> SigningKey:
    return SigningKey(lambda message: store.sign(key, message), store.public(key))


def ask(now: datetime, **changed: Any) -> Ask:
    fields: dict[str, Any] = {
        "context": bytes(range(16)),
        "purpose": "sign",
        "kid": "2026a",
        "realm": "citizens",
        "assurance": "low",
        "on": now.date(),
        "return_to": RETURN_TO,
        "lang": "en",
        "rid": bytes(range(16, 32)),
    }
    return Ask(**{**fields, **changed})


def office(
    raw: dict[str, Any],
    directory: Path,
    *,
    secrets_directory: Path | None = None,
    now: datetime | None = None,
    area_code: Any = None,
    environment: str = "test",
    base_url: str = SITE,
) -> Office:
    """The whole small site over an `[identity]` table."""
    borders = Borders(directory, now)
    settings = load(
        raw,
        environment=environment,
        base_url=base_url,
        secrets_directory=secrets_directory or directory,
        environ={},
    )
    spent: set[bytes] = set()
    pages: list[tuple[str, dict[str, Any]]] = []
    outcomes: list[Outcome] = []

    def one_use(mark: bytes, _expires: datetime) -> bool:
        new = mark not in spent
        spent.add(mark)
        return new

    def render(template: str, facts: dict[str, Any]) -> str:
        pages.append((template, facts))
        return f"<h1>{template}</h1><pre>{json.dumps(facts, default=str, indent=1)}</pre>"

    service = IdentityService(
        settings=settings,
        deployment="petitions.example.org",
        border=borders.identity,
        keystore=borders.identity_keys,
        daily_keys=borders.own_daily,
        one_use=one_use,
        clock=lambda: borders.now,
        render=render,
        report=outcomes.append,
        cost=CHEAP,
        **({} if area_code is None else {"area_code": area_code}),
    )
    app = Flask("office")
    app.testing = True
    app.register_blueprint(blueprint(service))
    return Office(settings, borders, service, app, spent, pages, outcomes)


def arrive(site: Office, browser: FlaskClient, asked: Ask | StaffAsk | None = None) -> None:
    """What the petition side does before it sends a person to /identity/start."""
    asked = asked or ask(site.now)
    border = site.borders.petitions
    sealed = (
        border.seal_staff_ask(asked, site.now)
        if isinstance(asked, StaffAsk)
        else border.seal_ask(asked, site.now)
    )
    name, host = cookie_of(site, "ask")
    browser.set_cookie(name, sealed, domain=host, path="/identity")


def cookie_of(site: Office, base: str) -> tuple[str, str]:
    """Name and host of one of the site's cookies."""
    host = urlsplit(site.settings.base_url).hostname
    return f"__Secure-{base}" if site.settings.secure else base, str(host)


def opened(
    site: Office, browser: FlaskClient, asked: Ask | None = None, path: str = RETURN_TO
) -> Pass:
    """The pass that the browser now carries, opened by the petition side."""
    asked = asked or ask(site.now)
    name, host = cookie_of(site, "pass")
    cookie = browser.get_cookie(name, domain=host, path=path)
    assert cookie is not None, "no pass was given"
    return site.borders.petitions.open_pass(
        cookie.value, context=asked.context, purpose=asked.purpose, rid=asked.rid, now=site.now
    )


def opened_by_staff(site: Office, browser: FlaskClient, asked: StaffAsk) -> StaffPass:
    cookie = browser.get_cookie("pass", domain="127.0.0.1", path=asked.return_to)
    assert cookie is not None, "no pass was given"
    return site.borders.petitions.open_staff_pass(cookie.value, rid=asked.rid, now=site.now)


def cookie_names(browser: FlaskClient) -> set[str]:
    return {cookie.key for cookie in browser._cookies.values()}


def random_rid() -> bytes:
    return secrets.token_bytes(16)
