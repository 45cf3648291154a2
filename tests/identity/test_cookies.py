"""The login's cookies: what their names, flags and sizes must be."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from flask import Response
from werkzeug.http import parse_cookie

from identity.cookies import CookieJar, Leaving, OpenLogin, state_hash
from identity.daily_keys import DailyKeys
from identity.providers.oidc import Departure

NOW = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)
STATE = "5" * 64


@pytest.fixture
def jar(tmp_path: Path) -> CookieJar:
    return CookieJar(DailyKeys(tmp_path, "identity"), secure=True)


def login(state: str = STATE, token: str = "t" * 600, at: float = 1.0) -> OpenLogin:
    departure = Departure("", state, "n" * 64, "v" * 64, at)
    return OpenLogin("france", departure, token)


def carried(answer: Response) -> dict[str, str]:
    lines = answer.headers.getlist("Set-Cookie")
    return {name: value for line in lines for name, value in parse_cookie(line).items() if value}


def test_a_cookie_is_secure_by_name_and_by_flags(jar: CookieJar) -> None:
    answer = Response()
    jar.put(answer, "pass", "sealed", path="/en/petitions/16/sign", life=timedelta(minutes=10))
    (line,) = answer.headers.getlist("Set-Cookie")
    assert line.startswith("__Secure-pass=sealed; ")
    for flag in ("Secure", "HttpOnly", "SameSite=Lax", "Max-Age=600", "Path=/en/petitions/16/sign"):
        assert flag in line.split("; ")


def test_the_cookie_of_a_login_is_sealed_and_small(jar: CookieJar) -> None:
    answer = Response()
    jar.put_login(answer, login(), NOW, {})
    ((name, value),) = [
        (k, v) for k, v in carried(answer).items() if k.startswith("__Secure-login")
    ]
    assert len(value) < 2000
    assert STATE[:16] not in name
    for secret in ("france", "nnnn", "vvvv", "tttt"):
        assert secret not in value
    assert jar.login({name: value}, STATE, NOW) == login()
    assert jar.login({name: value}, "6" * 64, NOW) is None
    assert jar.login({name: "x" + value[1:]}, STATE, NOW) is None


def test_a_third_party_cookie_with_our_prefix_is_dropped_not_trusted(jar: CookieJar) -> None:
    answer = Response()
    cookies = {"__Secure-login-0123456789abcdef": "forged", "other": "kept"}
    jar.put_login(answer, login(), NOW, cookies)
    dropped = [line for line in answer.headers.getlist("Set-Cookie") if "Max-Age=0" in line]
    assert [line.partition("=")[0] for line in dropped] == ["__Secure-login-0123456789abcdef"]


def test_a_long_token_is_dropped_and_logout_goes_without(jar: CookieJar) -> None:
    for length, kept in ((1000, True), (3400, False), (9000, False)):
        answer = Response()
        jar.put_leaving(answer, Leaving("france", "h" * length, "/en/x", "en"), NOW)
        cookies = carried(answer)
        assert all(len(value) < 4000 for value in cookies.values())
        found = jar.leaving(cookies, NOW)
        assert found is not None
        assert (found.id_token is not None) == kept
        assert (found.provider, found.return_to, found.lang) == ("france", "/en/x", "en")


def test_leaving_is_forgotten_after_thirty_minutes(jar: CookieJar) -> None:
    answer = Response()
    jar.put_leaving(answer, Leaving("france", "h", "/en/x", "en"), NOW)
    assert jar.leaving(carried(answer), NOW + timedelta(minutes=30)) is not None
    assert jar.leaving(carried(answer), NOW + timedelta(minutes=31)) is None
    assert jar.leaving({}, NOW) is None


def test_a_state_is_stored_as_a_hash_of_its_own_kind() -> None:
    import hashlib

    assert len(state_hash(STATE)) == 32
    assert state_hash(STATE) != hashlib.sha256(STATE.encode()).digest()
    assert state_hash(STATE) != state_hash("6" * 64)
