"""Signals that point at people: numbers, addresses, names, rude words; and at letters that deceive."""

from __future__ import annotations

import time

import pytest

from admissibility.checks import FormRules, PetitionText, examine
from admissibility.checks.check_digits import CHECKS
from admissibility.checks.national_numbers import found_in, kinds
from admissibility.checks.passages import marked, visible
from admissibility.checks.signal import Part

CALM = (
    "We ask the assembly to mend the bridge before next winter, because it is closed to everybody."
)


def found(words: str, language: str = "en") -> dict[str, int]:
    text = PetitionText("Mend the old bridge now", f"{CALM} {words} {CALM}", "", language)
    return {each.code: int(each.facts.get("places", 0)) for each in examine(text, FormRules())}


NUMBERS = [
    ("fr", "1 85 05 2A 006 084 35", "1 85 05 2A 006 084 36"),
    ("fr", "184127645108946", "184127645108947"),
    ("be", "85.07.30-033.28", "85.07.30-033.29"),
    ("be", "rijksregisternummer 85073003328", "rijksregisternummer 85073003327"),
    ("nl", "mijn BSN is 111222333", "mijn BSN is 111222334"),
    ("de", "Steuer-ID: 86 095 742 719", "Steuer-ID: 86 095 742 718"),
    ("uk", "AB 12 34 56 C", "GB 12 34 56 C"),
    ("es", "12345678Z", "12345678A"),
    ("es", "X1234567L", "X1234567M"),
    ("lv", "161175-19997", "161175-19998"),
    ("lv", "327650-12345", "161375-19997"),
    ("fi", "131052-308T", "131052-308U"),
    ("se", "811228-9874", "811228-9875"),
    ("pl", "PESEL 44051401359", "PESEL 44051401358"),
    ("ee-lt", "isikukood 37605030299", "isikukood 37605030298"),
    ("pt", "NIF 123456789", "NIF 123456788"),
    ("ch", "756.9217.0769.85", "756.9217.0769.86"),
    ("it", "RSSMRA85T10A562S", "RSSMRA85T10A562T"),
]


@pytest.mark.parametrize(("country", "right", "wrong"), NUMBERS)
def test_a_national_number_counts_only_with_right_check_digits(country, right, wrong):
    name = next(each.name for each in kinds() if each.code == country)
    assert [hit[2] for hit in found_in(f"Voici {right}, merci.")] == [name]
    assert name not in [hit[2] for hit in found_in(f"Voici {wrong}, merci.")]


@pytest.mark.parametrize(
    "harmless",
    [
        "The budget rose from 111222333 to 123456782 euros.",
        "Numéro d'entreprise 0123456789, facture 85073003328.",
        "Call 44051401359 people to the square in 2025.",
        "The report 86095742719 of the ministry says so.",
        "Between 2010-2015 and 161175 people signed.",
    ],
)
def test_a_plain_figure_is_never_an_identity_number(harmless: str) -> None:
    assert "national_number" not in found(harmless)


def test_every_arithmetic_of_the_table_is_used_and_known() -> None:
    used = {each.check for each in kinds()}
    assert used == set(CHECKS.values())


@pytest.mark.parametrize(
    "address",
    [
        "J'habite au 12 bis, rue des Lilas, 75020 Paris.",
        "au 4 avenue Jean Jaurès",
        "I live at 14 Acacia Avenue, SW1A 1AA.",
        "Ik woon in de Kerkstraat 12, 1017 GC Amsterdam.",
        "Ich wohne in der Hauptstraße 5a, 10115 Berlin.",
    ],
)
def test_a_street_address_is_pointed_at(address: str) -> None:
    assert found(address).get("postal_address") == 1


@pytest.mark.parametrize(
    "harmless",
    [
        "Créer 200 places de stationnement et 3 routes départementales.",
        "La rue des Lilas est trop bruyante depuis 2019.",
        "In Spring 2021 the council closed 3 roads.",
        "Die Bundesstraße 5 ist gesperrt.",
        "The door of 10 Downing Street was painted.",
        "De snelweg 12 is dicht.",
    ],
)
def test_a_street_without_a_house_is_left_in_peace(harmless: str) -> None:
    assert "postal_address" not in found(harmless)


