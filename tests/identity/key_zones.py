"""The same zone over either back end, opened as often as processes would open it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

from identity.key_rules import KeyStore
from identity.keyring import FileKeyStore
from identity.pkcs11 import Token
from identity.pkcs11_store import Pkcs11KeyStore
from tests.softhsm import SoftToken

PREFIXES = frozenset({"pepper", "kek/", "log", "pass-sign"})
ORIGIN = "petitions.example.org"
PETITION = "00112233-4455-6677-8899-aabbccddeeff"
KEK = f"kek/{PETITION}"
AT = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)


@dataclass
class Zone:
    """`token` None: keys in files."""

    folder: Path
    token: SoftToken | None = None
    replicas: dict[str, Path] = field(default_factory=dict)
    clock: Callable[[], datetime] = lambda: AT

    def files(self, *, make: bool = True) -> FileKeyStore:
        return FileKeyStore(
            self.folder,
            prefixes=PREFIXES,
            replicas=self.replicas,
            replica="zone",
            origin=ORIGIN,
            clock=self.clock,
            make=make,
        )

    def opened(self, *, make: bool = True) -> KeyStore:
        if self.token is None:
            return self.files(make=make)
        return self.in_token(make=make)

    def in_token(self, *, make: bool = True, label: str = "zone/") -> Pkcs11KeyStore:
        assert self.token is not None
        pin = self.token.pin
        return Pkcs11KeyStore(
            Token(self.token.module, self.token.label, lambda: pin),
            self.files(make=make),
            prefixes=PREFIXES,
            label=label,
            origin=ORIGIN,
            clock=self.clock,
            make=make,
        )
