"""Duties, tasks and the recording of an examination."""

from __future__ import annotations

import html
import re
from datetime import timedelta
from uuid import uuid4

import pytest
from sqlalchemy import select

from petitions.domain.lifecycle import Action, Facts
from petitions.services import moves
from petitions.services.ports import SYSTEM
from petitions.services.tracks import open_milestone_tracks
from petitions.storage.tables import (
    MilestoneReached,
    Outbox,
    Outcome,
    PetitionSigning,
    PublicCount,
    Task,
    Track,
)
from tests.web.office_house import Office, make_office

ANSWER = {
    "outcome": "adopted",
    "decided_on": "2026-03-02",
    "summary-fr": "Le conseil adopte la demande.",
    "text-fr": "Le conseil a délibéré.\n\nLa bibliothèque ouvrira le dimanche.",
    "links": "https://valmont.example/deliberation/12",
}


@pytest.fixture
def office(open_engine, database_uri) -> Office:
    return make_office(open_engine(database_uri))


def open_petition(office: Office, title: str = "Ouvrir la bibliothèque le dimanche") -> str:
    ref = office.file_petition(title)
    clerk, page = office.sign_in("petit"), f"/office/cases/{ref}"
    form = office.decision_form(ref, "accept")
    assert office.post(clerk, f"{page}/decision", page, do="decide", **form).status_code == 303
    return ref


def reach(office: Office, ref: str, *, days_ago: int = 0) -> str:
    """The council's milestone is reached; its answer is owed three months later."""
    with office.session() as session:
        petition = office.lock(session, ref)
        milestone = office.house.kind(session, petition).milestones[0]
        session.add(
            MilestoneReached(petition_id=petition.id, rule=0, threshold=25, valid=25, batch_no=1)
        )
        session.get_one(PublicCount, petition.id).valid = 31
        at = office.clock.at - timedelta(days=days_ago)
        open_milestone_tracks(session, office.house, petition, milestone, at=at)
        moves.move(
            session,
            petition,
            Action.REACH,
            SYSTEM,
            Facts(decisive_met=True),
            at=office.clock.at,
            reason=milestone.id,
        )
    return ref


def file_of(ref: str) -> str:
    return f"/office/files/{ref}"


def record(office: Office, who: str, ref: str, do: str, **form: str):
    client = office.sign_in(who)
    with office.session() as session:
        version = str(office.petition(session, ref).version)
    return office.post(
        client,
        f"{file_of(ref)}/examination",
        file_of(ref),
        do=do,
        **{"version": version, **ANSWER, **form},
    )


def test_overdue_duties_come_first_and_lateness_is_said_in_words(office: Office) -> None:
    soon = reach(office, open_petition(office))
    late = reach(office, open_petition(office, "Des repas bio à la cantine"), days_ago=100)
    page = office.sign_in("lund").get("/office/duties").text
    assert page.index(file_of(late)) < page.index(file_of(soon))
    assert "days late" in page
    assert "93 days left" in page
    overdue = office.sign_in("lund").get("/office/duties?v=overdue").text
    assert file_of(late) in overdue
    assert file_of(soon) not in overdue


def test_an_examination_is_recorded_settles_the_duties_and_ends_signing(office: Office) -> None:
    ref = reach(office, open_petition(office))
    answer = record(office, "lund", ref, "record")
    assert answer.status_code == 303
    assert office.state(ref) == "examined"
    with office.session() as session:
        petition = office.petition(session, ref)
        outcome = session.scalars(select(Outcome)).one()
        assert (outcome.code, outcome.body, outcome.summaries) == (
            "adopted",
            "town_council",
            {"fr": ANSWER["summary-fr"]},
        )
        assert {track.status for track in session.scalars(select(Track))} == {"decided"}
        assert session.get_one(PetitionSigning, petition.id).signing == "closed"
        assert "examined" in [row.payload.get("code") for row in session.scalars(select(Outbox))]
    shown = office.sign_in("lund").get(answer.location).text
    assert "Outcome recorded" in shown
    assert "La bibliothèque ouvrira le dimanche." in shown
    assert "Preview the public page" not in shown


def test_the_preview_shows_the_public_page_and_records_nothing(office: Office) -> None:
    ref = reach(office, open_petition(office))
    answer = record(office, "lund", ref, "preview")
    shown = html.unescape(answer.text)
    assert answer.status_code == 200
    for words in (
        "Nothing has been recorded yet",
        "Adopted",
        ANSWER["summary-fr"],
        "Answer of the town council",
        "Ends at once.",
    ):
        assert words in shown
    assert office.state(ref) == "threshold_reached"
    with office.session() as session:
        assert session.scalars(select(Outcome)).all() == []
        assert {track.status for track in session.scalars(select(Track))} == {"due"}
    kept = {
        name: html.unescape(value)
        for name, value in re.findall(
            r'<input type="hidden" name="([^"]+)" value="([^"]*)">', answer.text
        )
    }
    client = office.sign_in("lund")
    kept["csrf_token"] = office.csrf(client, file_of(ref))
    edited = client.post(f"{file_of(ref)}/examination", data={**kept, "do": "edit"})
    assert ANSWER["summary-fr"] in edited.text
    assert (
        client.post(f"{file_of(ref)}/examination", data={**kept, "do": "record"}).status_code == 303
    )
    assert office.state(ref) == "examined"


