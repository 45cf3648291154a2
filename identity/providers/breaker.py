"""A slow or dead provider must not hurt anyone else: a breaker each, one bulkhead for all.

The breaker stops new logins at a provider that does not answer; the bulkhead keeps half of the
process's threads free for everybody who needs no provider.
"""

from __future__ import annotations

import random
import threading
import time
from collections import deque
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Final

from identity.errors import Cause, LoginRefused

IN_A_ROW: Final = 5
WINDOW: Final = 30.0  # seconds
WINDOW_CALLS: Final = 10
OPEN_FOR: Final = 30.0  # seconds, ± 20 %, so that processes do not try again together
BULKHEAD_WAIT: Final = 0.2  # seconds


class Breaker:
    """Opens at 5 failures in a row, or over half of 10 or more calls in 30 s; then one trial.

    A failure is a time-out, a failed connection or a 5xx; never a refusal of the person and never
    an answer we could not verify. `clock` is monotonic seconds.
    """

    def __init__(
        self,
        clock: Callable[[], float] = time.monotonic,
        spread: Callable[[], float] = lambda: random.uniform(0.8, 1.2),  # noqa: S311 - no secret
    ) -> None:
        self._clock = clock
        self._spread = spread
        self._lock = threading.Lock()
        self._in_a_row = 0
        self._calls: deque[tuple[float, bool]] = deque()
        self._opened: float | None = None
        self._retry_at = 0.0

    def admits(self) -> bool:
        """May a new login begin? When the pause is over, True once: that login is the trial."""
        with self._lock:
            if self._opened is None:
                return True
            if self._clock() < self._retry_at:
                return False
            # The next one must wait for this trial, or for its pause if it never reports back.
            self._retry_at = self._clock() + OPEN_FOR
            return True

    def silent_for(self) -> float | None:
        """Seconds since it opened, None while closed: the page says since when."""
        with self._lock:
            return None if self._opened is None else self._clock() - self._opened

    def answered(self) -> None:
        with self._lock:
            self._in_a_row = 0
            if self._opened is not None:
                self._opened = None
                self._calls.clear()
            self._note(failed=False)

    def failed(self) -> None:
        with self._lock:
            self._in_a_row += 1
            self._note(failed=True)
            failures = sum(1 for _, failed in self._calls if failed)
            many = len(self._calls) >= WINDOW_CALLS and failures * 2 > len(self._calls)
            if self._opened is not None or self._in_a_row >= IN_A_ROW or many:
                self._opened = self._clock() if self._opened is None else self._opened
                self._retry_at = self._clock() + OPEN_FOR * self._spread()

    def _note(self, *, failed: bool) -> None:
        now = self._clock()
        self._calls.append((now, failed))
        while self._calls and self._calls[0][0] < now - WINDOW:
            self._calls.popleft()


class Bulkhead:
    """At most `places` threads of this process wait for providers, and at most `line` others wait
    200 ms for a place; who comes after them is turned away at once.

    The line is bounded as well: two hundred logins that each hold a thread for 200 ms would keep
    every reader waiting for the length of all of them together.
    """

    def __init__(self, places: int, wait: float = BULKHEAD_WAIT, line: int = 1) -> None:
        self._places = threading.BoundedSemaphore(places)
        self._line = threading.BoundedSemaphore(line) if line else None
        self._wait = wait

    @classmethod
    def of_threads(cls, threads: int) -> Bulkhead:
        """Half of a process's threads for providers, a quarter for the line: a quarter is never
        touched by a login. (Of two or three threads one stays free, and nobody stands in line.)
        """
        return cls(max(1, threads // 2), line=threads // 4)

    @contextmanager
    def place(self) -> Iterator[None]:
        """LoginRefused (503, come back later) if there is none."""
        if not self._enter():
            raise LoginRefused(Cause.NO_ANSWER, "bulkhead_full", retry_after=5)
        try:
            yield
        finally:
            self._places.release()

    def _enter(self) -> bool:
        if self._places.acquire(blocking=False):
            return True
        if self._line is None or not self._line.acquire(blocking=False):
            return False
        try:
            return self._places.acquire(timeout=self._wait)
        finally:
            self._line.release()
