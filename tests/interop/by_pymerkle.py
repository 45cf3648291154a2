"""pymerkle's opinion of a case: tree and proofs. It knows no signatures and no tiles."""

from __future__ import annotations

import base64
import json
from pathlib import Path

from pymerkle import InmemoryTree
from pymerkle.proof import InvalidProof

from tests.interop.verdicts import Verdict


class RefusedError(Exception):
    """Arguments: stage, why."""


def judge(case: Path) -> Verdict:
    done = {"leaves": 0, "earlier": 0}
    try:
        _judge(case, done)
    except RefusedError as refused:
        stage, why = refused.args
        return Verdict(stage, why, **done)
    return Verdict("", "", **done)


def _judge(case: Path, done: dict[str, int]) -> None:
    size, root = _stated((case / "log" / "checkpoint").read_text())
    given = json.loads((case / "proofs.json").read_text())
    theirs = InmemoryTree(algorithm="sha256")
    for entry in _entries(case / "log" / "tile" / "entries", size):
        theirs.append_entry(entry)
    if theirs.get_root() != root:
        raise RefusedError("root", f"{size} entries give another root")
    if len(given["inclusion"]) != size:
        raise RefusedError("inclusion", "not a proof for each leaf")
    for index, encoded in enumerate(given["inclusion"], 1):  # counts from one
        _check_inclusion(theirs, index, size, root, _hashes(encoded))
        done["leaves"] += 1
    for earlier in given["earlier"]:
        old = _stated(earlier["checkpoint"])
        _check_consistency(theirs, old, (size, root), _hashes(earlier["consistency"]))
        done["earlier"] += 1


def _check_inclusion(
    theirs: InmemoryTree, index: int, size: int, root: bytes, ours: list[bytes]
) -> None:
    leaf = theirs.get_leaf(index)
    proof = theirs.prove_inclusion(index, size)
    proof.path = [leaf, *ours]  # theirs begins with the leaf
    try:
        proof.verify(leaf, root, index, size)
    except InvalidProof as wrong:
        raise RefusedError("inclusion", f"leaf {index}: {wrong}") from wrong


def _check_consistency(
    theirs: InmemoryTree, old: tuple[int, bytes], new: tuple[int, bytes], ours: list[bytes]
) -> None:
    proof = theirs.prove_consistency(old[0], new[0])
    try:
        proof.verify(old[1], new[1], old[0], new[0])
    except InvalidProof as wrong:
        raise RefusedError("consistency", f"size {old[0]}: {wrong}") from wrong
    if ours != _of_rfc_9162(theirs, old[0], new[0]):
        raise RefusedError("consistency", f"size {old[0]}: another proof than ours")


def _of_rfc_9162(theirs: InmemoryTree, old: int, new: int) -> list[bytes]:
    """pymerkle's own consistency proofs have another form than 2.1.4.1, so one in that form is cut
    from its inclusion proof of the old tree's last leaf: the largest perfect subtree that ends with
    that leaf, then the rest of the path. Where that subtree is the whole old tree, 2.1.4.1 omits it.
    """
    if old == new:
        return []
    height = (old & -old).bit_length() - 1
    proof = theirs.prove_inclusion(old, new)
    rest = proof.path[1 + height :]
    subtree = proof.path[0]
    if height:
        proof.path, proof.rule = proof.path[: 1 + height], proof.rule[: 1 + height]
        subtree = proof.compute_root()
    return rest if old == 1 << height else [subtree, *rest]


def _stated(note: str) -> tuple[int, bytes]:
    _origin, size, root = note.split("\n")[:3]
    return int(size), base64.b64decode(root)


def _hashes(encoded: list[str]) -> list[bytes]:
    return [base64.b64decode(each) for each in encoded]


def _entries(place: Path, size: int) -> list[bytes]:
    """Read here once more, by hand: fewer than 1000 bundles, so N has one group of digits."""
    found = []
    for first in range(0, size, 256):
        width = min(256, size - first)
        name = f"{first // 256:03}" + ("" if width == 256 else f".p/{width}")
        try:
            raw = (place / name).read_bytes()
        except FileNotFoundError as missing:
            raise RefusedError("entries", f"no bundle {name}") from missing
        while raw:
            end = 2 + int.from_bytes(raw[:2], "big")
            found.append(raw[2:end])
            raw = raw[end:]
    if len(found) != size:
        raise RefusedError("entries", f"{len(found)} entries in a log of {size}")
    return found
