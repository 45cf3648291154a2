"""How many petitions of each sort a great list has, kept for a minute: counting reads all of them.

A small list is counted each time. What is kept are figures alone; which petitions are shown is asked
anew for every page.
"""

from __future__ import annotations

import threading
from collections import Counter, OrderedDict
from collections.abc import Callable, Hashable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

MINUTE = timedelta(minutes=1)
OLDEST = timedelta(minutes=5)
"""Older figures are shown to nobody, not even while they are counted anew, and are forgotten."""
GREAT = 1000
"""Petitions from which a list's figures are kept."""
MOST = 200
"""Lists whose figures are kept at a time."""


@dataclass(slots=True)
class Kept:
    """Shared by the threads of a process. Without a clock nothing is kept."""

    clock: Callable[[], datetime] | None = None
    _found: OrderedDict[Hashable, tuple[datetime, Counter[Any]]] = field(
        default_factory=OrderedDict
    )
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def numbers(
        self, key: Hashable, count: Callable[[], Counter[Any]], hits: int | None = None
    ) -> Counter[Any]:
        """The figures of this list: of the last minute where it is great, else counted now. `hits`: its
        petitions, where the figures are not of all of them.
        """
        now = self.clock() if self.clock else None
        with self._lock:
            if now is not None:
                self._forget(now)
            kept = self._found.get(key)
            if now is not None and kept is not None:
                if now - MINUTE < kept[0] <= now:
                    return kept[1]
                # one reader counts anew; for all others the old figures last until then
                self._found[key] = (now, kept[1])
                self._found.move_to_end(key)
        try:
            found = count()
        except BaseException:
            with self._lock:
                self._found.pop(key, None)
            raise
        if now is not None and (found.total() if hits is None else hits) >= GREAT:
            with self._lock:
                self._found[key] = (now, found)
                self._found.move_to_end(key)
                while len(self._found) > MOST:
                    self._found.popitem(last=False)
        return found

    def _forget(self, now: datetime) -> None:
        """What was counted first stands first."""
        while self._found and now - next(iter(self._found.values()))[0] >= OLDEST:
            self._found.popitem(last=False)
