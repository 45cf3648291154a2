"""The back end that keeps the keys of a zone in a PKCS#11 token.

Peppers are CKK_GENERIC_SECRET for CKM_SHA256_HMAC, petition keys CKK_AES for CKM_AES_GCM, signing
keys CKK_EC_EDWARDS for CKM_EDDSA where the token has it, else files. All are made in the token and
cannot be read out. What the token cannot keep lies in the zone's folder: the memory of what was
destroyed, and keys made in files before there was a token, which stay there until they end.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import Any

from pkcs11 import Mechanism, PKCS11Error

from identity.destruction import Witness, statement
from identity.errors import KeyRefused
from identity.key_files import (
    check_directory,
    create_once,
    locked,
    make_directory,
    read_private,
    remove,
)
from identity.key_rules import (
    HeldKey,
    KeyNames,
    KeyState,
    Kind,
    file_name,
    is_witness,
    key_of,
    witness,
)
from identity.keyring import NONCE_SIZE, TAG_SIZE, FileKeyStore, now_utc
from identity.pkcs11 import NEEDED, SIGNING, Nonces, Token, probe_nonces, seal, unseal
from identity.pkcs11_objects import PROBE, Drawer


class Pkcs11KeyStore:
    """`KeyStore` over a token. `label` begins the label of every object of this zone.

    `files` are the same zone's folders. With `make` a token that never held this zone begins to; a
    token that did and is empty now is refused, for new keys would let everybody sign again.
    """

    def __init__(
        self,
        token: Token,
        files: FileKeyStore,
        *,
        prefixes: frozenset[str],
        label: str,
        origin: str = "",
        clock: Callable[[], datetime] = now_utc,
        make: bool = True,
    ) -> None:
        self._token = token
        self._drawer = Drawer(token, label)
        self._files = files
        self._names = KeyNames(prefixes)
        self._origin = origin
        self._clock = clock
        self._folder = files.places[files.first] / "token"
        self._replica = f"{files.first}-token"
        token.require(NEEDED)
        self.signs = token.can(SIGNING)
        if make:
            make_directory(self._folder)
            with locked(self._folder):
                self._begin_zone()
        if not check_directory(self._folder):
            raise KeyRefused("key_place_is_missing", str(self._folder))
        self.nonces = self._probed()

    def _begin_zone(self) -> None:
        begun = self._folder / "begun"
        if not self._drawer.begun():
            if read_private(begun) is not None:
                raise KeyRefused("key_token_has_lost_its_keys", self._token.label)
            self._drawer.generate(PROBE, Kind.AES)
        create_once(begun, self._token.label.encode())
        if self.signs and not self._drawer.there(witness(self._replica)):
            self._drawer.generate(witness(self._replica), Kind.ED25519)

    def _probed(self) -> Nonces:
        nonces = self._drawer.use(PROBE, Kind.AES, probe_nonces)
        if nonces is None:
            raise KeyRefused("key_token_has_no_gcm_nonce", self._token.label)
        return nonces

    # --- the verbs ---------------------------------------------------------------------------

    def create(self, key: str, kind: Kind) -> None:
        """Made inside the token; KeyRefused if the id exists or existed, in token or files."""
        own = self._names.own(key)
        if self._files_take(own, kind):
            self._files.create(own, kind)
            return
        if is_witness(own) or not self._create(own, kind):
            raise KeyRefused("key_exists", own)

    def ensure(self, key: str, kind: Kind) -> None:
        """Create unless it is there, whichever process comes first; refused if of another kind."""
        own = self._names.own(key)
        if self._files_take(own, kind):
            self._files.ensure(own, kind)
            return
        self._create(own, kind)
        self._drawer.use(own, kind, lambda found: found)

    def exists(self, key: str) -> bool:
        own = self._names.own(key)
        return self._in_files(own) or self._drawer.there(own)

    def prf(self, key: str, message: bytes) -> bytes:
        own = self._names.own(key)
        if self._in_files(own):
            return self._files.prf(own, message)

        def work(found: Any) -> bytes:
            return bytes(found.sign(message, mechanism=Mechanism.SHA256_HMAC))

        return self._drawer.use(own, Kind.HMAC, work)

    def wrap(self, key: str, plain: bytes, aad: bytes) -> bytes:
        own = self._names.own(key)
        if self._in_files(own):
            return self._files.wrap(own, plain, aad)
        return self._drawer.use(own, Kind.AES, lambda found: seal(found, self.nonces, plain, aad))

    def unwrap(self, key: str, blob: bytes, aad: bytes) -> bytes:
        """KeyRefused if one bit of `blob` or `aad` is not the one that was wrapped."""
        own = self._names.own(key)
        if self._in_files(own):
            return self._files.unwrap(own, blob, aad)
        if len(blob) < NONCE_SIZE + TAG_SIZE:
            raise KeyRefused("wrapped_blob_is_too_short")

        def work(found: Any) -> bytes:
            try:
                return unseal(found, blob, aad)
            except PKCS11Error as error:
                # tokens name an altered blob differently; if the key still works, it was the blob
                if unseal(found, seal(found, self.nonces, b"probe", aad), aad) == b"probe":
                    raise KeyRefused("wrapped_blob_does_not_open") from error
                raise

        return self._drawer.use(own, Kind.AES, work)

    def sign(self, key: str, message: bytes) -> bytes:
        own = self._names.own(key)
        if self._in_files(own):
            return self._files.sign(own, message)

        def work(found: Any) -> bytes:
            return bytes(found.sign(message, mechanism=Mechanism.EDDSA))

        return self._drawer.use(own, Kind.ED25519, work)

    def public(self, key: str) -> bytes:
        own = self._names.own(key)
        return self._files.public(own) if self._in_files(own) else self._drawer.public(own)

    def destroy(self, key: str) -> list[bytes]:
        """C_DestroyObject, then one statement; it may be repeated and gives the same one again."""
        own = self._names.own(key)
        if is_witness(own):
            raise KeyRefused("replica_keys_witness_destruction", own)
        if self._files_know(own):
            return self._files.destroy(own)
        with locked(self._folder):
            begun, done = self._mark(own, "dying"), self._mark(own, "gone")
            if not (begun.exists() or done.exists() or self._drawer.there(own)):
                raise KeyRefused("key_is_missing", own)
            create_once(begun, b"")
            self._drawer.destroy(own)
            told = read_private(done)
            if told is None:
                create_once(done, statement(own, self._witness(), self._clock()))
                told = read_private(done)
            if told is None:
                raise KeyRefused("destruction_statement_cannot_be_kept", str(done))
            remove(begun)
            return [told]

    def replicas(self, key: str) -> list[tuple[str, bytes]]:
        """Name and public key of who signs about `key`: the token counts as one replica."""
        own = self._names.own(key)
        if self._files_know(own):
            return self._files.replicas(own)
        by = self._witness()
        return [(by.replica, by.public)]

    def held(self) -> list[HeldKey]:
        places = (self._replica,)
        listed = self._files.held()
        for key, kind in self._drawer.contents():
            ends = self._mark(key, "dying").exists() or self._mark(key, "gone").exists()
            state = KeyState.BEING_DESTROYED if ends else KeyState.IN_USE
            if not is_witness(key):
                listed.append(HeldKey(key, kind, state, places))
        for done in self._folder.glob("*.gone"):
            listed.append(HeldKey(key_of(done.stem), None, KeyState.DESTROYED, places))
        return sorted(listed, key=lambda each: each.key)

    # --- where a key lies ----------------------------------------------------------------------

    def _create(self, key: str, kind: Kind) -> bool:
        with locked(self._folder):
            if self._mark(key, "dying").exists() or self._mark(key, "gone").exists():
                raise KeyRefused("key_was_destroyed", key)
            if self._drawer.there(key):
                return False
            self._drawer.generate(key, kind)
            return True

    def _in_files(self, key: str) -> bool:
        return key != witness(self._replica) and self._files.exists(key)

    def _files_know(self, key: str) -> bool:
        return key != witness(self._replica) and self._files.knows(key)

    def _files_take(self, key: str, kind: Kind) -> bool:
        """A key that is, or was, in a file; and signing keys where the token cannot sign."""
        return (
            self._files_know(key)
            or (kind is Kind.ED25519 and not self.signs)
            or kind is Kind.ML_DSA_44
        )

    def _mark(self, key: str, suffix: str) -> Path:
        return self._folder / f"{file_name(key)}.{suffix}"

    def _witness(self) -> Witness:
        if not self.signs:
            return self._files.witness_of(self._files.first)
        key = witness(self._replica)
        return Witness(
            self._replica, self._origin, self.public(key), lambda text: self.sign(key, text)
        )
