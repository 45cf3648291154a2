"""What the provider's server side refuses: spent and late codes, strangers, damaged assertions."""

import base64
import json

import pytest
from joserfc.jwk import ECKey, RSAKey

from tests.identity.demo import walk
from tests.identity.demo.walk import Walk

MILD = ("generic", "norwegian")


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
