"""How the providers of docs/providers.md are documented to behave, as providers of the tests.

Written from their papers and not from our records: a record that asks something else than the
provider takes fails here.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qs

from joserfc import jws
from joserfc.jwk import KeySet
from werkzeug.wrappers import Request, Response

from tests.identity.lying_provider import ABSENT, LyingProvider, as_json

BASE = frozenset({"response_type", "client_id", "redirect_uri", "scope", "state", "nonce"})
PKCE = frozenset({"code_challenge", "code_challenge_method"})
FRANCE = BASE | {"acr_values", "claims", "prompt", "idp_hint", "ui_locales"}


@dataclass(frozen=True)
class Conduct:
    """One provider's papers. `parameters` must, `optional` may stand in a request; others do not."""

    issuer: str
    places: Mapping[str, str]
    auth: str
    alg: str
    client_id: str = "your-client-id"
    assertion: tuple[str, ...] = ()  # audiences of an assertion it takes
    assertion_alg: str = "RS256"
    assertion_life: int = 300
    parameters: frozenset[str] = BASE
    optional: frozenset[str] = frozenset()
    scopes: frozenset[str] = frozenset({"openid"})
    asked: Mapping[str, str] = field(default_factory=dict)  # values a request must have
    shortest: int = 0  # characters of state and nonce
    pushed: bool = False
    userinfo: str = "none"
    sealing: tuple[str, str] | None = None
    life: int = 60
    claims: Mapping[str, Any] = field(default_factory=dict)
    user: Mapping[str, Any] = field(default_factory=dict)
    callback_issuer: bool = False


class RealProvider(LyingProvider):
    """The provider of the tests under one conduct; a request against it fails the test."""

    def __init__(self, conduct: Conduct, fetch_keys: Callable[[], KeySet]) -> None:
        super().__init__(
            alg=conduct.alg,
            encrypted=conduct.sealing is not None,
            userinfo=conduct.userinfo,
            client_id=conduct.client_id,
            secret="a-secret-that-nobody-has-guessed-yet",
        )
        self.conduct, self.fetch_keys = conduct, fetch_keys
        self.issuer, self.life, self.sealing = conduct.issuer, conduct.life, conduct.sealing
        self.places = {"metadata": "/.well-known/openid-configuration", **conduct.places}
        self.claims, self.user = dict(conduct.claims), dict(conduct.user)
        self.seen: set[str] = set()

    def __call__(self, environ: Any, start_response: Any) -> Any:
        if not Request(environ).headers.get("User-Agent"):
            return Response("Forbidden", 403)(environ, start_response)
        return super().__call__(environ, start_response)

    def log_in(self, url: str) -> str:
        conduct = self.conduct
        assert url.startswith(self.at("authorization_endpoint"))
        names = set(parse_qs(url.partition("?")[2]))
        if conduct.pushed:
            assert names == {"client_id", "request_uri"}
        else:
            self._judged(names)
        if not conduct.callback_issuer:
            self.lies.callback.setdefault("iss", ABSENT)
        back = super().log_in(url)
        asked = self.asked[-1]
        if conduct.pushed:
            self._judged(set(asked) - {"pushed", "client_assertion", "client_assertion_type"})
        assert set(asked["scope"].split()) <= conduct.scopes, asked["scope"]
        for name, value in conduct.asked.items():
            assert asked.get(name) == value, name
        assert min(len(asked["state"]), len(asked["nonce"])) >= conduct.shortest
        return back

    def _judged(self, names: set[str]) -> None:
        missing, unknown = (
            self.conduct.parameters - names,
            names - self.conduct.parameters - self.conduct.optional,
        )
        assert (missing, unknown) == (set(), set())

    def _metadata(self, request: Request) -> Response:
        self.lies.metadata.setdefault(
            "authorization_response_iss_parameter_supported", self.conduct.callback_issuer
        )
        return super()._metadata(request)

    def _knows(self, request: Request) -> bool:
        """Exactly its own way of client authentication, and no field twice."""
        form, basic = request.form, request.authorization
        assert all(len(values) == 1 for _, values in form.lists())
        if self.conduct.auth == "client_secret_basic":
            assert "client_secret" not in form and "client_assertion" not in form
            return basic is not None and (basic.username, basic.password) == (
                self.client_id,
                self.secret,
            )
        assert basic is None
        if self.conduct.auth == "client_secret_post":
            return (form.get("client_id"), form.get("client_secret")) == (
                self.client_id,
                self.secret,
            )
        assert "client_secret" not in form
        return self._assertion_holds(form["client_assertion"])

    def _assertion_holds(self, text: str) -> bool:
        conduct, keys = self.conduct, self.fetch_keys()
        header = jws.extract_compact(text.encode()).headers()
        key = next(key for key in keys if key.kid == header["kid"] and key.get("use") == "sig")
        found = jws.deserialize_compact(text, key, algorithms=[conduct.assertion_alg])
        told = json.loads(found.payload)
        assert told["iss"] == told["sub"] == self.client_id
        assert told["aud"] in conduct.assertion, told["aud"]
        assert 0 < told["exp"] - told["iat"] <= conduct.assertion_life
        assert told["jti"] not in self.seen
        self.seen.add(told["jti"])
        return True

    def _userinfo(self, request: Request) -> Response:
        if self.conduct.userinfo == "none":
            return as_json({"error": "not_found"}, 404)
        return super()._userinfo(request)


def places(prefix: str = "", **changed: str) -> dict[str, str]:
    """Endpoints under the issuer, with those that are known by name."""
    usual = {
        "authorization_endpoint": "/authorize",
        "token_endpoint": "/token",
        "jwks_uri": "/jwks",
        "userinfo_endpoint": "/userinfo",
    }
    return {name: prefix + place for name, place in {**usual, **changed}.items()}


