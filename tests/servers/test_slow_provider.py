"""A provider that does not answer, through the real server: public pages go on while logins wait.

Proved by order, not by time: the very requests that the provider held before a page was asked for are
still held when the page has been answered.
"""

from __future__ import annotations

import sqlite3
import threading
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

import pytest

from identity.errors import LoginRefused
from identity.providers.breaker import Bulkhead
from petitions import border
from petitions.demo.settings import write_settings
from petitions.platform import migrations
from petitions.platform.config import load_settings
from petitions.storage import tables as t
from petitions.web.edge import EXTENSION
from tests.servers.slow_provider import (
    PATIENCE,
    Crowd,
    ask,
    logins_of_staff,
    logins_that_come_back,
    slow_provider,
)
from tests.servers.test_serve import PAGES, free_port, granian
from tests.web.town import Town, build_site, close_site, open_town

THREADS, PLACES = 2, 1
"""If each login stood in line for 200 ms, the last of 200 would leave its thread after 40 s."""
READ = 30.0
"""Seconds a login waits for the provider here: the longest that the settings allow, because a page must
be answered within it also on a busy machine. The default is 5."""
CLIENTS = 200


def small_site(folder: Path, provider_port: int) -> None:
    """One process of two threads, one petition, and no page kept: each one is made anew."""
    config = write_settings(folder, "127.0.0.1", free_port(), provider_port)
    text = config.read_text().replace("threads = 8", f"threads = {THREADS}\npage_cache_seconds = 0")
    text = text.replace("workers = 2", "workers = 1")
    timeouts = f"timeouts = {{ connect = 2.0, read = {READ}, whole = {READ} }}"
    config.write_text(text.replace("page = {", f"{timeouts}\npage = {{"))
    settings = load_settings(config)
    migrations.upgrade(settings.database.uri)
    border.make_keys(settings)
    site, _ = build_site(config)
    site.publish()
    close_site(site)


