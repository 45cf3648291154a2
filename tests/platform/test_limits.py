"""Limits: generous, exact, bounded, and without an address anywhere. The clock is the test's."""

from __future__ import annotations

import gc
import ipaddress
import pickle
import threading
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from identity.daily_keys import DailyKeys
from petitions.app import limits_of
from petitions.platform.config import Limits
from petitions.platform.limits import (
    KEY_SIZE,
    MOST,
    PERIOD,
    Bucket,
    Limiter,
    network_of,
    whole_minute,
)
from tests.platform.test_config import changed, refusal, settings_from

NOON = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)
HERE, THERE = b"4\xc0\x00\x02\x07", b"4\xc0\x00\x02\x08"
DEFAULTS = {bucket: getattr(Limits(), bucket) for bucket in Bucket}


def salt_of(at: datetime) -> bytes:
    return at.astimezone(UTC).date().isoformat().encode() * 4


def limiter(number: int = 3, **more: Any) -> Limiter:
    return Limiter(dict.fromkeys(Bucket, number), salt_of, **more)


def let_in(one: Limiter, times: int, at: datetime = NOON, network: bytes = HERE) -> int:
    """How many of so many attempts at one instant go on."""
    found = (one.attempt(Bucket.LOGINS, network, at) for _ in range(times))
    return sum(until is None for until in found)


# --- counting ----------------------------------------------------------------------------------


def test_as_many_as_the_limit_may_come_at_once_and_no_more() -> None:
    for number in (1, 2, 3, 7, 600, 1199):
        assert let_in(limiter(number), number + 5) == number


def test_who_was_refused_may_come_again_at_the_time_that_was_told() -> None:
    one = limiter(3)
    let_in(one, 3)
    until = one.attempt(Bucket.LOGINS, HERE, NOON)
    assert until == NOON + timedelta(seconds=240), "200 s for the next one, in whole minutes"
    assert one.attempt(Bucket.LOGINS, HERE, NOON + timedelta(seconds=199)) is not None
    assert one.attempt(Bucket.LOGINS, HERE, until) is None


def test_attempts_that_are_refused_do_not_lengthen_the_wait() -> None:
    one = limiter(3)
    let_in(one, 3)
    told = {one.attempt(Bucket.LOGINS, HERE, NOON) for _ in range(1000)}
    assert len(told) == 1


def test_after_ten_minutes_everything_is_as_at_the_beginning() -> None:
    one = limiter(50)
    assert let_in(one, 60) == 50
    assert let_in(one, 60, NOON + PERIOD) == 50


def test_a_steady_flood_gets_the_limit_in_each_ten_minutes_and_nothing_more() -> None:
    one, went_on = limiter(100), 0
    for second in range(3600):
        went_on += let_in(one, 3, NOON + timedelta(seconds=second))
    assert went_on == 100 + 599, "the first hundred, then one each six seconds for an hour"


@pytest.mark.parametrize("bucket", [Bucket.LOGINS, Bucket.CONFIRMATIONS])
def test_by_default_a_school_of_six_hundred_signs_in_ten_minutes(bucket: Bucket) -> None:
    at_once, spread = Limiter(DEFAULTS, salt_of), Limiter(DEFAULTS, salt_of)
    steps = ("ask", "start", "go") if bucket is Bucket.LOGINS else ("",)
    for number in range(600):
        for step in steps:
            assert at_once.attempt(bucket, HERE, NOON, step) is None
            assert spread.attempt(bucket, HERE, NOON + timedelta(seconds=number), step) is None


def test_buckets_steps_and_networks_are_counted_apart() -> None:
    one = limiter(2)
    assert let_in(one, 5) == 2
    for bucket in Bucket:
        if bucket is not Bucket.LOGINS:
            assert one.attempt(bucket, HERE, NOON) is None
    assert one.attempt(Bucket.LOGINS, HERE, NOON, "go") is None
    assert one.attempt(Bucket.LOGINS, THERE, NOON) is None


def test_nothing_is_counted_where_the_limit_is_nought() -> None:
    one = Limiter({Bucket.LOGINS: 0}, salt_of)
    assert let_in(one, 10_000) == 10_000
    assert one.attempt(Bucket.FOLLOWS, HERE, NOON) is None, "nor where there is none"
    assert len(one) == 0


