"""Sessions of staff: their end is announced, and nothing typed is lost."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from html import unescape
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from sqlalchemy import select

from petitions.storage import tables as t
from tests.web.desk_town import (
    OTHER,
    administrator,
    as_on_the_first_day,
    clerk,
    lasting_town,
    log_in_again,
)
from tests.web.site import token
from tests.web.town import Browser, Town, form_of

NOTE = "La commission a demandé des précisions sur le trajet de la ligne 4, et sur son coût."


@pytest.fixture(scope="module")
def one_town(tmp_path_factory: pytest.TempPathFactory, sqlite_template: Path) -> Iterator[Town]:
    with lasting_town(tmp_path_factory.mktemp("town"), sqlite_template, "claim") as found:
        yield found


@pytest.fixture
def town(one_town: Town) -> Town:
    return as_on_the_first_day(one_town)


def write_note(browser: Browser, ref: str, text: str = NOTE) -> dict[str, str]:
    """The form of a note, as the page gave it, filled in and not sent yet."""
    path = f"/office/cases/{ref}/notes"
    return {**form_of(browser.get(f"/office/cases/{ref}").text, path), "text": text}


def note_of(town: Town) -> list[str]:
    with town.site.session() as session:
        return list(session.scalars(select(t.CaseNote.text)))


def sent_late(town: Town, browser: Browser, ref: str, text: str = NOTE, **after: int) -> Any:
    """A note posted after the session has run out; the page that says so."""
    form = write_note(browser, ref, text)
    town.site.later(**after)
    answer = browser.post(f"/office/cases/{ref}/notes", form)
    assert answer.status_code == 303
    assert answer.headers["Location"].startswith("/office/sign-in?back=/office/kept")
    return browser.get(answer.headers["Location"])


def send_now(browser: Browser, page: Any, ref: str) -> Any:
    path = f"/office/cases/{ref}/notes"
    return browser.post(path, form_of(page.text, path))


# --- the end of a session ----------------------------------------------------------------------


def test_every_page_says_when_the_session_ends(town: Town) -> None:
    browser = clerk(town)  # at 9:00 UTC, 10:00 in Valmont
    first = browser.get("/office/queue").text
    assert "Without a click your session ends at 10:30, at the latest at 18:01." in first
    for _ in range(19):
        town.site.later(minutes=24)
        page = browser.get("/office/queue").text
    assert "Your session ends at 18:01: send or save what you write before." in page


@pytest.mark.parametrize("after", [{"minutes": 31}, {"hours": 8, "minutes": 2}, {"hours": 11}])
def test_a_form_that_came_too_late_comes_back_after_the_login(
    town: Town, after: dict[str, int]
) -> None:
    ref, browser = town.site.file(), clerk(town)
    page = sent_late(town, browser, ref, **after)
    assert "Your session has ended" in page.text
    assert "What you wrote is kept." in page.text
    assert NOTE not in page.text, "nobody is logged in here"
    assert note_of(town) == []
    back = log_in_again(browser, page)
    assert unescape(back.text).count(NOTE) == 2, "to read, and to send"
    assert send_now(browser, back, ref).headers["Location"].endswith("?done=noted")
    assert note_of(town) == [NOTE]
    assert town.count(t.KeptForm) == 0
    assert browser.get(back.request.full_path).status_code == 404


def test_a_kept_form_leads_to_the_page_it_was_written_on_and_to_no_other_site(town: Town) -> None:
    ref, browser = town.site.file(), clerk(town)
    form, path = write_note(browser, ref), f"/office/cases/{ref}/notes"
    wanted = {
        f"http://localhost/office/cases/{ref}?done=taken": f"/office/cases/{ref}?done=taken",
        f"https://evil.example/office/cases/{ref}": "",
        "http://localhost/en/": "",
        "": "",
    }
    town.site.later(minutes=31)
    found = {}
    for referrer in wanted:
        sent = browser.client.post(path, data=form, headers={"Referer": referrer})
        back = log_in_again(browser, browser.get(sent.headers["Location"]))
        link = re.search(r'<a href="([^"]+)">The page it was written on', back.text)
        found[referrer] = unescape(link[1]) if link else ""
        town.site.later(minutes=31)
    assert found == wanted


def test_what_was_typed_lies_in_the_database_as_nobody_can_read_it(town: Town) -> None:
    ref, browser = town.site.file(), clerk(town)
    secret = "Quartzkanarie, said once and nowhere else."
    sent_late(town, browser, ref, secret, minutes=31)
    with town.site.session() as session:
        (row,) = session.scalars(select(t.KeptForm))
        assert b"Quartz" not in row.sealed
        assert b"/office" not in row.sealed
    files = b"".join(path.read_bytes() for path in town.folder.glob("petitions.sqlite*"))
    assert row.sealed in files, "it is looked for where it lies"
    assert b"Quartz" not in files
    assert browser.cookies()["kept"].encode() not in files
    assert "Quartz" not in json.dumps(browser.cookies())


def test_a_colleague_at_the_same_machine_is_shown_nothing(town: Town) -> None:
    ref, browser = town.site.file(), clerk(town)
    page = sent_late(town, browser, ref, minutes=31)
    back = log_in_again(browser, page, **OTHER)
    assert (back.status_code, "Nothing is kept here" in back.text) == (404, True)
    assert NOTE not in unescape(back.text)


def test_the_same_person_in_another_browser_is_shown_nothing(town: Town) -> None:
    ref, browser = town.site.file(), clerk(town)
    page = sent_late(town, browser, ref, minutes=31)
    other = town.browser()
    assert log_in_again(other, page).status_code == 404
    other.client.set_cookie("kept", "a" * 43, path="/office")
    where = parse_qs(urlsplit(page.request.full_path).query)["back"][0]
    assert other.get(where).status_code == 404


def test_a_kept_form_is_gone_after_an_hour_or_when_it_is_let_go(town: Town) -> None:
    ref, browser = town.site.file(), clerk(town)
    back = log_in_again(browser, sent_late(town, browser, ref, minutes=31))
    kept = back.request.full_path
    for _ in range(2):
        town.site.later(minutes=29)
        browser.get("/office/queue")
    assert browser.get(kept).status_code == 200
    town.site.later(minutes=3)
    assert browser.get(kept).status_code == 404
    back = log_in_again(browser, sent_late(town, browser, ref, minutes=31))
    form = form_of(back.text, "/office/kept/drop")
    assert browser.post("/office/kept/drop", form).headers["Location"] == "/office/queue"
    assert browser.get(back.request.full_path).status_code == 404


def test_two_forms_of_two_tabs_are_both_kept(town: Town) -> None:
    ref, browser = town.site.file(), clerk(town)
    forms = [write_note(browser, ref, f"{word} {NOTE}") for word in ("First", "Second")]
    town.site.later(minutes=31)
    pages = [
        browser.get(browser.post(f"/office/cases/{ref}/notes", form).headers["Location"])
        for form in forms
    ]
    log_in_again(browser, pages[0])
    for page, word in zip(pages, ("First", "Second"), strict=True):
        where = parse_qs(urlsplit(page.request.full_path).query)["back"][0]
        assert f"{word} {NOTE}" in unescape(browser.get(where).text)


def test_no_more_than_five_forms_of_a_person_are_kept(town: Town) -> None:
    ref, browser = town.site.file(), clerk(town)
    form = write_note(browser, ref)
    town.site.later(minutes=31)
    for number in range(8):
        town.site.later(seconds=1)
        browser.post(f"/office/cases/{ref}/notes", {**form, "text": f"{number} {NOTE}"})
    assert town.count(t.KeptForm) == 5


def test_nothing_is_kept_for_somebody_whose_access_was_taken_away(town: Town) -> None:
    ref, browser = town.site.file(), clerk(town)
    form = write_note(browser, ref)
    with town.site.session() as session:
        session.scalars(select(t.Staff)).one().disabled = True
    answer = browser.post(f"/office/cases/{ref}/notes", form)
    assert answer.headers["Location"] == "/office/sign-in?back=/office/queue&why=ended"
    page = browser.get(answer.headers["Location"])
    assert "Nothing was recorded." in page.text
    assert town.count(t.KeptForm) == 0


def test_a_form_that_another_site_posts_is_not_kept(town: Town) -> None:
    ref, browser = town.site.file(), clerk(town)
    town.site.later(minutes=31)
    answer = browser.post(f"/office/cases/{ref}/notes", {"text": NOTE})
    assert answer.status_code in {400, 422}
    assert town.count(t.KeptForm) == 0


def test_a_session_that_is_over_lets_nobody_in_though_its_row_is_there(town: Town) -> None:
    browser = clerk(town)
    for _ in range(24):
        town.site.later(minutes=20)
        last = browser.get("/office/queue").status_code
    assert last == 200, "at eight hours of work"
    town.site.later(minutes=2)
    assert browser.get("/office/queue").status_code == 303
    assert town.count(t.WebSession) == 1
    town.site.later(hours=4)
    town.work()
    assert town.count(t.WebSession) == 0


# --- my sessions -------------------------------------------------------------------------------


def test_a_person_sees_their_sessions_and_ends_the_others(town: Town) -> None:
    here, there, third = clerk(town), clerk(town), clerk(town)
    stranger = clerk(town, **OTHER)
    page = here.get("/office/sessions").text
    assert page.count("this one") == 1
    names = re.findall(r'name="session" value="([0-9a-f]{16})"', page)
    assert len(names) == 2
    form = {"csrf_token": token(here.client, "/office/sessions")}
    here.post("/office/sessions/end", {**form, "session": names[0]})
    assert sorted(each.get("/office/queue").status_code for each in (there, third)) == [200, 303]
    here.post("/office/sessions/end", {**form, "session": "others"})
    assert {each.get("/office/queue").status_code for each in (there, third)} == {303}
    assert here.get("/office/queue").status_code == 200
    assert stranger.get("/office/queue").status_code == 200
    theirs = re.findall(
        r'name="session" value="([0-9a-f]{16})"', administrator(town).get("/office/sessions").text
    )
    here.post("/office/sessions/end", {**form, "session": (theirs or ["0" * 16])[0]})
    assert stranger.get("/office/queue").status_code == 200


def test_a_login_ends_the_session_of_the_same_browser_and_no_other(town: Town) -> None:
    first, second = clerk(town), clerk(town)
    stolen = first.twin()
    assert first.log_in_staff(("petitions-clerk",)).status_code == 303
    assert stolen.get("/office/queue").status_code == 303, "a new login is a new session"
    assert second.get("/office/queue").status_code == 200
