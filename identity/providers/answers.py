"""What the claims of an answer must say. Every rule is ours: the library's own let some through.

Comparisons of times are written so that anything odd refuses (`not (exp > now)`), and a claim
that is absent is never a check that is skipped.
"""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from authlib.oidc.core.util import create_half_hash

from identity.errors import Cause, LoginRefused
from identity.passes import LEVELS
from identity.record_checks import ANY_ACR
from identity.records import ProviderRecord
from identity.strict_json import is_moment

SUB_MAX: Final = 255  # OpenID Connect Core, section 2


@dataclass(frozen=True, slots=True)
class Expected:
    """What this one login sent and therefore expects: `now` in seconds since the epoch.

    `active_since`: the person must have typed something at the provider since then, None if that
    was not asked (OpenID Connect Core: `max_age` counts from the request, not from the answer).
    """

    nonce: str
    access_token: str
    now: float
    active_since: float | None


def check_id_token(
    header: Mapping[str, Any], claims: Mapping[str, Any], record: ProviderRecord, want: Expected
) -> None:
    """OpenID Connect Core 3.1.3.7, without its options. LoginRefused names the first fault."""
    if claims.get("iss") != record.issuer:
        raise _refused("issuer")
    check_audience(claims, record.client.id, azp=True)
    nonce = claims.get("nonce")
    if not isinstance(nonce, str) or not secrets.compare_digest(
        nonce.encode(), want.nonce.encode()
    ):
        raise _refused("nonce")
    for name in ("exp", "iat"):
        if name not in claims:
            raise _refused(f"{name}_absent")
    check_times(claims, record, want.now)
    if not (0 < claims["exp"] - claims["iat"] <= record.max_life):
        raise _refused("lives_too_long")
    subject(claims)
    _check_half_hash(header, claims, record, want.access_token)
    _check_methods(claims, record)
    _check_freshness(claims, record, want)


def check_userinfo(
    claims: Mapping[str, Any], id_claims: Mapping[str, Any], record: ProviderRecord, now: float
) -> None:
    """The same person, and the same issuer, audience and time where userinfo states them."""
    if subject(claims) != id_claims["sub"]:
        raise _refused("userinfo_of_another_person")
    if "iss" in claims and claims["iss"] != record.issuer:
        raise _refused("userinfo_issuer")
    if "aud" in claims:
        check_audience(claims, record.client.id, azp=False)
    check_times(claims, record, now)


def subject(claims: Mapping[str, Any]) -> str:
    """`sub`, 1 to 255 ASCII characters."""
    sub = claims.get("sub")
    if not isinstance(sub, str) or not sub or len(sub) > SUB_MAX or not sub.isascii():
        raise _refused("subject")
    return sub


def assurance_of(claims: Mapping[str, Any], record: ProviderRecord) -> str:
    """Our level for the answer's `acr` (or `vot`), which must be in the record's exact set."""
    if ANY_ACR in record.assurance:
        return record.assurance[ANY_ACR]
    reached = []
    for prefix, name in (("", "acr"), ("vot:", "vot")):
        value = claims.get(name)
        if isinstance(value, str) and f"{prefix}{value}" in record.assurance:
            reached.append(record.assurance[f"{prefix}{value}"])
    if not reached:
        raise _refused("assurance_outside_the_set")
    return min(reached, key=LEVELS.index)


def check_audience(claims: Mapping[str, Any], client_id: str, *, azp: bool) -> None:
    audience = claims.get("aud")
    named = [audience] if isinstance(audience, str) else audience
    if not isinstance(named, list) or not all(isinstance(each, str) for each in named):
        raise _refused("audience")
    if client_id not in named:
        raise _refused("audience")
    if azp and len(named) > 1 and "azp" not in claims:
        raise _refused("authorized_party_absent")
    if azp and "azp" in claims and claims["azp"] != client_id:
        raise _refused("authorized_party")


def check_times(claims: Mapping[str, Any], record: ProviderRecord, now: float) -> None:
    for name in ("exp", "iat", "nbf"):
        if name in claims and not is_moment(claims[name]):
            raise _refused(f"{name}_no_time")
    if "exp" in claims and not (claims["exp"] > now - record.skew):
        raise _refused("expired")
    for name in ("iat", "nbf"):
        if name in claims and not (claims[name] <= now + record.skew):
            raise _refused(f"{name}_ahead")


def _check_half_hash(
    header: Mapping[str, Any], claims: Mapping[str, Any], record: ProviderRecord, token: str
) -> None:
    """`at_hash` binds the access token to this answer; its hash is that of the inner signature."""
    if "at_hash" not in claims:
        if record.answer.at_hash == "required":
            raise _refused("at_hash_absent")
        return
    # The half hash of Ed25519 is of SHA-512; the library knows it by the older name.
    alg = "EdDSA" if header["alg"] == "Ed25519" else header["alg"]
    wanted, given = create_half_hash(token, alg), claims["at_hash"]
    if not isinstance(given, str) or not wanted:
        raise _refused("at_hash")
    if not secrets.compare_digest(wanted, given.encode()):
        raise _refused("at_hash")


def _check_methods(claims: Mapping[str, Any], record: ProviderRecord) -> None:
    if not record.amr:
        return
    used = claims.get("amr")
    if not isinstance(used, list) or not any(method in used for method in record.amr):
        raise _refused("authentication_method")


def _check_freshness(claims: Mapping[str, Any], record: ProviderRecord, want: Expected) -> None:
    if want.active_since is None:
        return
    at = claims.get("auth_time")
    if at is None or not is_moment(at):
        raise _refused("auth_time_absent")
    if not (want.active_since - record.skew <= at <= want.now + record.skew):
        raise _refused("auth_time_too_old")


def _refused(reason: str) -> LoginRefused:
    return LoginRefused(Cause.NOT_VERIFIED, reason)
