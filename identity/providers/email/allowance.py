"""How many messages one address may get: nobody's mailbox is filled through our form.

In memory, per process, under a salt that is drawn anew each day: no address, and no hash of one that
anybody else could compute, is written anywhere.
"""

from __future__ import annotations

import hashlib
import hmac
import secrets
import threading
from collections import OrderedDict
from datetime import UTC, date, datetime, timedelta
from typing import Final

PERIOD: Final = timedelta(hours=1)
REMEMBERED: Final = 100_000  # addresses; a flood forgets the oldest first, and memory stays bounded


class Allowance:
    """At most `each` messages to one address within an hour."""

    def __init__(self, each: int, remembered: int = REMEMBERED) -> None:
        self._each = each
        self._remembered = remembered
        self._lock = threading.Lock()
        self._day: date | None = None
        self._salt = b""
        self._sent: OrderedDict[bytes, list[datetime]] = OrderedDict()

    def take(self, address: str, now: datetime) -> datetime | None:
        """None: one more may go, and it is counted. Else the instant at which the next one may."""
        with self._lock:
            mark = self._mark(address, now)
            sent = [at for at in self._sent.pop(mark, []) if at > now - PERIOD]
            if len(sent) >= self._each:
                self._sent[mark] = sent
                return sent[0] + PERIOD
            self._sent[mark] = [*sent, now]
            while len(self._sent) > self._remembered:
                self._sent.popitem(last=False)
            return None

    def give_back(self, address: str, now: datetime) -> None:
        """The message never left: a dead mail server must not use up anybody's share."""
        with self._lock:
            sent = self._sent.get(self._mark(address, now))
            if sent:
                sent.pop()

    def _mark(self, address: str, now: datetime) -> bytes:
        today = now.astimezone(UTC).date()
        if today != self._day:
            self._day, self._salt = today, secrets.token_bytes(32)
            self._sent.clear()
        return hmac.digest(self._salt, address.encode(), hashlib.sha256)[:16]
