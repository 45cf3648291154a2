"""What the demonstration provider refuses, as the strict providers of real life do."""

import base64
import json

import pytest
from joserfc.jwk import ECKey, RSAKey
from werkzeug.datastructures import MultiDict

from tests.identity.demo import walk
from tests.identity.demo.walk import Walk, answer

STERN = ("strict", "plus")
MILD = ("generic", "norwegian")


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


# -- the code --------------------------------------------------------------------------------


def test_a_code_used_twice_is_refused_and_its_access_token_dies():
    site = Walk()
    code = site.code()
    access_token = site.token(code).json["access_token"]
    assert site.userinfo(access_token).status_code == 200
    again = site.token(code)
    assert (again.status_code, again.json) == (400, {"error": "invalid_grant"})
    assert site.userinfo(access_token).status_code == 401


def test_a_code_lives_thirty_seconds():
    site = Walk()
    code = site.code()
    site.clock.seconds += 29
    assert site.token(code).status_code == 200
    code = site.code()
    site.clock.seconds += 30
    assert site.token(code).json == {"error": "invalid_grant"}


def test_an_access_token_lives_sixty_seconds():
    site = Walk()
    access_token = site.token(site.code()).json["access_token"]
    site.clock.seconds += 59
    assert site.userinfo(access_token).status_code == 200
    site.clock.seconds += 1
    expired = site.userinfo(access_token)
    assert (expired.status_code, expired.json) == (401, {"error": "invalid_token"})


@pytest.mark.parametrize("profile", ["strict", *MILD])
@pytest.mark.parametrize("uri", [walk.CALLBACKS["citizens"] + "/", walk.CALLBACKS["staff"], None])
def test_a_code_is_refused_with_another_return_address_and_is_then_spent(profile, uri):
    site = Walk(profile)
    code = site.code()
    assert site.token(code, redirect_uri=uri).json == {"error": "invalid_grant"}
    assert site.token(code).json == {"error": "invalid_grant"}


@pytest.mark.parametrize("profile", MILD)
@pytest.mark.parametrize("verifier", [None, "w" * 64, "v" * 63, "v" * 200, "é" * 64])
def test_a_code_is_refused_without_the_verifier_of_its_challenge(profile, verifier):
    site = Walk(profile)
    assert site.token(site.code(), code_verifier=verifier).json == {"error": "invalid_grant"}


def test_a_code_of_the_citizens_issuer_is_worth_nothing_at_the_staff_issuer():
    site = Walk("generic")
    code = site.code()
    site.audience = "staff"
    assert site.token(code).json == {"error": "invalid_grant"}


def test_a_made_up_code_or_access_token_is_refused():
    site = Walk()
    assert site.token("made-up").json == {"error": "invalid_grant"}
    assert site.userinfo("made-up").status_code == 401
    nothing = site.server.get(f"{site.issuer}/userinfo")
    assert nothing.status_code == 401
    assert nothing.headers["WWW-Authenticate"].startswith("Bearer")


def test_only_the_code_grant_exists():
    site = Walk()
    refused = site.token(site.code(), grant_type="client_credentials")
    assert refused.json == {"error": "unsupported_grant_type"}


@pytest.mark.parametrize("changes", [{"code_verifier": walk.VERIFIER}, {"scope": "openid"}])
def test_a_strict_token_request_holds_nothing_off_the_list(changes):
    site = Walk()
    assert site.token(site.code(), **changes).json == {"error": "invalid_request"}


def test_a_token_field_sent_twice_is_refused():
    site = Walk()
    refused = site.token(site.code(), redirect_uri=[walk.CALLBACKS["citizens"]] * 2)
    assert refused.json == {"error": "invalid_request"}


# -- the client ------------------------------------------------------------------------------


def refused_client(response):
    assert (response.status_code, response.json) == (401, {"error": "invalid_client"})
    return True


@pytest.mark.parametrize("secret", ["", "wrong", walk.SECRETS["staff"], None])
def test_a_wrong_secret_is_refused_and_the_code_still_serves_its_owner(secret):
    site = Walk()
    code = site.code()
    assert refused_client(site.token(code, client_secret=secret))
    assert site.token(code).status_code == 200


