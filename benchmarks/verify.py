"""The verifier on a whole log, beside plain hashing of the same bytes with hashlib."""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import subprocess
import sys
import tempfile
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from statistics import median
from uuid import UUID

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from petitions.ledger import tree
from petitions.ledger.checkpoint import checkpoint_body
from petitions.ledger.entries import (
    LOG_WIDE,
    BatchBorder,
    CountFields,
    EntryType,
    Open,
    VKey,
    entry,
    leaf_hash,
    write,
)
from petitions.ledger.notes import sign_note, vkey
from petitions.ledger.tiles import encode_bundle, entries_path, tile_path

ENTRIES = 1_000_000
ROUNDS, PER_BATCH = 3, 2000
NAMED = [UUID(int=n << 64) for n in range(1, 9)]
PROGRAM = Path(__file__).parents[1] / "verifier" / "petition_verify.py"
ORIGIN = "petitions.example.org/2026"
KEY = Ed25519PrivateKey.from_private_bytes(bytes(32))
TEXT, RULES = b"A bench\n\nWe ask.\n\nSince.\n", b"{}"
IN_ONE_STREAM = """
import hashlib, pathlib, sys
whole = hashlib.sha256()
for file in pathlib.Path(sys.argv[1]).joinpath("tile").rglob("*"):
    if file.is_file():
        whole.update(file.read_bytes())
"""
BY_LEAF_AND_NODE = """
import hashlib, sys
leaf, node, sha256 = bytes(51), bytes(65), hashlib.sha256
for _ in range(int(sys.argv[2])):
    sha256(leaf).digest()
    sha256(node).digest()
"""


STOPWATCH = """
import os, subprocess, sys, time
began = time.perf_counter()
process = subprocess.Popen(sys.argv[1:], stdout=subprocess.DEVNULL)
_, status, used = os.wait4(process.pid, 0)
print(time.perf_counter() - began, used.ru_utime + used.ru_stime, used.ru_maxrss)
sys.exit(os.waitstatus_to_exitcode(status))
"""


