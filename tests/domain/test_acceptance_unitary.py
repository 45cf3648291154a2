"""What the parliaments themselves would check: France, the United Kingdom, Scotland, Wales and Germany."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from petitions.domain.calendar import (
    Pause,
    add,
    bars_through,
    check_choice,
    closes_at,
    overdue_from,
)
from petitions.domain.duties import due, stage_due, tracks_opened
from petitions.domain.errors import InvalidError
from petitions.domain.milestones import (
    fallen_below,
)
from petitions.domain.periods import Period
from tests.domain.clauses import (
    BERLIN,
    LONDON,
    PARIS,
    RECESS,
    count,
    local,
    opened,
    reached_ids,
    targets,
    utc,
)

# Senate of France


def test_sen_1_the_last_second_of_the_last_day_counts(kind):
    found = opened(kind("fr-senat"), PARIS, "2026-01-15T10:12")
    assert found.is_open(local("2026-07-15T23:59:59", PARIS))
    assert not found.is_open(local("2026-07-16T00:00:00", PARIS))
    assert found.closes_at == utc("2026-07-15T22:00:00Z")


def test_sen_2_the_recess_stops_the_clock_of_the_form_check(kind):
    stage = kind("fr-senat").admissibility.stages[0]
    found = stage_due(stage, date(2026, 6, 26), calendar=RECESS)
    assert found.day == date(2026, 10, 2)
    assert not found.provisional
    assert overdue_from(found.day, PARIS) == local("2026-10-03T00:00", PARIS)


def test_sen_3_the_hundred_thousandth_signature_opens_a_track_without_a_deadline(kind):
    senate = kind("fr-senat")
    assert reached_ids(senate, count(99_999), targets(senate)) == []
    assert reached_ids(senate, count(100_000), targets(senate)) == ["conference"]
    (track,) = tracks_opened(senate, "milestone:conference")
    assert (track.id, track.duty) == ("conference", None)
    assert [stage.id for stage in senate.admissibility.at("milestone:conference")] == ["substance"]


def test_sen_4_invalidating_three_signatures_opens_one_task(kind):
    senate = kind("fr-senat")
    below = fallen_below(senate, count(99_997), targets(senate), frozenset({"conference"}))
    assert [each.id for each in below] == ["conference"]


def test_sen_5_the_conference_may_take_a_petition_up_early(kind):
    senate = kind("fr-senat")
    assert senate.after.early
    assert senate.filing.author.age_min == 18
    assert senate.signing.who.age_min is None


def test_sen_6_the_same_subject_is_barred_for_two_years(kind):
    limit = kind("fr-senat").filing.limits.decided_within
    last = bars_through(date(2025, 3, 10), limit)
    assert last == date(2027, 3, 10)
    assert last + timedelta(days=1) == date(2027, 3, 11)


# National Assembly of France


def departments(number: int, each: int = 1) -> dict[str, int]:
    return {f"{code:02}": each for code in range(1, number + 1)}


def test_an_1_five_hundred_thousand_from_twenty_nine_areas_is_not_enough(kind, context):
    assembly = kind("fr-assemblee-nationale")
    met = targets(assembly, context)
    areas = {**departments(28), "29": 499_972}
    assert reached_ids(assembly, count(500_000, by_area=areas), met) == ["featured"]
    more = count(500_001, by_area={**areas, "30": 1})
    assert reached_ids(assembly, more, met) == ["featured", "debate"]


def test_an_2_one_signature_makes_an_area(kind, context):
    assembly = kind("fr-assemblee-nationale")
    met = targets(assembly, context)
    assert "debate" in reached_ids(
        assembly, count(500_000, by_area={**departments(29), "75": 499_971}), met
    )
    forty = count(499_999, by_area={**departments(39), "75": 499_960})
    assert "debate" not in reached_ids(assembly, forty, met)


def test_an_3_attrition_is_judged_at_the_first_instant_after_six_months(kind):
    (rule,) = kind("fr-assemblee-nationale").signing.attrition
    judged = closes_at(add(date(2026, 1, 5), rule.within), PARIS)
    assert judged == local("2026-07-06T00:00", PARIS)
    assert rule.at_least == 10_000
    assert rule.otherwise == "may_close"


def test_an_4_every_outcome_ends_signing(kind):
    assembly = kind("fr-assemblee-nationale")
    assert assembly.after.ends_signing == assembly.after.outcomes
    assert "classified" in assembly.after.ends_signing


def test_an_5_the_end_of_the_legislature_spares_what_was_examined(kind):
    (rule,) = kind("fr-assemblee-nationale").calendar
    assert rule.effect == "lapse"
    assert "published" in rule.states
    assert "examined" not in rule.states


# United Kingdom


def test_uk_1_an_entry_made_in_time_may_be_confirmed_for_a_day(kind):
    uk = kind("uk-parliament")
    found = opened(uk, LONDON, "2020-01-01T08:29")
    assert found.last_day == date(2020, 7, 1)
    assert found.closes_at == local("2020-07-02T00:00", LONDON)
    entered = local("2020-07-01T23:50", LONDON)
    hours = uk.signing.confirm_hours
    assert found.counts(entered, local("2020-07-02T22:00", LONDON), hours)
    assert not found.counts(entered, local("2020-07-03T00:01", LONDON), hours)
    assert not found.counts(
        local("2020-07-02T00:00", LONDON), local("2020-07-02T00:01", LONDON), hours
    )


def test_uk_2_six_months_from_the_end_of_august_end_in_february(kind):
    assert opened(kind("uk-parliament"), LONDON, "2026-08-31T09:00").last_day == date(2027, 2, 28)


def test_uk_2_an_outage_of_three_days_gives_three_days_back(kind):
    uk = kind("uk-parliament")
    outage = Pause(local("2026-03-02T00:00", LONDON), local("2026-03-05T00:00", LONDON))
    # Published on 14 December, so that the last day without an outage is 14 June.
    assert opened(uk, LONDON, "2025-12-14T09:00").last_day == date(2026, 6, 14)
    found = opened(uk, LONDON, "2025-12-14T09:00", pauses=[outage])
    assert found.last_day == date(2026, 6, 17)


def test_uk_2_the_same_outage_under_the_other_setting_of_the_first_day(book):
    event = book(
        "uk-parliament", ('length = "P6M" }\nareas', 'length = "P6M", first_day = "event" }\nareas')
    )
    outage = Pause(local("2026-03-02T00:00", LONDON), local("2026-03-05T00:00", LONDON))
    found = opened(event.default_kind, LONDON, "2025-12-15T09:00", pauses=[outage])
    assert found.last_day == date(2026, 6, 17)


def test_uk_3_the_supporters_and_the_author_are_in_the_total(kind):
    uk = kind("uk-parliament")
    (supporters,) = uk.sponsors
    assert (supporters.minimum, supporters.maximum, supporters.in_total) == (5, 20, "all")
    assert uk.signing.author_signs


def test_uk_4_the_second_milestone_opens_its_own_track(kind):
    uk = kind("uk-parliament")
    assert uk.decisive.id == "response"
    assert [track.id for track in tracks_opened(uk, "milestone:debate")] == ["debate"]
    assert uk.after.ends_signing == ()


def test_uk_5_a_count_that_falls_back_keeps_its_milestone(kind):
    uk = kind("uk-parliament")
    below = fallen_below(uk, count(9_820), targets(uk), frozenset({"response"}))
    assert [each.id for each in below] == ["response"]


def test_uk_6_a_dissolution_closes_what_is_open_and_ends_what_was_not_published(kind):
    rules = {rule.effect: rule.states for rule in kind("uk-parliament").calendar}
    assert rules["close"] == ("published", "threshold_reached")
    assert rules["lapse"] == ("gathering_sponsors", "in_admissibility")


def test_uk_7_an_offensive_text_is_hidden_and_a_duplicate_is_not(kind):
    grounds = kind("uk-parliament").admissibility.grounds
    assert "offensive" in grounds.hidden
    assert "duplicate" in grounds.public


# Scotland and Wales


def test_sco_1_one_may_examine_from_publication_on(kind):
    scotland = kind("scottish-parliament")
    assert scotland.after.entry == "publication"
    assert scotland.milestones == ()
    (consider,) = tracks_opened(scotland, "published")
    assert due(consider.duty, date(2026, 1, 10), calendar=RECESS).day is None


def test_sco_3_the_same_subject_is_barred_for_a_year_to_the_day(kind):
    limit = kind("scottish-parliament").filing.limits.closed_within
    assert bars_through(date(2026, 2, 28), limit) == date(2027, 2, 28)


def test_sco_4_there_is_no_closing_date_and_no_condition_on_the_signer(kind):
    scotland = kind("scottish-parliament")
    found = opened(scotland, LONDON, "2026-01-10T09:00")
    assert found.is_open(local("2029-01-10T09:00", LONDON))
    assert found.last_day is None
    assert scotland.signing.who.anyone


def test_snd_1_an_earlier_version_keeps_its_threshold(book):
    now = book("senedd").default_kind
    before = book(
        "senedd", ("threshold = 250", "threshold = 50"), ("version = 2", "version = 1")
    ).default_kind
    assert reached_ids(before, count(50), targets(before)) == ["referral"]
    assert reached_ids(now, count(249), targets(now)) == []
    assert reached_ids(now, count(250), targets(now)) == ["referral"]


def test_snd_3_the_author_picks_one_channel(kind):
    assert kind("senedd").signing.combine == "one"


def test_snd_4_a_window_of_seven_months_is_refused(kind):
    with pytest.raises(InvalidError) as refused:
        check_choice(kind("senedd").signing.window, Period.parse("P7M"), date(2026, 1, 1))
    assert refused.value.facts == {"minimum": "P1D", "maximum": "P6M", "got": "P7M"}


def test_snd_4_both_languages_are_needed(book):
    assert book("senedd").languages.required == ("cy", "en")


# Bundestag


def test_bun_1_the_change_of_clocks_does_not_move_the_last_day(book):
    found = opened(book("de-bundestag").kinds["public"], BERLIN, "2026-03-04T11:00")
    assert found.last_day == date(2026, 4, 15)
    assert found.closes_at == utc("2026-04-15T22:00:00Z")


def test_bun_2_version_one_gave_twenty_eight_days_and_asked_fifty_thousand(book):
    before = book(
        "de-bundestag",
        ("P42D", "P28D"),
        ("threshold = 30000", "threshold = 50000"),
        ("version = 2", "version = 1"),
    ).kinds["public"]
    assert opened(before, BERLIN, "2024-07-03T10:00").last_day == date(2024, 7, 31)
    assert reached_ids(before, count(49_999), targets(before)) == []
    assert reached_ids(before, count(50_000), targets(before)) == ["hearing"]


def test_bun_3_examining_starts_at_the_close_whatever_the_count(book):
    public = book("de-bundestag").kinds["public"]
    assert public.after.entry == "closing"
    assert public.decisive.force == "should"
    assert reached_ids(public, count(29_999), targets(public)) == []
    assert reached_ids(public, count(30_000), targets(public)) == ["hearing"]


def test_bun_4_a_private_petition_is_never_open_for_signing(book):
    private = book("de-bundestag").kinds["private"]
    found = opened(private, BERLIN, "2026-03-04T11:00")
    assert not found.is_open(local("2026-03-04T11:00", BERLIN))
    assert private.visibility == "private"
    assert private.after.entry == "publication"
