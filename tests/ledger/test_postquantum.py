"""ML-DSA-44 lines on checkpoints: the bytes of C2SP tlog-cosignature, and whom they convince."""

from __future__ import annotations

import hashlib

import pytest
from cryptography.hazmat.primitives.asymmetric.mldsa import MLDSA44PrivateKey

from petitions.ledger import postquantum as pq
from petitions.ledger.encoding import LedgerError
from petitions.ledger.notes import from_base64

NAME, ORIGIN, SIZE, ROOT = (
    "petitions.example.org/2026",
    "petitions.example.org/2026",
    300,
    b"r" * 32,
)
KEY = MLDSA44PrivateKey.from_seed_bytes(bytes(range(32)))
PUBLIC = KEY.public_key().public_bytes_raw()


def stamped(**changed: object) -> bytes:
    asked = {"name": NAME, "timestamp": 1_800_000_000, "origin": ORIGIN, "size": SIZE, "root": ROOT}
    line = pq.signature_line(**{**asked, **changed}, sign=KEY.sign, public=PUBLIC)  # type: ignore[arg-type]
    assert line.startswith(f"— {NAME} ")
    assert line.endswith("\n")
    return from_base64(line.strip().split(" ")[2])


def test_the_signed_message_has_the_fields_of_the_specification() -> None:
    message = pq.cosigned_message("ab", 258, "c", 3, ROOT)
    assert message == (
        b"subtree/v1\n\x00" + b"\x02ab" + (258).to_bytes(8, "big") + b"\x01c"
        + (0).to_bytes(8, "big") + (3).to_bytes(8, "big") + ROOT
    )  # fmt: skip


def test_a_line_carries_the_key_id_the_time_and_the_signature() -> None:
    blob = stamped()
    wanted = hashlib.sha256(NAME.encode() + b"\n\x06" + PUBLIC).digest()[:4]
    assert blob[:4] == wanted == pq.key_id(NAME, PUBLIC)
    assert int.from_bytes(blob[4:12], "big") == 1_800_000_000
    assert len(blob) == 4 + 8 + 2420
    assert pq.verify(NAME, ORIGIN, SIZE, ROOT, blob[4:], PUBLIC)


@pytest.mark.parametrize("place", [0, 7, 8, 1000, 2427])
def test_one_altered_byte_convinces_nobody(place: int) -> None:
    blob = bytearray(stamped()[4:])
    blob[place] ^= 1
    assert not pq.verify(NAME, ORIGIN, SIZE, ROOT, bytes(blob), PUBLIC)


def test_another_tree_log_or_signer_convinces_nobody() -> None:
    good = stamped()[4:]
    assert not pq.verify(NAME, ORIGIN, SIZE + 1, ROOT, good, PUBLIC)
    assert not pq.verify(NAME, ORIGIN, SIZE, b"s" * 32, good, PUBLIC)
    assert not pq.verify(NAME, "other/2026", SIZE, ROOT, good, PUBLIC)
    assert not pq.verify("witness", ORIGIN, SIZE, ROOT, good, PUBLIC)
    assert not pq.verify(NAME, ORIGIN, SIZE, ROOT, good[:-1], PUBLIC)
    other = MLDSA44PrivateKey.from_seed_bytes(bytes(32)).public_key().public_bytes_raw()
    assert not pq.verify(NAME, ORIGIN, SIZE, ROOT, good, other)


def test_a_verifier_key_is_read_back_and_an_altered_one_is_not() -> None:
    text = pq.vkey(NAME, PUBLIC)
    assert pq.parse_vkey(text) == (NAME, pq.key_id(NAME, PUBLIC), PUBLIC)
    for wrong in (text[:-4], text.replace("2026", "2027"), "a+b", text.replace("+", "-", 1)):
        with pytest.raises(LedgerError):
            pq.parse_vkey(wrong)


def test_a_key_store_that_signs_with_another_key_is_caught() -> None:
    other = MLDSA44PrivateKey.from_seed_bytes(bytes(32))
    with pytest.raises(LedgerError, match="not by the named key"):
        pq.signature_line(NAME, 1, ORIGIN, SIZE, ROOT, other.sign, PUBLIC)
