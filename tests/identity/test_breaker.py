"""Breaker and bulkhead on a clock of their own, then a slow or dead provider over real HTTP."""

from __future__ import annotations

import threading
import time
from typing import Any

import pytest
from werkzeug.wrappers import Response

from identity.errors import LoginRefused
from identity.providers.breaker import Breaker, Bulkhead
from tests.identity.conduct import (
    PLAIN,
    Profile,
    assert_refused,
    fresh_store,
    get,
    leave_for,
    opened_office,
    walk,
)
from tests.identity.lying_provider import Lies, as_json
from tests.identity.office import arrive, cookie_names


class Clock:
    def __init__(self) -> None:
        self.at = 1000.0

    def __call__(self) -> float:
        return self.at


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def breaker(clock: Clock) -> Breaker:
    return Breaker(clock, spread=lambda: 1.0)


def fail(breaker: Breaker, times: int) -> None:
    for _ in range(times):
        breaker.failed()


def test_five_failures_in_a_row_open_it(breaker: Breaker) -> None:
    fail(breaker, 4)
    assert breaker.admits()
    breaker.failed()
    assert not breaker.admits()
    assert breaker.silent_for() == 0


def test_an_answer_starts_the_row_anew(breaker: Breaker) -> None:
    fail(breaker, 4)
    breaker.answered()
    fail(breaker, 4)
    assert breaker.admits()
    assert breaker.silent_for() is None


def test_over_half_of_ten_calls_in_thirty_seconds_open_it(breaker: Breaker, clock: Clock) -> None:
    for _ in range(4):
        breaker.answered()
        breaker.failed()
    breaker.failed()
    assert breaker.admits()  # nine calls
    breaker.failed()
    assert not breaker.admits()  # six of ten


def test_old_failures_are_forgotten(breaker: Breaker, clock: Clock) -> None:
    for _ in range(4):
        breaker.answered()
        breaker.failed()
    clock.at += 31
    breaker.answered()
    fail(breaker, 2)
    assert breaker.admits()


def test_after_the_pause_one_trial_goes_through(breaker: Breaker, clock: Clock) -> None:
    fail(breaker, 5)
    clock.at += 29
    assert not breaker.admits()
    clock.at += 1
    assert breaker.admits()
    assert not breaker.admits()
    breaker.answered()
    assert breaker.admits()
    assert breaker.silent_for() is None


def test_the_pause_is_spread_so_that_processes_do_not_try_together(clock: Clock) -> None:
    """30 seconds, 20 % more or less."""
    pauses = set()
    for _ in range(50):
        spread = Breaker(clock)
        fail(spread, 5)
        pauses.add(spread._retry_at - clock.at)
    assert len(pauses) > 10
    assert 24.0 <= min(pauses) < max(pauses) <= 36.0


def test_a_trial_that_fails_opens_it_again(breaker: Breaker, clock: Clock) -> None:
    fail(breaker, 5)
    clock.at += 30
    assert breaker.admits()
    breaker.failed()
    clock.at += 29
    assert not breaker.admits()
    assert breaker.silent_for() == 59
    clock.at += 1
    assert breaker.admits()


def test_a_trial_that_never_reports_back_does_not_keep_it_open(
    breaker: Breaker, clock: Clock
) -> None:
    fail(breaker, 5)
    clock.at += 30
    assert breaker.admits()
    clock.at += 30
    assert breaker.admits()


def test_the_bulkhead_turns_the_next_one_away_and_lets_go_of_places() -> None:
    bulkhead = Bulkhead(1, wait=0.01)
    with bulkhead.place():
        with pytest.raises(LoginRefused) as caught, bulkhead.place():
            pytest.fail("there was no place")
        assert (caught.value.status, caught.value.retry_after) == (503, 5)
    with pytest.raises(ZeroDivisionError), bulkhead.place():
        raise ZeroDivisionError
    with bulkhead.place():
        pass


