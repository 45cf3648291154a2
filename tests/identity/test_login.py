"""Good logins: every profile passes, and a pass says no more than it must."""

from __future__ import annotations

import json
from dataclasses import fields, replace
from datetime import UTC, date, datetime
from typing import Any
from urllib.parse import parse_qs

import pytest

from identity.pseudonym import identity_value
from identity.service import IdentityService
from tests.identity.conduct import (
    ENCRYPTED,
    EVERY_LOGIN,
    PLAIN,
    PUSHED,
    Profile,
    assert_refused,
    fresh_store,
    get,
    leave_for,
    opened_office,
    walk,
)
from tests.identity.lying_provider import ABSENT, Lies
from tests.identity.office import (
    RETURN_TO,
    SITE,
    arrive,
    ask,
    cookie_names,
    opened,
)


@pytest.mark.parametrize("profile", EVERY_LOGIN, ids=lambda profile: profile.name)
def test_a_good_login_of_every_profile_gives_a_pass(profile: Profile, tmp_path: Any) -> None:
    with opened_office(profile, tmp_path) as (provider, site):
        browser = site.browser()
        asked = ask(site.now, who={"age_min": 18}, classes={"adult": {"age_min": 18}})
        answer = walk(site, provider, browser, asked)
        assert (answer.status_code, answer.headers["Location"]) == (303, RETURN_TO)
        found = opened(site, browser, asked)
        assert found.u == identity_value(
            lambda message: site.borders.identity_keys.prf("pepper/2026a", message),
            deployment="petitions.example.org",
            realm="citizens",
            context=asked.context,
            namespace="fr-test",
            key=b"alice-at-lying",
        )
        assert (found.classes, found.declare, found.area) == (("adult",), (), None)
        assert cookie_names(browser) == {"pass"}


def test_the_namespace_and_not_the_issuer_decides_u(tmp_path: Any) -> None:
    values = []
    for place in ("before", "after"):  # another port, so another issuer
        (tmp_path / place).mkdir()
        with opened_office(PLAIN, tmp_path / place) as (provider, site):
            site.service.keystore = _one_pepper()
            browser = site.browser()
            walk(site, provider, browser)
            values.append((provider.issuer, opened(site, browser).u))
    assert values[0][0] != values[1][0]
    assert values[0][1] == values[1][1]


def test_another_petition_another_realm_or_another_person_is_another_u(tmp_path: Any) -> None:
    with opened_office(PLAIN, tmp_path) as (provider, site):
        seen = set()
        for context, sub in ((b"a" * 16, "one"), (b"b" * 16, "one"), (b"a" * 16, "two")):
            provider.claims["sub"] = sub
            browser, asked = site.browser(), ask(site.now, context=context)
            walk(site, provider, browser, asked)
            seen.add(opened(site, browser, asked).u)
        assert len(seen) == 3


def test_withdrawing_finds_the_u_of_signing(tmp_path: Any) -> None:
    with opened_office(PLAIN, tmp_path) as (provider, site):
        found = []
        for purpose in ("sign", "withdraw"):
            browser, asked = site.browser(), ask(site.now, purpose=purpose)
            walk(site, provider, browser, asked)
            found.append(opened(site, browser, asked).u)
        assert found[0] == found[1]


def test_a_pushed_request_shows_the_browser_a_reference_only(tmp_path: Any) -> None:
    with opened_office(PUSHED, tmp_path) as (provider, site):
        url = leave_for(site, site.browser())
        assert set(parse_qs(url.partition("?")[2])) == {"client_id", "request_uri"}
        assert provider.calls[-1] == "/par"


def test_userinfo_is_not_asked_where_nothing_lives_there(tmp_path: Any) -> None:
    with opened_office(PLAIN, tmp_path, realm={"attributes": []}) as (provider, site):
        walk(site, provider, site.browser())
        assert "/userinfo" not in provider.calls


def test_one_provider_with_a_plain_button_is_gone_straight_to(tmp_path: Any) -> None:
    with opened_office(PLAIN, tmp_path) as (_, site):
        browser = site.browser()
        arrive(site, browser)
        assert get(browser, "/identity/start").headers["Location"] == "/identity/go/lying"


