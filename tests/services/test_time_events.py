"""Events of the calendar in the services: dissolution, end of the legislature, refusals, errata."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from pathlib import Path

import pytest
from sqlalchemy import Engine

from petitions.domain.errors import ConflictError, ForbiddenError, InvalidError
from petitions.services import calendars, term_end
from petitions.services.calendars import COVERAGE, HOLIDAY, SITTING, Line
from petitions.services.reviews import open_reviews
from petitions.storage.tables import AppliedEffect, CalendarEntry, Petition
from tests.services.calendars import KEEPER, SECOND, Chamber, a_chamber

Chambers = Callable[..., Chamber]


@pytest.fixture
def chamber(tmp_path: Path, engine: Engine) -> Chambers:
    return lambda rulebook, *changes: a_chamber(tmp_path, engine, rulebook, changes)


def test_uk_6_a_dissolution_closes_some_petitions_and_ends_others(chamber: Chambers) -> None:
    uk = chamber("uk-parliament")
    waiting = uk.file("2029-03-01T10:00")
    running = uk.publish("2029-03-01T11:00")
    uk.precinct.sign(running, 1)
    uk.to("2029-03-20T10:00")
    uk.enter("dissolution", "2029-03-30T00:01")
    uk.work("2029-03-30T00:00")
    assert {uk.precinct.state(each) for each in (waiting, running)} == {
        "in_admissibility", "published",
    }  # fmt: skip
    uk.work("2029-03-30T00:05")
    gone = uk.look(waiting)
    assert (gone.state, gone.state_since) == ("lapsed", uk.local("2029-03-30T00:01"))
    found = uk.look(running)
    assert (found.state, found.closes_at) == ("published", uk.local("2029-03-30T00:01"))
    uk.work("2029-03-30T23:59")
    assert uk.precinct.state(running) == "published"  # who entered in time may still confirm
    uk.work("2029-03-31T00:01")
    found = uk.look(running)
    assert (found.state, found.state_since) == ("closed_below", uk.local("2029-03-30T00:01"))
    assert uk.precinct.count(AppliedEffect) == 2
    assert any("has lapsed" in mail for mail in uk.precinct.mailbox())


def test_an_5_the_end_of_the_legislature_spares_what_was_examined(chamber: Chambers) -> None:
    an = chamber("fr-assemblee-nationale")
    running = an.publish("2027-05-03T10:00")
    with an.precinct.session() as session:
        before = term_end.dry_run(
            session, an.precinct.house, an.assembly, "end_of_legislature",
            an.local("2027-06-20T00:00"),
        )  # fmt: skip
    assert [(line.fate, line.letter) for line in before.lines] == [("lapses", "lapsed")]
    an.to("2027-06-01T10:00")
    an.enter("end_of_legislature", "2027-06-20T00:00")
    for _ in range(2):
        an.work("2027-06-20T00:00")
    found = an.look(running)
    assert (found.state, found.state_since) == ("lapsed", an.local("2027-06-20T00:00"))
    assert len(an.trail(running, "lapse")) == 1
    later = an.publish("2027-07-01T10:00")  # filed after the event: none of its business
    an.work()
    assert an.precinct.state(later) == "published"


def test_what_closes_petitions_is_entered_by_two_people(chamber: Chambers) -> None:
    uk = chamber("uk-parliament")
    running = uk.publish("2029-03-01T11:00")
    entry = uk.enter("dissolution", "2029-03-30T00:01", second=None)
    uk.work("2029-04-02T00:00")
    assert uk.precinct.state(running) == "published"
    with pytest.raises(ForbiddenError), uk.precinct.session() as session:
        calendars.confirm(session, entry, KEEPER, uk.precinct.clock.at)
    with uk.precinct.session() as session:
        calendars.call_off(session, entry, SECOND, uk.precinct.clock.at)
    with pytest.raises(ConflictError), uk.precinct.session() as session:
        calendars.confirm(session, entry, SECOND, uk.precinct.clock.at)
    assert uk.enter("outage", "2029-04-01T00:00", second=None)
    assert uk.precinct.count(CalendarEntry, CalendarEntry.status == "in_force") == 1


def test_a_closing_entered_late_takes_nobodys_signature_back(chamber: Chambers) -> None:
    uk = chamber("uk-parliament")
    running = uk.publish("2029-03-01T11:00")
    uk.to("2029-03-30T09:00")
    uk.precinct.sign(running, 1)
    uk.enter("dissolution", "2029-03-30T00:01")
    uk.work()
    assert uk.look(running).closes_at == uk.local("2029-03-30T09:00")


BARRED = (
    'event = "outage"\neffect = "pause"',
    'event = "election"\neffect = "refuse_new"\nfrom = "-P60D"\nto = "P0D"',
)


def test_no_new_petition_is_filed_in_the_sixty_days_before_an_election(chamber: Chambers) -> None:
    uk = chamber("uk-parliament", BARRED)
    uk.to("2026-01-05T09:00")
    uk.enter("election", "2026-05-07T07:00")
    uk.file("2026-03-07T23:59")
    for day in ("2026-03-08T00:00", "2026-05-07T23:59"):
        with pytest.raises(InvalidError, match="new_petitions_refused"):
            uk.file(day)
    uk.file("2026-05-08T00:00")


LONGER = (
    'event = "outage"\neffect = "pause"', 'event = "outage"\neffect = "extend"\nlength = "P14D"',
)  # fmt: skip


def test_an_event_that_extends_gives_its_length_once(chamber: Chambers) -> None:
    uk = chamber("uk-parliament", LONGER)
    petition = uk.publish("2026-01-01T10:00")
    uk.to("2026-02-02T10:00")
    entry = uk.enter("outage", "2026-02-02T08:00")
    uk.work()
    uk.work("2026-02-03T10:00")
    assert uk.look(petition).last_day == date(2026, 7, 15)
    corrected = Line(
        what="event", event="outage", note="It began an hour later.",
        starts_at=uk.local("2026-02-02T09:00"),
    )  # fmt: skip
    with uk.precinct.session() as session:
        calendars.correct(
            session, uk.precinct.house, entry, corrected, corrected.note, KEEPER,
            uk.precinct.clock.at,
        )  # fmt: skip
    uk.work()
    assert uk.look(petition).last_day == date(2026, 7, 15)
    assert uk.precinct.count(CalendarEntry, CalendarEntry.status == "corrected") == 1


def test_an_entry_without_its_facts_is_refused_field_by_field(chamber: Chambers) -> None:
    uk = chamber("uk-parliament")
    at = uk.to("2026-01-05T09:00")
    bad = Line(what="event", event="strike", note=" ")
    with uk.precinct.session() as session, pytest.raises(InvalidError) as refused:
        calendars.enter(session, uk.precinct.house, uk.assembly, bad, KEEPER, at=at)
    assert set(refused.value.fields) == {"note", "event", "starts"}


def test_an_open_deadline_follows_what_the_calendar_learns(
    chamber: Chambers,
) -> None:
    uk = chamber("uk-parliament", ('within = "P14D"', 'within = "5 working"'))
    petition = uk.file("2026-11-02T10:00")

    def due() -> tuple[date | None, bool]:
        with uk.precinct.session() as session:
            (review,) = open_reviews(session, session.get_one(Petition, petition))
            return review.due_on, review.due_provisional

    uk.work()
    assert due()[0] == date(2026, 11, 9)
    uk.days(HOLIDAY, date(2026, 11, 5))
    uk.days(COVERAGE, until=date(2035, 12, 31))
    uk.work()
    assert due() == (date(2026, 11, 10), False)


def test_sitting_days_listed_later_make_a_date_of_what_was_unknown(chamber: Chambers) -> None:
    uk = chamber("uk-parliament")
    uk.to("2026-01-05T09:00")
    with uk.precinct.session() as session:
        before = calendars.calendar_of(session, uk.precinct.house, uk.assembly)
    uk.days(SITTING, date(2026, 1, 6), date(2026, 1, 7))
    uk.days("no_sitting", date(2026, 1, 7))
    with uk.precinct.session() as session:
        after = calendars.calendar_of(session, uk.precinct.house, uk.assembly)
    assert after.sitting(date(2026, 1, 6))
    assert not after.sitting(date(2026, 1, 7))
    assert not before.sitting(date(2026, 1, 6))
