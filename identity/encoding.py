"""One encoding for everything that is hashed, so that no two different inputs share their bytes."""

from __future__ import annotations


def enc(label: str, *fields: bytes) -> bytes:
    """Label, then fields, each as 4-byte big-endian length and bytes.

    The label is ASCII and keeps the uses of one key apart; a field is at most 2**32 - 1 bytes.
    """
    parts = (label.encode("ascii"), *fields)
    return b"".join(len(part).to_bytes(4, "big") + part for part in parts)
