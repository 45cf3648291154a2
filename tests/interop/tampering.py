"""Each way of tampering with a published log that we know, and who must refuse it, at what."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from petitions.ledger.checkpoint import checkpoint_body, parse_checkpoint
from petitions.ledger.cosignatures import policy_file
from petitions.ledger.entries import leaf_hash
from petitions.ledger.notes import split_note, to_base64
from petitions.ledger.tiles import decode_bundle, encode_bundle, files_between
from tests.interop.logs import BATCHES, prove
from tests.services.published import PublishedLog
from tests.verifier.maker import Signer


@dataclass(frozen=True)
class Tampering:
    """`refused`: by whom, and at what; who is not named has no means to see it."""

    spoil: Callable[[Path], None]
    refused: dict[str, str]

    def make(self, clean: Path, case: Path) -> None:
        shutil.copytree(clean, case)
        self.spoil(case)


def flip(path: Path, at: int) -> None:
    raw = bytearray(path.read_bytes())
    raw[at] ^= 1
    path.write_bytes(raw)


def newest(case: Path, level: int | None) -> Path:
    """The published file with the right edge of that level; None: the bundle of entries."""
    size = PublishedLog(case / "log").size()
    *_, last = (file for file in files_between(0, size) if file.level == level)
    return case / "log" / last.path


def leaf_tile_altered(case: Path) -> None:
    flip(newest(case, 0), 40)
    prove(case)


def upper_tile_altered(case: Path) -> None:
    flip(newest(case, 1), 0)
    prove(case)


def entry_altered(case: Path) -> None:
    flip(newest(case, None), 45)


def leaves_exchanged(case: Path) -> None:
    path = newest(case, None)
    entries = decode_bundle(path.read_bytes())
    entries[0], entries[1] = entries[1], entries[0]
    path.write_bytes(encode_bundle(entries))


def in_checkpoint(line: int, at: int) -> Callable[[Path], None]:
    """Another character in that line of the checkpoint, of the same kind."""

    def spoil(case: Path) -> None:
        path = case / "log" / "checkpoint"
        lines = path.read_text().split("\n")
        old = lines[line][at]
        new = ("1" if old != "1" else "2") if old.isdigit() else ("a" if old != "a" else "b")
        lines[line] = lines[line][:at] + new + lines[line][at:][1:]
        path.write_text("\n".join(lines))

    return spoil


def size_altered(case: Path) -> None:
    path = case / "log" / "checkpoint"
    origin, size, rest = path.read_text().split("\n", 2)
    path.write_text(f"{origin}\n{size}0\n{rest}")


def resigned(case: Path, signer: Signer, root: bytes | None = None) -> None:
    path = case / "log" / "checkpoint"
    stated = parse_checkpoint(split_note(path.read_text())[0])
    path.write_text(signer.note(checkpoint_body(stated.origin, stated.size, root or stated.root)))


def own_key_takes_the_place(case: Path, root: bytes | None = None) -> Signer:
    """A key of this test in the policy, so that it may sign what the log's key never would."""
    origin = PublishedLog(case / "log").policy_key().split("+")[0]
    signer = Signer.of(origin, "spoiler")
    (case / "log" / "policy").write_text(policy_file([signer.vkey], [], 0))
    resigned(case, signer, root)
    notes = json.loads((case / "earlier.json").read_text())
    again = [signer.note(split_note(note)[0]) for note in notes]
    (case / "earlier.json").write_text(json.dumps(again))
    prove(case)
    return signer


def another_root_signed(case: Path) -> None:
    own_key_takes_the_place(case, root=leaf_hash(b"another root"))


def an_earlier_root_signed(case: Path) -> None:
    """The log forked: at an earlier size it signed another tree."""
    signer = own_key_takes_the_place(case)
    notes = json.loads((case / "earlier.json").read_text())
    stated = parse_checkpoint(split_note(notes[-1])[0])
    notes[-1] = signer.note(checkpoint_body(stated.origin, stated.size, leaf_hash(b"a fork")))
    (case / "earlier.json").write_text(json.dumps(notes))
    prove(case)


