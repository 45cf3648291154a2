"""The back end that keeps the keys of one zone in files, each on every replica.

Nobody outside sees a secret: the verbs of `KeyStore` take messages and give results, so that a
hardware module can stand in for the files without a change of code.
"""

from __future__ import annotations

import contextlib
import hashlib
import hmac
import secrets
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Protocol

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from identity import key_places
from identity.destruction import Witness, statement
from identity.errors import KeyRefused
from identity.key_files import (
    create_once,
    locked,
    make_directory,
    overwrite,
    read_private,
    remove,
    shred,
)
from identity.key_places import SECRET_SIZE, Fault, packed, survey, unpacked
from identity.key_rules import HeldKey, KeyNames, KeyStore, Kind, file_name, is_witness, witness

__all__ = ["FileKeyStore", "KeyStore", "Kind", "file_name"]

NONCE_SIZE = 12
TAG_SIZE = 16


def now_utc() -> datetime:
    return datetime.now(UTC)


class Public(Protocol):
    def public_bytes_raw(self) -> bytes: ...


class Signer(Protocol):
    """What Ed25519 and ML-DSA private keys have in common."""

    def sign(self, data: bytes, /) -> bytes: ...
    def public_key(self) -> Public: ...


def post_quantum_key(seed: bytes) -> Signer:
    """ML-DSA-44 from its 32-byte seed (FIPS 204); refused where the library lacks it."""
    try:
        from cryptography.hazmat.primitives.asymmetric.mldsa import MLDSA44PrivateKey
    except ImportError:
        raise KeyRefused("key_is_of_another_kind") from None
    return MLDSA44PrivateKey.from_seed_bytes(seed)


