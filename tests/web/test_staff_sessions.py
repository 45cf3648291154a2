"""Sessions of staff: their end is announced, nothing typed is lost, and what is sensitive asks anew."""

from __future__ import annotations

import json
import re
import time
from collections.abc import Iterator
from datetime import timedelta
from html import unescape
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from sqlalchemy import select

from identity.providers.logout import EVENT
from petitions.storage import tables as t
from tests.identity.lying_provider import ABSENT, Lies
from tests.web.desk_town import as_on_the_first_day, lasting_town
from tests.web.site import token
from tests.web.town import ADDRESS, Browser, Town, form_of

NOTE = "La commission a demandé des précisions sur le trajet de la ligne 4, et sur son coût."
OTHER = {"sub": "jules", "name": "Jules Morel"}
LOGOUT = "/identity/staff/backchannel-logout"


@pytest.fixture(scope="module")
def one_town(tmp_path_factory: pytest.TempPathFactory, sqlite_template: Path) -> Iterator[Town]:
    with lasting_town(tmp_path_factory.mktemp("town"), sqlite_template, "claim") as found:
        yield found


@pytest.fixture
def town(one_town: Town) -> Town:
    return as_on_the_first_day(one_town)


def clerk(town: Town, **who: str) -> Browser:
    browser = town.browser()
    assert browser.log_in_staff(("petitions-clerk",), **who).status_code == 303
    return browser


def administrator(town: Town, **who: str) -> Browser:
    browser = town.browser()
    browser.log_in_staff(("petitions-administrator", "petitions-clerk"), **who)
    return browser


def write_note(browser: Browser, ref: str, text: str = NOTE) -> dict[str, str]:
    """The form of a note, as the page gave it, filled in and not sent yet."""
    path = f"/office/cases/{ref}/notes"
    return {**form_of(browser.get(f"/office/cases/{ref}").text, path), "text": text}


def note_of(town: Town) -> list[str]:
    with town.site.session() as session:
        return list(session.scalars(select(t.CaseNote.text)))


def log_in_again(browser: Browser, page: Any, **who: str) -> Any:
    """Press the one button of the page that asks for a login; the page after it."""
    link = re.search(r'<a class="btn" href="([^"]+)"', page.text)
    assert link, page.text[-800:]
    back = browser.log_in_staff(("petitions-clerk", "petitions-administrator"),
                                start=unescape(link[1]), **who)  # fmt: skip
    assert back.status_code == 303, back.text[-500:]
    return browser.get(back.headers["Location"])


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


# --- logging out -------------------------------------------------------------------------------


def test_after_the_sign_out_the_houses_login_can_be_left_too(town: Town) -> None:
    browser = clerk(town)
    form = {"csrf_token": token(browser.client, "/office/queue")}
    town.site.later(hours=7)
    out = browser.post("/office/sign-out", form)
    page = browser.get(out.headers["Location"])
    assert "You are signed out" in page.text
    assert "Leave Demonstration staff login too" in page.text
    away = browser.get("/identity/leave").headers["Location"]
    asked = parse_qs(urlsplit(away).query)
    assert away.startswith(f"{town.staff.issuer}/leave?")
    assert asked["post_logout_redirect_uri"] == [f"{ADDRESS}/identity/left"]
    assert len(asked["id_token_hint"][0].split(".")) == 3
    left = browser.get(f"/identity/left?state={asked['state'][0]}")
    assert left.status_code == 200


def logout_token(town: Town, **changed: Any) -> str:
    provider, now = town.staff, int(town.site.clock().timestamp())
    told = {
        "iss": provider.issuer, "aud": provider.client_id, "iat": now, "exp": now + 60,
        "jti": f"j-{time.monotonic_ns()}", "sub": "ana", "events": {EVENT: {}}, **changed,
    }  # fmt: skip
    head = {"alg": provider.alg, "kid": str(provider.key.kid), "typ": "logout+jwt"}
    claims = {name: value for name, value in told.items() if value is not ABSENT}
    return provider.sign_raw(head, json.dumps(claims).encode())


def tell(town: Town, token: str) -> Any:
    """As the provider does, server to server: no cookie, no anti-forgery token."""
    return town.site.visitor().post(LOGOUT, data={"logout_token": token})


def test_a_logout_at_the_provider_ends_the_sessions_here_at_once(town: Town) -> None:
    here, there, other = clerk(town), clerk(town), clerk(town, **OTHER)
    order = logout_token(town)
    answer = tell(town, order)
    assert (answer.status_code, answer.data) == (200, b"")
    assert "Set-Cookie" not in answer.headers
    assert {each.get("/office/queue").status_code for each in (here, there)} == {303}
    assert other.get("/office/queue").status_code == 200
    again = clerk(town)
    assert tell(town, order).status_code == 400, "each order serves once"
    assert again.get("/office/queue").status_code == 200
    assert "has logged out there" in unescape(
        administrator(town, **OTHER).get("/office/audit").text
    )