def test_a_clock_that_was_set_back_locks_nobody_out_for_long() -> None:
    one = limiter(3)
    let_in(one, 3, NOON + timedelta(hours=5))
    until = one.attempt(Bucket.LOGINS, HERE, NOON)
    assert until is not None
    assert until - NOON <= PERIOD


def test_threads_together_get_the_limit_exactly() -> None:
    one, barrier, went_on = limiter(500), threading.Barrier(8), []

    def come() -> None:
        barrier.wait(20)
        went_on.append(let_in(one, 100))

    threads = [threading.Thread(target=come) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(20)
    assert sum(went_on) == 500


def test_a_whole_minute_is_never_before_the_instant() -> None:
    assert whole_minute(NOON) == NOON
    assert whole_minute(NOON + timedelta(microseconds=1)) == NOON + timedelta(minutes=1)
    assert whole_minute(NOON + timedelta(seconds=59)) == NOON + timedelta(minutes=1)


# --- what is kept ------------------------------------------------------------------------------


def inside(thing: object) -> list[object]:
    """Everything that can be reached from the limiter, but for code and types."""
    found, open_ones, seen = [], [thing], set()
    while open_ones:
        each = open_ones.pop()
        if id(each) in seen or isinstance(each, type) or callable(each):
            continue
        seen.add(id(each))
        found.append(each)
        open_ones += gc.get_referents(each)
    return found


def test_no_address_is_in_the_memory_of_the_limiter_and_every_key_has_sixteen_bytes() -> None:
    one = Limiter(DEFAULTS, salt_of)
    addresses = ["192.0.2.7", "198.51.100.23", "2001:db8:77:99:1:2:3:4", "203.0.113.199"]
    for address in addresses:
        network = network_of(address, "", 0)
        assert network is not None
        for bucket in Bucket:
            assert one.attempt(bucket, network, NOON, "go") is None
    kept = [each for each in inside(one) if isinstance(each, bytes | str)]
    assert len(one._due) == len(addresses) * len(Bucket)
    assert {len(key) for key in one._due} == {KEY_SIZE}
    assert {type(count) for count in one._due.values()} == {int}
    dump = b"\n".join(x.encode() if isinstance(x, str) else x for x in kept)
    dump += pickle.dumps((one._due, one._limits, one._salt, one._day))
    for address in addresses:
        packed = ipaddress.ip_address(address).packed
        for trace in (
            address.encode(),
            packed[:8],
            packed[:8].hex().encode(),
            packed.hex().encode(),
        ):
            assert trace not in dump, address
    assert all(key in dump for key in one._due), "the search looks where the keys are"


def test_two_days_share_no_key_and_the_new_day_begins_at_nothing() -> None:
    late = NOON.replace(hour=23, minute=59, second=59)
    one = limiter(2)
    assert let_in(one, 5, late) == 2
    before, salt = set(one._due), one._salt
    assert let_in(one, 5, late + timedelta(seconds=1)) == 2
    assert set(one._due).isdisjoint(before)
    assert len(one._due) == 1, "yesterday's are gone"
    assert one._salt != salt


def test_the_day_is_that_of_the_salt_wherever_the_clock_stands() -> None:
    from zoneinfo import ZoneInfo

    one = limiter(2)
    let_in(one, 2)
    assert let_in(one, 1, NOON.astimezone(ZoneInfo("Pacific/Auckland"))) == 0


def test_a_million_addresses_fill_no_memory_and_the_busy_one_stays_known() -> None:
    one = Limiter({Bucket.LOGINS: 5}, salt_of)
    assert let_in(one, 5) == 5
    for number in range(1_000_000):
        assert one.attempt(Bucket.LOGINS, number.to_bytes(5, "big"), NOON) is None
        if number % 40_000 == 0:
            assert one.attempt(Bucket.LOGINS, HERE, NOON) is not None, "still over its limit"
    assert len(one) == MOST


def test_who_has_come_to_rest_is_forgotten_before_the_day_is_over() -> None:
    one = limiter(5)
    for number in range(100):
        one.attempt(Bucket.LOGINS, bytes([number]), NOON)
    for _ in range(40):
        one.attempt(Bucket.LOGINS, HERE, NOON + PERIOD)
    assert len(one) == 1


# --- the salt ----------------------------------------------------------------------------------


def test_the_salt_is_the_same_for_all_processes_and_another_on_the_next_day(tmp_path: Path) -> None:
    one, other = DailyKeys(tmp_path, "petitions"), DailyKeys(tmp_path, "petitions")
    assert one.network_salt(NOON) == other.network_salt(NOON + timedelta(hours=11))
    assert len(one.network_salt(NOON)) == 32
    assert one.network_salt(NOON) != one.network_salt(NOON + timedelta(hours=12))
    assert one.network_salt(NOON) != DailyKeys(tmp_path, "identity").network_salt(NOON)


def test_the_salt_dies_with_its_day_and_not_twenty_minutes_later(tmp_path: Path) -> None:
    keys = DailyKeys(tmp_path, "petitions")
    keys.network_salt(NOON)
    keys.state_key(NOON)
    assert keys.purge(NOON.replace(hour=23, minute=59)) == 0
    assert keys.purge(NOON + timedelta(hours=12)) == 1
    assert [path.name for path in (tmp_path / "petitions").iterdir()] == ["state-2026-11-22.key"]


# --- where a request came from -------------------------------------------------------------------


@pytest.mark.parametrize(
    ("peer", "forwarded", "hops", "wanted"),
    [
        ("192.0.2.7", "", 0, "192.0.2.7"),
        ("192.0.2.7", "203.0.113.1", 0, "192.0.2.7"),  # nobody is trusted: the header is nothing
        ("192.0.2.7:51234", "", 0, "192.0.2.7"),
        ("10.0.0.1", "203.0.113.1", 1, "203.0.113.1"),
        ("10.0.0.1", "6.6.6.6, 203.0.113.1", 1, "203.0.113.1"),  # the client wrote the first one
        ("10.0.0.1", "6.6.6.6,203.0.113.1,10.0.0.2", 2, "203.0.113.1"),
        ("10.0.0.1", '"203.0.113.1:8080"', 1, "203.0.113.1"),
        ("10.0.0.1", "::ffff:203.0.113.1", 1, "203.0.113.1"),
        ("::ffff:192.0.2.7", "", 0, "192.0.2.7"),
    ],
)
def test_the_network_is_what_the_trusted_proxies_saw(
    peer: str, forwarded: str, hops: int, wanted: str
) -> None:
    assert network_of(peer, forwarded, hops) == b"4" + ipaddress.ip_address(wanted).packed


@pytest.mark.parametrize(
    ("peer", "forwarded", "hops"),
    [
        ("", "", 0),  # a Unix socket
        ("127.0.0.1", "", 0),
        ("::1", "6.6.6.6", 0),
        ("10.0.0.1", "", 1),  # the proxy does not tell
        ("10.0.0.1", "6.6.6.6", 2),
        ("10.0.0.1", "unknown", 1),
        ("10.0.0.1", "127.0.0.1", 1),
        ("x" * 5000, "", 0),
        ("10.0.0.1", "," * 5000, 1),
        ("999.1.1.1", "", 0),
        ("[]:80", "", 0),
    ],
)
def test_where_nobody_can_tell_there_is_no_network(peer: str, forwarded: str, hops: int) -> None:
    assert network_of(peer, forwarded, hops) is None


def test_of_an_ipv6_address_the_first_sixty_four_bits_count() -> None:
    home = network_of("2001:db8:1:2:3:4:5:6", "", 0)
    assert home == network_of("2001:db8:1:2:ffff::1%eth0", "", 0)
    assert home == network_of("10.0.0.1", "[2001:db8:1:2::9]:443", 1)
    assert home != network_of("2001:db8:1:3:3:4:5:6", "", 0)
    assert home is not None
    assert len(home) == 9


# --- settings ----------------------------------------------------------------------------------


def test_each_limit_is_a_setting_and_nought_switches_it_off() -> None:
    raw = changed("limits", {str(bucket): number for number, bucket in enumerate(Bucket)})
    assert limits_of(settings_from(raw)) == {bucket: n for n, bucket in enumerate(Bucket)}
    assert limits_of(settings_from(changed("limits", {}))) == DEFAULTS


@pytest.mark.parametrize("value", [-1, 1_000_001, "many", 1.5])
def test_a_limit_that_is_none_stops_the_start_with_its_path(value: Any) -> None:
    assert "limits.logins" in refusal(changed("limits", {"logins": value}))


def test_a_misspelt_limit_is_never_a_limit_left_out() -> None:
    told = refusal(changed("limits", {"login": 5}))
    assert told == "config.toml: limits.login is not a known key, did you mean 'logins'?"
