"""A provider that errs, lies or sleeps: a page in time, nothing half done, and a way on."""

from __future__ import annotations

import json
import re
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import requests
from werkzeug.test import Client
from werkzeug.wrappers import Response

from identity.providers.demo import DemoSettings, create_provider
from petitions.demo.settings import CITIZENS_SECRET, STAFF_SECRET
from petitions.storage import tables as t
from tests.identity.demo.walk import answer
from tests.identity.lying_provider import ABSENT, keyed_with, new_key, unsigned
from tests.web.town import (
    ADDRESS,
    HOST,
    Browser,
    ClockedProvider,
    Town,
    build_site,
    close_site,
    form_of,
    open_town,
    served,
    write_config,
)

TIMEOUTS = "{ connect = 1.0, read = 1.5, whole = 3.0 }"
Lie = Callable[[ClockedProvider], Any]


@pytest.fixture
def town(tmp_path: Path, sqlite_uri: str) -> Iterator[Town]:
    with open_town(tmp_path, sqlite_uri, timeouts=TIMEOUTS) as found:
        yield found


def _another_key(provider: ClockedProvider) -> None:
    stranger = new_key("ES256", "provider-1")
    provider.lies.sign = lambda head, claims: provider.sign_raw(
        head, json.dumps(claims).encode(), stranger
    )


LIES: dict[str, tuple[Lie, int, str]] = {
    "the person stopped": (
        lambda p: p.lies.callback.update(error="access_denied", code=ABSENT),
        200, "You stopped before the end",
    ),
    "the provider says it failed": (
        lambda p: p.lies.callback.update(error="server_error", code=ABSENT),
        502, "did not answer",
    ),
    "the provider refuses our request": (
        lambda p: p.lies.callback.update(error="invalid_request", code=ABSENT),
        502, "has a fault",
    ),
    "the token end is broken": (
        lambda p: setattr(p.lies, "token_response", Response("no", 500)),
        502, "did not answer",
    ),
    "the token is signed by somebody else": (_another_key, 502, "could not be verified"),
    "the token is not signed": (
        lambda p: setattr(p.lies, "sign", unsigned), 502, "could not be verified",
    ),
    "the token is signed with our secret": (
        lambda p: setattr(p.lies, "sign", keyed_with(p.secret.encode())),
        502, "could not be verified",
    ),
    "the nonce is another login's": (
        lambda p: p.lies.id_claims.update(nonce="x" * 64), 502, "could not be verified",
    ),
    "the userinfo is about somebody else": (
        lambda p: p.lies.user_claims.update(sub="f" * 64 + "v1"), 502, "could not be verified",
    ),
    "the key of the person has changed its form": (
        lambda p: p.lies.id_claims.update(sub="amina"), 502, "could not be verified",
    ),
    "the answer comes too late": (
        lambda p: setattr(p.lies, "sleep", 4), 502, "did not answer",
    ),
    "the date of birth is not told": (
        lambda p: p.lies.user_claims.update(birthdate=ABSENT), 403, "did not give",
    ),
    "the person is too young": (
        lambda p: p.lies.user_claims.update(birthdate="2015-01-01"), 403, "16",
    ),
    "the person lives elsewhere": (
        lambda p: p.lies.user_claims.update(residence="rochebrune"), 403, "Valmont",
    ),
}  # fmt: skip


def test_whatever_the_provider_does_there_is_a_page_in_time_and_nothing_is_half_done(
    town: Town,
) -> None:
    ref = town.publish()
    for name, (lie, status, words) in LIES.items():
        browser = town.browser()
        began = time.monotonic()
        page = browser.log_in(f"/en/petitions/{ref}/sign", lie=lie)
        assert time.monotonic() - began < 10, name
        assert (page.status_code, words in page.text) == (status, True), (name, page.text[-900:])
        assert f'href="/en/petitions/{ref}"' in page.text, name
        assert '<html lang="en"' in page.text
        assert page.headers["Cache-Control"] == "no-store"
        assert "pass" not in browser.cookies(), name
        assert town.acts() == (0, 0, 0), name
        # without a pass the next room is closed
        assert browser.get(f"/en/petitions/{ref}/sign/confirm").status_code == 400, name
    assert town.browser().sign(ref).headers["Location"].endswith("/sign/done")
    assert town.acts() == (1, 1, 1)


