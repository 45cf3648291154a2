"""Back-channel logout: what a provider's logout token must say, and what it ends."""

from __future__ import annotations

import base64
import json
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from werkzeug.test import TestResponse

from identity.passes import StaffAsk
from identity.providers.logout import EVENT, LogoutOrder
from tests.identity.conduct import ENCRYPTED, PLAIN, Profile, opened_office, walk
from tests.identity.lying_provider import (
    ABSENT,
    Claims,
    LyingProvider,
    keyed_with,
    new_key,
    unsigned,
)
from tests.identity.office import SITE, Office, cookie_names, opened_by_staff
from tests.identity.test_staff_login import STAFF, STAFF_PROVIDER

ROOM = "/identity/staff/backchannel-logout"
ASKED = StaffAsk(return_to="/desk", lang="en", rid=b"s" * 16)


@dataclass
class House:
    """A provider of staff, our site, and what crossed the border."""

    provider: LyingProvider
    site: Office
    orders: list[LogoutOrder] = field(default_factory=list)
    spent: set[bytes] = field(default_factory=set)

    def end(self, order: LogoutOrder) -> bool:
        if order.jti_hash in self.spent:
            return False
        self.spent.add(order.jti_hash)
        self.orders.append(order)
        return True

    def claims(self, **changed: Any) -> Claims:
        now = int(time.time())
        told: Claims = {
            "iss": self.provider.issuer,
            "aud": self.provider.client_id,
            "iat": now,
            "exp": now + 120,
            "jti": "logout-1",
            "sub": "alice-at-lying",
            "sid": "session-1",
            "events": {EVENT: {}},
            **changed,
        }
        return {name: value for name, value in told.items() if value is not ABSENT}

    def token(self, header: Claims | None = None, **changed: Any) -> str:
        head = {"alg": self.provider.alg, "kid": str(self.provider.key.kid), "typ": "logout+jwt"}
        head |= header or {}
        head = {name: value for name, value in head.items() if value is not ABSENT}
        text = self.provider.sign_raw(head, json.dumps(self.claims(**changed)).encode())
        return self.provider._sealed(text)

    def post(self, token: str, **more: Any) -> TestResponse:
        return self.site.browser().post(ROOM, data={"logout_token": token}, base_url=SITE, **more)


@contextmanager
def house(directory: Path, profile: Profile = PLAIN, **staff: Any) -> Iterator[House]:
    also = {"staff": STAFF_PROVIDER}
    told = {**STAFF, **staff}
    with opened_office(profile, directory, also=also, staff=told) as (provider, site):
        made = House(provider, site)
        site.service.end_sessions = made.end
        provider.claims |= {"acr": "eidas2", "name": "Alice", "groups": ["petitions-clerk"]}
        yield made


def assert_refused(found: House, answer: TestResponse, reason: str) -> None:
    """RFC of the house: 400, a word, nothing kept, no cookie, nothing ended."""
    assert (answer.status_code, answer.get_json()) == (400, {"error": "invalid_request"})
    assert found.site.outcomes[-1].reason == reason
    assert "Set-Cookie" not in answer.headers
    assert answer.headers["Cache-Control"] == "no-store"
    assert found.orders == []


def test_a_logout_token_names_the_session_that_the_login_left(tmp_path: Path) -> None:
    with house(tmp_path) as found:
        found.provider.claims["sid"] = "session-1"
        browser = found.site.browser()
        walk(found.site, found.provider, browser, ASKED)
        proof = opened_by_staff(found.site, browser, ASKED)
        answer = found.post(found.token())
        assert (answer.status_code, answer.data) == (200, b"")
        assert "Set-Cookie" not in answer.headers
        assert answer.headers["Cache-Control"] == "no-store"
        (order,) = found.orders
        assert order.subject_mark == proof.subject_mark
        assert order.session_mark == proof.session_mark
        assert (found.site.outcomes[-1].step, found.site.outcomes[-1].realm) == ("logout", "staff")


def test_marks_are_keyed_and_of_one_provider_one_kind_and_one_person(tmp_path: Path) -> None:
    with house(tmp_path) as found:
        for number, changed in enumerate(
            ({}, {"sub": "session-1", "sid": "alice-at-lying"}, {"sub": "bob"}, {"sid": "other"})
        ):
            found.post(found.token(jti=f"j{number}", **changed))
        subjects = [order.subject_mark for order in found.orders]
        sessions = [order.session_mark for order in found.orders]
        assert len({*subjects, *sessions}) == 6, "the swapped pair shares nothing"
        assert all(len(mark or b"") == 32 for mark in (*subjects, *sessions))


