"""Logins of authors and staff: to the provider and back, sessions, and where one may be sent."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import select

from petitions.storage import tables as t
from tests.web.site import token
from tests.web.town import Browser, Town, open_town

ELSEWHERE = (
    "https://evil.example/", "//evil.example/", "/\\evil.example", "\\\\evil.example", "/\t/evil.example",
    "/%0d%0aSet-Cookie:x=1\r\nX: y", "javascript:alert(1)", "evil.example", " //evil.example", "",
    "/" + "a" * 300, "/é", "https:evil.example", "///evil.example",
)  # fmt: skip


@pytest.fixture
def town(tmp_path: Path, sqlite_uri: str) -> Iterator[Town]:
    with open_town(tmp_path, sqlite_uri) as found:
        yield found


def sessions(town: Town, audience: str) -> list[t.WebSession]:
    with town.site.session() as session:
        wanted = select(t.WebSession).where(t.WebSession.audience == audience)
        return list(session.scalars(wanted))


def log_in_author(browser: Browser, start: str = "/en/start/login?assembly=valmont") -> str:
    """The address to which the author is finally sent."""
    back = browser.log_in(start)
    assert back.headers["Location"] == "/en/start/back", back.text[-600:]
    answer = browser.get("/en/start/back")
    assert answer.status_code == 303, answer.text[-600:]
    return answer.headers["Location"]


def test_an_author_logs_in_and_finds_the_same_space_again(town: Town) -> None:
    browser = town.browser()
    assert browser.get("/en/mine").headers["Location"].startswith("/en/start/login?")
    assert log_in_author(browser) == "/en/start/new"
    assert set(browser.cookies()) == {"leave", "author"}
    page = browser.get("/en/start/new")
    assert page.status_code == 200
    form = {"csrf_token": token(browser.client, "/en/start/new"), "kind": "petition"}
    form |= {"title": "Un marché couvert sur la place", "language": "fr"}
    assert browser.post("/en/start/new", form).status_code == 303
    again = town.browser()
    assert log_in_author(again, "/en/start/login?assembly=valmont&back=/en/mine") == "/en/mine"
    assert "Un marché couvert" in again.get("/en/mine").text
    subjects = {row.subject for row in sessions(town, "author")}
    assert len(subjects) == 1
    assert len(sessions(town, "author")) == 2


def test_the_author_of_one_petition_is_nobody_known_among_its_signatories(town: Town) -> None:
    ref, browser = town.publish(), town.browser()
    log_in_author(browser)
    browser.sign(ref)
    with town.site.session() as session:
        tag = session.scalars(select(t.Signature.tag)).one()
        subject = session.scalars(select(t.WebSession.subject)).one()
    assert tag.hex() != subject


def test_an_author_signs_out_and_the_session_is_gone_on_the_server(town: Town) -> None:
    browser = town.browser()
    log_in_author(browser)
    stolen = browser.twin()
    form = {"csrf_token": token(browser.client, "/en/start/new")}
    assert browser.post("/en/mine/sign-out", form).headers["Location"] == "/en/"
    assert sessions(town, "author") == []
    assert stolen.get("/en/mine").status_code == 303


def test_the_way_back_of_an_author_serves_once(town: Town) -> None:
    browser = town.browser()
    browser.log_in("/en/start/login?assembly=valmont")
    twin = browser.twin()
    assert browser.get("/en/start/back").status_code == 303
    again = twin.get("/en/start/back")
    assert (again.status_code, "This answer was used before" in again.text) == (400, True)
    assert len(sessions(town, "author")) == 1
    assert "author" not in twin.cookies()


def test_an_author_session_ends_after_two_hours(town: Town) -> None:
    browser = town.browser()
    log_in_author(browser)
    town.site.later(minutes=119)
    assert browser.get("/en/mine").status_code == 200
    town.site.later(minutes=2)
    assert browser.get("/en/mine").status_code == 303


def test_a_login_for_an_assembly_that_is_not_here_is_not_begun(town: Town) -> None:
    browser = town.browser()
    for assembly in ("bundestag", "../x", "%2500", "a" * 3000):
        assert browser.get(f"/en/start/login?assembly={assembly}").status_code == 404, assembly
    assert browser.cookies() == {}


@pytest.mark.parametrize("audience", ["staff", "author"])
def test_nobody_is_sent_to_another_site_after_a_login(town: Town, audience: str) -> None:
    home = {"staff": "/office/queue", "author": "/en/start/new"}[audience]
    start = {"staff": "/office/sign-in", "author": "/en/start/login"}[audience]
    room = {"staff": "/office/welcome", "author": "/en/start/back"}[audience]
    for back in ELSEWHERE:
        browser = town.browser()
        answer = browser.client.get(start, query_string={"back": back, "assembly": "valmont"})
        assert answer.status_code == 303
        assert answer.headers["Location"] == "/identity/start"
        provider = town.staff if audience == "staff" else town.citizens
        provider.claims |= (
            {"sub": "ana", "acr": "mfa", "name": "Ana", "groups": ["petitions-clerk"]}
            if audience == "staff"
            else {}
        )
        returned = browser.get(provider.log_in(browser.leave("/identity/start")))
        assert returned.headers["Location"] == room
        assert browser.get(room).headers["Location"] == home, back


def test_a_clerk_logs_in_and_is_sent_to_the_page_that_was_wanted(town: Town) -> None:
    ref = town.site.file()
    browser = town.browser()
    wanted = browser.get(f"/office/cases/{ref}?x=1")
    assert wanted.status_code == 303
    answer = browser.log_in_staff(start=wanted.headers["Location"])
    assert (answer.status_code, answer.headers["Location"]) == (303, f"/office/cases/{ref}?x=1")
    page = browser.get(answer.headers["Location"])
    assert (page.status_code, "Ana Petit" in page.text) == (200, True)
    assert set(browser.cookies()) == {"staff", "leave"} | ({"form"} & set(browser.cookies()))
    (row,) = sessions(town, "staff")
    assert (row.roles, row.name) == (["clerk"], "Ana Petit")


def test_somebody_of_the_house_without_a_role_here_is_refused(town: Town) -> None:
    for groups in ((), ("canteen",), ("clerk",)):
        browser = town.browser()
        answer = browser.log_in_staff(groups)
        assert answer.status_code == 403
        assert "staff" not in browser.cookies()
    assert sessions(town, "staff") == []
    assert town.count(t.Staff) == 0


def test_roles_are_those_of_this_login_never_of_an_earlier_one(town: Town) -> None:
    earlier, later = town.browser(), town.browser()
    earlier.log_in_staff(("petitions-clerk", "petitions-committee"))
    later.log_in_staff(("petitions-auditor",))
    assert later.get("/office/audit").status_code == 200
    assert [row.roles for row in sessions(town, "staff")] == [["auditor"]]
    assert earlier.get("/office/queue").status_code == 303, "what was taken away since is gone"
    with town.site.session() as session:
        assert session.scalars(select(t.Staff)).one().roles == ["auditor"]


def test_a_desk_left_alone_is_closed_after_half_an_hour(town: Town) -> None:
    browser = town.browser()
    browser.log_in_staff()
    for _ in range(3):
        town.site.later(minutes=29)
        assert browser.get("/office/queue").status_code == 200, "work keeps the session alive"
    town.site.later(minutes=31)
    assert browser.get("/office/queue").status_code == 303


def test_a_desk_is_closed_after_eight_hours_even_at_work(town: Town) -> None:
    browser = town.browser()
    browser.log_in_staff()
    for _ in range(19):
        town.site.later(minutes=25)
        assert browser.get("/office/queue").status_code == 200
    town.site.later(minutes=10)
    assert browser.get("/office/queue").status_code == 303


def test_whoever_leaves_the_house_is_shut_out_at_once(town: Town) -> None:
    browser = town.browser()
    browser.log_in_staff()
    assert browser.get("/office/queue").status_code == 200
    with town.site.session() as session:
        session.scalars(select(t.Staff)).one().disabled = True
    assert browser.get("/office/queue").status_code == 303
    back = town.browser()
    assert back.log_in_staff().status_code == 403
    assert "staff" not in back.cookies()


def test_a_staff_login_serves_once_even_after_the_worker_tidied_up(town: Town) -> None:
    browser = town.browser()
    town.staff.claims |= {"sub": "ana", "acr": "mfa", "name": "Ana", "groups": ["petitions-clerk"]}
    browser.get(town.staff.log_in(browser.leave("/office/sign-in")))
    recorded = browser.twin()
    assert browser.get("/office/welcome").status_code == 303
    town.site.later(minutes=1)
    town.work()
    again = recorded.get("/office/welcome")
    assert (again.status_code, "This answer was used before" in again.text) == (400, True)
    assert "staff" not in recorded.cookies()


def test_a_citizen_login_opens_no_desk_and_a_staff_login_signs_nothing(town: Town) -> None:
    ref, browser = town.publish(), town.browser()
    browser.log_in(f"/en/petitions/{ref}/sign")
    citizens_pass = browser.cookies()["pass"]
    browser.get("/office/sign-in")
    browser.client.set_cookie("pass", citizens_pass, path="/office/welcome")
    assert browser.get("/office/welcome").status_code == 400
    other = town.browser()
    town.staff.claims |= {"sub": "ana", "acr": "mfa", "name": "Ana", "groups": ["petitions-clerk"]}
    other.get(town.staff.log_in(other.leave("/office/sign-in")))
    staff_pass = other.cookies()["pass"]
    other.get(f"/en/petitions/{ref}/sign")
    other.client.set_cookie("pass", staff_pass, path=f"/en/petitions/{ref}/sign/confirm")
    assert other.get(f"/en/petitions/{ref}/sign/confirm").status_code == 400
    assert sessions(town, "staff") == []
    assert town.count(t.Signature) == 0


def test_a_clerk_signs_out_and_the_cookie_opens_nothing_any_more(town: Town) -> None:
    browser = town.browser()
    browser.log_in_staff()
    stolen = browser.twin()
    form = {"csrf_token": token(browser.client, "/office/queue")}
    out = browser.post("/office/sign-out", form)
    assert out.headers["Location"] == "/office/signed-out"
    assert 'href="/identity/leave"' in browser.get("/office/signed-out").text
    assert stolen.get("/office/queue").status_code == 303
    assert sessions(town, "staff") == []


def test_a_sign_out_that_another_site_forges_is_refused(town: Town) -> None:
    browser = town.browser()
    browser.log_in_staff()
    for path in ("/office/sign-out", "/en/mine/sign-out"):
        assert browser.post(path, {}).status_code in {400, 422}
    assert browser.get("/office/queue").status_code == 200
