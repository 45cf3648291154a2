"""Paper and certificates at the desk, and what the public is then told."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from sqlalchemy import select, update

from petitions.storage.tables import Certificate, Sheet, Verification, WebSession
from tests.house import changed_library
from tests.web.office_house import Office, make_office
from tests.web.test_staff_files import open_petition

ON_PAPER = {"[signing]\n": '[signing]\nchannels = ["online", "paper"]\n'}
ENTERED = {
    "about": "paper", "authority": "Notaire Durand", "document": "2026/7",
    "issued_on": "2026-02-27", "examined": "30", "valid": "26", "invalid": "3", "duplicate": "1",
}  # fmt: skip


@pytest.fixture
def office(open_engine: Callable[..., object], database_uri: str, tmp_path: Path) -> Office:
    library = changed_library(tmp_path, "town", ON_PAPER)
    return make_office(open_engine(database_uri), library)  # type: ignore[arg-type]


def just_signed_in(office: Office) -> None:
    """Everybody has typed a password a moment ago: what cannot be undone asks for that."""
    with office.session() as session:
        now = office.clock.at
        session.execute(update(WebSession).values(auth_time=now, opened_at=now))


def page_of(ref: str) -> str:
    return f"/office/files/{ref}/paper"


def test_two_clerks_enter_a_certificate_and_both_are_named(office: Office) -> None:
    ref = open_petition(office)
    clerk, other, page = office.sign_in("petit"), office.sign_in("morel"), page_of(ref)
    answer = office.post(clerk, f"{page}/certificates", page, **ENTERED)
    assert answer.status_code == 303
    with office.session() as session:
        row = session.scalars(select(Certificate)).one()
        assert (row.raw, row.valid, row.status) == (30, 26, "proposed")
        here = f"/office/certificates/{row.id}/confirm"
    assert here not in clerk.get(page).text
    assert office.post(clerk, here, page).status_code == 303, "a fresh login first"
    just_signed_in(office)
    assert office.post(clerk, here, page).status_code == 403
    assert office.post(other, here, page).status_code == 303
    shown = other.get(page).text
    assert "Entered by A. Petit" in shown
    assert "Confirmed by J. Morel" in shown
    assert "Certificate confirmed: it counts" in other.get(f"/office/files/{ref}").text


def test_wrong_numbers_are_told_where_they_were_typed_and_nothing_is_lost(office: Office) -> None:
    ref = open_petition(office)
    clerk, page = office.sign_in("petit"), page_of(ref)
    wrong = ENTERED | {"valid": "29", "issued_on": "2027-01-01"}
    answer = office.post(clerk, f"{page}/certificates", page, **wrong)
    assert answer.status_code == 422
    assert "must add up" in answer.text
    assert "The day lies in the future." in answer.text
    assert 'value="Notaire Durand"' in answer.text
    with office.session() as session:
        assert session.scalars(select(Certificate)).all() == []


def test_sheets_go_from_number_to_check_and_into_a_certificate(office: Office) -> None:
    ref = open_petition(office)
    clerk, page = office.sign_in("petit"), page_of(ref)
    steps = (
        {"step": "create", "number": "3"},
        {"step": "issue", "sheets": "1-3"},
        {"step": "return", "sheets": "1-2", "lines": "10"},
        {"step": "check", "sheets": "1", "lines": "10", "invalid": "1", "duplicate": "1"},
    )
    for step in steps:
        assert office.post(clerk, f"{page}/sheets", page, **step).status_code == 303
    refused = office.post(clerk, f"{page}/sheets", page, step="issue", sheets="1")
    assert refused.status_code == 422
    form = ENTERED | {"sheets": "1", "examined": "", "valid": "", "invalid": "", "duplicate": ""}
    assert office.post(clerk, f"{page}/certificates", page, **form).status_code == 303
    with office.session() as session:
        status = {row.number: row.status for row in session.scalars(select(Sheet))}
        assert status == {1: "checked", 2: "returned", 3: "issued"}
        assert session.scalars(select(Certificate.valid)).one() == 8


def test_the_organisers_number_is_shown_and_signing_must_end_before_verification_does(
    office: Office,
) -> None:
    ref = open_petition(office)
    clerk, page = office.sign_in("petit"), page_of(ref)
    here = f"{page}/verification"
    assert office.post(clerk, here, page, step="declare", declared="3000").status_code == 303
    assert "3,000 on paper; that counts for nothing" in clerk.get(page).text
    assert office.post(clerk, here, page, step="close").status_code == 409
    with office.session() as session:
        assert session.scalars(select(Verification)).one().closed_at is None


def test_an_auditor_reads_the_page_and_records_nothing(office: Office) -> None:
    ref = open_petition(office)
    auditor, clerk, page = office.sign_in("voss"), office.sign_in("petit"), page_of(ref)
    assert auditor.get(page).status_code == 200
    token = office.csrf(clerk, page)
    answer = auditor.post(f"{page}/certificates", data=ENTERED | {"csrf_token": token})
    assert answer.status_code in {400, 403}
    with office.session() as session:
        assert session.scalars(select(Certificate)).all() == []


def test_a_petition_that_does_not_exist_has_no_page(office: Office) -> None:
    clerk = office.sign_in("petit")
    assert clerk.get(page_of("2026-9999")).status_code == 404
    nowhere = "/office/certificates/00000000-0000-0000-0000-000000000000/confirm"
    ref = open_petition(office)
    just_signed_in(office)
    assert office.post(clerk, nowhere, page_of(ref)).status_code == 404
