"""ML-DSA-44 signatures on checkpoints and by witnesses (C2SP tlog-cosignature, type 06; FIPS 204).

Beside Ed25519, never in its place: a reader who cannot check one still has the other. Where the
installed `cryptography` lacks ML-DSA, `AVAILABLE` is False and a log simply has no such line.
"""

from __future__ import annotations

import hashlib
import struct
from collections.abc import Callable
from typing import Final

from cryptography.exceptions import InvalidSignature

from petitions.ledger.encoding import LedgerError
from petitions.ledger.notes import DASH, from_base64, to_base64

try:
    from cryptography.hazmat.primitives.asymmetric.mldsa import MLDSA44PublicKey
except ImportError:  # an older library, or one built on a TLS library without it
    AVAILABLE = False
else:
    AVAILABLE = True

ML_DSA_44: Final = 6
PUBLIC_SIZE: Final = 1312
SIGNATURE_SIZE: Final = 2420
_LABEL: Final = b"subtree/v1\n\x00"
_STAMP: Final = 8


def key_id(name: str, public_key: bytes) -> bytes:
    """First four bytes of SHA-256(name || LF || 06 || public key)."""
    _check_public(public_key)
    return hashlib.sha256(name.encode() + b"\n" + bytes((ML_DSA_44,)) + public_key).digest()[:4]


def vkey(name: str, public_key: bytes) -> str:
    """`name+hex(key id)+base64(06 || public key)`."""
    encoded = to_base64(bytes((ML_DSA_44,)) + public_key)
    return f"{name}+{key_id(name, public_key).hex()}+{encoded}"


def parse_vkey(text: str) -> tuple[str, bytes, bytes]:
    """Name, key id and public key; LedgerError where they do not belong together."""
    parts = text.split("+", 2)
    material = from_base64(parts[2]) if len(parts) == 3 else b""
    if material[:1] != bytes((ML_DSA_44,)) or vkey(parts[0], material[1:]) != text:
        raise LedgerError("not an ML-DSA-44 verifier key")
    return parts[0], bytes.fromhex(parts[1]), material[1:]


def cosigned_message(name: str, timestamp: int, origin: str, size: int, root: bytes) -> bytes:
    """What is signed: who says when that this log had this root at this size."""
    if len(root) != 32:
        raise LedgerError("a root hash is 32 bytes")
    return b"".join(
        (
            _LABEL, _short(name), struct.pack(">Q", timestamp), _short(origin),
            struct.pack(">QQ", 0, size), root,
        )
    )  # fmt: skip


def signature_line(
    name: str,
    timestamp: int,
    origin: str,
    size: int,
    root: bytes,
    sign: Callable[[bytes], bytes],
    public: bytes,
) -> str:
    """One line to append to a signed note. `sign` makes an ML-DSA-44 signature with `public`."""
    signature = sign(cosigned_message(name, timestamp, origin, size, root))
    stamped = struct.pack(">Q", timestamp) + signature
    if not verify(name, origin, size, root, stamped, public):
        raise LedgerError("the signature is not by the named key")
    return f"{DASH}{name} {to_base64(key_id(name, public) + stamped)}\n"


def verify(name: str, origin: str, size: int, root: bytes, stamped: bytes, public: bytes) -> bool:
    """Whether `stamped` (time || signature) vouches for this tree. LedgerError without the library."""
    if not AVAILABLE:
        raise LedgerError("this installation cannot check ML-DSA-44")
    _check_public(public)
    if len(stamped) != _STAMP + SIGNATURE_SIZE:
        return False
    (timestamp,) = struct.unpack(">Q", stamped[:_STAMP])
    message = cosigned_message(name, timestamp, origin, size, root)
    try:
        MLDSA44PublicKey.from_public_bytes(public).verify(stamped[_STAMP:], message)
    except InvalidSignature:
        return False
    return True


def _short(text: str) -> bytes:
    """Opaque <1..2^8-1>, RFC 8446 3.4."""
    value = text.encode()
    if not 1 <= len(value) <= 255:
        raise LedgerError("a name is 1 to 255 bytes")
    return bytes((len(value),)) + value


def _check_public(public: bytes) -> None:
    if len(public) != PUBLIC_SIZE:
        raise LedgerError("an ML-DSA-44 public key is 1312 bytes")
