"""Logging out here and at the provider, and steps that ask for a login made now."""

from __future__ import annotations

import json
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
from tests.web.desk_town import (
    OTHER,
    administrator,
    as_on_the_first_day,
    clerk,
    lasting_town,
    log_in_again,
)
from tests.web.site import token
from tests.web.town import ADDRESS, Browser, Town, form_of

LOGOUT = "/identity/staff/backchannel-logout"


@pytest.fixture(scope="module")
def one_town(tmp_path_factory: pytest.TempPathFactory, sqlite_template: Path) -> Iterator[Town]:
    with lasting_town(tmp_path_factory.mktemp("town"), sqlite_template, "claim") as found:
        yield found


@pytest.fixture
def town(one_town: Town) -> Town:
    return as_on_the_first_day(one_town)


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
