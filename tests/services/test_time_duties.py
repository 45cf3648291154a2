"""Hand-overs, submissions to the verifier, clocks of duties, silence and the archive in the services."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from pathlib import Path

import pytest
from sqlalchemy import Engine

from petitions.domain.errors import ForbiddenError, InvalidError
from petitions.domain.lifecycle import Action
from petitions.services import examination, handover, moves, term_end
from petitions.services.examination import Examination
from petitions.services.retention import purge
from petitions.storage.tables import Decision, Petition, Track
from tests.house import COMMITTEE
from tests.services.calendars import KEEPER, Chamber, a_chamber
from tests.services.test_time_windows import ECI_ONLINE, FIN_ONLINE, ONLINE

Chambers = Callable[..., Chamber]


@pytest.fixture
def chamber(tmp_path: Path, engine: Engine) -> Chambers:
    return lambda rulebook, *changes: a_chamber(tmp_path, engine, rulebook, changes)


FEW = ("threshold = 60", "threshold = 3")
NO_ATTRITION = ('attrition = [{ within = "P1M", at_least = 50, else = "close" }]\n', "")


@pytest.mark.parametrize(
    ("within", "last", "gone"),
    [("P12M", "2027-11-15", "2027-11-16"), ("P6M", "2027-05-15", "2027-05-16")],
)
def test_fin_3_the_result_is_handed_over_in_time_or_it_lapses(
    chamber: Chambers, within: str, last: str, gone: str
) -> None:
    fin = chamber(
        "fi-national", ONLINE, FIN_ONLINE, FEW, NO_ATTRITION,
        ('within = "P12M"', f'within = "{within}"'),
    )  # fmt: skip
    missed, done = (fin.publish("2026-05-01T10:00") for _ in range(2))
    for petition in (missed, done):
        fin.start_on(petition, "2026-05-15")
        for person in range(3):
            fin.precinct.sign(petition, person, at=fin.local("2026-05-15T08:00"))
    fin.work("2026-05-16T00:00")
    assert fin.precinct.state(missed) == "threshold_reached"
    fin.work("2026-11-16T00:00")  # everything was verified at signing: with the last day
    fin.to(f"{last}T23:00")
    with pytest.raises(InvalidError) as refused:
        fin.acknowledge(done, "sent", gone, by_author=True)
    assert refused.value.fields["day"][0] == "day_ahead"
    fin.acknowledge(done, "sent", last, by_author=True)
    fin.work(f"{last}T23:59:59")
    assert fin.precinct.state(missed) == "threshold_reached"
    fin.work(f"{gone}T08:00")
    found = fin.look(missed)
    assert (found.state, found.state_since) == ("lapsed", fin.local(f"{gone}T00:00"))
    assert fin.precinct.state(done) == "threshold_reached"


def test_eci_6_statements_that_nobody_gives_in_end_the_initiative(chamber: Chambers) -> None:
    eu = chamber("eu-eci", ONLINE)
    missed, done = (eu.publish("2026-06-01T10:00") for _ in range(2))
    for petition in (missed, done):
        eu.start_on(petition, "2026-08-10")
        eu.precinct.sign(petition, 1, at=eu.local("2026-08-10T00:00"))
    eu.work("2027-08-11T00:00")
    assert eu.precinct.state(missed) == "published"  # verification is still to come
    eu.to("2027-11-10T12:00")
    with eu.precinct.session() as session:
        handover.give_in(
            session, eu.precinct.house, moves.lock(session, done), date(2027, 11, 10), KEEPER,
            at=eu.precinct.clock.at,
        )  # fmt: skip
    eu.work("2027-11-10T23:59")
    assert eu.precinct.state(missed) == "published"
    eu.work("2027-11-11T00:00")
    found = eu.look(missed)
    assert (found.state, found.state_since) == ("lapsed", eu.local("2027-11-11T00:00"))
    assert eu.precinct.state(done) == "published"


def test_eci_6_the_clocks_of_the_answer_start_with_the_acceptance(chamber: Chambers) -> None:
    eu = chamber("eu-eci", ONLINE, ECI_ONLINE)
    petition = eu.publish("2026-06-01T10:00")
    eu.start_on(petition, "2026-08-10")
    for person in range(3):
        eu.precinct.sign(petition, person, at=eu.local("2026-08-10T09:00"))
    eu.work("2026-08-10T10:00")
    assert eu.track(petition, "reply").due_on is None
    eu.to("2028-01-31T10:00")
    with pytest.raises(InvalidError) as refused:  # each in its order
        eu.acknowledge(petition, "accepted", "2028-01-31")
    assert "ack" in refused.value.fields
    eu.acknowledge(petition, "sent", "2028-01-10", by_author=True)
    with pytest.raises(ForbiddenError):
        eu.acknowledge(petition, "received", "2028-01-12", by_author=True)
    eu.acknowledge(petition, "received", "2028-01-12")
    eu.acknowledge(petition, "accepted", "2028-01-31")
    assert eu.track(petition, "hearing").due_on == date(2028, 4, 30)
    assert eu.track(petition, "reply").due_on == date(2028, 7, 31)
    assert [row.reason for row in eu.trail(petition, "handover")] == [
        "sent",
        "received",
        "accepted",
    ]


def test_ca_4_the_answer_is_due_forty_five_days_after_the_presentation(chamber: Chambers) -> None:
    ca = chamber("ca-house-of-commons")
    petition = ca.publish("2026-05-06T10:00")
    for person in range(3):
        ca.precinct.sign(petition, person)
    ca.work()
    assert ca.precinct.state(petition) == "threshold_reached"
    assert ca.track(petition, "response").due_on is None
    ca.to("2026-09-21T15:00")
    with pytest.raises(ForbiddenError):  # the member hands over, not the author
        ca.acknowledge(petition, "certified", "2026-09-01", by_author=True)
    ca.acknowledge(petition, "certified", "2026-09-01")
    ca.acknowledge(petition, "presented", "2026-09-21")
    track = ca.track(petition, "response")
    assert track.due_on == date(2026, 11, 5)
    assert track.overdue_at is not None
    assert track.overdue_at.isoformat() == "2026-11-06T05:00:00+00:00"
    ca.work("2026-11-05T23:59:59")
    assert ca.track(petition, "response").status == "due"
    ca.work("2026-11-06T00:00")
    assert ca.track(petition, "response").status == "overdue"


def bxl(chamber: Chambers, *changes: tuple[str, str]) -> Chamber:
    return chamber(
        "brussels",
        ('required = ["fr", "nl"], ', ""),
        ("threshold = 1000", "threshold = 3"),
        *changes,
    )


def test_bxl_3_the_answer_counts_from_the_submission(chamber: Chambers) -> None:
    brussels = bxl(chamber)
    petition = brussels.file("2026-08-31T18:00", "petition")
    brussels.work()
    track = brussels.track(petition, "answer")
    assert (track.due_on, track.opened_at) == (
        date(2027, 2, 28),
        brussels.local("2026-08-31T18:00"),
    )
    assert track.overdue_at == brussels.local("2027-03-01T00:00")


def test_bxl_4_a_recess_moves_the_first_meeting_and_so_does_one_entered_later(
    chamber: Chambers,
) -> None:
    brussels = bxl(chamber)
    petition = brussels.publish("2026-03-02T10:00", "suggestion")
    for person in range(3):
        brussels.precinct.sign(petition, person)
    brussels.work()
    brussels.to("2026-05-22T10:00")
    texts = {"fr": "Oui.", "nl": "Ja."}
    with brussels.precinct.session() as session:
        examination.examine(
            session, brussels.precinct.house, moves.lock(session, petition),
            Examination("granted", date(2026, 5, 20), texts, texts), COMMITTEE,
            at=brussels.precinct.clock.at,
        )  # fmt: skip
    track = brussels.track(petition, "first_meeting")
    assert track.started_on == date(2026, 5, 20)
    assert (track.due_on, track.not_before) == (date(2026, 10, 21), date(2026, 7, 20))
    brussels.enter("recess", "2026-10-05T00:00", "2026-10-12T00:00")
    brussels.work()
    assert brussels.track(petition, "first_meeting").due_on == date(2026, 10, 28)


SILENT = ('body = "petitions_team"', 'body = "petitions_team"\nsilence = "{}"')


@pytest.mark.parametrize(("meaning", "state"), [("accept", "published"), ("refuse", "refused")])
def test_silence_decides_where_the_rulebook_says_what_it_means(
    chamber: Chambers, meaning: str, state: str
) -> None:
    uk = chamber("uk-parliament", (SILENT[0], SILENT[1].format(meaning)))
    petition = uk.file("2026-11-02T10:00")
    uk.work()
    uk.work("2026-11-16T23:59")
    assert uk.precinct.state(petition) == "in_admissibility"
    uk.work("2026-11-17T00:00")
    assert uk.precinct.state(petition) == state
    (told,) = uk.trail(petition, "silence")
    assert (told.role, told.legal_instant) == ("system", uk.local("2026-11-17T00:00"))
    assert uk.precinct.count(Decision, Decision.actor == "system") == 1


KEPT = (
    'start = "event:dissolution"', 'start = "final"',
)  # fmt: skip


def test_a_petition_is_archived_when_every_clock_has_run_out_and_no_duty_is_open(
    chamber: Chambers,
) -> None:
    uk = chamber("uk-parliament", KEPT)
    refused = uk.file("2026-01-05T10:00")
    uk.precinct.decide(
        refused, Action.REFUSE, grounds=["irrelevant"], texts={"en": "Not a matter for it."}
    )
    signed = uk.publish("2026-01-05T11:00")
    uk.precinct.sign(signed, 1)
    uk.work()
    uk.work("2026-07-05T23:59")
    assert uk.precinct.state(refused) == "refused"
    uk.work("2026-07-06T00:00")
    found = uk.look(refused)
    assert (found.state, found.state_since) == ("archived", uk.local("2026-07-06T00:00"))
    for day in ("2026-07-07T12:00", "2027-02-01T12:00", "2027-02-03T12:00"):
        uk.work(day)
    assert uk.precinct.state(signed) == "closed_below"  # its signatures wait for their sealing
    with uk.precinct.session() as session:
        purge(session, uk.precinct.clock.at)


AUTHOR = (
    'data = "signatures"', ('data = "author"\nstart = "final"\nlength = "P1M"\n\n'
    '[[publicity.retention]]\ndata = "signatures"'),
)  # fmt: skip


def test_name_and_address_of_the_author_go_when_their_clock_runs_out(chamber: Chambers) -> None:
    uk = chamber("uk-parliament", AUTHOR)
    petition = uk.file("2026-01-05T10:00")
    uk.precinct.decide(
        petition, Action.REFUSE, grounds=["irrelevant"], texts={"en": "Not a matter for it."}
    )
    uk.work()
    uk.work("2026-02-05T12:00")
    assert uk.look(petition).author_name
    uk.work("2026-02-06T00:00")
    found = uk.look(petition)
    assert (found.author_name, found.author_email) == ("", None)
    assert len(uk.trail(petition, "author_erased")) == 1
    assert uk.precinct.state(petition) == "archived"  # nothing else was kept of it


def test_the_dry_run_says_what_each_author_will_be_told_and_changes_nothing(
    chamber: Chambers,
) -> None:
    uk = chamber("uk-parliament")
    waiting = uk.file("2029-03-01T10:00")
    open_one = uk.publish("2029-03-01T11:00")
    refused = uk.file("2029-03-01T12:00")
    uk.precinct.decide(
        refused, Action.REFUSE, grounds=["irrelevant"], texts={"en": "Not a matter for it."}
    )
    uk.work()
    tracks = uk.precinct.count(Track)
    with uk.precinct.session() as session:
        found = term_end.dry_run(
            session, uk.precinct.house, uk.assembly, "dissolution", uk.local("2029-03-30T00:01")
        )
        assert not session.dirty
    assert {line.petition_id: (line.fate, line.letter) for line in found.lines} == {
        waiting: ("lapses", "lapsed"),
        open_one: ("closes_below", "closed_below"),
    }
    assert found.totals == {"lapses": 1, "closes_below": 1}
    assert uk.precinct.count(Track) == tracks
    assert uk.precinct.count(Petition, Petition.state == "published") == 1
