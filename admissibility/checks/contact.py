"""E-mail addresses and telephone numbers left in a text that would become public. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterator

from admissibility.checks.signal import FormRules, PetitionText, Severity, Signal, Span

_MAIL = re.compile(
    r"(?<![\w.+-])[A-Za-z0-9][A-Za-z0-9._%+-]{0,63}@(?:[A-Za-z0-9-]{1,63}\.)+[A-Za-z]{2,24}(?![\w-])"
)
# National forms begin with 0, international ones with + or 00; 9 to 15 digits (ITU-T E.164).
_PHONE = re.compile(r"(?<![\w+/.,-])(?:\+|0)(?:[ .\-/()\u00a0\u202f]{0,2}\d){8,14}(?![\w/])")
_DATE = re.compile(r"0?\d{1,2}[./-]\d{1,2}[./-](?:\d{2}|\d{4})")


def _phones(words: str) -> Iterator[tuple[int, int]]:
    for number in _PHONE.finditer(words):
        digits = sum(character.isdigit() for character in number.group())
        if 9 <= digits <= 15 and not _DATE.match(number.group()):
            yield number.start(), number.end()


def check(text: PetitionText, rules: FormRules) -> Iterator[Signal]:
    """Signals email_address and phone_number."""
    del rules
    mails = tuple(
        Span(part, mail.start(), mail.end())
        for part, words in text.parts()
        for mail in _MAIL.finditer(words)
    )
    if mails:
        yield Signal("email_address", Severity.WARNING, {"places": len(mails)}, mails)
    phones = tuple(
        Span(part, start, end) for part, words in text.parts() for start, end in _phones(words)
    )
    if phones:
        yield Signal("phone_number", Severity.WARNING, {"places": len(phones)}, phones)
