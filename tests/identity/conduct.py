"""The profiles of providers in which logins and refusals are tried, and the walk itself."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, replace
from datetime import datetime
from functools import cache
from pathlib import Path
from typing import Any

import msgspec
from flask.testing import FlaskClient
from joserfc.jwk import ECKey, RSAKey
from werkzeug.test import TestResponse

from identity.passes import Ask, StaffAsk
from identity.providers.metadata import MetadataStore
from tests.identity.lying_provider import Lies, LyingProvider, public_keys_of, running
from tests.identity.office import SITE, Office, arrive, cookie_names, office
from tests.identity.wire import wired

Lie = Callable[[LyingProvider], Any]
BY_KEY = {"id": "petitions", "auth": "private_key_jwt", "alg": "ES256", "key_file": "sign.jwk"}
BY_POST = {"id": "petitions", "auth": "client_secret_post", "secret": "a secret of the tests"}
BY_BASIC = {**BY_POST, "auth": "client_secret_basic"}


@dataclass(frozen=True)
class Profile:
    """How one family of providers behaves, and the record that says so."""

    name: str
    alg: str = "ES256"
    client: Any = None
    request: Any = None
    encryption: tuple[str, str] | None = None  # (key agreement, key file)
    userinfo: str = "jwt"
    more: Any = None

    def record(self, issuer: str) -> dict[str, Any]:
        answer: dict[str, Any] = {"algs": [self.alg], "userinfo": self.userinfo}
        if self.encryption is not None:
            agreement, file = self.encryption
            answer["encrypted"] = {"alg": [agreement], "enc": ["A256GCM"], "key_files": [file]}
        return {
            "issuer": issuer,
            "client": self.client or BY_POST,
            "request": {"acr_values": ["eidas1"], **(self.request or {})},
            "answer": answer,
            "person": {"namespace": "fr-test", "one_per": "person"},
            "assurance": {"eidas1": "low", "eidas2": "substantial"},
            "attributes": {"birthdate": {"scope": "birthdate", "from": "userinfo"}},
            "page": {"label": "The provider"},
            **(self.more or {}),
        }


PLAIN = Profile("plain")
ENCRYPTED = Profile("encrypted", client=BY_KEY, encryption=("ECDH-ES", "enc-ec.jwk"))
PUSHED = Profile("pushed", client=BY_KEY, request={"par": True})
EVERY_REFUSAL = (PLAIN, ENCRYPTED, PUSHED)
EVERY_LOGIN = (
    *EVERY_REFUSAL,
    Profile("basic", client=BY_BASIC, userinfo="json"),
    Profile("rsa", alg="RS256"),
    Profile("encrypted-rsa", client=BY_KEY, encryption=("RSA-OAEP-256", "enc-rsa.jwk")),
    Profile("pushed-basic", client=BY_BASIC, request={"par": True}),
    Profile("pushed-post", client=BY_POST, request={"par": True}),
    Profile("without-pkce", request={"pkce": "off"}),
)


@cache
def _jwk(kind: str) -> str:
    parameters: Any = {"kid": f"own-{kind}"}
    if kind == "sign":
        key: Any = ECKey.generate_key("P-256", {**parameters, "use": "sig"})
    elif kind == "enc-ec":
        key = ECKey.generate_key("P-256", parameters)
    else:
        key = RSAKey.generate_key(2048, parameters)
    return json.dumps(key.as_dict(private=True))


def write_keys(directory: Path) -> None:
    for kind in ("sign", "enc-ec", "enc-rsa"):
        file = directory / f"{kind}.jwk"
        file.write_text(_jwk(kind))
        file.chmod(0o600)


@contextmanager
def at_home(provider: LyingProvider, issuer: str | None) -> Iterator[None]:
    """The provider answers: on a port of this machine, or under an https address without one."""
    if issuer is not None:
        provider.issuer = issuer
        with wired(provider):
            yield
    else:
        with running(provider):
            yield


@contextmanager
def opened_office(
    profile: Profile,
    directory: Path,
    *,
    realm: Any = None,
    also: Any = None,
    https: bool = False,
    now: datetime | None = None,
    **settings: Any,
) -> Iterator[tuple[LyingProvider, Office]]:
    """A provider that runs, and a site whose realm `citizens` trusts it."""
    write_keys(directory)
    provider = LyingProvider(
        alg=profile.alg, encrypted=profile.encryption is not None, userinfo=profile.userinfo
    )
    provider.user = {"birthdate": "1990-02-03"}
    with at_home(
        provider, f"https://{profile.name.lower()}.provider.example/api/v2" if https else None
    ):
        raw = {
            "providers": {"lying": profile.record(provider.issuer), **(also or {})},
            "realms": {
                "citizens": {"providers": ["lying"], "attributes": ["birthdate"], **(realm or {})}
            },
            **settings,
        }
        site = office(raw, directory, now=now)
        provider.clock = site.clock
        listed = site.browser().get("/identity/keys.json").get_json()
        if listed["keys"]:
            provider.client_keys = public_keys_of(listed)
        yield provider, site


@contextmanager
def opened_offices(
    directory: Path, **more: Any
) -> Iterator[dict[str, tuple[LyingProvider, Office]]]:
    """One provider and one site for each profile in which refusals are tried, by its name."""
    with ExitStack() as stack:
        found = {}
        for profile in EVERY_REFUSAL:
            place = directory / profile.name
            place.mkdir()
            found[profile.name] = stack.enter_context(
                opened_office(profile, place, https=True, **more)
            )
        yield found


def get(browser: FlaskClient, url: str, base_url: str = SITE) -> TestResponse:
    return browser.get(url.removeprefix(base_url), base_url=base_url)


def leave_for(site: Office, browser: FlaskClient, asked: Ask | StaffAsk | None = None) -> str:
    """From the petition page to the provider: the authorization URL."""
    arrive(site, browser, asked)
    answer = get(browser, "/identity/start", site.settings.base_url)
    assert answer.status_code == 303, site.last_page()
    answer = get(browser, answer.headers["Location"], site.settings.base_url)
    assert answer.status_code == 303, (site.last_page(), site.outcomes[-1])
    return answer.headers["Location"]


def walk(
    site: Office,
    provider: LyingProvider,
    browser: FlaskClient,
    asked: Ask | StaffAsk | None = None,
    *,
    lie: Lie | None = None,
    cold: bool = False,
) -> TestResponse:
    """A whole login; the answer to the callback. `cold`: the site restarts in between."""
    provider.lies = Lies()
    url = leave_for(site, browser, asked)
    if cold:
        fresh_store(site)
    if lie is not None:
        lie(provider)
    return get(browser, provider.log_in(url), site.settings.base_url)


def fresh_store(site: Office) -> None:
    """As after a restart: nothing of the provider is known."""
    for found in site.service.providers.values():
        found.store = MetadataStore(found.settings)


@contextmanager
def record_of(site: Office, **changed: Any) -> Iterator[None]:
    """The provider's record with some values changed; a table is changed key by key."""
    found = site.service.providers["lying"]
    before, tables = found.settings, dict(changed)
    for name, value in changed.items():
        kept = getattr(before.record, name)
        if isinstance(kept, msgspec.Struct):
            tables[name] = msgspec.structs.replace(kept, **value)
    found.settings = replace(before, record=msgspec.structs.replace(before.record, **tables))
    try:
        yield
    finally:
        found.settings = before


def assert_refused(site: Office, browser: FlaskClient, answer: TestResponse, cause: str) -> None:
    """An error page of this cause; no pass, no open state, nothing to cache."""
    assert answer.status_code >= 400 or cause == "cancelled"
    template, page = site.pages[-1]
    assert template == "identity/failed.html"
    assert page["cause"] == cause, (page["cause"], site.outcomes[-1].reason)
    assert answer.headers["Cache-Control"] == "no-store"
    names = cookie_names(browser)
    assert not {name for name in names if name.startswith(("pass", "login-", "leave"))}, names
