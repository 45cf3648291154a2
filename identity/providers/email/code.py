"""The short code of a message: drawn, written, read back, and kept as a hash only."""

from __future__ import annotations

import hashlib
import secrets
from typing import Final

from identity.encoding import enc

# No 0 and O, no 1, I and L: it is read out on the telephone and typed from a small screen.
# No vowel: no code is a word of anybody's language.
ALPHABET: Final = "23456789BCDFGHJKMNPQRSTVWXYZ"
LENGTH: Final = 8  # 38 bits: five tries find one in 75 thousand million
_GROUP: Final = 4
_PADDING = str.maketrans("", "", " -\N{NO-BREAK SPACE}\N{NON-BREAKING HYPHEN}\N{EN DASH}\t\r\n")


def new_code() -> str:
    return "".join(secrets.choice(ALPHABET) for _place in range(LENGTH))


def written(code: str) -> str:
    """In two groups, as people read it out: KTRW-29PX."""
    return f"{code[:_GROUP]}-{code[_GROUP:]}"


def read_code(typed: str) -> str | None:
    """The code that was typed, in whatever case and grouping; None if it cannot be one."""
    code = typed.translate(_PADDING).upper()
    return code if len(code) == LENGTH and set(code) <= set(ALPHABET) else None


def hash_of(use: str, letter: bytes, secret: bytes) -> bytes:
    """32 bytes for the browser's cookie. `letter` is the message's id: equal codes differ."""
    return hashlib.sha256(enc("petition/letter/v1", use.encode(), letter, secret)).digest()
