"""What `petitions doctor` finds: well, wrong, or worth knowing; each with what to do about it."""

from __future__ import annotations

from dataclasses import dataclass


class Advice(str):
    """A sentence of a check that is no fault: the operator should know, nothing has to stop."""

    __slots__ = ()


@dataclass(frozen=True, slots=True)
class Finding:
    """`good` False ends the command with status 1. `advice`: good, and yet worth a look."""

    subject: str
    good: bool
    sentence: str
    advice: bool = False

    @property
    def level(self) -> str:
        """`ok`, `note` or `WRONG`."""
        if not self.good:
            return "WRONG"
        return "note" if self.advice else "ok"


def judged(subject: str, told: list[str]) -> list[Finding]:
    """The findings of one check: what is wrong, or that it is good, and what is worth knowing."""
    wrong = [each for each in told if not isinstance(each, Advice)]
    notes = [each for each in told if isinstance(each, Advice)]
    found = [Finding(subject, False, each) for each in wrong]
    if not found:
        found = [Finding(subject, True, "good")]
    return found + [Finding(subject, True, str(each), advice=True) for each in notes]
