"""Lists of the desk on a site with two assemblies: whose case it is, narrowed, and to one's own."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import select, update

from admissibility import duties as owed
from admissibility import storage
from admissibility.storage import View
from petitions.services import addressing, care, desks
from petitions.services.tracks import open_milestone_tracks
from petitions.storage.tables import Petition, Review, Track
from petitions.web import due_dates
from tests.filing.test_desks import works_for
from tests.web.office_house import Office, make_office
from tests.web.test_staff_files import open_petition

TOWN, SENATE = "Town of Valmont", "Senate"


@pytest.fixture
def office(tmp_path: Path, open_engine, sqlite_uri: str) -> Iterator[Office]:
    made = make_office(open_engine(sqlite_uri))
    made.app.register_blueprint(due_dates.blueprint)
    yield made


@pytest.fixture
def two(office: Office) -> tuple[str, str]:
    """A case of the town, and one of the Senate."""
    first = office.file_petition("Un banc place du marché")
    second = office.file_petition("Un train de nuit", rulebook="fr-senat", assembly="senat")
    return first, second


def test_the_queue_names_the_assembly_and_is_narrowed_to_one(office: Office, two) -> None:
    town, senate = two
    client = office.sign_in("petit")
    page = client.get("/office/queue").text
    assert TOWN in page
    assert SENATE in page
    narrowed = client.get("/office/queue?assembly=valmont").text
    assert f"/office/cases/{town}" in narrowed
    assert f"/office/cases/{senate}" not in narrowed
    assert "assembly=valmont" in narrowed.partition("/office/queue.csv")[2]
    rows = list(csv.reader(io.StringIO(client.get("/office/queue.csv?assembly=senat").text)))
    assert [row[-1] for row in rows] == ["Assembly", SENATE]
    assert client.get("/office/queue?assembly=elsewhere").status_code == 404
    with office.session() as session:
        figures = storage.figures(session, "petit", office.clock.at.date(), "valmont")
        assert figures.views[View.ALL] == 1


def test_a_petition_to_both_is_found_under_either_name(office: Office, two) -> None:
    with office.session() as session:
        petition = office.petition(session, two[0])
        addressing._store(session, petition, ["senat"], ["senat"])
    page = office.sign_in("petit").get("/office/queue?assembly=senat").text
    assert f"/office/cases/{two[0]}" in page
    assert f"{TOWN}, {SENATE}" in page


def test_whoever_works_for_one_assembly_is_offered_no_other(office: Office, two) -> None:
    works_for(office, "morel", "senat")
    client = office.sign_in("morel")
    assert 'name="assembly"><option' not in client.get("/office/queue").text.replace(" id=", " ")
    assert client.get("/office/queue?assembly=valmont").status_code == 404
    assert client.get("/office/queue.csv?assembly=valmont").status_code == 404
    assert client.get("/office/duties?assembly=valmont").status_code == 404


def a_duty(office: Office) -> str:
    """A file of the town with an answer that is owed, by the town's council."""
    ref = open_petition(office)
    with office.session() as session:
        petition = office.lock(session, ref)
        milestone = office.house.kind(session, petition).milestones[0]
        open_milestone_tracks(session, office.house, petition, milestone, at=office.clock.at)
    return ref


def test_duties_name_the_assembly_and_stay_with_its_desk(office: Office) -> None:
    ref = a_duty(office)
    own = office.sign_in("petit").get("/office/duties").text
    assert TOWN in own
    works_for(office, "morel", "senat")
    stranger = office.sign_in("morel").get("/office/duties").text
    for told in (ref, "town_council", "Town council"):
        assert told not in stranger
    with office.session() as session:
        desks.restrict(session, ["senat"])
        today = office.clock.at.date()
        assert owed.counts(session, today) == owed.DutyCounts(0, 0, 0, 0)
        assert owed.bodies(session) == ()
        assert owed.assemblies(session) == ()


def test_a_calendar_of_duties_follows_the_desk_of_its_owner(office: Office) -> None:
    ref = a_duty(office)
    with office.session() as session:
        actor, day = office.actor("morel"), office.clock.at.date()
        token = care.make_feed(session, actor, "en", day=day)
    visitor = office.app.test_client()
    assert ref in visitor.get(f"/calendar/{token}.ics").text
    works_for(office, "morel", "senat")  # from today on
    assert ref not in visitor.get(f"/calendar/{token}.ics").text


def test_the_median_of_a_desk_counts_its_own_decisions_only(office: Office, two) -> None:
    with office.session() as session:
        town = office.petition(session, two[0]).id
        session.execute(
            update(Review)
            .where(Review.petition_id == town)
            .values(closed_at=office.clock.at + timedelta(days=9), outcome="accept")
        )
    with office.session() as session:
        today = office.clock.at.date()
        assert storage.figures(session, "morel", today).median_days == 9
        assert storage.figures(session, "morel", today, "senat").median_days is None
        desks.restrict(session, ["senat"])
        assert storage.figures(session, "morel", today).median_days is None
        assert len(session.scalars(select(Petition)).all()) == 1
        assert session.scalars(select(Track)).all() == []
