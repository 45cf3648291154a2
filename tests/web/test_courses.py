"""How it works, on the public site, is written from the rulebooks in force: each procedure in full, told once."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pytest

from petitions.web.courses import courses_in_full
from tests.house import shipped_library
from tests.web.site import Site, build

LIBRARY = shipped_library()


@pytest.fixture
def site(tmp_path: Path, sqlite_uri: str) -> Iterator[Site]:
    made = build(tmp_path, sqlite_uri)
    yield made
    made.close()


def book(name: str):
    return LIBRARY.rulebook(name, date(2026, 3, 2))


def test_kinds_that_differ_are_told_apart_and_equal_ones_once() -> None:
    senate = courses_in_full(LIBRARY, (book("fr-senat"),), ("senat",))
    assert len(senate) == 2, "one kind has a ground more"
    finland = courses_in_full(LIBRARY, (book("fi-national"),), ("eduskunta",))
    (told,) = [each.titles.split(" / ") for each in finland]
    assert told == [
        "Proposal for an act – Parliament of Finland",
        "Proposal to start drafting an act – Parliament of Finland",
    ]


def test_each_assembly_of_a_rulebook_names_its_own_bodies() -> None:
    both = courses_in_full(LIBRARY, (book("brussels"),), ("prb", "pfb"))
    assert {each.kind.assembly for each in both} <= {
        "Parliament of the Brussels-Capital Region", "French-speaking Brussels Parliament",
    }  # fmt: skip
    assert " / " in both[0].titles, "both carry it out in the same way"


def test_a_drawing_keeps_its_names_apart_from_the_next_one() -> None:
    one, two = courses_in_full(LIBRARY, (book("fr-senat"),), ("senat",))
    assert 'id="course-0-title"' in one.drawing
    assert 'id="course-1-title"' in two.drawing


def test_the_public_page_tells_the_whole_procedure_in_the_readers_language(site: Site) -> None:
    english = site.visitor().get("/en/how-it-works").text
    assert "Returned at most 2 times; the author then has 14 days each time." in english
    assert english.count('<title id="course-') == len(demo_courses())
    french = site.visitor().get("/fr/how-it-works").text
    assert "Renvoyée 2 fois au plus" in french
    assert "%(" not in english + french
    assert "uk-parliament" not in english


def demo_courses():
    return courses_in_full(LIBRARY, (book("town"), book("fr-senat")), ("valmont", "senat"))
