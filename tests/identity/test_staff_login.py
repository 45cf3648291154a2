"""Clerks log in with two factors and the roles of now; everybody can leave the provider."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from typing import Any
from urllib.parse import parse_qs

import pytest

from identity.passes import StaffAsk
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
from tests.identity.office import (
    RETURN_TO,
    SITE,
    ask,
    cookie_names,
    opened,
    opened_by_staff,
)


def test_leaving_the_provider_uses_the_token_once(tmp_path: Any) -> None:
    page = {"label": "The provider", "logout": "id_token_hint"}
    with opened_office(Profile("leaving", more={"page": page}), tmp_path) as (provider, site):
        browser = site.browser()
        walk(site, provider, browser)
        cookie = browser.get_cookie("leave", domain="127.0.0.1", path="/identity/leave")
        assert cookie is not None
        assert "alice" not in cookie.value
        answer = get(browser, "/identity/leave")
        assert answer.headers["Location"].startswith(f"{provider.issuer}/leave?id_token_hint=")
        asked = parse_qs(answer.headers["Location"].partition("?")[2])
        assert asked["post_logout_redirect_uri"] == [f"{SITE}/identity/left"]
        answer = get(browser, f"/identity/left?state={asked['state'][0]}")
        assert answer.status_code == 200
        assert site.last_page()["confirmed"] is True
        assert site.last_page()["return_to"] == RETURN_TO
        assert cookie_names(browser) == {"pass"}
        assert get(browser, "/identity/leave").headers["Location"] == "/identity/left"
        assert get(browser, "/identity/left?state=").status_code == 200
        assert site.last_page()["confirmed"] is False


def test_the_hint_of_a_logout_is_the_token_without_our_encryption(tmp_path: Any) -> None:
    page = {"label": "The provider", "logout": "id_token_hint"}
    leaving = replace(ENCRYPTED, more={"page": page})
    with opened_office(leaving, tmp_path) as (provider, site):
        browser = site.browser()
        walk(site, provider, browser)
        away = get(browser, "/identity/leave").headers["Location"]
        hint = parse_qs(away.partition("?")[2])["id_token_hint"][0]
        assert hint.count(".") == 2


def test_a_page_after_a_finished_login_offers_to_leave(tmp_path: Any) -> None:
    page = {"label": "The provider", "logout": "id_token_hint"}
    with opened_office(Profile("leaving", more={"page": page}), tmp_path) as (provider, site):
        browser = site.browser()
        walk(site, provider, browser, ask(site.now, who={"age_min": 99}))
        assert site.last_page()["leave"] == {"href": "/identity/leave", "text": "The provider"}
        assert "leave" in cookie_names(browser)


STAFF_PROVIDER = {
    "like": "lying",
    "person": {"namespace": "office-staff", "one_per": "account"},
    "request": {},
    "attributes": {},
}
STAFF = {
    "providers": ["staff"],
    "scopes": ["profile"],
    "roles": {"claim": "groups", "map": {"petitions-clerk": "clerk", "petitions-head": "officer"}},
}


def test_a_clerk_gets_a_staff_pass_with_the_roles_of_this_login(tmp_path: Any) -> None:
    also = {"staff": STAFF_PROVIDER}
    with opened_office(PLAIN, tmp_path, also=also, staff=STAFF) as (provider, site):
        asked = StaffAsk(return_to="/desk", lang="en", rid=b"s" * 16)
        provider.claims.update(acr="eidas2", name="Alice Clerk", groups=["petitions-clerk", "x"])
        browser = site.browser()
        answer = walk(site, provider, browser, asked)
        assert answer.headers["Location"] == "/desk"
        found = opened_by_staff(site, browser, asked)
        assert (found.name, found.roles) == ("Alice Clerk", ("clerk",))
        assert "profile" in provider.asked[-1]["scope"]
        citizen = site.browser()
        walk(site, provider, citizen)
        assert opened(site, citizen).u != found.key
        provider.claims["groups"] = []
        walk(site, provider, browser, asked)
        assert opened_by_staff(site, browser, asked).roles == ()


def test_a_clerk_without_second_factor_is_refused(tmp_path: Any) -> None:
    also = {"staff": STAFF_PROVIDER}
    with opened_office(PLAIN, tmp_path, also=also, staff=STAFF) as (provider, site):
        asked = StaffAsk(return_to="/desk", lang="en", rid=b"s" * 16)
        browser = site.browser()
        assert_refused(site, browser, walk(site, provider, browser, asked), "too_low")


def test_sealing_asks_a_login_made_now(tmp_path: Any) -> None:
    also = {"staff": STAFF_PROVIDER}
    with opened_office(PLAIN, tmp_path, also=also, staff=STAFF) as (provider, site):
        provider.claims["acr"] = "eidas2"
        asked = StaffAsk(return_to="/desk", lang="en", rid=b"s" * 16, fresh=True)
        browser = site.browser()
        old = int(site.now.timestamp()) - 600

        def lie(_provider: Any) -> None:
            provider.lies.id_claims["auth_time"] = old

        answer = walk(site, provider, browser, asked, lie=lie)
        assert_refused(site, browser, answer, "not_verified")
        assert site.outcomes[-1].reason == "auth_time_too_old"
        assert provider.asked[-1]["prompt"] == "login"
        assert provider.asked[-1]["max_age"] == "0"
        assert walk(site, provider, browser, asked).status_code == 303


def fresh_and_then(staff: Any, tmp_path: Any, *claims: Any, fresh: bool) -> Any:
    """The staff pass of one login each; None where it was refused."""
    found = []
    with opened_office(PLAIN, tmp_path, also={"staff": STAFF_PROVIDER}, staff=staff) as opened_one:
        provider, site = opened_one
        asked = StaffAsk(return_to="/desk", lang="en", rid=b"s" * 16, fresh=fresh)
        for changed in claims:
            browser = site.browser()

            def lie(_provider: Any, changed: Any = changed) -> None:
                provider.lies.id_claims.update(changed)

            answer = walk(site, provider, browser, asked, lie=lie)
            good = answer.status_code == 303
            found.append(
                opened_by_staff(site, browser, asked) if good else site.outcomes[-1].reason
            )
    return found


def test_the_time_of_a_login_is_the_providers_word_and_never_made_up(tmp_path: Any) -> None:
    at = int(datetime.now(UTC).timestamp()) - 7200
    high = {"acr": "eidas2"}
    said, unsaid, odd = fresh_and_then(
        STAFF, tmp_path, {**high, "auth_time": at}, {**high, "auth_time": ABSENT},
        {**high, "auth_time": True}, fresh=False,
    )  # fmt: skip
    assert said.auth_time == datetime.fromtimestamp(at, UTC)
    assert unsaid.auth_time is None
    assert odd.auth_time is None


def test_a_provider_that_does_not_say_when_is_refused_where_it_was_asked(tmp_path: Any) -> None:
    high = {"acr": "eidas2"}
    found = fresh_and_then(
        STAFF, tmp_path, {**high, "auth_time": ABSENT}, {**high, "auth_time": True}, high,
        fresh=True,
    )  # fmt: skip
    assert found[:2] == ["auth_time_absent", "auth_time_absent"]
    assert found[2].auth_time is not None


def test_a_second_factor_is_asked_by_its_method_too(tmp_path: Any) -> None:
    staff = {**STAFF, "amr": ["mfa", "hwk"]}
    found = fresh_and_then(
        staff, tmp_path, {"amr": ["pwd", "hwk"]}, {"amr": ["mfa"], "acr": "eidas1"},
        {"amr": ["pwd"]}, {"amr": []}, {}, {"amr": "mfa"}, {"amr": ["pwd"], "acr": "eidas2"},
        {"amr": [["mfa"]]}, fresh=False,
    )  # fmt: skip
    assert [each if isinstance(each, str) else "in" for each in found] == [
        "in", "in", *["second_factor_absent"] * 6,
    ]  # fmt: skip


@pytest.mark.parametrize(("hour", "last"), [(8, 480), (18, 420)], ids=["morning", "evening"])
def test_the_goodbye_to_the_houses_login_is_possible_all_day(
    tmp_path: Any, hour: int, last: int
) -> None:
    """A working day long; an evening's only until its day's key goes, at 01:00 UTC."""
    page = {"label": "The house", "logout": "id_token_hint"}
    also = {"staff": {**STAFF_PROVIDER, "page": page}}
    begun = datetime.now(UTC).replace(hour=hour, minute=0, second=0)
    with opened_office(PLAIN, tmp_path, also=also, staff=STAFF, now=begun) as (provider, site):
        asked = StaffAsk(return_to="/desk", lang="en", rid=b"s" * 16)
        provider.claims["acr"] = "eidas2"
        for minutes, there in ((last - 1, True), (last + 1, False)):
            browser = site.browser()
            walk(site, provider, browser, asked)
            site.later(minutes=minutes)
            away = get(browser, "/identity/leave").headers["Location"]
            assert away.startswith(f"{provider.issuer}/leave?") is there
            site.later(minutes=-minutes)
