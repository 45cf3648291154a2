"""Records that ask more of an answer: methods, freshness, vectors of trust, forms of keys."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import msgspec
import pytest

from identity.pseudonym import identity_value, stretched_key
from tests.identity.conduct import (
    ENCRYPTED,
    PLAIN,
    Profile,
    assert_refused,
    get,
    opened_office,
    walk,
)
from tests.identity.lying_provider import ABSENT
from tests.identity.office import CHEAP, arrive, opened


def lie_of(**changed: Any) -> Any:
    return lambda provider: provider.lies.id_claims.update(changed)


def try_one(profile: Profile, directory: Any, lie: Any, reason: str | None, **more: Any) -> None:
    """A login under one lie: refused for `reason`, or good where that is None."""
    with opened_office(profile, directory, **more) as (provider, site):
        browser = site.browser()
        answer = walk(site, provider, browser, lie=lie)
        if reason is None:
            assert answer.status_code == 303, site.outcomes[-1].reason
        else:
            cause = "key_changed" if reason.startswith("person_key_off") else "not_verified"
            assert_refused(site, browser, answer, cause)
            assert site.outcomes[-1].reason == reason


@pytest.mark.parametrize(
    ("amr", "reason"),
    [
        (["pin", "mfa"], None),
        (["pwd"], "authentication_method"),
        ("mfa", "authentication_method"),
        (ABSENT, "authentication_method"),
    ],
)
def test_a_method_that_the_record_asks_must_be_in_the_answer(
    tmp_path: Any, amr: Any, reason: str | None
) -> None:
    try_one(Profile("amr", more={"amr": ["mfa"]}), tmp_path, lie_of(amr=amr), reason)


@pytest.mark.parametrize(
    ("auth_time", "reason"),
    [
        (ABSENT, "auth_time_absent"),
        (True, "auth_time_absent"),
        (1, "auth_time_too_old"),
        (99_999_999_999, "auth_time_too_old"),
    ],
)
def test_an_old_login_is_refused_where_the_record_asks_a_new_one(
    tmp_path: Any, auth_time: Any, reason: str
) -> None:
    profile = Profile("max-age", more={"max_age": 300})
    try_one(profile, tmp_path, lie_of(auth_time=auth_time), reason)


@pytest.mark.parametrize(
    ("vot", "reason"),
    [("Cl.Cm", None), ("Cl", "assurance_outside_the_set"), (ABSENT, "assurance_outside_the_set")],
)
def test_a_vector_of_trust_must_be_the_one_asked(
    tmp_path: Any, vot: Any, reason: str | None
) -> None:
    request = {"acr_values": [], "vtr": ["Cl.Cm"]}
    profile = Profile("vot", request=request, more={"assurance": {"vot:Cl.Cm": "low"}})
    try_one(profile, tmp_path, lie_of(vot=vot), reason)


def test_at_hash_is_needed_where_the_record_says_so(tmp_path: Any) -> None:
    answer = {"algs": ["ES256"], "userinfo": "jwt", "at_hash": "required"}
    profile = Profile("at-hash", more={"answer": answer})
    try_one(profile, tmp_path, lie_of(at_hash=ABSENT), "at_hash_absent")


def test_at_hash_may_be_absent_elsewhere(tmp_path: Any) -> None:
    try_one(PLAIN, tmp_path, lie_of(at_hash=ABSENT), None)


def test_the_issuer_in_the_callback_is_needed_where_the_record_says_so(tmp_path: Any) -> None:
    answer = {"algs": ["ES256"], "userinfo": "jwt", "iss_parameter": "required"}

    def lie(provider: Any) -> None:
        provider.lies.callback["iss"] = ABSENT

    with opened_office(Profile("iss", more={"answer": answer}), tmp_path) as (provider, site):
        provider.lies.metadata["authorization_response_iss_parameter_supported"] = False
        browser = site.browser()
        answer_given = walk(site, provider, browser, lie=lie)
        assert_refused(site, browser, answer_given, "not_verified")


def test_any_acr_is_taken_where_the_record_says_so_knowingly(tmp_path: Any) -> None:
    request = {"acr_values": []}
    profile = Profile("any", request=request, more={"assurance": {"*": "low"}})
    try_one(profile, tmp_path, lie_of(acr=ABSENT), None)


def person(**changed: Any) -> Profile:
    record = {"namespace": "fr-test", "one_per": "person", **changed}
    return Profile("person", more={"person": record})


@pytest.mark.parametrize(
    ("sub", "reason"),
    [
        ("a" * 64 + "v1", None),
        ("a" * 64, "person_key_off_pattern"),
        ("a" * 64 + "v2", "person_key_off_pattern"),
    ],
)
def test_a_key_off_its_pattern_is_never_a_new_person(
    tmp_path: Any, sub: str, reason: str | None
) -> None:
    def lie(provider: Any) -> None:
        provider.claims["sub"] = sub
        for token in provider.access:
            provider.access[token] = sub

    try_one(person(pattern="[0-9a-f]{64}v1"), tmp_path, lie, reason)


def test_a_key_claim_that_is_missing_is_refused(tmp_path: Any) -> None:
    try_one(person(key="number"), tmp_path, lie_of(number=ABSENT), "person_key_missing")


def test_a_national_number_is_read_in_its_one_form_and_stretched(tmp_path: Any) -> None:
    profile = person(key="nn", form="be-number", stretch=True, **{"from": "userinfo"})
    values = []
    with opened_office(profile, tmp_path) as (provider, site):
        for spelling in ("85.07.30-033 28", "85073003328"):
            provider.user["nn"] = spelling
            browser = site.browser()
            assert walk(site, provider, browser).status_code == 303, site.outcomes[-1]
            values.append(opened(site, browser).u)

        def prf(message: bytes) -> bytes:
            return site.borders.identity_keys.prf("pepper/2026a", message)

        key = stretched_key(prf, realm="citizens", key=b"85073003328", cost=CHEAP)
        wanted = identity_value(
            prf,
            deployment="petitions.example.org",
            realm="citizens",
            context=bytes(range(16)),
            namespace="fr-test",
            key=key,
        )
        assert values == [wanted, wanted]


def test_a_national_number_with_wrong_check_digits_alarms(tmp_path: Any) -> None:
    profile = person(key="nn", form="be-number", stretch=True)
    try_one(profile, tmp_path, lie_of(nn="85073003329"), "person_key_off_form")


def test_two_providers_on_one_national_number_count_one_person_once(tmp_path: Any) -> None:
    more = {
        "person": {
            "namespace": "be",
            "key": "nn",
            "form": "be-number",
            "stretch": True,
            "one_per": "person",
        }
    }
    also = {"second": {"like": "lying", "page": {"label": "Second"}}}
    realm = {"providers": ["lying", "second"]}
    with opened_office(Profile("two", more=more), tmp_path, also=also, realm=realm) as (
        provider,
        site,
    ):
        provider.claims["nn"] = "85073003328"
        found = set()
        for name in ("lying", "second"):
            browser = site.browser()
            arrive(site, browser)
            assert get(browser, "/identity/start").status_code == 200
            away = get(browser, f"/identity/go/{name}").headers["Location"]
            provider.claims["sub"] = f"sub-at-{name}"
            assert get(browser, provider.log_in(away)).status_code == 303
            found.add(opened(site, browser).u)
        assert len(found) == 1


def test_an_answer_that_is_not_encrypted_is_refused_where_it_must_be(tmp_path: Any) -> None:
    def lie(provider: Any) -> None:
        provider.lies.plain = True

    try_one(ENCRYPTED, tmp_path, lie, "not_encrypted")


def test_an_encrypted_answer_is_refused_where_none_was_asked(tmp_path: Any) -> None:
    with opened_office(ENCRYPTED, tmp_path) as (provider, site):
        record = site.settings.providers["lying"].record
        plain = msgspec.structs.replace(
            record, answer=msgspec.structs.replace(record.answer, encrypted=None)
        )
        found = site.service.providers["lying"]
        found.settings = replace(found.settings, record=plain)
        browser = site.browser()
        assert_refused(site, browser, walk(site, provider, browser), "not_verified")
        assert site.outcomes[-1].reason == "not_signed"


def test_a_key_agreement_that_is_not_pinned_is_refused(tmp_path: Any) -> None:
    def lie(provider: Any) -> None:
        provider.lies.sealing["alg"] = "ECDH-ES+A128KW"

    try_one(ENCRYPTED, tmp_path, lie, "encryption_not_pinned")


def test_an_encrypted_text_that_is_no_signed_token_is_refused(tmp_path: Any) -> None:
    def lie(provider: Any) -> None:
        provider.lies.text = lambda _text: '{"sub": "alice"}'

    try_one(ENCRYPTED, tmp_path, lie, "not_signed")
