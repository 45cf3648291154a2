"""Figures by area that tell of nobody, and postcodes that become areas."""

from __future__ import annotations

import json
from datetime import date
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from petitions.domain.area_maps import figures, hidden_words, map_file
from petitions.domain.postcodes import PostcodesError, read_postcodes

CODES = ("a", "b", "c", "d")
AREAS: dict[str, dict[str, int]] = {code: {} for code in CODES}
some = st.fixed_dictionaries(dict.fromkeys(CODES, st.integers(0, 60)))


@given(some, some)
def test_a_map_tells_whole_tens_hides_two_and_never_falls(
    counts: dict[str, int], more: dict[str, int]
) -> None:
    first = figures(counts, AREAS, {}, 10)
    later = figures({code: counts[code] + more[code] for code in CODES}, AREAS, first, 10)
    for told in (first, later):
        assert all(number % 10 == 0 for number in told.values())
        assert sum(number == 0 for number in told.values()) != 1
    assert all(later[code] >= first[code] for code in CODES)
    assert all(first[code] <= counts[code] for code in CODES)


@given(some)
def test_after_withdrawals_a_map_stands_as_it_was_published(counts: dict[str, int]) -> None:
    first = figures(counts, AREAS, {}, 10)
    assert figures(dict.fromkeys(CODES, 0), AREAS, first, 10) == first


def test_an_area_with_few_electors_is_never_told() -> None:
    areas = {"a": {"electors": 4_999}, "b": {"electors": 5_000}, "c": {"electors": 9_000}}
    told = figures({"a": 900, "b": 900, "c": 5}, areas, {}, 10)
    assert told == {"a": 0, "b": 900, "c": 0}


def test_the_smallest_figure_is_that_of_the_rulebook() -> None:
    assert figures({"a": 49, "b": 50, "c": 0, "d": 0}, AREAS, {}, 50) == {
        "a": 0, "b": 50, "c": 0, "d": 0,
    }  # fmt: skip
    raw = map_file(UUID(int=1), date(2026, 3, 2), 2, {"a": 0, "b": 50}, 50)
    assert json.loads(raw)["areas"] == {"a": hidden_words(50), "b": 50}
    assert hidden_words(3) == "under 10"


def test_the_longest_beginning_of_a_postcode_decides() -> None:
    found = read_postcodes(["postcode,area", "CF,south", "CF10,capital"], ("south", "capital"))
    assert found.area("cf10 1aa") == "capital"
    assert found.area(" CF-3 2ZZ") == "south"
    assert found.area("SW1A 1AA") is None
    assert found.area("") is None


@pytest.mark.parametrize(
    "lines", [["CF,north"], ["CF"], [",south"], [], ["CF,south", "cf,capital"]]
)
def test_a_table_of_postcodes_that_cannot_be_used_is_refused(lines: list[str]) -> None:
    with pytest.raises(PostcodesError):
        read_postcodes(lines, ("south", "capital"))
