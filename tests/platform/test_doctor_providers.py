"""`petitions doctor` looks at identity providers that err, each in one thing; clocks among them."""

from __future__ import annotations

import dataclasses
import time
from collections.abc import Callable, Iterator
from email.utils import formatdate
from http.server import BaseHTTPRequestHandler
from pathlib import Path
from typing import Any

import msgspec
import pytest
from werkzeug.wrappers import Response

from identity.providers.clock_check import clock_finding
from identity.providers.inspection import Remark, inspect
from petitions.doctor import look
from tests.identity.conduct import PLAIN, Office, opened_office
from tests.identity.lying_provider import ABSENT, LyingProvider, as_json, new_key
from tests.web.town import Town, open_town

Pair = tuple[LyingProvider, Office]


@pytest.fixture
def pair(tmp_path: Path) -> Iterator[Pair]:
    with opened_office(PLAIN, tmp_path) as found:
        yield found


def remarks(pair: Pair, **record: Any) -> list[Remark]:
    """What is said of the provider; `record` changes parts of its record, such as answer.algs."""
    provider = pair[1].settings.providers["lying"]
    changed = provider.record
    for name, values in record.items():
        if isinstance(values, dict) and name != "metadata":
            inner = msgspec.structs.replace(getattr(changed, name), **values)
            changed = msgspec.structs.replace(changed, **{name: inner})
        else:
            changed = msgspec.structs.replace(changed, **{name: values})
    return list(inspect(dataclasses.replace(provider, record=changed)))


# --- providers -----------------------------------------------------------------------------------


def test_of_a_provider_in_order_nothing_is_said(pair: Pair) -> None:
    assert remarks(pair) == []


