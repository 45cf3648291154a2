"""What the desk previews: invented letters, each whole and in one language."""

from __future__ import annotations

import itertools

import pytest

from admissibility.letter_samples import SAMPLE, sample_of
from admissibility.letters import CODES, languages, render

SPOKEN = [(code, lang) for code in CODES for lang in sorted(languages(code))]


@pytest.mark.parametrize(("code", "lang"), SPOKEN)
def test_a_sample_letter_holds_no_invented_sentence_of_another_language(
    code: str, lang: str
) -> None:
    letter = render(code, lang, {**sample_of(code, lang), "assembly": "valmont"})
    told = f"{letter.subject} {letter.text}"
    for other in {"en", "fr", "nl", "de"} - {lang}:
        foreign = sample_of(code, other)
        for fact in ("title", "reasons", "summary", "target_title"):
            assert str(foreign[fact]) not in told, (other, fact)


def test_every_language_of_the_letters_has_samples_of_its_own() -> None:
    facts = ("title", "points", "grounds", "reasons", "duties", "body", "summary", "outcome")
    for one, other in itertools.combinations(("en", "fr", "nl", "de"), 2):
        for fact in facts:
            assert sample_of("refused", one)[fact] != sample_of("refused", other)[fact], fact


def test_a_language_without_samples_of_its_own_is_told_the_common_ones() -> None:
    assert sample_of("refused", "xx") == SAMPLE


def test_a_letter_that_asks_for_supporters_asks_for_some() -> None:
    assert sample_of("sponsors_wanted", "nl")["sponsors_needed"] == 5
    assert sample_of("submitted", "nl")["sponsors_needed"] == 0