def test_a_refusal_leads_back_to_what_the_person_wanted(town: Town) -> None:
    ref = town.publish()
    refused = lambda p: p.lies.id_claims.update(nonce="x" * 64)  # noqa: E731
    for start, again in (
        (f"/fr/petitions/{ref}/sign", f"/fr/petitions/{ref}/sign"),
        (f"/fr/petitions/{ref}/sign/withdraw", f"/fr/petitions/{ref}/sign/withdraw"),
        ("/fr/start/login?assembly=valmont", "/fr/start/login"),
    ):
        page = town.browser().log_in(start, lie=refused)
        assert (page.status_code, '<html lang="fr"' in page.text) == (502, True)
        assert f'class="btn" href="{again}"' in page.text


def test_a_provider_that_is_away_is_announced_before_the_login(
    tmp_path: Path, sqlite_uri: str
) -> None:
    with served(Response("gone", 503)) as port:
        pass
    config = write_config(tmp_path, sqlite_uri, port, timeouts=TIMEOUTS)
    site, settings = build_site(config)
    town = Town(site, settings, None, None, tmp_path)  # type: ignore[arg-type]
    ref = town.publish()
    for attempt in range(7):
        browser, began = town.browser(), time.monotonic()
        answer = browser.get(browser.get(f"/en/petitions/{ref}/sign").headers["Location"])
        page = browser.get(answer.headers["Location"])
        assert page.status_code == (502 if attempt < 5 else 503), attempt
        assert time.monotonic() - began < 10
        assert "Retry-After" in page.headers or attempt < 5
    assert town.acts() == (0, 0, 0)
    assert town.count(t.SpentState) == 0
    close_site(site)


def test_the_shipped_demonstration_provider_carries_a_whole_signature(
    tmp_path: Path, sqlite_uri: str
) -> None:
    app: dict[str, Any] = {}

    def provider(environ: Any, start_response: Any) -> Any:  # its own address is known only below
        return app["it"](environ, start_response)

    with served(provider) as port:
        site, settings = build_site(write_config(tmp_path, sqlite_uri, port))
        secrets = tmp_path / "secrets"
        app["it"] = create_provider(
            DemoSettings(
                site=ADDRESS, port=port, today=site.at.date(),
                citizens_secret=(secrets / CITIZENS_SECRET).read_text(),
                staff_secret=(secrets / STAFF_SECRET).read_text(),
            ),
            clock=lambda: site.clock().timestamp(),
        )  # fmt: skip
        town = Town(site, settings, None, None, tmp_path)  # type: ignore[arg-type]
        ref, browser, person = town.publish(), town.browser(), Client(app["it"])
        room = f"/en/petitions/{ref}/sign"
        back = _choose(person, browser.leave(room), "amina haddad")
        form = {
            **form_of(browser.get(browser.get(back).headers["Location"]).text, f"{room}/confirm")
        }
        signed = browser.post(f"{room}/confirm", {**form, "declare": "y"})
        assert signed.headers["Location"] == f"{room}/done"
        young = town.browser()
        refused = young.get(_choose(person, young.leave(room), "élodie fabre"))
        assert (refused.status_code, "16" in refused.text) == (403, True)
        assert town.acts() == (1, 1, 1)
        assert requests.get(f"http://{HOST}:{port}/", timeout=5).status_code == 200
        close_site(site)


def _choose(person: Client, url: str, name: str) -> str:
    """What the person does at the demonstration provider: pick a name; where it sends them."""
    page = person.get(url.partition(url.split("/")[2])[2])
    ticket = re.search(r'name="ticket" value="([^"]+)"', page.text)
    assert ticket, page.text[-500:]
    chosen = person.post("/citizens/login", data={"ticket": ticket[1], "person": name})
    assert "code" in answer(chosen)
    return chosen.headers["Location"]


def test_a_login_under_way_keeps_threads_for_those_who_read(town: Town) -> None:
    """The provider answers only after the reader has been answered."""
    ref, waiting = town.publish(), Browser(town, town.site.visitor())
    url = waiting.leave(f"/en/petitions/{ref}/sign")
    gate = town.citizens.lies.gate = threading.Event()
    slow = threading.Thread(target=waiting.get, args=(town.citizens.log_in(url),))
    slow.start()
    assert town.browser().get(f"/en/petitions/{ref}").status_code == 200
    assert slow.is_alive()
    gate.set()
    slow.join()
