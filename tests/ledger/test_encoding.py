from __future__ import annotations

from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from petitions.ledger.encoding import LedgerError, be2, be4, be8, decimal, enc, exactly

LABELS = st.text(st.characters(max_codepoint=127), max_size=6)
SEQUENCES = st.tuples(LABELS, st.lists(st.binary(max_size=6), max_size=4))


def test_every_item_carries_its_length_in_four_bytes() -> None:
    assert enc("ab", b"", b"xyz") == b"\0\0\0\2ab\0\0\0\0\0\0\0\3xyz"


@given(SEQUENCES, SEQUENCES)
def test_two_sequences_share_their_bytes_only_if_equal(
    one: tuple[str, list[bytes]], other: tuple[str, list[bytes]]
) -> None:
    same = enc(one[0], *one[1]) == enc(other[0], *other[1])
    assert same == (one == other)


@given(SEQUENCES)
def test_an_encoding_can_be_read_back_in_one_way(sequence: tuple[str, list[bytes]]) -> None:
    rest, items = enc(sequence[0], *sequence[1]), []
    while rest:
        length = int.from_bytes(rest[:4], "big")
        items.append(rest[4 : 4 + length])
        rest = rest[4 + length :]
    assert items == [sequence[0].encode(), *sequence[1]]


def test_a_byte_moved_to_the_neighbouring_field_changes_the_encoding() -> None:
    assert enc("l", b"ab", b"c") != enc("l", b"a", b"bc") != enc("l", b"abc")


def test_a_label_outside_ascii_is_refused() -> None:
    with pytest.raises(LedgerError):
        enc("pétition/v1")


@pytest.mark.parametrize(("encode", "width"), [(be2, 2), (be4, 4), (be8, 8)])
def test_integers_fit_their_width_or_are_refused(
    encode: Callable[[int], bytes], width: int
) -> None:
    assert encode(0) == bytes(width)
    assert encode(258) == bytes(width - 2) + b"\1\2"
    assert encode(256**width - 1) == b"\xff" * width
    for wrong in (-1, 256**width):
        with pytest.raises(LedgerError):
            encode(wrong)


def test_a_wrong_length_is_reported_without_the_bytes() -> None:
    assert exactly(3, b"abc", "r") == b"abc"
    with pytest.raises(LedgerError, match=r"^r is 32 bytes, not 5$"):
        exactly(32, b"SECRE", "r")


@pytest.mark.parametrize(
    "text",
    [
        "",
        "00",
        "01",
        "+1",
        "-1",
        " 1",
        "1 ",
        "1_0",
        "\u0661",
        "\u00b2",
        "1e3",
        "9" * 21,
        "9" * 5000,
        str(2**64),
    ],
)
def test_a_number_has_one_spelling(text: str) -> None:
    with pytest.raises(LedgerError):
        decimal(text)


def test_numbers_up_to_eight_bytes_are_read() -> None:
    assert [decimal("0"), decimal("10"), decimal(str(2**64 - 1))] == [0, 10, 2**64 - 1]
