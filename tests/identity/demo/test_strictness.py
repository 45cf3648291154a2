"""What the demonstration provider refuses, as the strict providers of real life do."""

import pytest
from werkzeug.datastructures import MultiDict

from tests.identity.demo import walk
from tests.identity.demo.walk import Walk, answer

STERN = ("strict", "plus")


def page_of_fault(response, code):
    assert response.status_code == 400
    assert "Location" not in response.headers
    assert code in response.text
    assert "emonstration" in response.text
    return True


# -- the request -----------------------------------------------------------------------------


@pytest.mark.parametrize("profile", STERN)
@pytest.mark.parametrize(
    "changes",
    [
        {"code_challenge": walk.CHALLENGE},
        {"code_challenge_method": "S256"},
        {"max_age": "0"},
        {"login_hint": "amina"},
        {"response_mode": "query"},
        {"request": "eyJ"},
        {"request_uri": "urn:x"},
        {"anything": "else"},
        {"prompt": "none"},
        {"prompt": "select_account"},
        {"prompt": "login select_account"},
        {"prompt": ""},
        {"claims": "{"},
        {"claims": '["birthdate"]'},
        {"claims": '{"userinfo":3}'},
        {"state": None},
        {"nonce": None},
        {"state": "s" * 21},
        {"nonce": "n" * 21},
        {"acr_values": None},
        {"scope": None},
        {"redirect_uri": None},
        {"response_type": None},
        {"client_id": None},
    ],
    ids=str,
)
def test_a_parameter_off_the_list_missing_or_too_short_ends_on_page_y030007(profile, changes):
    assert page_of_fault(Walk(profile).authorize(**changes), "Y030007")


def test_twenty_two_characters_of_state_and_nonce_are_enough_by_get_and_not_by_post():
    site = Walk()
    short = {"state": "s" * 22, "nonce": "n" * 22}
    assert site.authorize(**short).status_code == 200
    posted = site.browser.post(f"{site.issuer}/authorize", data=site.request(**short))
    assert page_of_fault(posted, "Y030007")
    posted = site.browser.post(f"{site.issuer}/authorize", data=site.request())
    assert posted.status_code == 200


@pytest.mark.parametrize("prompt", ["login", "consent", "login consent", "consent login"])
def test_login_and_consent_may_be_prompted(prompt):
    assert Walk().authorize(prompt=prompt).status_code == 200


def test_all_of_the_allowed_parameters_together_are_accepted():
    page = Walk().authorize(
        prompt="login", idp_hint="x", ui_locales="fr", claims='{"id_token":{"amr":null}}'
    )
    assert page.status_code == 200


@pytest.mark.parametrize("profile", ["strict", "generic"])
def test_a_parameter_given_twice_ends_on_a_page(profile):
    site = Walk(profile)
    pairs = [*site.request().items(), ("scope", "openid")]
    sent = MultiDict(pairs)
    page = site.browser.get(f"{site.issuer}/authorize", query_string=sent)
    assert page_of_fault(page, "Y030007")


@pytest.mark.parametrize("profile", ["strict", "plus", "generic"])
def test_an_unknown_client_ends_on_its_page(profile):
    site = Walk(profile)
    for client in ("office", "Petitions", "petitions "):
        assert page_of_fault(site.authorize(client_id=client), "Y04EA6EF")


@pytest.mark.parametrize("profile", ["strict", "plus", "generic"])
@pytest.mark.parametrize(
    "uri",
    [
        walk.CALLBACKS["citizens"] + "/",
        walk.CALLBACKS["citizens"] + "?a=b",
        walk.CALLBACKS["staff"],
        "http://127.0.0.1:8000.example.org/identity/callback/demo",
        "https://127.0.0.1:8000/identity/callback/demo",
    ],
)
def test_another_return_address_ends_on_its_page(profile, uri):
    assert page_of_fault(Walk(profile).authorize(redirect_uri=uri), "Y04C013C")


@pytest.mark.parametrize("profile", ["strict", "plus", "generic"])
@pytest.mark.parametrize(
    ("changes", "error"),
    [
        ({"acr_values": "eidas9"}, "invalid_acr"),
        ({"acr_values": "{good} eidas9"}, "invalid_acr"),
        ({"scope": "profile"}, "invalid_scope"),
        ({"scope": "openid email"}, "invalid_scope"),
        ({"scope": "openid groups"}, "invalid_scope"),
        ({"response_type": "id_token"}, "unsupported_response_type"),
        ({"response_type": "code id_token"}, "unsupported_response_type"),
    ],
)
def test_these_errors_go_back_with_state_and_issuer(profile, changes, error):
    site = Walk(profile)
    changes = {n: v.format(good=walk.ACR[profile]) for n, v in changes.items()}
    given = answer(site.authorize(**changes))
    assert given == {"error": error, "state": walk.STATE, "iss": site.issuer}


