"""What every login must refuse, tried with plain, encrypted and pushed requests.

Each case ends on an error page, with no pass, no cookie and no open state. The numbered ones are
the twenty-eight every client must be tried with; the others go beyond them.
"""

from __future__ import annotations

import time
from collections.abc import Iterator
from typing import Any

import pytest
from joserfc.jwk import KeySet, OctKey, import_key
from werkzeug.wrappers import Response

from identity.providers.opening import pick_key
from tests.identity.conduct import (
    EVERY_REFUSAL,
    PLAIN,
    assert_refused,
    fresh_store,
    leave_for,
    opened_office,
    walk,
)
from tests.identity.lies import (
    bad_time,
    callback,
    changed_text,
    claims,
    critical,
    damaged_token,
    damaged_userinfo,
    header,
    key_in_header,
    keyed_with_public_key,
    keyed_with_secret,
    not_signed,
    own_key_in_header,
    raw_payload,
    signed_by,
    token_response,
    told,
    two_keys,
    user,
    user_response,
)
from tests.identity.lying_provider import (
    ABSENT,
    Lies,
    LyingProvider,
    as_json,
    new_key,
    unsigned,
)
from tests.identity.office import Office, opened

Setting = tuple[LyingProvider, Office]


@pytest.fixture(scope="module", params=EVERY_REFUSAL, ids=lambda profile: profile.name)
def setting(request: Any, tmp_path_factory: Any) -> Iterator[Setting]:
    with opened_office(request.param, tmp_path_factory.mktemp("office")) as pair:
        yield pair


NOW = int(time.time())
JSON = "application/json"
THE_28 = {
    "1 the issuer is another": claims(iss="https://other.example"),
    "2 the audience is another client": claims(aud="other"),
    "3 the audience leaves us out although azp names us": claims(aud=["other"], azp="petitions"),
    "4 the audience is an empty list": claims(aud=[]),
    "5 another nonce": claims(nonce="f" * 64),
    "6 no nonce": claims(nonce=ABSENT),
    "7 no nonce and a claim that nonces are unsupported": claims(
        nonce=ABSENT, nonce_supported=False
    ),
    "8 expired": claims(iat=NOW - 400, exp=NOW - 340),
    "9 issued in the future": claims(iat=NOW + 4000, exp=NOW + 4060),
    "10 no subject": claims(sub=ABSENT),
    "11 an empty subject": claims(sub=""),
    "12 the bytes are damaged": damaged_token,
    "13 a foreign key under a known kid": signed_by("provider-1"),
    "14 a foreign key under an unknown kid": signed_by("nobody-knows"),
    "15 the key comes inside the header": key_in_header,
    "16 not signed": not_signed,
    "17 keyed with the public key's text": keyed_with_public_key,
    "18 keyed with the client secret": keyed_with_secret,
    "19 an acr outside the record's set": claims(acr="eidas0"),
    "20 no acr": claims(acr=ABSENT),
    "21 at_hash does not fit": claims(at_hash="A" * 22),
    "22 no id_token": told(id_token=ABSENT),
    "23 the token endpoint answers 500": token_response(Response("", 500)),
    "24 userinfo is about another person": user(sub="mallory"),
    "25 the signature of userinfo is damaged": damaged_userinfo,
    "26 userinfo is plain where signed is required": user_response(as_json({"sub": "alice"})),
    "27 the callback names another issuer": callback(iss="https://other.example"),
    "28 the state is unknown": callback(state="0" * 64),
}
CAUSES = {"23": "no_answer", "28": "other_browser"}
# Refused for its own reason, not by accident of another rule; 25 also damages the encryption.
WHY = (
    *("issuer", "audience", "audience", "audience", "nonce", "nonce", "nonce", "expired"),
    *("iat_ahead", "subject", "subject", "signature_wrong", "signature_wrong", "key_unknown"),
    *("header_not_plain", "algorithm_not_pinned", "algorithm_not_pinned", "algorithm_not_pinned"),
    *("assurance_outside_the_set", "assurance_outside_the_set", "at_hash", "id_token_absent"),
    *("provider_does_not_answer", "userinfo_of_another_person", "signature_wrong"),
    *("userinfo_not_signed", "callback_of_another_issuer", "state_unknown"),
)
BEYOND = {
    "the callback lacks the issuer that the metadata announce": callback(iss=ABSENT),
    "the code comes twice": callback(code=["a", "b"]),
    "the issuer comes twice": callback(iss=["a", "b"]),
    "both a code and an error": callback(error="access_denied"),
    "neither a code nor an error": callback(code=ABSENT),
    "a parameter of the callback is too long": callback(code="c" * 2100),
    "several audiences without azp": claims(aud=["petitions", "other"]),
    "azp is not us": claims(azp="other"),
    "the audience is no text": claims(aud=[1, "petitions"]),
    "no exp": claims(exp=ABSENT),
    "no iat": claims(iat=ABSENT),
    "exp is a boolean": claims(exp=True),
    "iat is a boolean": claims(iat=True),
    "exp is a text": claims(exp="9999999999"),
    "exp is too large to be finite": bad_time("exp", "1e400"),
    "exp is Infinity": bad_time("exp", "Infinity"),
    "iat is NaN": bad_time("iat", "NaN"),
    "nbf lies ahead": claims(nbf=NOW + 4000),
    "nbf is no number": claims(nbf="soon"),
    "the life is over the record's limit": claims(exp=NOW + 100_000),
    "exp is before iat": claims(iat=NOW + 20, exp=NOW + 10),
    "a subject of 256 characters": claims(sub="a" * 256),
    "a subject that is a number": claims(sub=7),
    "a subject outside ASCII": claims(sub="élise"),
    "a name is repeated": changed_text('{"iss"', '{"sub": "mallory", "iss"'),
    "the payload is no object": raw_payload(b"[1, 2]"),
    "the payload is no JSON": raw_payload(b"sub=alice"),
    "the payload is nested without end": raw_payload(b'{"a":' * 5000),
    "critical header parameters": critical,
    "our provider's own key inside the header": own_key_in_header,
    "an access token in the place of an id_token": header(typ="at+jwt"),
    "a token of another kind": header(typ="logout+jwt"),
    "at_hash is no text": claims(at_hash=7),
    "the token type is not Bearer": told(token_type="mac"),
    "no token type": told(token_type=ABSENT),
    "no access token": told(access_token=ABSENT),
    "the id_token is no text": told(id_token={"sub": "alice"}),
    "the id_token is no token": told(id_token="alice"),
    "the token answer is HTML": token_response(Response("<p>", 200, mimetype="text/html")),
    "the token answer is an empty body": token_response(Response("", 200, mimetype=JSON)),
    "the token answer repeats a name": token_response(
        Response('{"token_type":"Bearer","token_type":"Bearer"}', 200, mimetype=JSON)
    ),
    "the token answer has 10 MB": token_response(Response("a" * 10_000_000, 200, mimetype=JSON)),
    "the token endpoint redirects": token_response(Response("", 302, {"Location": "/token"})),
    "userinfo of another issuer": user(iss="https://other.example"),
    "userinfo for another audience": user(aud="other"),
    "userinfo has expired": user(exp=NOW - 4000),
    "userinfo expires at a boolean": user(exp=True),
    "userinfo without a subject": user(sub=ABSENT),
    "userinfo is refused": user_response(as_json({"error": "invalid_token"}, 401)),
    "userinfo redirects": user_response(Response("", 307, {"Location": "/userinfo"})),
    "userinfo is an unsigned token": user_response(
        Response(unsigned({}, {"sub": "alice-at-lying"}), mimetype="application/jwt")
    ),
}


