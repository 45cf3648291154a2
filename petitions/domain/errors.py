"""One error tree with stable codes; `petitions.web.errors` alone turns it into pages.

An error carries a code and the facts a message needs, never a sentence: the reader's language is
known only at the edge.
"""

from __future__ import annotations


class PetitionError(Exception):
    """Base of every refusal the engine makes on purpose.

    `code` is stable and documented; `facts` are the values the message names (no personal data).
    """

    code = "error"
    status = 400

    def __init__(self, code: str | None = None, /, **facts: object) -> None:
        self.code = code or type(self).code
        self.facts = facts
        super().__init__(self.code)


class NotFoundError(PetitionError):
    code = "not_found"
    status = 404


class GoneError(PetitionError):
    """The page existed and was taken down; the category of the ground is in `facts`."""

    code = "gone"
    status = 410


class ForbiddenError(PetitionError):
    code = "forbidden"
    status = 403


class InvalidError(PetitionError):
    """What was entered breaks a rule; `fields` maps a form field to (code, facts)."""

    code = "invalid"
    status = 422

    def __init__(
        self,
        code: str | None = None,
        /,
        fields: dict[str, tuple[str, dict[str, object]]] | None = None,
        **facts: object,
    ) -> None:
        super().__init__(code, **facts)
        self.fields = fields or {}


class TooManyError(InvalidError):
    """Too much from one network. `facts`: `until` (time of day) and `retry_after` (seconds).

    Refused like an entry, so that a form is shown again with everything that was typed.
    """

    code = "too_many"
    status = 429


class ConflictError(PetitionError):
    """The petition moved on since the page was shown (a clerk, the clock, a closed window)."""

    code = "conflict"
    status = 409


class TransitionRefusedError(ConflictError):
    """The transition table, a guard or a role says no."""

    code = "transition_refused"


class SigningClosedError(ConflictError):
    code = "signing_closed"


class PassRefusedError(PetitionError):
    """The pass is missing, altered, expired, used or made for something else."""

    code = "pass_refused"
    status = 400


class UnavailableError(PetitionError):
    """A part we need does not answer (database locked, disk full, provider down)."""

    code = "unavailable"
    status = 503


class ConfigurationError(PetitionError):
    """A setting is missing or wrong. `str()` tells the operator the path and what was expected."""

    code = "configuration"
    status = 500

    def __init__(self, sentence: str) -> None:
        super().__init__("configuration", sentence=sentence)
        self.sentence = sentence

    def __str__(self) -> str:
        return self.sentence
