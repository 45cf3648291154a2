"""An assembly's own letters: they replace the engine's, and what is wrong with one is said before."""

from __future__ import annotations

from pathlib import Path

import pytest

from admissibility import own_letters
from admissibility.letter_samples import SAMPLE
from admissibility.letters import CODES, FACTS, render
from petitions.services.letter_fates import Fate
from petitions.web.letter_words import FATES, LETTERS

OWN = "Votre pétition {{ reference }} est arrivée\n\nBonjour,\n\n{{ title }}\n{% include '_foot.fr.txt' %}\n"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    place = tmp_path / "letters"
    (place / "valmont").mkdir(parents=True)
    return place


def write(folder: Path, name: str, text: str, assembly: str = "valmont") -> None:
    (folder / assembly).mkdir(exist_ok=True)
    (folder / assembly / name).write_text(text, encoding="utf-8")


def found(folder: Path) -> list[str]:
    return list(own_letters.faults(str(folder), ["valmont", "senat"]))


def test_an_assembly_replaces_a_letter_and_no_other_assembly_does(folder: Path) -> None:
    write(folder, "submitted.fr.txt", OWN)
    facts = {**SAMPLE, "assembly": "valmont"}
    assert (
        render("submitted", "fr", facts, str(folder)).subject
        == "Votre pétition 2026-0142 est arrivée"
    )
    elsewhere = {**SAMPLE, "assembly": "senat"}
    assert render("submitted", "fr", elsewhere, str(folder)) == render("submitted", "fr", elsewhere)
    assert render("refused", "fr", facts, str(folder)) == render("refused", "fr", facts)
    assert found(folder) == []
    assert own_letters.replaced(str(folder), "valmont") == {("submitted", "fr")}


def test_a_foot_of_its_own_stands_under_every_letter(folder: Path) -> None:
    write(folder, "_foot.fr.txt", "\nMairie de Valmont\n{{ author_link }}\n")
    facts = {**SAMPLE, "assembly": "valmont"}
    assert "Mairie de Valmont" in render("refused", "fr", facts, str(folder)).text
    assert found(folder) == []


@pytest.mark.parametrize(
    ("name", "text", "told"),
    [
        ("submitted.fr.txt", "{{ reference }}\n{{ refrence }} {{ author_link }}", "did you mean reference"),
        ("submitted.fr.txt", "{{ reference }}\n{{ reasons }} {{ author_link }}", "not known"),
        ("submitted.fr.txt", "{{ reference }}\n{% if %}", "line 2"),
        ("submited.fr.txt", OWN, "did you mean submitted"),
        ("submitted.txt", OWN, "no letter has this name"),
        ("submitted.fr.txt", "Sans numéro\n{{ author_link }}", "{{ reference }}"),
        ("submitted.fr.txt", "{{ reference }}\nSans adresse", "{{ author_link }}"),
        ("submitted.fr.txt", "{{ reference }}\n{{ ''.__class__.__mro__ }} {{ author_link }}", "render"),
    ],
)  # fmt: skip
def test_what_is_wrong_with_a_text_is_said_with_its_place(
    folder: Path, name: str, text: str, told: str
) -> None:
    write(folder, name, text)
    faults = found(folder)
    assert len(faults) == 1
    assert name in faults[0]
    assert told in faults[0]


def test_a_folder_for_nobody_and_a_missing_one_are_named(folder: Path, tmp_path: Path) -> None:
    write(folder, "submitted.fr.txt", OWN, "elsewhere")
    assert "elsewhere" in found(folder)[0]
    assert "is not a folder" in found(tmp_path / "nothing")[0]


def test_every_letter_has_sample_facts_a_name_and_every_fate_has_words() -> None:
    assert set(LETTERS) >= set(CODES)
    assert set(FATES) == set(Fate)
    for facts in FACTS.values():
        assert facts <= SAMPLE.keys()
