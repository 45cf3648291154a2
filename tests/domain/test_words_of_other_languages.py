"""A site may speak a language in which an assembly's rules were never written."""

from __future__ import annotations

from pathlib import Path

import pytest

from petitions.domain.rulebook_files import load_directory

LIBRARY = load_directory(Path(__file__).resolve().parents[2] / "petitions" / "rulebooks")


def test_a_reader_of_another_language_is_told_in_english_and_never_a_code() -> None:
    told = LIBRARY.told("council_answer", "it", noun="duties", rulebook="town")
    assert told == LIBRARY.wording("council_answer", "en", noun="duties", rulebook="town")
    with pytest.raises(KeyError):
        LIBRARY.wording("council_answer", "it", noun="duties", rulebook="town")


def test_words_that_exist_are_told_in_the_language_asked_for() -> None:
    own = LIBRARY.told("council_answer", "de", noun="duties", rulebook="town")
    assert own.title == "Antwort des Stadtrats"


def test_a_code_without_words_is_an_error_in_every_language() -> None:
    with pytest.raises(KeyError):
        LIBRARY.told("no-such-code", "de", noun="duties")
