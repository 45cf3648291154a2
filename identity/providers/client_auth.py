"""How we prove who we are at the token endpoint, where Authlib's own ways fall short."""

from __future__ import annotations

import base64
import secrets
from collections.abc import Callable, MutableMapping
from typing import Any
from urllib.parse import quote_plus

from authlib.common.urls import add_params_to_qs
from joserfc import jwt
from joserfc.jwk import Key

from identity.records import ClientRecord

_ASSERTION = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"
_Headers = MutableMapping[str, str]
AuthMethod = Callable[[Any, str, str, _Headers, Any], tuple[str, _Headers, Any]]


def secret_basic(
    client: Any, _method: str, uri: str, headers: _Headers, body: Any
) -> tuple[str, _Headers, Any]:
    """RFC 6749, 2.3.1: id and secret are form-encoded before they are joined by a colon."""
    pair = f"{quote_plus(client.client_id)}:{quote_plus(client.client_secret)}"
    headers["Authorization"] = f"Basic {base64.b64encode(pair.encode()).decode()}"
    return uri, headers, body


def private_key_jwt(
    record: ClientRecord, key: Key, audience: str, now: Callable[[], float]
) -> AuthMethod:
    """RFC 7523: an assertion of its own for each request, with a new `jti` and a short life."""

    def attach(
        _client: Any, _method: str, uri: str, headers: _Headers, body: Any
    ) -> tuple[str, _Headers, Any]:
        at = int(now())
        claims = {
            "iss": record.id,
            "sub": record.id,
            "aud": audience,
            "jti": secrets.token_hex(16),
            "iat": at,
            "exp": at + record.ttl,
        }
        alg = str(record.alg)
        header = {"alg": alg, "kid": str(key.kid), "typ": "JWT"}
        assertion = jwt.encode(header, claims, key, algorithms=[alg])
        params = [
            ("client_id", record.id),
            ("client_assertion_type", _ASSERTION),
            ("client_assertion", assertion),
        ]
        text = body.decode() if isinstance(body, bytes) else body or ""
        body = add_params_to_qs(text, params)
        headers["Content-Length"] = str(len(body))
        return uri, headers, body

    return attach
