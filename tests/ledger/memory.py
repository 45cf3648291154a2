"""A log kept in a dictionary, and the shared example of the test vectors."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, field
from uuid import UUID

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from petitions.ledger import tree

DEPLOYMENT = "petitions.example.org"
ORIGIN = "petitions.example.org/2026"
P = UUID("00112233-4455-6677-8899-aabbccddeeff")
Q = UUID("11112233-4455-6677-8899-aabbccddeeff")
SALT = bytes(range(0x20, 0x40))
R = bytes(range(0x40, 0x60))
R_W = bytes(range(0x60, 0x80))
U = bytes.fromhex("4316878f45e48fb122cdb799ccf593fec732ffcad4e74187f7b7e2576dda1f17")
C = bytes.fromhex("9944a4a26ffe680dbfce07b4cc84633c02ef32d7d866a53f6c769a2d7c2f742a")
LOG_KEY = Ed25519PrivateKey.from_private_bytes(bytes(range(0xA0, 0xC0)))
LOG_PUBLIC = LOG_KEY.public_key().public_bytes_raw()


@dataclass
class MemoryLog:
    size: int = 0
    root: bytes = tree.EMPTY_ROOT
    tiles: dict[tuple[int, int], bytes] = field(default_factory=dict)
    read: list[tuple[int, int]] = field(default_factory=list)

    def tile(self, level: int, n: int) -> bytes | None:
        self.read.append((level, n))
        return self.tiles.get((level, n))

    def add(self, leaves: Sequence[bytes]) -> tree.Appended:
        appended = tree.append(self.size, leaves, self)
        self.tiles.update(appended.tiles)
        self.size, self.root = appended.new_size, appended.root
        return appended


def leaves(count: int, start: int = 0) -> list[bytes]:
    """Distinct leaf hashes."""
    return [
        hashlib.sha256(b"\x00" + i.to_bytes(4, "big")).digest() for i in range(start, start + count)
    ]
