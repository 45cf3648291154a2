"""Catalogues of matters that are another body's business: read strictly, matched with care."""

from __future__ import annotations

import shutil
import tomllib
from pathlib import Path

import pytest

from admissibility.checks import powers
from admissibility.checks.signal import PetitionText
from petitions.domain.powers import Powers, read_powers
from petitions.domain.rulebook_files import load_directory
from petitions.domain.schema import Reading, RulebookErrors

SHIPPED = Path(__file__).resolve().parents[2] / "petitions" / "rulebooks"
FILE = """
ground = "outside-competence"
[matters.schools]
title = { en = "Secondary schools", fr = "Lycées" }
ask = { en = "the Region", fr = "la Région" }
words.en = ["secondary school*", "curriculum"]
words.fr = ["lycée*", "programmes scolaires"]
"""


def read(text: str) -> tuple[Powers, list[str]]:
    source = tomllib.loads(text)
    reading = Reading("powers/test.toml", source)
    found = read_powers(source, reading)
    return found, [str(error) for error in reading.errors()]


def signals(title: str, request: str = "", reasons: str = "", language: str = "en"):
    catalogue, errors = read(FILE)
    assert errors == []
    return list(powers.signals(PetitionText(title, request, reasons, language), catalogue, "fr"))


def test_a_word_of_the_title_points_at_the_body_to_ask() -> None:
    (found,) = signals("More Secondary  Schools for the valley")
    assert found.code == "outside_powers"
    assert found.facts == {"matter": "Lycées", "body": "la Région", "ground": "outside-competence"}
    assert [(span.start, span.end) for span in found.spans] == [(5, 23)]


def test_a_signal_that_was_kept_is_told_again_in_the_language_of_its_reader() -> None:
    catalogue, _errors = read(FILE)
    (kept,) = signals("More secondary schools for the valley")
    told = powers.retold(kept, [Powers(), catalogue], "en")
    assert told.facts == {**kept.facts, "matter": "Secondary schools", "body": "the Region"}
    assert told.spans == kept.spans
    assert powers.retold(told, [catalogue], "fr") == kept


def test_a_signal_that_no_catalogue_knows_any_more_stays_as_it_was_kept() -> None:
    (kept,) = signals("More secondary schools for the valley")
    assert powers.retold(kept, [Powers()], "en") == kept


def test_accents_and_case_do_not_hide_a_word() -> None:
    assert signals("Un LYCEE à Valmont", language="fr")
    assert signals("Les programmes scolaires", language="fr")


@pytest.mark.parametrize(
    ("title", "reasons", "language"),
    [
        ("Mend the bridge", "A curriculum is a good thing.", "en"),
        ("A curricular question", "", "en"),
        ("Un lycée à Valmont", "", "en"),
        ("Mend the bridge", "curriculum, curriculum, curriculum", "en"),
        ("Ein Gymnasium für Valmont", "", "de"),
    ],
)
def test_an_example_in_the_reasons_or_another_word_says_nothing(title, reasons, language) -> None:
    assert signals(title, reasons=reasons, language=language) == []


def test_two_different_words_of_the_reasons_are_enough() -> None:
    assert signals("Mend it", reasons="The curriculum of secondary schools is to be changed.")


@pytest.mark.parametrize(
    ("change", "told"),
    [
        (("words.en", "wrods.en"), "not a known key"),
        (('"curriculum"', '"*"'), "at least 3 letters"),
        (('"curriculum"', '"cur*um"'), "a star only at its end"),
        (('en = "the Region", ', ""), "must say whom to ask in 'en'"),
        (('en = "Secondary schools", ', ""), "must have a title in 'en'"),
    ],
)
def test_a_wrong_catalogue_is_refused_with_its_place(change: tuple[str, str], told: str) -> None:
    _found, errors = read(FILE.replace(*change))
    assert any(told in error for error in errors), errors


def test_every_shipped_catalogue_belongs_to_a_rulebook_and_points_at_its_ground() -> None:
    library = load_directory(SHIPPED)
    assert {"town", "fr-senat", "uk-parliament"} <= set(library.context.powers)
    for book, catalogue in library.context.powers.items():
        versions = library.rulebooks[book]
        grounds = {
            g for kind in versions[-1].kinds.values() for g in kind.admissibility.grounds.every
        }
        assert catalogue.ground in grounds


def test_a_catalogue_without_its_rulebook_or_ground_is_refused_at_load(tmp_path: Path) -> None:
    shutil.copytree(SHIPPED, tmp_path / "books")
    place = tmp_path / "books" / "powers"
    (place / "nowhere.toml").write_text(FILE)
    (place / "town.toml").write_text(FILE.replace("outside-competence", "no-such-ground"))
    with pytest.raises(RulebookErrors) as refused:
        load_directory(tmp_path / "books")
    told = str(refused.value)
    assert "powers/nowhere.toml" in told
    assert "powers/town.toml" in told
