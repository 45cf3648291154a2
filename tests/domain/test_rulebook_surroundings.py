"""Assemblies, areas, populations and wording: what a rulebook refers to is read as strictly."""

from __future__ import annotations

import tomllib
from datetime import date

import pytest

from petitions.domain.assembly_files import read_areas, read_assembly, read_population
from petitions.domain.calendar import DaySpan
from petitions.domain.schema import Reading
from petitions.domain.schema_shape import names_a_key
from petitions.domain.wording import read_wording

SENATE = """
id = "senate"
name = { fr = "Sénat", en = "Senate" }
languages = ["fr"]
zone = "Europe/Paris"
weekend = ["sunday"]
holidays = [2026-05-01]
recess = [{ from = 2026-07-01, to = 2026-09-30 }]
covers_until = 2026-12-31
[bodies]
bureau = { fr = "Bureau" }
"""
AREAS = """
id = "regions"
source = "census"
columns = ["population"]
[areas]
N = { name = "North", population = 10 }
"""
POPULATION = 'id = "wales"\nvalue = 3107494\nas_of = 2021-03-21\nsource = "Census 2021"\n'


def errors(read, name: str, text: str) -> list[str]:
    source = tomllib.loads(text)
    reading = Reading(f"{name}.toml", source)
    read(name, source, reading)
    return [str(error) for error in reading.errors()]


def test_an_assembly_gives_its_bodies_and_its_calendar():
    source = tomllib.loads(SENATE)
    senate = read_assembly("senate", source, Reading("senate.toml", source))
    assert senate.name("en") == "Senate"
    assert senate.name("de") == "Sénat"
    assert senate.body("bureau", "en") == "Bureau"
    assert senate.site_languages == ("fr",)
    assert senate.calendar.working(date(2026, 5, 2))
    assert not senate.calendar.working(date(2026, 5, 1))
    assert not senate.calendar.working(date(2026, 5, 3))
    assert senate.calendar.sitting_days is None
    assert senate.calendar.stopped(["recess"]) == (DaySpan(date(2026, 7, 1), date(2026, 9, 30)),)


def test_a_calendar_without_an_end_knows_nothing():
    text = SENATE.replace("covers_until = 2026-12-31\n", "")
    source = tomllib.loads(text)
    senate = read_assembly("senate", source, Reading("senate.toml", source))
    assert not senate.calendar.knows(date(2026, 1, 1))


@pytest.mark.parametrize(
    ("old", "new", "line"),
    [
        ('id = "senate"', 'id = "senat"', "id must equal the file name 'senate', got 'senat'"),
        ('["fr"]', "[]", "languages must have at least one entry, got []"),
        ('["fr"]', '["de"]', "name must have a name in 'de', got a table"),
        ('["sunday"]', '["dimanche"]', "weekend[0] must be one of monday"),
        ("[2026-05-01]", '["1 May"]', "holidays[0] must be a date such as 2026-01-15, got '1 May'"),
        ("[2026-05-01]", "2026-05-01", "holidays must be a list of dates, got 2026-05-01"),
        ("to = 2026-09-30", "to = 2026-06-30", "recess[0].to must not be before 2026-07-01"),
        ('bureau = { fr = "Bureau" }', 'bureau = "Bureau"', "bodies.bureau must be a table"),
        ('{ fr = "Bureau" }', '{ en = "Bureau" }', "bodies.bureau must have a name in 'fr'"),
        ("holidays", "holliday", "holliday is not a known key, did you mean 'holidays'?"),
    ],
)
def test_a_faulty_assembly_is_refused(old, new, line):
    assert old in SENATE
    found = errors(read_assembly, "senate", SENATE.replace(old, new))
    assert any(each.startswith(f"senate.toml: {line}") for each in found), found


@pytest.mark.parametrize(
    ("old", "new", "line"),
    [
        ("population = 10", "population = -1", "areas.N.population must be >= 0, got -1"),
        (", population = 10", "", "areas.N.population must be an integer >= 0, got none"),
        ("population = 10", "population = 10, x = 1", "areas.N.x is not a known key"),
        ('N = { name = "North", population = 10 }', "", "areas must have at least one area"),
        ('source = "census"', "", "source must be a text, got none"),
    ],
)
def test_a_faulty_area_table_is_refused(old, new, line):
    assert errors(read_areas, "regions", AREAS) == []
    found = errors(read_areas, "regions", AREAS.replace(old, new))
    assert any(each.startswith(f"regions.toml: {line}") for each in found), found


def test_a_population_has_a_day_and_a_source():
    assert errors(read_population, "wales", POPULATION) == []
    found = errors(read_population, "wales", 'id = "wales"\n')
    assert [line.split(" ")[1] for line in found] == ["value", "as_of", "source"]


def test_wording_has_a_title_and_no_unknown_key():
    source = tomllib.loads(
        '[grounds.x]\ntext = "why"\n[rulebooks.b.grounds.x]\ntittle = "a"\n[ground.y]\n'
    )
    reading = Reading("en.toml", source)
    read_wording("en", source, reading)
    assert [str(error) for error in reading.errors()] == [
        "en.toml: grounds.x.title must be a text, got none",
        "en.toml: rulebooks.b.grounds.x.tittle is not a known key, did you mean 'title'?",
        "en.toml: rulebooks.b.grounds.x.title must be a text, got none",
        "en.toml: ground is not a known key, did you mean 'grounds'?",
    ]


@pytest.mark.parametrize(
    "path",
    [
        "rulebook.valid_from",
        "signing.window",
        "calendar[0]",
        "calendar",
        "kinds.referendum.sponsors",
        "sponsors[0].unless.any[0].citizen_of",
        "milestones[0].threshold.values.norm",
        "kinds.x.filing.choices.effect[0].set.signing.window.length",
    ],
)
def test_a_path_to_confirm_may_lead_anywhere_in_the_schema(path):
    assert names_a_key(path)


@pytest.mark.parametrize(
    "path", ["", "x", "signing.windw", "rulebook.id.x", "signing..window", "sponsors[0].who.age"]
)
def test_a_path_to_confirm_must_lead_somewhere(path):
    assert not names_a_key(path)
