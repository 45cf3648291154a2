"""Published logs made by hand: batches with their counts and borders, tiles, notes, papers.

A log is a list of batches of items. An item is an entry, or a function that makes one once the
entries before it have their places (`Early`: it takes part in the count; `Late`: it sees the count).
Everything is signed and hashed as the engine does it, so that what a test spoils is all that is wrong.
"""

from __future__ import annotations

import base64
import hashlib
import json
from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from pathlib import Path
from uuid import UUID

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from petitions.ledger import tree
from petitions.ledger.checkpoint import checkpoint_body
from petitions.ledger.entries import (
    LOG_WIDE,
    BatchBorder,
    CountFields,
    EntryType,
    Seal,
    leaf_hash,
    write,
)
from petitions.ledger.notes import key_id, signature_line, to_base64, vkey
from petitions.ledger.tiles import encode_bundle, files_between
from tests.ledger.memory import MemoryLog

HOUR = 3600
DEPLOYMENT = "petitions.example.org"
ORIGIN = "petitions.example.org/2026"
START = 1772442000  # 2026-03-02 09:00 UTC
COLLECTS = {EntryType.SIGN, 0x11}
WITHDRAWS = {EntryType.WITHDRAW, EntryType.WITHDRAW_OPEN}
MOVES = COLLECTS | WITHDRAWS | {EntryType.OPEN, EntryType.INVALIDATE}


@dataclass(frozen=True)
class Signer:
    """An Ed25519 key with the name it signs under."""

    name: str
    key: Ed25519PrivateKey

    @classmethod
    def of(cls, name: str, seed: str) -> Signer:
        return cls(
            name, Ed25519PrivateKey.from_private_bytes(hashlib.sha256(seed.encode()).digest())
        )

    @property
    def public(self) -> bytes:
        return self.key.public_key().public_bytes_raw()

    @property
    def vkey(self) -> str:
        return vkey(self.name, self.public)

    @property
    def witness_vkey(self) -> str:
        kid = key_id(self.name, self.public, 4).hex()
        return f"{self.name}+{kid}+{to_base64(bytes([4]) + self.public)}"

    def line(self, body: str) -> str:
        return signature_line(body, self.name, self.key.sign, self.public)

    def note(self, body: str) -> str:
        return f"{body}\n{self.line(body)}"

    def cosignature(self, body: str, at: int, name: str | None = None) -> str:
        signed = self.key.sign(f"cosignature/v1\ntime {at}\n{body}".encode())
        blob = key_id(self.name, self.public, 4) + at.to_bytes(8, "big") + signed
        return f"— {name or self.name} {to_base64(blob)}\n"


@dataclass(frozen=True)
class Early:
    make: Callable[[Maker], bytes]


@dataclass(frozen=True)
class Late:
    make: Callable[[Maker], bytes]


Item = bytes | Early | Late


@dataclass
class BatchPlan:
    items: list[Item]
    after: int = HOUR
    """Seconds since the batch before it."""
    border: bool = True
    miscount: int = 0
    """Added to the number of entries that the border tells."""
    change: Callable[[list[bytes]], list[bytes]] = lambda entries: entries
    """What a test does to the sorted entries, border not included."""


def be(raw: bytes) -> int:
    return int.from_bytes(raw, "big")