QUICK = Profile("quick", more={"timeouts": {"connect": 1.0, "read": 1.0, "whole": 2.0}})


def test_a_provider_that_is_slow_gives_a_page_within_the_limit(tmp_path: Any) -> None:
    with opened_office(QUICK, tmp_path) as (provider, site):
        browser = site.browser()

        gate = threading.Event()

        def lie(_provider: Any) -> None:
            provider.lies.gate = gate

        begin = time.monotonic()
        answer = walk(site, provider, browser, lie=lie)
        assert time.monotonic() - begin < 10
        gate.set()
        assert_refused(site, browser, answer, "no_answer")
        assert answer.status_code == 502


def test_a_provider_that_drips_cannot_outlast_the_limit(tmp_path: Any) -> None:
    with opened_office(QUICK, tmp_path) as (provider, site):
        browser = site.browser()

        def drip() -> Any:
            for _ in range(200):
                time.sleep(0.1)
                yield b" "

        def lie(_provider: Any) -> None:
            response = Response(drip(), 200, mimetype="application/json")
            response.headers["Content-Length"] = "100000"
            provider.lies.token_response = response

        begin = time.monotonic()
        answer = walk(site, provider, browser, lie=lie)
        assert time.monotonic() - begin < 10
        assert_refused(site, browser, answer, "no_answer")


def test_a_code_is_never_sent_twice(tmp_path: Any) -> None:
    with opened_office(PLAIN, tmp_path) as (provider, site):

        def lie(_provider: Any) -> None:
            provider.lies.token_response = Response("", 503)

        walk(site, provider, site.browser(), lie=lie)
        assert provider.calls.count("/token") == 1


def test_a_read_is_tried_once_more(tmp_path: Any) -> None:
    with opened_office(PLAIN, tmp_path) as (provider, site):
        browser = site.browser()

        def lie(_provider: Any) -> None:
            provider.lies.user_response = Response("", 503)

        answer = walk(site, provider, browser, lie=lie)
        assert_refused(site, browser, answer, "no_answer")
        assert provider.calls.count("/userinfo") == 2


def test_a_dead_provider_opens_the_breaker_and_the_chooser_says_so(tmp_path: Any) -> None:
    with opened_office(QUICK, tmp_path) as (provider, site):
        browser = site.browser()
        provider.lies.metadata_response = Response("", 500)
        for _ in range(5):
            arrive(site, browser)
            assert get(browser, "/identity/go/lying").status_code == 502
        calls = len(provider.calls)
        answer = get(browser, "/identity/go/lying")
        assert (answer.status_code, answer.headers["Retry-After"]) == (503, "30")
        template, page = site.pages[-1]
        assert template == "identity/chooser.html"
        assert page["providers"][0]["down_since"] == pytest.approx(site.now.timestamp(), abs=5)
        assert len(provider.calls) == calls
        assert site.outcomes[-1].cause == "known_down"
        provider.lies = Lies()
        site.service.providers["lying"].breaker._retry_at = 0  # the pause is over
        assert get(browser, "/identity/go/lying").status_code == 303
        assert site.service.providers["lying"].breaker.silent_for() is None


def test_who_has_already_logged_in_is_served_while_the_breaker_is_open(tmp_path: Any) -> None:
    with opened_office(PLAIN, tmp_path) as (provider, site):
        browser = site.browser()
        back = provider.log_in(leave_for(site, browser))
        fail(site.service.providers["lying"].breaker, 5)
        assert get(browser, back).status_code == 303


def test_a_refusal_or_a_bad_answer_never_opens_the_breaker(tmp_path: Any) -> None:
    with opened_office(PLAIN, tmp_path) as (provider, site):
        for _ in range(12):
            walk(site, provider, site.browser(), lie=lambda p: p.lies.id_claims.update(nonce="x"))
        assert site.service.providers["lying"].breaker.silent_for() is None


