"""What every login must refuse, tried with plain, encrypted and pushed requests.

Each case ends on an error page, with no pass, no cookie, no row but the spent state's, and no open
state. The conditions are in `tests.identity.checklist`, the wrong answers in `bad_answers`.
"""

from __future__ import annotations

import inspect
from collections.abc import Iterator
from typing import Any

import pytest
from joserfc.jwk import KeySet, import_key

from identity.cookies import state_hash
from identity.providers.opening import pick_key
from tests.identity import test_callback
from tests.identity.bad_answers import CASES, METADATA, Case
from tests.identity.checklist import CONDITIONS, ENCRYPTED_ONLY
from tests.identity.conduct import (
    EVERY_REFUSAL,
    PLAIN,
    Profile,
    assert_refused,
    fresh_store,
    get,
    leave_for,
    opened_office,
    opened_offices,
    record_of,
    walk,
)
from tests.identity.lies import listed_keys, unnamed_key_among_two
from tests.identity.lying_provider import ABSENT, Lies, LyingProvider, new_key
from tests.identity.office import RETURN_TO, Office, arrive, cookie_names, opened

Setting = tuple[LyingProvider, Office]
# Conditions about the way back, each of which needs a walk of its own.
WALKED = {
    35: test_callback.test_a_state_is_refused_after_twenty_minutes,
    36: test_callback.test_a_state_serves_once,
    37: test_callback.test_an_answer_of_one_provider_is_refused_at_the_door_of_another,
    38: test_callback.test_a_state_of_another_browser_is_refused,
}


@pytest.fixture(scope="module")
def offices(tmp_path_factory: Any) -> Iterator[dict[str, Setting]]:
    with opened_offices(tmp_path_factory.mktemp("offices")) as found:
        yield found


@pytest.fixture(params=[profile.name for profile in EVERY_REFUSAL])
def setting(request: Any, offices: dict[str, Setting]) -> Setting:
    return offices[request.param]


def profile_of(provider: LyingProvider, site: Office) -> str:
    if provider.encrypted:
        return "encrypted"
    return "pushed" if site.settings.providers["lying"].record.request.par else "plain"


def refused(setting: Setting, case: Case) -> None:
    provider, site = setting
    browser, before = site.browser(), set(site.spent)
    with record_of(site, **case.record):
        answer = walk(site, provider, browser, lie=case.lie, cold=case.cold)
        assert site.outcomes[-1].reason == case.reason
        shown = answer.get_data(as_text=True)
        assert "alice" not in shown
        assert "mallory" not in shown
        if case.cause == "other_browser":
            # Nothing ties this answer to the open login, which stays open for its own answer.
            assert site.last_page()["cause"] == case.cause
            assert site.spent == before
            assert not {name for name in cookie_names(browser) if not name.startswith("login-")} - {
                "ask"
            }
        else:
            assert_refused(site, browser, answer, case.cause)
            assert site.spent - before == {state_hash(provider.asked[-1]["state"])}
    provider.lies = Lies()
    if case.cold:
        fresh_store(site)


ANSWERS = [
    pytest.param(profile.name, case, id=f"{profile.name}: {case}")
    for profile in EVERY_REFUSAL
    for case in CASES
    if case not in METADATA and case.fits(profile.name)
]


@pytest.mark.parametrize(("profile", "case"), ANSWERS)
def test_each_wrong_answer_is_refused_for_its_own_reason(
    offices: dict[str, Setting], profile: str, case: Case
) -> None:
    refused(offices[profile], case)


@pytest.mark.parametrize("case", METADATA, ids=str)
def test_metadata_that_are_not_the_records_send_nobody_and_admit_nobody(
    setting: Setting, case: Case
) -> None:
    provider, site = setting
    fresh_store(site)
    provider.lies = Lies()
    case.lie(provider)
    browser, calls = site.browser(), len(provider.asked)
    arrive(site, browser)
    answer = get(browser, "/identity/go/lying")
    assert_refused(site, browser, answer, case.cause)
    assert site.outcomes[-1].reason == case.reason
    assert len(provider.asked) == calls
    provider.lies = Lies()
    fresh_store(site)
    refused(setting, Case(case.number, case.name, case.lie, case.reason, cold=True))


def test_what_was_refused_cannot_be_tried_again_with_a_better_answer(setting: Setting) -> None:
    """The state is spent at the first answer, even from a browser that kept its cookies."""
    provider, site = setting
    browser = site.browser()
    provider.lies = Lies()
    url = leave_for(site, browser)
    kept = {cookie.key: cookie.value for cookie in browser._cookies.values()}
    provider.lies.id_claims["nonce"] = "x"
    assert get(browser, provider.log_in(url)).status_code == 502
    provider.lies = Lies()
    for name, value in kept.items():
        browser.set_cookie(name, value, domain="127.0.0.1", path="/identity")
    if profile_of(provider, site) == "pushed":
        return  # a pushed request serves once, so the provider itself gives no second answer
    assert get(browser, provider.log_in(url)).status_code == 400
    assert site.last_page()["cause"] == "already_used"
    assert browser.get_cookie("pass", domain="127.0.0.1", path=RETURN_TO) is None


