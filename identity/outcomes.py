"""One line per login that ended, made so that it can name nobody and no petition.

Never: address, user agent, query, path, context, state, nonce, code, token, claim, key, u, or the
provider's own words. Durations are classes, so that no line matches another log to the second.
"""

from __future__ import annotations

import logging
from dataclasses import dataclass

from identity.errors import ALARMS, Cause

_LOG = logging.getLogger("identity")
# Authlib writes the PKCE verifier at DEBUG, urllib3 the address it calls.
QUIET = ("authlib", "urllib3", "requests", "joserfc")


@dataclass(frozen=True, slots=True)
class Outcome:
    """`cause` None is a good login; `reason` is the finer code; `took` a class of seconds."""

    reference: str
    step: str
    provider: str | None
    realm: str | None
    cause: Cause | None
    reason: str
    took: str

    @property
    def alarm(self) -> bool:
        return self.cause in ALARMS


def took_class(seconds: float) -> str:
    """`<1s`, `<5s` or `more`."""
    if seconds < 1:
        return "<1s"
    return "<5s" if seconds < 5 else "more"


def log_outcome(outcome: Outcome) -> None:
    _LOG.log(
        logging.WARNING if outcome.alarm else logging.INFO,
        "login %s step=%s provider=%s realm=%s cause=%s reason=%s took=%s",
        outcome.reference,
        outcome.step,
        outcome.provider,
        outcome.realm,
        outcome.cause or "ok",
        outcome.reason,
        outcome.took,
    )


def quiet_libraries() -> None:
    for name in QUIET:
        logging.getLogger(name).setLevel(logging.WARNING)
