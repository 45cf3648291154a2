"""The map of signatures: published figures only, told in words and in a table, light enough."""

from __future__ import annotations

import gzip
import json
import re
from html import unescape
from pathlib import Path

import pytest
from msgspec.structs import replace as changed

from petitions import doctor_share
from petitions.area_outlines import MOST_BYTES, outlines_of
from petitions.domain.errors import ConfigurationError
from tests.house import RULEBOOKS, shipped_library
from tests.sharing.conftest import map_of

FIGURES = {"29": 120, "75": 2160, "13": 400, "59": 260, "974": 80}


@pytest.fixture
def html(site, trains) -> str:
    site.later(days=3)
    site.count(trains, 2500, 3200)
    map_of(site, trains, FIGURES)
    return str(site.visitor().get(f"/en/petitions/{trains}/map").text)


def test_the_map_shows_each_area_with_its_rate_and_says_so_in_words(html):
    shapes = re.findall(r"<path d=\"(M[^\"]+)\"><title>([^<]+)</title>", html)
    assert len(shapes) == 96
    told = dict((unescape(title).split(": ", 1)) for _path, title in shapes)
    assert told["Finistère"] == "120 signatures, 1.32 per 10,000"
    assert told["Ain"] == "fewer than 10"
    label = re.search(r'role="img" aria-label="([^"]+)"', html)
    assert label
    assert "Highest: Paris, 2,160 signatures" in unescape(label[1])
    assert "fewer than 10 signatures" in html
    assert "Not on the map, but in the table" in html
    assert "La Réunion" in html
    assert "IGN GEOFLA" in html


def test_positions_are_attributes_and_the_page_is_light(html):
    assert " style=" not in html
    assert "<style" not in html
    drawing = re.search(r'<svg class="map".*?</svg>', html, re.DOTALL)
    assert drawing
    assert len(gzip.compress(drawing[0].encode())) <= 15_000
    assert len(gzip.compress(html.encode())) <= 25_000


def test_every_area_stands_in_the_table_and_the_file_for_programs(site, trains, html):
    assert html.count('<th scope="row">') == 101
    content = json.loads(site.visitor().get(f"/petitions/{trains}/areas.json").text)
    told = {row["area"]: row["signatures"] for row in content["areas"]}
    assert {area: number for area, number in told.items() if number} == FIGURES
    table = site.visitor().get(f"/petitions/{trains}/areas.csv").text
    assert "29,Finistère,120,10,906554" in table


def test_before_the_first_map_there_is_no_figure_and_no_drawing(site, trains):
    page = site.visitor().get(f"/en/petitions/{trains}/map").text
    assert "from 500 signatures on" in page
    assert '<svg class="map"' not in page
    assert site.visitor().get(f"/petitions/{trains}/areas.json").status_code == 404
    bus = site.publish()
    assert site.visitor().get(f"/en/petitions/{bus}/map").status_code == 404, "its rules know none"


def test_a_petition_page_with_a_map_stays_within_its_budget(site, trains, html):
    visitor = site.visitor()
    answer = visitor.get(f"/en/petitions/{trains}")
    assert f'href="/en/petitions/{trains}/map"' in answer.text
    linked = set(re.findall(r'(?:src|href)="(/static/[^"]+)"', answer.text))
    weights = [len(gzip.compress(part)) for part in
               (answer.data, *(visitor.get(each).data for each in linked))]  # fmt: skip
    assert sum(weights) <= 25_000
    assert len(weights) <= 6
    assert "Set-Cookie" not in answer.headers
    loaded = re.findall(
        r'<(?:script|img|iframe|link)[^>]+(?:src|href)="(https?:[^"]+)"', answer.text
    )
    assert {each.split("/")[2] for each in loaded} <= {"127.0.0.1:8000"}


def test_a_drawing_that_does_not_fit_its_table_stops_the_start_with_a_sentence(
    settings, tmp_path: Path
):
    library = shipped_library()
    place = tmp_path / "own"
    (place / "maps").mkdir(parents=True)
    own = changed(settings, rulebooks=changed(settings.rulebooks, directory=str(place)))
    with pytest.raises(ConfigurationError, match="cannot read"):
        outlines_of(own, library)
    file = place / "maps" / "fr-departements.geojson"
    file.write_text("{}", encoding="utf-8")
    with pytest.raises(ConfigurationError, match="is no GeoJSON FeatureCollection"):
        outlines_of(own, library)
    text = (RULEBOOKS / "maps" / file.name).read_text(encoding="utf-8")
    file.write_text(text.replace('"code":"29"', '"code":"XX"'), encoding="utf-8")
    with pytest.raises(
        ConfigurationError, match="areas that fr-departements does not know, such as"
    ):
        outlines_of(own, library)
    told = list(doctor_share.maps(settings))
    assert len(told) == 1
    assert "5 areas have no outline" in str(told[0])


def test_doctor_says_which_extra_and_which_folder_are_missing(settings, monkeypatch):
    assert list(doctor_share.share(settings)) == []
    bare = changed(settings, share=changed(settings.share, directory="", fonts=["/no/such.ttf"]))
    monkeypatch.setattr("petitions.sharing.paper.available", lambda: False)
    monkeypatch.setattr("petitions.sharing.card.available", lambda: False)
    told = " ".join(map(str, doctor_share.share(bare)))
    for part in ("extra [pdf]", "extra [images]", "/no/such.ttf is not there", "share.directory"):
        assert part in told


@pytest.mark.parametrize(
    ("assembly", "areas", "number"),
    [("assemblee-nationale", "fr-departements", 96), ("uk-commons", "uk-constituencies", 650)],
)
def test_every_map_that_ships_is_drawn_small_enough_and_knows_its_areas(
    settings, assembly: str, areas: str, number: int
):
    ours = changed(settings, rulebooks=changed(settings.rulebooks, assemblies=[assembly]))
    made = outlines_of(ours, shipped_library())[assembly, areas]
    assert len(made.paths) == number
    assert all(path.startswith("M") for path in made.paths.values())
    assert len(gzip.compress("".join(made.paths.values()).encode())) <= MOST_BYTES
