"""What the libraries do in the cases that are ours to refuse: recorded, so that an upgrade is read.

A failure here is no fault of the engine. It says that Authlib or joserfc changed its mind, and that
the module which answers for the case wants a new look.
"""

from __future__ import annotations

import json
import tomllib
import warnings
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import authlib
import joserfc
import pytest
from authlib.integrations.requests_client import OAuth2Session
from authlib.oauth2.rfc7523 import PrivateKeyJWT
from joserfc import jwe, jws, jwt
from joserfc.errors import SecurityWarning
from joserfc.jwk import ECKey, RSAKey

from tests.identity.bad_answers import CASES
from tests.identity.checklist import CONDITIONS, PLAIN_AUTHLIB
from tests.identity.lies import not_signed
from tests.identity.lying_provider import (
    ABSENT,
    LyingProvider,
    as_json,
    running,
    weak_key,
)
from tests.identity.plain_authlib import ACCEPTED, plain_login

KEY = ECKey.generate_key("P-256")


def test_the_library_floors_hold() -> None:
    """Below them a provider could switch the nonce check off, or have `none` accepted."""
    assert tuple(int(part) for part in authlib.__version__.split(".")[:2]) >= (1, 9)
    assert tuple(int(part) for part in joserfc.__version__.split(".")[:2]) >= (1, 8)


def test_the_floors_and_the_undeclared_requests_stand_in_our_own_requirements() -> None:
    text = (Path(__file__).resolve().parents[2] / "pyproject.toml").read_text(encoding="utf-8")
    wanted = tomllib.loads(text)["project"]["dependencies"]
    assert "authlib>=1.9" in wanted
    assert "joserfc>=1.8" in wanted
    # authlib.integrations.flask_client imports it and does not declare it
    assert any(each.startswith("requests>=") for each in wanted)


@pytest.fixture(scope="module")
def provider() -> Iterator[LyingProvider]:
    plain = LyingProvider(userinfo="json")
    with running(plain):
        yield plain


def lie_for(number: int) -> Any:
    """The first case of the condition, as it meets a client without our rules."""
    if number == 16:

        def bare(provider: LyingProvider) -> None:
            not_signed(provider)
            provider.lies.id_claims["at_hash"] = ABSENT  # else the half hash of `none` stops it

        return bare
    if number == 26:  # the right person, only unsigned
        return lambda provider: setattr(
            provider.lies, "user_response", as_json({"sub": "alice-at-lying"})
        )
    return next(case.lie for case in CASES if case.number == number)


def test_plain_authlib_takes_the_good_answer(provider: LyingProvider) -> None:
    assert plain_login(provider, None) == ACCEPTED


@pytest.mark.filterwarnings("ignore::joserfc.errors.SecurityWarning")  # it warns of `none`
@pytest.mark.parametrize("number", PLAIN_AUTHLIB, ids=lambda number: CONDITIONS[number])
def test_plain_authlib_behaves_as_it_did_when_our_rules_were_written(
    provider: LyingProvider, number: int
) -> None:
    provider.userinfo = "jwt" if number == 25 else "json"
    assert plain_login(provider, lie_for(number)) == PLAIN_AUTHLIB[number]


def test_plain_authlib_is_recorded_for_each_of_the_twenty_eight() -> None:
    assert set(range(1, 29)) <= set(PLAIN_AUTHLIB)
    let_through = {number for number, told in PLAIN_AUTHLIB.items() if told == ACCEPTED}
    assert {3, 4, 11, 16, 19, 20, 22, 24, 26, 27} <= let_through


def test_authlib_takes_an_access_token_of_sixty_seconds_for_expired(
    provider: LyingProvider,
) -> None:
    """Its leeway is a minute: FranceConnect's tokens are dead on arrival. We ask with leeway 0."""
    assert plain_login(provider, None, token_life=60) == "InvalidTokenError"


def test_authlib_cannot_read_signed_userinfo(provider: LyingProvider) -> None:
    provider.userinfo = "jwt"
    assert plain_login(provider, None) == "JSONDecodeError"
    provider.userinfo = "json"


def test_authlib_knows_no_address_but_asks_over_plain_http_too() -> None:
    """Our records insist on https; its session does not."""
    session = OAuth2Session("id", "secret")
    url, _ = session.create_authorization_url("http://login.example.org/authorize")
    assert url.startswith("http://")


def test_authlibs_nonce_is_shorter_than_franceconnect_takes() -> None:
    from authlib.common.security import generate_token

    assert len(generate_token(20)) == 20  # what the client asks for; 22 is the least there


def test_authlibs_assertion_lives_an_hour_and_names_no_key() -> None:
    from authlib.oauth2.rfc7523 import private_key_jwt_sign

    text = private_key_jwt_sign(KEY, "us", "https://login.example.org/token", alg="ES256")
    found = jws.extract_compact(text.encode())
    claims = json.loads(found.payload)
    assert claims["exp"] - claims["iat"] == 3600
    assert "kid" not in found.headers()
    assert PrivateKeyJWT.name == "private_key_jwt"


def decoded(payload: str, **head: Any) -> Any:
    registry = jws.JWSRegistry(algorithms=["ES256"], strict_check_header=False)
    text = jws.serialize_compact({"alg": "ES256", **head}, payload, KEY, registry=registry)
    return jwt.decode(text, KEY, algorithms=["ES256"], registry=registry)


@pytest.mark.parametrize(
    ("payload", "kept"),
    [
        ('{"exp": 1}', {"exp": 1}),
        ('{"sub": "alice", "sub": "mallory"}', {"sub": "mallory"}),
        ('{"exp": 1e400}', {"exp": float("inf")}),
        ('{"exp": true}', {"exp": True}),
    ],
    ids=["expired", "a name twice", "endless", "a boolean"],
)
def test_joserfc_decodes_claims_without_judging_them(payload: str, kept: Any) -> None:
    assert decoded(payload).claims == kept


def test_joserfc_decodes_a_time_that_is_no_number() -> None:
    found = decoded('{"iat": NaN}').claims["iat"]
    assert found != found


def test_joserfc_does_not_look_at_the_kind_of_a_token() -> None:
    assert decoded("{}", typ="logout+jwt").claims == {}


def test_joserfc_refuses_the_header_names_of_franceconnect_plus_unless_told() -> None:
    own = ECKey.generate_key("P-256", {"use": "enc"})
    lax = jwe.JWERegistry(algorithms=["ECDH-ES", "A256GCM"], strict_check_header=False)
    header = {"alg": "ECDH-ES", "enc": "A256GCM", "iss": "https://x.example", "aud": "us"}
    text = jwe.encrypt_compact(header, "content", own, registry=lax)
    assert jwe.decrypt_compact(text, own, registry=lax).plaintext == b"content"
    strict = jwe.JWERegistry(algorithms=["ECDH-ES", "A256GCM"])
    with pytest.raises(Exception, match="header"):
        jwe.decrypt_compact(text, own, registry=strict)


def test_joserfc_only_warns_of_a_short_key() -> None:
    short = weak_key("a").as_dict(private=False)
    with warnings.catch_warnings(record=True) as told:
        warnings.simplefilter("always")
        RSAKey.import_key(short)
    assert [each.category for each in told] == [SecurityWarning]
