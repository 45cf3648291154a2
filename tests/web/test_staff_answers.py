"""An answer under rules that ask for two people: proposed, read in every language, published or sent back."""

from __future__ import annotations

import html
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select

from petitions.domain.errors import ForbiddenError
from petitions.services import examination, moves
from petitions.services.examination import Examination
from petitions.storage.tables import AnswerProposal, Audit, Outbox, Outcome
from tests.house import changed_library
from tests.web.office_house import Office, make_office
from tests.web.test_staff_files import file_of, open_petition, reach, record
from tests.web.test_staff_proceedings import freshly

LINK = "https://valmont.example/rapports/12.pdf Rapport de la commission"


@pytest.fixture
def office(tmp_path: Path, open_engine, database_uri: str) -> Office:
    (tmp_path / "two").mkdir()
    library = changed_library(
        tmp_path / "two", "town", {"[after]\n": "[after]\nfour_eyes = true\n"}
    )
    return make_office(open_engine(database_uri), library)


@pytest.fixture
def ref(office: Office) -> str:
    return reach(office, open_petition(office))


def proposal(office: Office) -> AnswerProposal:
    with office.session() as session:
        return session.scalars(
            select(AnswerProposal).order_by(AnswerProposal.proposed_at.desc())
        ).first()  # type: ignore[return-value]


def send(office: Office, who: str, ref: str, act: str, **form: str) -> Any:
    client, row = office.sign_in(who), proposal(office)
    with office.session() as session:
        version = str(office.petition(session, ref).version)
    page = f"/office/answers/{row.id}"
    token = office.csrf(client, "/office/sessions")
    freshly(office, who)
    return client.post(f"{page}/{act}", data={"version": version, "csrf_token": token, **form})


def letters(office: Office) -> list[str]:
    with office.session() as session:
        rows = session.scalars(select(Outbox).where(Outbox.kind == "letter"))
        return [row.payload["code"] for row in rows]


def test_one_person_alone_publishes_nothing(office: Office, ref: str) -> None:
    seen = record(office, "lund", ref, "preview", links=LINK)
    assert seen.status_code == 200
    assert "Propose it to a second person" in seen.text
    assert proposal(office) is None, "a preview leaves nothing behind"
    answer = record(office, "lund", ref, "record", links=LINK)
    assert answer.status_code == 303
    assert office.state(ref) == "threshold_reached"
    assert "examined" not in letters(office)
    with office.session() as session:
        assert session.scalars(select(Outcome)).all() == []
    page = html.unescape(office.sign_in("lund").get(file_of(ref)).text)
    assert "It is published when a second person confirms it." in page
    assert "Preview the public page" not in page, "no second answer beside the one that waits"
    own = html.unescape(office.sign_in("lund").get(f"/office/answers/{proposal(office).id}").text)
    assert "nobody carries out their own proposal" in own
    assert send(office, "lund", ref, "confirm").status_code == 403
    assert office.state(ref) == "threshold_reached"


def test_the_second_person_reads_it_in_each_language_and_publishes_it(
    office: Office, ref: str
) -> None:
    record(office, "lund", ref, "record", links=LINK)
    page = html.unescape(office.sign_in("petit").get(f"/office/answers/{proposal(office).id}").text)
    for told in ("English", "Français", "Le conseil adopte la demande.",
                 "Rapport de la commission (PDF)", 'lang="fr"', 'lang="en"',
                 "Lire la réponse complète", "Read the full answer"):  # fmt: skip
        assert told in page
    done = send(office, "petit", ref, "confirm")
    assert done.status_code == 303
    assert office.state(ref) == "examined"
    assert "examined" in letters(office)
    with office.session() as session:
        outcome = session.scalars(select(Outcome)).one()
        assert (outcome.code, outcome.actor, outcome.links) == ("adopted", "petit", [LINK])
        entry = session.scalars(select(Audit).where(Audit.action == "examine")).one()
        assert entry.detail["by"] == "lund"
    assert send(office, "morel", ref, "confirm").status_code == 409


def test_an_answer_that_is_sent_back_stays_in_the_form(office: Office, ref: str) -> None:
    record(office, "lund", ref, "record", links=LINK)
    assert send(office, "petit", ref, "send-back").status_code == 422
    done = send(office, "petit", ref, "send-back", why="Il manque la date du vote.")
    assert done.status_code == 303
    page = html.unescape(office.sign_in("lund").get(file_of(ref)).text)
    for kept in ("Il manque la date du vote.", "Le conseil adopte la demande.", LINK):
        assert kept in page
    with office.session() as session:
        acts = session.scalars(select(Audit.action).order_by(Audit.seq)).all()
    assert acts[-2:] == ["answer_proposed", "answer_sent_back"]
    office.clock.forward(minutes=1)
    assert record(office, "lund", ref, "record").status_code == 303
    assert send(office, "petit", ref, "confirm").status_code == 303


def test_the_service_itself_wants_two_people(office: Office, ref: str) -> None:
    with office.session() as session:
        petition = moves.lock(session, office.petition(session, ref).id)
        found = Examination("adopted", office.clock.at.date(), {"fr": "Oui."}, {"fr": "Oui."})
        for first in ("", "petit"):
            with pytest.raises(ForbiddenError, match="second_person_needed"):
                examination.examine(
                    session, office.house, petition, found, office.actor("petit"),
                    at=office.clock.at, proposed_by=first,
                )  # fmt: skip


def test_a_faulty_answer_is_not_proposed_and_kept(office: Office, ref: str) -> None:
    answer = record(office, "lund", ref, "record", **{"summary-fr": ""})
    assert answer.status_code == 422
    assert "Le conseil a délibéré." in answer.text
    assert proposal(office) is None
