"""Likeness: a number from 0 to 1 that puts the same demand first."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from admissibility.checks.likeness import (
    ALIKE,
    SAME,
    Neighbour,
    Stems,
    asked,
    likeness,
    signals,
)
from admissibility.checks.signal import PetitionText
from petitions.storage.word_forms import forms

words = st.text(max_size=120)


def stems(title: str, body: str = "", language: str = "en") -> Stems:
    return Stems(forms(title, language), forms(body, language))


def score(one: tuple[str, str], other: tuple[str, str], language: str = "en") -> float:
    return likeness(asked(*one, language), stems(*other, language)).score


@given(words, words, words, words)
def test_a_score_lies_between_nothing_and_the_same(a: str, b: str, c: str, d: str) -> None:
    assert 0.0 <= score((a, b), (c, d)) <= 1.0


def test_a_text_is_the_same_as_itself_and_unlike_another_matter() -> None:
    one = ("Open the library on Sundays", "We ask for Sunday opening of the library.")
    other = ("Plant trees in the schoolyard", "We ask for trees and shade at school.")
    assert score(one, one) == 1.0
    assert score(one, other) < ALIKE


def test_accents_capitals_order_and_endings_do_not_matter() -> None:
    one = "Fermer la place du Marché aux voitures le samedi"
    other = "SAMEDI : place du marche fermée aux voitures"
    assert score((one, ""), (other, ""), "fr") > 0.75


def test_a_paraphrase_ranks_above_a_petition_that_shares_a_common_word() -> None:
    text = ("Make school meals free", "Free meals for every child at school.")
    near = ("Free meals in schools", "Every child should eat at school for free.")
    far = ("Later start of the school day", "School should start at nine.")
    assert score(text, near) > score(text, far) + 0.2


def test_a_rare_word_in_common_counts_more_than_a_frequent_one() -> None:
    one = asked("Ban sky lanterns now", "", "en", {"ban": 0.5, "sky": 3.0, "lantern": 7.0})
    rare, frequent = stems("Lanterns are litter"), stems("Ban litter")
    assert likeness(one, rare).score > likeness(one, frequent).score


def test_the_words_in_common_are_told_as_their_author_wrote_them() -> None:
    one = asked("Ban sky lanterns", "They burn barns.", "en", {"lantern": 7.0, "burn": 5.0})
    found = likeness(one, stems("No lantern may burn", ""))
    assert found.shared == ("lanterns", "burn")


def test_zero_width_and_look_alike_letters_do_not_hide_a_copy() -> None:
    plain_text = ("Ban sky lanterns", "They kill cattle and burn barns.")
    tricky = ("B\u0430n sky lan\u200bterns", "They k\u0456ll cattle and burn b\u00adarns.")
    assert score(tricky, plain_text) == 1.0


@pytest.mark.parametrize(
    ("at", "codes"),
    [(SAME, {"near_identical"}), (ALIKE, {"similar_open"}), (ALIKE - 0.01, set())],
)
def test_signals_follow_the_two_thresholds(at: float, codes: set[str]) -> None:
    text = PetitionText("Open the library", "", "")
    assert {s.code for s in signals(text, [Neighbour("2026-0001", open=True, score=at)])} == codes


def test_ended_petitions_are_counted_apart() -> None:
    near = [Neighbour("1", open=True, score=0.5), Neighbour("2", open=False, score=0.5)]
    found = {s.code: s.facts for s in signals(PetitionText("Open", "", ""), near)}
    assert found == {"similar_open": {"petitions": 1}, "similar_closed": {"petitions": 1}}
