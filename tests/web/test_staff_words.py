"""Every code has its sentence, and every sentence of the office its French."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from admissibility.checks import FormRules, PetitionText, examine
from admissibility.checks.likeness import Neighbour, signals
from admissibility.criteria import Gap
from admissibility.review import DECISIONS, Standing
from petitions.domain.lifecycle import Action
from petitions.domain.vocabulary import Links
from petitions.platform.i18n import load_catalogues, read_catalogue, speaking
from petitions.web import staff_trail
from petitions.web import staff_words as words
from tests.web.extraction import ROOT, messages

LANGUAGES = load_catalogues(("en", "fr")).locales
LOUD = PetitionText(
    "STOP THE NOISE RIGHT NOW!!! libr\u0430ry " + "x" * 200,
    "Nous demandons que \u202e la \u200b mairie \x07 agisse pour les familles et les voisins dans la rue qui "
    "ne dorment pas avec ce bruit depuis des années: 06 12 34 56 78, a@example.org, DE89370400440532013000, "
    "1 85 05 78 006 084 91, https://bit.ly/a http://192.0.2.1/ " + "mot " * 3000,
    "",
    "en",
)
FRENCH = (
    "Nous demandons que la mairie agisse pour les familles et les voisins dans la rue qui ne "
    "dorment pas avec ce bruit depuis des années, sur les quais et dans le centre de la ville."
)


def sources() -> list[Path]:
    return [
        *sorted((ROOT / "templates" / "office").glob("*.html")),
        *sorted((ROOT / "petitions" / "web").glob("staff*.py")),
    ]


def test_every_sentence_of_the_office_is_translated() -> None:
    french = read_catalogue("fr")
    missing = []
    for each in messages(iter(sources())):
        found = french.get(each[0] if isinstance(each, tuple) else each)
        translated = found.string if found else ""
        parts = translated if isinstance(translated, tuple) else (translated,)
        if not all(parts):
            missing.append(each)
    assert missing == []


def test_a_translation_names_the_same_values_as_its_sentence() -> None:
    for message in read_catalogue("fr"):
        ids = message.id if isinstance(message.id, tuple) else (message.id,)
        strings = message.string if isinstance(message.string, tuple) else (message.string,)
        wanted = set(re.findall(r"%\((\w+)\)s", ids[-1]))
        for string in strings:
            assert set(re.findall(r"%\((\w+)\)s", string)) <= wanted | {"num"}, ids
            if len(ids) == 1:
                assert set(re.findall(r"%\((\w+)\)s", string)) == wanted, ids


@pytest.mark.parametrize("lang", LANGUAGES)
def test_every_signal_has_a_name_and_an_explanation(lang: str) -> None:
    near = [
        Neighbour("2026-0001", True, 0.9),
        Neighbour("2026-0002", True, 0.5),
        Neighbour("2026-0003", False, 0.5),
    ]
    raised = [
        *examine(LOUD, FormRules(links=Links.OFFICIAL)),
        *examine(LOUD, FormRules(links=Links.NONE)),
        *examine(LOUD, FormRules()),
        *examine(PetitionText("Oui", "", ""), FormRules()),
        *examine(PetitionText("Oui", FRENCH, "", "en"), FormRules()),
        *signals(LOUD, near),
    ]
    assert {signal.code for signal in raised} <= set(words.SIGNALS)
    with speaking(LANGUAGES[lang]):
        for signal in raised:
            for sentence in (words.signal_name(signal), words.signal_explained(signal)):
                assert sentence
                assert "%(" not in sentence


def test_the_office_has_words_for_every_signal_of_the_checks_and_for_no_other() -> None:
    sources = "".join(
        each.read_text(encoding="utf-8") for each in sorted((ROOT / "admissibility").rglob("*.py"))
    )
    named = set(re.findall(r'Signal\(\s*"(\w+)"', sources))
    chosen = set(re.findall(r'code = "(\w+)" if', sources)) | {"bars_while_open"}
    assert set(words.SIGNALS) == named | chosen


@pytest.mark.parametrize("lang", LANGUAGES)
def test_every_decision_standing_and_gap_has_its_words(lang: str) -> None:
    with speaking(LANGUAGES[lang]):
        for decision in DECISIONS:
            assert words.decision(decision)
            assert words.consequence(decision)
            assert words.decided(decision)
        for standing in Standing:
            assert words.standing(standing)
        for code in words.GAPS:
            assert "%(" not in words.gap(Gap(code, "x", "fr"))
        for code in words.REFUSALS:
            assert "%(" not in words.refusal(code, "A. Petit")


def test_every_action_of_the_lifecycle_has_its_line_in_the_trail() -> None:
    assert set(Action) <= set(staff_trail.ACTS)
