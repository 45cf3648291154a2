"""The words of every rulebook on the shelf stand in each language of the pages."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import replace
from pathlib import Path

import pytest

from petitions.domain.rulebook_files import load_directory
from petitions.domain.wording import Text

LIBRARY = load_directory(Path(__file__).resolve().parents[2] / "petitions" / "rulebooks")
WORDS = LIBRARY.context.wording.texts if LIBRARY.context.wording else {}
PAGES = ("en", "fr", "nl", "de")
FIELDS = ("title", "text", "reference", "appeal")

OWN_NAME = {
    "ajuntament-bcn": ("nl", "de"),
    "assemblee-nationale": ("nl", "de"),
    "bundestag": ("nl",),
    "ca-commons": ("nl", "de"),
    "senat": ("nl", "de"),
    "uk-commons": ("nl", "de"),
}
"""Assembly → languages in which it keeps the name it gives itself."""

Texts = Mapping[tuple[str, str, str, str], Text]


def lacking(texts: Texts, lang: str) -> Iterator[str]:
    """What English or French says and this language does not, where it says it: own or common."""
    for told in ("en", "fr"):
        for (language, book, noun, code), text in texts.items():
            if language == told:
                here = texts.get((lang, book, noun, code))
                for field in FIELDS:
                    if getattr(text, field) and not (here and getattr(here, field)):
                        yield f"{book or 'common'}: {noun}.{code}.{field}"


def numbers(words: str) -> list[str]:
    """Each number of a sentence, however its thousands are parted."""
    return sorted(re.findall(r"\d+", re.sub(r"(?<=\d)[.,\s](?=\d{3}\b)", "", words)))


@pytest.mark.parametrize("lang", PAGES)
def test_every_word_of_every_rulebook_stands_in_each_language_of_the_pages(lang: str) -> None:
    assert sorted(set(lacking(WORDS, lang))) == []


@pytest.mark.parametrize("field", FIELDS)
def test_a_missing_word_is_found_by_its_rulebook_and_its_code(field: str) -> None:
    key = ("nl", "town", "grounds", "duplicate")
    poorer = {**WORDS, key: replace(WORDS[key], **{field: ""})}
    assert set(lacking(poorer, "nl")) == {f"town: grounds.duplicate.{field}"}


@pytest.mark.parametrize("lang", ["fr", "nl", "de"])
def test_a_translation_tells_the_same_numbers_and_is_no_copy(lang: str) -> None:
    differing = []
    for (language, book, noun, code), english in WORDS.items():
        here = WORDS.get((lang, book, noun, code))
        if language != "en" or here is None:
            continue
        for field in FIELDS:
            one, other = getattr(english, field), getattr(here, field)
            if numbers(one) != numbers(other) or (field == "text" and one and one == other):
                differing.append((book, noun, code, one, other))
    assert differing == []


@pytest.mark.parametrize("assembly", sorted(LIBRARY.context.assemblies))
def test_an_assembly_and_its_bodies_are_named_in_each_language_of_the_pages(assembly: str) -> None:
    known = LIBRARY.assembly(assembly)
    unnamed = tuple(lang for lang in PAGES if lang not in known.names)
    assert unnamed == OWN_NAME.get(assembly, ())
    assert {known.name(lang) for lang in unnamed} <= {known.names[known.languages[0]]}
    assert [lang for lang in PAGES if lang not in known.called] == []
    bodies = [(body, lang) for body in known.bodies for lang in PAGES]
    assert [(body, lang) for body, lang in bodies if lang not in known.bodies[body]] == []


def test_areas_and_the_matters_of_other_bodies_are_named_in_each_language_of_the_pages() -> None:
    missing = [(f, lang) for f, a in LIBRARY.context.areas.items() for lang in {*PAGES} - {*a.noun}]
    for book, powers in LIBRARY.context.powers.items():
        for matter in powers.matters:
            told = {*matter.title} & {*matter.ask}
            missing += [(f"{book} {matter.code}", lang) for lang in {*PAGES} - told]
    assert missing == []
