"""Declaring signatures invalid: the reasons, and which entries of the log are meant. Pure.

No person is named: a decision speaks of leaves of the public log. It is final once it is in the log, so
two people, a public reason and a term for objections stand before it.
"""

from __future__ import annotations

import re
from enum import IntEnum

MAX_LEAVES = 5000
"""In one decision; a whole batch may be larger only by naming it."""
_PIECE = re.compile(r"(\d{1,15})(?:\s*[-–]\s*(\d{1,15}))?", re.ASCII)


class RemovalReason(IntEnum):
    """As INVALIDATE entries carry them."""

    IDENTITY_REVOKED = 1
    NOT_ELIGIBLE = 2
    FRAUD = 3
    TWO_REALMS = 4
    COURT_ORDER = 5
    INCIDENT = 6


MAY_SIGN_AGAIN = frozenset({RemovalReason.IDENTITY_REVOKED, RemovalReason.INCIDENT})


def parse_leaves(text: str) -> tuple[int, ...]:
    """`12, 15-20 31` → ascending indices, each once. ValueError("form" or "many")."""
    found: set[int] = set()
    for piece in re.split(r"[,;\s]+", re.sub(r"\s*[-–]\s*", "-", text.strip())):
        if not piece:
            continue
        match = _PIECE.fullmatch(piece)
        if match is None:
            raise ValueError("form")
        first, last = int(match[1]), int(match[2] or match[1])
        if last < first:
            raise ValueError("form")
        if last - first >= MAX_LEAVES or len(found) > MAX_LEAVES:
            raise ValueError("many")
        found.update(range(first, last + 1))
    if len(found) > MAX_LEAVES:
        raise ValueError("many")
    return tuple(sorted(found))
