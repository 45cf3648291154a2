"""Leaving the provider (OpenID Connect RP-Initiated Logout 1.0): once, with a hint, and back."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from flask.testing import FlaskClient
from werkzeug.wrappers import Response

from tests.identity.conduct import PLAIN, Profile, fresh_store, get, opened_office, walk
from tests.identity.lying_provider import ABSENT, Lies, LyingProvider
from tests.identity.office import RETURN_TO, SITE, Office, ask, cookie_names

Setting = tuple[LyingProvider, Office]
PAGE = {"label": "The provider", "logout": "id_token_hint"}


@pytest.fixture
def setting(tmp_path: Path) -> Iterator[Setting]:
    with opened_office(Profile("leaving", more={"page": PAGE}), tmp_path, https=True) as pair:
        yield pair


def logged_in(setting: Setting, **lies: Any) -> FlaskClient:
    provider, site = setting
    browser = site.browser()

    def lie(_provider: LyingProvider) -> None:
        provider.lies = Lies(**lies)

    assert walk(site, provider, browser, lie=lie).status_code == 303
    return browser


def asked_of(url: str) -> dict[str, str]:
    return {name: values[0] for name, values in parse_qs(urlsplit(url).query).items()}


def away(browser: FlaskClient) -> str:
    answer = get(browser, "/identity/leave")
    assert answer.status_code == 303
    return answer.headers["Location"]


def test_the_provider_is_given_hint_state_and_the_way_back(setting: Setting) -> None:
    provider, _ = setting
    url = away(logged_in(setting))
    assert url.startswith(provider.at("end_session_endpoint") + "?")
    sent = asked_of(url)
    assert set(sent) == {"id_token_hint", "state", "post_logout_redirect_uri"}
    assert sent["post_logout_redirect_uri"] == f"{SITE}/identity/left"
    assert len(sent["state"]) == 64


def test_an_endpoint_with_a_query_of_its_own_keeps_it(setting: Setting) -> None:
    provider, site = setting
    end = f"{provider.issuer}/leave?tenant=fr"
    browser = logged_in(setting, metadata={"end_session_endpoint": end})
    provider.lies = Lies(metadata={"end_session_endpoint": end})
    fresh_store(site)
    assert asked_of(away(browser))["tenant"] == "fr"


def test_the_cookie_of_leaving_is_short_narrow_and_sealed(setting: Setting) -> None:
    browser = logged_in(setting)
    cookie = browser.get_cookie("leave", domain="127.0.0.1", path="/identity/leave")
    assert cookie is not None
    assert (cookie.path, cookie.max_age, cookie.http_only) == ("/identity/leave", 1800, True)
    assert cookie.same_site == "Lax"
    assert "alice" not in cookie.value
    hint = asked_of(away(browser))["id_token_hint"]
    assert hint not in cookie.value
    assert not any(part in cookie.value for part in hint.split("."))


def test_the_hint_is_used_once_and_dropped(setting: Setting) -> None:
    browser = logged_in(setting)
    away(browser)
    assert "leave" not in cookie_names(browser)
    assert away(browser) == "/identity/left"


def test_the_way_back_is_told_apart_by_its_state_and_serves_once(setting: Setting) -> None:
    _, site = setting
    browser = logged_in(setting)
    state = asked_of(away(browser))["state"]
    answer = get(browser, f"/identity/left?state={'0' * 64}")
    assert answer.status_code == 200
    assert site.last_page()["confirmed"] is False
    browser = logged_in(setting)
    state = asked_of(away(browser))["state"]
    get(browser, f"/identity/left?state={state}")
    page = site.last_page()
    assert (page["confirmed"], page["return_to"], page["lang"]) == (True, RETURN_TO, "en")
    get(browser, f"/identity/left?state={state}")
    assert site.last_page()["confirmed"] is False
    assert cookie_names(browser) == {"pass"}


def test_whatever_the_provider_did_the_person_is_told_they_are_out(setting: Setting) -> None:
    _, site = setting
    for path in ("/identity/left", "/identity/left?error=x", "/identity/left?state=a&state=b"):
        browser = logged_in(setting)
        away(browser)
        answer = get(browser, path)
        assert (answer.status_code, site.pages[-1][0]) == (200, "identity/left.html")
        assert site.last_page()["return_to"] == RETURN_TO
        assert answer.headers["Cache-Control"] == "no-store"


def test_a_hint_too_long_for_a_cookie_is_left_out(setting: Setting) -> None:
    browser = logged_in(setting, id_claims={"padding": "p" * 4000})
    sent = asked_of(away(browser))
    assert set(sent) == {"client_id", "state", "post_logout_redirect_uri"}
    assert sent["client_id"] == "petitions"


def test_a_provider_without_a_way_out_is_not_gone_to(setting: Setting) -> None:
    provider, site = setting
    browser = logged_in(setting)
    fresh_store(site)
    provider.lies = Lies(metadata={"end_session_endpoint": ABSENT})
    assert away(browser) == "/identity/left"


def test_nothing_waits_where_the_record_asks_for_no_logout(tmp_path: Path) -> None:
    with opened_office(PLAIN, tmp_path, https=True) as (provider, site):
        browser = site.browser()
        walk(site, provider, browser)
        assert "leave" not in cookie_names(browser)
        walk(site, provider, browser, ask(site.now, who={"age_min": 99}))
        assert site.last_page()["leave"] is None


def test_after_thirty_minutes_the_hint_is_forgotten(setting: Setting) -> None:
    _, site = setting
    browser = logged_in(setting)
    site.later(minutes=30, seconds=1)
    assert away(browser) == "/identity/left"


def test_a_cookie_that_is_not_ours_leads_nowhere(setting: Setting) -> None:
    _, site = setting
    browser = site.browser()
    browser.set_cookie("leave", "forged", domain="127.0.0.1", path="/identity/leave")
    assert away(browser) == "/identity/left"


def test_a_silent_provider_can_be_left_later(setting: Setting) -> None:
    provider, site = setting
    browser = logged_in(setting)
    fresh_store(site)
    provider.lies = Lies(metadata_response=Response("", 500))
    assert get(browser, "/identity/leave").status_code == 502
    assert site.last_page()["cause"] == "no_answer"
    provider.lies = Lies()
    assert "id_token_hint" in asked_of(away(browser))


def test_a_page_before_a_finished_login_offers_no_leaving(setting: Setting) -> None:
    provider, site = setting
    browser = site.browser()
    walk(site, provider, browser, lie=lambda p: p.lies.id_claims.update(nonce="x"))
    assert site.last_page()["leave"] is None
    assert "leave" not in cookie_names(browser)
