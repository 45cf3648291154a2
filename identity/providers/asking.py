"""What we ask of a provider: the realm's scopes and claims exactly, the same for every petition.

Authlib builds the plain request and PKCE. It knows no `claims` parameter, no vectors of trust, no
signed request (RFC 9101) and no pushed one (RFC 9126); those are made here.
"""

from __future__ import annotations

import json
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final
from urllib.parse import parse_qsl, urlencode, urlsplit

from joserfc import jwt
from joserfc.jwk import Key

from identity.records import ClientRecord, ProviderRecord

_SIGNED_REQUEST = "oauth-authz-req+jwt"  # RFC 9101, 10.8
_AS_JSON: Final = frozenset({"claims", "vtr", "max_age"})  # no texts inside a signed request


@dataclass(frozen=True, slots=True)
class Wish:
    """What one kind of login asks: never anything about a petition."""

    attributes: tuple[str, ...] = ()
    scopes: tuple[str, ...] = ()
    claims: tuple[tuple[str, str], ...] = ()  # (claim, source): staff names and roles
    fresh: bool = False


def scopes_of(record: ProviderRecord, wish: Wish) -> tuple[str, ...]:
    """The realm's scopes exactly, each once: no more is ever asked."""
    extra = [record.attributes[name].scope for name in wish.attributes]
    every = (*record.request.scopes, *(each for each in extra if each), *wish.scopes)
    return tuple(dict.fromkeys(every))


def claims_parameter(record: ProviderRecord, wish: Wish) -> str | None:
    """The parameter `claims` (OpenID Connect Core 5.5) as JSON text, None if nothing is asked so.

    Essential: a login that comes back without what the rule or the record needs is refused anyway.
    """
    asked: dict[str, dict[str, Any]] = {}
    named = [("id_token", name) for name in record.request.claims]
    for name in wish.attributes:
        attribute = record.attributes[name]
        if attribute.by_name:
            named.append((attribute.source, attribute.claim or name))
    for source, claim in named:
        asked.setdefault(source, {})[claim] = {"essential": True}
    return json.dumps(asked, separators=(",", ":"), sort_keys=True) if asked else None


def vectors(values: tuple[str, ...]) -> str | None:
    """A JSON array in text, as the vectors-of-trust parameter wants it (RFC 8485)."""
    return json.dumps(values, separators=(",", ":")) if values else None


def signed_request(
    client: ClientRecord, key: Key, issuer: str, params: Mapping[str, str], now: float
) -> dict[str, str]:
    """The parameters that remain visible, and `request`: all of them, signed by us (RFC 9101).

    Nobody between us and the provider can then lower the level asked or change the return address.
    OpenID Connect Core 6.1 wants response_type, client_id and scope outside as well.
    """
    inside: dict[str, Any] = {
        name: json.loads(value) if name in _AS_JSON else value for name, value in params.items()
    }
    at = int(now)
    inside |= {"iss": client.id, "aud": issuer, "jti": secrets.token_hex(16)}
    inside |= {"iat": at, "nbf": at, "exp": at + client.ttl}
    alg = str(client.alg)
    header = {"alg": alg, "kid": str(key.kid), "typ": _SIGNED_REQUEST}
    request = jwt.encode(header, inside, key, algorithms=[alg])
    kept = {name: params[name] for name in ("response_type", "client_id", "scope")}
    return {**kept, "request": request}


def parameters_in(url: str) -> dict[str, str]:
    """The parameters of a request that Authlib has built."""
    return dict(parse_qsl(urlsplit(url).query))


def with_parameters(endpoint: str, params: Mapping[str, str]) -> str:
    """The endpoint, which may have a query of its own, with these parameters."""
    return f"{endpoint}{'&' if urlsplit(endpoint).query else '?'}{urlencode(params)}"
