"""What servers call: metadata, keys, pushed requests, token, userinfo.

Errors are OAuth's (RFC 6749 5.2, RFC 6750 3): a code, never a value that came in.
"""

import base64
import hashlib
import hmac
from collections.abc import Mapping

from flask import Blueprint, Response, jsonify, request
from werkzeug.datastructures import MultiDict

from . import asking, tokens
from .asking import SHORTEST_BY_POST, Fault, SentBack
from .clients import NotTheClient
from .issuer import PUSHED_LIFE, PUSHED_PREFIX, Issuer
from .settings import ClientAuth, Tenant
from .wording import LANGUAGES

_CREDENTIALS = frozenset(("client_secret", "client_assertion", "client_assertion_type"))
_TOKEN_FORM = frozenset(("grant_type", "code", "redirect_uri", "client_id")) | _CREDENTIALS


class Refused(Exception):  # noqa: N818
    """An OAuth error for the calling server."""

    def __init__(self, error: str, status: int = 400) -> None:
        super().__init__(error)
        self.error = error
        self.status = status


def metadata(tenant: Tenant) -> dict[str, object]:
    """What this issuer announces (OpenID Connect Discovery): the truth, and nothing more."""
    here, profile = tenant.issuer, tenant.profile
    scopes = asking.SCOPES[tenant.audience]
    announced: dict[str, object] = {
        "issuer": here,
        "authorization_endpoint": f"{here}/authorize",
        "token_endpoint": f"{here}/token",
        "userinfo_endpoint": f"{here}/userinfo",
        "jwks_uri": f"{here}/jwks",
        "end_session_endpoint": f"{here}/session/end",
        "response_types_supported": ["code"],
        "response_modes_supported": ["query"],
        "grant_types_supported": ["authorization_code"],
        "subject_types_supported": ["pairwise"],
        "id_token_signing_alg_values_supported": [tokens.SIGNED],
        "token_endpoint_auth_methods_supported": [str(one) for one in profile.auth],
        "acr_values_supported": list(profile.acr),
        "scopes_supported": list(scopes),
        "claims_supported": sorted({"sub", *(c for names in scopes.values() for c in names)}),
        "claims_parameter_supported": True,
        "request_parameter_supported": False,
        "request_uri_parameter_supported": False,
        "ui_locales_supported": list(LANGUAGES),
        "authorization_response_iss_parameter_supported": True,
    }
    if ClientAuth.PRIVATE_KEY in profile.auth:
        announced["token_endpoint_auth_signing_alg_values_supported"] = ["ES256", "RS256", "PS256"]
    if profile.signed_userinfo:
        announced["userinfo_signing_alg_values_supported"] = [tokens.SIGNED]
    if profile.encrypted:
        for answer in ("id_token", "userinfo"):
            announced[f"{answer}_encryption_alg_values_supported"] = ["ECDH-ES", "RSA-OAEP-256"]
            announced[f"{answer}_encryption_enc_values_supported"] = [tokens.CONTENT_ENCRYPTION]
    if profile.pkce:
        announced["code_challenge_methods_supported"] = ["S256"]
    if profile.pushed:
        announced["pushed_authorization_request_endpoint"] = f"{here}/par"
        announced["require_pushed_authorization_requests"] = True
    return announced


def back(issuer: Issuer) -> Blueprint:
    """The routes for servers of one issuer."""
    tenant = issuer.tenant
    routes = Blueprint(f"{tenant.audience}_back", __name__, url_prefix=f"/{tenant.audience}")

    @routes.get("/.well-known/openid-configuration")
    def discovery() -> Response:
        return jsonify(metadata(tenant))

    @routes.get("/jwks")
    def jwks() -> Response:
        return jsonify({"keys": [issuer.key.as_dict(private=False)]})

    @routes.post("/token")
    def token() -> Response:
        return jsonify(_token(issuer, _single(request.form)))

    @routes.route("/userinfo", methods=["GET", "POST"])
    def userinfo() -> Response:
        return _userinfo(issuer)

    if tenant.profile.pushed:

        @routes.post("/par")
        def par() -> tuple[Response, int]:
            return jsonify(_pushed(issuer, request.form)), 201

    @routes.errorhandler(Refused)
    def refused(reason: Refused) -> Response:
        answer = jsonify({"error": reason.error})
        answer.status_code = reason.status
        if reason.status == 401:
            scheme = "Bearer" if reason.error == "invalid_token" else "Basic"
            answer.headers["WWW-Authenticate"] = f'{scheme} error="{reason.error}"'
        return answer

    return routes