def test_a_compulsory_button_and_a_second_provider_are_shown_to_choose(tmp_path: Any) -> None:
    official = Profile("official", more={"page": {"label": "Official", "button": "official"}})
    with opened_office(official, tmp_path) as (_, site):
        browser = site.browser()
        arrive(site, browser)
        answer = get(browser, "/identity/start")
        assert answer.status_code == 200
        template, page = site.pages[-1]
        assert template == "identity/chooser.html"
        assert [one["href"] for one in page["providers"]] == ["/identity/go/lying"]
        assert page["providers"][0]["official"] is True
        assert page["attributes"] == ("birthdate",)


def test_keys_of_clients_are_published_without_their_private_halves(tmp_path: Any) -> None:
    with opened_office(ENCRYPTED, tmp_path) as (_, site):
        answer = get(site.browser(), "/identity/keys.json")
        listed = answer.get_json()["keys"]
        assert {key["use"] for key in listed} == {"sig", "enc"}
        assert not any("d" in key for key in listed)
        assert "max-age" in answer.headers["Cache-Control"]


def test_a_declared_condition_travels_to_the_confirm_page(tmp_path: Any) -> None:
    realm = {"declared": ["citizen_of", "resident_of"]}
    with opened_office(PLAIN, tmp_path, realm=realm) as (provider, site):
        who = {"age_min": 18, "any": [{"citizen_of": "FR"}, {"resident_of": "FR"}]}
        browser, asked = site.browser(), ask(site.now, who=who)
        walk(site, provider, browser, asked)
        declared = ({"any": [{"citizen_of": "FR"}, {"resident_of": "FR"}]},)
        assert opened(site, browser, asked).declare == declared


def test_an_area_is_a_code_and_the_postcode_is_dropped(tmp_path: Any) -> None:
    more = {
        "attributes": {"area": {"claim": "address", "member": "postal_code", "from": "userinfo"}}
    }
    profile, realm = Profile("area", more=more), {"attributes": ["area"]}
    with opened_office(profile, tmp_path, realm=realm) as (provider, site):
        site.service.area_code = lambda table, place: {("fr", "75011"): "75"}.get((table, place))
        provider.user = {"address": {"postal_code": "75011"}}
        browser, asked = site.browser(), ask(site.now, area="fr")
        walk(site, provider, browser, asked)
        assert opened(site, browser, asked).area == "75"
        provider.user = {"address": {"postal_code": "99999"}}
        browser = site.browser()
        walk(site, provider, browser, asked)
        assert opened(site, browser, asked).area is None


def test_a_person_who_is_too_young_is_told_the_one_condition(tmp_path: Any) -> None:
    with opened_office(PLAIN, tmp_path) as (provider, site):
        provider.user = {"birthdate": "2015-01-01"}
        browser, asked = site.browser(), ask(site.now, who={"age_min": 18})
        answer = walk(site, provider, browser, asked)
        template, page = site.pages[-1]
        assert (answer.status_code, template) == (403, "identity/ineligible.html")
        assert page["facts"] == {
            "condition": "age_min", "wanted": 18, "on": asked.on, "purpose": "sign",
        }  # fmt: skip
        assert "2015" not in answer.get_data(as_text=True)
        assert "pass" not in cookie_names(browser)


@pytest.mark.parametrize("birthdate", [ABSENT, "", "0000-05-01", "soon", 1990])
def test_a_missing_or_unusable_fact_refuses(tmp_path: Any, birthdate: Any) -> None:
    with opened_office(PLAIN, tmp_path) as (provider, site):
        provider.user = {"birthdate": birthdate}
        browser = site.browser()
        answer = walk(site, provider, browser, ask(site.now, who={"age_min": 18}))
        assert_refused(site, browser, answer, "fact_missing")
        assert site.last_page()["facts"] == {"fact": "age_min"}


def test_a_login_below_the_level_asked_is_refused(tmp_path: Any) -> None:
    with opened_office(PLAIN, tmp_path) as (provider, site):
        browser = site.browser()
        asked = ask(site.now, assurance="substantial")
        assert_refused(site, browser, walk(site, provider, browser, asked), "too_low")
        provider.claims["acr"] = "eidas2"
        assert walk(site, provider, browser, asked).status_code == 303


