"""Whether a receipt belongs to an entry of the log, from the log's published files alone.

The page in the signer's browser does the same steps with the same findings (`receipt-check.js`).
Rules: nothing is said about the present state of the signature (a coercer would ask for that); the
promise's signature is judged before the log is searched, so that an invented receipt costs nothing;
the search ends at the first batch after the promised time, so it never reads more than a day.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from enum import StrEnum
from typing import Final, Protocol

from petitions.ledger import tree
from petitions.ledger.checkpoint import Checkpoint, parse_checkpoint
from petitions.ledger.commitments import commitment
from petitions.ledger.encoding import LedgerError
from petitions.ledger.entries import EntryType, Sign, VKey, leaf_hash, parse, write
from petitions.ledger.key_history import ROLE_LOG, ROLE_PROMISE, KeySpan, signers
from petitions.ledger.notes import NoteRefusedError, open_note, parse_vkey, split_note
from petitions.ledger.promise import Promise, parse_promise, promise_name
from petitions.ledger.receipt import (
    PROOF_HEADING,
    Receipt,
    parse_extra,
    parse_receipt,
    parse_tlog_proof,
    receipt_extra,
    short_code,
    tlog_proof,
)
from petitions.ledger.receipt_text import restored
from petitions.ledger.tiles import decode_bundle, entries_path, tile_path
from petitions.ledger.tree import HASH, HEIGHT, WIDTH

MAX_TEXT: Final = 16 * 1024
ADDED: Final = 1


class Finding(StrEnum):
    """What one step of the check found. The pages have one sentence for each."""

    EMPTY = "empty"
    TOO_LARGE = "too_large"
    NOT_A_RECEIPT = "not_a_receipt"
    OTHER_LOG = "other_log"
    BELONGS = "belongs"
    VALUE_FITS = "value_fits"
    VALUE_WRONG = "value_wrong"
    PROMISE_SIGNED = "promise_signed"
    PROMISE_FORGED = "promise_forged"
    PROMISE_UNCHECKED = "promise_unchecked"
    CHECKPOINT_SIGNED = "checkpoint_signed"
    CHECKPOINT_FORGED = "checkpoint_forged"
    CHECKPOINT_UNCHECKED = "checkpoint_unchecked"
    LOG_UNREADABLE = "log_unreadable"
    LOG_DISAGREES = "log_disagrees"
    NOT_YET = "not_yet"
    BROKEN = "broken"
    FOUND = "found"
    LATE = "late"
    PROOF_LEADS = "proof_leads"
    PROOF_WRONG = "proof_wrong"


class Verdict(StrEnum):
    PROVED = "proved"
    WAITING = "waiting"
    WRONG = "wrong"
    OPEN = "open"
    """Nothing is wrong, and nothing is proved."""
    EMPTY = "empty"
    """Nothing was given: a fault of the form, none of a receipt."""


WRONG: Final = frozenset({
    Finding.VALUE_WRONG, Finding.PROMISE_FORGED, Finding.CHECKPOINT_FORGED, Finding.LOG_DISAGREES,
    Finding.BROKEN, Finding.LATE, Finding.PROOF_WRONG,
})  # fmt: skip
Fact = str | int


@dataclass(frozen=True, slots=True)
class Found:
    finding: Finding
    facts: Mapping[str, Fact]
    """`index`, `size`: numbers; `at`, `by`: seconds since the epoch; the others: text."""


@dataclass(frozen=True, slots=True)
class Outcome:
    found: tuple[Found, ...]
    proof: str = ""
    """The completed C2SP tlog-proof, where the entry was found."""

    @property
    def verdict(self) -> Verdict:
        kinds = {each.finding for each in self.found}
        if kinds == {Finding.EMPTY}:
            return Verdict.EMPTY
        if kinds & WRONG:
            return Verdict.WRONG
        if Finding.NOT_YET in kinds:
            return Verdict.WAITING
        proved = {Finding.PROOF_LEADS, Finding.CHECKPOINT_SIGNED} <= kinds
        return Verdict.PROVED if proved else Verdict.OPEN


@dataclass(frozen=True, slots=True)
class KnownLog:
    """A log of this site. `vkeys` sign its checkpoints, as its policy says; `history` is its keys.json:
    every key that it ever had. Logs from before keys could be changed have none.
    """

    log_id: int
    origin: str
    vkeys: tuple[str, ...]
    history: tuple[KeySpan, ...] = ()

    def signers(self, size: int) -> Sequence[str]:
        """Who vouches for a checkpoint of this size; a retired key does for those of its time."""
        return signers(self.history, ROLE_LOG, size) or self.vkeys

    def promisers(self, first: int) -> dict[int, str]:
        """Leaf and key of those that were announced and not retired before size `first`."""
        return {
            each.leaf: each.vkey
            for each in self.history
            if each.role == ROLE_PROMISE and (each.last is None or each.last >= first)
        }


class Files(Protocol):
    def read(self, log_id: int, name: str) -> bytes | None:
        """A published file of the log, None where there is none."""
        ...


class _Stop(Exception):  # noqa: N818 - no error: the check ends here with what was found
    pass


def check(text: str, logs: Sequence[KnownLog], files: Files, now: int) -> Outcome:
    """Every step in order; ends at the first one that makes the next ones meaningless."""
    if not text.strip():
        return Outcome((Found(Finding.EMPTY, {}),))
    one = _Check(text, logs, files, now, [])
    proof = ""
    with suppress(_Stop):
        proof = one.run()
    return Outcome(tuple(one.found), proof)


@dataclass(frozen=True, slots=True)
class _Check:
    text: str
    logs: Sequence[KnownLog]
    files: Files
    now: int
    found: list[Found]

    def say(self, finding: Finding, **facts: Fact) -> None:
        self.found.append(Found(finding, facts))

    def end(self, finding: Finding, **facts: Fact) -> _Stop:
        self.say(finding, **facts)
        return _Stop()

    def run(self) -> str:
        if len(self.text) > MAX_TEXT:
            raise self.end(Finding.TOO_LARGE)
        text = restored(self.text)
        if text.startswith(PROOF_HEADING + "\n"):
            return self._completed(text)
        try:
            receipt = parse_receipt(text)
            promise = parse_promise(split_note(receipt.promise_note)[0])
        except LedgerError:
            raise self.end(Finding.NOT_A_RECEIPT) from None
        return self._promised(receipt, promise)

    def _known(self, origin: str) -> KnownLog:
        for log in self.logs:
            if log.origin == origin:
                return log
        raise self.end(Finding.OTHER_LOG, origin=origin)

    def _completed(self, text: str) -> str:
        """A tlog-proof: needs no file of the log."""
        try:
            given = parse_tlog_proof(text)
            petition, r = parse_extra(given.extra)
            signed = parse_checkpoint(split_note(given.checkpoint)[0])
        except LedgerError:
            raise self.end(Finding.NOT_A_RECEIPT) from None
        log = self._known(signed.origin)
        c = commitment(log.origin, petition, r)
        self.say(Finding.BELONGS, petition=str(petition), code=short_code(c), log=log.log_id)
        self._opened(given.checkpoint, log)
        leaf = leaf_hash(write(petition, Sign(c)))
        if not tree.verify_inclusion(leaf, given.index, signed.size, given.proof, signed.root):
            raise self.end(Finding.PROOF_WRONG)
        self.say(Finding.PROOF_LEADS, index=given.index, size=signed.size)
        return text

    def _promised(self, receipt: Receipt, promise: Promise) -> str:
        log = self._known(promise.origin)
        c = commitment(log.origin, receipt.petition, receipt.r)
        entry = write(receipt.petition, Sign(c))
        self.say(
            Finding.BELONGS, petition=str(receipt.petition), code=short_code(c), log=log.log_id
        )
        if promise.petition != receipt.petition or promise.leaf != leaf_hash(entry):
            raise self.end(Finding.VALUE_WRONG)
        self.say(Finding.VALUE_FITS)
        published = self.files.read(log.log_id, "checkpoint")
        if published is None:  # the first batch is still to come
            kind = Finding.BROKEN if self.now > promise.by else Finding.NOT_YET
            raise self.end(kind, by=promise.by)
        note = published.decode("utf-8", "replace")
        signed = self._opened(note, log)
        shelf = _Published(self.files, log.log_id, signed.size)
        try:
            self._promise_signed(receipt.promise_note, promise.first, log, signed, shelf)
            index = self._searched(entry, promise, signed, shelf)
            steps = tree.inclusion_proof(index, signed.size, shelf)
        except LedgerError:
            raise self.end(Finding.LOG_UNREADABLE) from None
        if not tree.verify_inclusion(promise.leaf, index, signed.size, steps, signed.root):
            raise self.end(Finding.LOG_DISAGREES)
        self.say(Finding.PROOF_LEADS, index=index, size=signed.size)
        return tlog_proof(index, steps, note, receipt_extra(receipt.petition, receipt.r))

    def _opened(self, note: str, log: KnownLog) -> Checkpoint:
        try:
            size = parse_checkpoint(split_note(note)[0]).size
            signed = parse_checkpoint(open_note(note, log.signers(size)))
        except LedgerError:
            raise self.end(Finding.CHECKPOINT_FORGED) from None
        if signed.origin != log.origin:
            raise self.end(Finding.CHECKPOINT_FORGED)
        self.say(Finding.CHECKPOINT_SIGNED, size=signed.size)
        return signed

    def _promise_signed(
        self, note: str, first: int, log: KnownLog, signed: Checkpoint, shelf: _Published
    ) -> None:
        """By a key that the log itself announced, in an entry under the signed root."""
        keys, known = [], log.promisers(first)
        for index, entry in self._announcements(log, signed, shelf):
            vkey = _promise_key(entry, log.origin)
            if vkey is None or (log.history and known.get(index) != vkey):
                continue  # not of this role, or retired before this promise
            steps = tree.inclusion_proof(index, signed.size, shelf)
            leaf = leaf_hash(entry)
            if not tree.verify_inclusion(leaf, index, signed.size, steps, signed.root):
                raise self.end(Finding.LOG_DISAGREES)
            keys.append(vkey)
        if not keys:
            self.say(Finding.PROMISE_UNCHECKED)
            raise self.end(Finding.LOG_UNREADABLE)
        try:
            open_note(note, keys)
        except NoteRefusedError:
            raise self.end(Finding.PROMISE_FORGED) from None
        self.say(Finding.PROMISE_SIGNED)

    def _announcements(
        self, log: KnownLog, signed: Checkpoint, shelf: _Published
    ) -> Iterator[tuple[int, bytes]]:
        """The first bundle, where every log names its first keys, and where its list names others."""
        yield from shelf.entries(0, min(WIDTH, signed.size))
        for leaf in log.promisers(0):
            if WIDTH <= leaf < signed.size:
                yield from shelf.entries(leaf, leaf + 1)

    def _searched(
        self, wanted: bytes, promise: Promise, signed: Checkpoint, shelf: _Published
    ) -> int:
        """The entry's index; a batch after the promised time ends the search."""
        place: int | None = None
        time = 0
        for index, entry in shelf.entries(promise.first, signed.size):
            if place is None and entry == wanted:
                place = index
            if entry[1] != EntryType.BATCH:
                continue
            time = int.from_bytes(entry[-8:], "big")
            if place is not None:
                late = Finding.LATE if time > promise.by else Finding.FOUND
                self.say(late, index=place, at=time, by=promise.by)
                return place
            if time > promise.by:
                break
        over = max(time, self.now) > promise.by
        raise self.end(Finding.BROKEN if over else Finding.NOT_YET, by=promise.by)