@dataclass
class Maker:
    """The log as it grows; afterwards what is published of it."""

    entries: list[bytes] = field(default_factory=list)
    ends: list[int] = field(default_factory=list)
    roots: dict[int, bytes] = field(default_factory=dict)
    counts: dict[UUID, Counter[str]] = field(default_factory=dict)
    counted: dict[UUID, tuple[CountFields, int]] = field(default_factory=dict)
    beside: dict[UUID, Counter[str]] = field(default_factory=dict)
    """On paper, and certified of what was given online."""
    log: MemoryLog = field(default_factory=MemoryLog)
    number: int = 0
    time: int = START

    def index(self, entry: bytes) -> int:
        return self.entries.index(entry)

    def numbers(self, petition: UUID) -> CountFields:
        of = self.counts[petition]
        c, w, i = of["collected"], of["withdrawn"], of["invalid"]
        return CountFields(c, w, i, max(0, c - w - i))

    def seal(self, petition: UUID) -> bytes:
        n = self.counted[petition][0]
        size = len(self.entries)
        return write(
            petition,
            Seal(n.collected, n.withdrawn, n.invalid, n.valid, size, self.roots[size]),
        )

    def add(self, plan: BatchPlan) -> None:
        first = len(self.entries)
        plain = [item for item in plan.items if isinstance(item, bytes)]
        plain += [item.make(self) for item in plan.items if isinstance(item, Early)]
        touched = self._move(plain)
        plain += [write(petition, self.numbers(petition)) for petition in touched]
        plain += [item.make(self) for item in plan.items if isinstance(item, Late)]
        entries = plan.change(sorted(plain))
        self.number += 1
        self.time += plan.after
        for petition in touched:
            self.counted[petition] = (self.numbers(petition), self.number)
        if plan.border:
            fields = BatchBorder(self.number, first, len(entries) + 1 + plan.miscount, self.time)
            entries.append(write(LOG_WIDE, fields))
        self.entries += entries
        self.log.add([leaf_hash(entry) for entry in entries])
        self.ends.append(len(self.entries))
        self.roots[len(self.entries)] = self.log.root

    def _move(self, entries: Iterable[bytes]) -> list[UUID]:
        touched = []
        for entry in entries:
            kind, petition = entry[1], UUID(bytes=entry[2:18])
            if kind == EntryType.PAPER:
                self.beside.setdefault(petition, Counter())["paper"] += be(entry[18:26])
            elif kind == EntryType.CERTIFIED:
                self.beside.setdefault(petition, Counter())["certified"] += be(entry[26:34])
            if kind not in MOVES:
                continue
            touched.append(petition)
            of = self.counts.setdefault(petition, Counter())
            of["collected"] += kind in COLLECTS
            of["withdrawn"] += kind in WITHDRAWS
            of["invalid"] += kind == EntryType.INVALIDATE
        return list(dict.fromkeys(touched))

    # --- files ------------------------------------------------------------------------------------

    def tree_files(self, size: int | None = None) -> dict[str, bytes]:
        size = len(self.entries) if size is None else size
        found = {}
        for file in files_between(0, size):
            start = file.n * tree.WIDTH
            if file.level is None:
                found[file.path] = encode_bundle(self.entries[start : start + file.width])
            else:
                found[file.path] = self.log.tiles[file.level, file.n][: 32 * file.width]
        return found

    def checkpoint(
        self, signers: Iterable[Signer], size: int | None = None, origin: str = ORIGIN
    ) -> str:
        size = len(self.entries) if size is None else size
        body = checkpoint_body(origin, size, self.roots.get(size, tree.EMPTY_ROOT))
        return f"{body}\n" + "".join(signer.line(body) for signer in signers)

    def counts_json(self) -> bytes:
        listed = {
            str(petition): {
                "collected": n.collected, "withdrawn": n.withdrawn, "invalid": n.invalid,
                "valid": n.valid, "batch": batch, **self.beside.get(petition, {}),
            }
            for petition, (n, batch) in self.counted.items()
        }  # fmt: skip
        content = {"origin": ORIGIN, "size": self.ends[-1], "batch": self.number}
        return json.dumps({**content, "petitions": listed}).encode()


def hash_of(content: bytes) -> bytes:
    return hashlib.sha256(content).digest()


def b64(content: bytes) -> str:
    return base64.b64encode(content).decode()


def write_all(folder: Path, files: dict[str, bytes]) -> Path:
    for path, content in files.items():
        place = folder / path
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_bytes(content)
    return folder
