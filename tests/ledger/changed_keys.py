"""Receipts of a log whose keys were changed: what each key vouches for, and what it no longer does."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from petitions.ledger.checkpoint import checkpoint_body
from petitions.ledger.entries import LOG_WIDE, VKey, leaf_hash, write
from petitions.ledger.key_history import ROLE_LOG, ROLE_PROMISE, KeySpan
from petitions.ledger.notes import sign_note, vkey
from petitions.ledger.promise import promise_body, promise_name
from petitions.ledger.receipt import receipt_file
from petitions.ledger.receipt_check import Finding, KnownLog
from tests.ledger.memory import LOG_KEY, LOG_PUBLIC, ORIGIN, MemoryLog, P, R
from tests.ledger.receipts import (
    BY,
    ENTRY,
    PROMISE_KEY,
    PROMISE_PUBLIC,
    Paper,
    border,
    filler,
    opening,
    publish,
)

NEW_LOG, NEW_PROMISE, UNKNOWN = (
    Ed25519PrivateKey.from_private_bytes(bytes([seed]) * 32) for seed in (7, 8, 9)
)
OLD_VKEY = vkey(ORIGIN, LOG_PUBLIC)
NEW_VKEY = vkey(ORIGIN, NEW_LOG.public_key().public_bytes_raw())
PROMISES = promise_name(ORIGIN)
OLD_PROMISE_VKEY = vkey(PROMISES, PROMISE_PUBLIC)
NEW_PROMISE_VKEY = vkey(PROMISES, NEW_PROMISE.public_key().public_bytes_raw())


def year() -> list[bytes]:
    """700 signatures; new keys; the entry; the end of the old keys; a last batch."""
    announced = [VKey(1, 1, NEW_VKEY), VKey(2, 1, NEW_PROMISE_VKEY)]
    ended = [VKey(1, 0, OLD_VKEY), VKey(2, 0, OLD_PROMISE_VKEY)]
    return [
        *opening(), *filler(700), border(BY - 80_000),
        *(write(LOG_WIDE, each) for each in announced), border(BY - 70_000),
        ENTRY, border(BY - 600), *(write(LOG_WIDE, each) for each in ended), border(BY - 500),
    ]  # fmt: skip


ENTRIES = year()
ADDED = ENTRIES.index(write(LOG_WIDE, VKey(1, 1, NEW_VKEY)))
ENDED = ENTRIES.index(write(LOG_WIDE, VKey(1, 0, OLD_VKEY)))
LOGS = (
    KnownLog(
        2026, ORIGIN, (NEW_VKEY,),
        (
            KeySpan(ROLE_LOG, OLD_VKEY, 1, ENDED), KeySpan(ROLE_LOG, NEW_VKEY, ADDED + 1, None),
            KeySpan(ROLE_PROMISE, OLD_PROMISE_VKEY, 2, ENDED + 1),
            KeySpan(ROLE_PROMISE, NEW_PROMISE_VKEY, ADDED + 2, None),
        ),
    ),
)  # fmt: skip


def checkpoint(size: int, *keys: Ed25519PrivateKey) -> bytes:
    log = MemoryLog()
    log.add([leaf_hash(entry) for entry in ENTRIES[:size]])
    body = checkpoint_body(ORIGIN, size, log.root)
    notes = [sign_note(body, ORIGIN, k.sign, k.public_key().public_bytes_raw()) for k in keys]
    return (notes[0] + "".join(note.split("\n\n", 1)[1] for note in notes[1:])).encode()


def receipt(first: int, key: Ed25519PrivateKey) -> str:
    body = promise_body(ORIGIN, P, leaf_hash(ENTRY), first, BY)
    return receipt_file(
        P, R, sign_note(body, PROMISES, key.sign, key.public_key().public_bytes_raw())
    )


def cases() -> Iterator[tuple[str, Paper, Finding]]:
    """(name, paper, what its check must find); the browser is asked the same."""
    now = publish(ENTRIES) | {"checkpoint": checkpoint(len(ENTRIES), NEW_LOG)}
    then = publish(ENTRIES[:ENDED]) | {"checkpoint": checkpoint(ENDED, LOG_KEY, NEW_LOG)}
    good = Paper(receipt(600, PROMISE_KEY), now, logs=LOGS)
    yield "promised by the old key", good, Finding.PROOF_LEADS
    after = ADDED + 3
    fresh = replace(good, text=receipt(after, NEW_PROMISE))
    yield "promised by the new key", fresh, Finding.PROOF_LEADS
    yield "while both sign", replace(fresh, files=then), Finding.PROOF_LEADS
    before = replace(fresh, files=then).judged().proof
    yield "a proof of the time of both", replace(good, text=before, files={}), Finding.PROOF_LEADS
    early = checkpoint(ENDED, LOG_KEY).decode()
    alone = before[: before.index(f"{ORIGIN}\n{ENDED}\n")] + early
    yield "a proof by the old key alone", replace(good, text=alone, files={}), Finding.PROOF_LEADS
    past = replace(good, text=receipt(ENDED + 2, PROMISE_KEY))
    yield "promised by the old key after its end", past, Finding.PROMISE_FORGED
    unknown = replace(good, text=receipt(600, UNKNOWN))
    yield "promised by a key never announced", unknown, Finding.PROMISE_FORGED
    for name, key in (("old", LOG_KEY), ("unknown", UNKNOWN)):
        forged = now | {"checkpoint": checkpoint(len(ENTRIES), key)}
        yield f"signed by the {name} key", replace(good, files=forged), Finding.CHECKPOINT_FORGED
