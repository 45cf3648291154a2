"""What a sentence calls an assembly: a town council is never told to be a parliament."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from babel.messages import pofile

from petitions.explaining.words import the_assembly
from petitions.platform.i18n import TRANSLATIONS, load_catalogues, speak
from tests.web.site import Site, build

NAMED = re.compile(
    r"\b(?:das|des|dem|vom|am|ein\w*|het|een|jed\w+|elk) parl[ae]ment(?:s|es)?\b", re.IGNORECASE
)
"""A parliament, with its article: the life of parliaments and the names of some are another matter."""


@pytest.fixture
def site(tmp_path: Path, database_uri: str) -> Iterator[Site]:
    made = build(tmp_path, database_uri)
    yield made
    made.close()


@pytest.mark.parametrize("lang", ["nl", "de"])
def test_no_sentence_of_the_catalogues_makes_every_assembly_a_parliament(lang: str) -> None:
    told = []
    for file in sorted((TRANSLATIONS / lang).glob("*.po")):
        with file.open("rb") as opened:
            for message in pofile.read_po(opened):
                texts = message.string if isinstance(message.string, tuple) else (message.string,)
                told += [text for text in texts if NAMED.search(text)]
    assert told == []


def test_a_sentence_takes_the_noun_of_the_assembly_it_is_about(site: Site) -> None:
    author = site.author()
    assert "What should the town council do?" in author.get("/en/start/new").text
    town = site.visitor().get("/fr/start?assembly=valmont").text
    assert "Une pétition demande que le conseil municipal agisse." in town
    senate = site.visitor().get("/fr/start?assembly=senat").text
    assert "Une pétition demande que le Sénat agisse." in senate


def test_a_page_about_several_assemblies_uses_the_common_noun(site: Site) -> None:
    assert "Ask the assembly to act" in site.visitor().get("/en/").text
    assert "Demandez que l’assemblée agisse" in site.visitor().get("/fr/").text


def test_an_assembly_without_a_noun_in_a_language_is_told_in_the_common_one(site: Site) -> None:
    library, catalogues = site.house.library, load_catalogues(("en", "fr", "nl", "de"))
    nameless = replace(library.assembly("valmont"), called={"de": "der Stadtrat"})
    poorer = replace(library, context=replace(library.context, assemblies={"valmont": nameless}))
    speak(catalogues.locale("de"))
    assert the_assembly(poorer, "valmont") == "der Stadtrat"
    speak(catalogues.locale("nl"))
    assert the_assembly(library, "valmont") == "de gemeenteraad"
    assert the_assembly(poorer, "valmont") == "de volksvertegenwoordiging"
