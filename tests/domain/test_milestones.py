"""Thresholds, quorums, classes and the other route, each at its exact boundary."""

from __future__ import annotations

from datetime import date
from fractions import Fraction
from types import MappingProxyType

import pytest
from hypothesis import given
from hypothesis import strategies as st

from petitions.domain.assembly import AreaTable, Population
from petitions.domain.collecting import (
    Alternative,
    AreaMinimum,
    AreaThreshold,
    ChoiceThreshold,
    FixedThreshold,
    Milestone,
    Quorum,
    ShareThreshold,
)
from petitions.domain.milestones import (
    Tally,
    Target,
    areas_reached,
    fallen_below,
    newly_reached,
    reached,
    resolve_threshold,
    share_of,
    target_of,
)
from petitions.domain.vocabulary import Basis, Round


def milestone(threshold: int = 10, **keys: object) -> Milestone:
    return Milestone(
        id="m", threshold=FixedThreshold(number=threshold), effect="reply", panel={}, **keys
    )


def areas(**rows: int) -> AreaTable:
    return AreaTable(
        id="areas",
        source="made up",
        as_of=None,
        columns=("seats",),
        names=MappingProxyType({code: code for code in rows}),
        values=MappingProxyType({code: {"seats": seats} for code, seats in rows.items()}),
    )


def target(of: Milestone, table: AreaTable | None = None) -> Target:
    return target_of(of, populations={}, choices={}, areas=table)


def total(count: int, **keys: object) -> Tally:
    return Tally(raw=count, verified=count, **keys)


def test_a_milestone_is_reached_by_its_last_signature_and_not_before():
    ten = milestone(10)
    assert not reached(ten, total(9), target(ten))
    assert reached(ten, total(10), target(ten))


def test_the_basis_decides_which_count_is_looked_at():
    verified, raw = milestone(10), milestone(10, basis=Basis.RAW)
    tally = Tally(raw=10, verified=9)
    assert not reached(verified, tally, target(verified))
    assert reached(raw, tally, target(raw))


def test_a_counting_class_counts_only_its_signers():
    hearing = milestone(10, counts="resident16")
    assert not reached(hearing, total(14, by_class={"resident16": 9}), target(hearing))
    assert reached(hearing, total(14, by_class={"resident16": 10}), target(hearing))
    assert not reached(hearing, total(14), target(hearing))


def test_a_raw_class_is_counted_raw():
    hearing = milestone(3, counts="c", basis=Basis.RAW)
    assert reached(hearing, total(9, raw_by_class={"c": 3}, by_class={"c": 2}), target(hearing))


def test_a_quorum_needs_both_the_total_and_the_areas():
    two_of = milestone(10, quorum=Quorum(k=2, minimum=3, fixed={}))
    met = target(two_of)
    assert reached(two_of, total(10, by_area={"A": 7, "B": 3}), met)
    assert not reached(two_of, total(10, by_area={"A": 8, "B": 2}), met)
    assert not reached(two_of, total(9, by_area={"A": 6, "B": 3}), met)


def test_a_quorum_of_a_class_counts_the_areas_of_that_class():
    two_of = milestone(4, counts="c", quorum=Quorum(k=2, minimum=2, fixed={}))
    tally = total(9, by_class={"c": 4}, by_area={"A": 5, "B": 4}, class_by_area={"c": {"A": 4}})
    assert not reached(two_of, tally, target(two_of))
    raw = milestone(4, counts="c", basis=Basis.RAW, quorum=Quorum(k=1, minimum=2, fixed={}))
    counted = total(9, raw_by_class={"c": 4}, raw_class_by_area={"c": {"A": 4}})
    assert reached(raw, counted, target(raw))


def test_a_raw_quorum_counts_areas_as_received():
    raw = milestone(4, basis=Basis.RAW, quorum=Quorum(k=2, minimum=2, fixed={}))
    tally = Tally(raw=4, verified=0, by_area={}, raw_by_area={"A": 2, "B": 2})
    assert reached(raw, tally, target(raw))


def test_named_areas_must_each_reach_their_own_minimum():
    # 17,500 in Flanders and 2,500 in Brussels, whatever the total says.
    fixed = milestone(10, quorum=Quorum(fixed={"VLG": 5, "BRU": 2}))
    assert reached(fixed, total(10, by_area={"VLG": 5, "BRU": 2, "WAL": 3}), target(fixed))
    assert not reached(fixed, total(90, by_area={"VLG": 89, "BRU": 1}), target(fixed))
    assert not reached(fixed, total(90, by_area={"VLG": 90}), target(fixed))


def test_the_minimum_of_an_area_follows_a_column():
    by_seats = milestone(
        1, quorum=Quorum(k=1, minimum=AreaMinimum(column="seats", times=720), fixed={})
    )
    met = target(by_seats, areas(DE=96, MT=6))
    assert met.minima == {"DE": 69_120, "MT": 4_320}
    assert not reached(by_seats, total(69_119, by_area={"DE": 69_119}), met)
    assert reached(by_seats, total(69_120, by_area={"DE": 69_120}), met)


