"""A published log in memory with one receipt in it, and everything that can be wrong with either."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field, replace

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from petitions.ledger.checkpoint import checkpoint_body
from petitions.ledger.entries import LOG_WIDE, BatchBorder, Sign, VKey, leaf_hash, write
from petitions.ledger.notes import sign_note, vkey
from petitions.ledger.promise import promise_body, promise_name
from petitions.ledger.receipt import receipt_file
from petitions.ledger.receipt_check import Finding, KnownLog, Outcome, check
from petitions.ledger.tiles import encode_bundle, files_between
from tests.ledger.memory import LOG_KEY, LOG_PUBLIC, ORIGIN, C, MemoryLog, P, R

PROMISE_KEY = Ed25519PrivateKey.from_private_bytes(bytes(range(0x20)))
PROMISE_PUBLIC = PROMISE_KEY.public_key().public_bytes_raw()
LOGS = (KnownLog(2026, ORIGIN, (vkey(ORIGIN, LOG_PUBLIC),)),)
BY = 1_798_761_600
ENTRY = write(P, Sign(C))


def border(time: int) -> bytes:
    return write(LOG_WIDE, BatchBorder(1, 0, 1, time))


def filler(count: int) -> list[bytes]:
    return [write(P, Sign(bytes([0xEE]) + i.to_bytes(31, "big"))) for i in range(count)]


@dataclass(frozen=True)
class Paper:
    """A receipt and the log's files. `asked`: names that the check read."""

    text: str
    files: dict[str, bytes]
    now: int = BY - 3600
    asked: list[str] = field(default_factory=list)
    logs: tuple[KnownLog, ...] = LOGS

    def read(self, log_id: int, name: str) -> bytes | None:
        self.asked.append(f"{log_id}/{name}")
        return self.files.get(name)

    def judged(self) -> Outcome:
        return check(self.text, self.logs, self, self.now)


def publish(entries: list[bytes]) -> dict[str, bytes]:
    log = MemoryLog()
    log.add([leaf_hash(entry) for entry in entries])
    files = {}
    for each in files_between(0, log.size):
        at = each.n * 256
        files[each.path] = (
            encode_bundle(entries[at : at + each.width])
            if each.level is None
            else log.tiles[each.level, each.n]
        )
    body = checkpoint_body(ORIGIN, log.size, log.root)
    files["checkpoint"] = sign_note(body, ORIGIN, LOG_KEY.sign, LOG_PUBLIC).encode()
    return files


def receipt(first: int = 3, *, r: bytes = R, leaf: bytes | None = None) -> str:
    body = promise_body(ORIGIN, P, leaf or leaf_hash(ENTRY), first, BY)
    note = sign_note(body, promise_name(ORIGIN), PROMISE_KEY.sign, PROMISE_PUBLIC)
    return receipt_file(P, r, note)


def opening() -> list[bytes]:
    """The first batch: the keys."""
    keys = [
        VKey(1, 1, vkey(ORIGIN, LOG_PUBLIC)),
        VKey(2, 1, vkey(promise_name(ORIGIN), PROMISE_PUBLIC)),
    ]
    return [*(write(LOG_WIDE, key) for key in keys), border(BY - 90_000)]


def paper(before: int = 0, after: int = 0, *, at: int = BY - 600, own: bool = True) -> Paper:
    """The entry (if `own`) behind `before` others, in a batch of time `at`."""
    mine = [ENTRY] if own else []
    entries = [*opening(), *filler(before), *mine, *filler(after)[::-1], border(at)]
    return Paper(receipt(max(3, before - 100)), publish(entries))


def changed(text: str, old: str, new: str) -> str:
    assert old in text, old
    return text.replace(old, new, 1)


def flipped(text: str, line: int, letter: int) -> str:
    lines = text.split("\n")
    other = "B" if lines[line][letter] != "B" else "C"
    lines[line] = lines[line][:letter] + other + lines[line][letter + 1 :]
    return "\n".join(lines)


def mailed(text: str) -> Iterator[tuple[str, str]]:
    """(what happened on the way, the text as it arrives)"""
    yield "without empty lines", text.replace("\n\n", "\n")
    yield "with doubled empty lines", text.replace("\n", "\n\n\n")
    yield "with spaces at the ends", text.replace("\n", "  \u00a0\r\n")
    yield "quoted twice", "".join(f"> >{line}\n" for line in text.split("\n"))
    yield "wrapped at its spaces", text.replace(" ", "\n")
    yield "in one line", "\u200b" + " ".join(text.split())
    yield "in a letter", f"Hello — my receipt:\n\n{text}\n-- \nAnna\n— Anna Blaas, Valmont\n"


