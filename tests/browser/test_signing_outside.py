"""Whole signatures in a browser through providers that nobody here wrote, over several hosts."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

import pytest
import requests
from playwright.sync_api import Page
from werkzeug.serving import make_server
from werkzeug.wrappers import Request, Response

from tests.browser.people import Person, somebody
from tests.browser.signatories import sees, send
from tests.outside.people import ADULT, SECOND
from tests.outside.people import Person as Citizen
from tests.outside.provider import Outside
from tests.outside.town import outside_town
from tests.web.town import SilentRequests, Town, served

pytestmark = [pytest.mark.browser, pytest.mark.slow, pytest.mark.timeout(300)]
both = pytest.mark.parametrize("scripts", [False, True], ids=["without scripts", "with scripts"])
GATE = "gate.localhost"


@contextmanager
def on_its_port(town: Town, address: str) -> Iterator[None]:
    """The site where the provider sends people back to."""
    server = make_server(
        "127.0.0.1", urlsplit(address).port or 0, town.site.app, threaded=True,
        request_handler=SilentRequests,
    )  # fmt: skip
    thread = threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True)
    thread.start()
    try:
        yield
    finally:
        server.shutdown()
        server.server_close()
        thread.join(5)


@dataclass
class Place:
    """A site with one open petition, and the provider its citizens log in at."""

    town: Town
    outside: Outside
    address: str
    ref: str

    @property
    def room(self) -> str:
        return f"/en/petitions/{self.ref}/sign"

    def begin(self, person: Person) -> None:
        person.open(f"/en/petitions/{self.ref}")
        person.page.locator("main a[href$='/sign']").first.click()

    def log_in(self, page: Page, citizen: Citizen) -> None:
        """At their own forms, as a person sees them."""
        if self.outside.name == "canaille":
            page.locator("input[name=login]").fill(citizen.name)
            page.get_by_role("button", name="Continue").click()
            page.locator("input[name=password]").fill(citizen.password)
            page.get_by_role("button", name="Sign in").click()
        elif self.outside.name == "lemonldap":
            page.locator("input[name=user]").fill(citizen.name)
            page.locator("input[name=password]").fill(citizen.name)
            page.locator("form button[type=submit]").first.click()
        else:
            page.get_by_role("button", name=citizen.name).click()


@contextmanager
def place_of(
    outside: Outside, folder: Path, uri: str, address: str, **record: object
) -> Iterator[Place]:
    port = urlsplit(address).port or 0
    with (
        outside_town(folder, uri, outside, port=port, **record) as town,
        on_its_port(town, address),
    ):
        yield Place(town, outside, address, town.publish())


@pytest.fixture
def place(outside, outside_sites, tmp_path, sqlite_uri) -> Iterator[Place]:
    with place_of(outside, tmp_path, sqlite_uri, outside_sites[1]) as found:
        yield found


@both
@pytest.mark.parametrize("outside", ["canaille", "lemonldap"], indirect=True)
def test_two_people_sign_at_one_computer_through_a_provider_of_others(
    place, browser, scripts
) -> None:
    outside, known = place.outside, len(place.outside.seen())
    with somebody(browser, place.address, scripts=scripts) as person:
        for number, citizen in enumerate((ADULT, SECOND), start=1):
            place.begin(person)
            person.page.wait_for_url(f"{outside.issuer.rstrip('/')}/**")
            place.log_in(person.page, citizen)  # somebody is asked for, each time
            sees(person, "Confirm your signature")
            send(person)
            sees(person, "Your signature is recorded")
            assert place.town.acts()[0] == number
            person.page.get_by_role("link", name=f"Leave {outside.record['page']['label']}").click()
            if outside.name == "lemonldap":
                sees(person, "You are logged out")
            else:  # it logs out, and does not send people back: see tests/identity
                person.page.wait_for_url(f"{outside.issuer}/login")
    home = outside.issuer.rstrip("/")
    for each in outside.seen()[known:]:
        assert each.get("referer", home).startswith(home), each
        assert each.get("origin", home) == home, each
        assert place.ref not in str(each)


def test_the_way_leads_over_three_hosts_and_none_learns_where_it_began(
    canaille_provider, outside_sites, tmp_path, sqlite_uri, browser
) -> None:
    """As where a national service sends people on to a bank or a ministry of their choice."""
    asked: list[dict[str, str]] = []
    address = f"{canaille_provider.issuer}/.well-known/openid-configuration"
    metadata = requests.get(address, timeout=10).json()
    onwards = metadata["authorization_endpoint"]

    @Request.application
    def gate(request: Request) -> Response:
        asked.append({name.lower(): value for name, value in request.headers})
        return Response(
            status=302, headers={"Location": f"{onwards}?{request.query_string.decode()}"}
        )

    with served(gate) as port:
        record = {
            "metadata": {**metadata, "authorization_endpoint": f"http://{GATE}:{port}/choose"},
            "hosts": [f"{GATE}:{port}"],
        }
        with (
            place_of(canaille_provider, tmp_path, sqlite_uri, outside_sites[1], **record) as place,
            somebody(browser, place.address, scripts=False) as person,
        ):
            hosts: list[str | None] = []
            person.page.on(
                "request",
                lambda each: (
                    hosts.append(urlsplit(each.url).hostname)
                    if each.is_navigation_request()
                    else None
                ),
            )
            place.begin(person)
            place.log_in(person.page, ADULT)
            send(person)
            sees(person, "Your signature is recorded")
            assert place.town.acts()[0] == 1
    order = [host for host, before in zip(hosts, [None, *hosts], strict=False) if host != before]
    assert order == ["127.0.0.1", GATE, "localhost", "127.0.0.1"]
    assert len(asked) == 1
    assert not {"referer", "cookie", "origin"} & set(asked[0])


@pytest.mark.parametrize("outside", ["mock"], indirect=True)
def test_a_pass_of_eleven_minutes_ago_signs_nothing_and_a_new_login_does(place, browser) -> None:
    with somebody(browser, place.address, scripts=False) as person:
        place.begin(person)
        place.log_in(person.page, ADULT)
        place.town.site.later(minutes=11)
        send(person)
        sees(person, "That took too long")
        sees(person, "Nothing was recorded")
        assert place.town.acts() == (0, 0, 0)
        person.page.get_by_role("link", name="Try again").click()
        place.log_in(person.page, ADULT)
        send(person)
        sees(person, "Your signature is recorded")
        assert place.town.acts()[0] == 1
