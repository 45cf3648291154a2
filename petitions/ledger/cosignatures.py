"""Cosignatures of witnesses (C2SP tlog-cosignature, tlog-witness, tlog-policy): who vouches for a tree.

A witness states that, of all trees of this log it has seen, this is the largest and every earlier one is
its beginning. Unknown keys are ignored; a line that does not verify is worth nothing.
"""

from __future__ import annotations

import base64
import hashlib
import struct
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Final

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from petitions.ledger import postquantum
from petitions.ledger.checkpoint import Checkpoint, parse_checkpoint
from petitions.ledger.encoding import LedgerError
from petitions.ledger.notes import from_base64, split_note

COSIGN_ED25519: Final = 4
_STAMP: Final = 8


@dataclass(frozen=True, slots=True)
class WitnessKey:
    """One verifier key of a witness; `kind` 4 Ed25519, 6 ML-DSA-44."""

    name: str
    kind: int
    key_id: bytes
    public: bytes


@dataclass(frozen=True, slots=True)
class Witness:
    """`name`: for people and for the policy file; `url`: submission prefix of tlog-witness."""

    name: str
    url: str
    keys: tuple[WitnessKey, ...] = field(default=())


def parse_witness_vkey(text: str) -> WitnessKey:
    """LedgerError where it is no cosigner's key (types 04 and 06)."""
    parts = text.split("+", 2)
    material = from_base64(parts[2]) if len(parts) == 3 else b""
    kind, public = material[:1], material[1:]
    if kind == bytes((postquantum.ML_DSA_44,)):
        name, key_id, public = postquantum.parse_vkey(text)
        return WitnessKey(name, postquantum.ML_DSA_44, key_id, public)
    if kind != bytes((COSIGN_ED25519,)) or len(public) != 32:
        raise LedgerError("not the key of a witness (signature type 04 or 06)")
    found = hashlib.sha256(parts[0].encode() + b"\n" + material).digest()[:4]
    if found.hex() != parts[1]:
        raise LedgerError("key id does not belong to name and key")
    return WitnessKey(parts[0], COSIGN_ED25519, found, public)


def vouching(note: str, lines: str, witnesses: Iterable[Witness]) -> tuple[str, ...]:
    """Names of the witnesses of whom a line is a good cosignature of this checkpoint, in their order."""
    body = split_note(note)[0]
    good = good_lines(body, lines, witnesses)
    return tuple(dict.fromkeys(name for name, _line in good))


def good_lines(body: str, lines: str, witnesses: Iterable[Witness]) -> list[tuple[str, str]]:
    """(witness, line) of each line that verifies; what is malformed or unknown is left out."""
    tree = parse_checkpoint(body)
    found = []
    signed = _lines(lines)
    for witness in witnesses:
        for key in witness.keys:
            for line, name, blob in signed:
                if (name, blob[:4]) == (key.name, key.key_id) and _good(body, tree, key, blob[4:]):
                    found.append((witness.name, line))
    return found


def _lines(text: str) -> list[tuple[str, str, bytes]]:
    """(line, key name, blob) of each well-formed signature line."""
    found = []
    for line in text.splitlines():
        dash, _, rest = line.partition(" ")
        name, _, encoded = rest.partition(" ")
        try:
            blob = from_base64(encoded)
        except LedgerError:
            continue
        if dash == "\u2014" and name and len(blob) > 4 + _STAMP:
            found.append((f"{line}\n", name, blob))
    return found


def _good(body: str, tree: Checkpoint, key: WitnessKey, stamped: bytes) -> bool:
    if key.kind == postquantum.ML_DSA_44:
        return postquantum.AVAILABLE and postquantum.verify(
            key.name, tree.origin, tree.size, tree.root, stamped, key.public
        )
    (at,) = struct.unpack(">Q", stamped[:_STAMP])
    message = f"cosignature/v1\ntime {at}\n{body}".encode()
    try:
        Ed25519PublicKey.from_public_bytes(key.public).verify(stamped[_STAMP:], message)
    except InvalidSignature:
        return False
    return True


def request_body(old: int, proof: Sequence[bytes], note: str) -> bytes:
    """Body of POST <prefix>/add-checkpoint."""
    steps = "".join(base64.b64encode(step).decode() + "\n" for step in proof)
    return f"old {old}\n{steps}\n{note}".encode()


def policy_file(
    log_vkeys: Sequence[str], witnesses: Sequence[tuple[Witness, Sequence[str]]], quorum: int
) -> str:
    """C2SP tlog-policy. A witness with several keys is a group: any of them counts once."""
    lines = [f"log {each}" for each in log_vkeys]
    names = []
    for number, (witness, vkeys) in enumerate(witnesses, 1):
        name = f"w{number}"
        names.append(name)
        lines.append(f"# {name}: {witness.name}")
        keys = [name] if len(vkeys) == 1 else [f"{name}.{n}" for n in range(1, len(vkeys) + 1)]
        lines += [
            f"witness {each} {key} {witness.url}" for each, key in zip(keys, vkeys, strict=True)
        ]
        if len(keys) > 1:
            lines.append(f"group {name} any {' '.join(keys)}")
    if quorum:
        lines.append(f"group enough {quorum} {' '.join(names)}")
    lines.append("quorum enough" if quorum else "quorum none")
    return "\n".join(lines) + "\n"