def test_the_good_answer_of_the_same_provider_is_not_refused(setting: Setting) -> None:
    provider, site = setting
    browser = site.browser()
    assert walk(site, provider, browser).status_code == 303
    assert opened(site, browser).assurance == "low"


def test_no_condition_of_the_checklist_is_without_a_case_in_any_profile() -> None:
    assert sorted(CONDITIONS) == list(range(1, len(CONDITIONS) + 1))
    covered = {(p.name, c.number) for p in EVERY_REFUSAL for c in CASES if c.fits(p.name)}
    for number, walked in WALKED.items():
        # each of these runs once per profile, by the fixture of its module
        assert "setting" in inspect.signature(walked).parameters
        covered |= {(profile.name, number) for profile in EVERY_REFUSAL}
    wanted = {
        (profile.name, number)
        for profile in EVERY_REFUSAL
        for number in CONDITIONS
        if number not in ENCRYPTED_ONLY or profile.encryption is not None
    }
    assert wanted - covered == set()
    assert {number for _, number in covered} - {0} == set(CONDITIONS)


def test_every_case_has_a_name_and_a_reason_of_its_own() -> None:
    names = [(str(case), case.only) for case in CASES]
    assert len(set(names)) == len(names)
    assert all(case.reason for case in CASES)


def test_metadata_cannot_switch_certificate_checks_off(tmp_path: Any) -> None:
    with opened_office(PLAIN, tmp_path) as (provider, site):
        provider.lies.metadata.update(verify=False, proxies={"https": "http://evil"}, nonce="n")
        leave_for(site, site.browser())
        found = site.service.providers["lying"]
        kept = found.store.metadata(lambda _url: {})
        assert not {"verify", "proxies", "nonce"} & set(kept)


def test_a_token_without_kid_is_taken_while_there_is_one_key(tmp_path: Any) -> None:
    with opened_office(PLAIN, tmp_path, https=True) as (provider, site):
        browser = site.browser()
        answer = walk(site, provider, browser, lie=unnamed_key_among_two, cold=True)
        assert_refused(site, browser, answer, "not_verified")

        def lie(_provider: LyingProvider) -> None:
            provider.lies.header["kid"] = ABSENT

        assert walk(site, provider, browser, lie=lie, cold=True).status_code == 303


def test_a_long_set_of_keys_within_the_limit_is_read(setting: Setting) -> None:
    provider, site = setting
    keys = [provider.key.as_dict(private=False)]
    lie = listed_keys(keys, padding="a" * 200_000)
    assert walk(site, provider, site.browser(), lie=lie, cold=True).status_code == 303
    provider.lies = Lies()
    fresh_store(site)


@pytest.mark.parametrize("alg", ["ES384", "ES512", "RS384", "PS256"])
@pytest.mark.parametrize("encryption", [None, ("ECDH-ES", "enc-ec.jwk")])
def test_the_half_hash_is_that_of_the_inner_signature(
    tmp_path: Any, alg: str, encryption: Any
) -> None:
    """An encrypted token's own header says ECDH-ES; the hash of at_hash is named further in."""
    with opened_office(Profile(alg, alg=alg, encryption=encryption), tmp_path, https=True) as (
        provider,
        site,
    ):
        assert walk(site, provider, site.browser()).status_code == 303, site.outcomes[-1].reason

        def lie(_provider: LyingProvider) -> None:
            provider.lies.id_claims["at_hash"] = "A" * 43

        assert walk(site, provider, site.browser(), lie=lie).status_code == 502
        assert site.outcomes[-1].reason == "at_hash"


def test_only_a_key_for_this_signature_is_picked() -> None:
    key = new_key("ES256", "a")
    public = import_key(key.as_dict(private=False))
    assert pick_key(KeySet([public]), "a", "ES256") is public
    assert pick_key(KeySet([public]), "a", "RS256") is None
    assert pick_key(KeySet([public]), "a", "ES384") is None
    assert pick_key(KeySet([public]), "b", "ES256") is None
    assert pick_key(KeySet([key]), "a", "ES256") is None  # nobody publishes a private key
    for changed in ({"use": "enc"}, {"alg": "ES384"}):
        other = import_key({**key.as_dict(private=False), **changed})
        assert pick_key(KeySet([other]), "a", "ES256") is None
        assert pick_key(KeySet([other]), None, "ES256") is None
