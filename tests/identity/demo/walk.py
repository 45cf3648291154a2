"""A petition site of the tests: sends a browser to the demonstration provider by raw HTTP."""

from __future__ import annotations

import base64
import hashlib
import json
import re
from dataclasses import dataclass, field
from datetime import date
from itertools import count
from typing import Any
from urllib.parse import parse_qs, quote_plus, urlsplit

from flask import Flask
from joserfc import jwe, jws
from joserfc.jwe import JWERegistry
from joserfc.jwk import ECKey, KeySet, RSAKey
from werkzeug.test import Client, TestResponse

from identity.providers.demo import PROFILES, DemoSettings, create_provider
from identity.providers.demo.clients import ASSERTION

SITE = "http://127.0.0.1:8000"
PROVIDER = "http://127.0.0.1:8001"
TODAY = date(2026, 3, 2)
SECRETS = {
    "citizens": "citizens' secret: ünïcode & 100%",
    "staff": "staff's secret: ünïcode + 100%",
}
CLIENTS = {"citizens": "petitions", "staff": "office"}
CALLBACKS = {
    "citizens": f"{SITE}/identity/callback/demo",
    "staff": f"{SITE}/identity/callback/staff",
}
LEFT = f"{SITE}/identity/left"
VERIFIER = "v" * 64
CHALLENGE = (
    base64.urlsafe_b64encode(hashlib.sha256(VERIFIER.encode()).digest()).rstrip(b"=").decode()
)
STATE, NONCE = "s" * 64, "n" * 64
ACR = {
    "strict": "eidas1",
    "plus": "eidas2",
    "norwegian": "idporten-loa-substantial",
    "generic": "mfa",
}
ONCE = count()
SIGNING = ECKey.generate_key("P-256", {"use": "sig", "kid": "site-sig"})
SEALING = ECKey.generate_key("P-256", {"use": "enc", "kid": "site-enc"})
SEALING_RSA = RSAKey.generate_key(2048, {"use": "enc", "kid": "site-enc-rsa"})


def public_keys(*keys: Any) -> dict[str, object]:
    return {"keys": [key.as_dict(private=False) for key in keys]}


@dataclass
class Clock:
    seconds: float = 1_772_445_600.0

    def __call__(self) -> float:
        return self.seconds


