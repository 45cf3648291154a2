"""Calendar, end of the term and the times of a file, at the desk."""

from __future__ import annotations

import html
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select, update

from petitions.services import deadlines
from petitions.storage.tables import CalendarEntry, WebSession
from tests.house import changed_library
from tests.web.office_house import Office, make_office

RULES = {
    'event = "outage"\neffect = "pause"': 'event = "outage"\neffect = "pause"\n\n[[calendar]]\n'
    'event = "dissolution"\neffect = "lapse"\nstates = ["in_admissibility"]\n\n[[calendar]]\n'
    'event = "dissolution"\neffect = "close"\nstates = ["published"]',
    'window = { length = "P2M" }': 'window = { length = "P2M", extension = { length = "P14D", '
    'times = 1, by = "town_council" } }',
}
DAYS = "/office/days"
DISSOLUTION = {
    "what": "event", "event": "dissolution", "starts_on": "2026-03-20", "starts_at": "00:01",
    "note": "Decree of 1 March",
}  # fmt: skip
OUTAGE = DISSOLUTION | {
    "event": "outage", "starts_on": "2026-03-01", "starts_at": "", "note": "Report of the operators",
}  # fmt: skip


@pytest.fixture
def office(open_engine: Any, database_uri: str, tmp_path: Path) -> Office:
    return make_office(open_engine(database_uri), changed_library(tmp_path, "town", RULES))


def published(office: Office) -> str:
    ref = office.file_petition("Ouvrir la bibliothèque le dimanche")
    clerk, page = office.sign_in("petit"), f"/office/cases/{ref}"
    form = office.decision_form(ref, "accept")
    assert office.post(clerk, f"{page}/decision", page, do="decide", **form).status_code == 303
    return ref


def entries(office: Office) -> list[CalendarEntry]:
    with office.session() as session:
        return list(session.scalars(select(CalendarEntry).order_by(CalendarEntry.recorded_at)))


def carry_out(office: Office) -> None:
    for _ in range(2):
        with office.session() as session:
            steps = list(deadlines.due_steps(session, office.house, office.clock.at))
        for step in steps:
            with office.session() as session:
                step(session)


def test_an_outage_is_entered_ended_and_taken_out_by_one_person(office: Office) -> None:
    ref, clerk = published(office), office.sign_in("petit")
    assert "Nothing has been entered" in clerk.get(DAYS).text
    empty = office.post(clerk, DAYS, DAYS, what="event", event="outage", note="Why")
    assert empty.status_code == 422
    assert 'id="starts-err"' in empty.text
    assert ">Why</textarea>" in empty.text.replace("\nWhy", "Why")
    assert office.post(clerk, DAYS, DAYS, **OUTAGE).status_code == 303
    carry_out(office)
    times = clerk.get(f"/office/files/{ref}/time").text
    assert "nobody can sign until the event" in times
    (entry,) = entries(office)
    place = f"{DAYS}/{entry.id}"
    wrong = office.post(clerk, f"{place}/end", DAYS, do="end", ends_on="2026-02-01")
    assert wrong.status_code == 422
    done = office.post(clerk, f"{place}/end", DAYS, do="end", ends_on="2026-03-04")
    assert done.status_code == 303
    carry_out(office)
    with office.session() as session:
        assert office.petition(session, ref).last_day == date(2026, 5, 3)
    gone = office.post(clerk, f"{place}/correct", DAYS, do="remove", note="It ran all the time.")
    assert gone.status_code == 303
    carry_out(office)
    with office.session() as session:
        assert office.petition(session, ref).last_day == date(2026, 5, 2)
    assert sorted(each.status for each in entries(office)) == ["corrected", "corrected"]


def test_what_ends_petitions_is_confirmed_by_another_person(office: Office) -> None:
    ref, clerk = published(office), office.sign_in("petit")
    office.file_petition("Des bancs sur la place")
    query = "assembly=valmont&event=dissolution&on=2026-03-20&at=00:01"
    plan = html.unescape(clerk.get(f"/office/term-end?{query}").text)
    assert "Signing closes; below its threshold it ends" in plan
    assert "The author is told by letter that it has lapsed." in plan
    assert entries(office) == []  # looking changes nothing
    form = {"assembly": "valmont", "event": "dissolution", "on": "2026-03-20", "at": "00:01"}
    page = f"/office/term-end?{query}"
    assert office.post(clerk, "/office/term-end", page, **form).status_code == 422
    sent = office.post(clerk, "/office/term-end", page, **form, note="Decree of 1 March")
    assert sent.headers["Location"].endswith("done=proposed")
    (entry,) = entries(office)
    confirm = f"{DAYS}/{entry.id}/confirm"
    asked = office.post(clerk, confirm, DAYS)
    assert "/office/sign-in" in asked.headers["Location"]  # a login of the last five minutes
    other = office.sign_in("morel")
    with office.session() as session:
        session.execute(update(WebSession).values(auth_time=office.clock.at))
    assert office.post(clerk, confirm, DAYS).status_code == 403
    # a proposal may be called off: here a second one, entered by mistake
    assert office.post(clerk, DAYS, DAYS, **DISSOLUTION).status_code == 303
    twice = next(each.id for each in entries(office) if each.id != entry.id)
    assert office.post(other, f"{DAYS}/{twice}/call-off", DAYS).status_code == 303
    assert office.post(other, confirm, DAYS).status_code == 303
    assert office.post(other, confirm, DAYS).status_code == 409
    office.clock.forward(days=18)
    carry_out(office)
    assert office.state(ref) == "published"  # it closes below once the last batch is public
    with office.session() as session:
        assert office.petition(session, ref).last_day == date(2026, 3, 20)
    assert "Decree of 1 March" in office.sign_in("petit").get(DAYS).text


def test_days_off_the_form_are_read_or_refused(office: Office) -> None:
    clerk = office.sign_in("petit")
    for words, status in (("2026-04-0x", 422), ("", 422), ("2026-04-02\n2026-04-03", 303)):
        sent = office.post(clerk, DAYS, DAYS, what="sitting", days=words, note="Bureau")
        assert sent.status_code == status
    assert entries(office)[0].days == ["2026-04-02", "2026-04-03"]
    assert office.post(clerk, DAYS, DAYS, **OUTAGE, assembly="elsewhere").status_code == 404


def test_a_window_is_extended_once_with_its_public_notice(office: Office) -> None:
    ref, committee = published(office), office.sign_in("lund")
    page = f"/office/files/{ref}/time"
    with office.session() as session:
        version = str(office.petition(session, ref).version)
    form = {"version": version, "decided_on": "2026-03-02"}
    missing = office.post(committee, f"/office/files/{ref}/window-extension", page, **form)
    assert missing.status_code == 422
    assert 'id="longer-text-fr-err"' in missing.text
    form["text-fr"] = "Le conseil prolonge la collecte."
    sent = office.post(committee, f"/office/files/{ref}/window-extension", page, **form)
    assert sent.status_code == 303
    with office.session() as session:
        assert office.petition(session, ref).last_day == date(2026, 5, 16)
    shown = committee.get(page).text
    assert "Extension 1" in shown
    assert "Extend and publish" not in shown


def test_an_auditor_reads_the_calendar_and_cannot_write_in_it(office: Office) -> None:
    auditor = office.sign_in("voss")
    assert "Add an entry" not in auditor.get(DAYS).text
    assert office.post(auditor, DAYS, "/office/sessions", **OUTAGE).status_code == 403
