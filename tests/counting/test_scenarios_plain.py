"""Acceptance scenarios about windows, first checks and thresholds where nothing else comes into play."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, date, datetime
from uuid import UUID

import pytest
from sqlalchemy import select

from identity.eligibility import Attributes, classes_that_hold
from petitions.domain.calendar import DaySpan, overdue_from
from petitions.domain.errors import InvalidError, SigningClosedError
from petitions.domain.rulebook_files import Library
from petitions.storage import tables as t
from petitions.storage.tables import Petition
from tests.counting.parliaments import publish, reached, shown, state, without_sponsors
from tests.domain.clauses import local
from tests.filing.parliaments import draft, send
from tests.house import Precinct
from tests.services.crowd import seed

Parliament = Callable[..., Precinct]
PARIS, LONDON, BERLIN, BRUSSELS, MADRID, TORONTO = (
    "Europe/Paris", "Europe/London", "Europe/Berlin", "Europe/Brussels", "Europe/Madrid",
    "America/Toronto",
)  # fmt: skip


def look(precinct: Precinct, petition: UUID) -> Petition:
    with precinct.session() as session:
        return session.get_one(Petition, petition)


def test_sen_1_the_last_second_of_the_last_day_counts(parliament: Parliament) -> None:
    senate = parliament("fr-senat")
    senate.clock.at = local("2026-01-15T10:12", PARIS)
    petition = publish(senate, "fr-senat")
    senate.sign(petition, 1, at=local("2026-07-15T23:59:59", PARIS))
    with pytest.raises(SigningClosedError):
        senate.sign(petition, 2, at=local("2026-07-16T00:00:00", PARIS))
    assert look(senate, petition).closes_at == datetime(2026, 7, 15, 22, tzinfo=UTC)
    assert shown(senate, petition).valid == 1


def test_sen_2_the_recess_stops_the_clock_of_the_form_check(parliament: Parliament) -> None:
    senate = parliament("fr-senat")
    with_recess(senate, "senat", DaySpan(date(2026, 7, 10), date(2026, 9, 30)))
    senate.clock.at = local("2026-06-26T09:00", PARIS)
    with senate.session() as session:
        petition = send(senate, session, draft(senate, session, "fr-senat")).id
        review = session.scalars(select(t.Review).where(t.Review.petition_id == petition)).one()
        assert (review.due_on, review.due_provisional) == (date(2026, 10, 2), False)
        assert overdue_from(review.due_on, PARIS) == local("2026-10-03T00:00", PARIS)


def with_recess(precinct: Precinct, assembly: str, recess: DaySpan) -> None:
    """The assembly's calendar with this recess alone: calendar entries belong to the scenario."""
    library = precinct.house.library
    found = library.context.assemblies[assembly]
    calendar = replace(found.calendar, spans={"recess": (recess,)})
    assemblies = {**library.context.assemblies, assembly: replace(found, calendar=calendar)}
    context = replace(library.context, assemblies=assemblies)
    precinct.house = replace(precinct.house, library=Library(context, library.rulebooks))


def test_sco_4_without_an_end_a_signature_three_years_later_counts(parliament: Parliament) -> None:
    scotland = parliament("scottish-parliament")
    scotland.clock.at = local("2026-01-10T09:00", LONDON)
    petition = publish(scotland, "scottish-parliament")
    scotland.clock.at = local("2029-01-10T09:00", LONDON)
    scotland.sign(petition, 1)
    assert shown(scotland, petition).valid == 1
    found = look(scotland, petition)
    assert (found.closes_at, found.last_day, found.state) == (None, None, "published")
    kind = scotland.house.library.rulebooks["scottish-parliament"][-1].default_kind
    assert kind.signing.who.anyone, "a signer aged 12 living abroad is asked nothing"


@pytest.mark.parametrize(("people", "ends"), [(249, "closed_below"), (250, "threshold_reached")])
def test_snd_2_one_signature_decides_at_the_close(
    parliament: Parliament, people: int, ends: str
) -> None:
    senedd = parliament("senedd", without_sponsors("senedd"))
    senedd.clock.at = local("2026-01-15T10:00", LONDON)
    petition = publish(senedd, "senedd", choices={"channel": "online", "window": "P1M"})
    seed(senedd, petition, people - 1)
    senedd.sign(petition, 1, area="clwyd")
    senedd.clock.at = local("2026-02-16T00:00", LONDON)
    state(senedd, petition)
    assert state(senedd, petition) == ends