def signed_by_a_foreign_key(case: Path) -> None:
    origin = PublishedLog(case / "log").policy_key().split("+")[0]
    resigned(case, Signer.of(origin, "foreign"))


def policy_names_a_foreign_key(case: Path) -> None:
    origin = PublishedLog(case / "log").policy_key().split("+")[0]
    foreign = Signer.of(origin, "foreign").vkey
    (case / "log" / "policy").write_text(policy_file([foreign], [], 0))


def policy_key_altered(case: Path) -> None:
    """Key id and key of the verifier key no longer belong together."""
    flip(case / "log" / "policy", len("log ") + len(PublishedLog(case / "log").policy_key()) - 10)


def in_proofs(kind: str, change: Callable[[list[str]], list[str]]) -> Callable[[Path], None]:
    """One of the proofs of that kind is changed: the longest."""

    def spoil(case: Path) -> None:
        proofs = json.loads((case / "proofs.json").read_text())
        if kind == "inclusion":
            all_of_them = proofs["inclusion"]
        else:
            all_of_them = [each["consistency"] for each in proofs["earlier"]]
        longest = max(all_of_them, key=len)
        longest[:] = change(list(longest))
        (case / "proofs.json").write_text(json.dumps(proofs))

    return spoil


def another_hash(proof: list[str]) -> list[str]:
    return [to_base64(leaf_hash(b"another hash")), *proof[1:]]


def proof_of_the_neighbour(case: Path) -> None:
    proofs = json.loads((case / "proofs.json").read_text())
    proofs["inclusion"][0], proofs["inclusion"][1] = proofs["inclusion"][1::-1]
    (case / "proofs.json").write_text(json.dumps(proofs))


def everybody(stage: str, pymerkle: str = "") -> dict[str, str]:
    return {"go": stage, "node": stage, "pymerkle": pymerkle or stage}


NOTE = {"go": "note", "node": "note"}  # pymerkle knows trees only, no signatures
TAMPERINGS = {
    "leaf tile altered": Tampering(
        leaf_tile_altered, everybody("inclusion") | {"go": "tiles"}
    ),
    "upper tile altered": Tampering(
        upper_tile_altered, everybody("inclusion") | {"go": "tiles"}
    ),
    "entry altered": Tampering(
        entry_altered, {"go": "entries", "node": "inclusion", "pymerkle": "root"}
    ),
    "leaves exchanged": Tampering(
        leaves_exchanged, {"go": "entries", "node": "inclusion", "pymerkle": "root"}
    ),
    "origin altered": Tampering(in_checkpoint(0, 3), NOTE),
    "size altered": Tampering(size_altered, NOTE | {"pymerkle": "entries"}),
    "root altered": Tampering(in_checkpoint(2, 5), NOTE | {"pymerkle": "root"}),
    "signature altered": Tampering(in_checkpoint(4, -20), NOTE),
    "another root signed": Tampering(
        another_root_signed, {"go": "tiles", "node": "inclusion", "pymerkle": "root"}
    ),
    "an earlier root signed": Tampering(
        an_earlier_root_signed, {"go": "earlier root", "pymerkle": "consistency"}
    ),
    "signed by a foreign key": Tampering(signed_by_a_foreign_key, NOTE),
    "policy names a foreign key": Tampering(policy_names_a_foreign_key, NOTE),
    "policy key altered": Tampering(policy_key_altered, {"go": "key", "node": "key"}),
    "inclusion proof altered": Tampering(
        in_proofs("inclusion", another_hash), everybody("inclusion")
    ),
    "inclusion proof cut short": Tampering(
        in_proofs("inclusion", lambda proof: proof[:-1]), everybody("inclusion")
    ),
    "proof of the neighbour": Tampering(proof_of_the_neighbour, everybody("inclusion")),
    "consistency proof altered": Tampering(
        in_proofs("consistency", another_hash),
        {"go": "consistency", "pymerkle": "consistency"},
    ),
}  # fmt: skip


def cases_of(clean: str) -> list[str]:
    """The tamperings to which that log has a place: a log below 256 leaves has no upper tile."""
    return [name for name in TAMPERINGS if clean == BATCHES or name != "upper tile altered"]