def test_an_area_without_a_minimum_of_its_own_counts_for_none():
    met = Target(threshold=1, k=1, minima={"DE": 1})
    assert areas_reached({"XX": 500}, met) == 0


def test_the_other_route_needs_no_signature():
    vote = milestone(50_000, alternative=Alternative(declarations=8, areas="ch-cantons"))
    assert not reached(vote, total(49_000, declarations=7), target(vote))
    assert reached(vote, total(49_000, declarations=8), target(vote))
    assert reached(vote, total(50_000, declarations=0), target(vote))


POPULATION = {
    "voters": Population(id="voters", value=1_001, as_of=date(2026, 1, 1), source="register")
}


@pytest.mark.parametrize(
    ("rounding", "expected"), [(Round.UP, 101), (Round.DOWN, 100), (Round.NEAREST, 100)]
)
def test_a_share_of_a_population_is_rounded_as_the_rule_says(rounding, expected):
    tenth = ShareThreshold(share=Fraction(1, 10), of="voters", rounding=rounding)
    assert resolve_threshold(tenth, POPULATION, {}) == expected


def test_nearest_rounds_the_half_up():
    half = ShareThreshold(share=Fraction(1, 2), of="voters", rounding=Round.NEAREST)
    assert share_of(half, 1_001) == 501
    assert share_of(half, 1_000) == 500


def test_rounding_comes_before_floor_and_ceiling():
    floor = ShareThreshold(share=Fraction(1, 10), of="voters", floor=150)
    ceiling = ShareThreshold(share=Fraction(1, 10), of="voters", ceiling=100)
    assert share_of(floor, 1_001) == 150
    assert share_of(ceiling, 1_001) == 100


def test_the_choice_of_the_author_decides_the_number():
    by_choice = ChoiceThreshold(by_choice="effect", values={"hearing": 7_000, "norm": 15_000})
    assert resolve_threshold(by_choice, {}, {"effect": "norm"}) == 15_000
    with pytest.raises(KeyError):
        resolve_threshold(by_choice, {}, {})


def test_the_area_of_the_petition_decides_the_number():
    by_area = AreaThreshold(by_area="seats")
    table = areas(A=300, B=500)
    assert resolve_threshold(by_area, {}, {}, areas=table, area="B") == 500
    with pytest.raises(KeyError):
        resolve_threshold(by_area, {}, {}, areas=table)


def test_a_stored_target_reads_back_the_same():
    stored = Target(threshold=9, k=2, minimum=3, minima={"A": 4}, fixed={"B": 5})
    assert Target.from_data(stored.to_data()) == stored
    for damage in ({"threshold": "9"}, {"minima": []}, {"k": True}):
        with pytest.raises(ValueError, match="stored target"):
            Target.from_data({**stored.to_data(), **damage})


counts = st.dictionaries(st.sampled_from("ABCDEFG"), st.integers(0, 50))


@given(
    st.integers(1, 100), st.integers(1, 7), st.integers(1, 20), counts, st.sampled_from("ABCDEFG")
)
def test_one_more_signature_never_makes_a_milestone_unreached(threshold, k, least, by_area, area):
    quorum = milestone(threshold, quorum=Quorum(k=k, minimum=least, fixed={}))
    before = total(sum(by_area.values()), by_area=by_area)
    more = {**by_area, area: by_area.get(area, 0) + 1}
    after = total(sum(more.values()), by_area=more)
    met = target(quorum)
    assert reached(quorum, after, met) or not reached(quorum, before, met)


@given(st.fractions(min_value=Fraction(1, 1000), max_value=1), st.integers(1, 10**9))
def test_rounding_moves_a_share_by_less_than_one(share, population):
    exact = share * population
    for rounding in Round:
        number = share_of(ShareThreshold(share=share, of="x", rounding=rounding), population)
        assert number == 1 or abs(number - exact) < 1


def test_milestones_are_reached_in_the_order_of_the_rulebook_and_only_once(kind):
    uk = kind("uk-parliament")
    met = {each.id: target(each) for each in uk.milestones}
    both = newly_reached(uk, total(100_000), met, frozenset())
    assert [each.id for each in both] == ["response", "debate"]
    assert [
        each.id for each in newly_reached(uk, total(100_000), met, frozenset({"response"}))
    ] == ["debate"]
    assert newly_reached(uk, total(100_000), met, frozenset({"response", "debate"})) == ()


def test_a_count_that_falls_opens_a_task_and_unreaches_nothing(kind):
    uk = kind("uk-parliament")
    met = {each.id: target(each) for each in uk.milestones}
    assert fallen_below(uk, total(10_000), met, frozenset({"response"})) == ()
    below = fallen_below(uk, total(9_820), met, frozenset({"response"}))
    assert [each.id for each in below] == ["response"]