def test_bun_1_the_change_of_clocks_does_not_move_the_last_day(parliament: Parliament) -> None:
    bundestag = parliament("de-bundestag")
    bundestag.clock.at = local("2026-03-04T11:00", BERLIN)
    petition = publish(bundestag, "de-bundestag", kind="public")
    found = look(bundestag, petition)
    assert found.last_day == date(2026, 4, 15)
    assert found.closes_at == datetime(2026, 4, 15, 22, tzinfo=UTC)


def test_bxl_2_a_signature_before_the_sixteenth_birthday_never_counts_for_the_hearing(
    parliament: Parliament,
) -> None:
    brussels = parliament("brussels", ("threshold = 1000", "threshold = 1"))
    brussels.clock.at = local("2026-04-20T10:00", BRUSSELS)
    petition = publish(brussels, "brussels", kind="petition")
    kind = brussels.house.library.rulebooks["brussels"][-1].kinds["petition"]
    asked = {name: who.to_data() for name, who in kind.signing.classes.items()}
    claims = Attributes(birthdate="2010-05-02", resident_of=frozenset({"BE-BRU"}))
    for person, day in ((1, date(2026, 5, 1)), (2, date(2026, 5, 2))):
        classes = classes_that_hold(asked, claims, on=day)
        brussels.sign(petition, person, classes=classes)
        assert classes == (() if person == 1 else ("resident16",))
        assert state(brussels, petition) == ("published", "threshold_reached")[person - 1]


def test_bcn_2_three_months_from_the_end_of_november_end_in_february(
    parliament: Parliament,
) -> None:
    barcelona = parliament("barcelona", without_sponsors("barcelona"))
    barcelona.clock.at = local("2026-11-30T10:00", MADRID)
    petition = publish(barcelona, "barcelona", choices={"effect": "hearing", "window": "P3M"})
    assert look(barcelona, petition).last_day == date(2027, 2, 28)
    with barcelona.session() as session, pytest.raises(InvalidError) as refused:
        draft(barcelona, session, "barcelona", choices={"effect": "hearing", "window": "P5M"})
    assert refused.value.fields["window"] == (
        "window_out_of_range", {"minimum": "P2M", "maximum": "P4M", "got": "P5M"},
    )  # fmt: skip


CANADA = "ca-house-of-commons"
NO_MEMBER = ('by = "member"', 'by = "author"')
"""Who hands over is another test's matter, as are the supporters."""


def test_ca_1_the_author_picks_one_of_four_windows(parliament: Parliament) -> None:
    canada = parliament(CANADA, without_sponsors(CANADA), NO_MEMBER)
    canada.clock.at = local("2026-05-06T10:00", TORONTO)
    petition = publish(canada, CANADA, choices={"window": "P60D"})
    assert look(canada, petition).last_day == date(2026, 7, 5)
    with canada.session() as session, pytest.raises(InvalidError) as refused:
        draft(canada, session, CANADA, choices={"window": "P45D"})
    assert refused.value.fields["window"] == (
        "window_not_listed", {"allowed": "P30D, P60D, P90D, P120D", "got": "P45D"},
    )  # fmt: skip


@pytest.mark.parametrize(("people", "ends"), [(499, "closed_below"), (500, "threshold_reached")])
def test_ca_3_the_certificate_opens_a_duty_whose_clock_waits(
    parliament: Parliament, people: int, ends: str
) -> None:
    canada = parliament(CANADA, without_sponsors(CANADA), NO_MEMBER)
    canada.clock.at = local("2026-05-06T10:00", TORONTO)
    petition = publish(canada, CANADA, choices={"window": "P30D"})
    seed(canada, petition, people - 1)
    canada.sign(petition, 1)
    canada.clock.at = local("2026-06-06T00:00", TORONTO)
    state(canada, petition)
    assert state(canada, petition) == ends
    assert reached(canada, petition) == ([0] if ends == "threshold_reached" else [])
    with canada.session() as session:
        track = session.get(t.Track, (petition, "response"))
        assert (track is not None) == (ends == "threshold_reached")
        assert track is None or (track.status, track.due_on) == ("due", None)
