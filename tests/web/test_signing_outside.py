"""A whole signature through a provider that nobody here wrote: the PyPI package oidc-provider-mock."""

from __future__ import annotations

import re
import warnings
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
import requests

from tests.web.town import Browser, Town, build_site, close_site, form_of, write_config

with warnings.catch_warnings():
    # The provider's own code still uses authlib.jose, which ours may not.
    warnings.simplefilter("ignore")
    import oidc_provider_mock

pytestmark = pytest.mark.filterwarnings("ignore::DeprecationWarning", "ignore::UserWarning")
RECORD = """\
[identity.providers.demo]
issuer = "{issuer}"
client = {{ id = "petitions", auth = "client_secret_post", secret_file = "citizens.secret" }}
answer = {{ algs = ["RS256"], userinfo = "json" }}
person = {{ namespace = "outside", one_per = "person" }}
assurance = {{ "*" = "low" }}
page = {{ label = "Somebody else's login" }}
[identity.providers.demo.attributes]
birthdate = {{ scope = "profile", from = "userinfo" }}

"""


@pytest.fixture
def outside(monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    monkeypatch.setenv("AUTHLIB_INSECURE_TRANSPORT", "1")  # its server side insists on https
    people = [
        oidc_provider_mock.User(sub="alice", claims={"birthdate": "1990-01-01"}),
        oidc_provider_mock.User(sub="eve", claims={"birthdate": "2015-01-01"}),
    ]
    with oidc_provider_mock.run_server_in_thread(
        require_nonce=True, issue_refresh_token=False, user_claims=people
    ) as server:
        yield f"http://localhost:{server.server_port}"


@pytest.fixture
def town(outside: str, tmp_path: Path, database_uri: str) -> Iterator[Town]:
    config = write_config(tmp_path, database_uri, 1)
    text = config.read_text()
    begin, end = text.index("[identity.providers.demo]"), text.index("[identity.providers.staff]")
    text = text[:begin] + RECORD.format(issuer=outside) + text[end:]
    text = text.replace(
        'attributes = ["birthdate", "resident_of"]',
        'attributes = ["birthdate"]\ndeclared = ["resident_of"]',
    )
    config.write_text(text)
    site, settings = build_site(config)
    site.at = datetime.now(UTC)  # the provider has a clock of its own
    yield Town(site, settings, None, None, tmp_path)  # type: ignore[arg-type]
    close_site(site)


def come_back(browser: Browser, room: str, sub: str):
    """From the petition to the provider, chosen there, and to the answer of our callback."""
    chosen = requests.post(browser.leave(room), data={"sub": sub}, allow_redirects=False, timeout=5)
    assert chosen.status_code == 302, chosen.text[:500]
    return browser.get(chosen.headers["Location"])


def test_a_signature_counts_once_through_a_provider_of_others(town: Town) -> None:
    ref = town.publish()
    room = f"/en/petitions/{ref}/sign"
    for ending in ("done", "already"):
        browser = town.browser()
        back = come_back(browser, room, "alice")
        assert back.headers["Location"] == f"{room}/confirm", back.text[-600:]
        page = browser.get(f"{room}/confirm").text
        assert re.search("I declare", page)  # what this provider cannot prove is declared
        form = {**form_of(page, f"{room}/confirm"), "declare": "y"}
        assert browser.post(f"{room}/confirm", form).headers["Location"] == f"{room}/{ending}"
    assert town.acts()[0] == 1
    young = come_back(town.browser(), room, "eve")
    assert (young.status_code, "16" in young.text) == (403, True)
    assert town.acts()[0] == 1
