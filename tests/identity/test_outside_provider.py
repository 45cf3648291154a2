"""A login at a provider that nobody here wrote: the PyPI package oidc-provider-mock.

Our own providers share our misreadings. This one shows RS256, JSON userinfo and no acr: a smoke
test of the plain protocol over real HTTP.
"""

from __future__ import annotations

import warnings
from collections.abc import Iterator
from typing import Any

import pytest
import requests

from tests.identity.conduct import get, leave_for
from tests.identity.office import Office, ask, office, opened

with warnings.catch_warnings():
    # The provider's own code still uses authlib.jose, which ours may not.
    warnings.simplefilter("ignore")
    import oidc_provider_mock


pytestmark = pytest.mark.filterwarnings("ignore::DeprecationWarning", "ignore::UserWarning")


@pytest.fixture
def outside(monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    monkeypatch.setenv("AUTHLIB_INSECURE_TRANSPORT", "1")  # its server side insists on https
    user = oidc_provider_mock.User(sub="alice", claims={"birthdate": "1990-01-01"})
    with oidc_provider_mock.run_server_in_thread(
        require_nonce=True, issue_refresh_token=False, user_claims=[user]
    ) as server:
        yield f"http://localhost:{server.server_port}"


@pytest.fixture
def site(outside: str, tmp_path: Any) -> Office:
    record = {
        "issuer": outside,
        "client": {"id": "us", "auth": "client_secret_basic", "secret": "any secret will do"},
        "answer": {"algs": ["RS256"], "userinfo": "json"},
        "person": {"namespace": "outside", "one_per": "account"},
        "assurance": {"*": "low"},
        "attributes": {"birthdate": {"scope": "profile", "from": "userinfo"}},
    }
    realm = {"providers": ["outside"], "attributes": ["birthdate"]}
    return office({"providers": {"outside": record}, "realms": {"citizens": realm}}, tmp_path)


def log_in(url: str, **form: str) -> str:
    answer = requests.post(url, data=form, allow_redirects=False, timeout=5)
    assert answer.status_code == 302, answer.text[:500]
    return answer.headers["Location"]


def test_a_person_logs_in_at_a_provider_of_others(site: Office) -> None:
    values = set()
    for sub in ("alice", "alice"):
        browser, asked = site.browser(), ask(site.now, who={"age_min": 18})
        back = log_in(leave_for(site, browser, asked), sub=sub)
        assert get(browser, back).status_code == 303, site.outcomes[-1]
        values.add(opened(site, browser, asked).u)
    assert len(values) == 1


def test_a_person_who_refuses_there_comes_back_to_a_calm_page(site: Office) -> None:
    browser = site.browser()
    back = log_in(leave_for(site, browser), action="deny")
    answer = get(browser, back)
    # This provider leaves the state out of its refusals, so nothing ties it to a login.
    expected = (200, "cancelled") if "state=" in back else (400, "other_browser")
    assert (answer.status_code, site.last_page()["cause"]) == expected


def test_a_person_without_the_fact_is_told_which_one_is_missing(site: Office) -> None:
    browser = site.browser()
    back = log_in(leave_for(site, browser, ask(site.now, who={"age_min": 18})), sub="bob")
    assert get(browser, back).status_code == 403
    assert site.last_page()["facts"] == {"fact": "age_min"}
