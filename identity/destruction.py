"""The statement a replica signs when it has destroyed a key.

A C2SP signed note of six lines: `petition-destruction/v1`, origin, petition UUID (zero if the key is
not one petition's), key id, replica name, seconds since the epoch; then an empty line and the
signature line (Ed25519, type 01) under the key name `<origin>/replica/<name>`.
"""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from identity.key_rules import witness

FORMAT = "petition-destruction/v1"


@dataclass(frozen=True, slots=True)
class Witness:
    """Who states: the name of a replica, its Ed25519 key (32 bytes public) and the site's name."""

    replica: str
    origin: str
    public: bytes
    sign: Callable[[bytes], bytes]


def statement(key: str, by: Witness, at: datetime) -> bytes:
    """`at` is when the replica lost the key."""
    lines = (FORMAT, by.origin, petition_of(key), key, by.replica, int(at.timestamp()))
    text = "".join(f"{line}\n" for line in lines).encode()
    return text + b"\n" + _signature_line(by, text)


def _signature_line(by: Witness, text: bytes) -> bytes:
    name = witness(by.replica)
    name = f"{by.origin}/{name}" if by.origin else name
    mark = hashlib.sha256(f"{name}\n".encode() + b"\x01" + by.public).digest()[:4]
    return f"— {name} {base64.b64encode(mark + by.sign(text)).decode()}\n".encode()


def petition_of(key: str) -> str:
    """The petition in `kek/<uuid>`, else the zero UUID."""
    tail = key.rpartition("/")[2]
    try:
        return str(UUID(tail)) if str(UUID(tail)) == tail else str(UUID(int=0))
    except ValueError:
        return str(UUID(int=0))
