"""Metadata for a day, keys for an hour, both renewed beforehand; an hour more in an outage.

Over a clock of the test and a provider that is a function: no time passes and nothing is fetched.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import msgspec
import pytest

from identity.errors import Cause, LoginRefused
from identity.providers.metadata import KEYS_TTL, METADATA_TTL, REFETCH_EVERY, MetadataStore
from identity.records import ProviderRecord
from identity.secret_files import ClientSecrets
from identity.settings import ProviderSettings
from tests.identity.conduct import PLAIN
from tests.identity.lying_provider import new_key

ISSUER = "https://login.provider.example"
DISCOVERY = f"{ISSUER}/.well-known/openid-configuration"
KEYS = f"{ISSUER}/jwks"
HOUR = 3600.0
ONE, TWO = (new_key("ES256", name) for name in ("one", "two"))


class World:
    """A provider, a clock, and the background work that was begun."""

    def __init__(self, **record: Any) -> None:
        self.now = 1000.0
        self.fetched: list[str] = []
        self.begun: list[Callable[[], None]] = []
        self.failure: LoginRefused | None = None
        self.keys = [ONE.as_dict(private=False)]
        self.told: dict[str, Any] = {
            "issuer": ISSUER,
            "authorization_endpoint": f"{ISSUER}/authorize",
            "token_endpoint": f"{ISSUER}/token",
            "userinfo_endpoint": f"{ISSUER}/userinfo",
            "jwks_uri": KEYS,
        }
        raw = {**PLAIN.record(ISSUER), **record}
        provider = ProviderSettings(
            "lying", msgspec.convert(raw, ProviderRecord), ClientSecrets(), "https://x.example"
        )
        self.store = MetadataStore(provider, lambda: self.now, self.begun.append)

    def fetch(self, url: str) -> Mapping[str, Any]:
        self.fetched.append(url)
        if self.failure is not None:
            raise self.failure
        return self.told if url == DISCOVERY else {"keys": self.keys}

    def metadata(self) -> Mapping[str, Any]:
        return self.store.metadata(self.fetch)

    def key(self, kid: str = "one") -> Any:
        return self.store.key(self.fetch, kid, "ES256")

    def count(self, url: str) -> int:
        return self.fetched.count(url)


SILENCE = LoginRefused(Cause.NO_ANSWER, "provider_does_not_answer")


@pytest.fixture
def world() -> World:
    found = World()
    found.metadata()
    assert found.key() is not None
    return found


def test_metadata_serve_a_day_and_keys_an_hour(world: World) -> None:
    assert (METADATA_TTL, KEYS_TTL, REFETCH_EVERY) == (24 * HOUR, HOUR, 60.0)
    world.now += 0.7 * HOUR
    assert world.key() is not None
    assert (world.count(DISCOVERY), world.count(KEYS)) == (1, 1)
    world.now += 0.4 * HOUR
    assert world.key() is not None
    assert (world.count(DISCOVERY), world.count(KEYS)) == (1, 2)
    world.now = 1000.0 + 24.1 * HOUR
    world.metadata()
    assert world.count(DISCOVERY) == 2


@pytest.mark.parametrize(("what", "life"), [(DISCOVERY, 24 * HOUR), (KEYS, HOUR)])
def test_both_are_renewed_in_the_background_before_their_end(
    world: World, what: str, life: float
) -> None:
    world.now += 0.81 * life
    if what == KEYS:
        world.key()
        world.key()
    else:
        world.metadata()
        world.metadata()
    assert len(world.begun) == 1  # one of those who came began it, nobody waited
    assert world.count(what) == 1
    world.begun.pop()()
    assert world.count(what) == 2
    world.now += 0.3 * life  # past the first end: what the background fetched serves
    if what == KEYS:
        assert world.key() is not None
    else:
        world.metadata()
    assert world.count(what) == 2


def test_a_refresh_that_fails_leaves_what_serves_and_is_tried_once_a_minute(world: World) -> None:
    world.now += 0.85 * HOUR
    world.failure = SILENCE
    for _ in range(10):
        assert world.key() is not None
        while world.begun:
            world.begun.pop()()
    assert world.count(KEYS) == 2
    world.now += 61
    world.key()
    world.begun.pop()()
    assert world.count(KEYS) == 3


def test_old_keys_serve_an_hour_more_and_not_longer(world: World) -> None:
    world.failure = SILENCE
    world.now += 1.1 * HOUR
    assert world.key() is not None
    assert world.store.keys_stale
    world.now += 0.85 * HOUR
    assert world.key() is not None
    world.now += 0.1 * HOUR  # 2.05 hours
    with pytest.raises(LoginRefused, match="provider_does_not_answer"):
        world.key()
    world.failure = None
    assert world.key() is not None
    assert not world.store.keys_stale


def test_old_metadata_serve_an_hour_more_and_not_longer(world: World) -> None:
    world.failure = SILENCE
    world.now += 24.9 * HOUR
    assert world.metadata()["issuer"] == ISSUER
    world.now += 0.2 * HOUR
    with pytest.raises(LoginRefused, match="provider_does_not_answer"):
        world.metadata()


def test_in_an_outage_one_login_a_minute_waits_for_the_provider(world: World) -> None:
    world.failure = SILENCE
    world.now += 1.2 * HOUR
    for _ in range(50):
        assert world.key() is not None
    assert world.count(KEYS) == 2
    world.now += 61
    for _ in range(50):
        assert world.key() is not None
    assert world.count(KEYS) == 3


def test_an_old_key_is_refused_once_the_new_set_is_read(world: World) -> None:
    world.keys = [TWO.as_dict(private=False)]
    world.now += 1.1 * HOUR
    assert world.key("two") is not None
    assert world.key("one") is None


def test_keys_withdrawn_altogether_do_not_serve_on(world: World) -> None:
    """An outage keeps the old keys; an empty set is an answer, and may be an emergency."""
    world.keys = []
    world.now += 1.1 * HOUR
    for _ in range(3):
        with pytest.raises(LoginRefused, match="keys_missing"):
            world.key()
    world.keys = [TWO.as_dict(private=False)]
    assert world.key("two") is not None


def test_metadata_that_become_another_issuers_do_not_serve_on(world: World) -> None:
    world.told = {**world.told, "issuer": "https://other.example"}
    world.now += 24.1 * HOUR
    for _ in range(3):
        with pytest.raises(LoginRefused, match="metadata_of_another_issuer"):
            world.metadata()


def test_a_refresh_that_meets_another_issuer_stops_the_next_login(world: World) -> None:
    world.told = {**world.told, "token_endpoint": "https://evil.example/token"}
    world.now += 20 * HOUR
    world.metadata()
    world.begun.pop()()
    with pytest.raises(LoginRefused, match="metadata_endpoint_on_a_foreign_host"):
        world.metadata()


def test_an_unknown_kid_is_looked_for_once_a_minute(world: World) -> None:
    assert world.key("two") is None  # within the minute of the first fetch
    world.now += 61
    world.keys.append(TWO.as_dict(private=False))
    assert world.key("two") is not None
    assert world.count(KEYS) == 2
    for number in range(1000):
        assert world.key(f"unknown-{number}") is None
    assert world.count(KEYS) == 2
    world.now += 61
    assert world.key("unknown") is None
    assert world.count(KEYS) == 3


def test_an_endpoint_may_lie_on_a_host_that_the_record_adds() -> None:
    found = World(hosts=["keys.provider.example"])
    found.told["jwks_uri"] = "https://keys.provider.example/jwks"
    assert found.metadata()["jwks_uri"] == "https://keys.provider.example/jwks"
    found = World()
    found.told["jwks_uri"] = "https://keys.provider.example/jwks"
    with pytest.raises(LoginRefused, match="foreign_host"):
        found.metadata()


@pytest.mark.parametrize(
    "url", ["https://login.provider.example:8443/t", "https://u@login.provider.example/t",
            "https://login.provider.example/t#f", "https://login.provider.example.evil.example/t"],
)  # fmt: skip
def test_an_address_that_only_looks_like_the_host_is_refused(url: str) -> None:
    found = World()
    found.told["token_endpoint"] = url
    with pytest.raises(LoginRefused, match="metadata_endpoint"):
        found.metadata()


def test_the_final_slash_of_an_issuer_is_no_part_of_the_discovery_address() -> None:
    found = World()
    found.store._provider = ProviderSettings(
        "lying",
        msgspec.structs.replace(found.store._provider.record, issuer=f"{ISSUER}/"),
        ClientSecrets(),
        "https://x.example",
    )
    found.told["issuer"] = f"{ISSUER}/"
    assert found.metadata()["issuer"] == f"{ISSUER}/"
    assert found.fetched == [DISCOVERY]