NUMBER = "85.07.30-033 28"
CONDUCTS: dict[str, Conduct] = {
    "franceconnect": Conduct(
        issuer="https://oidc.franceconnect.gouv.fr/api/v2",
        places=places(end_session_endpoint="/session/end"),
        auth="client_secret_post",
        alg="ES256",
        parameters=BASE | {"acr_values"},
        optional=FRANCE,
        scopes=frozenset({"openid", "birthdate", "gender", "given_name"}),
        asked={"acr_values": "eidas1"},
        shortest=22,
        userinfo="jwt",
        claims={"sub": "ab" * 32 + "v1", "acr": "eidas1"},
        user={"birthdate": "1990-02-03"},
        callback_issuer=True,
    ),
    "franceconnect_plus": Conduct(
        issuer="https://auth.franceconnect.gouv.fr/api/v2",
        client_id="your-client-id-plus",
        places=places(end_session_endpoint="/session/end"),
        auth="client_secret_post",
        alg="ES256",
        parameters=BASE | {"acr_values"},
        optional=FRANCE,
        scopes=frozenset({"openid", "birthdate"}),
        asked={"acr_values": "eidas2"},
        shortest=22,
        userinfo="jwt",
        sealing=("ECDH-ES", "A256GCM"),
        claims={"sub": "cd" * 32 + "v1", "acr": "eidas2"},
        user={"birthdate": "1990-02-03"},
        callback_issuer=True,
    ),
    "itsme": Conduct(
        issuer="https://idp.prd.itsme.services/v2",
        places=places(authorization_endpoint="/authorization", jwks_uri="/jwkSet"),
        auth="private_key_jwt",
        alg="RS256",
        assertion=("https://idp.prd.itsme.services/v2/token",),
        parameters=BASE | {"acr_values"},
        optional=PKCE | {"claims", "ui_locales", "login_hint", "display"},
        scopes=frozenset({"openid", "service:YOUR_SERVICE_CODE", "eid"}),
        asked={"claims": '{"userinfo":{"age_gte_18":{"essential":true}}}'},
        userinfo="jwt",
        sealing=("RSA-OAEP", "A256GCM"),
        life=300,
        claims={
            "sub": "fresh-with-each-account",
            "acr": "http://itsme.services/v2/claim/acr_advanced",
        },
        user={"http://itsme.services/v2/claim/BENationalNumber": NUMBER, "age_gte_18": True},
    ),
    "csam": Conduct(
        issuer="https://idp.iamfas.belgium.be/fas/oauth2",
        places=places(token_endpoint="/access_token", jwks_uri="/connect/jwk_uri"),
        auth="private_key_jwt",
        alg="RS256",
        assertion=("https://idp.iamfas.belgium.be/fas/oauth2/access_token",),
        parameters=BASE | {"acr_values"},
        optional=PKCE,
        scopes=frozenset({"openid", "profile", "egovnrn"}),
        userinfo="jwt",
        life=3600,
        claims={"sub": "at-csam", "acr": "urn:be:fedict:iam:fas:Level450"},
        user={"egovNRN": "85073003328"},
    ),
    "one_login": Conduct(
        issuer="https://oidc.account.gov.uk/",
        places=places(jwks_uri="/.well-known/jwks.json", end_session_endpoint="/logout"),
        auth="private_key_jwt",
        alg="ES256",
        assertion=("https://oidc.account.gov.uk/token",),
        parameters=BASE | {"vtr"},
        optional=PKCE | {"claims", "max_age", "prompt", "ui_locales"},
        scopes=frozenset({"openid", "email", "phone"}),
        asked={"vtr": '["Cl.Cm"]'},
        userinfo="json",
        life=120,
        claims={
            "sub": "urn:fdc:gov.uk:2022:ab12",
            "vot": "Cl.Cm",
            "vtm": "https://x.gov.uk/trustmark",
        },
    ),
    "spid_cie": Conduct(
        issuer="https://broker.example.it/realms/petitions",
        client_id="petitions",
        places=places(
            "/protocol/openid-connect", jwks_uri="/certs", authorization_endpoint="/auth"
        ),
        auth="private_key_jwt",
        alg="RS256",
        assertion=("https://broker.example.it/realms/petitions",),
        assertion_alg="ES256",
        assertion_life=60,
        parameters=BASE | PKCE | {"acr_values"},
        claims={
            "sub": "one-of-several",
            "acr": "https://www.spid.gov.it/SpidL2",
            "fiscal_number": "TINIT-RSSMRA85T10A562S",
        },
        callback_issuer=True,
    ),
    "id_porten": Conduct(
        issuer="https://idporten.no",
        places=places(
            authorization_endpoint="https://login.idporten.no/authorize",
            pushed_authorization_request_endpoint="/par",
            end_session_endpoint="https://login.idporten.no/logout",
            jwks_uri="/jwks.json",
        ),
        auth="private_key_jwt",
        alg="RS256",
        assertion=("https://idporten.no",),
        assertion_life=120,
        parameters=BASE | PKCE | {"acr_values"},
        scopes=frozenset({"openid", "no_pid"}),
        pushed=True,
        life=120,
        claims={
            "sub": "pairwise-and-no-number",
            "acr": "idporten-loa-substantial",
            "amr": ["BankID"],
        },
        callback_issuer=True,
    ),
    "generic": Conduct(
        issuer="https://login.example.org",
        client_id="petitions",
        places=places(),
        auth="client_secret_basic",
        alg="RS256",
        parameters=BASE | PKCE,
        claims={"sub": "anybody"},
    ),
}
