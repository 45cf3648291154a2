"""Whole signatures through providers that nobody here wrote: the real site, their own login forms."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from werkzeug.test import TestResponse

from petitions.storage.tables import PublicCount
from tests.outside.people import ADULT, CHILD, HESITANT, SECOND, STRANGER, Person
from tests.outside.provider import Outside
from tests.outside.town import outside_town
from tests.web.town import Browser, Town, form_of

NOTHING = (0, 0, 0)


@pytest.fixture
def town(outside: Outside, tmp_path: Path, request: pytest.FixtureRequest) -> Iterator[Town]:
    """On one database each: which one has nothing to do with the provider."""
    engine = "postgresql" if outside.name == "mock" else "sqlite"
    with outside_town(tmp_path, request.getfixturevalue(f"{engine}_uri"), outside) as found:
        yield found


def come_back(
    town: Town, outside: Outside, person: Person, room: str
) -> tuple[Browser, TestResponse]:
    """From the petition to the provider, through its form, and to the answer of our callback."""
    browser = town.browser()
    return browser, browser.get(outside.log_in(browser.leave(room), person))


def act(town: Town, outside: Outside, person: Person, room: str) -> str:
    """The whole way: login, the page that asks, its form sent; where the answer leads."""
    browser, back = come_back(town, outside, person, room)
    assert back.headers.get("Location") == f"{room}/confirm", back.text[-800:]
    page = browser.get(f"{room}/confirm")
    assert page.status_code == 200, page.text[-800:]
    answer = browser.post(
        f"{room}/confirm", {**form_of(page.text, f"{room}/confirm"), "declare": "y"}
    )
    place: str = answer.headers.get("Location", "")
    if place:
        assert browser.get(place).status_code == 200
    return place.removeprefix(room) or answer.text


def test_a_signature_counts_once_and_can_be_withdrawn_through_a_provider_of_others(
    town: Town, outside: Outside
) -> None:
    room = f"/en/petitions/{town.publish()}/sign"
    assert act(town, outside, ADULT, room) == "/done"
    assert act(town, outside, ADULT, room) == "/already"
    assert town.acts()[0] == 1
    assert act(town, outside, SECOND, room) == "/done"
    assert town.acts()[0] == 2
    assert "Your signature is withdrawn" in act(town, outside, ADULT, f"{room}/withdraw")
    town.integrate()
    assert town.count(PublicCount, PublicCount.valid == 1) == 1
    assert act(town, outside, ADULT, room) == "/done"  # who withdrew may sign again
    assert act(town, outside, SECOND, room) == "/already"


def test_one_person_is_another_value_on_another_petition(town: Town, outside: Outside) -> None:
    for title in ("Un bus toutes les vingt minutes", "Des bancs sur le chemin de la gare"):
        room = f"/fr/petitions/{town.publish(title)}/sign"
        assert act(town, outside, ADULT, room) == "/done"
    assert town.acts()[0] == 2


def test_who_may_not_sign_is_told_the_condition_and_nothing_is_kept(
    town: Town, outside: Outside
) -> None:
    room = f"/en/petitions/{town.publish()}/sign"
    for person, words in ((CHILD, "at least 16"), (STRANGER, "Valmont")):
        browser, back = come_back(town, outside, person, room)
        assert (back.status_code, words in back.text) == (403, True), back.text[-800:]
        assert "Nothing was recorded" in back.text
        assert person.born not in back.text
        assert "pass" not in browser.cookies()
    assert town.acts() == NOTHING


def test_who_refuses_at_the_provider_is_told_how_to_go_on(
    outside: Outside, tmp_path: Path, sqlite_uri: str
) -> None:
    with outside_town(tmp_path, sqlite_uri, outside, **outside.declining) as town:
        room = f"/en/petitions/{town.publish()}/sign"
        browser = town.browser()
        back = browser.get(outside.decline(browser.leave(room), HESITANT))
        # The mock leaves the state out of its refusals, so nothing ties them to a login.
        stateless = outside.name == "mock"
        words = "This login is over" if stateless else "stopped before the end"
        assert words in back.text
        assert stateless or "Nothing was recorded" in back.text
        assert f'href="{room}"' in back.text
        assert town.acts() == NOTHING


def test_a_done_page_offers_to_leave_the_provider(town: Town, outside: Outside) -> None:
    room = f"/en/petitions/{town.publish()}/sign"
    browser, back = come_back(town, outside, ADULT, room)
    page = browser.get(back.headers["Location"])
    form = {**form_of(page.text, f"{room}/confirm"), "declare": "y"}
    done = browser.get(browser.post(f"{room}/confirm", form).headers["Location"])
    assert f"Leave {outside.record['page']['label']}" in done.text
    away = browser.get("/identity/leave").headers["Location"]
    assert away.startswith(outside.issuer)
    assert "leave" not in browser.cookies()
