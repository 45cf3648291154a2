"""Two petitions side by side at the desk, and what one action prepares from there."""

from __future__ import annotations

import gzip
import html
import re

import pytest
from sqlalchemy import select

from petitions.storage.tables import CaseDraft, Decision, SameSubject
from tests.web.office_house import Office, make_office

ONE = "Fermer la place du Marché aux voitures le samedi"
OTHER = "Fermer la place du Marché aux voitures chaque samedi matin"


@pytest.fixture
def office(open_engine, database_uri) -> Office:
    return make_office(open_engine(database_uri))


@pytest.fixture
def pair(office: Office) -> tuple[str, str]:
    """(the petition on the desk, the earlier one)."""
    earlier = office.file_petition(ONE, "Nous demandons une place sans voitures. Le samedi.")
    return office.file_petition(OTHER, "Nous demandons une place sans bruit. Le samedi."), earlier


def plain(text: str) -> str:
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", "", html.unescape(text)))


def test_each_side_marks_the_words_that_the_other_has_not(office: Office, pair) -> None:
    mine, other = pair
    shown = office.sign_in("petit").get(f"/office/cases/{mine}/compare/{other}")
    assert shown.status_code == 200
    told = plain(shown.text)
    assert "[only here: chaque ]" in told or "[only here: chaque" in told
    assert "[only here: voitures" in told
    assert "[only here: bruit" in told
    assert "of the words stand in both" in told
    assert (
        f"/office/cases/{mine}/compare/{other}"
        in office.sign_in("petit").get(f"/office/cases/{mine}").text
    )


def test_the_number_typed_at_the_case_leads_to_the_two(office: Office, pair) -> None:
    mine, other = pair
    answer = office.sign_in("petit").get(f"/office/cases/{mine}/compare?other={other}")
    assert answer.location.endswith(f"/office/cases/{mine}/compare/{other}")
    unknown = office.sign_in("petit").get(f"/office/cases/{mine}/compare/2026-9999")
    assert unknown.status_code == 404


def test_linking_records_the_same_subject_once(office: Office, pair) -> None:
    mine, other = pair
    clerk, page = office.sign_in("petit"), f"/office/cases/{mine}/compare/{other}"
    version = office.versions(mine)["petition_version"]
    assert office.post(clerk, page, page, version=version, note="Même place").status_code == 303
    with office.session() as session:
        assert session.scalars(select(SameSubject)).one().note == "Même place"
    assert "recorded as being about the same subject" in clerk.get(page).text


def test_one_action_prepares_a_refusal_that_names_the_other(office: Office, pair) -> None:
    mine, other = pair
    clerk, page = office.sign_in("petit"), f"/office/cases/{mine}/compare/{other}"
    shown = clerk.get(page).text
    assert re.search(r'<option value="duplicate" selected', shown)
    answer = office.post(clerk, f"{page}/refuse", page, ground="duplicate")
    assert answer.status_code == 303
    case = html.unescape(clerk.get(f"/office/cases/{mine}").text)
    assert re.search(r'id="finding-duplicate-applies"[^>]*checked', case)
    assert re.search(r'id="d-refuse"[^>]*checked', case)
    assert f"n° {other}" in case or other in case
    with office.session() as session:
        assert session.scalars(select(Decision)).all() == []
        text = session.scalars(select(CaseDraft)).one().content["texts"]["fr"]
    assert other in text
    assert ONE in text
    standard = office.house.library.wording("duplicate", "fr", noun="grounds", rulebook="town").text
    assert standard in text
    form = office.decision_form(mine, "refuse", applies="duplicate", **{"text-fr": text})
    where = f"/office/cases/{mine}"
    assert office.post(clerk, f"{where}/decision", where, do="decide", **form).status_code == 303
    assert office.state(mine) == "refused"


def test_a_hidden_ground_is_no_duplicate(office: Office, pair) -> None:
    mine, other = pair
    clerk, page = office.sign_in("petit"), f"/office/cases/{mine}/compare/{other}"
    answer = office.post(clerk, f"{page}/refuse", page, ground="defamatory")
    assert answer.status_code == 422
    with office.session() as session:
        assert session.scalars(select(CaseDraft)).all() == []


def test_an_auditor_compares_and_changes_nothing(office: Office, pair) -> None:
    mine, other = pair
    auditor, page = office.sign_in("voss"), f"/office/cases/{mine}/compare/{other}"
    shown = auditor.get(page).text
    assert "What follows" not in shown
    csrf = office.csrf(office.sign_in("petit"), f"/office/cases/{mine}/compare/{other}")
    assert auditor.post(f"{page}/refuse", data={"csrf_token": csrf}).status_code in {400, 403}


def test_the_authors_own_words_on_the_difference_stand_beside(office: Office, pair) -> None:
    mine, other = pair
    with office.session() as session:
        office.lock(session, mine).difference = "La nôtre vise le matin seulement."
    shown = office.sign_in("petit").get(f"/office/cases/{mine}/compare/{other}").text
    assert "La nôtre vise le matin seulement." in shown


def test_the_page_of_two_long_texts_stays_small(office: Office) -> None:
    long = " ".join(
        f"Phrase {n} sur la place du Marché et les voitures du samedi." for n in range(70)
    )
    one = office.file_petition(ONE, long[:2300], long[:2500])
    other = office.file_petition(OTHER, long[10:2300], long[30:2500])
    for path in (f"/office/cases/{one}/compare/{other}", f"/office/cases/{one}"):
        shown = office.sign_in("petit").get(path)
        assert shown.status_code == 200
        assert len(gzip.compress(shown.data)) < 30_000
