"""What followers' addresses are kept under, and the secrets of their private links.

Everything comes from the key `follow`, which lies outside the database: whoever has a copy of the
database alone reads no address, tests no guess, and makes no link. A link says which row it is for and
carries a proof of 16 bytes; nothing about it is stored, so a used one can still be told from a
forged one.
"""

from __future__ import annotations

import base64
import binascii
import hmac
from collections.abc import Callable
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Final
from uuid import UUID

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from petitions.domain.following import counted
from petitions.ledger.encoding import enc
from petitions.services.ports import House

KEY: Final = "follow"
_PROOF = 16
_NONCE = 12


class Link(StrEnum):
    """What a private link opens. The proof of one kind opens no other."""

    CONFIRM = "confirm"
    MANAGE = "manage"
    STOP = "stop"
    """One subscription."""
    STOP_WEEKLY = "stop-weekly"
    """Everything that one follower is told of once a week."""


@dataclass(frozen=True, slots=True)
class FollowKeys:
    address: bytes = field(repr=False)
    mark_key: bytes = field(repr=False)
    link_key: bytes = field(repr=False)

    def mark(self, address: str) -> bytes:
        """32 bytes by which an address is found again, in whatever capitals it is typed."""
        message = enc("petition/follower-mark/v1", counted(address).encode())
        return hmac.digest(self.mark_key, message, "sha256")

    def seal(self, address: str, row: UUID, nonce: bytes) -> bytes:
        """`nonce`: 12 random bytes. Opens for this row only."""
        return nonce + AESGCM(self.address).encrypt(nonce, address.encode(), _aad(row))

    def open(self, sealed: bytes, row: UUID) -> str:
        """ValueError where the bytes are not of this row, or the key is another."""
        try:
            plain = AESGCM(self.address).decrypt(sealed[:_NONCE], sealed[_NONCE:], _aad(row))
        except InvalidTag:
            raise ValueError("an address does not open under the key `follow`") from None
        return plain.decode()

    def link(self, kind: Link, row: UUID) -> str:
        """43 characters for the path of an address."""
        made = base64.urlsafe_b64encode(row.bytes + self._proof(kind, row))
        return made.decode().rstrip("=")

    def read_link(self, kind: Link, token: str) -> UUID | None:
        """The row of a link that we made; None for anything else."""
        return self._read(kind.value, token, _from_base64)

    def return_path(self, row: UUID) -> str:
        """What stands between `+` and `@` in the envelope: letters and digits in small letters,
        because servers on the way may change capitals.
        """
        made = base64.b32encode(row.bytes + self._proof("return", row))
        return made.decode().rstrip("=").lower()

    def read_return_path(self, token: str) -> UUID | None:
        return self._read("return", token, _from_base32)

    def letter_path(self, job: UUID) -> str:
        """The same for a letter to an author: it names the letter, never the author."""
        made = base64.b32encode(job.bytes + self._proof("letter", job))
        return made.decode().rstrip("=").lower()

    def read_letter_path(self, token: str) -> UUID | None:
        return self._read("letter", token, _from_base32)

    def _proof(self, kind: str, row: UUID) -> bytes:
        message = enc("petition/follow-link/v1", kind.encode(), row.bytes)
        return hmac.digest(self.link_key, message, "sha256")[:_PROOF]

    def _read(self, kind: str, token: str, decoded: Callable[[str], bytes]) -> UUID | None:
        try:
            raw = decoded(token)
        except (ValueError, binascii.Error):
            return None
        if len(raw) != _PROOF + 16:
            return None
        row = UUID(bytes=raw[:16])
        return row if hmac.compare_digest(raw[16:], self._proof(kind, row)) else None


def follow_keys(house: House) -> FollowKeys:
    """Three keys of one: what seals, what finds and what proves are never the same bytes."""

    def derived(use: str) -> bytes:
        return house.keys.prf(KEY, enc("petition/follow-key/v1", use.encode()))

    return FollowKeys(derived("address"), derived("mark"), derived("link"))


def _aad(row: UUID) -> bytes:
    return enc("petition/follower-address/v1", row.bytes)


def _from_base64(token: str) -> bytes:
    if not token.isascii():
        raise ValueError("not a token")
    return base64.b64decode(token + "=" * (-len(token) % 4), altchars=b"-_", validate=True)


def _from_base32(token: str) -> bytes:
    if not token.isascii():
        raise ValueError("not a token")
    return base64.b32decode(token.upper() + "=" * (-len(token) % 8))
