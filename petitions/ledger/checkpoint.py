"""Text of a C2SP tlog-checkpoint: exactly three lines, no extension.

Extension lines are opaque to monitors, so a log that promises to be recomputable writes none.
"""

from __future__ import annotations

from dataclasses import dataclass

from petitions.ledger.encoding import LedgerError, be8, decimal, exactly
from petitions.ledger.notes import from_base64, to_base64


@dataclass(frozen=True, slots=True)
class Checkpoint:
    origin: str
    size: int
    root: bytes


def checkpoint_body(origin: str, size: int, root: bytes) -> str:
    """Origin, size, base64 root, each ended by a newline."""
    if not origin or any(c.isspace() or c < " " or c == "+" for c in origin):
        raise LedgerError("an origin is not empty and has no space and no plus")
    be8(size)
    return f"{origin}\n{size}\n{to_base64(exactly(32, root, 'root'))}\n"


def parse_checkpoint(body: str) -> Checkpoint:
    """LedgerError unless writing the result gives the same text again."""
    lines = body.split("\n")
    if len(lines) != 4 or lines[3]:
        raise LedgerError("a checkpoint has exactly three lines")
    found = Checkpoint(lines[0], decimal(lines[1]), from_base64(lines[2]))
    if checkpoint_body(found.origin, found.size, found.root) != body:
        raise LedgerError("malformed checkpoint")
    return found
