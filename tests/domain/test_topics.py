"""Lists of topics: shared or an assembly's own, named in every language that is needed."""

from __future__ import annotations

import shutil
import tomllib
from pathlib import Path

import pytest

from petitions.domain.assembly import Assembly
from petitions.domain.assembly_files import read_assembly
from petitions.domain.rulebook import RulebookErrors
from petitions.domain.rulebook_files import load_directory
from petitions.domain.schema import Reading
from petitions.domain.topics import Topics, read_topics, target_of, topic_in
from tests.edited import RULEBOOKS

LIST = """
id = "small"
[topics]
health = { fr = "Santé", en = "Health", cy = "Iechyd" }
schools = { fr = "Écoles", en = "Schools" }
"""
COUNCIL = """
id = "council"
name = { fr = "Conseil" }
languages = ["fr"]
site_languages = ["fr", "en"]
zone = "Europe/Paris"
"""
OWN = COUNCIL + '[topics]\nstreets = { fr = "Rues", en = "Streets" }\n'


def a_list(text: str = LIST) -> tuple[Topics, list[str]]:
    source = tomllib.loads(text)
    reading = Reading("small.toml", source)
    return read_topics("small", source, reading), [str(each) for each in reading.errors()]


def a_council(text: str) -> tuple[Assembly, list[str]]:
    source = tomllib.loads(text)
    reading = Reading("council.toml", source)
    found = read_assembly("council", source, reading, {"small": a_list()[0]})
    return found, [str(each) for each in reading.errors()]


def test_a_shared_list_is_named_by_its_assemblies() -> None:
    council, errors = a_council(COUNCIL + 'topics = "small"\n')
    assert errors == []
    assert list(council.topics) == ["health", "schools"]
    assert council.topics["health"] == {"fr": "Santé", "en": "Health", "cy": "Iechyd"}


def test_an_assembly_may_have_a_list_of_its_own() -> None:
    council, errors = a_council(OWN)
    assert errors == []
    assert council.topics == {"streets": {"fr": "Rues", "en": "Streets"}}


def test_without_a_list_there_are_no_topics() -> None:
    council, errors = a_council(COUNCIL)
    assert (errors, council.topics) == ([], {})


@pytest.mark.parametrize(
    ("old", "new", "line"),
    [
        ('"small"', '"little"', "id must equal the file name 'small', got 'little'"),
        ("schools", '"Écoles"', "topics.Écoles must be an id of small letters"),
        (', en = "Schools"', ', English = "Schools"', "topics.schools.English must be a language"),
        ('fr = "Écoles"', "fr = 7", "topics.schools.fr must be a text, got 7"),
        ('{ fr = "Écoles", en = "Schools" }', "{}", "topics.schools must have a name in at least"),
        ('{ fr = "Écoles", en = "Schools" }', '"Schools"', "topics.schools must be a table"),
        ("[topics]", "[subjects]", "subjects is not a known key"),
        ("[topics]", "[subjects]", "topics must have at least one topic, got none"),
    ],
)
def test_a_faulty_list_is_refused_with_its_place(old: str, new: str, line: str) -> None:
    assert old in LIST
    _found, errors = a_list(LIST.replace(old, new))
    assert any(each.startswith(f"small.toml: {line}") for each in errors), errors


@pytest.mark.parametrize(
    ("text", "line"),
    [
        (COUNCIL + 'topics = "large"', "topics must be one of the lists ['small'], or a table"),
        (COUNCIL + "topics = 3", "topics must be a table"),
        (
            OWN.replace(', en = "Streets"', ""),
            "topics.streets must have a name of 'streets' in 'en'",
        ),
        (
            COUNCIL.replace('"en"]', '"en", "cy"]') + 'topics = "small"',
            "topics must have a name of 'schools' in 'cy'",
        ),
        (
            OWN.replace("streets", "s" * 53),
            f"topics.{'s' * 53} must have ids of at most 52 letters",
        ),
    ],
)
def test_an_assembly_is_told_what_its_topics_lack(text: str, line: str) -> None:
    _found, errors = a_council(text)
    assert any(each.startswith(f"council.toml: {line}") for each in errors), errors


def test_a_broken_list_stops_the_whole_shelf(tmp_path: Path) -> None:
    books = Path(shutil.copytree(RULEBOOKS, tmp_path / "books"))
    file = books / "topics" / "town.toml"
    file.write_text(file.read_text().replace('fr = "Animaux", ', ""))
    with pytest.raises(RulebookErrors) as refused:
        load_directory(books)
    said = [str(each) for each in refused.value.errors]
    assert "assemblies/valmont.toml: topics must have a name of 'animals' in 'fr'" in said


def test_every_assembly_on_the_shelf_has_a_good_list() -> None:
    library = load_directory(RULEBOOKS)
    for assembly in library.context.assemblies.values():
        spoken = {*assembly.site_languages, "en", "fr", "nl", "de"}
        assert 12 <= len(assembly.topics) <= 16, assembly.id
        for topic, names in assembly.topics.items():
            assert spoken <= set(names), (assembly.id, topic)
        for language in spoken:
            named = [names[language] for names in assembly.topics.values()]
            assert len(set(named)) == len(named), (assembly.id, language)


def test_a_followed_topic_is_read_back_as_it_was_written() -> None:
    assert topic_in(target_of("prb", "health")) == ("prb", "health")
