"""The invented people: their ages stay right, and some are there for each rule of a rulebook."""

from datetime import date, timedelta

import pytest

from identity.providers.demo import CITIZENS, PLACES, STAFF
from identity.providers.demo.people import Citizen, anybody, person_key


def completed_years(born, on):
    return on.year - born.year - ((on.month, on.day) < (born.month, born.day))


@pytest.mark.parametrize("one", CITIZENS, ids=lambda one: one.name)
def test_an_age_is_right_on_every_day_of_eight_years(one):
    day = date(2025, 1, 1)
    while day < date(2033, 1, 1):
        assert completed_years(one.born(day), day) == one.age
        day += timedelta(days=1)


def test_a_birthday_of_today_counts():
    today = date(2028, 2, 29)
    assert Citizen("A", "B", 18, "FR", since_birthday=0).born(today) == date(2010, 2, 28)
    assert Citizen("A", "B", 16, "FR", since_birthday=0).born(today) == date(2012, 2, 29)


def test_there_is_somebody_for_each_rule():
    ages = {one.age for one in CITIZENS}
    assert len(CITIZENS) == 13
    assert {15, 17, 18} <= ages
    assert max(ages) > 70
    assert any(one.since_birthday == 0 for one in CITIZENS), "somebody whose birthday it is"
    of_valmont = [one for one in CITIZENS if one.residence == "valmont"]
    assert len({one.age >= 18 for one in of_valmont}) == 2
    assert any(one.nationality != "FR" for one in of_valmont)
    assert any(one.nationality == "FR" and one.residence == "CA" for one in CITIZENS), "abroad"


def test_every_place_is_known_and_every_key_is_one_persons_own():
    assert {one.residence for one in CITIZENS} <= PLACES.keys()
    assert len({one.key for one in (*CITIZENS, *STAFF)}) == len(CITIZENS) + len(STAFF)


def test_every_office_has_a_named_member_of_staff_and_two_administrate():
    assert {one.name: one.groups for one in STAFF} == {
        "Ana Petit": ("petitions-clerk",),
        "Jules Morel": ("petitions-second-reader",),
        "Inès Laurent": ("petitions-committee",),
        "Marc Olivier": ("petitions-administrator",),
        "Nora Klein": ("petitions-administrator",),
        "Lena Vogt": ("petitions-auditor",),
        "Sofia Marek": ("petitions-communication",),
        "Paul Renard": ("petitions-integrity",),
    }


def test_a_name_is_the_same_whatever_its_case_spaces_or_encoding():
    assert person_key(" Élodie  FABRE ") == person_key("E\u0301lodie Fabre") == "élodie fabre"


@pytest.mark.parametrize("age", [-1, 121])
def test_an_impossible_age_is_refused(age):
    with pytest.raises(ValueError, match="age"):
        anybody("Ada", age, "FR")
