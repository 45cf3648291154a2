"""Entries of the log: version 01 || type || petition UUID || body, every body of a fixed shape.

Rules: the type codes make byte order the order of meaning (an opening before signatures, these
before withdrawals, counts after both, the batch border last), so a sorted batch can be checked by
anyone; a log-wide entry carries the zero UUID; an entry of an unknown type or another length is
refused, never skipped.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from enum import IntEnum
from types import MappingProxyType
from typing import TYPE_CHECKING, Annotated, Any, Final, get_args, get_type_hints
from uuid import UUID

from petitions.ledger.encoding import LedgerError, be2, be4, be8, exactly

if TYPE_CHECKING:
    from collections.abc import Mapping

VERSION: Final = 1
HEADER: Final = 18
LOG_WIDE: Final = UUID(int=0)
MAX_VKEY: Final = 2048


class EntryType(IntEnum):
    OPEN = 0x01
    TEXT = 0x02
    VKEY = 0x03
    SIGN = 0x10
    WITHDRAW = 0x18
    WITHDRAW_OPEN = 0x19
    INVALIDATE = 0x1A
    CLOSE = 0x20
    PAPER = 0x22
    CERTIFIED = 0x23
    DECLARED = 0x24
    COUNT = 0x28
    MILESTONE = 0x2A
    GEO = 0x2B
    SEAL = 0x30
    DESTROYED = 0x38
    ANSWER = 0x40
    NOTICE = 0x41
    BATCH = 0x7F


# The number is the width in bytes; numbers are big-endian, hashes SHA-256.
Byte = Annotated[int, 1]
Short = Annotated[int, 2]
Word = Annotated[int, 4]
Long = Annotated[int, 8]
Hash = Annotated[bytes, 32]
Tail = Annotated[str, 0]  # text up to the end of the body


@dataclass(frozen=True, slots=True)
class Open:
    text_hash: Hash
    rules_hash: Hash
    closes_at: Long  # seconds since the epoch


@dataclass(frozen=True, slots=True)
class Text:
    """Erratum: the petition's text in its next version."""

    version: Short
    text_hash: Hash


@dataclass(frozen=True, slots=True)
class VKey:
    role: Byte  # 1 log, 2 promise, 3 replica
    action: Byte  # 1 add, 0 retire
    vkey: Tail


@dataclass(frozen=True, slots=True)
class Sign:
    c: Hash


@dataclass(frozen=True, slots=True)
class Withdraw:
    w: Hash


@dataclass(frozen=True, slots=True)
class WithdrawOpen:
    index: Long


@dataclass(frozen=True, slots=True)
class Invalidate:
    index: Long
    reason: Short
    decision_hash: Hash


@dataclass(frozen=True, slots=True)
class Close:
    reason: Short  # 0 end date


@dataclass(frozen=True, slots=True)
class Paper:
    """Signatures on paper under one certificate; shown apart, never in COUNT."""

    certified: Long
    evidence_hash: Hash


@dataclass(frozen=True, slots=True)
class Certified:
    """Signatures given online that an authority looked at, and how many of them are valid."""

    examined: Long
    valid: Long
    evidence_hash: Hash


@dataclass(frozen=True, slots=True)
class Declared:
    """One area asks for a milestone's effect by itself: the way that is not made of signatures."""

    evidence_hash: Hash


@dataclass(frozen=True, slots=True)
class CountFields:
    collected: Long
    withdrawn: Long
    invalid: Long
    valid: Long


@dataclass(frozen=True, slots=True)
class Milestone:
    rule: Short  # position in the pinned rulebook
    threshold: Long
    valid: Long


@dataclass(frozen=True, slots=True)
class Geo:
    day: Word  # days since the epoch
    snapshot_hash: Hash


@dataclass(frozen=True, slots=True)
class Seal:
    """Final numbers, and an earlier checkpoint that holds the petition's last COUNT."""

    collected: Long
    withdrawn: Long
    invalid: Long
    valid: Long
    size: Long
    root: Hash


@dataclass(frozen=True, slots=True)
class Destroyed:
    replica: Short  # number in the published list
    statement_hash: Hash


@dataclass(frozen=True, slots=True)
class Answer:
    hash: Hash


@dataclass(frozen=True, slots=True)
class Notice:
    hash: Hash


@dataclass(frozen=True, slots=True)
class BatchBorder:
    number: Long  # from 1
    first: Long  # index of the batch's first entry
    entries: Word  # this one included
    time: Long  # seconds since the epoch


