"""A stage of sponsors, judged from roles, areas and numbers alone."""

from __future__ import annotations

from datetime import date
from fractions import Fraction
from types import MappingProxyType

import pytest

from petitions.domain import sponsors as rules
from petitions.domain.assembly import Population
from petitions.domain.collecting import ShareThreshold
from petitions.domain.filing import SponsorStage, Spread
from petitions.domain.predicates import ANYONE, Predicate
from petitions.domain.sponsors import Backer, Standing

AUTHOR = Backer(Standing.AUTHOR)


def stage(**keys: object) -> SponsorStage:
    roles = MappingProxyType(keys.pop("roles", {}))
    return SponsorStage(
        id="circle",
        minimum=keys.pop("minimum", 3),
        who=keys.pop("who", ANYONE),
        roles=roles,
        **keys,
    )


def people(number: int, **keys: str) -> list[Backer]:
    return [Backer(Standing.CONFIRMED, **keys) for _ in range(number)]


def test_the_author_counts_only_where_the_rules_say_so() -> None:
    there = [AUTHOR, *people(2)]
    assert not rules.met(stage(), 3, there)
    assert rules.met(stage(author_counts=True), 3, there)


def test_the_maximum_leaves_room_until_it_is_full() -> None:
    assert rules.places_left(stage(), people(500)) is None
    limited = stage(maximum=5, author_counts=True)
    assert rules.places_left(limited, [AUTHOR, *people(3)]) == 1
    assert rules.places_left(limited, [AUTHOR, *people(4)]) == 0
    assert rules.places_left(stage(maximum=5), [AUTHOR, *people(4)]) == 1


def test_a_stage_waits_for_every_role_it_names() -> None:
    asked = stage(roles={"representative": 1, "substitute": 2}, author_counts=True)
    there = [Backer(Standing.AUTHOR, "representative"), *people(2, role="substitute")]
    assert rules.met(asked, 3, there)
    assert rules.roles_missing(asked, there[:2]) == {"representative": 0, "substitute": 1}
    assert not rules.met(asked, 3, [AUTHOR, *people(2, role="substitute")])


def test_a_spread_counts_areas_that_have_enough_people() -> None:
    asked = stage(spread=Spread(areas="eu-27", k=2, minimum=2))
    assert rules.areas_missing(asked, [*people(2, area="FR"), *people(1, area="DE")]) == 1
    assert rules.areas_missing(asked, [*people(2, area="FR"), *people(2, area="DE")]) == 0
    assert rules.areas_missing(asked, people(9)) == 2, "who has no area spreads nothing"


def test_an_act_is_a_signature_up_to_the_cap() -> None:
    assert not rules.is_signature(stage(in_total="none"), 0)
    assert rules.is_signature(stage(in_total="all"), 10_000)
    capped = stage(in_total=2)
    assert [rules.is_signature(capped, carried) for carried in range(4)] == [
        True,
        True,
        False,
        False,
    ]


def test_a_share_of_the_people_is_a_number_of_sponsors(kind) -> None:
    share = ShareThreshold(share=Fraction(1, 1000), of="austria")
    day = date(2021, 10, 31)
    people_of = Population(id="austria", value=8_400_001, as_of=day, source="census")
    populations = {"austria": people_of}
    assert rules.needed(stage(minimum=share), populations) == 8_401
    assert rules.needed(rules.stage_of(kind("uk-parliament"), "supporters"), {}) == 5


@pytest.mark.parametrize(
    ("who", "asked"),
    [
        ({"office": "mp"}, True),
        ({"any": [{"age_min": 18}, {"office": "mp"}]}, True),
        ({"citizen_of": "EU", "not": {"office": "mep"}}, False),
        ({"age_min": 18}, False),
    ],
)
def test_an_office_that_must_be_held_is_told_from_one_that_must_not(
    who: dict[str, object], asked: bool
) -> None:
    assert rules.by_office(stage(who=Predicate.from_toml(who))) is asked


def test_only_kinds_with_sponsors_or_a_signing_author_ask_for_a_login(kind) -> None:
    assert rules.asks_author(kind("uk-parliament"))
    assert not rules.asks_author(kind("ch-federal", "referendum"))
    assert not rules.asks_author(kind("scottish-parliament"))
