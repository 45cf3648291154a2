"""Unambiguous encoding of labels and fields, and big-endian integers.

Rules: every item carries its length, so two different sequences of fields never share their bytes
(otherwise an attacker could move a byte from one field to its neighbour under the same hash); text
is UTF-8, never folded or normalised.
"""

from __future__ import annotations


class LedgerError(ValueError):
    """Bytes, text or numbers that the log's format does not allow. Never quotes a secret value."""


def enc(label: str, *fields: bytes) -> bytes:
    """Label and fields, each as 4-byte big-endian length || bytes. Injective."""
    try:
        first = label.encode("ascii")
    except UnicodeEncodeError as refused:
        raise LedgerError("a label is ASCII") from refused
    return b"".join(be4(len(item)) + item for item in (first, *fields))


def be2(n: int) -> bytes:
    """Two bytes, big-endian; LedgerError outside 0..2^16-1."""
    return _big_endian(n, 2)


def be4(n: int) -> bytes:
    """Four bytes, big-endian; LedgerError outside 0..2^32-1."""
    return _big_endian(n, 4)


def be8(n: int) -> bytes:
    """Eight bytes, big-endian; LedgerError outside 0..2^64-1."""
    return _big_endian(n, 8)


def exactly(length: int, value: bytes, name: str) -> bytes:
    """The value as it came; LedgerError (naming the field, not its bytes) at another length."""
    if len(value) != length:
        raise LedgerError(f"{name} is {length} bytes, not {len(value)}")
    return value


def decimal(text: str) -> int:
    """A number in ASCII digits without leading zeroes (C2SP); anything else is a LedgerError."""
    if not (text.isascii() and text.isdigit()) or (text[0] == "0" and text != "0"):
        raise LedgerError("not a decimal number without leading zeroes")
    if len(text) > len(str(2**64)):  # also keeps int() cheap on hostile input
        raise LedgerError("number too large")
    number = int(text)
    be8(number)
    return number


def _big_endian(n: int, width: int) -> bytes:
    try:
        return n.to_bytes(width, "big")
    except OverflowError as refused:
        raise LedgerError(f"{n} does not fit {width} bytes") from refused
