"""The queue page: figures, take, assign, CSV."""

from __future__ import annotations

import csv
import io
import re
from datetime import timedelta

import pytest

from tests.web.office_house import Office, make_office


@pytest.fixture
def office(open_engine, database_uri) -> Office:
    return make_office(open_engine(database_uri))


def kpis(page: str) -> dict[str, str]:
    found = re.findall(r"<dt>([^<]+)</dt><dd class=\"num\">([^<]+)</dd>", page)
    return {name: value.strip() for name, value in found}


def test_the_oldest_legal_deadline_stands_first_and_lateness_is_said_in_words(
    office: Office,
) -> None:
    first = office.file_petition("Ouvrir la bibliothèque le dimanche")
    office.clock.forward(days=6)
    second = office.file_petition("Des repas bio à la cantine")
    office.clock.forward(days=10)
    page = office.sign_in("petit").get("/office/queue").text
    assert page.index(f"/office/cases/{first}") < page.index(f"/office/cases/{second}")
    assert "2 days late" in page
    assert "3 days left" in page
    assert kpis(page) == {
        "To check": "2", "Due within 3 days": "1", "Overdue": "1", "Back from author": "0",
        "Median time to decision": "–",
    }  # fmt: skip


def test_a_clerk_takes_the_selected_cases_and_finds_them_among_his_own(office: Office) -> None:
    refs = [office.file_petition(f"Demande numéro {n} au conseil") for n in range(3)]
    clerk = office.sign_in("petit")
    answer = office.post(clerk, "/office/queue/take", "/office/queue", case=refs[:2], v="all")
    assert answer.status_code == 303
    assert "2 cases assigned" in clerk.get(answer.location).text
    mine = clerk.get("/office/queue?v=mine").text
    assert refs[0] in mine
    assert refs[2] not in mine
    assert refs[2] in clerk.get("/office/queue?v=unassigned").text


def test_a_case_in_a_colleagues_hands_is_left_alone_and_this_is_said(office: Office) -> None:
    ref = office.file_petition("Ouvrir la bibliothèque le dimanche")
    other = office.sign_in("morel")
    office.post(other, f"/office/cases/{ref}/take", f"/office/cases/{ref}")
    clerk = office.sign_in("petit")
    answer = office.post(
        clerk, "/office/queue/take", "/office/queue", case=[ref, "2026-9999"], v="all"
    )
    told = clerk.get(answer.location).text
    assert "1 case was left alone: a colleague has taken it meanwhile." in told
    assert "1 case was left alone: its check has ended." in told
    with office.session() as session:
        assert office.review(session, ref).assigned_to == "morel"


def test_cases_are_assigned_to_colleagues_who_may_decide_only(office: Office) -> None:
    ref = office.file_petition("Ouvrir la bibliothèque le dimanche")
    chief = office.sign_in("adams")
    page = chief.get("/office/queue").text
    assert "E. Voss" not in page  # the auditor changes nothing
    assert "Take the selected" not in page  # an administrator assigns and does not decide
    refused = office.post(
        chief, "/office/queue/assign", "/office/queue", case=ref, to="voss", v="all"
    )
    assert refused.status_code == 422
    given = office.post(
        chief, "/office/queue/assign", "/office/queue", case=ref, to="morel", v="all"
    )
    assert given.status_code == 303
    with office.session() as session:
        assert office.review(session, ref).assigned_name == "J. Morel"


def test_the_download_holds_the_whole_view_and_runs_nothing_in_a_spreadsheet(
    office: Office,
) -> None:
    for n in range(30):
        office.file_petition(f"Demande numéro {n} au conseil")
    office.file_petition('=HYPERLINK("http://x";"cliquez ici")')
    answer = office.sign_in("petit").get("/office/queue.csv?v=all")
    assert answer.headers["Cache-Control"] == "no-store"
    rows = list(csv.reader(io.StringIO(answer.text.removeprefix("\ufeff"))))
    assert len(rows) == 32
    assert not any(cell[:1] in {"=", "+", "@"} for row in rows for cell in row)
    assert [row[4] for row in rows[1:]] == sorted(row[4] for row in rows[1:])


def test_the_queue_goes_on_page_by_page(office: Office) -> None:
    for n in range(26):
        office.file_petition(f"Demande numéro {n} au conseil")
    clerk = office.sign_in("petit")
    page = clerk.get("/office/queue").text
    following = re.search(r'href="(/office/queue\?[^"]*after[^"]*)"', page)
    assert following
    last = clerk.get(following[1].replace("&amp;", "&")).text
    assert len(re.findall(r'name="case"', page)) == 25
    assert len(re.findall(r'name="case"', last)) == 1
    assert "Back to the first page" in last


@pytest.mark.parametrize(
    "path",
    [
        "/office/queue?v=nothing",
        "/office/queue?after=x",
        "/office/duties?v=x",
        "/office/duties?after=x",
        "/office/cases/2020-0001",
        "/office/files/2020-0001",
    ],
)
def test_addresses_nobody_offered_are_not_found(office: Office, path: str) -> None:
    assert office.sign_in("petit").get(path).status_code == 404


def test_the_page_is_in_the_language_of_the_account(office: Office) -> None:
    office.file_petition("Ouvrir la bibliothèque le dimanche")
    page = office.sign_in("petit", "fr").get("/office/queue").text
    assert '<html lang="fr"' in page
    assert "Pétitions à vérifier" in page
    assert "Admissibility" not in page


def test_decided_cases_leave_the_queue_and_give_the_median(office: Office) -> None:
    refs = [office.file_petition(f"Demande numéro {n} au conseil") for n in range(3)]
    for ref, days in zip(refs, (2, 2, 6), strict=True):
        office.clock.at += timedelta(days=days)
        clerk = office.sign_in("petit")
        form = office.decision_form(ref, "accept")
        office.post(
            clerk, f"/office/cases/{ref}/decision", f"/office/cases/{ref}", do="decide", **form
        )
    assert kpis(clerk.get("/office/queue").text)["Median time to decision"] == "4 days"
    assert kpis(clerk.get("/office/queue").text)["To check"] == "0"
