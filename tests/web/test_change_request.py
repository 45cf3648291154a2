"""A wording that a clerk proposes: seen word by word, and the author's to take, to edit or to leave."""

from __future__ import annotations

import html
import re
from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import select

from petitions.domain.errors import ConflictError, InvalidError
from petitions.services import change_requests, deadlines, filing, rewording, text_versions
from petitions.storage.tables import Audit, CaseDraft, ChangeRequest, Outbox, TextVersion
from tests.web.office_house import WHY, Office, make_office

TITLE = "Ouvrir la bibliothèque le dimanche"
WANTED = "Ouvrir la bibliothèque un dimanche sur deux"
POINTS = {"text-fr": "Dire à quel rythme."}


@pytest.fixture
def office(open_engine, database_uri) -> Office:
    return make_office(open_engine(database_uri))


@pytest.fixture
def ref(office: Office) -> str:
    return office.file_petition(TITLE)


def change_of(ref: str) -> str:
    return f"/office/cases/{ref}/change"


def ask(office: Office, who, ref: str, do: str = "send", **fields: str):
    form = {
        **office.versions(ref), **POINTS, "title-fr": WANTED, "summary-fr": "",
        "request-fr": "Nous demandons au conseil d’agir.", "reasons-fr": WHY, **fields,
    }  # fmt: skip
    return office.post(who, change_of(ref), change_of(ref), do=do, **form)


def text(office: Office, ref: str) -> str:
    with office.session() as session:
        return filing.text_of(session, office.petition(session, ref)).title


def the_request(office: Office) -> ChangeRequest:
    with office.session() as session:
        return session.scalars(select(ChangeRequest)).one()


def letters(office: Office) -> list[str]:
    with office.session() as session:
        rows = session.scalars(select(Outbox).where(Outbox.kind == "letter"))
        return sorted(row.payload["code"] for row in rows)


def plain(text: str) -> str:
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", "", html.unescape(text)))


def test_the_preview_shows_each_word_and_sends_nothing(office: Office, ref: str) -> None:
    clerk = office.sign_in("petit")
    shown = ask(office, clerk, ref, "preview")
    assert shown.status_code == 200
    assert "<del><span" in shown.text
    assert "[taken out: le dimanche] [put in: un dimanche sur deux]" in plain(
        shown.text
    ) or "un dimanche sur deux" in plain(shown.text)
    assert "Une rédaction que nous vous proposons" in html.unescape(shown.text)
    assert office.state(ref) == "in_admissibility"
    assert letters(office) == ["submitted"]


def test_the_author_takes_the_wording_as_it_is(office: Office, ref: str) -> None:
    clerk = office.sign_in("petit")
    assert ask(office, clerk, ref).status_code == 303
    assert office.state(ref) == "returned"
    assert text(office, ref) == TITLE
    with office.session() as session:
        assert session.scalars(select(CaseDraft)).all() == []
        petition = office.lock(session, ref)
        rewording.accept(session, office.house, petition, office.clock.at)
    assert office.state(ref) == "in_admissibility"
    assert text(office, ref) == WANTED
    assert the_request(office).status == "accepted"
    with office.session() as session:
        found = session.scalars(select(TextVersion).order_by(TextVersion.number)).all()
        assert [(each.number, each.title) for each in found] == [(1, TITLE), (2, WANTED)]
        row = session.scalars(select(Audit).where(Audit.action == "resubmit")).one()
        assert row.detail == {"change": "accepted"}
    case = plain(office.sign_in("petit").get(f"/office/cases/{ref}").text)
    assert "The author took the proposed wording as it is." in case


def test_the_author_edits_the_wording_first(office: Office, ref: str) -> None:
    ask(office, office.sign_in("petit"), ref)
    with office.session() as session:
        petition = office.lock(session, ref)
        rewording.edit_first(session, office.house, petition)
        words = text_versions.words_of(filing.text_of(session, petition))
        assert words.title == WANTED
        own = replace(words, title="Ouvrir la bibliothèque chaque premier dimanche")
        filing.write_text(session, office.house, petition, own)
        filing.resubmit(session, office.house, petition, office.clock.at)
    assert the_request(office).status == "edited"
    case = plain(office.sign_in("petit").get(f"/office/cases/{ref}").text)
    assert "Against the wording that was proposed" in case
    assert "chaque premier" in case


