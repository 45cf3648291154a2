"""Any single change of a valid answer is refused or harmless: it never makes another person.

One claim dropped or altered, one header field, one field of the token answer, one parameter of the
callback, one character of a token; in plain and in encrypted answers.
"""

from __future__ import annotations

import base64
import json
from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.identity.conduct import ENCRYPTED, PLAIN, opened_office, walk
from tests.identity.lying_provider import ABSENT, LyingProvider
from tests.identity.office import Office, ask, cookie_names, opened

Setting = tuple[LyingProvider, Office]
ODD = st.one_of(
    st.just(ABSENT), st.none(), st.booleans(), st.integers(-(10**12), 10**12),
    st.floats(allow_nan=False, allow_infinity=False), st.text(max_size=8),
    st.lists(st.text(max_size=3), max_size=2), st.dictionaries(st.text(max_size=3), st.none(), max_size=1),
    st.sampled_from(["petitions", "eidas1", "eidas2", "mallory", "ES256", "none", "HS256", "RS256",
                     "provider-1", "https://evil.example", "Bearer", "JWT", 0, 1, 2**63]),
)  # fmt: skip
CLAIMS = ["iss", "aud", "exp", "iat", "nbf", "nonce", "sub", "acr", "amr", "vot", "azp", "at_hash",
          "auth_time", "sid", "birthdate", "_claim_names"]  # fmt: skip
HEADER = [
    "alg",
    "kid",
    "typ",
    "cty",
    "crit",
    "b64",
    "jwk",
    "jku",
    "x5c",
    "x5u",
    "x5t",
    "zip",
    "exp",
]
QUICK = settings(
    max_examples=25,
    deadline=None,
    database=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.function_scoped_fixture],
)
LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_.=+/ \n\x00é"


@pytest.fixture(scope="module", params=[PLAIN, ENCRYPTED], ids=lambda profile: profile.name)
def setting(request: Any, tmp_path_factory: Any) -> Iterator[Setting]:
    with opened_office(request.param, tmp_path_factory.mktemp("office"), https=True) as pair:
        yield pair


@pytest.fixture(scope="module")
def good(setting: Setting) -> bytes:
    """u of the one person who logs in here."""
    provider, site = setting
    browser = site.browser()
    assert walk(site, provider, browser).status_code == 303
    return opened(site, browser).u


def refused_or_harmless(setting: Setting, good: bytes, lie: Any) -> bool:
    """True if it was taken; then as the same person."""
    provider, site = setting
    browser, asked = site.browser(), ask(site.now, who={"age_min": 18})
    answer = walk(site, provider, browser, asked, lie=lie)
    if answer.status_code == 303:
        found = opened(site, browser, asked)
        assert found.u == good
        return True
    assert answer.status_code in (200, 400, 403, 502)
    assert not {name for name in cookie_names(browser) if name.startswith("pass")}
    return False


@QUICK
@given(name=st.sampled_from(CLAIMS), value=ODD)
def test_one_claim_of_the_id_token_changed(
    setting: Setting, good: bytes, name: str, value: Any
) -> None:
    refused_or_harmless(setting, good, lambda p: p.lies.id_claims.update({name: value}))


@QUICK
@given(name=st.sampled_from(CLAIMS), value=ODD)
def test_one_claim_of_userinfo_changed(
    setting: Setting, good: bytes, name: str, value: Any
) -> None:
    refused_or_harmless(setting, good, lambda p: p.lies.user_claims.update({name: value}))


@QUICK
@given(name=st.sampled_from(HEADER), value=ODD, which=st.sampled_from(["id_token", "userinfo"]))
def test_one_field_of_a_header_changed_without_a_new_signature(
    setting: Setting, good: bytes, name: str, value: Any, which: str
) -> None:
    def change(text: str) -> str:
        first, _, rest = text.partition(".")
        head = json.loads(base64.urlsafe_b64decode(first + "=" * (-len(first) % 4)))
        head[name] = value
        if value is ABSENT:
            del head[name]
        new = base64.urlsafe_b64encode(json.dumps(head).encode()).rstrip(b"=").decode()
        return f"{new}.{rest}"

    def lie(provider: LyingProvider) -> None:
        if which == "id_token":
            provider.lies.text = change  # the header of the signature
        else:
            provider.lies.user_text = change  # in encrypted answers the header of the encryption

    refused_or_harmless(setting, good, lie)


@QUICK
@given(name=st.sampled_from(["kid", "typ", "cty", "x5t", "x5c", "jku", "crit", "alg"]), value=ODD)
def test_one_field_of_a_signed_header_changed(
    setting: Setting, good: bytes, name: str, value: Any
) -> None:
    """Signed as it stands, where the library will sign such a header at all."""

    def lie(provider: LyingProvider) -> None:
        def sign(head: Any, body: Any) -> str:
            changed = {k: v for k, v in {**head, name: value}.items() if v is not ABSENT}
            try:
                return provider.sign_raw(changed, json.dumps(body).encode())
            except Exception:
                return "a.b.c"

        provider.lies.sign = sign

    refused_or_harmless(setting, good, lie)


@QUICK
@given(place=st.floats(0, 1, exclude_max=True), letter=st.sampled_from(LETTERS),
       which=st.sampled_from(["id_token", "userinfo"]), drop=st.booleans())  # fmt: skip
def test_one_character_of_a_token_changed(
    setting: Setting, good: bytes, place: float, letter: str, which: str, drop: bool
) -> None:
    def change(text: str) -> str:
        at = int(place * len(text))
        return text[:at] + ("" if drop else letter) + text[at + 1 :]

    def lie(provider: LyingProvider) -> None:
        if which == "id_token":
            before = provider._id_token
            provider.lies.id_token = lambda asked, access: change(before(asked, access))
        else:
            provider.lies.user_text = change

    refused_or_harmless(setting, good, lie)


@QUICK
@given(name=st.sampled_from(["access_token", "token_type", "expires_in", "id_token", "error",
                             "refresh_token", "scope", "state", "nonce"]), value=ODD)  # fmt: skip
def test_one_field_of_the_token_answer_changed(
    setting: Setting, good: bytes, name: str, value: Any
) -> None:
    refused_or_harmless(setting, good, lambda p: p.lies.token_answer.update({name: value}))


@QUICK
@given(name=st.sampled_from(["code", "state", "iss", "error", "error_description", "id_token",
                             "access_token", "session_state", "scope"]),
       value=st.one_of(st.just(ABSENT), st.text(max_size=10), st.lists(st.text(max_size=3), min_size=2,
                                                                       max_size=3)))  # fmt: skip
def test_one_parameter_of_the_callback_changed(
    setting: Setting, good: bytes, name: str, value: Any
) -> None:
    refused_or_harmless(setting, good, lambda p: p.lies.callback.update({name: value}))


def test_the_changes_that_matter_little_are_taken_and_the_others_not(
    setting: Setting, good: bytes
) -> None:
    """So that the properties above are not true only because everything is refused."""
    harmless = [
        lambda p: p.lies.id_claims.update(amr=["pwd"], sid="s", locale="fr"),
        lambda p: p.lies.id_claims.update(at_hash=ABSENT),
        lambda p: p.lies.user_claims.update(given_name="Alice"),
        lambda p: p.lies.callback.update(session_state="x"),
        lambda p: p.lies.token_answer.update(scope="openid", refresh_token="r"),
    ]
    assert all(refused_or_harmless(setting, good, lie) for lie in harmless)
    assert not refused_or_harmless(setting, good, lambda p: p.lies.id_claims.update(sub="mallory"))
