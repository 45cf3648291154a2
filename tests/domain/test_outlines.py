"""Outlines of areas: read from GeoJSON, thinned alike on both sides of a border, never lost."""

from __future__ import annotations

import gzip
import json
import re

import pytest

from petitions.domain.outlines import OutlineError, drawn, read_shapes
from petitions.domain.rate_classes import borders, class_of, rate
from tests.house import RULEBOOKS

FRANCE = RULEBOOKS / "maps" / "fr-departements.geojson"


def collection(**rings: list[tuple[float, float]]) -> dict[str, object]:
    return {
        "type": "FeatureCollection",
        "features": [
            {
                "type": "Feature",
                "properties": {"code": code},
                "geometry": {"type": "Polygon", "coordinates": [[*ring, ring[0]]]},
            }
            for code, ring in rings.items()
        ],
    }


LEFT = [(0, 0), (1, 0), (1.02, 0.31), (0.97, 0.64), (1, 1), (0, 1)]
RIGHT = [(1, 0), (2, 0), (2, 1), (1, 1), (0.97, 0.64), (1.02, 0.31)]


def steps(path: str) -> list[tuple[int, int]]:
    """The corners of a path, in units."""
    numbers = [int(each) for each in re.findall(r"-?\d+", path)]
    x, y = numbers[:2]
    found = [(x, y)]
    for dx, dy in zip(numbers[2::2], numbers[3::2], strict=True):
        x, y = x + dx, y + dy
        found.append((x, y))
    return found


@pytest.mark.parametrize("room", [10_000, 60])
def test_neighbours_share_the_same_corners_however_much_is_thinned(room):
    made = drawn(read_shapes(collection(a=LEFT, b=RIGHT), "code"), room)
    left, right = set(steps(made.paths["a"])), set(steps(made.paths["b"]))
    border = {corner for corner in left if 250 < corner[0] < 370}
    assert border
    assert border == {corner for corner in right if 250 < corner[0] < 370}


def test_a_small_island_alone_in_its_area_does_not_disappear():
    dot = [(5.0, 5.0), (5.0001, 5.0), (5.0001, 5.0001)]
    made = drawn(read_shapes(collection(land=LEFT, dot=dot), "code"), 10_000)
    assert made.paths["dot"].startswith("M")


def test_the_departments_of_france_fit_into_the_bytes_of_a_page():
    content = json.loads(FRANCE.read_text(encoding="utf-8"))
    made = drawn(read_shapes(content, "code"), 11_000)
    assert len(made.paths) == 96
    assert len(gzip.compress("".join(made.paths.values()).encode())) <= 11_000
    assert made.height == pytest.approx(596, abs=30)  # as high as it is wide, in this projection


@pytest.mark.parametrize(
    ("content", "why"),
    [
        ([], "no GeoJSON FeatureCollection"),
        ({"type": "FeatureCollection", "features": []}, "has no features"),
        (collection(a=LEFT), "no property 'insee'"),
        (
            {"type": "FeatureCollection", "features": [
                {"properties": {"insee": "1"}, "geometry": {"type": "Point", "coordinates": [1, 2]}}
            ]},
            "is a Point",
        ),
    ],
)  # fmt: skip
def test_what_is_no_set_of_areas_is_refused_with_the_reason(content, why):
    with pytest.raises(OutlineError, match=why):
        read_shapes(content, "insee")


def test_classes_are_round_numbers_with_about_as_many_areas_in_each():
    rates = [value / 10 for value in range(1, 101)]
    lower = borders(rates)
    assert lower == (2.1, 4.1, 6.1, 8.1)
    sizes = [sum(class_of(value, lower) == number for value in rates) for number in range(5)]
    assert sizes == [20, 20, 20, 20, 20]


def test_areas_that_are_all_alike_make_one_class():
    assert borders([3.0, 3.0, 3.0]) == ()
    assert borders([]) == ()
    assert rate(120, 0) is None
    assert rate(120, 60_000) == 20