@pytest.mark.parametrize("level", ["eidas2", "eidas3"])
def test_the_level_asked_first_is_the_level_given(level):
    site = Walk("plus")
    page = site.authorize(acr_values=f"{level} eidas2 eidas3")
    claims = site.claims(site.opened(site.token(site.code(page)).json["id_token"])[1])
    assert claims["acr"] == level


def test_a_plain_provider_knows_no_level_of_the_stronger_one():
    assert answer(Walk("strict").authorize(acr_values="eidas2"))["error"] == "invalid_acr"
    assert answer(Walk("plus").authorize(acr_values="eidas1"))["error"] == "invalid_acr"


@pytest.mark.parametrize(
    "changes",
    [
        {"code_challenge": None},
        {"code_challenge": "short"},
        {"code_challenge_method": None},
        {"code_challenge_method": "plain"},
        {"anything": "else"},
        {"response_mode": "fragment"},
        {"response_type": None},
        {"claims": "{"},
    ],
    ids=str,
)
def test_generic_sends_a_request_without_its_challenge_or_beyond_its_list_back(changes):
    assert answer(Walk("generic").authorize(**changes))["error"] == "invalid_request"


def test_generic_never_logs_in_silently():
    assert answer(Walk("generic").authorize(prompt="none"))["error"] == "login_required"


# -- pushed requests -------------------------------------------------------------------------


def test_norwegian_takes_no_request_from_the_address_bar():
    site = Walk("norwegian")
    direct = site.browser.get(f"{site.issuer}/authorize", query_string=site.request())
    assert page_of_fault(direct, "Y030007")


def test_a_pushed_request_serves_once_and_for_a_minute():
    site = Walk("norwegian")
    for wait, again in ((0, True), (61, False)):
        name = site.push(site.request()).json["request_uri"]
        site.clock.seconds += wait
        sent = {"client_id": "petitions", "request_uri": name}
        first = site.browser.get(f"{site.issuer}/authorize", query_string=sent)
        assert first.status_code == (200 if again else 400)
        second = site.browser.get(f"{site.issuer}/authorize", query_string=sent)
        assert page_of_fault(second, "Y030007")


def test_a_pushed_request_of_another_client_id_is_not_shown():
    site = Walk("norwegian")
    sent = {"client_id": "other", "request_uri": site.push(site.request()).json["request_uri"]}
    assert page_of_fault(
        site.browser.get(f"{site.issuer}/authorize", query_string=sent), "Y04EA6EF"
    )


@pytest.mark.parametrize(
    ("changes", "error"),
    [
        ({"redirect_uri": "http://127.0.0.1:8000/elsewhere"}, "invalid_request"),
        ({"acr_values": "eidas1"}, "invalid_acr"),
        ({"code_challenge": None}, "invalid_request"),
        ({"scope": "email"}, "invalid_scope"),
        ({"login_hint": "x"}, "invalid_request"),
    ],
)
def test_a_bad_pushed_request_is_refused_at_once(changes, error):
    site = Walk("norwegian")
    refused = site.push(site.request(**changes))
    assert (refused.status_code, refused.json) == (400, {"error": error})


def test_a_request_is_pushed_by_the_client_alone():
    site = Walk("norwegian")
    refused = site.server.post(f"{site.issuer}/par", data=site.request())
    assert (refused.status_code, refused.json) == (401, {"error": "invalid_client"})


@pytest.mark.parametrize("profile", ["strict", "plus", "generic"])
def test_the_other_profiles_take_no_pushed_request(profile):
    site = Walk(profile)
    assert site.server.post(f"{site.issuer}/par", data=site.request()).status_code == 404


# -- the way out -----------------------------------------------------------------------------


@pytest.mark.parametrize(
    "changes",
    [
        {"id_token_hint": None},
        {"state": None},
        {"state": ""},
        {"post_logout_redirect_uri": None},
        {"post_logout_redirect_uri": "http://127.0.0.1:8000/"},
        {"id_token_hint": "made.up.hint"},
        {"client_id": "petitions"},
    ],
    ids=str,
)
def test_a_way_out_without_its_three_right_parameters_leads_nowhere(changes):
    site = Walk()
    hint = site.token(site.code()).json["id_token"]
    good = {"id_token_hint": hint, "state": "x", "post_logout_redirect_uri": walk.LEFT}
    given = {n: v for n, v in (good | changes).items() if v is not None}
    page_of_fault(site.browser.get(f"{site.issuer}/session/end", query_string=given), "Y0")


def test_the_hint_of_another_issuer_leads_nowhere():
    site = Walk("generic")
    hint = site.token(site.code()).json["id_token"]
    site.audience = "staff"
    given = {"id_token_hint": hint, "state": "x", "post_logout_redirect_uri": walk.LEFT}
    page_of_fault(site.browser.get(f"{site.issuer}/session/end", query_string=given), "Y030007")
