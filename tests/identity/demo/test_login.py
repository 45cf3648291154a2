"""The whole login by raw HTTP, in each profile, and what each token says."""

import base64
import hashlib

import pytest

from tests.identity.demo import walk
from tests.identity.demo.walk import Walk, answer

PROFILES = ("strict", "plus", "norwegian", "generic")


def half_hash(access_token):
    half = hashlib.sha256(access_token.encode()).digest()[:16]
    return base64.urlsafe_b64encode(half).rstrip(b"=").decode()


def signed(site, token):
    return site.opened(token)[1] if site.conduct == "plus" else token


@pytest.mark.parametrize("profile", PROFILES)
def test_a_login_gives_the_facts_asked_and_nothing_else_in_each_profile(profile):
    site = Walk(profile, scope="openid birthdate residence")
    back = site.choose(site.authorize())
    assert back.headers["Location"].startswith(walk.CALLBACKS["citizens"] + "?")
    given = answer(back)
    assert given.keys() == {"code", "state", "iss"}
    assert (given["state"], given["iss"]) == (walk.STATE, site.issuer)

    tokens = site.token(given["code"]).json
    assert (tokens["token_type"], tokens["expires_in"]) == ("Bearer", 60)
    claims = site.claims(signed(site, tokens["id_token"]))
    now = int(site.clock())
    facts = {"birthdate": "1991-11-02", "residence": "valmont"}
    assert claims == {
        "iss": site.issuer,
        "sub": claims["sub"],
        "aud": "petitions",
        "iat": now,
        "exp": now + 60,
        "auth_time": now,
        "acr": walk.ACR[profile],
        "nonce": walk.NONCE,
        "at_hash": half_hash(tokens["access_token"]),
    } | (facts if profile == "generic" else {})

    told = site.userinfo(tokens["access_token"])
    if profile == "generic":
        assert told.json == {"sub": claims["sub"], **facts}
    else:
        assert told.content_type == "application/jwt"
        assert site.claims(signed(site, told.text)) == {
            "sub": claims["sub"],
            "iss": site.issuer,
            "aud": "petitions",
            "iat": now,
            "exp": now + 60,
            **facts,
        }


def test_plus_encrypts_both_answers_and_its_header_names_issuer_and_audience():
    site = Walk("plus")
    tokens = site.token(site.code()).json
    for token in (tokens["id_token"], site.userinfo(tokens["access_token"]).text):
        header, _ = site.opened(token)
        assert header["kid"] == "site-enc"
        assert (header["iss"], header["aud"]) == (site.issuer, "petitions")
        assert (header["alg"], header["enc"], header["cty"]) == ("ECDH-ES", "A256GCM", "JWT")


def test_plus_encrypts_to_an_rsa_key_too():
    site = Walk("plus", keys=walk.public_keys(walk.SIGNING, walk.SEALING_RSA))
    token = site.token(site.code()).json["id_token"]
    header, content = site.opened(token, walk.SEALING_RSA, "RSA-OAEP-256")
    assert header["alg"] == "RSA-OAEP-256"
    assert site.claims(content)["nonce"] == walk.NONCE


def test_plus_gives_no_plain_token_to_a_client_without_encryption_key():
    site = Walk("plus", keys=walk.public_keys(walk.SIGNING))
    refused = site.token(site.code())
    assert (refused.status_code, refused.json) == (500, {"error": "server_error"})


@pytest.mark.parametrize("profile", ["strict", "plus", "norwegian"])
def test_a_client_may_prove_itself_with_its_own_key(profile):
    site = Walk(profile)
    assert site.token(site.code(), way="key").status_code == 200


def test_a_pairwise_subject_fits_the_pattern_and_survives_a_restart():
    subjects = set()
    for _ in range(2):
        site = Walk()
        subjects.add(site.claims(site.token(site.code()).json["id_token"])["sub"])
    (subject,) = subjects
    assert len(subject) == 66
    assert subject.endswith("v1")
    assert set(subject[:64]) <= set("0123456789abcdef")


def test_one_name_has_unlike_subjects_in_unlike_sectors_and_persons():
    from identity.providers.demo.tokens import subject

    seen = {
        subject(b"k", "demo", "ana"),
        subject(b"k", "demo-staff", "ana"),
        subject(b"k", "demo", "ana b"),
        subject(b"k", "demoana", ""),
        subject(b"l", "demo", "ana"),
    }
    assert len(seen) == 5


