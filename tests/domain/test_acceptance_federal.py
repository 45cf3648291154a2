"""What the parliaments themselves would check: Brussels, Barcelona, the European Union, Finland, Switzerland and Canada."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from petitions.domain.calendar import (
    AssemblyCalendar,
    DaySpan,
    Pause,
    add,
    age_on,
    bars_through,
    closes_at,
    deadline,
    overdue_from,
)
from petitions.domain.duties import Status, clocks_started, due, status, tracks_opened
from petitions.domain.errors import InvalidError
from petitions.domain.milestones import (
    Target,
    by_alternative,
    reached,
    target_of,
)
from petitions.domain.periods import Period
from tests.domain.clauses import (
    RECESS,
    count,
    local,
    opened,
    reached_ids,
    targets,
    utc,
)

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
