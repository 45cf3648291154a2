"""The key stores of the three zones, as the settings place them: in files or in a PKCS#11 token.

A part of `petitions.border`: what refuses here refuses the start, with a sentence for the operator.
"""

from __future__ import annotations

import contextlib
import logging
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, Final

from identity.errors import KeyRefused
from identity.key_places import Fault, look, survey
from identity.key_repair import repair
from identity.key_rules import HeldKey, KeyStore
from identity.key_sentences import SENTENCES, sentence
from identity.keyring import FileKeyStore, Kind
from identity.service import STAFF_PEPPER
from petitions.domain.errors import ConfigurationError, UnavailableError
from petitions.platform.config import Settings, TokenZone, read_secret
from petitions.services.ports import AUTHORS_KID

_log = logging.getLogger("petitions.keys")
IDENTITY_PREFIXES = frozenset({"pepper", STAFF_PEPPER, "pass-sign"})
PETITION_PREFIXES = frozenset({"ask-sign", "kek", "promise", "author-tag", "follow"})
LOG_PREFIXES = frozenset({"log"})
AUTHORS_PEPPER = f"pepper/{AUTHORS_KID}"
ZONES: Final = {
    "identity": IDENTITY_PREFIXES,
    "petitions": PETITION_PREFIXES,
    "log": LOG_PREFIXES,
}


class KeyRing:
    """The petition side's stores as one: each key id is answered by the zone it belongs to."""

    def __init__(self, stores: Mapping[frozenset[str], KeyStore]) -> None:
        self._stores = stores

    def _of(self, key: str) -> KeyStore:
        zone = key.partition("/")[0]
        for prefixes, store in self._stores.items():
            if zone in prefixes:
                return store
        raise ConfigurationError(f"keys: this process does not hold {zone} keys")

    def create(self, key: str, kind: Any) -> None:
        with _told():
            self._of(key).create(key, kind)

    def exists(self, key: str) -> bool:
        with _told():
            return self._of(key).exists(key)

    def prf(self, key: str, message: bytes) -> bytes:
        with _told():
            return self._of(key).prf(key, message)

    def wrap(self, key: str, plain: bytes, aad: bytes) -> bytes:
        with _told():
            return self._of(key).wrap(key, plain, aad)

    def unwrap(self, key: str, blob: bytes, aad: bytes) -> bytes:
        with _told():
            return self._of(key).unwrap(key, blob, aad)

    def sign(self, key: str, message: bytes) -> bytes:
        with _told():
            return self._of(key).sign(key, message)

    def public(self, key: str) -> bytes:
        with _told():
            return self._of(key).public(key)

    def destroy(self, key: str) -> list[bytes]:
        """One signed statement per replica; repeating it gives the same statements again."""
        with _told():
            return self._of(key).destroy(key)

    def replicas(self, key: str) -> list[tuple[str, bytes]]:
        """(name, public key) of the replicas that hold `key`, in the order of the statements."""
        with _told():
            return self._of(key).replicas(key)


@contextlib.contextmanager
def _told() -> Iterator[None]:
    """A place of keys that fails while the site runs: a sentence in the log, 503 for the reader."""
    try:
        yield
    except KeyRefused as refused:
        if refused.reason not in SENTENCES:
            raise
        _log.error("%s", sentence(refused.reason, refused.where))
        raise UnavailableError from refused


def places(settings: Settings, zone: str) -> dict[str, Path]:
    """Folders of a zone, the one that is read first. Each zone's replica states under its own name."""
    found = {zone: Path(settings.keys.directory) / zone}
    for name, folder in settings.keys.replicas.items():
        found[f"{zone}-{name}"] = Path(folder) / zone
    return found


def zone_keys(settings: Settings, zone: str, *, make: bool = False) -> KeyStore:
    """The zone's store, checked. ConfigurationError says what is wrong and what to do."""
    try:
        return _opened(settings, zone, make)
    except KeyRefused as refused:
        raise ConfigurationError(f"keys: {sentence(refused.reason, refused.where)}") from None


def _opened(settings: Settings, zone: str, make: bool) -> KeyStore:
    folders, origin = places(settings, zone), settings.site.deployment
    first = folders.pop(zone)
    prefixes = ZONES[zone]
    files = FileKeyStore(
        first, prefixes=prefixes, replicas=folders, replica=zone, origin=origin, make=make
    )
    named = token_of(settings, zone)
    if named is None or settings.keys.tokens is None:
        return files
    try:
        from identity.pkcs11 import Token
        from identity.pkcs11_store import Pkcs11KeyStore
    except ImportError:
        raise KeyRefused("key_module_is_missing") from None

    def pin() -> str:
        return read_secret(named.pin_file, "", f"keys.tokens.{zone}.pin_file", least=4)

    return Pkcs11KeyStore(
        Token(settings.keys.tokens.module, named.token, pin),
        files,
        prefixes=prefixes,
        label=named.label or f"{origin}/{zone}/",
        origin=origin,
        make=make,
    )


def token_of(settings: Settings, zone: str) -> TokenZone | None:
    """Where a zone's token is set; None where its keys are in files."""
    tokens = settings.keys.tokens
    if tokens is None or settings.keys.backend != "pkcs11":
        return None
    found: TokenZone | None = getattr(tokens, zone)
    return found


