"""What a key of a zone may be called, what it may do, and what every back end promises."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime
from enum import IntEnum, StrEnum
from typing import Protocol

from identity.errors import KeyRefused

REPLICA_ZONE = "replica"
_KEY_ID = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]*(?:/[A-Za-z0-9][A-Za-z0-9._-]*){0,7}")
_KEY_ID_MAX = 72  # escaped threefold it must still be a file name
_PLAIN = frozenset("abcdefghijklmnopqrstuvwxyz0123456789-.")
_REPLICA = re.compile(r"[a-z0-9][a-z0-9-]{0,31}")


class Kind(IntEnum):
    """What a key is for, one byte in its file: a key never serves two purposes."""

    HMAC = 1
    AES = 2
    ED25519 = 3
    ML_DSA_44 = 4


class KeyState(StrEnum):
    IN_USE = "in use"
    NOT_EVERYWHERE = "not on every replica"
    BEING_DESTROYED = "being destroyed"
    DESTROYED = "destroyed"


@dataclass(frozen=True, slots=True)
class HeldKey:
    """One line of the list of keys; nothing in it is secret."""

    key: str
    kind: Kind | None
    state: KeyState
    places: tuple[str, ...]
    """Names of the replicas that hold it, or held it; a token counts as one."""
    since: datetime | None = None


class KeyStore(Protocol):
    """One instance per zone, handed in as a port; refuses key ids of another zone.

    Seven verbs take messages and give results, so that hardware can stand in for files; the rest
    says what is there. Every refusal is a KeyRefused.
    """

    def create(self, key: str, kind: Kind) -> None:
        """On every named replica, or fails and leaves none."""

    def ensure(self, key: str, kind: Kind) -> None:
        """Create unless it is there, whichever process comes first; refused if of another kind."""

    def exists(self, key: str) -> bool: ...

    def prf(self, key: str, message: bytes) -> bytes:
        """HMAC-SHA256, 32 bytes."""

    def wrap(self, key: str, plain: bytes, aad: bytes) -> bytes:
        """Nonce 12 || AES-256-GCM ciphertext || tag 16."""

    def unwrap(self, key: str, blob: bytes, aad: bytes) -> bytes: ...

    def sign(self, key: str, message: bytes) -> bytes:
        """Ed25519, 64 bytes; ML-DSA-44, 2420 bytes, where the key is of that kind."""

    def public(self, key: str) -> bytes:
        """Ed25519 public key, 32 bytes; of ML-DSA-44 1312."""

    def destroy(self, key: str) -> list[bytes]:
        """One signed destruction statement per replica; repeating it gives the same again."""

    def replicas(self, key: str) -> list[tuple[str, bytes]]:
        """Who signs the statements about `key`, in their order: name, Ed25519 public key."""

    def held(self) -> list[HeldKey]:
        """Every key of the zone, those destroyed included, by name."""


class KeyNames:
    """The key ids of one zone."""

    def __init__(self, prefixes: frozenset[str]) -> None:
        """`prefixes`: first words of its ids (`pepper` admits `pepper` and `pepper/2026a`)."""
        self._prefixes = frozenset(prefix.rstrip("/") for prefix in prefixes) | {REPLICA_ZONE}

    def own(self, key: str) -> str:
        """The key id itself, or KeyRefused: no path, no other zone's key."""
        if len(key) > _KEY_ID_MAX or not _KEY_ID.fullmatch(key):
            raise KeyRefused("key_id_is_not_plain")
        if not self.admits(key):
            raise KeyRefused("key_id_of_another_zone")
        return key

    def admits(self, key: str) -> bool:
        return any(key == prefix or key.startswith(f"{prefix}/") for prefix in self._prefixes)


def witness(replica: str) -> str:
    """Id of the key that signs what a replica states; KeyRefused where its name is not plain."""
    if not _REPLICA.fullmatch(replica):
        raise KeyRefused("replica_name_is_not_plain")
    return f"{REPLICA_ZONE}/{replica}"


def is_witness(key: str) -> bool:
    return key.startswith(f"{REPLICA_ZONE}/")


def file_name(key: str) -> str:
    """An injective file name: everything but lower case, digits, `-` and `.` is escaped.

    Capitals are escaped too: on a file system that folds case two keys would be one file.
    """
    return "".join(c if c in _PLAIN else f"_{ord(c):02x}" for c in key)


def key_of(name: str) -> str:
    """The key id that a file name speaks of (ids are ASCII, so two digits always follow)."""
    return re.sub(r"_([0-9a-f]{2})", lambda found: chr(int(found[1], 16)), name)
