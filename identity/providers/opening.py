"""Opening a provider's token: JWE if the record says so, then JWS, with algorithms pinned by us.

The header of a token names a key; it never brings one, and it never chooses the algorithm.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from joserfc import jwe, jws
from joserfc.jwk import ECKey, Key, KeySet, OKPKey, RSAKey

from identity.errors import Cause, LoginRefused
from identity.records import AnswerRecord
from identity.strict_json import loads_object

_FAMILY: Final[Mapping[str, type[Key]]] = {"RS": RSAKey, "PS": RSAKey, "ES": ECKey, "Ed": OKPKey}
_FORBIDDEN = frozenset({"crit", "b64", "jwk", "jku"})


@dataclass(frozen=True, slots=True)
class Opened:
    """A verified token: its header, its claims, and its signed text (the inner one)."""

    header: dict[str, Any] = field(repr=False)
    claims: dict[str, Any] = field(repr=False)
    signed: str = field(repr=False)


# Finds the provider's key for (kid, alg), refetching once if the kid is unknown; None if none.
FindKey = Callable[[str | None, str], Key | None]


def open_answer(token: str, answer: AnswerRecord, own_keys: KeySet | None, find: FindKey) -> Opened:
    """The signed token inside, verified. LoginRefused on anything but a good one."""
    parts = token.count(".") + 1
    if answer.encrypted is not None:
        if parts != 5:
            raise _refused("not_encrypted")
        token = _decrypted(token, answer, own_keys)
        parts = token.count(".") + 1
    if parts != 3:
        raise _refused("not_signed")
    return _verified(token, answer, find)


def _decrypted(token: str, answer: AnswerRecord, own_keys: KeySet | None) -> str:
    if answer.encrypted is None or own_keys is None:
        raise _refused("no_decryption_key")
    registry = jwe.JWERegistry(
        algorithms=[*answer.encrypted.alg, *answer.encrypted.enc],
        # FranceConnect+ repeats iss and aud in the header (RFC 7519, 5.3).
        strict_check_header=False,
    )

    def fitting(met: Any) -> KeySet | Key:
        header = met.headers()
        if not _FORBIDDEN.isdisjoint(header):
            raise _refused("header_not_plain")
        named = [key for key in own_keys if key.kid == header.get("kid")]
        keys = named or [key for key in own_keys if _agrees(key, str(header["alg"]))]
        if len(keys) != 1:
            raise _refused("no_decryption_key")
        return keys[0]

    try:
        plain = jwe.decrypt_compact(token.encode("ascii"), fitting, registry=registry).plaintext
        return (plain or b"").decode("ascii")
    except LoginRefused:
        raise
    except Exception:  # whatever a parser raises on foreign bytes is one refusal, unquoted
        raise _refused("does_not_decrypt") from None


def _verified(token: str, answer: AnswerRecord, find: FindKey) -> Opened:
    registry = jws.JWSRegistry(algorithms=list(answer.algs), strict_check_header=False)
    try:
        found = jws.extract_compact(token.encode("ascii"))
        header = dict(found.headers())
    except Exception:  # see above
        raise _refused("token_damaged") from None
    alg, kid = header.get("alg"), header.get("kid")
    if not isinstance(alg, str) or alg not in answer.algs:
        raise _refused("algorithm_not_pinned")
    if not _FORBIDDEN.isdisjoint(header):
        raise _refused("header_not_plain")
    if kid is not None and not isinstance(kid, str):
        raise _refused("header_not_plain")
    if str(header.get("typ", "JWT")).upper() != "JWT":
        raise _refused("token_of_another_kind")
    key = find(kid, alg)
    if key is None:
        raise _refused("key_unknown")
    try:
        genuine = jws.validate_compact(found, key, registry=registry)
        claims = loads_object(found.payload)
    except Exception:  # see above
        raise _refused("token_damaged") from None
    if not genuine:
        raise _refused("signature_wrong")
    return Opened(header, claims, token)


def pick_key(keys: KeySet, kid: str | None, alg: str) -> Key | None:
    """The one key of the set that may have made this signature, else None.

    Without a kid there must be one candidate only; a key for encryption, for another algorithm or
    of another family is none.
    """
    named = [key for key in keys if key.kid == kid] if kid is not None else list(keys)
    fitting = [key for key in named if _signs(key, alg)]
    return fitting[0] if len(fitting) == 1 else None


def _signs(key: Key, alg: str) -> bool:
    return (
        isinstance(key, _FAMILY[alg[:2]])
        and key.get("use") in (None, "sig")
        and key.get("alg") in (None, alg)
        and not key.is_private
    )


def _agrees(key: Key, alg: str) -> bool:
    wanted: tuple[type[Key], ...] = (RSAKey,) if alg.startswith("RSA") else (ECKey, OKPKey)
    return isinstance(key, wanted) and key.get("alg") in (None, alg)


def _refused(reason: str) -> LoginRefused:
    return LoginRefused(Cause.NOT_VERIFIED, reason)
