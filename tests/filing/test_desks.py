"""At the desk: whose petitions a clerk sees, entering for an author, translating, finding the same."""

from __future__ import annotations

import io
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import select

from petitions.domain.permissions import Permission
from petitions.services import addressing
from petitions.services.audit import broken_links
from petitions.storage.tables import (
    Annex,
    Audit,
    FilingAnswer,
    Petition,
    PetitionText,
    SameSubject,
    StaffAssembly,
)
from tests.filing.asking_town import ASKS, a_pdf
from tests.house import changed_library
from tests.web.office_house import Office, make_office

PAPER = {
    "assembly": "valmont", "kind": "petition", "channel": "paper", "language": "fr",
    "title": "Un banc", "request": "Nous demandons un banc.", "reasons": "On est fatigué.",
    "name": "Jeanne Roux", "contact": "1 rue Haute", "conditions": "y",
    "choice-effect": "hearing", "choice-window": "P2M", "field-residence": "Valmont",
    "field-birth_date": "1950-02-03",
}  # fmt: skip


@pytest.fixture
def office(tmp_path: Path, open_engine, sqlite_uri: str) -> Iterator[Office]:
    place = tmp_path / "with-bellerive"
    place.mkdir()
    changes = {old: new for old, new in ASKS.items() if "assemblies" not in old}
    library = changed_library(
        place, "town", changes, ("kinds.appeal", "choices.agenda_item", "choices.hearing")
    )
    made = make_office(open_engine(sqlite_uri), library)
    yield made


def file_it(office: Office, **more: str):
    client = office.sign_in("petit")
    return office.post(
        client, "/office/enter", "/office/enter?assembly=valmont&kind=petition", **PAPER | more
    )


def test_a_clerk_enters_a_petition_that_came_on_paper(office: Office) -> None:
    answer = file_it(office, topic="parks")
    assert answer.status_code == 303, answer.text
    with office.session() as session:
        petition = session.scalars(select(Petition)).one()
        assert (petition.state, petition.channel) == ("in_admissibility", "paper")
        assert petition.topic == "parks"
        assert petition.author_email is None
        assert session.get_one(FilingAnswer, (petition.id, "contact")).value == "1 rue Haute"
        acts = session.scalars(select(Audit.action).order_by(Audit.seq)).all()
    assert acts[-2:] == ["submit", "entered"]
    shown = office.sign_in("petit").get("/office/cases/2026-0001/filing").text
    for told in ("On paper", "1 rue Haute", "1950-02-03", "2 months"):
        assert told in shown


def test_what_a_clerk_typed_is_kept_where_something_lacks(office: Office) -> None:
    answer = file_it(office, conditions="", title="", topic="streets")
    assert answer.status_code == 422
    topic = '<option value="streets" selected>'
    for kept in ("Nous demandons un banc.", "Jeanne Roux", "1 rue Haute", 'value="P2M"', topic):
        assert kept in answer.text
    assert file_it(office, channel="online").status_code == 422
    assert file_it(office, earlier="2020-0001").status_code == 422


def test_a_file_of_the_paper_is_stored_and_shown_at_the_desk_only_as_a_download(
    office: Office,
) -> None:
    client = office.sign_in("petit")
    page = "/office/enter?assembly=valmont&kind=petition"
    form = {**PAPER, "csrf_token": office.csrf(client, page)}
    form["file"] = (io.BytesIO(a_pdf(1)), "lettre.pdf")
    assert client.post("/office/enter", data=form).status_code == 303
    with office.session() as session:
        assert session.scalars(select(Annex.name)).all() == ["lettre.pdf"]
    answer = client.get("/office/cases/2026-0001/annexes/1")
    assert answer.headers["Content-Disposition"].startswith("attachment")
    assert answer.headers["Cache-Control"] == "no-store"


def version(office: Office, ref: str = "2026-0001") -> str:
    return office.versions(ref)["petition_version"]


def test_the_desk_translates_beside_the_original(office: Office) -> None:
    file_it(office)
    client, path = office.sign_in("petit"), "/office/cases/2026-0001/text/en"
    assert "Nous demandons un banc." in client.get(path).text
    words = {"title": "A bench", "request": "We ask for a bench.", "reasons": ""}
    short = office.post(client, path, path, version=version(office), **words)
    assert short.status_code == 422
    assert "We ask for a bench." in short.text
    words["reasons"] = "People are tired."
    assert office.post(client, path, path, version=version(office), **words).status_code == 303
    with office.session() as session:
        text = session.scalars(select(PetitionText).where(PetitionText.language == "en")).one()
        assert (text.origin, text.frozen) == ("assembly", False)
    own = "/office/cases/2026-0001/text/fr"
    refused = office.post(client, own, path, version=version(office), **words)
    assert refused.status_code == 422


