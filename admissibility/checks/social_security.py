"""The French social security number (NIR), recognised by its two-digit key. Pure.

Thirteen characters (sex, year, month, department, commune, order) and a key of two digits:
key = 97 - (number mod 97), where 2A and 2B of Corsica read as 19 and 18 (décret n° 82-103).
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from admissibility.checks.signal import FormRules, PetitionText, Severity, Signal, Span

_GAP = r"[ .\-\u00a0\u202f]?"
_NIR = re.compile(
    rf"(?<!\w)[1-478]{_GAP}\d\d{_GAP}(?:0[1-9]|1[0-2]|[2-9]\d){_GAP}(?:\d\d|2[ABab]){_GAP}"
    rf"\d{{3}}{_GAP}\d{{3}}{_GAP}\d\d(?!\w)"
)


def valid_key(compact: str) -> bool:
    """True if the last two of fifteen characters are the key of the first thirteen."""
    if len(compact) != 15 or not compact.isascii():
        return False
    number, key = compact[:13].upper(), compact[13:]
    if number[5:7] in {"2A", "2B"}:
        number = number[:5] + {"2A": "19", "2B": "18"}[number[5:7]] + number[7:]
    if not (number.isdigit() and key.isdigit()):
        return False
    return 97 - int(number) % 97 == int(key)


def check(text: PetitionText, rules: FormRules) -> Iterator[Signal]:
    """Signal social_security_number."""
    del rules
    spans = tuple(
        Span(part, found.start(), found.end())
        for part, words in text.parts()
        for found in _NIR.finditer(words)
        if valid_key("".join(letter for letter in found.group() if letter.isalnum()))
    )
    if spans:
        yield Signal("social_security_number", Severity.SERIOUS, {"places": len(spans)}, spans)
