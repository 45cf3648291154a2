"""Letters, figures, integrity, committee, fact sheet, shortcuts and own views: the pages themselves."""

from __future__ import annotations

import csv
import io
import re
from uuid import uuid4

import pytest
from sqlalchemy import update

from admissibility.services import sifting
from petitions.services import outbox
from petitions.storage.tables import Outbox, WebSession
from tests.web.office_house import Office, make_office

LIBRARY = "Ouvrir la bibliothèque le dimanche"


@pytest.fixture
def office(open_engine, database_uri) -> Office:
    return make_office(open_engine(database_uri))


def published(office: Office) -> str:
    ref = office.file_petition(LIBRARY)
    form = office.decision_form(ref, "accept")
    clerk = office.sign_in("petit")
    office.post(clerk, f"/office/cases/{ref}/decision", f"/office/cases/{ref}", do="decide", **form)
    assert office.state(ref) == "published"
    return ref


def test_every_letter_is_shown_in_each_language_and_sends_nothing(office: Office) -> None:
    with office.session() as session:
        before = session.query(Outbox).count()
    for language, words in (("fr", "n’est pas recevable"), ("en", "has been refused")):
        page = office.sign_in("costa").get(f"/office/letters?language={language}").text
        assert words in page or "irrecevable" in page
        assert page.count("<details id=") >= 17
    assert office.sign_in("lund").get("/office/letters").status_code == 403
    assert office.sign_in("petit").get("/office/letters?language=xx").status_code == 404
    with office.session() as session:
        assert session.query(Outbox).count() == before


def test_the_fate_of_a_letter_stands_on_the_case_and_a_return_is_recorded_once(
    office: Office,
) -> None:
    ref = office.file_petition(LIBRARY)
    clerk, case = office.sign_in("petit"), f"/office/cases/{ref}"
    assert "waits to be sent" in clerk.get(case).text
    with office.session() as session:
        job = session.query(Outbox).filter_by(kind="letter").one()
        outbox.done(session, job.id, office.clock.at)
    address = re.search(rf'action="({case}/letters/[^"]+)"', clerk.get(case).text)
    assert address is not None
    assert office.post(clerk, address[1], case).status_code == 303
    shown = clerk.get(case).text
    assert "came back" in shown
    assert "Letter to the author came back" in shown
    assert office.post(clerk, address[1], case).status_code == 409
    assert office.post(clerk, f"{case}/letters/{uuid4()}/returned", case).status_code == 404


def test_figures_are_shown_and_downloaded_as_numbers(office: Office) -> None:
    published(office)
    reader = office.sign_in("voss")
    page = reader.get("/office/figures").text
    assert "Petitions filed and decided, by month" in page
    assert '<svg class="chart"' in page
    answer = reader.get("/office/figures.csv?from=2026-03-01&to=2026-03-31")
    assert answer.headers["Content-Disposition"].endswith('figures-2026-03-01-2026-03-31.csv"')
    rows = list(csv.reader(io.StringIO(answer.text.lstrip("\ufeff"))))
    assert ["2026-03", "1", "1", "0", ""] in rows
    assert reader.get("/office/figures?assembly=nowhere").status_code in {200, 404}
    assert reader.get("/office/figures?from=x&to=2020-13-01").status_code == 200


def test_signing_is_suspended_confirmed_and_goes_on_at_the_desk(office: Office) -> None:
    ref = published(office)
    page, first = f"/office/files/{ref}/integrity", office.sign_in("iyer")
    second = office.sign_in("morel")
    with office.session() as session:  # both have just typed something at their provider
        session.execute(update(WebSession).values(auth_time=office.clock.at))
    shown = first.get(page).text
    assert "Nothing stands out." in shown
    version = re.search(r'name="version" value="(\d+)"', shown)
    assert version is not None
    empty = office.post(first, page, page, version=version[1])
    assert empty.status_code == 422
    why = {"text-fr": "Vérification en cours.", "text-en": "Being checked."}
    assert office.post(first, page, page, version=version[1], **why).status_code == 303
    shown = first.get(page).text
    assert "Suspended now" in shown
    assert "Confirm: it stays suspended" not in shown  # not one's own
    for button in ("confirm", "resume"):
        shown = second.get(page).text
        address = re.search(rf'action="([^"]+/{button})"', shown)
        version = re.search(r'name="version" value="(\d+)"', shown)
        assert address is not None
        assert version is not None
        assert office.post(second, address[1], page, version=version[1]).status_code == 303
    shown = first.get(page).text
    assert "Suspended now" not in shown
    assert "Suspend signing now" in shown
    assert "Suspend signing now" not in office.sign_in("voss").get(page).text