@dataclass
class Published:
    """Writes a log to disk while it grows; only the right edge stays in memory."""

    folder: Path
    size: int = 0
    root: bytes = tree.EMPTY_ROOT
    edge: dict[int, tuple[int, bytes]] = field(default_factory=dict)
    waiting: list[bytes] = field(default_factory=list)
    bundles: int = 0

    def tile(self, level: int, n: int) -> bytes | None:
        at, hashes = self.edge.get(level, (-1, b""))
        return hashes if at == n else None

    def add(self, entries: Sequence[bytes]) -> None:
        grown = tree.append(self.size, [leaf_hash(each) for each in entries], self)
        self.size, self.root = grown.new_size, grown.root
        for (level, n), hashes in grown.tiles.items():
            if n >= self.edge.get(level, (-1, b""))[0]:
                self.edge[level] = (n, hashes)
            if len(hashes) == tree.WIDTH * tree.HASH:
                self.put(tile_path(level, n), hashes)
        self.waiting += entries
        while len(self.waiting) >= tree.WIDTH:
            self.put(entries_path(self.bundles), encode_bundle(self.waiting[: tree.WIDTH]))
            del self.waiting[: tree.WIDTH]
            self.bundles += 1

    def put(self, path: str, content: bytes) -> None:
        place = self.folder / path
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_bytes(content)

    def finish(self, counts: bytes) -> None:
        """The partial files of the right edge and the three heads."""
        if self.waiting:
            self.put(entries_path(self.bundles, len(self.waiting)), encode_bundle(self.waiting))
        for level, (n, hashes) in self.edge.items():
            self.put(tile_path(level, n, len(hashes) // tree.HASH), hashes)
        public = KEY.public_key().public_bytes_raw()
        note = sign_note(checkpoint_body(ORIGIN, self.size, self.root), ORIGIN, KEY.sign, public)
        self.put("policy", f"log {vkey(ORIGIN, public)}\nquorum none\n".encode())
        self.put("counts.json", counts)
        self.put("checkpoint", note.encode())


@dataclass
class Crowd:
    """Who signed and who withdrew so far, per petition."""

    collected: Counter[UUID] = field(default_factory=Counter)
    withdrawn: Counter[UUID] = field(default_factory=Counter)

    def act(self, drawn: bytes) -> bytes:
        """A signature, or about once in a hundred a withdrawal. `drawn`: 32 random bytes."""
        petition = NAMED[drawn[0] % len(NAMED)]
        away = drawn[1] < 3 and self.withdrawn[petition] < self.collected[petition]
        (self.withdrawn if away else self.collected)[petition] += 1
        return entry(EntryType.WITHDRAW if away else EntryType.SIGN, petition, drawn)

    def count(self, petition: UUID) -> CountFields:
        collected, withdrawn = self.collected[petition], self.withdrawn[petition]
        return CountFields(collected, withdrawn, 0, collected - withdrawn)


def batches(entries: int, crowd: Crowd) -> Iterator[list[bytes]]:
    """Sorted batches, border not included."""
    for start in range(0, entries, PER_BATCH):
        drawn = os.urandom(32 * min(PER_BATCH, entries - start))
        made = [crowd.act(drawn[i : i + 32]) for i in range(0, len(drawn), 32)]
        touched = {UUID(bytes=each[2:18]) for each in made}
        if not start:
            public = KEY.public_key().public_bytes_raw()
            made.append(write(LOG_WIDE, VKey(1, 1, vkey(ORIGIN, public))))
            made += [write(p, Open(_hash(TEXT), _hash(RULES), 2**64 - 1)) for p in NAMED]
            touched = set(NAMED)
        yield sorted([*made, *(write(p, crowd.count(p)) for p in touched)])


def _hash(content: bytes) -> bytes:
    return hashlib.sha256(content).digest()


def make_log(folder: Path, entries: int) -> int:
    """A valid log of at least so many entries; its size."""
    log, crowd, number, last = Published(folder), Crowd(), 0, dict[UUID, int]()
    for made in batches(entries, crowd):
        number += 1
        last |= {UUID(bytes=each[2:18]): number for each in made if each[1] == EntryType.COUNT}
        border = BatchBorder(number, log.size, len(made) + 1, 1772442000 + number)
        log.add([*made, write(LOG_WIDE, border)])
    log.put(f"texts/{_hash(TEXT).hex()}.txt", TEXT)
    log.put(f"rules/{_hash(RULES).hex()}.json", RULES)
    petitions = {str(p): asdict(crowd.count(p)) | {"batch": last[p]} for p in last}
    counts = {"origin": ORIGIN, "size": log.size, "batch": number, "petitions": petitions}
    log.finish(json.dumps(counts).encode())
    return log.size


def measured(command: Sequence[object]) -> tuple[float, float, int]:
    """Seconds of the clock, of the processor, and peak memory in bytes of one process.

    A small process starts it: a child's peak begins with that of its parent.
    """
    told = subprocess.run(
        [sys.executable, "-I", "-S", "-c", STOPWATCH, *map(str, command)],
        capture_output=True, text=True, check=True,
    )  # fmt: skip
    clock, processor, peak = told.stdout.split()
    return float(clock), float(processor), int(peak) * 1024


def run(entries: int = ENTRIES) -> dict[str, list[float]]:
    """Processor seconds of each round; `clock`: what a reader waits."""
    folder = Path(tempfile.mkdtemp(prefix="petitions-verify-"))
    alone = [sys.executable, "-I", "-S"]
    found: dict[str, list[float]] = {"verify": [], "stream": [], "calls": []}
    try:
        size = make_log(folder, entries)
        found |= {"size": [size], "clock": [], "memory": []}
        for _ in range(ROUNDS):
            clock, processor, peak = measured([*alone, PROGRAM, "log", folder])
            found["verify"].append(processor)
            found["clock"].append(clock)
            found["memory"].append(peak)
            found["stream"].append(measured([*alone, "-c", IN_ONE_STREAM, folder])[1])
            found["calls"].append(measured([*alone, "-c", BY_LEAF_AND_NODE, folder, size])[1])
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    return found


def report(found: dict[str, list[float]]) -> str:
    took = median(found["verify"])
    lines = [
        f"entries          {found['size'][0]:12,.0f}",
        f"peak memory      {max(found['memory']) / 2**20:12,.0f} MB",
        f"on the clock     {median(found['clock']):12,.2f} s",
    ]
    for name, text in (
        ("verify", "every check"),
        ("stream", "bytes in one go"),
        ("calls", "a call a hash"),
    ):
        rounds = found[name]
        lines.append(
            f"{text:16} {median(rounds):12,.2f} s  ({min(rounds):,.2f}–{max(rounds):,.2f})"
            f"  ratio {took / median(rounds):,.1f}"
        )
    return "\n".join(lines)
