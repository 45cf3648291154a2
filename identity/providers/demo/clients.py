"""How a client proves that it is itself when its server calls: secret in the form, secret in the
header, or an assertion signed with its own key (RFC 6749 2.3, RFC 7523).

Each profile allows its own ways; two ways at once are refused, and so is an assertion shown twice.
"""

import binascii
import hmac
from base64 import b64decode
from collections.abc import Callable, Mapping
from typing import TypeGuard, cast
from urllib.parse import unquote_plus

from joserfc import jws
from joserfc.errors import JoseError
from joserfc.jwk import KeySet, KeySetSerialization

from identity.strict_json import loads_object

from .memory import Expiring
from .settings import ClientAuth, Tenant

ASSERTION = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"
ASSERTION_LIFE = 300
SKEW = 30
_ASSERTION_ALGORITHMS = ("ES256", "RS256", "PS256")

PublishedKeys = Callable[[], Mapping[str, object] | None]


class NotTheClient(Exception):  # noqa: N818
    """`invalid_client`: the caller did not prove that it is the client of this tenant."""


class ClientDoor:
    """Checks the callers of one tenant. `keys` gives the client's public JWK set, or None."""

    def __init__(self, tenant: Tenant, keys: PublishedKeys) -> None:
        self._tenant = tenant
        self._keys = keys
        self._shown: Expiring[None] = Expiring(ASSERTION_LIFE + 2 * SKEW)

    def check(self, form: Mapping[str, str], authorization: str, now: float) -> None:
        """NotTheClient unless the request proves the client in exactly one allowed way."""
        ways = []
        if authorization:
            ways.append(ClientAuth.BASIC)
        if "client_secret" in form:
            ways.append(ClientAuth.POST)
        if "client_assertion" in form or "client_assertion_type" in form:
            ways.append(ClientAuth.PRIVATE_KEY)
        if len(ways) != 1 or ways[0] not in self._tenant.profile.auth:
            raise NotTheClient
        if form.get("client_id", self._tenant.client.id) != self._tenant.client.id:
            raise NotTheClient
        if ways[0] is ClientAuth.PRIVATE_KEY:
            self._assertion(form, now)
        elif ways[0] is ClientAuth.BASIC:
            self._secret(*_basic(authorization))
        else:
            self._secret(form.get("client_id", ""), form["client_secret"])

    def _secret(self, client_id: str, secret: str) -> None:
        client = self._tenant.client
        if client.secret is None or client_id != client.id:
            raise NotTheClient
        if not hmac.compare_digest(secret.encode(), client.secret.encode()):
            raise NotTheClient

    def _assertion(self, form: Mapping[str, str], now: float) -> None:
        published = self._keys()
        if form.get("client_assertion_type") != ASSERTION or published is None:
            raise NotTheClient
        try:
            signatures = [
                one
                for one in cast("KeySetSerialization", published)["keys"]
                if one.get("use") != "enc"
            ]
            keys = KeySet.import_key_set(KeySetSerialization(keys=signatures))
            opened = jws.deserialize_compact(
                form.get("client_assertion", ""), keys, algorithms=_ASSERTION_ALGORITHMS
            )
            claims = loads_object(opened.payload or b"")
        except (JoseError, ValueError, KeyError, TypeError, AttributeError) as bad:
            raise NotTheClient from bad
        self._assertion_claims(claims, now)

    def _assertion_claims(self, claims: Mapping[str, object], now: float) -> None:
        client, issuer = self._tenant.client, self._tenant.issuer
        if claims.get("iss") != client.id or claims.get("sub") != client.id:
            raise NotTheClient
        audience = claims.get("aud")
        named = audience if isinstance(audience, list) else [audience]
        if not {issuer, f"{issuer}/token", f"{issuer}/par"} & {str(one) for one in named}:
            raise NotTheClient
        expires, issued = claims.get("exp"), claims.get("iat", now)
        if not _is_time(expires) or not _is_time(issued):
            raise NotTheClient
        if not now - SKEW < expires <= now + ASSERTION_LIFE + SKEW:
            raise NotTheClient
        if not issued <= now + SKEW:
            raise NotTheClient
        once = claims.get("jti")
        if not isinstance(once, str) or not once or not self._shown.keep(once, None, now):
            raise NotTheClient


def _is_time(value: object) -> TypeGuard[float]:
    """JSON's true is no time, though Python counts with it."""
    return isinstance(value, int | float) and not isinstance(value, bool)


def _basic(authorization: str) -> tuple[str, str]:
    """Client id and secret of HTTP Basic, each form-encoded first (RFC 6749 2.3.1)."""
    scheme, _, encoded = authorization.partition(" ")
    if scheme.casefold() != "basic":
        raise NotTheClient
    try:
        name, colon, secret = b64decode(encoded, validate=True).decode().partition(":")
    except (binascii.Error, UnicodeDecodeError) as bad:
        raise NotTheClient from bad
    if not colon:
        raise NotTheClient
    return unquote_plus(name), unquote_plus(secret)
