"""Signing in a browser, through a provider that is as strict as FranceConnect: no step is lost, none
counts twice, and the provider learns nothing of the petition.
"""

from __future__ import annotations

import secrets
from collections.abc import Iterator
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Request

from tests.browser.people import Person, somebody
from tests.browser.signatories import Petition, another_tab, begin, sees, send

pytestmark = [pytest.mark.browser, pytest.mark.slow, pytest.mark.timeout(300)]


both = pytest.mark.parametrize("scripts", [False, True], ids=["without scripts", "with scripts"])


@pytest.fixture
def scripts() -> bool:
    """Without, unless a test says `both`: the site needs none."""
    return False


@pytest.fixture
def person(scripts, browser, demo_site) -> Iterator[Person]:
    with somebody(browser, demo_site.address, scripts=scripts) as found:
        yield found


@pytest.fixture
def petition(demo_site) -> Petition:
    return Petition.open_in(demo_site, "senat")


@pytest.fixture
def name() -> str:
    """Of somebody who has signed nothing before."""
    return f"Signer {secrets.token_hex(8)}"


@both
def test_two_people_sign_at_one_computer_and_the_provider_learns_no_petition(
    person, petition, name
) -> None:
    site, before, sent = urlsplit(person.address), petition.signed, list[Request]()
    person.page.on("request", lambda each: sent.append(each))  # noqa: PLW0108 - it wants a function
    for number in (1, 2):
        begin(person, petition)
        person.page.wait_for_url(lambda url: urlsplit(url).port != site.port)
        person.become(f"{name} {number}")  # nobody is logged in by habit
        sees(person, "Confirm your signature")
        send(person)
        sees(person, "Your signature is recorded")
        assert petition.signed == before + number
        person.page.get_by_role("link", name="Leave DemoConnect").click()
        sees(person, "You are logged out")
        assert urlsplit(person.page.url).port == site.port
        assert not [c for c in person.page.context.cookies() if c["path"] != "/citizens"]
    there = [each for each in sent if urlsplit(each.url).port != site.port]
    assert {urlsplit(each.url).path for each in there} >= {"/citizens/authorize", "/citizens/login"}
    for each in there:
        home = f"{urlsplit(each.url).scheme}://{urlsplit(each.url).netloc}"
        headers = each.all_headers()  # as the browser sent them
        for name in ("referer", "origin"):
            assert headers.get(name, home).startswith(home), (each.url, headers)
        assert petition.ref not in f"{each.url} {each.post_data} {headers}"


def test_going_back_after_signing_tells_no_one_that_nothing_was_recorded(
    person, petition, name
) -> None:
    before = petition.signed
    begin(person, petition)
    person.become(name)
    send(person)
    sees(person, "Your signature is recorded")
    person.page.go_back()
    person.page.wait_for_url("**/sign/confirm")
    sees(person, "Did you see the page that thanks you for signing?")
    assert "Nothing was recorded" not in person.text
    assert person.page.locator("#declare").count() == 0  # the old form is not kept
    person.page.go_back()
    sees(person, "Who are you today?")  # the provider's page
    person.page.go_forward()
    person.page.go_forward()  # to the page that said it is done: it is shown once
    person.page.wait_for_url(f"**/petitions/{petition.ref}")
    assert petition.signed == before + 1


def test_the_done_page_loaded_again_is_the_petition(person, petition, name) -> None:
    begin(person, petition)
    person.become(name)
    send(person)
    person.page.reload()
    person.page.wait_for_url(f"**/petitions/{petition.ref}")
    assert "Your signature is recorded" not in person.text
    begin(person, petition)
    person.become(name)
    send(person)
    sees(person, "You have already signed this petition")
    person.page.reload()
    sees(person, "You have already signed this petition")


@both
def test_a_double_click_is_one_signature_and_no_fault(person, petition, name) -> None:
    before = petition.signed
    begin(person, petition)
    person.become(name)
    person.page.locator("#declare").check()
    person.page.locator("main form button[type=submit]").dblclick()
    person.page.wait_for_url("**/sign/done")
    sees(person, "Your signature is recorded")
    assert petition.signed == before + 1


def test_of_two_tabs_on_one_petition_the_newer_login_signs(person, petition, name) -> None:
    before, tab = petition.signed, another_tab(person)
    begin(person, petition)
    person.become(name)
    begin(tab, petition)
    tab.become(name)
    send(person)
    sees(person, "You logged in again in another tab")
    assert petition.signed == before
    person.page.get_by_role("link", name="Continue with the newer login").click()
    send(person)
    sees(person, "Your signature is recorded")
    send(tab)  # its page stood open all the while
    sees(tab, "Did you see the page that thanks you for signing?")
    assert petition.signed == before + 1


def test_two_tabs_sign_two_petitions_at_the_same_time(person, petition, demo_site, name) -> None:
    other = Petition.open_in(demo_site, "senat", skip=1)
    before, tab = (petition.signed, other.signed), another_tab(person)
    begin(person, petition)
    begin(tab, other)
    person.become(name)
    tab.become(name)
    for each in (person, tab):
        send(each)
        sees(each, "Your signature is recorded")
    assert (petition.signed, other.signed) == (before[0] + 1, before[1] + 1)
