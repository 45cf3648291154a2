"""What `identity` refuses, with stable codes and never a claim, a key or a provider's own words."""

from __future__ import annotations

from enum import StrEnum


class IdentityRefused(Exception):  # noqa: N818 - a refusal is an answer, not a fault of ours
    """Base of every refusal. `reason` is a stable code that may be logged and shown."""

    def __init__(self, reason: str) -> None:
        self.reason = reason
        super().__init__(reason)


class PassRefused(IdentityRefused):
    """A pass or staff pass that is altered, foreign, expired or made for something else."""


class AskRefused(IdentityRefused):
    """A request token that is altered, foreign, expired or asks for what does not exist."""


class KeyRefused(IdentityRefused):
    """The key store will not: foreign zone, wrong kind, wrong owner or mode, missing, existing.

    `where` is the path, key id or device it speaks of, for the operator; never part of a secret.
    """

    def __init__(self, reason: str, where: str = "") -> None:
        self.where = where
        super().__init__(reason)


class SettingsRefused(IdentityRefused):
    """A setting is wrong. `str()` is the sentence for the operator: path and expectation."""

    def __init__(self, path: str, expected: str) -> None:
        self.path = path
        self.expected = expected
        super().__init__(f"{path}: {expected}")


class PersonKeyRefused(IdentityRefused):
    """A person key off its form or pattern: never a new person by accident."""


class Cause(StrEnum):
    """Why a login ended without a pass; the page, its status and the alarm derive from it."""

    CANCELLED = "cancelled"  # the person stopped, or the provider could not confirm them
    OTHER_BROWSER = "other_browser"  # our cookie is missing, or the state is unknown
    TOO_LATE = "too_late"  # twenty minutes are over
    ALREADY_USED = "already_used"  # this answer was spent before
    NO_ANSWER = "no_answer"  # time-out, 5xx, no thread left to wait
    KNOWN_DOWN = "known_down"  # the breaker is open
    SET_UP = "set_up"  # the provider refuses our client or our parameters
    NOT_VERIFIED = "not_verified"  # any refusal of what the provider answered
    TOO_LOW = "too_low"  # a stronger login is needed
    NOT_ELIGIBLE = "not_eligible"
    FACT_MISSING = "fact_missing"  # the provider does not give what the rule needs
    KEY_CHANGED = "key_changed"  # the person key is off its form or pattern
    TOO_MANY = "too_many"
    LETTER_NOT_SENT = "letter_not_sent"  # the mail server does not take our message
    LETTER_OLD = "letter_old"  # its time is over, or its link is not whole
    LETTER_USED = "letter_used"  # the proof of this message was spent before
    CODES_SPENT = "codes_spent"  # five wrong codes


STATUS = {
    Cause.CANCELLED: 200,
    Cause.OTHER_BROWSER: 400,
    Cause.TOO_LATE: 400,
    Cause.ALREADY_USED: 400,
    Cause.NO_ANSWER: 502,
    Cause.KNOWN_DOWN: 503,
    Cause.SET_UP: 502,
    Cause.NOT_VERIFIED: 502,
    Cause.TOO_LOW: 403,
    Cause.NOT_ELIGIBLE: 403,
    Cause.FACT_MISSING: 403,
    Cause.KEY_CHANGED: 502,
    Cause.TOO_MANY: 429,
    Cause.LETTER_NOT_SENT: 502,
    Cause.LETTER_OLD: 400,
    Cause.LETTER_USED: 400,
    Cause.CODES_SPENT: 403,
}

ALARMS = frozenset({Cause.SET_UP, Cause.NOT_VERIFIED, Cause.KEY_CHANGED})


class LoginRefused(IdentityRefused):
    """A login that ends on a page of its own. `reason` is finer than `cause` and only for our log.

    `retry_after` seconds: it is us who are busy, or somebody who comes too often. `facts` are the
    values the page names (a rule, a missing fact); never a claim.
    """

    def __init__(
        self, cause: Cause, reason: str, *, retry_after: int | None = None, **facts: object
    ) -> None:
        self.cause = cause
        self.retry_after = retry_after
        self.facts = facts
        super().__init__(reason)

    @property
    def status(self) -> int:
        busy = self.retry_after is not None and self.cause is not Cause.TOO_MANY
        return 503 if busy else STATUS[self.cause]
