"""Bank account numbers: an IBAN counts only if its check digits agree (ISO 13616, mod 97). Pure."""

from __future__ import annotations

import re
from collections.abc import Iterator

from admissibility.checks.signal import FormRules, PetitionText, Severity, Signal, Span

# Lengths from the ISO 13616 registry for countries whose parliaments or residents we expect;
# elsewhere any length the standard allows (15 to 34) is tried.
LENGTHS = {
    "AD": 24, "AT": 20, "BE": 16, "BG": 22, "CH": 21, "CY": 28, "CZ": 24, "DE": 22, "DK": 18,
    "EE": 20, "ES": 24, "FI": 18, "FR": 27, "GB": 22, "GR": 27, "HR": 21, "HU": 28, "IE": 22,
    "IT": 27, "LI": 21, "LT": 20, "LU": 20, "LV": 21, "MC": 27, "MT": 31, "NL": 18, "NO": 15,
    "PL": 28, "PT": 25, "RO": 24, "SE": 24, "SI": 19, "SK": 24,
}  # fmt: skip
_START = re.compile(r"(?<![A-Za-z0-9])[A-Z]{2}\d{2}", re.IGNORECASE)
_SPACES = " \u00a0\u202f-"


def valid_iban(compact: str) -> bool:
    """True if letters and digits without spaces carry right check digits."""
    if not (15 <= len(compact) <= 34 and compact.isascii() and compact.isalnum()):
        return False
    rearranged = (compact[4:] + compact[:4]).upper()
    return int("".join(str(int(character, 36)) for character in rearranged)) % 97 == 1


def _ending(words: str, start: int) -> int | None:
    """Where a valid IBAN that begins at `start` ends, or None."""
    compact = ""
    wanted = LENGTHS.get(words[start : start + 2].upper())
    for position in range(start, min(len(words), start + 50)):
        character = words[position]
        if character in _SPACES:
            continue
        if not (character.isascii() and character.isalnum()):
            return None
        compact += character
        follows = words[position + 1 : position + 2]
        if wanted in (None, len(compact)) and not follows.isalnum() and valid_iban(compact):
            return position + 1
        if wanted is not None and len(compact) >= wanted:
            return None
    return None


def check(text: PetitionText, rules: FormRules) -> Iterator[Signal]:
    """Signal bank_account."""
    del rules
    spans = tuple(
        Span(part, begin.start(), end)
        for part, words in text.parts()
        for begin in _START.finditer(words)
        if (end := _ending(words, begin.start())) is not None
    )
    if spans:
        yield Signal("bank_account", Severity.SERIOUS, {"places": len(spans)}, spans)
