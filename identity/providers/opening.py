"""Opening a provider's token: JWE if the record says so, then JWS, with algorithms pinned by us.

The header of a token names a key; it never brings one, and it never chooses the algorithm.
"""

from __future__ import annotations

from base64 import urlsafe_b64decode
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from joserfc import jwe, jws
from joserfc.jwk import Key, KeySet

from identity.errors import Cause, LoginRefused
from identity.key_fitness import agrees, signs
from identity.records import AnswerRecord
from identity.strict_json import loads_object

_FORBIDDEN = frozenset({"crit", "b64", "jwk", "jku"})
PLAIN: frozenset[str | None] = frozenset({None, "jwt"})


@dataclass(frozen=True, slots=True)
class Opened:
    """A verified token: its header, its claims, and its signed text (the inner one)."""

    header: dict[str, Any] = field(repr=False)
    claims: dict[str, Any] = field(repr=False)
    signed: str = field(repr=False)


# Finds the provider's key for (kid, alg), refetching once if the kid is unknown; None if none.
FindKey = Callable[[str | None, str], Key | None]


def open_answer(
    token: str,
    answer: AnswerRecord,
    own_keys: KeySet | None,
    find: FindKey,
    types: frozenset[str | None] = PLAIN,
) -> Opened:
    """The signed token inside, verified. LoginRefused on anything but a good one.

    `types`: what its `typ` may say, in small letters; None stands for a header without one.
    """
    parts = token.count(".") + 1
    if answer.encrypted is not None:
        if parts != 5:
            raise _refused("not_encrypted")
        token = _decrypted(token, answer, own_keys)
        parts = token.count(".") + 1
    if parts != 3:
        raise _refused("not_signed")
    return _verified(token, answer, find, types)


def _decrypted(token: str, answer: AnswerRecord, own_keys: KeySet | None) -> str:
    if answer.encrypted is None or own_keys is None:
        raise _refused("no_decryption_key")
    header = _outer_header(token)
    alg, enc = header.get("alg"), header.get("enc")
    if alg not in answer.encrypted.alg or enc not in answer.encrypted.enc:
        raise _refused("encryption_not_pinned")
    # What was compressed before encryption tells by its length, and may be a bomb.
    if "zip" in header or not _FORBIDDEN.isdisjoint(header):
        raise _refused("header_not_plain")
    # FranceConnect+ repeats iss and aud in the header (RFC 7519, 5.3).
    registry = jwe.JWERegistry(algorithms=[alg, enc], strict_check_header=False)
    fitting = [key for key in own_keys if agrees(key, alg)]
    # While keys change, a provider may still use the older one, and need not name it.
    for key in [key for key in fitting if key.kid == header.get("kid")] or fitting:
        try:
            plain = jwe.decrypt_compact(token.encode("ascii"), key, registry=registry).plaintext
            return (plain or b"").decode("ascii")
        except Exception:  # noqa: S112 - whatever a parser raises on foreign bytes is one refusal
            continue
    raise _refused("does_not_decrypt" if fitting else "no_decryption_key")


def _outer_header(token: str) -> dict[str, Any]:
    """The header of an encrypted token, only to pick our key by; the library reads it again."""
    try:
        first = token.partition(".")[0].encode("ascii")
        return loads_object(urlsafe_b64decode(first + b"=" * (-len(first) % 4)))
    except ValueError:
        raise _refused("does_not_decrypt") from None


def _verified(
    token: str, answer: AnswerRecord, find: FindKey, types: frozenset[str | None]
) -> Opened:
    registry = jws.JWSRegistry(algorithms=list(answer.algs), strict_check_header=False)
    try:
        found = jws.extract_compact(token.encode("ascii"))
        header = dict(found.headers())
    except Exception:  # whatever a parser raises on foreign bytes is one refusal, unquoted
        raise _refused("token_damaged") from None
    alg, kid = header.get("alg"), header.get("kid")
    if not isinstance(alg, str) or alg not in answer.algs:
        raise _refused("algorithm_not_pinned")
    if not _FORBIDDEN.isdisjoint(header):
        raise _refused("header_not_plain")
    if kid is not None and not isinstance(kid, str):
        raise _refused("header_not_plain")
    typ = header.get("typ")
    if (typ if typ is None else str(typ).lower()) not in types:
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
    fitting = [key for key in named if signs(key, alg) and not key.is_private]
    return fitting[0] if len(fitting) == 1 else None


def _refused(reason: str) -> LoginRefused:
    return LoginRefused(Cause.NOT_VERIFIED, reason)