def identity_keys(settings: Settings) -> KeyStore:
    return zone_keys(settings, "identity")


def petition_keys(settings: Settings, *, with_log: bool) -> KeyRing:
    """The web's keys; with `with_log` also the log's, which only the worker may hold."""
    stores = {PETITION_PREFIXES: zone_keys(settings, "petitions")}
    if with_log:
        stores[LOG_PREFIXES] = zone_keys(settings, "log")
    return KeyRing(stores)


def _wanted(settings: Settings) -> Iterator[tuple[str, str, Kind]]:
    """Zone, id and kind of the keys that a deployment cannot start without."""
    for key, kind in (
        (f"pepper/{settings.keys.pepper}", Kind.HMAC),
        (AUTHORS_PEPPER, Kind.HMAC),
        (STAFF_PEPPER, Kind.HMAC),
        ("pass-sign", Kind.ED25519),
    ):
        yield "identity", key, kind
    yield "petitions", "ask-sign", Kind.ED25519
    yield "petitions", "author-tag", Kind.HMAC
    yield "petitions", "follow", Kind.HMAC


def make_keys(settings: Settings) -> list[str]:
    """Create the keys a new deployment needs; those that exist stay. Returns the ids created."""
    stores = {zone: zone_keys(settings, zone, make=True) for zone in ZONES}
    made = []
    for zone, key, kind in _wanted(settings):
        if not stores[zone].exists(key):
            stores[zone].ensure(key, kind)
            made.append(key)
    return made


def missing_keys(settings: Settings) -> list[str]:
    """Keys to be made by `petitions keys init`; ConfigurationError where that would be wrong."""
    if all(not folder.exists() for zone in ZONES for folder in places(settings, zone).values()):
        return [key for _zone, key, _kind in _wanted(settings)]
    stores = {zone: zone_keys(settings, zone) for zone in ("identity", "petitions")}
    return [key for zone, key, _kind in _wanted(settings) if not stores[zone].exists(key)]


def key_faults(settings: Settings) -> list[str]:
    """All that is wrong with the places of keys, one sentence each."""
    found = []
    for zone in ZONES:
        faults = survey(places(settings, zone))
        found += [sentence(fault.code, fault.where) for fault in faults]
        if faults or not any(folder.exists() for folder in places(settings, zone).values()):
            continue
        try:
            _opened(settings, zone, make=False)
        except KeyRefused as refused:
            found.append(sentence(refused.reason, refused.where))
        except ConfigurationError as refused:
            found.append(str(refused))
    return found


def key_notes(settings: Settings) -> list[str]:
    """What is as it should be and yet worth knowing: where the keys of each zone lie."""
    notes = []
    if not settings.keys.replicas and settings.keys.backend == "file":
        notes.append("there is no replica: if keys.directory is lost, nobody can sign any more")
    if settings.keys.backend != "pkcs11":
        return notes
    for zone in ZONES:
        named = token_of(settings, zone)
        if named is None:
            notes.append(f"{zone} keys are in files, for keys.tokens.{zone} is not set")
            continue
        store = zone_keys(settings, zone)
        if not getattr(store, "signs", True):
            notes.append(f"token {named.token} has no Ed25519: {zone} signing keys are in files")
        older = [each.key for each in store.held() if zone in each.places]
        if older:
            notes.append(f"in files, made before the token or beside it: {', '.join(older)}")
    return notes


def held_keys(settings: Settings) -> list[tuple[str, HeldKey]]:
    """Zone and line of every key there is or was; opens all zones."""
    return [(zone, key) for zone in ZONES for key in zone_keys(settings, zone).held()]


def filed_keys(settings: Settings, zone: str) -> set[str]:
    """Ids of the keys that lie in files of a zone, whatever state its places are in."""
    faults: list[Fault] = []
    folders = places(settings, zone)
    return {key for name, folder in folders.items() for key in look(name, folder, faults).keys}


def listed_keys(settings: Settings) -> list[str]:
    """Lines for people: id, kind, state, places, day. Of a petition's key no day is told."""
    lines = []
    for zone, key in held_keys(settings):
        kind = key.kind.name if key.kind else "-"
        since = "" if key.since is None or key.key.startswith("kek/") else f"{key.since:%Y-%m-%d}"
        state = f"{key.state} ({', '.join(key.places)})"
        lines.append(f"{zone:10}{key.key:44}{kind:9}{state}  {since}".rstrip())
    return lines


def repair_keys(settings: Settings) -> list[str]:
    """Copy missing keys to replicas that lack them, finish destructions. One line per act."""
    acts = []
    for zone, prefixes in ZONES.items():
        folders = places(settings, zone)
        if not any(folder.exists() for folder in folders.values()):
            continue
        try:
            acts += repair(
                folders.pop(zone),
                prefixes=prefixes,
                replicas=folders,
                replica=zone,
                origin=settings.site.deployment,
            )
        except KeyRefused as refused:
            raise ConfigurationError(f"keys: {sentence(refused.reason, refused.where)}") from None
    return acts