def _single(form: MultiDict[str, str]) -> dict[str, str]:
    """The form as a plain mapping; a field sent twice is a fault (RFC 6749 3.2)."""
    if any(len(values) > 1 for values in form.listvalues()):
        raise Refused("invalid_request")
    return form.to_dict()


def _check_client(issuer: Issuer, form: Mapping[str, str]) -> None:
    try:
        issuer.door.check(form, request.headers.get("Authorization", ""), issuer.clock())
    except NotTheClient as unproved:
        raise Refused("invalid_client", 401) from unproved


def _token(issuer: Issuer, form: dict[str, str]) -> dict[str, object]:
    profile = issuer.tenant.profile
    known = _TOKEN_FORM | ({"code_verifier"} if profile.pkce else set())
    if not form.keys() <= known:
        raise Refused("invalid_request")
    _check_client(issuer, form)
    if form.get("grant_type") != "authorization_code":
        raise Refused("unsupported_grant_type")
    issued = issuer.redeem(form.get("code", ""))
    if issued is None:
        raise Refused("invalid_grant")
    asked = issued.login.asked
    fitting = form.get("redirect_uri") == asked.redirect_uri
    if not fitting or (
        profile.pkce and not _verifies(form.get("code_verifier", ""), asked.challenge)
    ):
        issuer.drop(issued)
        raise Refused("invalid_grant")
    signed = tokens.id_token(
        issuer.tenant, issuer.key, issued.login, issued.access_token, int(issuer.clock())
    )
    return {
        "access_token": issued.access_token,
        "token_type": "Bearer",
        "expires_in": tokens.TOKEN_LIFE,
        "scope": " ".join(asked.scope),
        "id_token": _sealed(issuer, signed),
    }


def _verifies(verifier: str, challenge: str) -> bool:
    """RFC 7636 4.6, S256; a verifier of 43 to 128 characters."""
    if not 43 <= len(verifier) <= 128 or not verifier.isascii():
        return False
    digest = hashlib.sha256(verifier.encode()).digest()
    made = base64.urlsafe_b64encode(digest).rstrip(b"=").decode()
    return hmac.compare_digest(made, challenge)


def _sealed(issuer: Issuer, token: str) -> str:
    try:
        return issuer.sealed(token)
    except tokens.NoEncryptionKey as missing:
        raise Refused("server_error", 500) from missing


def _userinfo(issuer: Issuer) -> Response:
    scheme, _, access_token = request.headers.get("Authorization", "").partition(" ")
    login = issuer.bearer(access_token) if scheme.casefold() == "bearer" else None
    if login is None:
        raise Refused("invalid_token", 401)
    if not issuer.tenant.profile.signed_userinfo:
        return jsonify(tokens.userinfo_claims(login))
    signed = tokens.signed_userinfo(issuer.tenant, issuer.key, login, int(issuer.clock()))
    return Response(_sealed(issuer, signed), content_type="application/jwt")


def _pushed(issuer: Issuer, form: MultiDict[str, str]) -> dict[str, object]:
    """RFC 9126: the request comes from the client's server and is judged there and then."""
    fields = _single(form)
    _check_client(issuer, fields)
    pairs = [(name, value) for name, value in fields.items() if name not in _CREDENTIALS]
    try:
        asked = asking.read(issuer.tenant, pairs, SHORTEST_BY_POST)
    except SentBack as wrong:
        raise Refused(wrong.error) from wrong
    except Fault as wrong:
        raise Refused("invalid_request") from wrong
    name = issuer.pushed.issue(asked, issuer.clock())
    return {"request_uri": PUSHED_PREFIX + name, "expires_in": PUSHED_LIFE}
