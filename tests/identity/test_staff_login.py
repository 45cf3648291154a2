"""Clerks log in with two factors and the roles of now; everybody can leave the provider."""

from __future__ import annotations

from dataclasses import replace
from typing import Any
from urllib.parse import parse_qs

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