def test_a_yes_about_an_age_holds_for_the_day_of_the_login_only(tmp_path: Any) -> None:
    more = {"attributes": {"age_18": {"claim": "age_gte_18", "from": "userinfo"}}}
    profile, realm = Profile("yes-no", more=more), {"attributes": ["age_18"]}
    with opened_office(profile, tmp_path, realm=realm) as (provider, site):
        provider.user = {"age_gte_18": True}
        browser = site.browser()
        assert walk(site, provider, browser, ask(site.now, who={"age_min": 16})).status_code == 303
        asked = ask(site.now, who={"age_min": 18}, on=date(2020, 1, 1))
        assert walk(site, provider, site.browser(), asked).status_code == 403
        assert site.last_page()["cause"] == "fact_missing"
        provider.user = {"age_gte_18": "yes"}
        assert (
            walk(site, provider, site.browser(), ask(site.now, who={"age_min": 18})).status_code
            == 403
        )


def test_a_realm_or_pepper_that_does_not_exist_is_a_fault_of_ours(tmp_path: Any) -> None:
    with opened_office(PLAIN, tmp_path) as (provider, site):
        browser = site.browser()
        arrive(site, browser, ask(site.now, realm="nowhere"))
        assert get(browser, "/identity/start").status_code == 502
        assert site.outcomes[-1].reason == "realm_unknown"
        answer = walk(site, provider, browser, ask(site.now, kid="1999"))
        assert_refused(site, browser, answer, "set_up")
        assert site.outcomes[-1].reason == "key_is_missing"
        answer = walk(site, provider, browser, ask(site.now, who={"height_min": 180}))
        assert site.outcomes[-1].reason == "predicate_unknown"


def test_a_start_without_a_request_sends_nobody_anywhere(tmp_path: Any) -> None:
    with opened_office(PLAIN, tmp_path) as (provider, site):
        browser = site.browser()
        for path in ("/identity/start", "/identity/go/lying"):
            assert get(browser, path).status_code == 400
            assert site.last_page()["cause"] == "other_browser"
        arrive(site, browser)
        site.later(minutes=21)
        assert get(browser, "/identity/start").status_code == 400
        assert site.last_page()["cause"] == "too_late"
        assert get(browser, "/identity/go/nobody").status_code == 404
        assert provider.calls == []


def test_a_head_request_spends_nothing(tmp_path: Any) -> None:
    with opened_office(PLAIN, tmp_path) as (provider, site):
        browser = site.browser()
        provider.lies = Lies()
        back = provider.log_in(leave_for(site, browser)).removeprefix(SITE)
        assert browser.head(back, base_url=SITE).status_code == 405
        assert get(browser, back).status_code == 303


def test_rotated_keys_are_found_by_the_next_login(tmp_path: Any) -> None:
    from tests.identity.lying_provider import new_key

    with opened_office(PLAIN, tmp_path) as (provider, site):
        store = site.service.providers["lying"].store
        at = [1000.0]
        store._clock = lambda: at[0]
        assert walk(site, provider, site.browser()).status_code == 303
        old, provider.key = provider.key, new_key("ES256", "provider-2")
        at[0] += 61
        assert walk(site, provider, site.browser()).status_code == 303
        browser = site.browser()

        def lie(_provider: Any) -> None:
            provider.lies.sign = lambda head, body: provider.sign_raw(
                {**head, "kid": "provider-1"}, json.dumps(body).encode(), old
            )

        assert_refused(site, browser, walk(site, provider, browser, lie=lie), "not_verified")


def test_production_refuses_a_cheap_stretching(tmp_path: Any) -> None:
    with opened_office(PLAIN, tmp_path) as (_, site):
        ports = {
            each.name: getattr(site.service, each.name)
            for each in fields(IdentityService)
            if each.init
        }
        ports["settings"] = replace(site.settings, environment="production")
        with pytest.raises(Exception, match="must be the designed one in production"):
            IdentityService(**ports)


def test_a_login_that_spans_midnight_still_opens(tmp_path: Any) -> None:
    with opened_office(PLAIN, tmp_path) as (provider, site):
        site.borders.now = datetime.now(UTC).replace(hour=23, minute=59, second=50)
        provider_clock = site.now.timestamp()
        browser = site.browser()
        provider.lies = Lies()
        fresh_store(site)
        url = leave_for(site, browser)
        provider.lies.id_claims.update(iat=int(provider_clock), exp=int(provider_clock) + 60)
        site.later(seconds=20)
        assert get(browser, provider.log_in(url)).status_code == 303
        assert opened(site, browser, ask(site.now)).assurance == "low"


def _one_pepper() -> Any:
    import hmac

    class Pepper:
        def prf(self, _key: str, message: bytes) -> bytes:
            return hmac.digest(b"one pepper for two sites", message, "sha256")

    return Pepper()