LIES: dict[str, tuple[Callable[[LyingProvider], Any], str]] = {
    "it is silent": (
        lambda p: setattr(p.lies, "metadata_response", Response("", 503)), "does not answer at",
    ),
    "it answers with a page": (
        lambda p: setattr(p.lies, "metadata_response", Response("<p>hello", mimetype="text/html")),
        "something else than JSON",
    ),
    "it answers with half of its JSON": (
        lambda p: setattr(p.lies, "metadata_response", Response("{", mimetype="application/json")),
        "something else than JSON",
    ),
    "it does not know the address": (
        lambda p: setattr(p.lies, "metadata_response", as_json({}, 404)), "something else than JSON",
    ),
    "it sends us elsewhere": (
        lambda p: setattr(p.lies, "metadata_response", Response("", 302, {"Location": "/other"})),
        "sends us elsewhere",
    ),
    "it is another one": (
        lambda p: p.lies.metadata.update(issuer="https://another.example"), "another name than `issuer`",
    ),
    "its token end is on a foreign host": (
        lambda p: p.lies.metadata.update(token_endpoint="http://127.0.0.2:9/token"), "add it to `hosts`",
    ),
    "it has no token end": (
        lambda p: p.lies.metadata.update(token_endpoint=ABSENT), "lack an endpoint",
    ),
    "it signs with something else": (
        lambda p: p.lies.metadata.update(id_token_signing_alg_values_supported=["PS512"]),
        "signs with PS512, and `answer.algs` accepts ES256 only",
    ),
    "its keys are for something else": (
        lambda p: setattr(p, "key", new_key("RS256", "provider-1")), "no key for ES256",
    ),
    "its keys are none": (
        lambda p: setattr(p.lies, "keys_response", as_json({"keys": "none"})), "key set is none",
    ),
    "its keys cannot be read": (
        lambda p: setattr(p.lies, "keys_response", as_json({"keys": [{"kty": "??"}, 5]})), "no key for",
    ),
    "its keys are private ones": (
        lambda p: setattr(
            p.lies, "keys_response", as_json({"keys": [p.key.as_dict(private=True)]})),
        "no key for ES256",
    ),
    "its keys do not come": (
        lambda p: setattr(p.lies, "keys_response", Response("", 500)), "does not answer at",
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", LIES)
def test_a_provider_that_cannot_be_used_is_wrong_and_it_is_said_what_to_do(
    pair: Pair, name: str
) -> None:
    lie, words = LIES[name]
    lie(pair[0])
    (told,) = remarks(pair)
    assert told.wrong
    assert words in told.sentence


def test_where_the_record_asks_for_more_than_is_announced_a_note_says_so(pair: Pair) -> None:
    announced = pair[0].lies.metadata
    announced["token_endpoint_auth_methods_supported"] = ["private_key_jwt"]
    announced["acr_values_supported"] = ["eidas3"]
    announced["code_challenge_methods_supported"] = ["plain"]
    told = remarks(pair, request={"acr_values": ("eidas1", "eidas3"), "pkce": "S256"})
    assert [each.wrong for each in told] == [False] * 3
    whole = " ".join(each.sentence for each in told)
    for words in ("`client.auth`", "the level eidas1", "PKCE with S256"):
        assert words in whole
    assert "eidas3" not in whole
    announced["code_challenge_methods_supported"] = ["S256"]
    assert "set `request.pkce` to S256" in remarks(pair, request={"pkce": "off"})[-1].sentence


def test_a_provider_whose_metadata_stand_in_the_record_is_asked_for_its_keys(pair: Pair) -> None:
    lying = pair[0]
    known = {"issuer": lying.issuer} | {
        name: lying.at(name)
        for name in ("authorization_endpoint", "token_endpoint", "jwks_uri", "userinfo_endpoint")
    }
    assert remarks(pair, metadata=known) == []
    lying.lies.keys_response = as_json({"keys": []})
    assert "no key for" in remarks(pair, metadata=known)[0].sentence


def tells(monkeypatch: pytest.MonkeyPatch, date: Callable[[], str]) -> None:
    """What every server of this process writes into its header Date."""
    monkeypatch.setattr(BaseHTTPRequestHandler, "date_time_string", lambda _self, _at=None: date())


@pytest.mark.parametrize(
    ("seconds", "wrong", "words"),
    [
        (12, False, "12 seconds behind"),
        (-12, False, "12 seconds ahead of"),
        (300, True, "300 seconds behind"),
        (-300, True, "300 seconds ahead of"),
    ],
)
def test_a_clock_that_differs_is_a_note_and_where_logins_fail_it_is_wrong(
    pair: Pair, monkeypatch: pytest.MonkeyPatch, seconds: int, wrong: bool, words: str
) -> None:
    tells(monkeypatch, lambda: formatdate(time.time() + seconds, usegmt=True))
    (told,) = remarks(pair, skew=60)
    assert told.wrong is wrong
    near = {words.replace(str(abs(seconds)), str(abs(seconds) + off)) for off in (-2, -1, 0, 1, 2)}
    assert any(each in told.sentence for each in near), told.sentence
    assert "NTP" in told.sentence
    assert "beyond 60 seconds" in told.sentence


def test_clocks_that_agree_within_seconds_are_not_spoken_of(pair: Pair) -> None:
    provider = pair[1].settings.providers["lying"]
    real = time.time
    for off in (-4.0, 0.0, 4.0):
        assert clock_finding(provider, lambda off=off: real() + off) is None  # type: ignore[misc]


def test_a_provider_that_tells_no_time_is_a_note(
    pair: Pair, monkeypatch: pytest.MonkeyPatch
) -> None:
    tells(monkeypatch, lambda: "no time at all")
    (told,) = remarks(pair)
    assert (told.wrong, "tells no time" in told.sentence) == (False, True)


def test_nothing_that_a_provider_says_is_repeated(pair: Pair) -> None:
    planted = "planted-words-of-the-provider"
    for body in (f'{{"issuer": "{planted}"}}', planted):
        pair[0].lies.metadata_response = Response(body, mimetype="application/json")
        assert planted not in " ".join(each.sentence for each in remarks(pair))


@pytest.fixture
def town(tmp_path: Path, sqlite_uri: str) -> Iterator[Town]:
    with open_town(tmp_path, sqlite_uri) as found:
        yield found


def test_the_doctor_looks_at_each_provider_of_the_settings(
    town: Town, monkeypatch: pytest.MonkeyPatch
) -> None:
    (only,) = look("providers", town.settings)
    assert only.level == "ok"
    town.staff.lies.metadata["issuer"] = "https://another.example"
    tells(monkeypatch, lambda: formatdate(time.time() + 12, usegmt=True))
    told = {each.level: each.sentence for each in look("providers", town.settings)}
    assert told["WRONG"].startswith("provider staff: it calls itself by another name")
    assert told["note"].startswith("provider demo: our clock is 1")


def test_looking_begins_no_login_and_spends_no_code(town: Town) -> None:
    look("providers", town.settings)
    for provider in (town.citizens, town.staff):
        assert {call.rpartition("/")[2] for call in provider.calls} == {
            "openid-configuration",
            "jwks",
        }
        assert provider.asked == []