def refuse(setting: Setting, name: str, lie: Any, cause: str = "not_verified") -> None:
    provider, site = setting
    browser = site.browser()
    answer = walk(site, provider, browser, lie=lie)
    if cause == "other_browser":
        # Nothing ties this answer to the open login: it stays open for its own answer.
        assert site.last_page()["cause"] == cause
        assert browser.get_cookie("pass", domain="127.0.0.1", path="/en/petitions/16/sign") is None
    else:
        assert_refused(site, browser, answer, cause)
    shown = answer.get_data(as_text=True)
    assert "alice" not in shown
    assert "mallory" not in shown


@pytest.mark.parametrize("name", THE_28)
def test_the_twenty_eight_bad_answers_are_refused(setting: Setting, name: str) -> None:
    number = name.split()[0]
    refuse(setting, name, THE_28[name], CAUSES.get(number, "not_verified"))
    provider, site = setting
    decrypting = number == "25" and provider.encrypted
    wanted = "does_not_decrypt" if decrypting else WHY[int(number) - 1]
    assert site.outcomes[-1].reason == wanted


@pytest.mark.parametrize("name", BEYOND)
def test_bad_answers_beyond_the_list_are_refused(setting: Setting, name: str) -> None:
    refuse(setting, name, BEYOND[name])


def test_the_good_answer_of_the_same_provider_is_not_refused(setting: Setting) -> None:
    provider, site = setting
    browser = site.browser()
    assert walk(site, provider, browser).status_code == 303
    assert opened(site, browser).assurance == "low"