@pytest.mark.parametrize("pair", ["office:wrong", "petitions:x", "office", "é"])
def test_a_wrong_basic_pair_is_refused(pair):
    site = Walk(audience="staff")
    header = "Basic " + base64.b64encode(pair.encode()).decode()
    assert refused_client(site.token(site.code(), headers={"Authorization": header}))


@pytest.mark.parametrize("header", ["Basic %%%", "Bearer x", "Basic"])
def test_a_header_that_is_not_basic_is_refused(header):
    site = Walk(audience="staff")
    assert refused_client(site.token(site.code(), headers={"Authorization": header}))


@pytest.mark.parametrize(
    ("profile", "way"),
    [
        ("strict", "basic"),
        ("plus", "basic"),
        ("norwegian", "post"),
        ("norwegian", "basic"),
        ("generic", "post"),
        ("generic", "key"),
    ],
)
def test_each_profile_takes_only_its_own_ways_of_proof(profile, way):
    site = Walk(profile)
    assert refused_client(site.token(site.code(), way=way))


def test_two_ways_of_proof_at_once_are_refused():
    site = Walk()
    form, _ = site.credentials("key")
    assert refused_client(site.token(site.code(), **form))


def test_the_client_id_of_another_is_refused_even_with_the_right_key():
    site = Walk()
    assert refused_client(site.token(site.code(), way="key", client_id="office"))


@pytest.mark.parametrize(
    "changes",
    [
        {"iss": "office"},
        {"sub": "office"},
        {"aud": "https://elsewhere.example"},
        {"aud": []},
        {"aud": None},
        {"exp": None},
        {"exp": True},
        {"exp": "2030"},
        {"exp": 1_772_445_600 - 31},
        {"exp": 1_772_445_600 + 3600},
        {"exp": float("nan")},
        {"exp": float("inf")},
        {"iat": 1_772_445_600 + 31},
        {"iat": True},
        {"jti": None},
        {"jti": ""},
        {"jti": 5},
    ],
    ids=str,
)
def test_an_assertion_with_a_wrong_claim_is_refused(changes):
    site = Walk()
    assertion = site.assertion(**changes)
    assert refused_client(site.token(site.code(), way="key", client_assertion=assertion))


@pytest.mark.parametrize("audience", ["issuer", "token", "list"])
def test_an_assertion_may_name_the_issuer_or_the_token_endpoint(audience):
    site = Walk()
    named = {"issuer": site.issuer, "token": f"{site.issuer}/token", "list": [site.issuer, "x"]}
    assertion = site.assertion(aud=named[audience])
    assert site.token(site.code(), way="key", client_assertion=assertion).status_code == 200


def test_an_assertion_shown_twice_is_refused():
    site = Walk()
    assertion = site.assertion()
    assert site.token(site.code(), way="key", client_assertion=assertion).status_code == 200
    assert refused_client(site.token(site.code(), way="key", client_assertion=assertion))


def test_an_assertion_of_a_foreign_unsigned_or_encryption_key_is_refused():
    site = Walk()
    foreign = ECKey.generate_key("P-256", {"use": "sig", "kid": "site-sig"})
    rsa = RSAKey.generate_key(2048, {"use": "sig", "kid": "site-sig"})
    sealing = ECKey.import_key({**walk.SEALING.as_dict(private=True), "use": "sig"})
    header = base64.urlsafe_b64encode(b'{"alg":"none"}').rstrip(b"=").decode()
    claims = json.dumps({"iss": "petitions", "sub": "petitions"}).encode()
    unsigned = f"{header}.{base64.urlsafe_b64encode(claims).rstrip(b'=').decode()}."
    for assertion in (
        site.assertion(foreign),
        site.assertion(rsa, "RS256"),
        site.assertion(sealing),
        unsigned,
        "",
        "a.b.c",
    ):
        assert refused_client(site.token(site.code(), way="key", client_assertion=assertion))


def test_an_assertion_of_an_unknown_type_is_refused():
    site = Walk()
    assert refused_client(site.token(site.code(), way="key", client_assertion_type="jwt"))


def test_a_client_that_published_no_keys_cannot_use_an_assertion():
    for keys in ({}, {"keys": []}, {"keys": "x"}, {"keys": [3]}):
        site = Walk(keys=keys)
        assert refused_client(site.token(site.code(), way="key"))


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
