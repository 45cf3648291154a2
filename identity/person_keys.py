"""The forms of person keys: one human, one key, in one spelling.

A key that does not fit its form stops the login: a changed key would be a new person by accident.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Final

from identity.errors import PersonKeyRefused
from identity.records import PersonRecord

KEY_MAX: Final = 255  # OpenID Connect Core, section 2: sub has at most 255 ASCII characters

_FISCAL = re.compile(r"[A-Z]{6}[0-9LMNP-V]{2}[ABCDEHLMPRST][0-9LMNP-V]{2}[A-Z][0-9LMNP-V]{3}[A-Z]")
_FISCAL_ODD: Final = (1, 0, 5, 7, 9, 13, 15, 17, 19, 21, 2, 4, 18, 20, 11, 3, 6, 8, 12, 14, 16, 10,
                      22, 25, 24, 23)  # fmt: skip


def exact(text: str) -> str:
    """The claim's own characters, nothing folded."""
    return text


def belgian_number(text: str) -> str:
    """Belgian national register number: 11 digits, the last two are 97 − (rest modulo 97).

    Who was born from 2000 on has a 2 put before the first nine digits for that sum.
    """
    digits = re.sub(r"[ .-]", "", text)
    if not (digits.isascii() and digits.isdigit() and len(digits) == 11):
        raise PersonKeyRefused("person_key_off_form")
    body, check = digits[:9], int(digits[9:])
    if check not in (97 - int(body) % 97, 97 - int(f"2{body}") % 97):
        raise PersonKeyRefused("person_key_off_form")
    return digits


def italian_fiscal(text: str) -> str:
    """Italian fiscal number: upper case, prefix `TINIT-` off, check character right."""
    number = text.upper().removeprefix("TINIT-")
    if not _FISCAL.fullmatch(number) or number[15] != _fiscal_check(number[:15]):
        raise PersonKeyRefused("person_key_off_form")
    return number


def _fiscal_check(body: str) -> str:
    """Check character of the decree of 23 December 1976: odd places have a table of their own."""
    total = 0
    for place, sign in enumerate(body, start=1):
        value = int(sign) if sign.isdigit() else ord(sign) - ord("A")
        total += _FISCAL_ODD[value] if place % 2 else value
    return chr(ord("A") + total % 26)


FORMS: Final[Mapping[str, Callable[[str], str]]] = {
    "exact": exact,
    "be-number": belgian_number,
    "it-fiscal": italian_fiscal,
}
ENUMERABLE: Final = frozenset({"be-number", "it-fiscal"})


def person_key(claim: object, record: PersonRecord) -> str:
    """The person key in its one spelling. PersonKeyRefused, which never quotes it."""
    if not isinstance(claim, str) or not claim:
        raise PersonKeyRefused("person_key_missing")
    if len(claim) > KEY_MAX or not claim.isprintable():
        raise PersonKeyRefused("person_key_off_form")
    if record.pattern is not None and not re.fullmatch(record.pattern, claim):
        raise PersonKeyRefused("person_key_off_pattern")
    return FORMS[record.form](claim)
