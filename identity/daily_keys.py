"""Keys that live a day and twenty minutes (of passes) or an hour (of logins under way), in a
memory-backed directory, never in a backup.

A recorded pass holds u, and u with a surviving pepper names a signer even after sealing; a
recorded state cookie holds the same login. So the keys that open them die the next night.
"""

from __future__ import annotations

import base64
import binascii
import re
import secrets
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from identity.encoding import enc
from identity.errors import KeyRefused
from identity.key_files import create_once, make_directory, read_private, shred

GRACE = timedelta(minutes=20)  # for passes, which live ten
STATE_GRACE = timedelta(
    hours=1
)  # for logins: twenty to begin, thirty for a letter, ten for the pass
_SIZE = 32
_NONCE = 12
_ZONE = re.compile(r"[a-z][a-z0-9-]{0,31}")
_DAY = re.compile(r"(pass-enc|state|network)-(\d{4}-\d{2}-\d{2})\.key")
_PASS, _STATE, _NETWORK = "pass-enc", "state", "network"


def day_of(now: datetime) -> date:
    """Days here are UTC days; a naive instant is refused."""
    if now.tzinfo is None:
        raise ValueError("an instant needs its zone")
    return now.astimezone(UTC).date()


class DailyKeys:
    """One-day keys of one zone. Every process of the zone shares `directory`; creation is raced."""

    def __init__(self, directory: Path, zone: str) -> None:
        if not _ZONE.fullmatch(zone):
            raise KeyRefused("zone_name_is_not_plain")
        self._zone = zone
        self._directory = directory / zone
        make_directory(self._directory)

    def state_key(self, now: datetime) -> bytes:
        """AES-256 key of today's short cookies, made by whoever asks first."""
        return self._today(_STATE, now)

    def seal_state(self, now: datetime, plaintext: bytes, aad: bytes) -> str:
        """base64url of nonce 12 || AES-256-GCM ciphertext || tag 16; `aad` ties it to its use."""
        nonce = secrets.token_bytes(_NONCE)
        sealed = AESGCM(self.state_key(now)).encrypt(nonce, plaintext, self._bound(aad))
        return base64.urlsafe_b64encode(nonce + sealed).rstrip(b"=").decode()

    def open_state(self, now: datetime, token: str, aad: bytes) -> bytes | None:
        """What was sealed today or yesterday for the same use, else None. Never makes a key."""
        blob = _decoded(token)
        if blob is None or len(blob) <= _NONCE:
            return None
        for key in self._living(_STATE, now):
            try:
                return AESGCM(key).decrypt(blob[:_NONCE], blob[_NONCE:], self._bound(aad))
            except InvalidTag:
                continue
        return None

    def pass_public(self, now: datetime) -> tuple[str, bytes]:
        """(day, X25519 public key of 32 bytes) to which today's passes are encrypted."""
        private = X25519PrivateKey.from_private_bytes(self._today(_PASS, now))
        return day_of(now).isoformat(), private.public_key().public_bytes_raw()

    def pass_private(self, day: str, now: datetime) -> bytes | None:
        """X25519 private key of 32 bytes, if `day` is today or yesterday and its key lives."""
        today = day_of(now)
        for known in (today, today - timedelta(days=1)):
            if day == known.isoformat() and now <= _death(_PASS, known):
                return read_private(self._path(_PASS, known))
        return None

    def network_salt(self, now: datetime) -> bytes:
        """Under it networks are counted today, and under no other day's. It closes nothing, so it
        lives no minute longer than its day.
        """
        return self._today(_NETWORK, now)

    def purge(self, now: datetime) -> int:
        """Destroy what is older than its day and its grace; how many keys went."""
        gone = 0
        for path in sorted(self._directory.iterdir()):
            found = _DAY.fullmatch(path.name)
            if found is None:
                continue
            use, day = found.group(1), date.fromisoformat(found.group(2))
            if day < day_of(now) if use == _NETWORK else now > _death(use, day):
                shred(path)
                gone += 1
        return gone

    def _living(self, use: str, now: datetime) -> list[bytes]:
        today = day_of(now)
        days = [day for day in (today, today - timedelta(days=1)) if now <= _death(use, day)]
        found = (read_private(self._path(use, day)) for day in days)
        return [key for key in found if key is not None and len(key) == _SIZE]

    def _today(self, use: str, now: datetime) -> bytes:
        path = self._path(use, day_of(now))
        key = read_private(path)
        if key is None:
            create_once(path, secrets.token_bytes(_SIZE))
            key = read_private(path)
        if key is None or len(key) != _SIZE:
            raise KeyRefused("daily_key_is_damaged")
        return key

    def _path(self, use: str, day: date) -> Path:
        return self._directory / f"{use}-{day.isoformat()}.key"

    def _bound(self, aad: bytes) -> bytes:
        return enc("petition/state/v1", self._zone.encode(), aad)


def _death(use: str, day: date) -> datetime:
    """End of the day (UTC) and the grace of this use: what was sealed in the last minute of the day
    can still be opened.
    """
    grace = STATE_GRACE if use == _STATE else GRACE
    return datetime.combine(day, time(), tzinfo=UTC) + timedelta(days=1) + grace


def _decoded(token: str) -> bytes | None:
    if not re.fullmatch(r"[A-Za-z0-9_-]+", token):
        return None
    try:
        return base64.urlsafe_b64decode(token + "=" * (-len(token) % 4))
    except (ValueError, binascii.Error):
        return None
