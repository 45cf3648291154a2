"""Which key may do what: family, curve, length, and the use its owner wrote into it.

The library warns of a short RSA key and goes on, and looks at `use` and `alg` of a key only where
it is asked to; a key that is not fit is none, here.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from joserfc.jwk import ECKey, Key, OKPKey, RSAKey

RSA_MIN: Final = 2048  # bits (RFC 7518, 3.3)
_FAMILY: Final[Mapping[str, type[Key]]] = {"RS": RSAKey, "PS": RSAKey, "ES": ECKey, "Ed": OKPKey}
_CURVE: Final[Mapping[str, str]] = {
    "ES256": "P-256",
    "ES384": "P-384",
    "ES512": "P-521",
    "Ed25519": "Ed25519",
}


def is_short(key: Key) -> bool:
    return isinstance(key, RSAKey) and key.raw_value.key_size < RSA_MIN


def signs(key: Key, alg: str) -> bool:
    """Whether this key may make or check signatures of this algorithm."""
    return (
        isinstance(key, _FAMILY.get(alg[:2], ()))
        and (alg not in _CURVE or getattr(key, "curve_name", None) == _CURVE[alg])
        and key.get("use") in (None, "sig")
        and key.get("alg") in (None, alg)
        and not is_short(key)
    )


def agrees(key: Key, alg: str) -> bool:
    """Whether this key may open what was encrypted by this key agreement."""
    wanted: tuple[type[Key], ...] = (RSAKey,) if alg.startswith("RSA") else (ECKey, OKPKey)
    return (
        isinstance(key, wanted)
        and getattr(key, "curve_name", None) not in ("Ed25519", "Ed448")  # those only sign
        and key.get("use") in (None, "enc")
        and key.get("alg") in (None, alg)
        and not is_short(key)
    )