def test_any_name_can_log_in_and_the_same_name_is_the_same_person():
    subjects = []
    for name in ("Zoé  du Pont", "zoé du pont ", "Zoe\u0301 du Pont", "Yann"):
        site = Walk(scope="openid birthdate nationality residence profile")
        code = site.code(name=name, age="40", place="BE-BRU")
        tokens = site.token(code).json
        told = site.claims(site.userinfo(tokens["access_token"]).text)
        subjects.append(told["sub"])
    assert subjects[0] == subjects[1] == subjects[2] != subjects[3]
    assert told["given_name"] == "Yann"
    assert told["family_name"] == ""
    assert (told["residence"], told["nationality"]) == ("BE-BRU", "BE")
    assert told["birthdate"].startswith("1985-")


def test_staff_log_in_with_name_groups_level_and_time():
    site = Walk(audience="staff", scope="openid")
    tokens = site.token(site.code(person="jules morel")).json
    claims = site.claims(tokens["id_token"])
    assert claims["aud"] == "office"
    assert claims["iss"] == "http://127.0.0.1:8001/staff"
    assert (claims["name"], claims["groups"]) == ("Jules Morel", ["petitions-second-reader"])
    assert (claims["acr"], claims["auth_time"]) == ("mfa", int(site.clock()))
    assert site.userinfo(tokens["access_token"]).json == {
        "sub": claims["sub"],
        "name": "Jules Morel",
        "groups": ["petitions-second-reader"],
    }


def test_the_methods_of_login_are_told_only_where_they_are_asked_for():
    for changes in ({"scope": "openid amr"}, {"claims": '{"id_token":{"amr":{"essential":true}}}'}):
        site = Walk()
        claims = site.claims(site.token(site.code(site.authorize(**changes))).json["id_token"])
        assert claims["amr"] == ["user"]


def test_the_claims_parameter_asks_as_a_scope_does():
    site = Walk()
    page = site.authorize(claims='{"userinfo":{"birthdate":null,"unknown":null}}')
    told = site.userinfo(site.token(site.code(page)).json["access_token"])
    claims = site.claims(told.text)
    assert claims["birthdate"] == "1991-11-02"
    assert claims.keys() == {"sub", "iss", "aud", "iat", "exp", "birthdate"}


def test_cancelling_sends_access_denied_back_and_no_code():
    for audience in ("citizens", "staff"):
        site = Walk(audience=audience)
        given = answer(site.choose(site.authorize(), cancel="1"))
        assert given == {"error": "access_denied", "state": walk.STATE, "iss": site.issuer}


def test_the_way_out_takes_three_parameters_and_brings_the_state_back():
    site = Walk()
    hint = site.token(site.code()).json["id_token"]
    site.clock.seconds += 1500  # the hint has long expired by then
    given = {"id_token_hint": hint, "state": "leaving", "post_logout_redirect_uri": walk.LEFT}
    left = site.browser.get(f"{site.issuer}/session/end", query_string=given)
    assert left.status_code == 303
    assert left.headers["Location"] == f"{walk.LEFT}?state=leaving"


@pytest.mark.parametrize("profile", PROFILES)
def test_the_metadata_say_what_the_provider_does(profile):
    site = Walk(profile)
    said = site.server.get(f"{site.issuer}/.well-known/openid-configuration").json
    assert said["issuer"] == site.issuer
    assert said["id_token_signing_alg_values_supported"] == ["ES256"]
    assert said["authorization_response_iss_parameter_supported"] is True
    assert said["acr_values_supported"][0] == walk.ACR[profile]
    assert said["subject_types_supported"] == ["pairwise"]
    assert ("code_challenge_methods_supported" in said) == (profile in {"generic", "norwegian"})
    assert said.get("require_pushed_authorization_requests", False) == (profile == "norwegian")
    assert ("id_token_encryption_alg_values_supported" in said) == (profile == "plus")
    assert {"generic": ["client_secret_basic"], "norwegian": ["private_key_jwt"]}.get(
        profile, ["client_secret_post", "private_key_jwt"]
    ) == said["token_endpoint_auth_methods_supported"]


def test_the_published_keys_hold_no_private_part():
    site = Walk()
    (key,) = site.server.get(f"{site.issuer}/jwks").json["keys"]
    assert key.keys() == {"kty", "crv", "x", "y", "kid", "use", "alg"}


def test_each_issuer_signs_with_a_key_of_its_own():
    citizens, staff = Walk(), Walk(audience="staff")
    kids = {
        citizens.server.get(f"{place}/jwks").json["keys"][0]["kid"]
        for place in (citizens.issuer, staff.issuer)
    }
    assert len(kids) == 2
