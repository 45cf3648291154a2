"""One-day keys: raced at birth, shared by a zone, dead after a day and twenty minutes."""

from __future__ import annotations

import threading
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey

from identity.daily_keys import DailyKeys
from identity.errors import KeyRefused

NOON = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)
LATE = NOON.replace(hour=23, minute=59)


@pytest.fixture
def keys(tmp_path: Path) -> DailyKeys:
    return DailyKeys(tmp_path, "petitions")


def test_what_was_sealed_today_opens_today_for_the_same_use_only(keys: DailyKeys) -> None:
    token = keys.seal_state(NOON, b"state", b"login")
    assert keys.open_state(NOON, token, b"login") == b"state"
    assert keys.open_state(NOON, token, b"leave") is None
    changed = token[:-2] + ("AA" if token[-2:] != "AA" else "BB")
    assert keys.open_state(NOON, changed, b"login") is None


@pytest.mark.parametrize("token", ["", "a", "é", "a b", "====", "A" * 40, "../../etc"])
def test_a_token_that_is_none_opens_to_nothing(keys: DailyKeys, token: str) -> None:
    keys.state_key(NOON)
    assert keys.open_state(NOON, token, b"login") is None


def test_two_zones_share_no_key(tmp_path: Path) -> None:
    token = DailyKeys(tmp_path, "petitions").seal_state(NOON, b"state", b"login")
    assert DailyKeys(tmp_path, "identity").open_state(NOON, token, b"login") is None


def test_what_was_sealed_before_midnight_opens_for_an_hour_more(keys: DailyKeys) -> None:
    token = keys.seal_state(LATE, b"state", b"login")
    assert keys.open_state(LATE + timedelta(minutes=60), token, b"login") == b"state"
    assert keys.open_state(LATE + timedelta(minutes=61, seconds=1), token, b"login") is None


def test_opening_never_makes_a_key(keys: DailyKeys, tmp_path: Path) -> None:
    assert keys.open_state(NOON, "A" * 60, b"login") is None
    assert list((tmp_path / "petitions").iterdir()) == []


def test_the_pass_key_pair_is_of_the_day(keys: DailyKeys) -> None:
    day, public = keys.pass_public(NOON)
    assert day == "2026-11-22"
    private = keys.pass_private(day, NOON)
    assert private is not None
    derived = X25519PrivateKey.from_private_bytes(private).public_key().public_bytes_raw()
    assert derived == public
    assert keys.pass_public(NOON + timedelta(days=1))[1] != public


def test_the_private_key_is_given_for_today_and_yesterday_only(keys: DailyKeys) -> None:
    day, _ = keys.pass_public(LATE)
    assert keys.pass_private(day, LATE + timedelta(minutes=21)) is not None
    assert keys.pass_private(day, LATE + timedelta(minutes=22)) is None
    assert keys.pass_private(day, LATE + timedelta(days=5)) is None
    for odd in ("", "2026-11-21", "2026-11-23", "../../petitions/pass-enc-2026-11-22"):
        assert keys.pass_private(odd, LATE) is None


def test_purging_destroys_after_a_day_and_the_grace_of_each_use(
    keys: DailyKeys, tmp_path: Path
) -> None:
    keys.pass_public(NOON)
    keys.state_key(NOON)
    midnight = datetime(2026, 11, 23, tzinfo=UTC)
    assert keys.purge(midnight + timedelta(minutes=20)) == 0
    assert keys.purge(midnight + timedelta(minutes=20, seconds=1)) == 1
    assert keys.purge(midnight + timedelta(minutes=60)) == 0
    assert keys.purge(midnight + timedelta(minutes=60, seconds=1)) == 1
    assert list((tmp_path / "petitions").iterdir()) == []


def test_a_pass_recorded_yesterday_opens_with_no_key_on_the_machine(
    keys: DailyKeys, tmp_path: Path
) -> None:
    day, _ = keys.pass_public(NOON)
    later = NOON + timedelta(days=1)
    keys.pass_public(later)
    keys.purge(later)
    assert keys.pass_private(day, NOON) is None
    kept = [path.name for path in (tmp_path / "petitions").iterdir()]
    assert kept == ["pass-enc-2026-11-23.key"]


def test_many_processes_of_a_zone_have_one_key(tmp_path: Path) -> None:
    barrier = threading.Barrier(8)
    found: list[bytes] = []

    def race() -> None:
        own = DailyKeys(tmp_path, "petitions")
        barrier.wait()
        found.append(own.state_key(NOON))

    threads = [threading.Thread(target=race) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(found) == 8
    assert len(set(found)) == 1


def test_a_days_key_open_to_others_is_refused(keys: DailyKeys, tmp_path: Path) -> None:
    keys.state_key(NOON)
    (tmp_path / "petitions" / "state-2026-11-22.key").chmod(0o644)
    with pytest.raises(KeyRefused):
        keys.state_key(NOON)


def test_an_instant_without_zone_is_refused(keys: DailyKeys) -> None:
    with pytest.raises(ValueError, match="zone"):
        keys.state_key(datetime(2026, 11, 22))


def test_a_zone_name_is_never_a_path(tmp_path: Path) -> None:
    with pytest.raises(KeyRefused):
        DailyKeys(tmp_path, "../petitions")
