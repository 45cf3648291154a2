from __future__ import annotations

import base64
import hashlib
import hmac

import pytest
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from petitions.ledger import commitments as com
from petitions.ledger.encoding import LedgerError, enc
from tests.ledger.memory import DEPLOYMENT, ORIGIN, R_W, SALT, C, P, Q, R, U

TAG = bytes.fromhex("1a66eadfd240d981aabf8f7e4831dbfa8ee6f84b80a8687af265e93e137de475")
NONCE = bytes(range(12))


def test_vector_of_u_agrees_with_the_encoding() -> None:
    fields = [DEPLOYMENT.encode(), b"FR", P.bytes, b"https://idp.example", b"abc123"]
    message = enc("petition/identity/v1", *fields)
    assert hmac.digest(bytes(range(32)), message, "sha256") == U


def test_vector_of_the_tag() -> None:
    assert com.tag(SALT, U) == TAG


def test_vector_of_the_link_key() -> None:
    expected = "41b5ba42a4f35ec6eceda41d0a477dbba18f032686a712d0a624d1f13214c154"
    assert com.link_key(SALT, U).hex() == expected


def test_vector_of_the_commitment() -> None:
    assert com.commitment(ORIGIN, P, R) == C


def test_vector_of_the_withdrawal() -> None:
    expected = "9ce7f7dc96ded0756e61e7dc79df81cb7cef8327e7c78c91674d39cee0b58f60"
    assert com.withdrawal_commitment(ORIGIN, P, 7, R_W).hex() == expected


def test_vector_of_the_mark() -> None:
    expected = "9572165bc751e04c2c2bb6592178220d5c8472320e7f0deeb5b8dfd360caa715"
    assert com.mark(SALT, C).hex() == expected


def test_vector_of_the_nonce_that_binds_a_login_to_an_act() -> None:
    bound = hashlib.sha256(enc("petition/oidc-nonce/v1", P.bytes, C, bytes(range(0x80, 0xA0))))
    expected = b"Yrq9i841xJlRaDR37JJ0BUeaSYaQc3pE2g2DfrByEKk"
    assert base64.urlsafe_b64encode(bound.digest()).rstrip(b"=") == expected


def test_a_link_opens_to_the_commitment_it_was_made_of() -> None:
    link = com.seal_link(SALT, U, P, TAG, C, NONCE)
    assert len(link) == 60
    assert link[:12] == NONCE
    assert com.open_link(SALT, U, P, TAG, link) == C


def test_a_link_is_aes_gcm_under_the_link_key_bound_to_petition_and_tag() -> None:
    link = com.seal_link(SALT, U, P, TAG, C, NONCE)
    key = AESGCM(com.link_key(SALT, U))
    assert key.decrypt(NONCE, link[12:], enc("petition/link/v1", P.bytes, TAG)) == C


@pytest.mark.parametrize("change", ["salt", "person", "petition", "tag"])
def test_a_link_moved_elsewhere_does_not_open(change: str) -> None:
    link = com.seal_link(SALT, U, P, TAG, C, NONCE)
    salt = bytes(32) if change == "salt" else SALT
    u = bytes(32) if change == "person" else U
    petition = Q if change == "petition" else P
    tag = bytes(32) if change == "tag" else TAG
    assert com.open_link(salt, u, petition, tag, link) is None


@pytest.mark.parametrize("at", range(0, 60, 7))
def test_an_altered_link_does_not_open(at: int) -> None:
    link = bytearray(com.seal_link(SALT, U, P, TAG, C, NONCE))
    link[at] ^= 1
    assert com.open_link(SALT, U, P, TAG, bytes(link)) is None


@pytest.mark.parametrize("length", [0, 12, 28, 59, 61])
def test_a_link_of_another_length_does_not_open(length: int) -> None:
    link = com.seal_link(SALT, U, P, TAG, C, NONCE) + b"\0"
    assert com.open_link(SALT, U, P, TAG, link[:length]) is None


def test_a_tag_has_a_message_of_exactly_32_bytes_so_no_other_use_can_pass_as_one() -> None:
    for other in (b"", U[:31], U + b"\0", enc("petition/link-key/v1", U)):
        with pytest.raises(LedgerError):
            com.tag(SALT, other)


@pytest.mark.parametrize("salt", [b"", bytes(31), bytes(33)])
def test_a_salt_of_another_length_is_refused(salt: bytes) -> None:
    with pytest.raises(LedgerError):
        com.tag(salt, U)
    with pytest.raises(LedgerError):
        com.mark(salt, C)


def test_a_nonce_or_a_commitment_of_another_length_is_refused() -> None:
    with pytest.raises(LedgerError):
        com.seal_link(SALT, U, P, TAG, C, bytes(16))
    with pytest.raises(LedgerError):
        com.seal_link(SALT, U, P, TAG, C[:31], NONCE)


def test_a_commitment_depends_on_log_petition_and_r() -> None:
    found = {
        com.commitment(ORIGIN, P, R),
        com.commitment(ORIGIN + "x", P, R),
        com.commitment(ORIGIN, Q, R),
        com.commitment(ORIGIN, P, R_W),
    }
    assert len(found) == 4


def test_a_withdrawal_depends_on_log_petition_index_and_secret() -> None:
    found = {
        com.withdrawal_commitment(ORIGIN, P, 7, R_W),
        com.withdrawal_commitment(ORIGIN + "x", P, 7, R_W),
        com.withdrawal_commitment(ORIGIN, Q, 7, R_W),
        com.withdrawal_commitment(ORIGIN, P, 8, R_W),
        com.withdrawal_commitment(ORIGIN, P, 7, R),
    }
    assert len(found) == 5


def test_a_mark_takes_both_kinds_of_signature_body_and_no_other() -> None:
    assert com.mark(SALT, bytes(36)) != com.mark(SALT, bytes(32))
    for length in (0, 31, 33, 35, 37):
        with pytest.raises(LedgerError):
            com.mark(SALT, bytes(length))


def test_an_opening_is_68_bytes_when_wrapped() -> None:
    assert com.opening_plain(7, R_W) == (7).to_bytes(8, "big") + R_W
    assert 12 + len(com.opening_plain(7, R_W)) + 16 == 68


def test_wrapping_contexts_name_petition_and_row() -> None:
    assert com.salt_aad(DEPLOYMENT, P, "k1") == enc(
        "petition/salt/v1", b"petitions.example.org", P.bytes, b"k1"
    )
    assert com.opening_aad(P, C) == enc("petition/opening/v1", P.bytes, C)
