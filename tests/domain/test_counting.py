"""Counting: what certificates add, what is in doubt by area, what samples stand for."""

from __future__ import annotations

from fractions import Fraction
from itertools import product
from types import MappingProxyType

import pytest
from hypothesis import given
from hypothesis import strategies as st

from petitions.domain.channels import channels_of
from petitions.domain.collecting import (
    FixedThreshold,
    Milestone,
    Quorum,
    Sample,
    Signing,
    Verification,
    Window,
)
from petitions.domain.counting import Certified, Paper, Place, Received, tally
from petitions.domain.milestones import (
    Tally,
    Target,
    areas_reached,
    counted,
    quorum_met,
    reached,
)
from petitions.domain.periods import Period
from petitions.domain.sampling import (
    Drawn,
    Verdict,
    lines_to_examine,
    projected,
    projection,
    sample_size,
    verdict,
)
from petitions.domain.vocabulary import Channel, Combine, Method

AREAS = ("a", "b", "c")
MILESTONE = Milestone(
    id="m", threshold=FixedThreshold(number=1), effect="notify",
    quorum=Quorum(k=2, minimum=1, fixed=MappingProxyType({})), panel=MappingProxyType({}),
)  # fmt: skip


def signing(**keys: object) -> Signing:
    return Signing(
        classes=MappingProxyType({}), window=Window(minimum=Period.parse("P1D")),
        channels=(Channel.ONLINE, Channel.PAPER), **keys,
    )  # fmt: skip


def placed(counts: dict[str, int], doubt: int = 0) -> Tally:
    total = sum(counts.values())
    return Tally(raw=total, verified=total - doubt, by_area=counts, unplaced=doubt)


few = st.integers(0, 4)
three = st.fixed_dictionaries(dict.fromkeys(AREAS, few))


@given(three, few, st.integers(1, 3))
def test_doubt_about_areas_is_the_worst_of_all_ways_to_place_it(
    counts: dict[str, int], doubt: int, least: int
) -> None:
    doubt = min(doubt, sum(counts.values()))
    target = Target(threshold=1, k=1, minimum=least)
    ways = [
        sum(counts[area] - taken >= least for area, taken in zip(AREAS, way, strict=True))
        for way in product(range(doubt + 1), repeat=len(AREAS))
        if sum(way) == doubt
        and all(taken <= counts[area] for area, taken in zip(AREAS, way, strict=True))
    ]
    assert areas_reached(counts, target, doubt) == min(ways)


@given(three, st.sampled_from(AREAS), few)
def test_one_signature_more_never_undoes_a_quorum(
    counts: dict[str, int], area: str, doubt: int
) -> None:
    target = Target(threshold=1, k=2, minimum=2)
    more = {**counts, area: counts[area] + 1}
    before = quorum_met(MILESTONE, placed(counts, doubt), target)
    assert quorum_met(MILESTONE, placed(more, doubt), target) or not before


@given(three, few)
def test_more_doubt_never_makes_a_quorum(counts: dict[str, int], doubt: int) -> None:
    target = Target(threshold=1, k=2, minimum=2)
    if quorum_met(MILESTONE, placed(counts, doubt + 1), target):
        assert quorum_met(MILESTONE, placed(counts, doubt), target)


@given(st.integers(0, 50), st.integers(0, 50), st.integers(0, 40))
def test_under_a_cap_a_certificate_counts_whole_and_online_up_to_it(
    online: int, paper: int, cap: int
) -> None:
    target = Target(threshold=40, online_cap=cap)
    number = counted(MILESTONE, Tally(raw=0, verified=online + paper, paper=paper), target)
    assert number == min(online, cap) + paper
    assert Target.from_data(target.to_data()) == target


def test_declared_areas_reach_what_no_signature_did() -> None:
    from petitions.domain.collecting import Alternative

    route = Milestone(
        id="m", threshold=FixedThreshold(number=100), effect="vote", panel=MappingProxyType({}),
        alternative=Alternative(declarations=2, areas="x"),
    )  # fmt: skip
    certificates = [Certified(about=Paper.DECLARATION, area=area) for area in ("a", "b", "b")]
    found = tally(
        signing(), Received(collected=1, withdrawn=0, invalid=0, certificates=certificates)
    )
    assert found.declarations == 2
    assert reached(route, found, Target(threshold=100))


