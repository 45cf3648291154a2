"""The clean logs that judges of others are shown.

A case is a folder: `log/` as published, and `proofs.json`, what our code proves from it.
"""

from __future__ import annotations

import json
import shutil
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

from sqlalchemy import Engine, select

from petitions.domain.lifecycle import Role
from petitions.ledger import tree
from petitions.ledger.checkpoint import checkpoint_body, parse_checkpoint
from petitions.ledger.cosignatures import policy_file
from petitions.ledger.entries import Sign, leaf_hash, write
from petitions.ledger.notes import sign_note, split_note, to_base64, vkey
from petitions.ledger.tiles import encode_bundle, files_between
from petitions.services import sealing
from petitions.services.ports import Actor
from petitions.services.sealing_steps import SALTS_EXPIRE
from petitions.storage import tables as t
from tests.house import a_precinct
from tests.ledger.memory import LOG_KEY, LOG_PUBLIC, ORIGIN, MemoryLog, P
from tests.services.published import PublishedLog
from tests.verifier.maker import Signer

ADMIN = Actor("weber", Role.ADMINISTRATOR, "I. Weber")
WIDTH = 256
SIZES = (1, 2, 255, 256, 257, 300)
BATCHES = "of 300 in batches"
ENGINE = "of the engine"


def signed(size: int, root: bytes, origin: str = ORIGIN) -> str:
    return sign_note(checkpoint_body(origin, size, root), origin, LOG_KEY.sign, LOG_PUBLIC)


def entry(number: int) -> bytes:
    return write(P, Sign(leaf_hash(b"signature %d" % number)))


def pure_log(case: Path, size: int, step: int = 1) -> Path:
    """A log grown through our ledger alone, `step` leaves at a time; each size it had is signed."""
    log, earlier = MemoryLog(), list[str]()
    files: dict[str, bytes] = {}
    entries = [entry(number) for number in range(size)]
    while log.size < size:
        before, end = log.size, min(size, log.size + step)
        log.add([leaf_hash(each) for each in entries[before:end]])
        earlier.append(signed(log.size, log.root))
        for file in files_between(before, end):
            first = file.n * WIDTH
            if file.level is None:
                files[file.path] = encode_bundle(entries[first : first + file.width])
            else:
                files[file.path] = log.tiles[file.level, file.n][: 32 * file.width]
    files["policy"] = policy_file([vkey(ORIGIN, LOG_PUBLIC)], [], 0).encode()
    files["checkpoint"] = earlier.pop().encode()
    write_log(case, files, earlier)
    return case


def write_log(case: Path, files: dict[str, bytes], earlier: Sequence[str]) -> None:
    for name, content in files.items():
        path = case / "log" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
    (case / "earlier.json").write_text(json.dumps(list(earlier)))
    prove(case)


@dataclass(frozen=True)
class ReadOnce:
    """Some six hundred proofs ask for the same few tiles."""

    published: PublishedLog
    known: dict[tuple[int, int], bytes | None] = field(default_factory=dict)

    def tile(self, level: int, n: int) -> bytes | None:
        if (level, n) not in self.known:
            self.known[level, n] = self.published.tile(level, n)
        return self.known[level, n]


def prove(case: Path) -> None:
    """Every proof that a holder of these files can make, with our code."""
    size = PublishedLog(case / "log").size()
    published = ReadOnce(PublishedLog(case / "log"))
    inclusion = [encoded(tree.inclusion_proof(index, size, published)) for index in range(size)]
    earlier = [
        {
            "checkpoint": note,
            "consistency": encoded(tree.consistency_proof(size_of(note), size, published)),
        }
        for note in json.loads((case / "earlier.json").read_text())
    ]
    (case / "proofs.json").write_text(json.dumps({"inclusion": inclusion, "earlier": earlier}))


def encoded(proof: Sequence[bytes]) -> list[str]:
    return [to_base64(step) for step in proof]


def size_of(note: str) -> int:
    return parse_checkpoint(split_note(note)[0]).size


def countersign(case: Path) -> None:
    """Lines of a witness and of a stranger below the log's own: C2SP says to pass over them."""
    path = case / "log" / "checkpoint"
    body = split_note(path.read_text())[0]
    witness, stranger = Signer.of("witness.example/1", "w"), Signer.of("stranger.example", "s")
    path.write_text(
        path.read_text() + witness.cosignature(body, 1_800_000_000) + stranger.line(body)
    )


# --- of the real engine -----------------------------------------------------------------------


def engine_log(case: Path, folder: Path, engine: Engine) -> Path:
    """A town's year: two petitions, signatures, a withdrawal, an end, a sealing, many batches."""
    precinct = a_precinct(folder, engine, batch_min=3)
    first, second = precinct.publish(), precinct.publish()
    for start in range(0, 20, 5):
        precinct.sign_many(first, range(start, start + 5))
        precinct.sign_many(second, range(start, start + 3))
        precinct.work()
        precinct.clock.forward(hours=2)
    precinct.withdraw(first, 4)
    precinct.work()
    with precinct.session() as session:
        closes = [session.get_one(t.Petition, each).closes_at for each in (first, second)]
    precinct.clock.at = max(filter(None, closes))
    precinct.work()
    precinct.clock.forward(days=31)
    precinct.work()
    with precinct.session() as session:
        sealing.order(session, precinct.house, first, ADMIN, "Six months after", precinct.clock.at)
    precinct.work()
    precinct.clock.at += SALTS_EXPIRE
    precinct.work()
    shutil.copytree(precinct.folder / "log" / "2026", case / "log")
    with precinct.session() as session:
        stored = select(t.Checkpoint.note).where(t.Checkpoint.note.is_not(None))
        notes = session.scalars(stored.order_by(t.Checkpoint.size)).all()
    (case / "earlier.json").write_text(json.dumps(notes[:-1]))
    prove(case)
    return case
