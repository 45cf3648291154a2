"""What is refused in the office stays in the office: its frame, its language, its way back."""

from __future__ import annotations

import pytest

from tests.web.office_house import Office, make_office


@pytest.fixture
def office(open_engine, sqlite_uri) -> Office:
    return make_office(open_engine(sqlite_uri))


def in_the_office(page: str) -> bool:
    header = page.partition("<main")[0]
    return '<a href="/office/queue">' in header and "/start" not in header


def test_a_missing_case_leads_back_to_the_queue_in_the_language_of_the_person(
    office: Office,
) -> None:
    answer = office.sign_in("petit", "fr").get("/office/cases/2026-9999")
    assert answer.status_code == 404
    assert '<html lang="fr"' in answer.text
    assert in_the_office(answer.text)
    assert 'name="q"' not in answer.text, "the public search finds no case"


def test_a_form_that_is_too_large_is_refused_inside_the_office(office: Office) -> None:
    clerk = office.sign_in("petit", "fr")
    ref = office.file_petition("Ouvrir la bibliothèque le dimanche")
    token = office.csrf(clerk, f"/office/cases/{ref}")
    office.app.config["MAX_CONTENT_LENGTH"] = 1000
    form = {"text": "x" * 2000, "csrf_token": token}
    answer = clerk.post(f"/office/cases/{ref}/notes", data=form)
    assert answer.status_code == 413
    assert '<html lang="fr"' in answer.text
    assert in_the_office(answer.text)


def test_a_case_names_the_assembly_where_the_site_has_several(office: Office) -> None:
    ref = office.file_petition("Ouvrir la bibliothèque le dimanche")
    page = office.sign_in("petit").get(f"/office/cases/{ref}").text
    facts = page.partition('id="facts"')[2].partition("</table>")[0]
    assert "Town of Valmont" in facts