def cases() -> Iterator[tuple[str, Paper, Finding]]:
    """(name, paper, what its check must find). The browser is asked the same."""
    good = paper()
    yield "small log", good, Finding.PROOF_LEADS
    yield "several bundles", paper(700, 300), Finding.PROOF_LEADS
    yield "full bundle at the end", paper(200, 307), Finding.PROOF_LEADS
    yield "a proof", replace(good, text=good.judged().proof, files={}), Finding.PROOF_LEADS
    crlf = good.text.replace("\n", "\r\n")
    yield "line ends of Windows", replace(good, text=crlf), Finding.PROOF_LEADS
    yield "pasted", replace(good, text="\n" + good.text.rstrip("\n")), Finding.PROOF_LEADS
    for name, text in mailed(good.text):
        yield f"receipt {name}", replace(good, text=text), Finding.PROOF_LEADS
    for name, text in mailed(good.judged().proof):
        yield f"proof {name}", replace(good, text=text, files={}), Finding.PROOF_LEADS
    yield "two receipts", replace(good, text=good.text * 2), Finding.NOT_A_RECEIPT
    glued = changed(good.text, "extra ", "extra")
    yield "a space lost", replace(good, text=glued), Finding.NOT_A_RECEIPT
    yield "late", paper(at=BY + 1), Finding.LATE
    yield "not yet", paper(own=False), Finding.NOT_YET
    yield "nothing published", replace(good, files={}), Finding.NOT_YET
    yield "missing", replace(paper(own=False), now=BY + 1), Finding.BROKEN
    yield "missing in time", paper(own=False, at=BY + 1), Finding.BROKEN
    yield "nothing published in time", replace(good, files={}, now=BY + 1), Finding.BROKEN
    late = [*opening(), border(BY + 1), ENTRY, border(BY + 2)]
    yield "after the promised time", replace(good, files=publish(late)), Finding.BROKEN
    early = [opening()[0], opening()[1], ENTRY, border(BY - 90), border(BY + 1)]
    yield "before the promise", replace(good, files=publish(early)), Finding.BROKEN
    yield "empty", replace(good, text=" \n"), Finding.EMPTY
    yield "another file", replace(good, text="Dear reader,\n\nhello\n"), Finding.NOT_A_RECEIPT
    yield "half a file", replace(good, text=good.text[:120]), Finding.NOT_A_RECEIPT
    spare = changed(good.text, "from 3 ", "from 03 ")
    yield "another spelling", replace(good, text=spare), Finding.NOT_A_RECEIPT
    yield "too long", replace(good, text=good.text + "x" * 20_000), Finding.TOO_LARGE
    other = changed(good.text, f"\n{ORIGIN}\n", "\nelsewhere.example/2026\n")
    yield "another log", replace(good, text=other), Finding.OTHER_LOG
    yield "another r", replace(good, text=receipt(r=bytes(32))), Finding.VALUE_WRONG
    yield "altered r", replace(good, text=flipped(good.text, 1, 40)), Finding.VALUE_WRONG
    yield "forged promise", replace(good, text=flipped(good.text, -2, -20)), Finding.PROMISE_FORGED
    moved = changed(good.text, "from 3 ", "from 4 ")
    yield "altered promise", replace(good, text=moved), Finding.PROMISE_FORGED
    note = flipped(good.files["checkpoint"].decode(), -2, -20).encode()
    bad = good.files | {"checkpoint": note}
    yield "forged checkpoint", replace(good, files=bad), Finding.CHECKPOINT_FORGED
    swapped = publish([*opening(), filler(1)[0], border(BY - 600)]) | {
        "checkpoint": good.files["checkpoint"]
    }
    yield "other entries", replace(good, files=swapped), Finding.LOG_DISAGREES
    gone = {name: raw for name, raw in good.files.items() if "entries" not in name}
    yield "missing bundle", replace(good, files=gone), Finding.LOG_UNREADABLE
    proof = good.judged().proof
    yield "proof with another r", replace(good, text=flipped(proof, 1, 40)), Finding.PROOF_WRONG
    yield "altered proof", replace(good, text=flipped(proof, 3, 5)), Finding.PROOF_WRONG
    yield (
        "another index",
        replace(good, text=changed(proof, "index 3", "index 2")),
        (Finding.PROOF_WRONG),
    )
    yield (
        "index outside",
        replace(good, text=changed(proof, "index 3", "index 9")),
        (Finding.PROOF_WRONG),
    )
    torn = flipped(proof, -2, -20)
    yield "proof, forged checkpoint", replace(good, text=torn), Finding.CHECKPOINT_FORGED