def _promise_key(entry: bytes, origin: str) -> str | None:
    if len(entry) < 2 or entry[1] != EntryType.VKEY:
        return None
    fields = parse(entry).fields
    if not isinstance(fields, VKey) or (fields.role, fields.action) != (ROLE_PROMISE, ADDED):
        return None
    try:
        name, _, _ = parse_vkey(fields.vkey)
    except LedgerError:  # of a later kind of key
        return None
    return fields.vkey if name == promise_name(origin) else None


@dataclass(frozen=True, slots=True)
class _Published:
    """The log's files at one size, read as an outsider reads them."""

    files: Files
    log_id: int
    size: int

    def tile(self, level: int, n: int) -> bytes | None:
        width = min(WIDTH, (self.size >> (HEIGHT * level)) - n * WIDTH)
        if width < 1:
            return None
        found = self._widest(tile_path(level, n, width), tile_path(level, n))
        return found[: width * HASH] if found else None

    def entries(self, first: int, end: int) -> Iterator[tuple[int, bytes]]:
        """LedgerError where a bundle is missing or too short."""
        for n in range(first // WIDTH, -(-end // WIDTH)):
            width = min(WIDTH, self.size - n * WIDTH)
            raw = self._widest(entries_path(n, width), entries_path(n))
            bundle = decode_bundle(raw or b"")
            if len(bundle) < width or any(len(entry) < 18 for entry in bundle):
                raise LedgerError(f"bundle {n} does not hold {width} entries")
            for at, entry in enumerate(bundle[:width], n * WIDTH):
                if first <= at < end:
                    yield at, entry

    def _widest(self, exact: str, full: str) -> bytes | None:
        """A partial file may go once its full one exists."""
        return self.files.read(self.log_id, exact) or self.files.read(self.log_id, full)
