"""Signing and sealing of our own tokens, by joserfc, with every algorithm pinned.

`Ed25519` is the name of RFC 9864: `EdDSA` says neither curve nor size.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Protocol

import msgspec
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey, X25519PublicKey
from joserfc import jwe, jws
from joserfc.jwk import OKPKey

from identity.strict_json import loads_object

_SIGNATURE = jws.JWSRegistry(algorithms=["Ed25519"])
_SEAL = jwe.JWERegistry(algorithms=["ECDH-ES", "A256GCM"])
TOKEN_MAX = 8 * 1024  # a cookie of a browser holds half of it


class TokenDamaged(Exception):  # noqa: N818 - becomes a refusal of the border that met it
    """Not a token of ours, or not unchanged. `reason` is a stable code."""

    def __init__(self, reason: str) -> None:
        self.reason = reason
        super().__init__(reason)


@dataclass(frozen=True, slots=True)
class SigningKey:
    """An Ed25519 key that stays in its store: the verb, and the public half (32 bytes)."""

    sign: Callable[[bytes], bytes]
    public: bytes


class PassKeys(Protocol):
    """The petition side's one-day X25519 keys (`identity.daily_keys.DailyKeys`)."""

    def pass_private(self, day: str, now: datetime) -> bytes | None: ...


class _StoredKey(OKPKey):
    """Lets joserfc build the JWS while the key store signs: no secret leaves the store."""

    signer: SigningKey

    def get_op_key(self, operation: Any) -> Any:
        return self.signer if operation == "sign" else super().get_op_key(operation)


def key_name(public: bytes) -> str:
    """Short public name of a signing key, so that an overlap of two keys costs one trial only."""
    return hashlib.sha256(public).hexdigest()[:16]


def signed(claims: Mapping[str, Any], typ: str, signer: SigningKey) -> str:
    """Compact JWS with `typ` and `kid` in its header."""
    header = {"alg": "Ed25519", "typ": typ, "kid": key_name(signer.public)}
    key = _StoredKey.import_key(Ed25519PublicKey.from_public_bytes(signer.public))
    key.signer = signer
    return jws.serialize_compact(header, msgspec.json.encode(claims), key, registry=_SIGNATURE)


def open_signed(token: str | bytes, typ: str, signers: Sequence[bytes]) -> dict[str, Any]:
    """Claims of a JWS by one of `signers`. TokenDamaged: too_long, damaged, of_another_kind."""
    if len(token) > TOKEN_MAX:
        raise TokenDamaged("too_long")
    known = {key_name(public): public for public in signers}
    try:
        found = jws.extract_compact(token if isinstance(token, bytes) else token.encode("ascii"))
        header = found.headers()
        # One meaning per header: nothing but these three names, so no `crit`, `jwk`, `b64`.
        plain = set(header) == {"alg", "typ", "kid"}
        key = OKPKey.import_key(Ed25519PublicKey.from_public_bytes(known[header["kid"]]))
        genuine = jws.validate_compact(found, key, registry=_SIGNATURE)
        claims = loads_object(found.payload)
    except Exception as error:  # whatever a parser raises on foreign bytes is one refusal
        raise TokenDamaged("damaged") from error
    if not (plain and genuine):
        raise TokenDamaged("damaged")
    if header["typ"] != typ:
        raise TokenDamaged("of_another_kind")
    return claims


def seal_to(inner: str, day: str, public: bytes) -> str:
    """JWE (ECDH-ES, A256GCM) of a JWS to the X25519 key of `day`."""
    key = OKPKey.import_key(X25519PublicKey.from_public_bytes(public))
    header = {"alg": "ECDH-ES", "enc": "A256GCM", "cty": "JWT", "kid": day}
    return jwe.encrypt_compact(header, inner, key, registry=_SEAL)


def open_sealed(token: str, private: Callable[[str], bytes | None]) -> bytes:
    """The JWS inside. TokenDamaged: too_long, damaged, key_is_gone (destroyed with its day)."""
    if len(token) > TOKEN_MAX:
        raise TokenDamaged("too_long")

    def find(met: Any) -> OKPKey:
        header = met.headers()
        if set(header) != {"alg", "enc", "cty", "kid", "epk"} or header["cty"] != "JWT":
            raise TokenDamaged("damaged")
        secret = private(header["kid"])
        if secret is None:
            raise TokenDamaged("key_is_gone")
        return OKPKey.import_key(X25519PrivateKey.from_private_bytes(secret))

    try:
        plain = jwe.decrypt_compact(token.encode("ascii"), find, registry=_SEAL).plaintext
    except TokenDamaged:
        raise
    except Exception as error:  # whatever a parser raises on foreign bytes is one refusal
        raise TokenDamaged("damaged") from error
    if plain is None:
        raise TokenDamaged("damaged")
    return plain