@pytest.mark.parametrize(
    "named",
    [
        "Notre voisin M. Jean Dupont a coupé les arbres.",
        "Mme de La Tour refuse de répondre.",
        "Mr Smith of the shop next door shouted.",
        "Frau Müller-Lüdenscheidt hat das Haus verkauft.",
        "Mevrouw van der Berg wil niet.",
    ],
)
def test_a_private_person_who_is_named_is_pointed_at(named: str) -> None:
    assert found(named).get("private_person") == 1


@pytest.mark.parametrize(
    "public",
    [
        "M. Jean Dupont, maire de Valmont, a promis un pont.",
        "Le ministre M. Durand a refusé.",
        "Monsieur le Président, Madame la ministre, nous demandons.",
        "Madame, Monsieur, nous demandons.",
        "Mr Speaker should answer.",
        "The Prime Minister, Mr Brown, promised it.",
        "Frau Bundeskanzlerin Merkel hat es versprochen.",
        "Burgemeester mevrouw Jansen heeft het beloofd.",
    ],
)
def test_who_holds_an_office_may_be_named(public: str) -> None:
    assert "private_person" not in found(public)


def test_an_office_in_the_next_sentence_covers_nobody() -> None:
    assert "private_person" in found("Stop Mr Miller from cutting trees. The mayor knows it.")


@pytest.mark.parametrize(
    ("language", "rude", "calm"),
    [
        ("fr", "ces connards", "un débat sur l’imbécillité des règles"),
        ("en", "these morons", "the parking of lorries in Scunthorpe"),
        ("nl", "deze klootzakken", "het tuinhuis"),
        ("de", "diese Vollidioten", "das Gepäck"),
    ],
)
def test_rude_words_are_whole_words_of_the_language(language: str, rude: str, calm: str) -> None:
    assert "insult" in found(rude, language)
    assert "insult" not in found(calm, language)


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("turned \u202eround\u202c again", "direction_marks"),
        ("an\u200bd here", "unseen_characters"),
        ("the br\u0456dge", "mixed_alphabets"),
        ("\u0441\u043e\u0440 is a word", "foreign_alphabet_words"),
        ("\U0001d412\U0001d42d\U0001d428\U0001d429 it", "styled_letters"),
        ("a" + "\u0301" * 6 + " here", "heaped_marks"),
        ("nul\x00 byte", "control_characters"),
    ],
)
def test_letters_that_deceive_are_pointed_at(text: str, code: str) -> None:
    assert code in found(text)


@pytest.mark.parametrize(
    "honest",
    ["Ελληνικά και ελληνικά κείμενα", "Українська мова", "naïve café — “quoted” 50 %", "می‌خواهم"],
)
def test_honest_writing_of_other_alphabets_is_no_trick(honest: str) -> None:
    text = PetitionText(honest, honest * 5, "", "el")
    codes = {each.code for each in examine(text, FormRules())}
    assert not codes & {"mixed_alphabets", "foreign_alphabet_words", "unseen_characters"}


def test_marks_are_numbered_and_the_first_passage_of_each_signal_can_be_reached() -> None:
    text = PetitionText(
        "Call us today", "Call +33 6 12 34 56 78 or +33 6 12 34 56 79 or a@b.example", ""
    )
    signals = examine(text, FormRules())
    runs = list(marked(text.request, Part.REQUEST, signals))
    assert "".join(run.text for run in runs) == text.request
    numbers = {number for run in runs for number in run.numbers}
    firsts = [number for run in runs for number in run.first]
    assert sorted(firsts) == sorted(numbers)
    phone = 1 + [each.code for each in signals].index("phone_number")
    assert sum(phone in run.numbers for run in runs) == 2
    assert sum(phone in run.first for run in runs) == 1


def test_what_nobody_can_see_is_named_at_the_desk() -> None:
    assert visible("a\u202eb\n") == "a⟨U+202E⟩b\n"
    assert visible("می‌خواهم") == "می‌خواهم"


def test_a_hostile_text_is_read_in_bounded_time() -> None:
    start = time.process_time()
    for words in (
        "M. " + "de la " * 4000,
        "A " * 9000,
        "1 " * 9000,
        "12 rue de " * 2000,
        "a." * 9000,
    ):
        found(words)
    assert time.process_time() - start < 6