def test_a_clerk_finds_the_same_subject_and_takes_it_back(office: Office) -> None:
    file_it(office)
    file_it(office, title="Un autre banc")
    client, page = office.sign_in("petit"), "/office/cases/2026-0002/filing"
    found = office.post(
        client, "/office/cases/2026-0002/same", page, version=version(office, "2026-0002"),
        other="2026-0001", note="Le même banc.",
    )  # fmt: skip
    assert found.status_code == 303
    assert "Le même banc." in client.get(page).text
    unknown = office.post(
        client, "/office/cases/2026-0002/same", page, version=version(office, "2026-0002"),
        other="2019-0001", note="Gardé.",
    )  # fmt: skip
    assert unknown.status_code == 422
    assert "Gardé." in unknown.text
    stale = office.post(
        client, "/office/cases/2026-0002/same/retract", page, version="1", other="2026-0001"
    )
    assert stale.status_code == 409
    back = office.post(
        client, "/office/cases/2026-0002/same/retract", page,
        version=version(office, "2026-0002"), other="2026-0001",
    )  # fmt: skip
    assert back.status_code == 303
    with office.session() as session:
        assert session.scalars(select(SameSubject)).all() == []


def works_for(office: Office, who: str, *assemblies: str) -> None:
    with office.session() as session:
        for each in assemblies:
            session.add(
                StaffAssembly(
                    actor=who, assembly=each, since=office.clock.at.date(), given_by="adams"
                )
            )


def test_a_clerk_of_one_assembly_does_not_see_the_desk_of_the_other(office: Office) -> None:
    file_it(office)
    works_for(office, "morel", "senat")
    stranger = office.sign_in("morel")
    assert "2026-0001" not in stranger.get("/office/queue").text
    assert "2026-0001" not in stranger.get("/office/queue.csv").text
    for path in ("cases/2026-0001", "cases/2026-0001/filing", "files/2026-0001",
                 "cases/2026-0001/history"):  # fmt: skip
        assert stranger.get(f"/office/{path}").status_code == 404, path
    assert "Petition filed" not in stranger.get("/office/audit").text
    assert "Town of Valmont" not in stranger.get("/office/enter").text
    own = office.sign_in("petit")
    assert "Town of Valmont" in own.get("/office/enter").text
    assert "2026-0001" in own.get("/office/queue").text
    assert "Petition filed" in own.get("/office/audit").text


def test_a_stranger_cannot_act_on_what_is_hidden_from_them(office: Office) -> None:
    file_it(office)
    works_for(office, "morel", "senat")
    client = office.sign_in("morel")
    form = office.decision_form("2026-0001", "refuse", applies="no-request")
    token = office.csrf(client, "/office/sessions")
    for path in ("take", "decision", "same"):
        answer = client.post(f"/office/cases/2026-0001/{path}", data={**form, "csrf_token": token})
        assert answer.status_code in {404, 409}, path
    with office.session() as session:
        assert session.scalars(select(Petition.state)).one() == "in_admissibility"
        last = session.scalars(select(Audit).order_by(Audit.seq.desc())).first()
        assert last is not None
        assert last.action == "entered"


def test_a_petition_to_two_assemblies_is_on_both_desks(office: Office) -> None:
    file_it(office)
    with office.session() as session:
        petition = session.scalars(select(Petition)).one()
        addressing._store(session, petition, ["senat"], ["senat"])
    works_for(office, "morel", "senat")
    assert "2026-0001" in office.sign_in("morel").get("/office/queue").text


def test_the_chain_of_the_trail_holds_after_acts_of_a_restricted_clerk(office: Office) -> None:
    file_it(office)
    works_for(office, "petit", "valmont")
    file_it(office, title="Deux bancs")
    with office.session() as session:
        assert list(broken_links(session)) == []
        assert len(session.scalars(select(Petition)).all()) == 2


def test_who_may_enter_and_translate_stands_in_the_matrix(office: Office) -> None:
    for who, allowed in (("petit", True), ("lund", False), ("voss", False)):
        client = office.sign_in(who)
        assert (client.get("/office/enter").status_code == 200) is allowed
    assert Permission.TRANSLATE in set(Permission)


def test_prior_signatures_are_refused_where_the_kind_has_none(office: Office) -> None:
    file_it(office)
    client, page = office.sign_in("petit"), "/office/cases/2026-0001/filing"
    answer = office.post(
        client, "/office/cases/2026-0001/prior", page, version=version(office), collected="3",
        valid="2",
    )  # fmt: skip
    assert answer.status_code == 422
    assert "No signatures come with" in answer.text