def test_the_author_leaves_the_text_and_says_why(office: Office, ref: str) -> None:
    ask(office, office.sign_in("petit"), ref)
    with office.session() as session:
        petition = office.lock(session, ref)
        rewording.edit_first(session, office.house, petition)
        rewording.leave(session, office.house, petition, "C’est bien le dimanche.", office.clock.at)
    assert text(office, ref) == TITLE
    assert the_request(office).status == "unchanged"
    case = plain(office.sign_in("petit").get(f"/office/cases/{ref}").text)
    assert "C’est bien le dimanche." in case
    with office.session() as session, pytest.raises(ConflictError):
        rewording.accept(session, office.house, office.lock(session, ref), office.clock.at)


def test_silence_is_reminded_once_and_then_judged_by_the_rules(office: Office, ref: str) -> None:
    ask(office, office.sign_in("petit"), ref)

    def turn(days: int) -> None:
        at = office.clock.at + timedelta(days=days)
        with office.session() as session:
            steps = list(deadlines.due_steps(session, office.house, at))
        for step in steps:
            with office.session() as session:
                step(session)

    turn(3)
    assert letters(office) == ["returned", "submitted"]
    for days in (8, 9):
        turn(days)
        assert letters(office) == ["correction_reminder", "returned", "submitted"]
    turn(14)
    assert office.state(ref) == "returned"
    turn(15)
    assert office.state(ref) == "lapsed"
    assert letters(office) == ["correction_reminder", "lapsed", "returned", "submitted"]


def test_wording_that_breaks_the_form_is_not_sent_and_kept(office: Office, ref: str) -> None:
    clerk = office.sign_in("petit")
    answer = ask(office, clerk, ref, **{"title-fr": "x" * 200})
    assert answer.status_code == 422
    assert 'id="title-fr-err"' in answer.text
    assert "x" * 200 in answer.text
    assert office.state(ref) == "in_admissibility"
    assert "x" * 200 in office.sign_in("petit").get(change_of(ref)).text


def test_no_wording_is_proposed_once_a_text_is_public(office: Office, ref: str) -> None:
    clerk = office.sign_in("petit")
    accept = office.decision_form(ref, "accept")
    page = f"/office/cases/{ref}"
    office.post(clerk, f"{page}/decision", page, do="decide", **accept)
    shown = clerk.get(change_of(ref)).text
    assert "title-fr" not in shown
    with office.session() as session:
        petition = office.lock(session, ref)
        assert change_requests.why_no_wording(session, petition) == "text_frozen"
        wanted = {"fr": text_versions.words_of(filing.text_of(session, petition))}
        changed = {"fr": type(wanted["fr"])("Autre titre", "Autre", "Autre")}
        with pytest.raises(InvalidError):
            change_requests.check(session, office.house, petition, changed)


def test_a_return_without_a_proposal_is_a_request_too(office: Office, ref: str) -> None:
    clerk = office.sign_in("petit")
    page = f"/office/cases/{ref}"
    form = office.decision_form(ref, "return", **POINTS)
    office.post(clerk, f"{page}/decision", page, do="decide", **form)
    assert the_request(office).proposed == {}
    with office.session() as session:
        petition = office.lock(session, ref)
        with pytest.raises(ConflictError):
            rewording.accept(session, office.house, petition, office.clock.at)
        rewording.leave(session, office.house, petition, "", office.clock.at)
    assert the_request(office).status == "unchanged"


def test_a_wording_kept_as_a_draft_goes_with_the_decision_of_the_case(
    office: Office, ref: str
) -> None:
    clerk = office.sign_in("petit")
    assert ask(office, clerk, ref, "save").status_code == 303
    page = f"/office/cases/{ref}"
    assert "Go on with the proposed wording" in clerk.get(page).text
    form = office.decision_form(ref, "return", **POINTS)
    office.post(clerk, f"{page}/decision", page, do="decide", **form)
    assert the_request(office).proposed["fr"]["title"] == WANTED