@dataclass
class Walk:
    """One browser and one site's server at one provider."""

    profile: str = "strict"
    audience: str = "citizens"
    scope: str = "openid"
    keys: dict[str, object] = field(default_factory=lambda: public_keys(SIGNING, SEALING))
    overrides: dict[str, Any] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.clock = Clock()
        self.settings = DemoSettings(
            site=SITE,
            citizens_secret=SECRETS["citizens"],
            staff_secret=SECRETS["staff"],
            profile=PROFILES[self.profile],
            client_keys=self.keys,
            today=TODAY,
            **self.overrides,
        )
        self.app: Flask = create_provider(self.settings, clock=self.clock)
        self.browser = Client(self.app)
        self.server = Client(self.app, use_cookies=False)

    @property
    def issuer(self) -> str:
        return f"{PROVIDER}/{self.audience}"

    @property
    def conduct(self) -> str:
        return self.profile if self.audience == "citizens" else "generic"

    # -- what the site sends -----------------------------------------------------------------

    def request(self, **changes: Any) -> dict[str, Any]:
        """The parameters of a good request, with changes; None drops one."""
        good: dict[str, Any] = {
            "response_type": "code",
            "client_id": CLIENTS[self.audience],
            "redirect_uri": CALLBACKS[self.audience],
            "scope": self.scope,
            "acr_values": ACR[self.conduct],
            "state": STATE,
            "nonce": NONCE,
        }
        if self.conduct in {"generic", "norwegian"}:
            good |= {"code_challenge": CHALLENGE, "code_challenge_method": "S256"}
        return {name: value for name, value in (good | changes).items() if value is not None}

    def assertion(self, key: Any = SIGNING, alg: str = "ES256", **changes: Any) -> str:
        claims = {
            "iss": CLIENTS[self.audience],
            "sub": CLIENTS[self.audience],
            "aud": f"{self.issuer}/token",
            "iat": int(self.clock()),
            "exp": int(self.clock()) + 60,
            "jti": f"assertion-{next(ONCE)}",
        } | changes
        claims = {name: value for name, value in claims.items() if value is not None}
        header = {"alg": alg, "typ": "JWT", "kid": key.kid}
        return jws.serialize_compact(header, json.dumps(claims), key, algorithms=[alg])

    def credentials(self, way: str | None = None) -> tuple[dict[str, str], dict[str, str]]:
        """Form fields and headers by which the site's server proves itself."""
        way = way or {"generic": "basic", "norwegian": "key"}.get(self.conduct, "post")
        if way == "post":
            return {
                "client_id": CLIENTS[self.audience],
                "client_secret": SECRETS[self.audience],
            }, {}
        if way == "basic":
            pair = f"{quote_plus(CLIENTS[self.audience])}:{quote_plus(SECRETS[self.audience])}"
            return {}, {"Authorization": "Basic " + base64.b64encode(pair.encode()).decode()}
        return {"client_assertion_type": ASSERTION, "client_assertion": self.assertion()}, {}

    # -- the steps ---------------------------------------------------------------------------

    def authorize(self, **changes: Any) -> TestResponse:
        parameters = self.request(**changes)
        if self.conduct == "norwegian":
            pushed = self.push(parameters)
            assert pushed.status_code == 201, pushed.text
            parameters = {
                "client_id": CLIENTS[self.audience],
                "request_uri": pushed.json["request_uri"],
            }
        return self.browser.get(f"{self.issuer}/authorize", query_string=parameters)

    def push(self, parameters: dict[str, Any]) -> TestResponse:
        form, headers = self.credentials()
        return self.server.post(f"{self.issuer}/par", data=parameters | form, headers=headers)

    def ticket(self, page: TestResponse) -> str:
        assert page.status_code == 200, page.text
        found = re.search(r'name="ticket" value="([^"]+)"', page.text)
        assert found
        return found[1]

    def choose(self, page: TestResponse, **form: str) -> TestResponse:
        form = form or {"person": "amina haddad" if self.audience == "citizens" else "ana petit"}
        return self.browser.post(f"{self.issuer}/login", data={"ticket": self.ticket(page)} | form)

    def code(self, page: TestResponse | None = None, **form: str) -> str:
        answered = answer(self.choose(page or self.authorize(), **form))
        assert "error" not in answered
        return answered["code"]

    def token(self, code: str, way: str | None = None, **changes: Any) -> TestResponse:
        form, headers = self.credentials(way)
        good = {
            "grant_type": "authorization_code",
            "code": code,
            "redirect_uri": CALLBACKS[self.audience],
        }
        if self.conduct in {"generic", "norwegian"}:
            good["code_verifier"] = VERIFIER
        headers = changes.pop("headers", headers)
        whole = {n: v for n, v in (good | form | changes).items() if v is not None}
        return self.server.post(f"{self.issuer}/token", data=whole, headers=headers)

    def userinfo(self, access_token: str) -> TestResponse:
        return self.server.get(
            f"{self.issuer}/userinfo", headers={"Authorization": f"Bearer {access_token}"}
        )

    # -- what the site reads -----------------------------------------------------------------

    def claims(self, token: str) -> dict[str, Any]:
        """Claims of a token signed by this provider's published key."""
        published = KeySet.import_key_set(self.server.get(f"{self.issuer}/jwks").json)
        opened = jws.deserialize_compact(token, published, algorithms=["ES256"])
        found: dict[str, Any] = json.loads(opened.payload or b"")
        return found

    def opened(self, token: str, key: Any = SEALING, alg: str = "ECDH-ES") -> tuple[dict, str]:
        """Header and content of an encrypted token."""
        registry = JWERegistry(algorithms=[alg, "A256GCM"], strict_check_header=False)
        sealed = jwe.decrypt_compact(token, key, registry=registry)
        return sealed.headers(), (sealed.plaintext or b"").decode()


def answer(response: TestResponse) -> dict[str, str]:
    """The parameters with which the browser is sent back; each comes once."""
    assert response.status_code == 303, response.text
    parts = urlsplit(response.headers["Location"])
    fields = parse_qs(parts.query, strict_parsing=True)
    assert all(len(values) == 1 for values in fields.values())
    return {name: values[0] for name, values in fields.items()}
