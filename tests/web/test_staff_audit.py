"""The audit trail as staff read it, and what it says when somebody changed it."""

from __future__ import annotations

import pytest
from sqlalchemy import text
from sqlalchemy.orm import Session

from petitions.platform.database import is_sqlite
from tests.web.office_house import Office, make_office


@pytest.fixture
def office(open_engine, database_uri) -> Office:
    return make_office(open_engine(database_uri))


def test_an_unaltered_trail_is_said_to_hold_with_its_length(office: Office) -> None:
    office.file_petition("Ouvrir la bibliothèque le dimanche")
    page = office.sign_in("voss").get("/office/audit").text
    assert "The chain holds." in page
    assert "2 entries were recomputed." in page
    assert "Petition filed" in page


def without_guard(session: Session) -> None:
    """What only somebody with the database's own keys can do."""
    if is_sqlite(session):
        session.execute(text("DROP TRIGGER tr_audit_update"))
    else:
        session.execute(text("ALTER TABLE audit DISABLE TRIGGER ALL"))


def test_an_altered_entry_is_named(office: Office) -> None:
    for n in range(3):
        office.file_petition(f"Demande numéro {n} au conseil")
    with office.session() as session:
        without_guard(session)
        session.execute(text("UPDATE audit SET actor = 'somebody' WHERE seq = 4"))
    page = office.sign_in("voss").get("/office/audit").text
    assert "The chain does not hold" in page
    assert "first at entry 4" in page


def test_the_trail_is_filtered_by_petition(office: Office) -> None:
    one = office.file_petition("Ouvrir la bibliothèque le dimanche")
    two = office.file_petition("Des repas bio à la cantine")
    reader = office.sign_in("voss")
    page = reader.get(f"/office/audit?ref={one}").text
    assert f"ref={one}" in page
    assert f"ref={two}" not in page
    assert "no petition with this number" in reader.get("/office/audit?ref=2020-0001").text


def test_older_entries_are_a_page_away(office: Office) -> None:
    for n in range(30):
        office.file_petition(f"Demande numéro {n} au conseil")
    reader = office.sign_in("voss")
    page = reader.get("/office/audit").text
    assert "Older entries" in page
    older = reader.get("/office/audit?before=11").text
    assert older.count("<time") == 10
    assert "Older entries" not in older


def test_the_history_of_a_petition_tells_who_did_what(office: Office) -> None:
    ref = office.file_petition("Ouvrir la bibliothèque le dimanche")
    clerk, page = office.sign_in("petit"), f"/office/cases/{ref}"
    office.post(clerk, f"{page}/take", page)
    office.post(clerk, f"{page}/decision", page, do="decide", **office.decision_form(ref, "accept"))
    history = clerk.get(f"{page}/history").text
    steps = ["Admitted", "Assigned", "Petition filed", "Draft started"]
    places = [history.index(step) for step in steps]
    assert places == sorted(places)
    assert "A. Petit" in history
