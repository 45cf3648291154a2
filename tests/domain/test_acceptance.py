"""What the parliaments themselves would check: one test per scenario of their procedures."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from petitions.domain.calendar import (
    AssemblyCalendar,
    DaySpan,
    Pause,
    SigningWindow,
    add,
    age_on,
    bars_through,
    check_choice,
    closes_at,
    deadline,
    overdue_from,
    window,
)
from petitions.domain.duties import Status, clocks_started, due, stage_due, status, tracks_opened
from petitions.domain.errors import InvalidError
from petitions.domain.milestones import (
    Tally,
    Target,
    by_alternative,
    fallen_below,
    newly_reached,
    reached,
    target_of,
)
from petitions.domain.periods import Period
from petitions.domain.procedure import Kind


def local(text: str, zone: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=ZoneInfo(zone)).astimezone(UTC)


def utc(text: str) -> datetime:
    return datetime.fromisoformat(text)


def opened(kind: Kind, zone: str, moment: str, **keys: object) -> SigningWindow:
    return window(kind.signing.window, event_at=local(moment, zone), zone=zone, **keys)


def count(number: int, **keys: object) -> Tally:
    return Tally(raw=keys.pop("raw", number), verified=number, **keys)


def targets(kind: Kind, context=None, **choices: str) -> dict[str, Target]:
    file = kind.signing.areas.file if kind.signing.areas else ""
    table = context.areas.get(file) if context else None
    return {
        each.id: target_of(each, populations={}, choices=choices, areas=table)
        for each in kind.milestones
    }


def reached_ids(kind: Kind, tally: Tally, met: dict[str, Target]) -> list[str]:
    return [each.id for each in newly_reached(kind, tally, met, frozenset())]


PARIS, LONDON, BERLIN = "Europe/Paris", "Europe/London", "Europe/Berlin"
RECESS = AssemblyCalendar(
    spans={"recess": (DaySpan(date(2026, 7, 10), date(2026, 9, 30)),)},
    covers_until=date(2027, 12, 31),
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
        "uk-parliament", ('length = "P6M" }, areas', 'length = "P6M", first_day = "event" }, areas')
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


# Brussels


def test_bxl_1_only_residents_of_sixteen_count_toward_the_hearing(kind):
    petition = kind("brussels", "petition")
    met = targets(petition)
    assert reached_ids(petition, count(1_400, by_class={"resident16": 999}), met) == []
    assert reached_ids(petition, count(1_401, by_class={"resident16": 1_000}), met) == ["hearing"]


def test_bxl_2_the_birthday_itself_counts(kind):
    condition = kind("brussels", "petition").signing.classes["resident16"]
    birth = date(2010, 5, 2)
    assert age_on(birth, date(2026, 5, 1)) < condition.age_min
    assert age_on(birth, date(2026, 5, 2)) >= condition.age_min


def test_bxl_3_the_answer_is_due_at_the_end_of_february(kind):
    (answer,) = tracks_opened(kind("brussels", "petition"), "submitted")
    found = due(answer.duty, date(2026, 8, 31), calendar=RECESS)
    assert found.day == date(2027, 2, 28)
    zone = "Europe/Brussels"
    assert status(found, None, local("2027-02-28T23:59:59", zone), zone).status is Status.DUE
    assert status(found, None, local("2027-03-01T00:00", zone), zone).status is Status.OVERDUE


def test_bxl_4_the_recess_moves_the_first_meeting(kind):
    suggestion = kind("brussels", "suggestion")
    (meeting,) = tracks_opened(suggestion, "outcome:granted")
    calendar = AssemblyCalendar(
        spans={"recess": (DaySpan(date(2026, 7, 21), date(2026, 9, 20)),)},
        covers_until=date(2026, 12, 31),
    )
    assert due(meeting.duty, date(2026, 5, 20), calendar=calendar).day == date(2026, 10, 21)
    assert suggestion.milestones[0].panel["pfb"] == (12, 36)
    assert suggestion.milestones[0].panel["prb"] == (15, 45)


def test_bxl_5_a_declined_suggestion_bars_the_subject_for_a_year(book):
    suggestion = book("brussels").kinds["suggestion"]
    limits = suggestion.filing.limits
    assert limits.decided_outcomes == ("refused_with_reasons",)
    assert bars_through(date(2026, 3, 10), limits.decided_within) == date(2027, 3, 10)
    assert book("brussels").languages.required == ("fr", "nl")


# Barcelona


@pytest.mark.parametrize(
    ("choice", "number", "expected"),
    [("hearing", 6_999, []), ("hearing", 7_000, ["effect"]), ("process", 7_000, [])],
)
def test_bcn_1_the_chosen_effect_sets_the_threshold(kind, choice, number, expected):
    barcelona = kind("barcelona")
    assert reached_ids(barcelona, count(number), targets(barcelona, effect=choice)) == expected


def test_bcn_2_three_months_from_the_end_of_november_end_in_february(kind):
    barcelona = kind("barcelona")
    found = opened(barcelona, "Europe/Madrid", "2026-11-30T10:00", choice=Period.parse("P3M"))
    assert found.last_day == date(2027, 2, 28)
    with pytest.raises(InvalidError) as refused:
        opened(barcelona, "Europe/Madrid", "2026-11-30T10:00", choice=Period.parse("P5M"))
    assert refused.value.facts == {"minimum": "P2M", "maximum": "P4M", "got": "P5M"}


def test_bcn_3_an_association_needs_no_promoters(kind):
    (promoters,) = kind("barcelona").sponsors
    assert (promoters.minimum, promoters.author_counts) == (3, True)
    assert promoters.unless.to_data() == {"organisation": True}


def test_bcn_4_lines_on_paper_count_once_they_are_certified(kind):
    barcelona = kind("barcelona")
    met = targets(barcelona, effect="hearing")
    assert reached_ids(barcelona, count(6_000, raw=7_200), met) == []
    assert reached_ids(barcelona, count(7_000, raw=7_200), met) == ["effect"]


# European citizens' initiative


def test_eci_1_a_start_is_chosen_within_six_months_of_registration(kind):
    eci = kind("eu-eci")
    latest = add(date(2026, 2, 10), eci.signing.window.chosen_within)
    assert latest == date(2026, 8, 10)
    found = opened(eci, "Europe/Brussels", "2026-08-10T15:00")
    assert found.last_day == date(2027, 8, 10)
    assert found.opens_at == local("2026-08-10T00:00", "Europe/Brussels")
    assert closes_at(latest, "Europe/Brussels") == local("2026-08-11T00:00", "Europe/Brussels")


SIX = {"FR": 58_320, "IT": 54_720, "ES": 43_920, "PL": 38_160, "RO": 23_760, "MT": 4_320}


def test_eci_2_the_seventh_state_must_reach_its_own_minimum(kind, context):
    eci = kind("eu-eci")
    met = targets(eci, context)
    assert reached_ids(eci, count(1_050_000, by_area={**SIX, "DE": 69_119}), met) == []
    assert reached_ids(eci, count(1_050_000, by_area={**SIX, "DE": 69_120}), met) == ["million"]


def test_eci_3_what_counts_is_what_was_verified(kind, context):
    eci = kind("eu-eci")
    nine = {**SIX, "DE": 69_120, "NL": 22_320, "BE": 15_840}
    assert (
        reached_ids(eci, count(998_500, raw=1_100_000, by_area=nine), targets(eci, context)) == []
    )


def test_eci_4_a_seat_gained_later_does_not_raise_a_running_minimum(kind, context):
    eci = kind("eu-eci")
    (million,) = eci.milestones
    pinned = targets(eci, context)["million"]
    assert pinned.minima["MT"] == 4_320
    table = context.areas["eu-27"]
    values = {**table.values, "MT": {**table.values["MT"], "seats": 7}}
    later = type(table)(
        id=table.id,
        source=table.source,
        as_of=None,
        columns=table.columns,
        names=table.names,
        values=values,
    )
    assert target_of(million, populations={}, choices={}, areas=later).minima["MT"] == 5_040
    restored = Target.from_data(pinned.to_data())
    areas = {"DE": 69_120, **SIX}
    assert reached(million, count(1_000_000, by_area=areas), restored)
    assert million.snapshot == "admission"


def test_eci_5_the_organisers_live_in_seven_states(kind):
    (organisers,) = kind("eu-eci").sponsors
    assert (organisers.spread.areas, organisers.spread.k, organisers.minimum) == ("eu-27", 7, 7)
    assert organisers.who.negated.office == "mep"


def test_eci_6_the_commission_answers_within_six_months_of_acceptance(kind):
    eci = kind("eu-eci")
    submit = eci.signing.verification.submit_within
    last = deadline(date(2027, 8, 10), submit, calendar=AssemblyCalendar()).day
    assert last == date(2027, 11, 10)
    assert closes_at(last, "Europe/Brussels") == local("2027-11-11T00:00", "Europe/Brussels")
    days = {
        duty.id: due(duty, date(2028, 1, 31), calendar=AssemblyCalendar()).day
        for duty in clocks_started(eci, "handover:accepted")
    }
    assert days == {"hearing": date(2028, 4, 30), "reply": date(2028, 7, 31)}


# Finland


def test_fin_1_fifty_in_the_first_month_or_it_closes(kind):
    finland = kind("fi-national", "law_proposal")
    assert opened(finland, "Europe/Helsinki", "2026-03-01T09:00").last_day == date(2026, 9, 1)
    (rule,) = finland.signing.attrition
    judged = closes_at(add(date(2026, 3, 1), rule.within), "Europe/Helsinki")
    assert judged == local("2026-04-02T00:00", "Europe/Helsinki")
    assert (rule.at_least, rule.otherwise) == (50, "close")


def test_fin_2_the_register_decides(kind):
    finland = kind("fi-national", "law_proposal")
    met = targets(finland)
    assert reached_ids(finland, count(49_980, raw=51_200), met) == []
    assert reached_ids(finland, count(50_000, raw=51_200), met) == ["parliament"]


def test_fin_3_the_handover_has_twelve_months_and_had_six(book):
    now = book("fi-national").kinds["law_proposal"].after.handover
    before = (
        book("fi-national", ('within = "P12M"', 'within = "P6M"'))
        .kinds["law_proposal"]
        .after.handover
    )
    assert add(date(2026, 11, 15), now.within) == date(2027, 11, 15)
    assert add(date(2026, 11, 15), before.within) == date(2027, 5, 15)
    assert now.start == "verified"


def test_fin_4_declared_numbers_are_never_counted(kind):
    finland = kind("fi-national", "law_proposal")
    assert finland.signing.verification.paper == "after_close"
    assert finland.sponsors[0].minimum == 5


# Switzerland

ZURICH = "Europe/Zurich"


def test_ch_1_eighteen_months_or_a_hundred_days_from_the_gazette(kind):
    initiative = opened(kind("ch-federal", "initiative"), ZURICH, "2025-02-04T00:00")
    referendum = opened(kind("ch-federal", "referendum"), ZURICH, "2026-01-06T00:00")
    assert initiative.last_day == date(2026, 8, 4)
    assert referendum.last_day == date(2026, 4, 16)


def test_ch_2_the_standstill_of_2020_gave_seventy_two_days_back(kind):
    referendum = kind("ch-federal", "referendum")
    standstill = Pause(local("2020-03-21T00:00", ZURICH), local("2020-06-01T00:00", ZURICH))
    assert opened(referendum, ZURICH, "2020-01-07T00:00").last_day == date(2020, 4, 16)
    found = opened(referendum, ZURICH, "2020-01-07T00:00", pauses=[standstill])
    assert found.last_day == date(2020, 6, 27)


def test_ch_3_eight_cantons_do_what_signatures_did_not(kind):
    referendum = kind("ch-federal", "referendum")
    (vote,) = referendum.milestones
    met = targets(referendum)
    assert reached_ids(referendum, count(49_000, declarations=7), met) == []
    eight = count(49_000, declarations=8)
    assert reached_ids(referendum, eight, met) == ["vote"]
    assert by_alternative(vote, eight)


def test_ch_4_a_certificate_counts_and_a_received_line_does_not(kind):
    initiative = kind("ch-federal", "initiative")
    assert reached_ids(initiative, count(97_500, raw=100_000), targets(initiative)) == []
    assert initiative.sponsors[0].minimum == 7
    assert initiative.sponsors[0].maximum == 27


# Canada

TORONTO = "America/Toronto"


def test_ca_1_the_author_picks_one_of_four_windows(kind):
    canada = kind("ca-house-of-commons", "electronic")
    found = opened(canada, TORONTO, "2026-05-06T10:00", choice=Period.parse("P60D"))
    assert found.last_day == date(2026, 7, 5)
    with pytest.raises(InvalidError) as refused:
        opened(canada, TORONTO, "2026-05-06T10:00", choice=Period.parse("P45D"))
    assert refused.value.facts == {"allowed": "P30D, P60D, P90D, P120D", "got": "P45D"}


def test_ca_2_a_silent_member_frees_the_next_invitation(kind):
    member = kind("ca-house-of-commons", "electronic").sponsors[1]
    last = add(date(2026, 3, 2), member.within)
    assert last + timedelta(days=1) == date(2026, 4, 2)
    assert member.attempts == 5


def test_ca_3_the_certificate_opens_a_duty_whose_clock_waits(kind):
    canada = kind("ca-house-of-commons", "electronic")
    assert reached_ids(canada, count(499), targets(canada)) == []
    assert reached_ids(canada, count(500), targets(canada)) == ["certificate"]
    (response,) = tracks_opened(canada, "milestone:certificate")
    assert (response.id, response.clock_runs) == ("response", False)


def test_ca_4_forty_five_days_from_presentation(kind):
    (duty,) = clocks_started(kind("ca-house-of-commons", "electronic"), "handover:presented")
    found = due(duty, date(2026, 9, 21), calendar=AssemblyCalendar())
    assert found.day == date(2026, 11, 5)
    assert overdue_from(found.day, TORONTO) == utc("2026-11-06T05:00:00Z")


def test_ca_5_a_paper_petition_needs_twenty_five_on_admission(kind):
    paper = kind("ca-house-of-commons", "paper")
    assert reached_ids(paper, count(24), targets(paper)) == []
    assert reached_ids(paper, count(25), targets(paper)) == ["certificate"]
    assert (paper.filing.form.text_max, paper.filing.form.unit) == (250, "words")
    assert paper.filing.form.links == "none"