@pytest.mark.parametrize("gone", ["sub", "sid"])
def test_a_person_or_a_session_is_enough(tmp_path: Path, gone: str) -> None:
    with house(tmp_path) as found:
        assert found.post(found.token(**{gone: ABSENT})).status_code == 200
        (order,) = found.orders
        assert (order.subject_mark is None, order.session_mark is None) == (
            gone == "sub", gone == "sid",
        )  # fmt: skip


def test_a_logout_token_serves_once(tmp_path: Path) -> None:
    with house(tmp_path) as found:
        token = found.token()
        assert found.post(token).status_code == 200
        found.orders.clear()
        assert_refused(found, found.post(token), "logout_used")
        assert found.post(found.token(jti="logout-2")).status_code == 200


def test_a_logout_token_that_comes_encrypted_is_opened(tmp_path: Path) -> None:
    with house(tmp_path, ENCRYPTED) as found:
        assert found.post(found.token()).status_code == 200
        head = {"alg": found.provider.alg, "kid": str(found.provider.key.kid)}
        plain = found.provider.sign_raw(head, json.dumps(found.claims(jti="x")).encode())
        found.orders.clear()
        assert_refused(found, found.post(plain), "not_encrypted")


# A time here is a distance from the moment of the test: the workers of one run collect in different
# seconds and must find the same names.
CLAIMS: tuple[tuple[Claims, str], ...] = (
    ({"iss": "https://evil.example"}, "issuer"),
    ({"iss": ABSENT}, "issuer"),
    ({"aud": "another-client"}, "audience"),
    ({"aud": []}, "audience"),
    ({"aud": ABSENT}, "audience"),
    ({"iat": ABSENT}, "logout_iat_absent"),
    ({"exp": ABSENT}, "logout_exp_absent"),
    ({"iat": -9000, "exp": -8900}, "expired"),
    ({"iat": 3600, "exp": 3700}, "iat_ahead"),
    ({"exp": 86400 * 9}, "logout_lives_too_long"),
    ({"exp": True}, "exp_no_time"),
    ({"iat": "now"}, "iat_no_time"),
    ({"nbf": 3600}, "nbf_ahead"),
    ({"nonce": "n"}, "logout_with_nonce"),
    ({"nonce": None}, "logout_with_nonce"),
    ({"events": ABSENT}, "logout_without_event"),
    ({"events": {}}, "logout_without_event"),
    ({"events": EVENT}, "logout_without_event"),
    ({"events": [EVENT]}, "logout_without_event"),
    ({"events": {EVENT: True}}, "logout_without_event"),
    ({"events": {"https://example.org/other": {}}}, "logout_without_event"),
    ({"sub": ABSENT, "sid": ABSENT}, "logout_of_nobody"),
    ({"sub": "", "sid": ABSENT}, "logout_sub"),
    ({"sub": 7}, "logout_sub"),
    ({"sub": "s" * 256}, "logout_sub"),
    ({"sid": None}, "logout_sid"),
    ({"jti": ABSENT}, "logout_without_jti"),
    ({"jti": ""}, "logout_jti"),
)  # fmt: skip


