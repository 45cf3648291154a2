"""The way back: a state serves once, in its browser, at its door; errors have their pages."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from tests.identity.conduct import (
    EVERY_REFUSAL,
    assert_refused,
    get,
    leave_for,
    opened_office,
    walk,
)
from tests.identity.lies import callback, token_response
from tests.identity.lying_provider import (
    ABSENT,
    Lies,
    LyingProvider,
    as_json,
)
from tests.identity.office import Office

Setting = tuple[LyingProvider, Office]


@pytest.fixture(scope="module", params=EVERY_REFUSAL, ids=lambda profile: profile.name)
def setting(request: Any, tmp_path_factory: Any) -> Iterator[Setting]:
    also, place = {"second": {"like": "lying"}}, tmp_path_factory.mktemp("office")
    with opened_office(request.param, place, also=also, https=True) as pair:
        yield pair


def test_a_state_serves_once(setting: Setting) -> None:
    provider, site = setting
    browser = site.browser()
    provider.lies = Lies()
    url = leave_for(site, browser)
    kept = {cookie.key: cookie.value for cookie in browser._cookies.values()}
    back = provider.log_in(url)
    assert get(browser, back).status_code == 303
    for name, value in kept.items():  # a copied browser profile
        browser.set_cookie(name, value, domain="127.0.0.1", path="/identity")
    calls = len(provider.calls)
    assert get(browser, back).status_code == 400
    assert site.last_page()["cause"] == "already_used"
    assert len(provider.calls) == calls  # the code did not travel again


def test_a_state_of_another_browser_is_refused(setting: Setting) -> None:
    provider, site = setting
    provider.lies = Lies()
    back = provider.log_in(leave_for(site, site.browser()))
    stranger = site.browser()
    leave_for(site, stranger)
    assert get(stranger, back).status_code == 400
    assert site.last_page()["cause"] == "other_browser"


def test_a_state_is_refused_after_twenty_minutes(setting: Setting) -> None:
    provider, site = setting
    browser, provider.lies = site.browser(), Lies()
    back = provider.log_in(leave_for(site, browser))
    site.later(minutes=20, seconds=1)
    try:
        answer = get(browser, back)
        assert_refused(site, browser, answer, "too_late")
    finally:
        site.later(minutes=-20, seconds=-1)


def test_a_state_given_twice_is_refused_and_spent(setting: Setting) -> None:
    provider, site = setting
    browser = site.browser()
    provider.lies = Lies()
    back = provider.log_in(leave_for(site, browser))
    state = back.partition("state=")[2][:64]
    answer = get(browser, f"{back}&state={state}")
    assert_refused(site, browser, answer, "not_verified")


def test_an_answer_of_one_provider_is_refused_at_the_door_of_another(setting: Setting) -> None:
    provider, site = setting
    browser, provider.lies = site.browser(), Lies()
    back = provider.log_in(leave_for(site, browser))
    calls = len(provider.calls)
    answer = get(browser, back.replace("/callback/lying", "/callback/second"))
    assert_refused(site, browser, answer, "not_verified")
    assert site.outcomes[-1].reason == "state_of_another_provider"
    assert len(provider.calls) == calls  # the code of one provider never travels to another


@pytest.mark.parametrize(
    ("error", "cause", "status"),
    [
        ("access_denied", "cancelled", 200),
        ("server_error", "no_answer", 502),
        ("temporarily_unavailable", "no_answer", 502),
        ("invalid_scope", "set_up", 502),
        ("unauthorized_client", "set_up", 502),
        ("invalid_acr", "too_low", 403),
        ("<script>", "set_up", 502),
    ],
)
def test_each_error_of_the_provider_has_its_page(
    setting: Setting, error: str, cause: str, status: int
) -> None:
    provider, site = setting
    browser = site.browser()
    lie = callback(code=ABSENT, error=error, error_description="the provider's own words")
    answer = walk(site, provider, browser, lie=lie)
    assert answer.status_code == status
    assert_refused(site, browser, answer, cause)
    assert "own words" not in answer.get_data(as_text=True)
    assert "<script>" not in answer.get_data(as_text=True)


def test_an_error_without_our_state_shows_nothing_of_itself(setting: Setting) -> None:
    _, site = setting
    answer = get(site.browser(), "/identity/callback/lying?error=hello&error_description=there")
    assert answer.status_code == 400
    assert "hello" not in answer.get_data(as_text=True)
    assert site.last_page()["cause"] == "other_browser"


@pytest.mark.parametrize("status", [400, 401])
def test_a_token_endpoint_that_refuses_us_is_a_fault_of_our_set_up(
    setting: Setting, status: int
) -> None:
    provider, site = setting
    browser = site.browser()
    lie = token_response(as_json({"error": "invalid_client"}, status))
    assert_refused(site, browser, walk(site, provider, browser, lie=lie), "set_up")
    assert site.outcomes[-1].alarm
