"""Inclusion promise: the log's word, given right after the commit, that a leaf will appear.

Text of a signed note with key name `<origin>/promise`, five lines. If the leaf is not at an index
of at least `first` in a batch with time at most `by`, the promise is signed proof of misbehaviour.
It names the size of the log, not a batch: which batch it will be is unknown while signing.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Final
from uuid import UUID

from petitions.ledger.encoding import LedgerError, be8, decimal, exactly
from petitions.ledger.notes import from_base64, to_base64

HEADING: Final = "petition-promise/v1"
HOUR: Final = 3600
DAY: Final = 24 * HOUR


@dataclass(frozen=True, slots=True)
class Promise:
    """`first`: log size read inside the signing transaction; `by`: seconds since the epoch."""

    origin: str
    petition: UUID
    leaf: bytes
    first: int
    by: int


def promise_name(origin: str) -> str:
    """The key name that signs the promises of this log."""
    return f"{origin}/promise"


def promised_by(at: datetime) -> int:
    """24 hours later, rounded up to the hour, so that the promise keeps no time of signing."""
    if at.tzinfo is None:
        raise LedgerError("a time without its zone")
    whole, rest = divmod(at.timestamp() + DAY, HOUR)
    return (int(whole) + (rest > 0)) * HOUR


def promise_body(origin: str, petition: UUID, leaf: bytes, first: int, by: int) -> str:
    """The five lines, each ended by a newline."""
    if not origin or any(c.isspace() or c < " " for c in origin):
        raise LedgerError("an origin is not empty and has no space")
    be8(first)
    be8(by)
    encoded = to_base64(exactly(32, leaf, "leaf hash"))
    return f"{HEADING}\n{origin}\n{petition}\n{encoded}\nfrom {first} by {by}\n"


def parse_promise(body: str) -> Promise:
    """LedgerError unless writing the result gives the same text again."""
    lines = body.split("\n")
    if len(lines) != 6 or lines[0] != HEADING or lines[5]:
        raise LedgerError("a promise has exactly five lines")
    words = lines[4].split(" ")
    if len(words) != 4 or words[::2] != ["from", "by"]:
        raise LedgerError("malformed promise")
    try:
        petition = UUID(lines[2])
    except ValueError as refused:
        raise LedgerError("malformed promise") from refused
    first, by = decimal(words[1]), decimal(words[3])
    found = Promise(lines[1], petition, from_base64(lines[3]), first, by)
    if promise_body(found.origin, petition, found.leaf, first, by) != body:
        raise LedgerError("malformed promise")
    return found
