"""What a login leaves behind: nothing of the person, in no place, whatever happens."""

from __future__ import annotations

from typing import Any
from urllib.parse import parse_qs

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.identity.conduct import (
    PLAIN,
    Profile,
    get,
    leave_for,
    opened_office,
    walk,
)
from tests.identity.lying_provider import ABSENT
from tests.identity.office import (
    ask,
    cookie_names,
    opened,
)

_ODD = st.one_of(
    st.none(), st.booleans(), st.integers(), st.floats(allow_nan=False), st.text(max_size=5),
    st.lists(st.text(max_size=3), max_size=2), st.just("petitions"), st.just("eidas1"),
)  # fmt: skip


def test_two_petitions_differ_at_the_provider_in_random_values_only(tmp_path: Any) -> None:
    with opened_office(PLAIN, tmp_path) as (_, site):
        sent = []
        for number in (1, 2):
            asked = ask(site.now, context=bytes([number]) * 16, return_to=f"/en/petitions/{number}")
            url = leave_for(site, site.browser(), asked)
            sent.append({name: value[0] for name, value in parse_qs(url).items()})
        differing = {name for name in sent[0] if sent[0][name] != sent[1][name]}
        assert differing == {"state", "nonce", "code_challenge"}
        assert sent[0]["scope"] == "openid birthdate"
        assert len(sent[0]["state"]) == len(sent[0]["nonce"]) == 64


def test_no_parameter_outside_the_list_is_sent(tmp_path: Any) -> None:
    names = ["response_type", "client_id", "redirect_uri", "scope", "acr_values", "state", "nonce"]
    strict = Profile("strict", request={"pkce": "off"}, more={"allowed_parameters": names})
    with opened_office(strict, tmp_path, realm={"attributes": []}) as (_, site):
        url = leave_for(site, site.browser())
        assert set(parse_qs(url.partition("?")[2])) == set(names)
        assert "scope=openid&" in url


def test_twenty_abandoned_logins_leave_three_cookies(tmp_path: Any) -> None:
    with opened_office(PLAIN, tmp_path) as (provider, site):
        browser = site.browser()
        urls = []
        for _ in range(20):
            urls.append(leave_for(site, browser))
            site.later(seconds=1)
        assert len([name for name in cookie_names(browser) if name.startswith("login-")]) == 3
        assert get(browser, provider.log_in(urls[0])).status_code == 400
        assert get(browser, provider.log_in(urls[-2])).status_code == 303


def test_any_single_change_of_a_valid_answer_is_refused_or_harmless(tmp_path: Any) -> None:
    with opened_office(PLAIN, tmp_path) as (provider, site):
        browser = site.browser()
        walk(site, provider, browser)
        good = opened(site, browser).u
        names = ["iss", "aud", "exp", "iat", "nonce", "sub", "acr", "at_hash", "azp", "nbf", "x"]

        @settings(max_examples=60, deadline=None, database=None)
        @given(name=st.sampled_from(names), value=_ODD)
        def change_one(name: str, value: Any) -> None:
            fresh = site.browser()

            def lie(_provider: Any) -> None:
                provider.lies.id_claims[name] = value

            answer = walk(site, provider, fresh, lie=lie)
            if answer.status_code == 303:
                assert opened(site, fresh).u == good
            else:
                assert "pass" not in cookie_names(fresh)

        change_one()


def test_no_claim_or_secret_of_a_login_stays_in_cookies_logs_or_pages(
    tmp_path: Any, caplog: pytest.LogCaptureFixture
) -> None:
    from identity.outcomes import log_outcome

    caplog.set_level("DEBUG")
    with opened_office(PLAIN, tmp_path, also={}) as (provider, site):
        site.service.report = log_outcome
        canaries = ["canary-sub", "1971-07-17", "canary-words"]
        provider.claims["sub"], provider.user = canaries[0], {"birthdate": canaries[1]}
        seen = []
        lies = [
            None,
            lambda p: p.lies.id_claims.update(nonce="x"),
            lambda p: p.lies.user_claims.update(sub="canary-sub-2"),
            lambda p: p.lies.callback.update(error="canary-words", code=ABSENT),
        ]
        for lie in lies:
            browser = site.browser()
            answer = walk(site, provider, browser, ask(site.now, who={"age_min": 18}), lie=lie)
            seen += [answer.get_data(as_text=True), str(answer.headers)]
            seen += [cookie.value for cookie in browser._cookies.values()]
        ours = [r.getMessage() for r in caplog.records if r.name.partition(".")[0] != "werkzeug"]
        assert any("cause=ok" in line for line in ours)
        codes = [body["code"] for body in provider.bodies]
        for canary in [*canaries, *codes, *provider.access]:
            assert not any(canary in text for text in [*seen, *ours])
