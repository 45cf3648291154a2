"""A petition's life against a signature curve, and how a curve is read."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest

from petitions.domain.arrivals import Arrival, moved_to, read_curve
from petitions.domain.errors import InvalidError, TransitionRefusedError
from petitions.domain.lifecycle import State
from petitions.domain.periods import Period
from petitions.domain.simulated import Assumption, Given, Happening, What
from petitions.domain.simulation import play
from tests.domain.clauses import BERLIN, LONDON, PARIS, local, utc

FINLAND, BRUSSELS = "Europe/Helsinki", "Europe/Brussels"


def given(zone, published, *arrivals, **more):
    at = local(published, zone)
    more.setdefault("submitted_at", at)
    counted = tuple(Arrival(local(when, zone), number) for when, number in arrivals)
    return Given(zone=zone, published_at=at, arrivals=counted, **more)


def steps(timeline, what):
    return [step for step in timeline.steps if step.what is what]


def test_bun_1_and_bun_3_the_last_day_and_the_number_that_is_missed(kind):
    german = kind("de-bundestag")
    life = play(german, given(BERLIN, "2026-03-04T09:00", ("2026-04-15T23:59", 29_999)))
    assert (life.last_day, life.closes_at) == (date(2026, 4, 15), utc("2026-04-15T22:00:00+00:00"))
    assert life.state is State.CLOSED_BELOW
    met = play(german, given(BERLIN, "2026-03-04T09:00", ("2026-04-15T23:59", 30_000)))
    assert met.state is State.THRESHOLD_REACHED


def test_a_signature_at_the_first_instant_after_the_last_day_is_refused(kind):
    late = given(BERLIN, "2026-03-04T09:00", ("2026-04-16T00:00", 30_000))
    life = play(kind("de-bundestag"), late)
    assert (life.count, life.refused, life.state) == (0, 30_000, State.CLOSED_BELOW)


def test_uk_2_an_outage_lengthens_the_window_by_its_days(kind):
    outage = Happening(
        "event:outage", local("2026-03-02T00:00", LONDON), local("2026-03-05T00:00", LONDON)
    )
    life = play(kind("uk-parliament"), given(LONDON, "2025-12-15T10:00", happenings=(outage,)))
    assert life.last_day == date(2026, 6, 18)  # 15 June and three days
    assert [step.code for step in steps(life, What.PAUSED)] == ["outage"]


def test_uk_6_a_dissolution_closes_at_its_minute(kind):
    end = Happening("event:dissolution", local("2029-03-30T00:01", LONDON))
    arrivals = (("2029-03-01T10:00", 8_000), ("2029-03-30T00:02", 5))
    life = play(
        kind("uk-parliament"), given(LONDON, "2029-02-20T10:00", *arrivals, happenings=(end,))
    )
    assert (life.state, life.count, life.refused) == (State.CLOSED_BELOW, 8_000, 5)
    assert life.closes_at == end.at


def test_an_1_a_total_without_enough_areas_reaches_only_the_lower_number(kind, context):
    french = kind("fr-assemblee-nationale")
    table = context.areas["fr-departements"]
    codes = list(table.names)
    at = local("2026-01-05T12:00", PARIS)
    crowd = [Arrival(at + timedelta(hours=n), 17_242, code) for n, code in enumerate(codes[:29])]
    last = Arrival(at + timedelta(days=3), 1, codes[29])
    life = play(french, Given(zone=PARIS, published_at=at, submitted_at=at,
                              arrivals=(*crowd, last), areas=table))  # fmt: skip
    reached = {step.code: step.count for step in steps(life, What.MILESTONE)}
    assert reached["debate"] == 29 * 17_242 + 1
    assert life.state is State.THRESHOLD_REACHED
    without = play(french, Given(zone=PARIS, published_at=at, submitted_at=at,
                                 arrivals=tuple(crowd), areas=table))  # fmt: skip
    assert [step.code for step in steps(without, What.MILESTONE)] == ["featured"]


def test_an_3_too_few_after_six_months_may_be_closed_and_stays_open(kind):
    life = play(
        kind("fr-assemblee-nationale"),
        given(PARIS, "2026-01-05T09:00", ("2026-02-01T10:00", 9_999)),
    )
    (warning,) = steps(life, What.MAY_CLOSE)
    assert warning.at == local("2026-07-06T00:00", PARIS)
    assert life.state is State.PUBLISHED
    enough = given(PARIS, "2026-01-05T09:00", ("2026-02-01T10:00", 10_000))
    assert steps(play(kind("fr-assemblee-nationale"), enough), What.MAY_CLOSE) == []


def test_fin_1_and_fin_3_attrition_closes_and_a_missed_hand_over_lapses(kind):
    finnish = kind("fi-national")
    start = Happening("chosen", local("2026-03-01T00:00", FINLAND))
    few = play(
        finnish, given(FINLAND, "2026-02-20T09:00", ("2026-03-02T10:00", 49), happenings=(start,))
    )
    assert few.state is State.CLOSED_BELOW
    assert few.steps[-1].at >= local("2026-04-02T00:00", FINLAND)
    verified = Happening("verified", local("2026-11-15T10:00", FINLAND))
    many = given(
        FINLAND, "2026-02-20T09:00", ("2026-03-02T10:00", 50_000), happenings=(start, verified)
    )
    life = play(finnish, many)
    (due,) = steps(life, What.HANDOVER_DUE)
    assert due.due.day == date(2027, 11, 15)
    assert life.state is State.LAPSED
    lapsed = next(step for step in life.steps if step.state is State.LAPSED)
    assert lapsed.at == local("2027-11-16T00:00", FINLAND)


def test_eci_6_clocks_start_with_the_acknowledgement_of_the_commission(kind, context):
    happenings = (
        Happening("chosen", local("2026-08-10T00:00", BRUSSELS)),
        Happening("handover:accepted", local("2028-01-31T09:00", BRUSSELS)),
    )
    life = play(kind("eu-eci"), given(
        BRUSSELS, "2026-02-10T10:00", ("2026-09-01T10:00", 1_100_000), happenings=happenings,
        areas=context.areas["eu-27"]))  # fmt: skip
    clocks = {step.code: step.due.day for step in steps(life, What.CLOCK)}
    assert clocks == {"hearing": date(2028, 4, 30), "reply": date(2028, 7, 31)}
    assert Assumption.EVEN_AREAS in life.assumed
    assert all(step.due is None for step in steps(life, What.DUTY))


def test_below_its_number_nothing_is_handed_over_and_no_clock_runs(kind, context):
    happenings = (
        Happening("chosen", local("2026-08-10T00:00", BRUSSELS)),
        Happening("handover:accepted", local("2028-01-31T09:00", BRUSSELS)),
    )
    european = play(kind("eu-eci"), given(
        BRUSSELS, "2026-02-10T10:00", ("2026-09-01T10:00", 999_999), happenings=happenings,
        areas=context.areas["eu-27"]))  # fmt: skip
    assert european.state is State.CLOSED_BELOW
    assert steps(european, What.CLOCK) == []
    start = Happening("chosen", local("2026-03-01T00:00", FINLAND))
    finnish = given(FINLAND, "2026-02-20T09:00", ("2026-03-02T10:00", 49_999), happenings=(start,))
    assert steps(play(kind("fi-national"), finnish), What.HANDOVER_DUE) == []


def test_what_closes_below_its_number_goes_on_as_the_kind_that_is_named(kind):
    british = kind("uk-parliament")
    plain = replace(british, extras=replace(british.extras, fallback_kind="paper"))
    life = play(plain, given(LONDON, "2026-01-15T10:00", ("2026-01-16T10:00", 9)))
    assert [step.code for step in steps(life, What.GOES_ON)] == ["paper"]
    assert steps(play(british, given(LONDON, "2026-01-15T10:00")), What.GOES_ON) == []


def test_a_curve_without_supporters_who_count_is_said_to_be_one(kind):
    life = play(kind("uk-parliament"), given(LONDON, "2026-01-15T10:00"))
    assert Assumption.NO_SPONSORS in life.assumed
    life = play(kind("fr-senat"), given(PARIS, "2026-01-15T10:00"))
    assert Assumption.NO_SPONSORS not in life.assumed


def test_eci_1_a_start_day_that_nobody_picks_makes_it_lapse(kind, context):
    areas = context.areas["eu-27"]
    curve = given(BRUSSELS, "2026-02-10T10:00", ("2026-05-01T10:00", 5), areas=areas)
    life = play(kind("eu-eci"), curve)
    assert (life.state, life.refused) == (State.LAPSED, 5)
    assert life.steps[-1].at >= local("2026-08-11T00:00", BRUSSELS)


def test_ch_1_and_ch_3_the_gazette_opens_and_eight_cantons_suffice(kind):
    referendum = kind("ch-federal", "referendum")
    gazette = Happening("gazette", local("2026-01-06T00:00", "Europe/Zurich"))
    cantons = tuple(
        Happening("declaration", local(f"2026-02-0{n}T10:00", "Europe/Zurich")) for n in range(1, 9)
    )
    life = play(
        referendum, given("Europe/Zurich", "2026-01-05T09:00", happenings=(gazette, *cantons))
    )
    assert (life.last_day, life.state) == (date(2026, 4, 16), State.THRESHOLD_REACHED)
    seven = given("Europe/Zurich", "2026-01-05T09:00", happenings=(gazette, *cantons[:7]))
    assert play(referendum, seven).state is State.CLOSED_BELOW
    with pytest.raises(InvalidError, match="simulation_start"):
        play(referendum, given("Europe/Zurich", "2026-01-05T09:00"))


def test_bcn_1_and_bcn_2_choice_and_length_are_the_authors(kind):
    city = kind("barcelona")
    arrivals = (("2026-12-10T10:00", 6_999), ("2026-12-11T10:00", 1))
    at = {"choices": {"effect": "hearing"}, "length": Period.parse("P3M")}
    life = play(city, given("Europe/Madrid", "2026-11-30T09:00", *arrivals, **at))
    assert (life.last_day, life.state) == (date(2027, 2, 28), State.THRESHOLD_REACHED)
    with pytest.raises(InvalidError, match="window_out_of_range"):
        play(city, given("Europe/Madrid", "2026-11-30T09:00", choices={"effect": "hearing"},
                         length=Period.parse("P5M")))  # fmt: skip
    with pytest.raises(KeyError):
        play(city, given("Europe/Madrid", "2026-11-30T09:00"))


def test_uk_4_an_outcome_before_the_window_closes_is_refused_by_the_table(kind):
    early = Happening("outcome:examined", local("2026-02-01T10:00", LONDON))
    with pytest.raises(InvalidError) as refused:
        play(
            kind("uk-parliament"),
            given(LONDON, "2026-01-15T10:00", ("2026-01-16T10:00", 10_000), happenings=(early,)),
        )
    assert isinstance(refused.value.__cause__, TransitionRefusedError)
    assert refused.value.facts == {"event": "outcome:examined", "state": "threshold_reached"}


def test_the_senate_examines_early_and_its_clocks_of_erasure_run_from_there(kind):
    decided = Happening("outcome:no_action", local("2026-03-01T10:00", PARIS))
    life = play(
        kind("fr-senat"),
        given(PARIS, "2026-01-15T10:12", ("2026-04-01T10:00", 7), happenings=(decided,)),
    )
    assert (life.state, life.refused) == (State.EXAMINED, 7)
    (erased,) = steps(life, What.ERASED)
    assert (erased.code, erased.at) == ("signatures", local("2026-09-02T00:00", PARIS))


def test_a_curve_is_read_with_counts_or_totals_and_a_fall_is_no_arrival():
    counts = read_curve("minute,count,gap_s\n2026-01-02T00:01Z,5,9\n2026-01-01T00:00Z,3,9\n", PARIS)
    assert counts == (
        Arrival(datetime(2026, 1, 1, tzinfo=UTC), 3), Arrival(datetime(2026, 1, 2, 0, 1, tzinfo=UTC), 5),
    )  # fmt: skip
    totals = read_curve(
        "date,total,area\n2026-01-01,3,75\n2026-01-02,2,75\n2026-01-03,9,75\n", PARIS
    )
    assert [(each.number, each.area) for each in totals] == [(3, "75"), (6, "75")]
    assert totals[0].at == local("2026-01-01T00:00", PARIS)


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("when,count\n1,2\n", "curve_columns"),
        ("at,count\n", "curve_empty"),
        ("at,count\n2026-01-01,x\n", "curve_line"),
        ("at,count\nnever,1\n", "curve_line"),
        ("at,count\n2026-01-01,-1\n", "curve_line"),
    ],
)
def test_a_curve_that_cannot_be_read_says_why(text, code):
    with pytest.raises(InvalidError, match=code):
        read_curve(text, PARIS)


def test_a_curve_moves_as_a_whole_to_another_start():
    start = local("2026-05-01T08:00", PARIS)
    first, second = read_curve("at,count\n2026-01-01T00:00Z,1\n2026-01-02T00:00Z,1\n", PARIS)
    moved = moved_to((first, second), start)
    assert (moved[0].at, moved[1].at - moved[0].at) == (start, timedelta(days=1))
    assert moved_to((), start) == ()
