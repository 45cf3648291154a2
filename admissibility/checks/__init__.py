"""Automated signals, one pure file each. They point and explain; they never decide."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from admissibility.checks import (
    addresses,
    bank_account,
    capitals,
    contact,
    hidden_characters,
    insults,
    language,
    length,
    links,
    national_numbers,
    private_persons,
)
from admissibility.checks.signal import FormRules, Part, PetitionText, Severity, Signal, Span

__all__ = ["CHECKS", "FormRules", "Part", "PetitionText", "Severity", "Signal", "Span", "examine"]

Check = Callable[[PetitionText, FormRules], Iterator[Signal]]

CHECKS: tuple[Check, ...] = (
    length.check,
    capitals.check,
    links.check,
    contact.check,
    bank_account.check,
    national_numbers.check,
    addresses.check,
    private_persons.check,
    insults.check,
    hidden_characters.check,
)
_ORDER = {severity: place for place, severity in enumerate(Severity)}


def examine(text: PetitionText, rules: FormRules, guessed: str | None = None) -> tuple[Signal, ...]:
    """Every signal of a text, the most serious first, then in the order of the checks.

    `guessed`: the language that a detector found; None where none was asked or it could not tell.
    """
    found = [signal for check in CHECKS for signal in check(text, rules)]
    found += language.check(text, guessed)
    return tuple(sorted(found, key=lambda signal: _ORDER[signal.severity]))
