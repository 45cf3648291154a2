"""An OpenID provider that answers wrongly on demand, in a thread of the test process.

Good by default (strict: nonce, client secret, one-use code, PKCE where asked). A `Lie` changes one
thing: a claim, a header, a key, a status, a whole body. Built on joserfc and werkzeug, apart from
the shipped demonstration provider, which cannot lie.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import secrets
import threading
import time
import warnings
from collections.abc import Callable
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit

from joserfc import jwe, jws
from joserfc.jwk import ECKey, Key, KeySet, RSAKey, import_key
from werkzeug.serving import make_server
from werkzeug.wrappers import Request, Response


class _Absent:
    """A claim or field that is left out; its name is the same in every process that lists tests."""

    def __repr__(self) -> str:
        return "absent"


ABSENT: Any = _Absent()
PLACES = {
    "metadata": "/.well-known/openid-configuration",
    "authorization_endpoint": "/authorize",
    "token_endpoint": "/token",
    "jwks_uri": "/jwks",
    "userinfo_endpoint": "/userinfo",
    "end_session_endpoint": "/leave",
    "pushed_authorization_request_endpoint": "/par",
}
Claims = dict[str, Any]


@dataclass
class Lies:
    """What is wrong with the next answers; everything None or empty is a good provider."""

    id_claims: Claims = field(default_factory=dict)
    id_change: Callable[[Claims], Any] | None = None
    user_claims: Claims = field(default_factory=dict)
    header: Claims = field(default_factory=dict)
    user_header: Claims = field(default_factory=dict)
    sign: Callable[[Claims, Claims], str] | None = None
    text: Callable[[str], str] | None = None
    id_token: Callable[[Claims, str], str] | None = None  # the whole token, encryption and all
    user_text: Callable[[str], str] | None = None
    token_answer: Claims = field(default_factory=dict)
    token_response: Response | None = None
    user_response: Response | None = None
    callback: Claims = field(default_factory=dict)
    metadata: Claims = field(default_factory=dict)
    keys_response: Response | None = None
    metadata_response: Response | None = None
    sealing: Claims = field(default_factory=dict)  # header of the encryption
    plain: bool = False  # not encrypted
    sleep: float = 0.0
    gate: threading.Event | None = None  # answers wait until it is set


class LyingProvider:
    """State of the provider. `issuer` is set when the server runs."""

    def __init__(
        self,
        *,
        alg: str = "ES256",
        encrypted: bool = False,
        userinfo: str = "jwt",
        client_id: str = "petitions",
        secret: str = "a secret of the tests",
    ) -> None:
        self.issuer = ""
        self.places = dict(PLACES)
        self.life = 60
        self.clock: Callable[[], float] = time.time  # a site of the tests lends its own
        self.sealing: tuple[str, str] | None = None  # (key agreement, cipher)
        self.alg, self.encrypted, self.userinfo = alg, encrypted, userinfo
        self.client_id, self.secret = client_id, secret
        self.key: Key = new_key(alg, "provider-1")
        self.client_keys: KeySet | None = None
        self.lies = Lies()
        self.claims: Claims = {"sub": "alice-at-lying", "acr": "eidas1"}
        self.user: Claims = {}
        self.waiting: dict[str, Claims] = {}  # code → the authorization request
        self.pushed: dict[str, Claims] = {}
        self.access: dict[str, str] = {}  # access token → sub
        self.asked: list[Claims] = []
        self.calls: list[str] = []
        self.bodies: list[Claims] = []
        self.assertions: list[Claims] = []

    def at(self, name: str) -> str:
        """The address of one of its endpoints."""
        place = self.places[name]
        return place if place.startswith("http") else self.issuer.rstrip("/") + place

    # -- what the browser would do at the provider ------------------------------------------------
    def log_in(self, url: str) -> str:
        """The person logs in at the authorization URL; the callback URL with the answer."""
        query = {name: values[0] for name, values in parse_qs(url.partition("?")[2]).items()}
        if "request_uri" in query:
            query = {**self.pushed.pop(query["request_uri"]), "pushed": "yes"}
        if "request" in query:
            query = {**query, **self._opened(query["request"])}
        self.asked.append(query)
        code = secrets.token_urlsafe(16)
        self.waiting[code] = query
        told = {"code": code, "state": query["state"], "iss": self.issuer, **self.lies.callback}
        told = {name: value for name, value in told.items() if value is not ABSENT}
        return f"{query['redirect_uri']}?{urlencode(told, doseq=True)}"

    # -- the server --------------------------------------------------------------------------------
    def __call__(self, environ: Any, start_response: Any) -> Any:
        request = Request(environ)
        self.calls.append(request.path)
        if self.lies.sleep:
            time.sleep(self.lies.sleep)
        if self.lies.gate is not None:
            self.lies.gate.wait(20)
        views = {
            "metadata": self._metadata,
            "jwks_uri": self._jwks,
            "token_endpoint": self._token,
            "userinfo_endpoint": self._userinfo,
            "pushed_authorization_request_endpoint": self._par,
        }
        known = {
            urlsplit(self.at(name)).path: view
            for name, view in views.items()
            if name in self.places
        }
        view = known.get(request.root_path.rstrip("/") + request.path)
        answer = view(request) if view else Response("no such page", 404)
        return answer(environ, start_response)

    def _metadata(self, _request: Request) -> Response:
        if self.lies.metadata_response is not None:
            return self.lies.metadata_response
        told = {
            "issuer": self.issuer,
            **{name: self.at(name) for name in self.places if name != "metadata"},
            "authorization_response_iss_parameter_supported": True,
            "id_token_signing_alg_values_supported": [self.alg, "none", "HS256"],
            **self.lies.metadata,
        }
        return as_json({name: value for name, value in told.items() if value is not ABSENT})

    def _jwks(self, _request: Request) -> Response:
        if self.lies.keys_response is not None:
            return self.lies.keys_response
        return as_json({"keys": [self.key.as_dict(private=False)]})

    def _par(self, request: Request) -> Response:
        if not self._knows(request):
            return as_json({"error": "invalid_client"}, 401)
        reference = f"urn:request:{secrets.token_hex(8)}"
        self.pushed[reference] = request.form.to_dict()
        return as_json({"request_uri": reference, "expires_in": 60}, 201)

    def _token(self, request: Request) -> Response:
        self.bodies.append(request.form.to_dict())
        if self.lies.token_response is not None:
            return self.lies.token_response
        if not self._knows(request):
            return as_json({"error": "invalid_client"}, 401)
        asked = self.waiting.pop(request.form.get("code", ""), None)
        if asked is None or asked["redirect_uri"] != request.form.get("redirect_uri"):
            return as_json({"error": "invalid_grant"}, 400)
        if not _pkce_holds(asked, request.form.get("code_verifier")):
            return as_json({"error": "invalid_grant"}, 400)
        access = secrets.token_urlsafe(16)
        self.access[access] = self.claims["sub"]
        told = {
            "access_token": access,
            "token_type": "Bearer",
            "expires_in": 60,
            "id_token": (self.lies.id_token or self._id_token)(asked, access),
            **self.lies.token_answer,
        }
        return as_json({name: value for name, value in told.items() if value is not ABSENT})

    def _userinfo(self, request: Request) -> Response:
        if self.lies.user_response is not None:
            return self.lies.user_response
        access = request.headers.get("Authorization", "").removeprefix("Bearer ")
        if access not in self.access:
            return as_json({"error": "invalid_token"}, 401)
        told = {"sub": self.access[access], **self.user, **self.lies.user_claims}
        told = {name: value for name, value in told.items() if value is not ABSENT}
        if self.userinfo == "json":
            return as_json(told)
        told = {"iss": self.issuer, "aud": self.client_id, **told}
        told = {name: value for name, value in told.items() if value is not ABSENT}
        text = self._sealed(self._signed(told, self.lies.user_header))
        if self.lies.user_text:
            text = self.lies.user_text(text)
        return Response(text, mimetype="application/jwt")

    # -- tokens ------------------------------------------------------------------------------------
    def _id_token(self, asked: Claims, access: str) -> str:
        now = int(self.clock())
        claims: Claims = {
            "iss": self.issuer,
            "aud": self.client_id,
            "iat": now,
            "exp": now + self.life,
            "nonce": asked["nonce"],
            "at_hash": half_hash(access, f"sha{self.alg[-3:]}"),
            "auth_time": now,
            **self.claims,
            **self.lies.id_claims,
        }
        claims = {name: value for name, value in claims.items() if value is not ABSENT}
        if self.lies.id_change:
            self.lies.id_change(claims)
        header = {"alg": self.alg, "kid": str(self.key.kid), **self.lies.header}
        header = {name: value for name, value in header.items() if value is not ABSENT}
        make = self.lies.sign or (lambda head, body: self._sign(head, json.dumps(body).encode()))
        text = make(header, claims)
        if self.lies.text:
            text = self.lies.text(text)
        return self._sealed(text)

    def _signed(self, claims: Claims, header: Claims) -> str:
        head = {"alg": self.alg, "kid": str(self.key.kid), **header}
        return self._sign(head, json.dumps(claims).encode())

    def _sign(self, header: Claims, payload: bytes) -> str:
        registry = jws.JWSRegistry(algorithms=[header["alg"]], strict_check_header=False)
        return jws.serialize_compact(header, payload, self.key, registry=registry)

    def sign_raw(self, header: Claims, payload: bytes, key: Key | None = None) -> str:
        """A signature over any payload and header, by any key: what joserfc would refuse to make."""
        registry = jws.JWSRegistry(algorithms=[header["alg"]], strict_check_header=False)
        return jws.serialize_compact(header, payload, key or self.key, registry=registry)

    def _sealed(self, text: str) -> str:
        if not self.encrypted or self.client_keys is None or self.lies.plain:
            return text
        key = next(key for key in self.client_keys if key.get("use") == "enc")
        alg, enc = self.sealing or (
            "ECDH-ES" if isinstance(key, ECKey) else "RSA-OAEP-256",
            "A256GCM",
        )
        # iss and aud in the header, as FranceConnect+ has them.
        header = {"alg": alg, "enc": enc, "cty": "JWT", "kid": str(key.kid)}
        header |= {"iss": self.issuer, "aud": self.client_id, **self.lies.sealing}
        header = {name: value for name, value in header.items() if value is not ABSENT}
        alg, enc = header["alg"], header["enc"]
        if alg in {"RSA1_5", "dir"}:  # joserfc would not make these for our key
            return ".".join([_b64(json.dumps(header).encode()), *"abcd"])
        registry = jwe.JWERegistry(algorithms=[alg, enc, "DEF"], strict_check_header=False)
        return jwe.encrypt_compact(header, text, key, registry=registry)

    def _opened(self, request: str) -> Claims:
        """The parameters of a signed request (RFC 9101), as texts."""
        assert self.client_keys is not None
        key = next(key for key in self.client_keys if key.get("use") == "sig")
        found = jws.deserialize_compact(request, key, algorithms=["ES256", "RS256"])
        assert found.headers()["typ"] == "oauth-authz-req+jwt"
        inside = json.loads(found.payload)
        assert (inside["iss"], inside["aud"]) == (self.client_id, self.issuer)
        assert 0 < inside["exp"] - inside["iat"] <= 300
        return {n: v if isinstance(v, str) else json.dumps(v) for n, v in inside.items()}

    def _knows(self, request: Request) -> bool:
        """Client authentication by post, by basic or by private_key_jwt; no field twice."""
        if any(len(values) != 1 for _, values in request.form.lists()):
            return False
        form, basic = request.form, request.authorization
        if basic is not None and basic.type == "basic":
            return (basic.username, basic.password) == (
                self.client_id,
                self.secret.replace(" ", "+"),
            )
        if "client_assertion" in form:
            text = form["client_assertion"]
            header = jws.extract_compact(text.encode()).headers()
            key = next((k for k in self.client_keys or () if k.kid == header["kid"]), None)
            if key is None or key.get("use") != "sig":
                return False  # the keys it has kept do not hold this one
            told = json.loads(jws.deserialize_compact(text, key, algorithms=["ES256"]).payload)
            self.assertions.append({**told, "kid": header["kid"]})
            assert told["exp"] - told["iat"] <= 300
            return bool(told["sub"] == self.client_id == form["client_id"])
        given = (form.get("client_id"), form.get("client_secret"))
        return given == (self.client_id, self.secret)


def new_key(alg: str, kid: str) -> Key:
    parameters: Any = {"kid": kid, "use": "sig", "alg": alg}
    if alg.startswith(("RS", "PS")):
        return RSAKey.generate_key(2048, parameters)
    curves: Any = {"ES256": "P-256", "ES384": "P-384", "ES512": "P-521"}
    return ECKey.generate_key(curves[alg], parameters)


def weak_key(kid: str) -> Key:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return RSAKey.generate_key(1024, {"kid": kid, "use": "sig", "alg": "RS256"})


def unsigned(header: Claims, claims: Claims) -> str:
    parts = [json.dumps(part).encode() for part in ({**header, "alg": "none"}, claims)]
    return ".".join(base64.urlsafe_b64encode(part).rstrip(b"=").decode() for part in parts) + "."


def keyed_with(secret: bytes) -> Callable[[Claims, Claims], str]:
    """HS256 with a text that everybody, or the client, knows; joserfc would not make the first."""

    def make(header: Claims, claims: Claims) -> str:
        parts = [json.dumps(part).encode() for part in ({**header, "alg": "HS256"}, claims)]
        text = ".".join(_b64(part) for part in parts)
        return f"{text}.{_b64(hmac.digest(secret, text.encode(), 'sha256'))}"

    return make


def half_hash(access: str, name: str = "sha256") -> str:
    digest = hashlib.new(name, access.encode()).digest()
    return _b64(digest[: len(digest) // 2])


def as_json(told: Any, status: int = 200) -> Response:
    return Response(json.dumps(told), status, mimetype="application/json")


def public_keys_of(listed: dict[str, Any]) -> KeySet:
    return KeySet([import_key(each) for each in listed["keys"]])


def _b64(raw: bytes) -> str:
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()


def _pkce_holds(asked: Claims, verifier: str | None) -> bool:
    challenge = asked.get("code_challenge")
    if challenge is None:
        return verifier is None
    return verifier is not None and _b64(hashlib.sha256(verifier.encode()).digest()) == challenge


@contextmanager
def running(provider: LyingProvider) -> Any:
    """The provider on a loopback port, until the block ends."""
    server = make_server("127.0.0.1", 0, provider, threaded=True)
    provider.issuer = f"http://127.0.0.1:{server.server_port}"
    thread = threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True)
    thread.start()
    try:
        yield provider
    finally:
        server.shutdown()
        server.server_close()
        thread.join(5)
