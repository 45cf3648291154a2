"""u: 32 bytes that stand for one person in one petition, and mean nothing anywhere else.

The namespace (a configured name) stands where others put the issuer's URL: an issuer that is
renamed would otherwise let everybody sign again.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from cryptography.hazmat.primitives.kdf.argon2 import Argon2id

from identity.encoding import enc

CONTEXT_SIZE = 16


def identity_value(
    prf: Callable[[bytes], bytes],
    *,
    deployment: str,
    realm: str,
    context: bytes,
    namespace: str,
    key: bytes,
) -> bytes:
    """u, 32 bytes. `prf` is HMAC-SHA256 under the pepper; `context` 16 bytes; `key` exact bytes.

    Nothing is folded or normalised: OpenID Connect compares `sub` byte by byte.
    """
    if len(context) != CONTEXT_SIZE:
        raise ValueError("a context has 16 bytes")
    if not key:
        raise ValueError("an empty person key would be shared by everybody")
    message = enc(
        "petition/identity/v1",
        deployment.encode(),
        realm.encode(),
        context,
        namespace.encode(),
        key,
    )
    return prf(message)


def staff_value(
    prf: Callable[[bytes], bytes], *, deployment: str, namespace: str, key: bytes
) -> bytes:
    """The staff key, 32 bytes: own label, own pepper, so that no clerk's key is ever a signer's."""
    if not key:
        raise ValueError("an empty person key would be shared by everybody")
    return prf(enc("petition/staff/v1", deployment.encode(), namespace.encode(), key))


def staff_mark(
    prf: Callable[[bytes], bytes], *, deployment: str, issuer: str, kind: str, value: str
) -> bytes:
    """32 bytes for a provider's `sub` or `sid` (`kind`), by which a later logout finds a session.

    The issuer is part of it: a `sid` of one provider ends no session of another.
    """
    words = (deployment.encode(), issuer.encode(), kind.encode(), value.encode())
    return prf(enc("petition/staff-mark/v1", *words))


@dataclass(frozen=True, slots=True)
class StretchCost:
    """Cost of Argon2id. The default is the designed one; cheaper ones are for tests."""

    memory_kib: int = 64 * 1024
    passes: int = 3
    lanes: int = 1


DESIGNED_COST = StretchCost()


def stretched_key(
    prf: Callable[[bytes], bytes],
    *,
    realm: str,
    key: bytes,
    cost: StretchCost = DESIGNED_COST,
) -> bytes:
    """Argon2id of a number that can be enumerated (national, fiscal), 32 bytes, once per login.

    The salt is keyed by the pepper: without it nobody can prepare a table of all numbers.
    """
    salt = prf(enc("petition/person-salt/v1", realm.encode()))[:16]
    derivation = Argon2id(
        salt=salt, length=32, iterations=cost.passes, lanes=cost.lanes, memory_cost=cost.memory_kib
    )
    return derivation.derive(key)
