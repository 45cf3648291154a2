"""Windows in the services: chosen first days, the gazette, pauses, extensions, the grace to confirm."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta
from pathlib import Path

import pytest
from sqlalchemy import Engine

from petitions.domain.errors import (
    ForbiddenError,
    InvalidError,
    NotFoundError,
    SigningClosedError,
    TransitionRefusedError,
)
from petitions.services import calendars, moves, starting
from petitions.storage import reading
from petitions.storage.tables import Outbox, Petition, PetitionSigning, Task
from tests.services.calendars import KEEPER, Chamber, a_chamber

Chambers = Callable[..., Chamber]


@pytest.fixture
def chamber(tmp_path: Path, engine: Engine) -> Chambers:
    return lambda rulebook, *changes: a_chamber(tmp_path, engine, rulebook, changes)


ONLINE = ('channels = ["online", "paper"]\n', "")
ECI_ONLINE = (
    (
        'verification = { online = "certificate", paper = "certificate", by = "area", '
        'submit_within = "P3M", within = "P3M" }\n'
    ),
    "",
)
FIN_ONLINE = (
    (
        'verification = { online = "after_close", paper = "after_close", by = "population_register", '
        'submit_within = "P6M" }\n'
    ),
    "",
)


def test_eci_1_a_first_day_is_chosen_within_six_months_of_registration(chamber: Chambers) -> None:
    eu = chamber("eu-eci", ONLINE, ECI_ONLINE)
    petition = eu.publish("2026-02-10T10:00")
    with pytest.raises(NotFoundError):
        eu.precinct.sign(petition, 1)
    eu.to("2026-08-09T09:00")
    with pytest.raises(InvalidError) as refused:
        eu.start_on(petition, "2026-08-11")
    assert refused.value.fields["day"] == ("start_too_late", {"last": "2026-08-10"})
    with pytest.raises(InvalidError) as refused:
        eu.start_on(petition, "2026-08-08")
    assert refused.value.fields["day"][0] == "start_past"
    eu.start_on(petition, "2026-08-10")
    found = eu.look(petition)
    assert (found.last_day, found.opens_at) == (date(2027, 8, 10), eu.local("2026-08-10T00:00"))
    assert found.closes_at == eu.local("2027-08-11T00:00")
    opens = eu.local("2026-08-10T00:00")
    with pytest.raises(SigningClosedError):
        eu.precinct.sign(petition, 1, at=opens - timedelta(microseconds=1))
    eu.precinct.sign(petition, 1, at=opens)
    eu.work("2026-08-11T00:00")
    assert eu.precinct.state(petition) == "published"
    with pytest.raises(TransitionRefusedError):
        eu.start_on(petition, "2026-08-12")


def test_eci_1_without_a_first_day_it_lapses_at_the_end_of_the_last_one(chamber: Chambers) -> None:
    eu = chamber("eu-eci", ONLINE, ECI_ONLINE)
    petition = eu.publish("2026-02-10T10:00")
    eu.work()
    eu.work("2026-08-10T23:59:59")
    assert eu.precinct.state(petition) == "published"
    eu.work("2026-08-11T09:00")  # the worker was down at midnight
    found = eu.look(petition)
    assert (found.state, found.state_since) == ("lapsed", eu.local("2026-08-11T00:00"))
    (moved,) = eu.trail(petition, "start_missed")
    assert moved.legal_instant == eu.local("2026-08-11T00:00")
    letters = Outbox.key.like(f"letter:{petition}:{moved.seq}")
    assert eu.precinct.count(Outbox, letters) == 1  # the author is told


def test_a_stranger_and_a_clerk_do_not_choose_the_gazettes_day_for_the_author(
    chamber: Chambers,
) -> None:
    ch = chamber("ch-federal", ONLINE_ONLY)
    petition = ch.publish("2025-01-20T10:00", "initiative")
    with pytest.raises(ForbiddenError):
        ch.start_on(petition, "2025-02-04")


ONLINE_ONLY = ('channels = ["paper"]\n', 'channels = ["online"]\n')


def test_ch_1_the_window_runs_from_the_day_of_the_gazette(chamber: Chambers) -> None:
    ch = chamber("ch-federal")
    initiative = ch.publish("2025-01-20T10:00", "initiative")
    ch.start_on(initiative, "2025-02-04", by_author=False)
    assert ch.look(initiative).last_day == date(2026, 8, 4)
    referendum = ch.publish("2025-12-22T10:00", "referendum")
    ch.start_on(referendum, "2026-01-06", by_author=False)
    assert ch.look(referendum).last_day == date(2026, 4, 16)


def test_ch_2_the_standstill_of_2020_gives_its_days_back(chamber: Chambers) -> None:
    ch = chamber("ch-federal", ONLINE_ONLY, ("valid_from = 2020-01-01", "valid_from = 2019-01-01"))
    petition = ch.publish("2019-12-20T10:00", "referendum")
    ch.start_on(petition, "2020-01-07", by_author=False)
    assert ch.look(petition).last_day == date(2020, 4, 16)
    ch.to("2020-03-20T18:00")
    ch.enter("standstill", "2020-03-21T00:00", "2020-06-01T00:00")
    ch.work()
    assert ch.look(petition).last_day == date(2020, 6, 27)
    (moved,) = ch.trail(petition, "window_moved")
    assert moved.detail == {"before": "2020-04-16", "last_day": "2020-06-27"}
    # in a pause nobody signs, to the microsecond on either side
    start, end = ch.local("2020-03-21T00:00"), ch.local("2020-06-01T00:00")
    ch.precinct.sign(petition, 1, at=start - timedelta(microseconds=1))
    for moment in (start, end - timedelta(microseconds=1)):
        with pytest.raises(SigningClosedError):
            ch.precinct.sign(petition, 2, at=moment)
    ch.precinct.sign(petition, 2, at=end)


def test_uk_2_an_outage_moves_the_closing_of_a_running_petition(chamber: Chambers) -> None:
    uk = chamber("uk-parliament")
    petition = uk.publish("2025-12-15T10:00")
    assert uk.look(petition).last_day == date(2026, 6, 15)
    uk.to("2026-03-05T08:00")
    uk.enter("outage", "2026-03-02T00:00", "2026-03-05T00:00")
    uk.work()
    assert uk.look(petition).last_day == date(2026, 6, 18)


def test_uk_2_the_last_day_of_a_short_month_stays_inside_it(chamber: Chambers) -> None:
    uk = chamber("uk-parliament")
    assert uk.look(uk.publish("2026-08-31T10:00")).last_day == date(2027, 2, 28)


def test_an_outage_that_goes_on_leaves_the_closing_open_until_its_end(chamber: Chambers) -> None:
    uk = chamber("uk-parliament")
    petition = uk.publish("2025-12-15T10:00")
    before = uk.look(petition).last_day
    uk.to("2026-03-02T00:30")
    entry = uk.enter("outage", "2026-03-02T00:00")
    uk.work()
    assert uk.look(petition).closes_at is None
    with uk.precinct.session() as session:
        calendars.end(
            session, entry, uk.local("2026-03-05T00:00"), KEEPER, uk.to("2026-03-05T08:00")
        )
    uk.work()
    after = uk.look(petition).last_day
    assert before is not None
    assert after == before + timedelta(days=3)


def test_an_erratum_that_shortens_a_window_never_ends_it_in_the_past(chamber: Chambers) -> None:
    uk = chamber("uk-parliament")
    petition = uk.publish("2025-12-15T10:00")
    uk.to("2026-03-05T08:00")
    entry = uk.enter("outage", "2026-03-02T00:00", "2026-03-05T00:00")
    uk.work()
    uk.to("2026-06-17T12:00")
    uk.work()
    with uk.precinct.session() as session:
        calendars.correct(
            session, uk.precinct.house, entry, None, "The service ran.", KEEPER,
            uk.precinct.clock.at,
        )  # fmt: skip
    uk.work()
    found = uk.look(petition)
    assert (found.state, found.last_day) == (
        "published",
        date(2026, 6, 17),
    )  # the erratum's own day


def test_uk_1_the_close_waits_for_those_who_may_still_confirm(chamber: Chambers) -> None:
    uk = chamber("uk-parliament")
    petition = uk.publish("2020-01-01T08:29")
    found = uk.look(petition)
    assert found.last_day == date(2020, 7, 1)
    assert found.closes_at == uk.local("2020-07-02T00:00")
    uk.work("2020-07-02T12:00")
    assert uk.precinct.state(petition) == "published"
    uk.precinct.sign(petition, 1, at=uk.local("2020-07-02T22:00"))
    with pytest.raises(SigningClosedError):
        uk.precinct.sign(petition, 2, at=uk.local("2020-07-03T00:01"))
    uk.work("2020-07-03T00:01")
    found = uk.look(petition)
    assert (found.state, found.state_since) == ("closed_below", uk.local("2020-07-02T00:00"))


EXTENSION = (
    'window = { length = "P6M" }',
    (
        'window = { length = "P6M", extension = { length = "P1M", times = 1, '
        'by = "petitions_committee", cause = "holiday" } }'
    ),
)


def test_an_extension_is_a_decision_with_a_public_notice_and_ends_with_its_times(
    chamber: Chambers,
) -> None:
    uk = chamber("uk-parliament", EXTENSION)
    petition = uk.publish("2026-01-01T10:00")
    uk.to("2026-05-04T10:00")

    def extend(words: str, day: date) -> None:
        with uk.precinct.session() as session:
            starting.extend_window(
                session, uk.precinct.house, moves.lock(session, petition), {"en": words}, day,
                KEEPER, at=uk.precinct.clock.at,
            )  # fmt: skip

    for words, day in (("", date(2026, 5, 4)), ("Granted.", date(2026, 5, 5))):
        with pytest.raises(InvalidError):
            extend(words, day)
    extend("Granted.", date(2026, 5, 4))
    found = uk.look(petition)
    assert found.last_day == date(2026, 8, 1)
    (told,) = uk.trail(petition, "window_extended")
    assert told.public_texts == {"en": "Granted."}
    with uk.precinct.session() as session:
        signing = session.get_one(PetitionSigning, petition)
        assert signing.closes_at == uk.local("2026-08-03T00:00")
    with pytest.raises(TransitionRefusedError):
        extend("Again.", date(2026, 5, 4))


@pytest.mark.parametrize(("signed", "state"), [(49, "closed_below"), (50, "published")])
def test_fin_1_fifty_signatures_in_the_first_month_or_it_closes(
    chamber: Chambers, signed: int, state: str
) -> None:
    fin = chamber("fi-national", ONLINE, FIN_ONLINE)
    petition = fin.publish("2026-02-20T10:00")
    fin.start_on(petition, "2026-03-01")
    assert fin.look(petition).last_day == date(2026, 9, 1)
    last = fin.local("2026-04-02T00:00") - timedelta(seconds=1)
    for person in range(signed):
        fin.precinct.sign(petition, person, at=last)
    fin.work("2026-04-01T23:59:59")
    assert fin.precinct.state(petition) == "published"
    fin.work("2026-04-02T00:00")
    found = fin.look(petition)
    assert found.state == state
    if state == "closed_below":
        (moved,) = fin.trail(petition, "attrition")
        assert moved.legal_instant == fin.local("2026-04-02T00:00")
        assert moved.detail == {"count": 49, "at_least": 50}


FEW = ('within = "P6M", at_least = 10000', 'within = "P6M", at_least = 3')


@pytest.mark.parametrize(("signed", "tasks"), [(2, 1), (3, 0)])
def test_an_3_too_few_in_six_months_are_a_task_and_no_closing(
    chamber: Chambers, signed: int, tasks: int
) -> None:
    an = chamber("fr-assemblee-nationale", FEW)
    petition = an.publish("2026-01-05T10:00")
    for person in range(signed):
        an.precinct.sign(petition, person, area="75")
    an.work()
    an.work("2026-07-05T23:59")
    assert an.precinct.count(Task, Task.kind == "may_close") == 0
    for _ in range(2):  # checked once: the next day changes nothing
        an.work("2026-07-06T00:00")
        assert an.precinct.count(Task, Task.kind == "may_close") == tasks
        assert an.precinct.state(petition) == "published"


def test_attrition_may_hide_a_petition_from_lists_only(chamber: Chambers) -> None:
    an = chamber("fr-assemblee-nationale", FEW, ('else = "may_close"', 'else = "hide"'))
    petition = an.publish("2026-01-05T10:00")
    an.work("2026-07-06T00:00")
    with an.precinct.session() as session:
        asked = reading.Question((an.assembly,), "fr")
        assert reading.how_many(session, asked) == 0
        reference = session.get_one(Petition, petition).reference
        assert reading.public_petition(session, (an.assembly,), reference or "") is not None
    assert an.precinct.state(petition) == "published"