class FileKeyStore:
    """One file per key, mode 0600 in a 0700 directory, content `PKS1` || kind || secret.

    `prefixes` are the key ids of this zone. `replicas` names further directories that hold a copy
    of every key; `directory` itself, the only one that is read, is the one that `replica` names, to
    be chosen apart where several zones publish statements under one origin. `origin` and `clock`
    (UTC) only fill the destruction statements.

    With `make` folders that no key was ever in are made; without it they must be there. KeyRefused
    on every refusal, at start if the places do not agree.
    """

    def __init__(
        self,
        directory: Path,
        *,
        prefixes: frozenset[str],
        replicas: Mapping[str, Path] | None = None,
        replica: str = "main",
        origin: str = "",
        clock: Callable[[], datetime] = now_utc,
        make: bool = True,
    ) -> None:
        self._names = KeyNames(prefixes)
        self._first = replica
        self.places = {replica: directory, **(replicas or {})}
        self._origin = origin
        self._clock = clock
        for name in self.places:
            witness(name)
        if make and not self._stopping():
            for name, place in self.places.items():
                make_directory(place)
                new_witness(place, name)
        stopping = [Fault("key_place_is_missing", str(directory))]
        if directory.is_dir():
            with locked(directory):
                self._forget_interrupted()
                stopping = self._stopping()
        else:
            stopping = self._stopping() or stopping
        if stopping:
            raise KeyRefused(stopping[0].code, stopping[0].where)

    def _stopping(self) -> list[Fault]:
        return [fault for fault in survey(self.places) if fault.stops]

    # --- the verbs ---------------------------------------------------------------------------

    def create(self, key: str, kind: Kind) -> None:
        """A new random key on every replica, or none. KeyRefused if the id exists or existed."""
        own = self._names.own(key)
        if is_witness(own):
            raise KeyRefused("key_exists", own)  # made with its replica, and only there
        with locked(self.places[self._first]):
            if not self._create(own, kind):
                raise KeyRefused("key_exists", own)

    def ensure(self, key: str, kind: Kind) -> None:
        """Create unless it is there, whichever process comes first; refused if of another kind."""
        own = self._names.own(key)
        if not self.exists(own):
            with locked(self.places[self._first]):
                self._create(own, kind)
        self._secret(own, kind)

    def exists(self, key: str) -> bool:
        return read_private(self._path(self._names.own(key))) is not None

    def prf(self, key: str, message: bytes) -> bytes:
        return hmac.digest(self._secret(key, Kind.HMAC), message, hashlib.sha256)

    def wrap(self, key: str, plain: bytes, aad: bytes) -> bytes:
        nonce = secrets.token_bytes(NONCE_SIZE)
        return nonce + AESGCM(self._secret(key, Kind.AES)).encrypt(nonce, plain, aad)

    def unwrap(self, key: str, blob: bytes, aad: bytes) -> bytes:
        """KeyRefused if one bit of `blob` or `aad` is not the one that was wrapped."""
        if len(blob) < NONCE_SIZE + TAG_SIZE:
            raise KeyRefused("wrapped_blob_is_too_short")
        cipher = AESGCM(self._secret(key, Kind.AES))
        try:
            return cipher.decrypt(blob[:NONCE_SIZE], blob[NONCE_SIZE:], aad)
        except InvalidTag as error:
            raise KeyRefused("wrapped_blob_does_not_open") from error

    def sign(self, key: str, message: bytes) -> bytes:
        return self._signer(key).sign(message)

    def public(self, key: str) -> bytes:
        return self._signer(key).public_key().public_bytes_raw()

    def destroy(self, key: str) -> list[bytes]:
        """Overwrite and remove on every replica; one signed statement for each, in replica order.

        May be repeated after a crash: statements are kept beside the gap they speak of. A key id
        that never existed is refused, and a destroyed one can never be created again. Where one
        replica cannot be reached nothing is destroyed at any.
        """
        own = self._names.own(key)
        if is_witness(own):
            raise KeyRefused("replica_keys_witness_destruction", own)
        with locked(self.places[self._first]):
            self._all_there()
            if not self.knows(own):
                raise KeyRefused("key_is_missing", own)
            return [self._destroy_at(own, name, place) for name, place in self.places.items()]

    def replicas(self, key: str) -> list[tuple[str, bytes]]:
        """Name and public key of `replica/<name>`, in the order of the statements of `destroy`."""
        self._names.own(key)
        return [(name, self.public(witness(name))) for name in self.places]

    def held(self) -> list[HeldKey]:
        return key_places.held(self.places)

    # --- keeping the places alike ------------------------------------------------------------

    def knows(self, key: str) -> bool:
        """Whether a key of this id is, or ever was, in one of the places."""
        name = file_name(self._names.own(key))
        return any(
            (place / f"{name}.{suffix}").exists()
            for place in self.places.values()
            for suffix in ("key", "dying", "gone")
        )

    def _all_there(self) -> None:
        """An unmounted volume is an empty folder, in which nothing may be made or called gone."""
        for name, place in self.places.items():
            if read_private(place / f"{file_name(witness(name))}.key") is None:
                raise KeyRefused("replica_is_missing", str(place))

    def _create(self, key: str, kind: Kind) -> bool:
        """Replicas first: a key that can be used is on all of them, whenever the power goes."""
        self._forget_interrupted()
        for place in self.places.values():
            if any((place / f"{file_name(key)}.{end}").exists() for end in ("dying", "gone")):
                raise KeyRefused("key_was_destroyed", key)
        if self._path(key).exists():
            return False
        self._all_there()
        begun = self._path(key).with_suffix(".making")
        try:
            create_once(begun, b"")
            self._write_everywhere(key, _new_key(kind))
        except OSError as error:
            raise KeyRefused("key_cannot_be_written", str(error.filename)) from error
        finally:
            begun.unlink(missing_ok=True)
        return True

    def _write_everywhere(self, key: str, content: bytes) -> None:
        with contextlib.ExitStack() as withdrawal:
            for place in reversed(self.places.values()):
                path = place / f"{file_name(key)}.key"
                if not create_once(path, content):
                    raise KeyRefused("key_exists_on_one_replica_only", str(path))
                withdrawal.callback(shred, path)
            withdrawal.pop_all()

    def _forget_interrupted(self) -> None:
        """A creation that never reached the first place gave nobody a key: its copies go."""
        for begun in self.places[self._first].glob("*.making"):
            file = begun.with_suffix(".key").name
            if not begun.with_suffix(".key").exists():
                for place in self.places.values():
                    shred(place / file)
            begun.unlink()

    def _path(self, key: str) -> Path:
        name = key.partition("/")[2] if is_witness(key) else self._first
        place = self.places.get(name)
        if place is None:
            raise KeyRefused("replica_is_not_named", name)
        return place / f"{file_name(key)}.key"

    def _content(self, key: str) -> tuple[Kind, bytes]:
        path = self._path(self._names.own(key))
        content = read_private(path)
        if content is None:
            raise KeyRefused("key_is_missing", key)
        return unpacked(content, str(path))

    def _secret(self, key: str, kind: Kind) -> bytes:
        found, secret = self._content(key)
        if found != kind:
            raise KeyRefused("key_is_of_another_kind", key)
        return secret

    def _signer(self, key: str) -> Signer:
        kind, secret = self._content(key)
        if kind is Kind.ML_DSA_44:
            return post_quantum_key(secret)
        if kind is not Kind.ED25519:
            raise KeyRefused("key_is_of_another_kind", key)
        return Ed25519PrivateKey.from_private_bytes(secret)

    def _destroy_at(self, key: str, replica: str, place: Path) -> bytes:
        """`key` → renamed `dying` (nobody can use it) → overwritten → statement `gone` → removed.

        In this order something is left to go on from wherever the power goes.
        """
        live, dying, gone = (
            place / f"{file_name(key)}.{suffix}" for suffix in ("key", "dying", "gone")
        )
        if live.exists():
            live.rename(dying)
        overwrite(dying)
        told = read_private(gone)
        if told is None:
            create_once(gone, statement(key, self.witness_of(replica), self._clock()))
            told = read_private(gone)
        if told is None:
            raise KeyRefused("destruction_statement_cannot_be_kept", str(gone))
        remove(dying)
        return told

    def witness_of(self, replica: str) -> Witness:
        key = witness(replica)
        return Witness(replica, self._origin, self.public(key), lambda text: self.sign(key, text))

    @property
    def first(self) -> str:
        """Name of the place that is read."""
        return self._first


def new_witness(place: Path, replica: str) -> bool:
    """The key with which a replica signs what it states; False if it has one."""
    return create_once(place / f"{file_name(witness(replica))}.key", _new_key(Kind.ED25519))


def _new_key(kind: Kind) -> bytes:
    return packed(kind, secrets.token_bytes(SECRET_SIZE))