def test_a_full_bulkhead_turns_a_login_away_at_once(tmp_path: Any) -> None:
    with opened_office(PLAIN, tmp_path) as (provider, site):
        site.service.bulkhead = Bulkhead(1)
        slow, quick = site.browser(), site.browser()
        first = provider.log_in(leave_for(site, slow))
        second = provider.log_in(leave_for(site, quick))
        gate = provider.lies.gate = threading.Event()
        done: list[int] = []
        waiting = threading.Thread(target=lambda: done.append(get(slow, first).status_code))
        waiting.start()
        until = time.monotonic() + 10
        while "/token" not in provider.calls and time.monotonic() < until:
            time.sleep(0.01)
        answer = get(quick, second)
        assert waiting.is_alive(), "the first is still waiting for the provider"
        gate.set()
        assert (answer.status_code, answer.headers["Retry-After"]) == (503, "5")
        assert "pass" not in cookie_names(quick)
        waiting.join()
        assert done == [303]


def test_a_thousand_unknown_kids_cause_one_refetch_a_minute(tmp_path: Any) -> None:
    with opened_office(PLAIN, tmp_path) as (provider, site):
        walk(site, provider, site.browser())
        found = site.service.providers["lying"]
        store, fetch = found.store, found._fetch(found._call())
        at = [time.monotonic() + 100]
        store._clock = lambda: at[0]
        before = provider.calls.count("/jwks")
        for number in range(1000):
            assert store.key(fetch, f"unknown-{number}", "ES256") is None
        assert provider.calls.count("/jwks") == before + 1
        at[0] += 61
        assert store.key(fetch, "unknown", "ES256") is None
        assert provider.calls.count("/jwks") == before + 2


def test_old_keys_serve_an_hour_more_while_the_provider_is_silent(tmp_path: Any) -> None:
    with opened_office(PLAIN, tmp_path) as (provider, site):
        walk(site, provider, site.browser())
        store = site.service.providers["lying"].store
        at = [time.monotonic()]
        store._clock = lambda: at[0]
        provider.lies = Lies()

        def lie(_provider: Any) -> None:
            provider.lies.keys_response = Response("", 500)

        at[0] += 3700
        assert walk(site, provider, site.browser(), lie=lie).status_code == 303
        assert store.keys_stale
        at[0] += 3700
        assert walk(site, provider, site.browser(), lie=lie).status_code == 502
        assert walk(site, provider, site.browser()).status_code == 303
        assert not store.keys_stale


def test_keys_are_refreshed_in_the_background_before_they_expire(tmp_path: Any) -> None:
    with opened_office(PLAIN, tmp_path) as (provider, site):
        fresh_store(site)
        store = site.service.providers["lying"].store
        begun: list[Any] = []
        store._start = begun.append
        at = [time.monotonic()]
        store._clock = lambda: at[0]
        walk(site, provider, site.browser())
        calls = provider.calls.count("/jwks")
        at[0] += 3000
        walk(site, provider, site.browser())
        walk(site, provider, site.browser())
        assert provider.calls.count("/jwks") == calls  # nobody waited for it
        assert len(begun) == 1
        begun[0]()
        assert provider.calls.count("/jwks") == calls + 1


def test_metadata_of_the_record_are_used_instead_of_discovery(tmp_path: Any) -> None:
    with opened_office(PLAIN, tmp_path) as (provider, site):
        from dataclasses import replace

        import msgspec

        known = {
            "issuer": provider.issuer,
            "authorization_endpoint": f"{provider.issuer}/authorize",
            "token_endpoint": f"{provider.issuer}/token",
            "jwks_uri": f"{provider.issuer}/jwks",
            "userinfo_endpoint": f"{provider.issuer}/userinfo",
        }
        found = site.service.providers["lying"]
        record = msgspec.structs.replace(found.settings.record, metadata=known)
        found.settings = replace(found.settings, record=record)
        fresh_store(site)
        provider.lies.metadata_response = as_json({}, 404)
        assert walk(site, provider, site.browser()).status_code == 303
        assert "/.well-known/openid-configuration" not in provider.calls