@pytest.mark.parametrize(
    "lie",
    [
        lambda provider: provider.lies.metadata.update(issuer="https://other.example"),
        lambda provider: provider.lies.metadata.update(jwks_uri="http://192.0.2.1/jwks"),
        lambda provider: provider.lies.metadata.update(token_endpoint="https://evil.example/t"),
        lambda provider: provider.lies.metadata.update(authorization_endpoint="javascript:alert()"),
        lambda provider: provider.lies.metadata.update(token_endpoint=ABSENT),
        lambda provider: provider.lies.metadata.update(userinfo_endpoint=["a"]),
        lambda provider: setattr(provider.lies, "metadata_response", Response("<p>")),
        lambda provider: setattr(provider.lies, "metadata_response", as_json([])),
        lambda provider: setattr(
            provider.lies, "metadata_response", Response("a" * 300_000, mimetype=JSON)
        ),
    ],
    ids=["issuer", "http", "host", "scheme", "missing", "type", "html", "list", "long"],
)
def test_metadata_that_are_not_the_records_send_nobody_anywhere(setting: Setting, lie: Any) -> None:
    provider, site = setting
    fresh_store(site)
    provider.lies = Lies()
    lie(provider)
    browser = site.browser()
    with pytest.raises(AssertionError):
        leave_for(site, browser)
    assert site.last_page()["cause"] == "not_verified"
    provider.lies = Lies()
    fresh_store(site)


def test_metadata_cannot_switch_certificate_checks_off(tmp_path: Any) -> None:
    with opened_office(PLAIN, tmp_path) as (provider, site):
        provider.lies.metadata.update(verify=False, proxies={"https": "http://evil"}, nonce="n")
        leave_for(site, site.browser())
        found = site.service.providers["lying"]
        kept = found.store.metadata(lambda _url: {})
        assert not {"verify", "proxies", "nonce"} & set(kept)


@pytest.mark.parametrize(
    "lie",
    [
        two_keys(use="enc"),
        two_keys(alg="ES384"),
        two_keys(count=2),
        lambda provider: setattr(provider.lies, "keys_response", as_json({"keys": []})),
        lambda provider: setattr(provider.lies, "keys_response", as_json({"keys": "none"})),
        lambda provider: setattr(
            provider.lies, "keys_response", Response("a" * 300_000, mimetype=JSON)
        ),
        lambda provider: setattr(
            provider.lies,
            "keys_response",
            as_json({"keys": [OctKey.generate_key(256, {"kid": "provider-1"}).as_dict()]}),
        ),
    ],
    ids=["for encryption", "another alg", "one kid twice", "none", "text", "long", "shared secret"],
)
def test_keys_that_cannot_have_signed_are_refused(setting: Setting, lie: Any) -> None:
    provider, site = setting
    fresh_store(site)
    refuse(setting, "keys", lie)
    provider.lies = Lies()
    fresh_store(site)


def test_a_token_without_kid_is_refused_while_there_are_several_keys(tmp_path: Any) -> None:
    with opened_office(PLAIN, tmp_path) as (provider, site):
        other = new_key(provider.alg, "provider-2").as_dict(private=False)
        listed = [provider.key.as_dict(private=False), other]
        browser = site.browser()

        def lie(_provider: LyingProvider) -> None:
            provider.lies.header["kid"] = ABSENT
            provider.lies.keys_response = as_json({"keys": listed})

        answer = walk(site, provider, browser, lie=lie)
        assert_refused(site, browser, answer, "not_verified")
        fresh_store(site)
        listed.pop()
        assert walk(site, provider, browser, lie=lie).status_code == 303


def test_a_body_is_not_read_beyond_its_limit(setting: Setting) -> None:
    """64 kB of a token answer, 256 kB of keys: good JSON, but more than any good provider sends."""
    provider, site = setting
    browser = site.browser()
    padding = {"padding": "a" * 65_000}
    assert_refused(
        site, browser, walk(site, provider, browser, lie=told(**padding)), "not_verified"
    )
    assert site.outcomes[-1].reason == "body_too_long"
    fresh_store(site)
    keys = {"keys": [provider.key.as_dict(private=False)], "padding": "a" * 262_000}

    def lie(_provider: LyingProvider) -> None:
        provider.lies.keys_response = as_json(keys)

    assert_refused(site, browser, walk(site, provider, browser, lie=lie), "not_verified")
    assert site.outcomes[-1].reason == "body_too_long"
    keys["padding"] = "a" * 100_000
    assert walk(site, provider, browser, lie=lie).status_code == 303
    provider.lies = Lies()
    fresh_store(site)


def test_only_a_key_for_this_signature_is_picked() -> None:
    key = new_key("ES256", "a")
    public = import_key(key.as_dict(private=False))
    assert pick_key(KeySet([public]), "a", "ES256") is public
    assert pick_key(KeySet([public]), "a", "RS256") is None
    assert pick_key(KeySet([public]), "b", "ES256") is None
    assert pick_key(KeySet([key]), "a", "ES256") is None  # nobody publishes a private key
    for changed in ({"use": "enc"}, {"alg": "ES384"}):
        other = import_key({**key.as_dict(private=False), **changed})
        assert pick_key(KeySet([other]), "a", "ES256") is None
        assert pick_key(KeySet([other]), None, "ES256") is None
