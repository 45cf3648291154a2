"""u: the published vectors, and what must change it."""

from __future__ import annotations

import hmac
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from identity.encoding import enc
from identity.pseudonym import (
    DESIGNED_COST,
    StretchCost,
    identity_value,
    staff_value,
    stretched_key,
)

PEPPER = bytes(range(32))
PETITION = bytes.fromhex("00112233445566778899aabbccddeeff")
FIELDS: dict[str, Any] = {
    "deployment": "petitions.example.org",
    "realm": "FR",
    "context": PETITION,
    "namespace": "https://idp.example",
    "key": b"abc123",
}
U = "4316878f45e48fb122cdb799ccf593fec732ffcad4e74187f7b7e2576dda1f17"
CHEAP = StretchCost(memory_kib=64, passes=1)


def prf_of(pepper: bytes) -> Callable[[bytes], bytes]:
    return lambda message: hmac.digest(pepper, message, "sha256")


def test_u_is_the_published_vector() -> None:
    assert identity_value(prf_of(PEPPER), **FIELDS).hex() == U


VECTORS = [
    ({"realm": "BE"}, "a different realm"),
    ({"deployment": "petitions.example.com"}, "a different deployment"),
    ({"context": bytes(16)}, "a different petition"),
    ({"namespace": "https://idp.example/"}, "a slash is another namespace"),
    ({"key": b"ABC123"}, "a key is never folded"),
    ({"key": "e\u0301lise".encode()}, "a key is never normalised"),
]


@pytest.mark.parametrize(("changed", "_why"), VECTORS, ids=[why for _, why in VECTORS])
def test_u_changes_with_each_of_its_fields(changed: dict[str, Any], _why: str) -> None:
    value = identity_value(prf_of(PEPPER), **{**FIELDS, **changed})
    assert len(value) == 32
    assert value.hex() != U


def test_the_two_spellings_of_one_accent_are_two_persons() -> None:
    values = {
        identity_value(prf_of(PEPPER), **{**FIELDS, "key": text.encode()})
        for text in ("\u00e9lise", "e\u0301lise")
    }
    assert len(values) == 2


def test_an_empty_person_key_is_refused() -> None:
    with pytest.raises(ValueError, match="shared by everybody"):
        identity_value(prf_of(PEPPER), **{**FIELDS, "key": b""})
    with pytest.raises(ValueError, match="shared by everybody"):
        staff_value(prf_of(PEPPER), deployment="d", namespace="n", key=b"")


def test_a_context_of_another_length_is_refused() -> None:
    with pytest.raises(ValueError, match="16 bytes"):
        identity_value(prf_of(PEPPER), **{**FIELDS, "context": b"slug"})


def test_a_staff_key_is_never_a_signers_even_under_one_pepper() -> None:
    staff = staff_value(
        prf_of(PEPPER),
        deployment=FIELDS["deployment"],
        namespace=FIELDS["namespace"],
        key=b"abc123",
    )
    assert staff.hex() != U
    assert len(staff) == 32


@given(st.lists(st.binary(max_size=6), max_size=4), st.lists(st.binary(max_size=6), max_size=4))
def test_no_two_lists_of_fields_share_their_bytes(one: list[bytes], two: list[bytes]) -> None:
    assert (enc("label", *one) == enc("label", *two)) == (one == two)


def test_the_label_is_a_field_of_its_own() -> None:
    assert enc("ab", b"c") != enc("a", b"bc")
    assert enc("a", b"b") == b"\0\0\0\x01a\0\0\0\x01b"


def test_stretching_depends_on_pepper_realm_and_number() -> None:
    def stretch(pepper: bytes = PEPPER, realm: str = "BE", key: bytes = b"85073003328") -> bytes:
        return stretched_key(prf_of(pepper), realm=realm, key=key, cost=CHEAP)

    assert stretch() == stretch()
    assert len(stretch()) == 32
    others = {stretch(bytes(32)), stretch(realm="IT"), stretch(key=b"85073003329")}
    assert len(others | {stretch()}) == 4


def test_the_designed_cost_is_64_mebibytes_in_three_passes() -> None:
    assert (DESIGNED_COST.memory_kib, DESIGNED_COST.passes, DESIGNED_COST.lanes) == (65536, 3, 1)
