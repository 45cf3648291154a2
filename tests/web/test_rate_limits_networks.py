"""Where an attempt came from: told by trusted proxies only, and found nowhere afterwards."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import event

from petitions.platform.limits import Bucket
from petitions.web.edge import EXTENSION as ENGINE
from petitions.web.rate_limits import EXTENSION, Doorkeeper
from tests.privacy.canaries import Canary, dumped, files_under, search
from tests.web.limited import (
    CAFE,
    HOUSE,
    SCHOOL,
    allow,
    author_of,
    somebody,
    told,
)
from tests.web.site import build
from tests.web.town import Town, open_town


@pytest.fixture
def town(tmp_path: Path, sqlite_uri: str) -> Iterator[Town]:
    with open_town(tmp_path, sqlite_uri) as found:
        yield found


# --- where it comes from --------------------------------------------------------------------------


def statuses(town: Town, path: str, told: list[str], peer: str = SCHOOL) -> list[int]:
    """The same request again and again, with what each one says about itself."""
    client = somebody(town, peer).client
    return [client.get(path, headers={"X-Forwarded-For": one}).status_code for one in told]


def test_a_header_that_nobody_vouches_for_changes_nothing(town: Town) -> None:
    allow(town, staff_logins=2)
    lies = [f"10.9.8.{number}" for number in range(5)]
    assert statuses(town, "/office/sign-in", lies) == [303, 303, 429, 429, 429]


def test_behind_a_proxy_each_visitor_is_one_network_and_cannot_lie_about_it(town: Town) -> None:
    allow(town, staff_logins=2, hops=1)
    lies = [f"10.9.8.{number}, {SCHOOL}" for number in range(4)]
    assert statuses(town, "/office/sign-in", lies, "10.0.0.1") == [303, 303, 429, 429]
    others = [f"{SCHOOL}, {CAFE}"] * 3
    assert statuses(town, "/office/sign-in", others, "10.0.0.1") == [303, 303, 429]


def test_a_house_with_ipv6_is_one_network(town: Town) -> None:
    allow(town, staff_logins=2)
    inside = ["2001:db8:55:66::1", "2001:db8:55:66:ffff::2", "2001:db8:55:66:1:2:3:4"]
    found = [somebody(town, each).get("/office/sign-in").status_code for each in inside]
    assert found == [303, 303, 429]
    assert somebody(town, "2001:db8:55:67::1").get("/office/sign-in").status_code == 303


def test_a_proxy_that_names_nobody_limits_nobody_and_is_told_once(town: Town) -> None:
    """Else one silent proxy would be one network, and the site closed after the first thousand."""
    allow(town, staff_logins=1, hops=1)
    with told() as lines:
        for _ in range(3):
            assert somebody(town, "10.0.0.1").get("/office/sign-in").status_code == 303
    assert len([line for line in lines if "limits idle" in line]) == 1


def test_the_machine_itself_is_never_limited(town: Town) -> None:
    allow(town, 1)
    for _ in range(5):
        assert town.browser().get("/office/sign-in").status_code == 303


# --- what is left behind --------------------------------------------------------------------------


def test_no_address_is_in_database_files_logs_cookies_or_pages(town: Town) -> None:
    ref = town.publish()
    allow(town, 1)
    seen: list[bytes] = []
    with told() as lines:
        for network in (SCHOOL, HOUSE):
            for _ in range(3):
                browser = somebody(town, network)
                for path in (f"/en/petitions/{ref}/sign", "/identity/start", "/office/sign-in"):
                    answer = browser.get(path)
                    seen += [answer.data, str(answer.headers).encode()]
                answer = browser.post(f"/en/petitions/{ref}/sign/confirm", {"draw": "x"})
                seen += [answer.data, str(answer.headers).encode()]
        author = author_of(town)
        for _ in range(3):
            seen.append(author.post("/en/start/new", data={"title": "x"}).data)
    assert sum(b"Too many" in page for page in seen) > 8, "the limits were met"
    canaries = [Canary.of("IPv4", SCHOOL), Canary.of("IPv6", HOUSE), Canary.of("/64", HOUSE[:15])]
    canaries += [Canary.of("hex", "cb00714d"), Canary("packed", bytes.fromhex("20010db800550066"))]
    places = {"log": "\n".join(lines).encode(), "answers": b"\n".join(seen)}
    places |= dict(dumped(town.site.sessions.kw["bind"]))
    places |= dict(files_under(town.folder))
    assert any("network-" in name for name in places), "the salt is one of the files"
    assert search(places, canaries) == []


def test_a_refused_attempt_writes_nothing_and_opens_no_connection(town: Town) -> None:
    ref = town.publish()
    allow(town, 1)
    paths = (f"/en/petitions/{ref}/sign", "/en/start/login", "/office/sign-in")
    for path in paths:
        somebody(town).get(path)
    taken: list[str] = []

    def note(*_told: Any) -> None:
        taken.append("a connection")

    engine = town.site.app.extensions[ENGINE].sessions.kw["bind"]
    event.listen(engine, "checkout", note)
    try:
        for path in paths:
            assert somebody(town).get(path).status_code == 429
        assert somebody(town).post(f"/en/petitions/{ref}/sign/confirm", {}).status_code != 429
        taken.clear()
        assert somebody(town).post(f"/en/petitions/{ref}/sign/confirm", {}).status_code == 429
    finally:
        event.remove(engine, "checkout", note)
    assert taken == []


def test_a_program_reads_the_refusal_as_a_problem_document(town: Town) -> None:
    allow(town, staff_logins=1)
    wanted = {"Accept": "application/json"}
    somebody(town).client.get("/office/sign-in")
    answer = somebody(town).client.get("/office/sign-in", headers=wanted)
    assert answer.status_code == 429
    assert answer.content_type == "application/problem+json"
    assert answer.json["code"] == "too_many"
    assert answer.headers["Retry-After"] == "600"


def test_the_limits_of_the_settings_are_those_of_the_site(tmp_path: Path, sqlite_uri: str) -> None:
    site = build(tmp_path, sqlite_uri)
    keeper: Doorkeeper = site.app.extensions[EXTENSION]
    assert keeper.limiter._limits[Bucket.LOGINS] == 1200
    assert (keeper.hops, keeper.clock()) == (0, site.at)
    site.later(days=1)
    assert keeper.clock() == site.at
    here = {"REMOTE_ADDR": CAFE}
    found = [
        site.visitor().get("/office/sign-in", environ_overrides=here).status_code
        for _ in range(301)
    ]
    assert found == [303] * 300 + [429]
    site.close()