@pytest.mark.slow
def test_pages_are_answered_while_two_hundred_logins_wait_for_a_silent_provider(
    tmp_path: Path,
) -> None:
    with slow_provider() as provider:
        small_site(tmp_path, provider.port)
        with granian(tmp_path) as server:
            crowd = Crowd(server.port)
            logins = logins_that_come_back(server.port, CLIENTS // 2)
            waiting = [
                each for pair in zip(
                    logins, logins_of_staff(server.port, CLIENTS // 2), strict=True
                ) for each in pair
            ]  # fmt: skip
            crowd.send(waiting)
            held = provider.wait_until_held(PLACES)
            for path in (*PAGES, "/healthz", "/readyz", "/en/petitions/2026-0001"):
                assert ask(server.port, path).status == 200, path
                assert held <= provider.waiting(), f"{path} was answered after the logins"
            crowd.wait_until_answered(CLIENTS - PLACES)
            assert held == provider.waiting(), "the same one, and nobody else came through"
            turned_away = crowd.answered()
            assert Counter(status for status, _ in turned_away) == {503: CLIENTS - PLACES}
            assert {again for _, again in turned_away} <= {"5", "30"}
            assert server.get("/readyz")[0] == 200
            provider.gate.set()
            crowd.wait_until_answered(CLIENTS)
            assert {status for status, _ in crowd.answered()} <= {502, 503}
            one = logins_that_come_back(server.port, 1)
            assert one, "the places were given back: logins begin again"
            assert "Traceback" not in server.told.read_text()


# --- the line before the bulkhead ---------------------------------------------------------------


@contextmanager
def standing_in(bulkhead: Bulkhead, number: int) -> Iterator[None]:
    """So many threads hold a place until the block ends."""
    inside, leave = threading.Semaphore(0), threading.Event()

    def stand() -> None:
        with bulkhead.place():
            inside.release()
            leave.wait(PATIENCE)

    threads = [threading.Thread(target=stand) for _ in range(number)]
    for thread in threads:
        thread.start()
        assert inside.acquire(timeout=PATIENCE)
    try:
        yield
    finally:
        leave.set()
        for thread in threads:
            thread.join(PATIENCE)


@pytest.mark.parametrize(
    ("threads", "places", "line"),
    [(1, 1, 0), (2, 1, 0), (3, 1, 0), (4, 2, 1), (8, 4, 2), (16, 8, 4), (64, 32, 16)],
)
def test_a_quarter_of_the_threads_is_never_touched_by_a_login(
    threads: int, places: int, line: int
) -> None:
    bulkhead = Bulkhead.of_threads(threads)
    assert bulkhead._places._initial_value == places  # type: ignore[attr-defined]
    assert (bulkhead._line._initial_value if bulkhead._line else 0) == line  # type: ignore[attr-defined]
    assert places + line < threads or threads == 1


def test_who_finds_the_line_full_does_not_wait_at_all() -> None:
    bulkhead = Bulkhead(1, wait=PATIENCE, line=1)
    began: list[str] = []

    def stand_in_line() -> None:
        with bulkhead.place():
            began.append("after its turn")

    with standing_in(bulkhead, 1):
        second = threading.Thread(target=stand_in_line)
        second.start()
        while bulkhead._line._value:  # type: ignore[union-attr]
            time.sleep(0.001)
        for _ in range(50):  # each would wait a minute for a place in the line
            with pytest.raises(LoginRefused) as caught, bulkhead.place():
                pytest.fail("there was no place")
            assert (caught.value.status, caught.value.retry_after) == (503, 5)
        assert began == []
    second.join(PATIENCE)
    assert began == ["after its turn"]


def test_without_a_line_everybody_who_finds_no_place_is_turned_away_at_once() -> None:
    bulkhead = Bulkhead(1, wait=PATIENCE, line=0)
    with standing_in(bulkhead, 1), pytest.raises(LoginRefused), bulkhead.place():
        pytest.fail("there was no place")


# --- what a waiting login must not hold ---------------------------------------------------------


@pytest.fixture
def town(tmp_path: Path, database_uri: str) -> Iterator[Town]:
    with open_town(tmp_path, database_uri) as found:
        yield found


def connections_out(town: Town) -> int:
    """Of all pools together, at this moment."""
    the = town.site.app.extensions[EXTENSION]
    engines = [each.kw["bind"] for each in (the.sessions, the.quick_sessions) if each is not None]
    return sum(engine.pool.checkedout() for engine in engines)


@contextmanager
def waiting_for_the_provider(town: Town, path: str, browser: Any) -> Iterator[None]:
    """The request is at the provider, which answers when the block ends."""
    gate = town.citizens.lies.gate = threading.Event()
    calls, done = len(town.citizens.calls), []
    thread = threading.Thread(target=lambda: done.append(browser.get(path).status_code))
    thread.start()
    until = time.monotonic() + PATIENCE
    while len(town.citizens.calls) == calls:
        assert time.monotonic() < until
        time.sleep(0.01)
    try:
        yield
        assert thread.is_alive()
    finally:
        gate.set()
        thread.join(PATIENCE)
    assert done == [303]


def test_a_login_holds_no_connection_of_the_database_while_it_waits(town: Town) -> None:
    ref, browser = town.publish(), town.browser()
    browser.get(f"/en/petitions/{ref}/sign")
    with waiting_for_the_provider(town, "/identity/go/demo", browser):
        assert connections_out(town) == 0
    town.citizens.lies.gate = None
    back = town.citizens.log_in(browser.leave(f"/en/petitions/{ref}/sign"))
    with waiting_for_the_provider(town, back, browser):
        assert connections_out(town) == 0


def test_who_found_no_place_comes_back_with_the_same_answer_of_the_provider(town: Town) -> None:
    """A login that we turned away is not lost: its state is spent after a place was found."""
    ref, browser = town.publish(), town.browser()
    back = town.citizens.log_in(browser.leave(f"/fr/petitions/{ref}/sign"))
    view = town.site.app.view_functions["identity.callback"]
    service = view.__self__.service  # type: ignore[attr-defined]
    service.bulkhead = Bulkhead(1, wait=0.01, line=0)
    with standing_in(service.bulkhead, 1):
        answer = browser.get(back)
        assert (answer.status_code, answer.headers["Retry-After"]) == (503, "5")
        assert '<html lang="fr"' in answer.text
        assert town.count(t.SpentState) == 0
    assert browser.get(back).headers["Location"].endswith("/sign/confirm")


def test_the_beginning_of_a_login_stands_in_no_line_of_writers(
    tmp_path: Path, sqlite_uri: str
) -> None:
    with open_town(tmp_path, sqlite_uri) as town:
        ref, browser = town.publish(), town.browser()
        assert browser.get("/en/start/login?assembly=valmont").status_code == 303, (
            "the first of all"
        )
        writer = sqlite3.connect(tmp_path / "petitions.sqlite", isolation_level=None)
        with closing(writer):
            writer.execute("BEGIN IMMEDIATE")
            for path in ("/en/start/login?assembly=valmont", "/office/sign-in"):
                assert browser.get(path).status_code == 303, path
            url = town.browser().leave(f"/en/petitions/{ref}/sign")
            assert url.startswith("http"), "as far as the provider"
            writer.execute("ROLLBACK")
