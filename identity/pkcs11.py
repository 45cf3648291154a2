"""A token behind a PKCS#11 module: one session, one user at a time, opened again when it is lost.

python-pkcs11 initialises a module without locking, so within a process everything that goes to one
module goes through one lock. A key never leaves the token; what comes out are results.
"""

from __future__ import annotations

import contextlib
import os
import secrets
import threading
from collections.abc import Callable
from enum import Enum
from typing import Any, TypeVar

import pkcs11
from pkcs11 import GCMParams, Mechanism, PKCS11Error

from identity.errors import KeyRefused
from identity.keyring import NONCE_SIZE, TAG_SIZE

T = TypeVar("T")
NEEDED = (
    Mechanism.GENERIC_SECRET_KEY_GEN,
    Mechanism.SHA256_HMAC,
    Mechanism.AES_KEY_GEN,
    Mechanism.AES_GCM,
)
SIGNING = (Mechanism.EC_EDWARDS_KEY_PAIR_GEN, Mechanism.EDDSA)


class _Module:
    """A loaded library. Every restart makes all sessions and handles before it worthless."""

    def __init__(self, path: str) -> None:
        self.path = path
        self.lock = threading.RLock()
        self.generation = 0
        self.forked = False

    def library(self) -> Any:
        try:
            library = pkcs11.lib(self.path)
        except PKCS11Error as error:
            raise KeyRefused("key_module_cannot_be_loaded", self.path) from error
        if self.forked:
            self.restart()
        return library

    def restart(self) -> None:
        library: Any = pkcs11.lib(self.path)
        self.forked = False
        self.generation += 1
        with contextlib.suppress(PKCS11Error):  # gone already, or the process's we came from
            library.finalize()
        library.initialize()


class ZoneVanishedError(PKCS11Error):
    """The zone's own objects cannot be seen: logged out, or another token under the same label."""


_ABSENT = {
    ZoneVanishedError: "key_token_has_no_zone",
    pkcs11.NoSuchToken: "key_token_is_missing",
    pkcs11.MultipleTokensReturned: "key_token_is_there_twice",
}
_MODULES: dict[str, _Module] = {}


def _module(path: str) -> _Module:
    return _MODULES.setdefault(path, _Module(path))


def _after_fork() -> None:
    """A child owns none of its parent's sessions, and nobody there will release a held lock."""
    for module in _MODULES.values():
        module.lock, module.forked = threading.RLock(), True


os.register_at_fork(after_in_child=_after_fork)


class Nonces(Enum):
    """Who chooses the nonce of AES-GCM: devices differ, and some forbid callers to."""

    OURS = "ours"
    THE_TOKENS = "the token's"


class Token:
    """The token of that label. `pin` is called when a session is opened, never kept here."""

    def __init__(self, module: str, label: str, pin: Callable[[], str]) -> None:
        self.label = label
        self._module = _module(module)
        self._pin = pin
        self._session: Any = None
        self._generation = -1
        self._shut = ""
        self.found: dict[str, Any] = {}
        """Handles by key id; forgotten with the session they belong to."""

    def run(self, work: Callable[[Any], T]) -> T:
        """Give `work` the session. It is repeated once in a new one if the token fails meanwhile,

        so it must bear that. Refusals are raised as KeyRefused and never repeated.
        """
        with self._module.lock:
            try:
                return work(self._open())
            except PKCS11Error:
                self._close()
            try:
                return work(self._open())
            except PKCS11Error as error:
                self._close()
                for kind, code in _ABSENT.items():
                    if isinstance(error, kind):
                        raise KeyRefused(code, self.label) from error
                raise KeyRefused("key_token_failed", type(error).__name__) from error

    def _close(self) -> None:
        self._session = None
        try:
            self._module.restart()
        except PKCS11Error as error:
            raise KeyRefused("key_token_failed", type(error).__name__) from error

    def _open(self) -> Any:
        library = self._module.library()
        if self._session is None or self._generation != self._module.generation:
            self.found.clear()
            self._session = self._login(library)
            self._generation = self._module.generation
        return self._session

    def _login(self, library: Any) -> Any:
        if self._shut:  # trying a wrong PIN again and again would lock the token
            raise KeyRefused(self._shut, self.label)
        token = library.get_token(token_label=self.label)
        try:
            return token.open(rw=True, user_pin=self._pin())
        except pkcs11.UserAlreadyLoggedIn:  # by another zone of this process
            return token.open(rw=True)
        except (pkcs11.PinIncorrect, pkcs11.PinInvalid, pkcs11.PinLenRange) as error:
            self._shut = "key_token_refuses_the_pin"
            raise KeyRefused(self._shut, self.label) from error
        except (pkcs11.PinLocked, pkcs11.PinExpired) as error:
            self._shut = "key_token_is_locked"
            raise KeyRefused(self._shut, self.label) from error

    def can(self, mechanisms: tuple[Mechanism, ...]) -> bool:
        return self.run(
            lambda session: bool(set(mechanisms) <= session.token.slot.get_mechanisms())
        )

    def require(self, mechanisms: tuple[Mechanism, ...]) -> None:
        for mechanism in mechanisms:
            if not self.can((mechanism,)):
                raise KeyRefused("key_token_lacks_a_mechanism", f"CKM_{mechanism.name}")


def seal(key: Any, nonces: Nonces, plain: bytes, aad: bytes) -> bytes:
    """Nonce 12 || ciphertext || tag 16. A token that chooses the nonce writes it over ours."""
    own = nonces is Nonces.OURS
    # a buffer of its own: the token may write into it
    given = secrets.token_bytes(NONCE_SIZE) if own else bytes(NONCE_SIZE)
    box = GCMParams(given, aad, TAG_SIZE * 8)
    sealed: bytes = key.encrypt(plain, mechanism=Mechanism.AES_GCM, mechanism_param=box)
    return bytes(box.nonce) + sealed


def unseal(key: Any, blob: bytes, aad: bytes) -> bytes:
    box = GCMParams(blob[:NONCE_SIZE], aad, TAG_SIZE * 8)
    plain: bytes = key.decrypt(blob[NONCE_SIZE:], mechanism=Mechanism.AES_GCM, mechanism_param=box)
    return plain


def probe_nonces(key: Any) -> Nonces | None:
    """Which way of choosing nonces gives blobs that open; None if neither does."""
    for nonces in Nonces:
        try:
            one, two = (seal(key, nonces, b"probe", b"aad") for _ in range(2))
            opened = unseal(key, one, b"aad") == unseal(key, two, b"aad") == b"probe"
        except PKCS11Error:
            continue
        whole = len(one) == NONCE_SIZE + len(b"probe") + TAG_SIZE
        if opened and whole and one[:NONCE_SIZE] not in {two[:NONCE_SIZE], bytes(NONCE_SIZE)}:
            return nonces
    return None
