"""The keys of one zone behind one Protocol, and the back end that keeps them in files.

Nobody outside sees a secret: the seven verbs take messages and give results, so that a hardware
module can stand in for the files without a change of code.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import re
import secrets
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from enum import IntEnum
from pathlib import Path
from typing import Protocol
from uuid import UUID

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from identity.errors import KeyRefused
from identity.key_files import create_once, make_directory, read_private, shred


class Kind(IntEnum):
    """What a key is for, one byte in its file: a key never serves two purposes."""

    HMAC = 1
    AES = 2
    ED25519 = 3


class KeyStore(Protocol):
    """One instance per zone, handed in as a port; refuses key ids of another zone."""

    def create(self, key: str, kind: Kind) -> None:
        """On every named replica, or fails and leaves none."""

    def exists(self, key: str) -> bool: ...

    def prf(self, key: str, message: bytes) -> bytes:
        """HMAC-SHA256, 32 bytes."""

    def wrap(self, key: str, plain: bytes, aad: bytes) -> bytes:
        """Nonce 12 || AES-256-GCM ciphertext || tag 16."""

    def unwrap(self, key: str, blob: bytes, aad: bytes) -> bytes: ...

    def sign(self, key: str, message: bytes) -> bytes:
        """Ed25519, 64 bytes."""

    def public(self, key: str) -> bytes:
        """Ed25519 public key, 32 bytes."""

    def destroy(self, key: str) -> list[bytes]:
        """One signed destruction statement per replica."""


_MAGIC = b"PKS1"
_SECRET_SIZE = 32
_NONCE_SIZE = 12
_TAG_SIZE = 16
_KEY_ID = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]*(?:/[A-Za-z0-9][A-Za-z0-9._-]*){0,7}")
_KEY_ID_MAX = 72  # escaped threefold it must still be a file name
_REPLICA = re.compile(r"[a-z0-9][a-z0-9-]{0,31}")
_REPLICA_ZONE = "replica"


def file_name(key: str) -> str:
    """An injective file name: everything but lower case, digits, `-` and `.` is escaped.

    Capitals are escaped too: on a file system that folds case two keys would be one file.
    """
    return "".join(c if c in _PLAIN else f"_{ord(c):02x}" for c in key)


_PLAIN = frozenset("abcdefghijklmnopqrstuvwxyz0123456789-.")


def _now() -> datetime:
    return datetime.now(UTC)


class FileKeyStore:
    """One file per key, mode 0600 in a 0700 directory, content `PKS1` || kind || secret.

    `prefixes` are the key ids of this zone (`pepper` admits `pepper/2026a`). `replicas` names
    further directories that hold a copy of every key; `directory` itself is the one that `replica`
    names, to be chosen apart where several zones publish statements under one origin. `origin` and
    `clock` (UTC) only fill the destruction statements. KeyRefused on every refusal.
    """

    def __init__(
        self,
        directory: Path,
        *,
        prefixes: frozenset[str],
        replicas: Mapping[str, Path] | None = None,
        replica: str = "main",
        origin: str = "",
        clock: Callable[[], datetime] = _now,
    ) -> None:
        self._prefixes = frozenset(prefix.rstrip("/") for prefix in prefixes) | {_REPLICA_ZONE}
        self._first = replica
        self._places = {replica: directory, **(replicas or {})}
        self._origin = origin
        self._clock = clock
        for name, place in self._places.items():
            if not _REPLICA.fullmatch(name):
                raise KeyRefused("replica_name_is_not_plain")
            make_directory(place)
            for found in place.glob("*.key"):
                read_private(found)
            self._create_in({name: place}, f"{_REPLICA_ZONE}/{name}", Kind.ED25519)

    def create(self, key: str, kind: Kind) -> None:
        """A new random key on every replica, or none. KeyRefused if the id exists or existed.

        `replica/<name>` is made with its replica, and only there.
        """
        if not self._create_in(self._places, self._own(key), kind):
            raise KeyRefused("key_exists")

    def ensure(self, key: str, kind: Kind) -> None:
        """Create unless it is there, whichever process comes first; refused if of another kind."""
        if not self.exists(key):
            self._create_in(self._places, self._own(key), kind)
        self._secret(key, kind)

    def exists(self, key: str) -> bool:
        return read_private(self._path(self._own(key))) is not None

    def prf(self, key: str, message: bytes) -> bytes:
        return hmac.digest(self._secret(key, Kind.HMAC), message, hashlib.sha256)

    def wrap(self, key: str, plain: bytes, aad: bytes) -> bytes:
        nonce = secrets.token_bytes(_NONCE_SIZE)
        return nonce + AESGCM(self._secret(key, Kind.AES)).encrypt(nonce, plain, aad)

    def unwrap(self, key: str, blob: bytes, aad: bytes) -> bytes:
        """KeyRefused if one bit of `blob` or `aad` is not the one that was wrapped."""
        if len(blob) < _NONCE_SIZE + _TAG_SIZE:
            raise KeyRefused("wrapped_blob_is_too_short")
        cipher = AESGCM(self._secret(key, Kind.AES))
        try:
            return cipher.decrypt(blob[:_NONCE_SIZE], blob[_NONCE_SIZE:], aad)
        except InvalidTag as error:
            raise KeyRefused("wrapped_blob_does_not_open") from error

    def sign(self, key: str, message: bytes) -> bytes:
        return self._signer(key).sign(message)

    def public(self, key: str) -> bytes:
        return self._signer(key).public_key().public_bytes_raw()

    def destroy(self, key: str) -> list[bytes]:
        """Overwrite and remove on every replica; one signed statement for each, in replica order.

        May be repeated after a crash: statements are kept beside the gap they speak of. A key id
        that never existed is refused, and a destroyed one can never be created again.
        """
        own = self._own(key)
        if own.startswith(f"{_REPLICA_ZONE}/"):
            raise KeyRefused("replica_keys_witness_destruction")
        if not any(self._traces(own, place) for place in self._places.values()):
            raise KeyRefused("key_is_missing")
        return [self._destroy_at(own, name, place) for name, place in self._places.items()]

    def _own(self, key: str) -> str:
        if len(key) > _KEY_ID_MAX or not _KEY_ID.fullmatch(key):
            raise KeyRefused("key_id_is_not_plain")
        if not any(key == prefix or key.startswith(f"{prefix}/") for prefix in self._prefixes):
            raise KeyRefused("key_id_of_another_zone")
        return key

    def _path(self, key: str) -> Path:
        replica = key.startswith(f"{_REPLICA_ZONE}/")
        place = self._places.get(key.partition("/")[2] if replica else self._first)
        if place is None:
            raise KeyRefused("replica_is_not_named")
        return place / f"{file_name(key)}.key"

    def _create_in(self, places: Mapping[str, Path], key: str, kind: Kind) -> bool:
        content = _MAGIC + bytes([kind]) + secrets.token_bytes(_SECRET_SIZE)
        written: list[Path] = []
        for place in places.values():
            if (place / f"{file_name(key)}.gone").exists():
                raise KeyRefused("key_was_destroyed")
        try:
            for place in places.values():
                path = place / f"{file_name(key)}.key"
                if not create_once(path, content):
                    _withdraw(written)
                    if written:
                        raise KeyRefused("key_exists_on_one_replica_only")
                    return False
                written.append(path)
        except OSError as error:
            _withdraw(written)
            raise KeyRefused("key_cannot_be_written") from error
        return True

    def _secret(self, key: str, kind: Kind) -> bytes:
        content = read_private(self._path(self._own(key)))
        if content is None:
            raise KeyRefused("key_is_missing")
        whole = len(content) == len(_MAGIC) + 1 + _SECRET_SIZE and content.startswith(_MAGIC)
        if not whole:
            raise KeyRefused("key_file_is_damaged")
        if content[len(_MAGIC)] != kind:
            raise KeyRefused("key_is_of_another_kind")
        return content[len(_MAGIC) + 1 :]

    def _signer(self, key: str) -> Ed25519PrivateKey:
        return Ed25519PrivateKey.from_private_bytes(self._secret(key, Kind.ED25519))

    def _traces(self, key: str, place: Path) -> bool:
        name = file_name(key)
        return any((place / f"{name}.{suffix}").exists() for suffix in ("key", "dying", "gone"))

    def _destroy_at(self, key: str, replica: str, place: Path) -> bytes:
        """`key` → renamed `dying` (nobody can use it) → overwritten → statement `gone`."""
        live, dying, gone = (
            place / f"{file_name(key)}.{suffix}" for suffix in ("key", "dying", "gone")
        )
        if live.exists():
            live.rename(dying)
        shred(dying)
        told = read_private(gone)
        if told is None:
            create_once(gone, self._statement(key, replica))
            told = read_private(gone)
        if told is None:
            raise KeyRefused("destruction_statement_cannot_be_kept")
        return told

    def _statement(self, key: str, replica: str) -> bytes:
        """A C2SP signed note: the replica says when it lost the key.

        Lines: `petition-destruction/v1`, origin, petition UUID (zero if the key is not one
        petition's), key id, replica name, seconds since the epoch.
        """
        seconds = int(self._clock().timestamp())
        lines = ("petition-destruction/v1", self._origin, _petition(key), key, replica, seconds)
        text = "".join(f"{line}\n" for line in lines).encode()
        signer = f"{_REPLICA_ZONE}/{replica}"
        return text + b"\n" + self._note_signature(signer, text)

    def _note_signature(self, key: str, text: bytes) -> bytes:
        """C2SP signed-note line, Ed25519 type 01; the key's name is `<origin>/replica/<name>`."""
        name = f"{self._origin}/{key}" if self._origin else key
        mark = hashlib.sha256(f"{name}\n".encode() + b"\x01" + self.public(key)).digest()[:4]
        encoded = base64.b64encode(mark + self.sign(key, text)).decode()
        return f"— {name} {encoded}\n".encode()


def _withdraw(paths: list[Path]) -> None:
    for path in paths:
        shred(path)


def _petition(key: str) -> str:
    tail = key.rpartition("/")[2]
    try:
        return str(UUID(tail)) if str(UUID(tail)) == tail else str(UUID(int=0))
    except ValueError:
        return str(UUID(int=0))
