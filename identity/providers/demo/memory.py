"""What the provider remembers, in memory only: unguessable values that expire, each read once.

Rule: the values themselves are the keys nobody can guess, so only their hashes are kept; a dump of
the process shows no code that still works.
"""

import hashlib
import secrets
from threading import Lock
from typing import Generic, TypeVar

Kept = TypeVar("Kept")
CAPACITY = 20_000


def fingerprint(value: str) -> bytes:
    return hashlib.sha256(value.encode()).digest()


class Expiring(Generic[Kept]):
    """Values that live `life` seconds; the oldest go first when there are too many."""

    def __init__(self, life: float, capacity: int = CAPACITY) -> None:
        self.life = life
        self._capacity = capacity
        self._kept: dict[bytes, tuple[float, Kept]] = {}
        self._lock = Lock()

    def issue(self, kept: Kept, now: float) -> str:
        """Keep something under a new random name of 43 characters."""
        name = secrets.token_urlsafe(32)
        self.keep(name, kept, now)
        return name

    def keep(self, name: str, kept: Kept, now: float) -> bool:
        """Keep something under a given name; False if that name lives already."""
        mark = fingerprint(name)
        with self._lock:
            self._forget(now)
            if mark in self._kept:
                return False
            self._kept[mark] = (now + self.life, kept)
            return True

    def read(self, name: str, now: float) -> Kept | None:
        with self._lock:
            expires, kept = self._kept.get(fingerprint(name), (0.0, None))
            return kept if expires > now else None

    def take(self, name: str, now: float) -> Kept | None:
        """Read and forget in one step: of two callers with one name, one gets nothing."""
        with self._lock:
            expires, kept = self._kept.pop(fingerprint(name), (0.0, None))
            return kept if expires > now else None

    def drop(self, name: str) -> None:
        with self._lock:
            self._kept.pop(fingerprint(name), None)

    def _forget(self, now: float) -> None:
        """Called with the lock held. All live equally long: who came first expires first."""
        for mark, (expires, _) in list(self._kept.items()):
            if expires > now and len(self._kept) < self._capacity:
                return
            del self._kept[mark]
