"""Names stand where a reader looks for them."""

from __future__ import annotations

from itertools import permutations

import pytest

from petitions.domain.reading_order import as_listed
from tests.house import shipped_library


@pytest.mark.parametrize(
    "listed",
    [
        ("Corrèze", "Corse-du-Sud", "Côte-d'Or", "Côtes-d'Armor", "Creuse"),
        ("Saône-et-Loire", "Sarthe", "Savoie"),
        ("Val-de-Marne", "Val-d'Oise", "Vendée"),
        ("Österreich", "Polen", "Zypern"),
        ("ærø", "Afrika", "Œuilly", "Offenburg"),
        ("Kreis 2", "Kreis 9", "Kreis 10"),
    ],
)
def test_accents_and_case_and_apostrophes_do_not_part_neighbours(listed: tuple[str, ...]) -> None:
    for mixed in list(permutations(listed))[:24]:
        assert tuple(sorted(mixed, key=as_listed)) == listed


def test_two_names_that_differ_by_an_accent_have_one_fixed_order() -> None:
    assert sorted(["Moré", "More"], key=as_listed) == sorted(["More", "Moré"], key=as_listed)
    assert as_listed("Moré") != as_listed("More")


def test_the_departments_of_france_are_in_the_order_of_a_french_reader() -> None:
    names = shipped_library().areas("fr-departements").names.values()
    listed = sorted(names, key=as_listed)
    assert listed.index("Côte-d'Or") < listed.index("Creuse")
    assert listed.index("Hérault") < listed.index("Ille-et-Vilaine")
    assert listed.index("Saône-et-Loire") < listed.index("Savoie")
