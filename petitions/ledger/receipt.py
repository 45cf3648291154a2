"""What a signer carries away: first a receipt with the promise, later a C2SP tlog-proof.

Rules: it names nobody and says nothing of the present state, so a coercer who sees it learns only
that some leaf is logged; whoever holds r can show that the leaf is theirs.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Final
from uuid import UUID

from petitions.ledger.encoding import LedgerError, be8, decimal, exactly
from petitions.ledger.notes import from_base64, split_note, to_base64

RECEIPT_HEADING: Final = "petition-receipt/v1"
PROOF_HEADING: Final = "c2sp.org/tlog-proof@v1"
SIGNATURE_KIND: Final = b"\x01"
MAX_PROOF: Final = 64
# Crockford's alphabet: no I, L, O (read as 1 and 0), no U
ALPHABET: Final = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"


@dataclass(frozen=True, slots=True)
class Receipt:
    petition: UUID
    r: bytes = field(repr=False)
    promise_note: str


@dataclass(frozen=True, slots=True)
class TlogProof:
    extra: bytes = field(repr=False)  # empty where the file has no such line
    index: int
    proof: tuple[bytes, ...]
    checkpoint: str


def receipt_extra(petition: UUID, r: bytes) -> bytes:
    """49 bytes, 01 || P || r: with the origin, all that is needed to recompute c."""
    return SIGNATURE_KIND + petition.bytes + exactly(32, r, "r")


def parse_extra(extra: bytes) -> tuple[UUID, bytes]:
    """Petition and r."""
    if len(extra) != 49 or extra[:1] != SIGNATURE_KIND:
        raise LedgerError("not the extra of a signature")
    return UUID(bytes=extra[1:17]), extra[17:]


def receipt_file(petition: UUID, r: bytes, promise_note: str) -> str:
    """Heading, `extra` line, empty line, the promise note verbatim."""
    split_note(promise_note)
    extra = to_base64(receipt_extra(petition, r))
    return f"{RECEIPT_HEADING}\nextra {extra}\n\n{promise_note}"


def parse_receipt(text: str) -> Receipt:
    """Form only: who reads it checks the promise note's signature and its leaf."""
    head, blank, note = text.partition("\n\n")
    lines = head.split("\n")
    if not blank or len(lines) != 2 or lines[0] != RECEIPT_HEADING:
        raise LedgerError("not a receipt")
    split_note(note)
    petition, r = parse_extra(from_base64(_after("extra ", lines[1])))
    return Receipt(petition, r, note)


def tlog_proof(index: int, proof: Sequence[bytes], checkpoint: str, extra: bytes = b"") -> str:
    """C2SP tlog-proof: `checkpoint` is the whole signed note, taken in verbatim."""
    split_note(checkpoint)
    be8(index)
    lines = [PROOF_HEADING]
    if extra:
        lines.append(f"extra {to_base64(extra)}")
    lines.append(f"index {index}")
    lines += [to_base64(exactly(32, step, "a step of the proof")) for step in proof]
    return "\n".join(lines) + f"\n\n{checkpoint}"


def parse_tlog_proof(text: str) -> TlogProof:
    """Form only; LedgerError where a line is out of place."""
    head, blank, checkpoint = text.partition("\n\n")
    lines = head.split("\n")
    if not blank or lines.pop(0) != PROOF_HEADING or len(lines) > MAX_PROOF + 2:
        raise LedgerError("not a tlog-proof")
    split_note(checkpoint)
    extra = b""
    if lines and lines[0].startswith("extra "):
        extra = from_base64(_after("extra ", lines.pop(0)))
    if not lines:
        raise LedgerError("a tlog-proof without an index")
    index = decimal(_after("index ", lines[0]))
    proof = tuple(exactly(32, from_base64(line), "a step of the proof") for line in lines[1:])
    return TlogProof(extra, index, proof, checkpoint)


def short_code(c: bytes) -> str:
    """`7Z2K-…`: the first 80 bits of c in groups of four, to be read out or compared by eye."""
    number = int.from_bytes(exactly(32, c, "commitment")[:10], "big")
    letters = "".join(ALPHABET[number >> shift & 31] for shift in range(75, -1, -5))
    return "-".join(letters[i : i + 4] for i in range(0, 16, 4))


def _after(word: str, line: str) -> str:
    if not line.startswith(word):
        raise LedgerError(f"expected a line that starts with {word.strip()}")
    return line.removeprefix(word)
