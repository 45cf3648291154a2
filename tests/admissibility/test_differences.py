"""Two texts compared word by word: nothing invented, nothing left out, read as a person would."""

from __future__ import annotations

import time

from hypothesis import given, settings
from hypothesis import strategies as st

from admissibility.differences import Kind, Piece, changed, pieces, rows, sentences

OLD = "Open the library on Sundays. Many people work all week. Please act."
NEW = "Open the library on Sunday afternoons. Many people work all week. The town has two readers. Please act."
TEXTS = st.text(alphabet=st.sampled_from("ab é.!\n,'x "), max_size=80)


def joined(found, leave: Kind) -> str:
    return "".join(each.text for each in found if each.kind is not leave)


@given(TEXTS, TEXTS)
@settings(max_examples=200, deadline=None)
def test_both_texts_can_be_read_back_whatever_they_are(one, other):
    found = pieces(one, other)
    assert joined(found, Kind.IN) == one
    assert joined(found, Kind.OUT) == other
    sides = rows(one, other)
    assert "".join(p.text for row in sides for p in row.left) == one
    assert "".join(p.text for row in sides for p in row.right) == other


def test_the_same_text_has_no_difference():
    assert pieces(OLD, OLD) == (Piece(Kind.SAME, OLD),)
    assert changed(OLD, OLD) == 0
    assert all(row.same for row in rows(OLD, OLD))


def test_only_the_words_that_changed_are_marked():
    found = pieces(OLD, NEW)
    assert [each.text.strip() for each in found if each.kind is Kind.OUT] == ["Sundays"]
    assert [each.text.strip() for each in found if each.kind is Kind.IN] == [
        "Sunday afternoons",
        "The town has two readers.",
    ]
    assert changed(OLD, NEW) == 8


def test_a_sentence_put_in_does_not_push_the_next_one_aside():
    sides = rows(OLD, NEW)
    assert [row.same for row in sides] == [False, True, False, True]
    assert sides[2].left == ()
    assert sides[2].right[0].kind is Kind.IN


def test_several_small_changes_in_a_row_read_as_one():
    found = pieces("We ask the town, now.", "We beg a city; soon.")
    assert [each.kind for each in found] == [Kind.SAME, Kind.OUT, Kind.IN, Kind.SAME]


def test_a_long_text_without_any_sentence_is_compared_in_bounded_time():
    one, other = "word " * 12_000, "other " * 12_000
    start = time.process_time()
    assert joined(pieces(one, other), Kind.OUT) == other
    assert time.process_time() - start < 5


def test_thousands_of_short_lines_are_compared_in_bounded_time():
    one = "".join(f"a{n % 7} b{n}.\n" for n in range(4000))
    other = "".join(f"b{n} a{n % 5}.\n" for n in range(4000))
    start = time.process_time()
    assert joined(pieces(one, other), Kind.IN) == one
    assert time.process_time() - start < 5


def test_a_point_inside_an_address_or_a_number_ends_no_sentence():
    assert sentences("Write to a@b.example at 10.30 h. Then wait!\nYes.") == [
        "Write to a@b.example at 10.30 h. ", "Then wait!\n", "Yes.",
    ]  # fmt: skip