def test_a_logout_of_one_session_at_the_provider_ends_that_one(town: Town) -> None:
    browsers = {}
    for sid in ("one", "two"):
        town.staff.claims["sid"] = sid
        browsers[sid] = clerk(town)
    del town.staff.claims["sid"]
    assert tell(town, logout_token(town, sid="one")).status_code == 200
    assert browsers["one"].get("/office/queue").status_code == 303
    assert browsers["two"].get("/office/queue").status_code == 200


def test_a_logout_that_anybody_made_up_ends_nothing(town: Town) -> None:
    browser = clerk(town)
    head, claims, signature = logout_token(town).split(".")
    for forged in (
        f"{head}.{claims}.{signature[:-6]}AAAAAA",
        logout_token(town, aud="petitions"),
        logout_token(town, iss=town.citizens.issuer),
        logout_token(town, nonce="n"),
        "",
    ):
        assert tell(town, forged).status_code == 400
    assert browser.get("/office/queue").status_code == 200


def test_nothing_that_the_provider_said_stays_in_a_session_row(town: Town) -> None:
    town.staff.claims["sid"] = "provider-session-4711"
    clerk(town)
    del town.staff.claims["sid"]
    tell(town, logout_token(town, sub="someone-else"))
    files = b"".join(path.read_bytes() for path in town.folder.glob("petitions.sqlite*"))
    for said in (b"provider-session-4711", b"someone-else"):
        assert said not in files
    with town.site.session() as session:
        (row,) = session.scalars(select(t.WebSession))
        assert len(row.subject_mark or b"") == len(row.session_mark or b"") == 32


# --- logins of the last five minutes -----------------------------------------------------------


def disable_form(browser: Browser, town: Town, name: str) -> dict[str, str]:
    with town.site.session() as session:
        who = session.scalars(select(t.Staff.actor).where(t.Staff.name == name)).one()
    page = browser.get(f"/office/people/person?who={who}").text
    return {**form_of(page, "/office/people/disable"), "urgent": "Her badge was stolen."}


def test_a_sensitive_step_asks_for_a_login_made_now_and_then_goes_on(town: Town) -> None:
    clerk(town)
    browser = administrator(town, **OTHER)
    town.site.later(minutes=5, seconds=1)
    form = disable_form(browser, town, "Ana Petit")
    answer = browser.post("/office/people/disable", form)
    assert answer.status_code == 303
    page = browser.get(answer.headers["Location"])
    assert "A new login is needed" in page.text
    assert "five minutes" in page.text
    back = log_in_again(browser, page, **OTHER)
    asked = town.staff.asked[-1]
    assert (asked["prompt"], asked["max_age"]) == ("login", "0")
    path = "/office/people/disable"
    done = browser.post(path, form_of(back.text, path))
    assert done.headers["Location"] == "/office/people?done=disabled"


def test_a_login_of_the_last_five_minutes_is_enough(town: Town) -> None:
    clerk(town)
    browser = administrator(town, **OTHER)
    town.site.later(minutes=5)
    done = browser.post("/office/people/disable", disable_form(browser, town, "Ana Petit"))
    assert done.headers["Location"] == "/office/people?done=disabled"


@pytest.mark.parametrize("said", ["old", "absent", "future"])
def test_an_open_session_is_not_a_login_made_now(town: Town, said: str) -> None:
    """Single sign-on: the provider lets the person through without asking anything."""
    clerk(town)
    provider, at = town.staff, int(town.site.clock().timestamp())
    browser = town.browser()
    provider.claims |= {"acr": "mfa", **OTHER, "groups": ["petitions-administrator"]}
    url = browser.leave("/office/sign-in")
    told = {"old": at - 7200, "absent": ABSENT, "future": at + 3600}[said]
    provider.lies.id_claims["auth_time"] = told
    browser.get(browser.get(provider.log_in(url)).headers["Location"])
    provider.lies = Lies()
    form = disable_form(browser, town, "Ana Petit")
    answer = browser.post("/office/people/disable", form)
    assert "why=fresh" in answer.headers["Location"]
    assert town.count(t.StaffNotice) == 0
    with town.site.session() as session:
        assert not any(session.scalars(select(t.Staff.disabled)))


@pytest.mark.parametrize("told", ["old", "absent"])
def test_a_provider_that_lets_somebody_through_unasked_is_refused(town: Town, told: str) -> None:
    browser = administrator(town)
    town.site.later(minutes=6)
    url = browser.leave("/office/sign-in?fresh=1&back=/office/people")
    at = int(town.site.clock().timestamp())
    town.staff.lies.id_claims["auth_time"] = ABSENT if told == "absent" else at - 360
    answer = browser.get(town.staff.log_in(url))
    assert answer.status_code == 502
    town.staff.lies = Lies()
    with town.site.session() as session:
        (row,) = session.scalars(select(t.WebSession))
        assert town.site.at - row.auth_time > timedelta(minutes=5)


def test_the_page_before_a_login_leads_nowhere_else(town: Town) -> None:
    for why in ("ended", "fresh"):
        for back in ("https://evil.example/", "//evil.example", "/\\evil.example"):
            page = town.browser().client.get(
                "/office/sign-in", query_string={"why": why, "back": back}
            )
            assert page.status_code == 200
            assert "evil" not in page.text
