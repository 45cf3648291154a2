"""The security counter: what a person on duty must hear of, and when.

One answer that cannot be verified is a broken browser or a lone probe; more than three in ten
minutes are an attack or a provider that changed. A person key off its form alarms at the first:
each such person would have become a new one.
"""

from __future__ import annotations

import logging
import threading
import time
from collections import deque
from collections.abc import Callable
from typing import Final

from identity.errors import Cause
from identity.outcomes import Outcome, log_outcome

WINDOW: Final = 600.0  # seconds
REFUSALS: Final = 3  # in the window; one more calls
_LOG = logging.getLogger("identity.alarm")
_SENTENCES: Final = {
    Cause.KEY_CHANGED: "person keys are off their form or pattern: has the provider changed them?",
    Cause.SET_UP: "the provider refuses our set-up: client, secret, parameters or keys?",
    Cause.NOT_VERIFIED: "more than 3 answers in 10 minutes could not be verified",
}


class SecurityWatch:
    """The port `report` of the service: logs each outcome, counts, and calls at CRITICAL.

    A call repeats at most every ten minutes for one cause and provider. `counted` holds the number
    of outcomes by (cause, provider) since the start of the process. `clock` is monotonic seconds.
    """

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._lock = threading.Lock()
        self._recent: dict[str | None, deque[float]] = {}
        self._called: dict[tuple[Cause, str | None], float] = {}
        self.counted: dict[tuple[Cause, str | None], int] = {}

    def __call__(self, outcome: Outcome) -> None:
        log_outcome(outcome)
        if outcome.cause is None or outcome.cause not in _SENTENCES:
            return
        with self._lock:
            due = self._due(outcome.cause, outcome.provider)
        if due:
            _LOG.critical(
                "login alarm: %s provider=%s step=%s reason=%s reference=%s",
                _SENTENCES[outcome.cause],
                outcome.provider,
                outcome.step,
                outcome.reason,
                outcome.reference,
            )

    def _due(self, cause: Cause, provider: str | None) -> bool:
        now, this = self._clock(), (cause, provider)
        self.counted[this] = self.counted.get(this, 0) + 1
        if cause is Cause.NOT_VERIFIED:
            recent = self._recent.setdefault(provider, deque(maxlen=REFUSALS + 1))
            recent.append(now)
            if len(recent) <= REFUSALS or now - recent[0] > WINDOW:
                return False
        if now - self._called.get(this, -WINDOW) < WINDOW:
            return False
        self._called[this] = now
        return True
