"""Logins at providers that nobody here wrote: oidc-provider-mock, Canaille, LemonLDAP::NG.

Our own providers share our misreadings. These show RS256 and ES256, userinfo as JSON and as a signed
token, acr or none, an issuer with a slash at its end, all over real HTTP.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import requests
from flask.testing import FlaskClient

from identity.errors import Cause
from identity.providers.metadata import KEYS_TTL, MetadataStore
from tests.identity.conduct import assert_refused, get, leave_for
from tests.identity.office import SITE, Office, ask, office, opened, random_rid
from tests.outside import lemonldap, starting
from tests.outside.people import ADULT, CHILD, HESITANT, SECOND, STRANGER, Person
from tests.outside.provider import Outside, ProviderMissingError

WHO = {"age_min": 18, "resident_of": "valmont"}


def site_of(outside: Outside, folder: Path, **changed: Any) -> Office:
    """A small site whose only realm trusts this provider."""
    realm = {"providers": [outside.name], "attributes": ["birthdate", "resident_of"]}
    raw = {
        "providers": {outside.name: {**outside.record, **changed}},
        "realms": {"citizens": realm},
    }
    return office(raw, folder)


@pytest.fixture
def site(outside: Outside, tmp_path: Path) -> Office:
    return site_of(outside, tmp_path)


def come_back(
    site: Office, outside: Outside, browser: FlaskClient, person: Person, **asked: Any
) -> Any:
    """A whole login there; the answer of our callback."""
    url = leave_for(site, browser, ask(site.now, **{"who": WHO, **asked}))
    return get(browser, outside.log_in(url, person))


def value_of(site: Office, outside: Outside, person: Person, **asked: Any) -> bytes:
    browser = site.browser()
    answer = come_back(site, outside, browser, person, **asked)
    assert answer.status_code == 303, (site.outcomes[-1], site.pages[-1:])
    return opened(site, browser, ask(site.now, **{"who": WHO, **asked})).u


def test_a_person_is_one_value_per_petition_at_a_provider_of_others(
    site: Office, outside: Outside
) -> None:
    first = value_of(site, outside, ADULT)
    assert value_of(site, outside, ADULT) == first
    assert value_of(site, outside, SECOND) != first
    assert value_of(site, outside, ADULT, context=random_rid()) != first


def test_what_the_rules_ask_is_judged_by_the_facts_of_the_provider(
    site: Office, outside: Outside
) -> None:
    for person, condition in ((CHILD, "age_min"), (STRANGER, "resident_of")):
        browser = site.browser()
        assert come_back(site, outside, browser, person).status_code == 403
        assert site.last_page()["facts"]["condition"] == condition
        assert "pass" not in {cookie.key for cookie in browser._cookies.values()}


def test_a_person_who_refuses_there_comes_back_to_a_calm_page(
    outside: Outside, tmp_path: Path
) -> None:
    site = site_of(outside, tmp_path, **outside.declining)
    browser = site.browser()
    back = outside.decline(leave_for(site, browser), HESITANT)
    assert "error=" in back
    answer = get(browser, back)
    # The mock leaves the state out of its refusals, so nothing ties them to a login.
    expected = (400, "other_browser") if outside.name == "mock" else (200, "cancelled")
    assert (answer.status_code, site.last_page()["cause"]) == expected
    assert site.outcomes[-1].cause in {Cause.CANCELLED, Cause.OTHER_BROWSER}


def test_an_answer_without_a_signature_is_refused_though_the_provider_lists_none(
    outside: Outside, tmp_path: Path
) -> None:
    address = f"{outside.issuer.rstrip('/')}/.well-known/openid-configuration"
    listed = requests.get(address, timeout=10).json()["id_token_signing_alg_values_supported"]
    assert ("none" in listed) == (outside.name != "mock")
    site = site_of(outside, tmp_path, **outside.unsigned())
    browser = site.browser()
    answer = come_back(site, outside, browser, ADULT)
    assert_refused(site, browser, answer, "not_verified")
    # LemonLDAP::NG leaves the third part out altogether
    reason = "not_signed" if outside.name == "lemonldap" else "algorithm_not_pinned"
    assert site.outcomes[-1].reason == reason


def test_an_answer_is_spent_when_it_comes_a_second_time(site: Office, outside: Outside) -> None:
    browser = site.browser()
    back = outside.log_in(leave_for(site, browser), ADULT)
    other = site.browser()
    assert get(other, back).status_code == 400  # it belongs to the browser that left
    assert get(browser, back).status_code == 303, site.outcomes[-1]
    assert get(browser, back).status_code == 400
    assert site.last_page()["cause"] in {"already_used", "other_browser"}


def test_a_login_works_again_once_the_turned_keys_are_fetched(
    site: Office, outside: Outside
) -> None:
    provider, seconds = site.service.providers[outside.name], [0.0]
    provider.store = MetadataStore(provider.settings, clock=lambda: seconds[0])
    before = value_of(site, outside, ADULT)
    outside.turn_keys()
    # The same minute: one fetch was made, and nobody can make us fetch for each login.
    answer = come_back(site, outside, site.browser(), ADULT)
    assert (answer.status_code, site.last_page()["cause"]) == (502, "not_verified")
    # The mock names no key, so only the age of the keys says that they are old.
    seconds[0] += KEYS_TTL + 1 if outside.name == "mock" else 61
    assert value_of(site, outside, ADULT) == before


def test_who_leaves_is_asked_again_at_the_next_login(site: Office, outside: Outside) -> None:
    browser, visitor = site.browser(), outside.visitor()
    back = outside.log_in(leave_for(site, browser), ADULT, visitor)
    assert get(browser, back).status_code == 303, site.outcomes[-1]
    end = get(browser, "/identity/leave").headers["Location"]
    assert end.startswith(outside.issuer)
    assert "id_token_hint=" in end
    returned = outside.leave(end, visitor)
    if outside.name == "canaille":
        # Its id_token names the audience as a list, and then it does not know where to send people.
        assert returned.startswith(outside.issuer)
    else:
        assert returned.startswith(f"{SITE}/identity/left?")
        assert get(browser, returned).status_code == 200
        assert site.last_page()["confirmed"] is True
    assert outside.asks(leave_for(site, site.browser()), visitor)


def test_the_level_of_a_login_is_what_the_provider_says_and_no_more(
    lemonldap_provider: Outside, tmp_path: Path
) -> None:
    site = site_of(lemonldap_provider, tmp_path)
    answer = come_back(site, lemonldap_provider, site.browser(), ADULT, assurance="substantial")
    assert (answer.status_code, site.last_page()["cause"]) == (403, "too_low")
    asking = {"request": {"acr_values": ["eidas2"]}, "assurance": {"eidas2": "substantial"}}
    site = site_of(lemonldap_provider, tmp_path / "asking", **asking)
    answer = come_back(site, lemonldap_provider, site.browser(), ADULT)
    assert (answer.status_code, site.outcomes[-1].reason) == (502, "assurance_outside_the_set")


def test_an_issuer_is_compared_to_the_last_slash(
    lemonldap_provider: Outside, tmp_path: Path
) -> None:
    issuer = lemonldap_provider.issuer
    assert issuer.endswith("/")
    site = site_of(lemonldap_provider, tmp_path, issuer=issuer.rstrip("/"))
    with pytest.raises(AssertionError):  # it never leaves our site
        leave_for(site, site.browser())
    assert site.outcomes[-1].reason == "metadata_of_another_issuer"


def test_the_provider_sees_no_address_of_ours_beside_the_one_it_must_know(
    site: Office, outside: Outside
) -> None:
    known = len(outside.seen())
    value_of(site, outside, ADULT)
    ours = [each for each in outside.seen()[known:] if each["user-agent"] == "petition-engine"]
    assert {each["path"].rpartition("/")[2] for each in ours} >= {"token", "userinfo"}
    for each in ours:
        assert not {"referer", "cookie", "origin"} & set(each)


def test_a_provider_that_is_not_installed_says_what_to_install(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(starting, "ENVIRONMENT", tmp_path)
    monkeypatch.setattr(lemonldap, "PORTAL", str(tmp_path / "nowhere"))
    for start, sentence in (
        (starting.canaille, "run scripts/prepare outside"),
        (lemonldap.lemonldap, "install Debian's liblemonldap-ng-portal-perl starman"),
    ):
        with pytest.raises(ProviderMissingError, match=sentence), start(tmp_path, ()):
            pass
