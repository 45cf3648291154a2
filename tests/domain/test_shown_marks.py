"""The mark of a form: what it was made from, and when a save would replace what nobody saw."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as some

from petitions.domain.shown import Shown, compare, digest

EMPTY = {"title": "A bus", "reasons": "", "topic": ""}
LATE = {**EMPTY, "reasons": "It is late."}
FULL = {**EMPTY, "reasons": "It is full."}
NAMES = some.sampled_from(["title", "choice-window", "birth_date", "also"])
FIELDS = some.dictionaries(NAMES, some.text(max_size=20), max_size=4)


def of(fields):
    return Shown.of(1_772_000_000, fields)


@given(some.integers(min_value=0, max_value=10**11 - 1), FIELDS)
def test_a_mark_is_read_back_as_it_was_written(at, fields):
    mark = Shown.of(at, fields)
    assert Shown.parse(str(mark)) == mark
    assert all(mark.showed(name, value) for name, value in fields.items())


def test_the_same_words_in_two_fields_have_two_digests():
    assert digest("title", "A bus") != digest("reasons", "A bus")
    assert digest("title", "A bus") != digest("title", "A bus ")


@pytest.mark.parametrize(
    "text",
    ["", "x.y", f"-1.a={'a' * 16}", f"1.a={'A' * 16}", f"1.a={'a' * 15}", f"1.a={'a' * 16}\n",
     f"{'9' * 12}", "\u0661", f"1.\u00e9={'a' * 16}", "1" + f".a={'a' * 16}" * 250],
)  # fmt: skip
def test_what_this_site_did_not_write_is_no_mark(text):
    assert Shown.parse(text) is None


def test_a_form_that_shows_what_is_stored_may_replace_it():
    found = compare(of(LATE), LATE, FULL)
    assert (found.mine, found.there, found.unseen) == (("reasons",), (), ())


def test_a_form_made_before_another_save_replaces_nothing():
    assert compare(of(EMPTY), FULL, LATE).unseen == ("reasons",)
    assert compare(of(LATE), FULL, EMPTY).unseen == ("reasons",), "nor does it empty what is new"


def test_saving_the_same_words_twice_is_no_conflict():
    for mark in (of(EMPTY), None):
        found = compare(mark, LATE, LATE)
        assert found.mine == found.there == found.unseen == ()


def test_what_was_changed_elsewhere_alone_is_told_from_what_was_changed_here():
    stored = {**FULL, "topic": "parks"}
    found = compare(of(EMPTY), stored, LATE)
    assert found.mine == ("reasons",)
    assert found.there == ("topic",), "nobody touched it in this form"
    assert set(found.unseen) == {"reasons", "topic"}


def test_two_forms_that_change_different_fields_meet_without_loss():
    stored = {**EMPTY, "topic": "parks"}
    found = compare(of(EMPTY), stored, LATE)
    assert (found.mine, found.there, found.unseen) == (("reasons",), ("topic",), ("topic",))


def test_a_form_without_a_mark_fills_what_is_empty_and_replaces_nothing():
    assert compare(None, EMPTY, LATE).unseen == ()
    assert compare(None, LATE, FULL).unseen == ("reasons",)
    assert compare(None, LATE, EMPTY).mine == ("reasons",)


@given(FIELDS, FIELDS, FIELDS)
def test_no_save_replaces_a_word_that_its_form_did_not_show(made_from, before, after):
    found = compare(of(made_from), before, after)
    for name in {*before, *after} - set(found.unseen):
        stored = before.get(name, "")
        assert stored in {after.get(name, ""), made_from.get(name, "")}
