"""Which key vouches for which sizes of a log: `keys.json`, a readable copy of the VKEY entries.

A key announced in leaf a and retired in leaf r signs checkpoints of sizes a + 1 to r. Whoever must know
a key of former years (receipts do) reads it here; the verifier compares the file with the entries.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any, Final

from petitions.ledger.encoding import LedgerError
from petitions.ledger.notes import ED25519, from_base64

ROLE_LOG: Final = 1
ROLE_PROMISE: Final = 2
ROLE_REPLICA: Final = 3
ROLES: Final = {"log": ROLE_LOG, "promise": ROLE_PROMISE, "replica": ROLE_REPLICA}


@dataclass(frozen=True, slots=True)
class KeySpan:
    """`first`, `last`: the smallest and largest size it vouches for; None: in force."""

    role: int
    vkey: str
    first: int
    last: int | None

    def holds(self, size: int) -> bool:
        return self.first <= size and (self.last is None or size <= self.last)

    @property
    def leaf(self) -> int:
        """Where its VKEY entry stands."""
        return self.first - 1


def kind_of(vkey: str) -> int:
    """Signature type of a verifier key: 1 Ed25519, 6 ML-DSA-44. LedgerError where it is none."""
    parts = vkey.split("+", 2)
    material = from_base64(parts[2]) if len(parts) == 3 else b""
    if not material:
        raise LedgerError("not a verifier key")
    return material[0]


def signers(spans: Iterable[KeySpan], role: int, size: int) -> list[str]:
    """Ed25519 keys of this role that vouch for this size, the oldest first."""
    return [
        each.vkey
        for each in spans
        if each.role == role and each.holds(size) and _is_ed25519(each.vkey)
    ]


def _is_ed25519(vkey: str) -> bool:
    try:
        return kind_of(vkey) == ED25519
    except LedgerError:
        return False


def keys_file(origin: str, size: int, spans: Sequence[KeySpan]) -> bytes:
    """`keys.json` after `size` entries."""
    names = {number: name for name, number in ROLES.items()}
    listed = [
        {"role": names[each.role], "vkey": each.vkey, "from": each.first, "until": each.last}
        for each in spans
    ]
    content = {"origin": origin, "size": size, "keys": listed}
    return json.dumps(content, sort_keys=True, indent=1).encode() + b"\n"


def read_keys_file(raw: bytes, origin: str) -> tuple[KeySpan, ...]:
    """LedgerError where it is not the history of this log's keys."""
    try:
        table = json.loads(raw)
        if table["origin"] != origin:
            raise LedgerError("the keys are of another log")
        return tuple(_span(each) for each in table["keys"])
    except (ValueError, KeyError, TypeError) as refused:
        raise LedgerError("keys.json is malformed") from refused


def _span(table: dict[str, Any]) -> KeySpan:
    role, vkey = ROLES[table["role"]], table["vkey"]
    first, last = table["from"], table["until"]
    if not isinstance(vkey, str) or type(first) is not int or type(last) not in (int, type(None)):
        raise LedgerError("keys.json is malformed")
    return KeySpan(role, vkey, first, last)
