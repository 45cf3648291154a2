"""Sponsors as six parliaments ask for them: UK-3, ECI-5, BCN-3, CA-2, CH-4, FIN-4 of the acceptance
scenarios, through the services, under the rulebooks that ship.
"""

from __future__ import annotations

from datetime import UTC, datetime

from petitions.domain.calendar import closes_at
from petitions.domain.lifecycle import Action
from petitions.ledger.entries import EntryType
from petitions.services.sponsors import record_answer
from petitions.storage import tables as t
from tests.house import CLERK, Precinct
from tests.sponsoring import Circle, file_under, refused_with

COUNTRIES = ["FR", "DE", "IT", "ES", "PL", "NL", "BE"]


def test_five_supporters_and_the_author_open_a_petition_at_six(precinct: Precinct) -> None:
    circle = file_under(precinct, "uk-parliament")
    circle.join("supporters", 1, 2, 3, 4)
    assert circle.state == "gathering_sponsors"
    circle.join("supporters", 5)
    assert (circle.state, circle.held()) == ("in_admissibility", 6)
    precinct.decide(circle.petition, Action.ACCEPT)
    precinct.clock.forward(hours=2)
    precinct.work()
    with precinct.session() as session:
        assert session.get_one(t.PublicCount, circle.petition).valid == 6
    signed = precinct.entries(EntryType.SIGN)
    assert len(signed) == 6
    assert circle.held() == 0


def test_a_twenty_first_supporter_is_refused_and_a_twentieth_is_not(precinct: Precinct) -> None:
    circle = file_under(precinct, "uk-parliament")
    link = circle.invite("supporters", shared=True)
    for person in range(1, 21):
        circle.confirm(link, person)
    assert refused_with(lambda: circle.confirm(link, 21)) == "sponsors_full"
    assert (circle.state, circle.held()) == ("in_admissibility", 21)


def test_an_initiative_needs_organisers_from_seven_member_states(precinct: Precinct) -> None:
    circle = file_under(precinct, "eu-eci", area=COUNTRIES[0])
    for person, country in enumerate([*COUNTRIES[1:6], "FR"], start=1):
        roles = {1: "representative", 2: "substitute"}
        circle.confirm(
            circle.invite("organisers", role=roles.get(person, "")), person, area=country
        )
    assert circle.state == "gathering_sponsors", "seven people, six states"
    circle.join("organisers", 8, area=COUNTRIES[6])
    assert circle.state == "in_admissibility"


def test_two_promoters_wait_for_the_third_and_an_association_needs_none(
    precinct: Precinct,
) -> None:
    circle = file_under(precinct, "barcelona")
    circle.join("promoters", 1)
    assert circle.state == "gathering_sponsors", "the author and one more"
    circle.join("promoters", 2)
    assert circle.state == "in_admissibility"
    assert file_under(precinct, "barcelona", exempt=("promoters",)).state == "in_admissibility"


def a_petition_that_needs_a_member(precinct: Precinct) -> Circle:
    precinct.clock.at = datetime(2026, 3, 2, 15, 0, tzinfo=UTC)
    circle = file_under(precinct, "ca-house-of-commons", "electronic")
    circle.join("supporters", 1, 2, 3, 4, 5)
    assert circle.stage("member").progress == "open"
    return circle


def test_a_silent_member_gives_way_to_the_next_on_the_second_of_april(precinct: Precinct) -> None:
    circle = a_petition_that_needs_a_member(precinct)
    circle.invite("member")
    assert circle.stage("member").due_on.isoformat() == "2026-04-01"
    precinct.clock.at = datetime(2026, 4, 2, 3, 59, tzinfo=UTC)
    precinct.work()
    assert refused_with(lambda: circle.invite("member")) == "one_at_a_time"
    precinct.clock.at = datetime(2026, 4, 2, 4, 0, tzinfo=UTC)
    precinct.work()
    circle.invite("member")
    assert circle.standings()[-2:] == ["expired", "invited"]
    assert circle.stage("member").due_on.isoformat() == "2026-05-02"


def test_after_the_fifth_silent_member_the_petition_lapses(precinct: Precinct) -> None:
    circle = a_petition_that_needs_a_member(precinct)
    for attempt in range(5):
        assert circle.state == "gathering_sponsors", attempt
        circle.invite("member")
        last = circle.stage("member").due_on
        precinct.clock.at = closes_at(last, "America/Toronto")
        precinct.work()
    assert circle.state == "lapsed"
    with precinct.session() as session:
        found = session.get_one(t.Petition, circle.petition)
        assert found.state_since == precinct.clock.at


def test_a_member_who_refuses_gives_way_at_once(precinct: Precinct) -> None:
    circle = a_petition_that_needs_a_member(precinct)
    for _ in range(4):
        circle.refuse(circle.invite("member"))
    assert circle.state == "gathering_sponsors"
    circle.refuse(circle.invite("member"))
    assert circle.state == "lapsed", "nobody is left to be asked"


def test_a_clerk_records_the_member_whose_office_no_login_proves(precinct: Precinct) -> None:
    circle = a_petition_that_needs_a_member(precinct)
    circle.invite("member")
    with precinct.session() as session:
        record_answer(
            session, precinct.house, circle.locked(session), 6, CLERK, accepted=True, at=circle.at
        )
    assert circle.state == "in_admissibility"
    assert circle.held() == 5, "the member's act is no signature"


def test_a_committee_of_six_waits_and_a_twenty_eighth_member_is_refused(precinct: Precinct) -> None:
    circle = file_under(precinct, "ch-federal", "initiative")
    circle.join("committee", *range(1, 6))
    assert circle.state == "gathering_sponsors", "six with the author"
    circle.join("committee", 6)
    assert circle.state == "in_admissibility"
    link = circle.invite("committee", shared=True)
    for person in range(7, 27):
        circle.confirm(link, person)
    assert refused_with(lambda: circle.confirm(link, 27)) == "sponsors_full"
    assert circle.held() == 0, "a committee signs nothing"


def test_four_initiators_wait_and_a_link_of_seven_days_runs_out(precinct: Precinct) -> None:
    circle = file_under(precinct, "fi-national")
    circle.confirm(circle.invite("initiators", role="representative"), 1)
    circle.confirm(circle.invite("initiators", role="reserve"), 2)
    circle.join("initiators", 3)
    assert circle.state == "gathering_sponsors"
    late = circle.invite("initiators")
    precinct.clock.forward(days=8)
    assert refused_with(lambda: circle.confirm(late, 4)) == "invitation_over"
    circle.join("initiators", 4)
    assert circle.state == "in_admissibility"