@pytest.fixture(scope="module")
def lasting(tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    with house(tmp_path_factory.mktemp("house")) as found:
        yield found


@pytest.mark.parametrize(("changed", "reason"), CLAIMS, ids=lambda each: str(each)[:40])
def test_a_logout_token_with_a_wrong_claim_ends_nothing(
    lasting: House, changed: Claims, reason: str
) -> None:
    now = int(time.time())
    told = {
        name: now + value if name in {"iat", "exp", "nbf"} and type(value) is int else value
        for name, value in changed.items()
    }
    assert_refused(lasting, lasting.post(lasting.token(**told)), reason)


def forged(make: Callable[[LyingProvider], Callable[[Claims, Claims], str]]) -> Any:
    def token(found: House) -> str:
        head = {"alg": found.provider.alg, "kid": str(found.provider.key.kid), "typ": "logout+jwt"}
        return make(found.provider)(head, found.claims())

    return token


def foreign(provider: LyingProvider) -> Callable[[Claims, Claims], str]:
    key = new_key(provider.alg, str(provider.key.kid))
    return lambda head, body: provider.sign_raw(head, json.dumps(body).encode(), key)


def with_its_key(provider: LyingProvider) -> Callable[[Claims, Claims], str]:
    key = new_key(provider.alg, "brought-along")
    return lambda head, body: provider.sign_raw(
        {**head, "jwk": key.as_dict(private=False)}, json.dumps(body).encode(), key
    )


def by_public_key(provider: LyingProvider) -> Callable[[Claims, Claims], str]:
    return keyed_with(provider.key.as_pem(private=False))  # type: ignore[union-attr]


FORGERIES = {
    "foreign key": (forged(foreign), "signature_wrong"),
    "key in the header": (forged(with_its_key), "header_not_plain"),
    "unsigned": (forged(lambda _p: unsigned), "algorithm_not_pinned"),
    "keyed with the public key": (forged(by_public_key), "algorithm_not_pinned"),
    "keyed with our secret": (
        forged(lambda p: keyed_with(p.secret.encode())), "algorithm_not_pinned"
    ),
    "another kind": (lambda found: found.token({"typ": "pass+jwt"}), "token_of_another_kind"),
    "empty": (lambda _found: "", "not_signed"),
    "no token": (lambda _found: "a.b.c", "token_damaged"),
    "too long": (lambda _found: "a" * 9000, "logout_too_long"),
}  # fmt: skip


@pytest.mark.parametrize("name", FORGERIES)
def test_a_forged_logout_token_ends_nothing(lasting: House, name: str) -> None:
    make, reason = FORGERIES[name]
    assert_refused(lasting, lasting.post(make(lasting)), reason)


def test_an_id_token_logs_nobody_out(lasting: House) -> None:
    asked = {"nonce": "n" * 64}
    token = lasting.provider._id_token(asked, "access")
    assert_refused(lasting, lasting.post(token), "logout_with_nonce")


def test_a_logout_token_logs_nobody_in(tmp_path: Path) -> None:
    with house(tmp_path) as found:
        browser = found.site.browser()

        def lie(provider: LyingProvider) -> None:
            provider.lies.sign = lambda _head, body: found.token(nonce=body["nonce"])

        answer = walk(found.site, found.provider, browser, ASKED, lie=lie)
        assert answer.status_code == 502
        assert found.site.outcomes[-1].reason == "token_of_another_kind"
        assert "pass" not in cookie_names(browser)


@pytest.mark.parametrize(
    ("setting", "typ", "status"),
    [
        ("as_present", "logout+jwt", 200),
        ("as_present", "Logout+JWT", 200),
        ("as_present", "JWT", 200),
        ("as_present", ABSENT, 200),
        ("required", "logout+jwt", 200),
        ("required", "JWT", 400),
        ("required", ABSENT, 400),
    ],
)
def test_the_type_of_a_logout_token_may_be_insisted_on(
    tmp_path: Path, setting: str, typ: Any, status: int
) -> None:
    with house(tmp_path, logout_type=setting) as found:
        assert found.post(found.token({"typ": typ})).status_code == status


@pytest.mark.parametrize(
    "sent",
    [
        {"data": {}},
        {"data": {"logout_token": ["a.b.c", "a.b.c"]}},
        {"data": {"token": "a.b.c"}},
        {"json": {"logout_token": "a.b.c"}},
        {"query_string": {"logout_token": "a.b.c"}},
        {"data": {"logout_token": "a.b.c"}, "content_type": "multipart/form-data"},
    ],
)
def test_a_logout_comes_as_one_field_of_a_form(lasting: House, sent: dict[str, Any]) -> None:
    answer = lasting.site.browser().post(ROOM, base_url=SITE, **sent)
    assert_refused(lasting, answer, "logout_form")


def test_the_room_of_logouts_is_not_read_and_the_others_are_not_posted_to(lasting: House) -> None:
    browser = lasting.site.browser()
    for method in ("GET", "HEAD", "PUT", "DELETE"):
        assert browser.open(ROOM, method=method, base_url=SITE).status_code == 405
    for room in ("start", "go/lying", "callback/lying", "leave", "left", "keys.json"):
        assert browser.post(f"/identity/{room}", base_url=SITE).status_code == 405


def test_a_citizens_provider_logs_no_clerk_out(tmp_path: Path) -> None:
    """Only the staff's providers are heard, whoever else signs well."""
    other = {"like": "lying", "client": {"id": "elsewhere", "auth": "client_secret_post",
             "secret": "a secret of the tests"}, "person": {"namespace": "x", "one_per": "account"},
             "request": {}, "attributes": {}}  # fmt: skip
    also = {"staff": {**other, "issuer": "http://127.0.0.1:9"}}
    with opened_office(PLAIN, tmp_path, also=also, staff=STAFF) as (provider, site):
        found = House(provider, site)
        site.service.end_sessions = found.end
        answer = found.post(found.token())
        assert (answer.status_code, found.orders) == (400, [])


def test_no_logout_order_shows_what_the_provider_said(tmp_path: Path) -> None:
    with house(tmp_path) as found:
        found.post(found.token())
        (order,) = found.orders
        shown = repr(order) + repr(found.site.outcomes[-1])
        raw = b"".join(filter(None, (order.jti_hash, order.subject_mark, order.session_mark)))
        for word in ("alice-at-lying", "session-1", "logout-1"):
            assert word not in shown
            assert base64.b64encode(word.encode()).decode() not in shown
            assert word.encode() not in raw