@pytest.mark.parametrize(
    ("field", "value", "anchor"),
    [
        ("outcome", "", "outcome"),
        ("decided_on", "", "decided_on"),
        ("decided_on", "2026-03-09", "decided_on"),
        ("summary-fr", "", "summary-fr"),
        ("summary-fr", "x" * 301, "summary-fr"),
        ("text-fr", " ", "text-fr"),
        ("links", "javascript:alert(1)", "links"),
    ],
)
def test_an_incomplete_answer_is_not_recorded_and_nothing_typed_is_lost(
    office: Office, field: str, value: str, anchor: str
) -> None:
    ref = reach(office, open_petition(office))
    for do in ("preview", "record"):
        answer = record(office, "lund", ref, do, **{field: value})
        assert answer.status_code == 422
        assert f'<a href="#{anchor}">' in answer.text
        assert f'id="{anchor}"' in answer.text
        assert 'href="javascript' not in answer.text
        if field != "text-fr":
            assert "La bibliothèque ouvrira le dimanche." in answer.text
    assert office.state(ref) == "threshold_reached"


def test_a_second_answer_at_once_is_refused_with_its_text_kept(office: Office) -> None:
    ref = reach(office, open_petition(office))
    client = office.sign_in("lund")
    with office.session() as session:
        version = str(office.petition(session, ref).version)
    token = office.csrf(client, file_of(ref))
    record(office, "petit", ref, "record")
    form = {
        **ANSWER,
        "version": version,
        "do": "record",
        "csrf_token": token,
        "text-fr": "Autre réponse.",
    }
    late = client.post(f"{file_of(ref)}/examination", data=form)
    assert late.status_code == 409
    assert "Autre réponse." in late.text
    assert "Examined, by A. Petit" in late.text


def test_a_duty_is_settled_alone_and_the_petition_stays_where_it_is(office: Office) -> None:
    ref = reach(office, open_petition(office), days_ago=100)
    client = office.sign_in("lund")
    with office.session() as session:
        version = str(office.petition(session, ref).version)
    path = f"{file_of(ref)}/tracks/council_answer"
    empty = office.post(client, path, file_of(ref), version=version, **{"text-fr": ""})
    assert empty.status_code == 422
    assert 'href="#track-council_answer-fr"' in empty.text
    assert 'id="track-council_answer-fr"' in empty.text
    done = office.post(
        client, path, file_of(ref), version=version, **{"text-fr": "Réponse donnée en séance."}
    )
    assert done.status_code == 303
    assert office.state(ref) == "threshold_reached"
    shown = office.sign_in("lund").get(file_of(ref)).text
    assert "Réponse donnée en séance." in shown
    assert ">Late<" in shown
    assert file_of(ref) in client.get("/office/duties?v=decided").text


def test_where_the_rules_do_not_allow_it_yet_the_page_says_why(office: Office) -> None:
    ref = office.file_petition("Ouvrir la bibliothèque le dimanche")
    shown = office.sign_in("lund").get(file_of(ref)).text
    assert "not at a step where it can be examined" in shown
    assert 'name="outcome"' not in shown


def add_task(office: Office, ref: str, kind: str) -> str:
    with office.session() as session:
        petition = office.petition(session, ref)
        task = Task(
            id=uuid4(),
            petition_id=petition.id,
            kind=kind,
            subject="council",
            facts={"valid": 24, "threshold": 25},
            opened_at=office.clock.at,
        )
        session.add(task)
        return str(task.id)


def test_a_count_below_a_reached_threshold_is_confirmed_by_a_person(office: Office) -> None:
    ref = reach(office, open_petition(office))
    task = add_task(office, ref, "count_below")
    clerk = office.sign_in("petit")
    assert "took the count to 24; the threshold of 25" in clerk.get("/office/duties").text
    done = office.post(clerk, f"/office/tasks/{task}", "/office/duties", answer="stands")
    assert done.status_code == 303
    assert "took the count" not in clerk.get("/office/duties").text
    assert office.state(ref) == "threshold_reached"
    again = office.post(clerk, f"/office/tasks/{task}", "/office/duties", answer="stands")
    assert again.status_code == 409


def test_setting_the_effect_aside_needs_a_public_reason(office: Office) -> None:
    ref = reach(office, open_petition(office))
    task = add_task(office, ref, "count_below")
    clerk = office.sign_in("petit")
    empty = office.post(clerk, f"/office/tasks/{task}", "/office/duties", answer="set_aside")
    assert empty.status_code == 422
    assert f'id="reason-{task}-fr"' in empty.text
    reason = {f"reason-{task}-fr": "Une fraude a été établie."}
    office.post(clerk, f"/office/tasks/{task}", "/office/duties", answer="set_aside", **reason)
    with office.session() as session:
        track = session.scalars(select(Track)).one()
        assert (track.status, track.texts) == ("decided", {"fr": "Une fraude a été établie."})
    assert office.state(ref) == "threshold_reached"  # counting never moves a state back


def test_a_petition_that_may_close_is_closed_by_a_person_with_a_reason(office: Office) -> None:
    ref = open_petition(office)
    task = add_task(office, ref, "may_close")
    clerk = office.sign_in("petit")
    wrong = office.post(clerk, f"/office/tasks/{task}", "/office/duties", answer="set_aside")
    assert wrong.status_code == 422
    reason = {f"reason-{task}-fr": "Moins de 25 signatures en six mois."}
    office.post(clerk, f"/office/tasks/{task}", "/office/duties", answer="close", **reason)
    assert office.state(ref) == "closed_below"
    with office.session() as session:
        assert session.scalars(select(PetitionSigning)).one().signing == "closed"