def test_what_is_certified_online_never_exceeds_what_still_stands() -> None:
    rules = signing(verification=Verification(online=Method.CERTIFICATE))
    certificate = Certified(about=Paper.ONLINE, area="a", examined=10, valid=9)
    found = tally(rules, Received(collected=10, withdrawn=0, invalid=3, certificates=[certificate]))
    assert (found.raw, found.verified, found.unplaced) == (10, 7, 2)


def test_a_withdrawal_without_an_area_is_in_doubt_and_one_with_an_area_is_not() -> None:
    places = {("a", ""): Place(5, 1), ("", ""): Place(0, 2)}
    found = tally(signing(), Received(collected=5, withdrawn=3, invalid=0, places=places))
    assert (dict(found.by_area), found.unplaced, dict(found.raw_by_area)) == ({"a": 4}, 2, {"a": 5})


def test_lines_received_are_those_of_sheets_or_of_certificates_whichever_saw_more() -> None:
    found = tally(
        signing(),
        Received(
            collected=1, withdrawn=0, invalid=0, lines={"a": 10, "b": 5},
            certificates=[Certified(about=Paper.PAPER, area="b", examined=7, valid=6)],
        ),
    )  # fmt: skip
    assert (found.raw, found.verified, found.paper) == (18, 7, 6)


def test_one_channel_means_the_one_that_was_chosen() -> None:
    one = signing(combine=Combine.ONE)
    assert channels_of(one, {"channel": "paper"}) == (Channel.PAPER,)
    assert channels_of(one, {}) == (Channel.ONLINE,)
    assert channels_of(signing(), {}) == (Channel.ONLINE, Channel.PAPER)


RULE = Sample(floor=500, share=Fraction(3, 100), fails=Fraction(95, 100), passes=Fraction(110, 100))


@pytest.mark.parametrize(("raw", "size"), [(0, 0), (300, 300), (10_000, 500), (20_001, 601)])
def test_the_size_of_a_sample(raw: int, size: int) -> None:
    assert sample_size(RULE, raw) == size


def test_a_duplicate_in_a_sample_stands_for_many_that_nobody_saw() -> None:
    assert projection(Drawn(10_000, 500, 450, 0)) == 9_000
    assert projection(Drawn(10_000, 500, 449, 1)) == 449 * 20 - 20 * 19
    assert projected([Drawn(10_000, 500, 450, 0), Drawn(0, 0, 0, 0)]) == 9_000


@given(st.integers(1, 400), st.integers(0, 400), st.integers(0, 400))
def test_a_full_look_projects_what_was_seen(raw: int, valid: int, duplicate: int) -> None:
    if valid + duplicate <= raw:
        assert projection(Drawn(raw, raw, valid, duplicate)) == valid


@pytest.mark.parametrize(
    ("number", "word"),
    [(94_999, Verdict.FAILS), (95_000, Verdict.FULL_COUNT), (110_000, Verdict.FULL_COUNT),
     (110_001, Verdict.PASSES)],
)  # fmt: skip
def test_below_95_no_above_110_yes_between_every_line(number: int, word: Verdict) -> None:
    assert verdict(RULE, number, 100_000) is word


@given(st.binary(max_size=8), st.integers(0, 60), st.integers(0, 60))
def test_lines_are_drawn_once_each_and_by_everybody_alike(seed: bytes, raw: int, size: int) -> None:
    size = min(raw, size)
    drawn = lines_to_examine(seed, raw, size)
    assert len(set(drawn)) == size
    assert list(drawn) == sorted(drawn)
    assert all(1 <= line <= raw for line in drawn)
    assert drawn == lines_to_examine(seed, raw, size)


@pytest.mark.parametrize("wrong", [(10, 11, 0, 0), (10, 5, 4, 2), (10, 0, 0, 0), (10, 5, -1, 1)])
def test_a_sample_that_does_not_add_up_is_refused(wrong: tuple[int, int, int, int]) -> None:
    with pytest.raises(ValueError, match=r"sample|drawn"):
        Drawn(*wrong)
