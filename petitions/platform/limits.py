"""How many attempts one network may make: counted in memory, under keys that name nobody.

Rules of this module:
- no address is kept: a count stands under 16 bytes of HMAC-SHA256(salt of the day, bucket, step,
  network). The salt dies with the day, so that two days share no key and a list of all addresses
  tells nothing afterwards;
- a count is one number, the instant at which it would be used up (GCRA, the "leaky bucket as a
  meter" of ITU-T I.371): no list of times of day beside a key;
- bounded: what was seen longest ago is forgotten first. Whoever floods with a million addresses
  makes others' counts forgotten, never the memory full;
- the clock and the salt are handed in; nothing here logs, stores or measures.
"""

from __future__ import annotations

import hmac
import ipaddress
import re
import threading
from collections import OrderedDict
from collections.abc import Callable, Mapping
from datetime import UTC, date, datetime, timedelta
from enum import StrEnum
from typing import Final

PERIOD: Final = timedelta(minutes=10)
MOST: Final = 50_000
"""Networks remembered by one process, about 12 MB of memory."""
KEY_SIZE: Final = 16
_MICROSECOND = timedelta(microseconds=1)
_PERIOD = PERIOD // _MICROSECOND
_SWEPT = 4
"""Forgotten at each attempt, at most, of those whose count is back at nothing."""
_WITH_PORT = re.compile(r"\[(?P<six>[^\]]*)\](?::\d+)?|(?P<four>[\d.]+):\d+")


class Bucket(StrEnum):
    """What is counted apart from everything else; each is a key of the settings' `[limits]`."""

    LOGINS = "logins"
    CONFIRMATIONS = "confirmations"
    FOLLOWS = "follows"
    AUTHOR_FORMS = "author_forms"
    STAFF_LOGINS = "staff_logins"
    LOGOUTS = "logouts"


Salt = Callable[[datetime], bytes]
"""32 bytes or more, the same all through one UTC day, another on the next."""


class Limiter:
    """Counts of one process. `limits`: attempts in ten minutes for each bucket, 0 or absent = none.

    As many attempts as the limit may come at once; after that one more each tenth of a second, or
    whatever ten minutes divided by the limit gives.
    """

    def __init__(self, limits: Mapping[Bucket, int], salt: Salt, most: int = MOST) -> None:
        self._limits, self._salt_of, self._most = dict(limits), salt, most
        self._lock = threading.Lock()
        self._day: date | None = None
        self._salt = b""
        self._due: OrderedDict[bytes, int] = OrderedDict()

    def attempt(
        self, bucket: Bucket, network: bytes, at: datetime, step: str = ""
    ) -> datetime | None:
        """None: go on, and it is counted. Else the whole minute until which to wait, not counted.

        `step` keeps the steps of one thing apart, so that three requests of one login count once
        each; `network` as `network_of` gives it; `at` is aware.
        """
        limit = self._limits.get(bucket, 0)
        if limit == 0:
            return None
        now, gap = _microseconds(at), _PERIOD // limit
        with self._lock:
            self._begin_day(at.astimezone(UTC).date(), at)
            key = self._key(bucket, step, network)
            # a clock that was set back must not lock anybody out for longer than a period
            due = max(now, min(self._due.pop(key, 0), now + _PERIOD))
            wait = due + gap - _PERIOD - now
            self._due[key] = due if wait > 0 else due + gap
            self._forget(now)
        return None if wait <= 0 else whole_minute(at + wait * _MICROSECOND)

    def __len__(self) -> int:
        """Networks remembered at the moment."""
        return len(self._due)

    def _begin_day(self, day: date, at: datetime) -> None:
        if day != self._day:
            self._due.clear()
            self._salt, self._day = self._salt_of(at), day

    def _key(self, bucket: Bucket, step: str, network: bytes) -> bytes:
        counted = b"\0".join((bucket.encode(), step.encode(), network))
        return hmac.digest(self._salt, counted, "sha256")[:KEY_SIZE]

    def _forget(self, now: int) -> None:
        for _ in range(_SWEPT):
            oldest = next(iter(self._due))
            if self._due[oldest] > now:  # at the latest the one just counted
                break
            del self._due[oldest]
        while len(self._due) > self._most:
            self._due.popitem(last=False)


def whole_minute(at: datetime) -> datetime:
    """The next whole minute, or `at` where it is one: a time that a page can name truthfully."""
    begun = at.replace(second=0, microsecond=0)
    return begun if begun == at else begun + timedelta(minutes=1)


def network_of(peer: str, forwarded: str, hops: int) -> bytes | None:
    """The network a request came from: all of an IPv4 address, the /64 of an IPv6 one.

    `peer` is who opened the connection; `forwarded` all of X-Forwarded-For, believed for `hops`
    proxies and no more: the entry that the outermost trusted proxy wrote, counted from the right,
    because what stands left of it was written by the client. None where nobody can tell: the machine
    itself (a proxy that was not declared would be everybody), no address, or a proxy that does not
    say for whom it asks.
    """
    if hops > 0:
        told = [each.strip() for each in forwarded.split(",")]
        if len(told) < hops:
            return None
        peer = told[-hops]
    found = _address(peer)
    if found is None or found.is_loopback or found.is_unspecified:
        return None
    if isinstance(found, ipaddress.IPv4Address):
        return b"4" + found.packed
    return b"6" + found.packed[:8]


def _address(text: str) -> ipaddress.IPv4Address | ipaddress.IPv6Address | None:
    """With or without a port, as proxies write it; an IPv4 address inside an IPv6 one is itself."""
    plain = text.strip().strip('"')
    inside = _WITH_PORT.fullmatch(plain)
    if inside is not None:
        plain = inside["six"] or inside["four"] or ""
    try:
        found = ipaddress.ip_address(plain.partition("%")[0])
    except ValueError:
        return None
    if isinstance(found, ipaddress.IPv6Address) and found.ipv4_mapped is not None:
        return found.ipv4_mapped
    return found


def _microseconds(at: datetime) -> int:
    return (at - datetime(1970, 1, 1, tzinfo=UTC)) // _MICROSECOND