def test_the_committee_finds_its_files_and_a_sheet_to_print(office: Office) -> None:
    ref = published(office)
    reader = office.sign_in("lund")
    assert "Nothing is owed" in reader.get("/office/committee").text
    sheet = reader.get(f"/office/files/{ref}/sheet").text
    assert LIBRARY in sheet
    assert "What is asked" in sheet
    assert "<form" not in sheet.partition("<main")[2].partition("</main>")[0]
    assert reader.get("/office/committee?after=x").status_code == 404


def test_shortcuts_are_switched_off_for_one_person_and_their_script_goes(office: Office) -> None:
    mine, theirs = office.sign_in("petit"), office.sign_in("morel")
    assert "desk." in mine.get("/office/queue").text
    assert "script-src 'self'" in mine.get("/office/queue").headers["Content-Security-Policy"]
    assert office.post(mine, "/office/shortcuts", "/office/shortcuts", on="").status_code == 303
    assert "<script" not in mine.get("/office/queue").text
    assert "Content-Security-Policy" not in mine.get("/office/queue").headers
    assert "<script" in theirs.get("/office/queue").text
    office.post(mine, "/office/shortcuts", "/office/shortcuts", on="1")
    assert "<script" in mine.get("/office/queue").text


def test_a_list_is_kept_under_a_name_and_opened_again(office: Office) -> None:
    office.file_petition(LIBRARY)
    english = office.file_petition("Open the library on Sundays", language="en")
    with office.session() as session:
        sifting.sift(session, office.house)
    clerk, asked = office.sign_in("petit"), "/office/queue?v=unassigned&language=en"
    saved = office.post(
        clerk, "/office/queue/views", asked, v="unassigned", language="en", name="English"
    )
    assert saved.status_code == 303
    page = clerk.get(saved.location).text
    assert ">English</a>" in page
    assert english in page
    assert "2026-0001" not in page
    assert "English</a></li>" not in office.sign_in("morel").get("/office/queue").text
    empty = office.post(clerk, "/office/queue/views", asked, v="all", name=" ")
    assert empty.status_code == 422
    gone = re.search(r'action="(/office/queue/views/[^"]+/forget)"', page)
    assert gone is not None
    assert office.post(office.sign_in("morel"), gone[1], asked).status_code == 404
    assert office.post(clerk, gone[1], asked).status_code == 303
    assert "/forget" not in clerk.get("/office/queue").text


def test_the_download_holds_what_is_shown(office: Office) -> None:
    office.file_petition(LIBRARY)
    english = office.file_petition("Open the library on Sundays", language="en")
    body = office.sign_in("petit").get("/office/queue.csv?v=all&language=en").text
    rows = list(csv.reader(io.StringIO(body.lstrip("\ufeff"))))
    assert [row[0] for row in rows[1:]] == [english]


def test_after_a_decision_the_next_case_opens_by_itself(office: Office) -> None:
    refs = [office.file_petition(f"Demande numéro {number} au conseil") for number in range(2)]
    clerk = office.sign_in("petit")
    office.post(clerk, "/office/queue/take", "/office/queue", case=refs, v="all")
    form = office.decision_form(refs[0], "accept")
    answer = office.post(
        clerk, f"/office/cases/{refs[0]}/decision", f"/office/cases/{refs[0]}", do="decide", **form
    )
    assert answer.location == f"/office/cases/{refs[1]}?done=decide&of={refs[0]}"
    page = clerk.get(answer.location).text
    assert f"{refs[0]}: The decision was recorded" in page
    assert clerk.get(f"/office/next?after={refs[1]}").location == f"/office/cases/{refs[1]}"
    assert office.sign_in("morel").get("/office/next").location == "/office/queue?v=unassigned"