Fields = (
    Open | Text | VKey | Sign | Withdraw | WithdrawOpen | Invalidate | Close | Paper | Certified
    | Declared | CountFields | Milestone | Geo | Seal | Destroyed | Answer | Notice | BatchBorder
)  # fmt: skip
_SHAPES: Final[Mapping[EntryType, type[Fields]]] = MappingProxyType(
    {
        EntryType.OPEN: Open,
        EntryType.TEXT: Text,
        EntryType.VKEY: VKey,
        EntryType.SIGN: Sign,
        EntryType.WITHDRAW: Withdraw,
        EntryType.WITHDRAW_OPEN: WithdrawOpen,
        EntryType.INVALIDATE: Invalidate,
        EntryType.CLOSE: Close,
        EntryType.PAPER: Paper,
        EntryType.CERTIFIED: Certified,
        EntryType.DECLARED: Declared,
        EntryType.COUNT: CountFields,
        EntryType.MILESTONE: Milestone,
        EntryType.GEO: Geo,
        EntryType.SEAL: Seal,
        EntryType.DESTROYED: Destroyed,
        EntryType.ANSWER: Answer,
        EntryType.NOTICE: Notice,
        EntryType.BATCH: BatchBorder,
    }
)
_TYPES: Final = MappingProxyType({shape: kind for kind, shape in _SHAPES.items()})
_ITEMS: Final[Mapping[EntryType, tuple[tuple[type, int], ...]]] = MappingProxyType(
    {
        kind: tuple(get_args(hint) for hint in get_type_hints(shape, None, None, True).values())
        for kind, shape in _SHAPES.items()
    }
)
_LENGTHS: Final = MappingProxyType(
    {kind: sum(width for _, width in items) for kind, items in _ITEMS.items()}
)
_LOG_WIDE_ONLY: Final = frozenset({EntryType.VKEY, EntryType.BATCH})


@dataclass(frozen=True, slots=True)
class Entry:
    type: EntryType
    petition: UUID
    body: bytes
    fields: Fields


def entry(type: EntryType, petition: UUID, body: bytes) -> bytes:  # noqa: A002
    """The entry's bytes; LedgerError where the body's length or the UUID does not suit the type."""
    _check_petition(type, petition)
    _check_length(type, body)
    return bytes((VERSION, type)) + petition.bytes + body


def write(petition: UUID, fields: Fields) -> bytes:
    """The entry's bytes from its named fields; `parse` is the inverse."""
    kind = _TYPES[type(fields)]
    values = (getattr(fields, name) for name in fields.__dataclass_fields__)
    body = b"".join(
        _encode(value, width) for value, (_, width) in zip(values, _ITEMS[kind], strict=True)
    )
    return entry(kind, petition, body)


def parse(entry: bytes) -> Entry:
    """The one reading of these bytes; LedgerError at any other version, type or length."""
    if len(entry) < HEADER or entry[0] != VERSION:
        raise LedgerError("not an entry of version 1")
    try:
        kind = EntryType(entry[1])
    except ValueError as unknown:
        raise LedgerError(f"unknown entry type {entry[1]:#04x}") from unknown
    petition, body = UUID(bytes=entry[2:HEADER]), entry[HEADER:]
    _check_petition(kind, petition)
    return Entry(kind, petition, body, read_body(kind, body))


def read_body(type: EntryType, body: bytes) -> Fields:  # noqa: A002
    """The named fields of a body; LedgerError where its length does not suit the type."""
    _check_length(type, body)
    values: list[int | str | bytes] = []
    for kind, width in _ITEMS[type]:
        piece, body = (body[:width], body[width:]) if width else (body, b"")
        values.append(_decode(kind, piece))
    shape: Any = _SHAPES[type]
    fields: Fields = shape(*values)
    return fields


def leaf_hash(entry: bytes) -> bytes:
    """SHA-256(00 || entry), RFC 9162 2.1.1."""
    return hashlib.sha256(b"\x00" + entry).digest()


def _check_petition(kind: EntryType, petition: UUID) -> None:
    if kind != EntryType.NOTICE and (petition == LOG_WIDE) != (kind in _LOG_WIDE_ONLY):
        raise LedgerError(f"{kind.name} is not an entry of this UUID")


def _check_length(kind: EntryType, body: bytes) -> None:
    length = _LENGTHS[kind]
    if kind == EntryType.VKEY:
        if not length < len(body) <= length + MAX_VKEY:
            raise LedgerError("a verifier key is 1 to 2048 bytes of text")
    elif len(body) != length:
        raise LedgerError(f"body of {kind.name} is {length} bytes, not {len(body)}")


def _encode(value: int | str | bytes, width: int) -> bytes:
    if isinstance(value, int):
        return {1: _be1, 2: be2, 4: be4, 8: be8}[width](value)
    if isinstance(value, str):
        return value.encode()
    return exactly(width, value, "a field")


def _decode(kind: type, piece: bytes) -> int | str | bytes:
    if kind is int:
        return int.from_bytes(piece, "big")
    if kind is bytes:
        return piece
    try:
        return piece.decode()
    except UnicodeDecodeError as refused:
        raise LedgerError("text is not UTF-8") from refused


def _be1(n: int) -> bytes:
    if not 0 <= n <= 255:
        raise LedgerError(f"{n} does not fit 1 byte")
    return bytes((n,))
