"""Logout tokens: a provider says, server to server, that a person or a session has ended.

OpenID Connect Back-Channel Logout 1.0, section 2.6. A logout token must never pass for an id_token,
nor an id_token for it: `events` is compulsory here and `nonce` is forbidden, there it is the reverse.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final

from joserfc.jwk import KeySet

from identity.encoding import enc
from identity.errors import Cause, LoginRefused
from identity.providers.answers import SUB_MAX, check_audience, check_times
from identity.providers.opening import FindKey, open_answer
from identity.records import ProviderRecord

EVENT: Final = "http://schemas.openid.net/event/backchannel-logout"
TOKEN_MAX: Final = 8 * 1024
_TYPED: frozenset[str | None] = frozenset({"logout+jwt"})
_AS_PRESENT: frozenset[str | None] = frozenset({None, "jwt", "logout+jwt"})


@dataclass(frozen=True, slots=True)
class LoggedOut:
    """Whom a verified logout token names: a person, a session of the provider, or both."""

    subject: str | None = field(repr=False)
    session: str | None = field(repr=False)
    jti: str = field(repr=False)
    expires: float


@dataclass(frozen=True, slots=True, kw_only=True)
class LogoutOrder:
    """What crosses the border: keyed marks (32 bytes), and the hash under which it is spent."""

    jti_hash: bytes
    expires: datetime
    subject_mark: bytes | None = field(repr=False)
    session_mark: bytes | None = field(repr=False)


def open_logout(
    token: str,
    record: ProviderRecord,
    own_keys: KeySet | None,
    find: FindKey,
    now: float,
    typed: bool,
) -> LoggedOut:
    """The token, verified as an id_token is (pinned algorithms, the provider's keys). LoginRefused.

    `typed`: `typ` must say logout+jwt; otherwise it may be absent or JWT, as older servers send it.
    """
    if len(token) > TOKEN_MAX:
        raise _refused("logout_too_long")
    found = open_answer(token, record.answer, own_keys, find, _TYPED if typed else _AS_PRESENT)
    return read_claims(found.claims, record, now)


def read_claims(claims: Mapping[str, Any], record: ProviderRecord, now: float) -> LoggedOut:
    """Section 2.6, points 3 to 8, each without its options."""
    if claims.get("iss") != record.issuer:
        raise _refused("issuer")
    check_audience(claims, record.client.id, azp=False)
    for name in ("exp", "iat"):
        if name not in claims:
            raise _refused(f"logout_{name}_absent")
    check_times(claims, record, now)
    if not (0 < claims["exp"] - claims["iat"] <= record.max_life):
        raise _refused("logout_lives_too_long")
    if "nonce" in claims:
        raise _refused("logout_with_nonce")
    events = claims.get("events")
    if not isinstance(events, Mapping) or not isinstance(events.get(EVENT), Mapping):
        raise _refused("logout_without_event")
    subject, session = _text(claims, "sub"), _text(claims, "sid")
    if subject is None and session is None:
        raise _refused("logout_of_nobody")
    jti = _text(claims, "jti")
    if jti is None:
        raise _refused("logout_without_jti")
    return LoggedOut(subject, session, jti, claims["exp"] + record.skew)


def jti_hash(issuer: str, jti: str) -> bytes:
    """32 bytes under which a logout token is spent; the jti itself is never stored."""
    return hashlib.sha256(enc("petition/logout-jti/v1", issuer.encode(), jti.encode())).digest()


def _text(claims: Mapping[str, Any], name: str) -> str | None:
    """Absent, or 1 to 255 characters; anything else is no logout token."""
    value = claims.get(name)
    if value is None and name not in claims:
        return None
    if not isinstance(value, str) or not 0 < len(value) <= SUB_MAX:
        raise _refused(f"logout_{name}")
    return value


def _refused(reason: str) -> LoginRefused:
    return LoginRefused(Cause.NOT_VERIFIED, reason)
