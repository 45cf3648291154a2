"""The servers that carry the site: Granian as `petitions serve` starts it, and Gunicorn."""

from __future__ import annotations

import contextlib
import http.client
import os
import re
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from petitions import border
from petitions.demo.settings import write_settings
from petitions.platform import migrations
from petitions.platform.config import load_settings
from tests.web.town import build_site, close_site

READY_SECONDS = 60
GRACE_SECONDS = 20
PAGES = (
    "/en/",
    "/fr/petitions",
    "/en/start",
    "/en/petitions/2026-0001",
    "/en/privacy",
    "/robots.txt",
)


@dataclass
class Server:
    process: subprocess.Popen[bytes]
    port: int
    told: Path

    def get(self, path: str, **headers: str) -> tuple[int, dict[str, str], bytes]:
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=10)
        with contextlib.closing(connection):
            connection.request("GET", path, headers=headers)
            answer = connection.getresponse()
            names: dict[str, str] = {}
            for name, value in answer.getheaders():
                names[name.lower()] = f"{names.get(name.lower(), '')}{value}"
            return answer.status, names, answer.read()

    def wait_ready(self) -> None:
        until = time.monotonic() + READY_SECONDS
        while time.monotonic() < until:
            assert self.process.poll() is None, self.told.read_text()[-2000:]
            with contextlib.suppress(OSError, http.client.HTTPException):
                if self.get("/readyz")[0] == 200:
                    return
            time.sleep(0.1)
        raise AssertionError(f"not ready: {self.told.read_text()[-2000:]}")

    def workers(self) -> set[int]:
        """Process ids of its children."""
        children = Path(f"/proc/{self.process.pid}/task/{self.process.pid}/children")
        return {int(pid) for pid in children.read_text().split()}

    def stop(self, by: signal.Signals = signal.SIGTERM) -> float:
        """Ask it to stop; the seconds it took."""
        began = time.monotonic()
        self.process.send_signal(by)
        self.process.wait(timeout=GRACE_SECONDS + 5)
        return time.monotonic() - began


@dataclass
class Reader(threading.Thread):
    """Reads a page again and again, a new connection each time.

    A connection that an old worker closes before it has read a byte is asked for once more, as every
    browser does for a GET (RFC 9110 9.2.2); `repeated` counts how often.
    """

    server: Server
    repeated: int = 0
    statuses: list[int] = field(default_factory=list)
    faults: list[str] = field(default_factory=list)
    enough: threading.Event = field(default_factory=threading.Event)

    def __post_init__(self) -> None:
        super().__init__(daemon=True)

    def run(self) -> None:
        while not self.enough.wait(0.01):
            try:
                self.statuses.append(self._read())
            except (OSError, http.client.HTTPException) as fault:
                self.faults.append(type(fault).__name__)

    def _read(self) -> int:
        try:
            return self.server.get("/en/privacy")[0]
        except (http.client.RemoteDisconnected, ConnectionResetError):
            self.repeated += 1
            return self.server.get("/en/privacy")[0]

    def end(self) -> None:
        self.enough.set()
        self.join(20)

    def __hash__(self) -> int:
        return id(self)


@pytest.fixture(scope="module")
def site_folder(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """A small site with one petition; both servers serve this one. Its provider never answers."""
    folder = tmp_path_factory.mktemp("served")
    silent = socket.create_server(("127.0.0.1", 0))
    config = write_settings(folder, "127.0.0.1", free_port(), silent.getsockname()[1])
    text = config.read_text().replace("threads = 8", "threads = 2")
    timeouts = "timeouts = { connect = 1.0, read = 1.0, whole = 1.5 }"
    config.write_text(text.replace("page = {", f"{timeouts}\npage = {{", 1))
    settings = load_settings(config)
    migrations.upgrade(settings.database.uri)
    border.make_keys(settings)
    site, _ = build_site(config)
    site.publish()
    close_site(site)
    yield folder
    silent.close()


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@contextlib.contextmanager
def started(folder: Path, port: int, command: Sequence[str], name: str) -> Iterator[Server]:
    told = folder / f"{name}.txt"
    environment = {**os.environ, "PETITIONS_CONFIG": str(folder / "config.toml")}
    with told.open("wb") as out:
        process = subprocess.Popen(
            command, stdout=out, stderr=out, env=environment, cwd=Path(__file__).parents[2]
        )
    server = Server(process, port, told)
    try:
        server.wait_ready()
        yield server
    finally:
        if process.poll() is None:
            process.terminate()
            try:
                process.wait(timeout=GRACE_SECONDS)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait(timeout=5)


@contextlib.contextmanager
def granian(folder: Path) -> Iterator[Server]:
    config = folder / "config.toml"
    port = load_settings(config).web.port
    command = [sys.executable, "-m", "petitions", "serve", "--config", str(config)]
    with started(folder, port, command, "granian") as server:
        yield server


@contextlib.contextmanager
def gunicorn(folder: Path) -> Iterator[Server]:
    port = free_port()
    command = [
        sys.executable, "-m", "gunicorn", "petitions.wsgi:app", "--bind", f"127.0.0.1:{port}",
        "--worker-class", "gthread", "--workers", "1", "--threads", "2",
    ]  # fmt: skip
    with started(folder, port, command, "gunicorn") as server:
        yield server


def in_the_middle_of_a_login(server: Server) -> Future[int]:
    """A request that waits for the provider while this returns; its status."""
    cookie = server.get("/en/start/login?assembly=valmont")[1]["set-cookie"]
    found = re.search(r"ask=[^;]+", cookie)
    assert found, cookie
    threads = ThreadPoolExecutor(1)
    waiting = threads.submit(lambda: server.get("/identity/go/demo", Cookie=found[0])[0])
    threads.shutdown(wait=False)
    time.sleep(0.4)
    assert not waiting.done()
    return waiting


def test_both_servers_answer_the_same_pages(site_folder: Path) -> None:
    with granian(site_folder) as one, gunicorn(site_folder) as other:
        for path in PAGES:
            ours, theirs = one.get(path), other.get(path)
            assert ours[0] == theirs[0] == 200, path
            assert ours[2] == theirs[2], path
            for name in ("etag", "cache-control", "content-security-policy", "content-type"):
                assert ours[1].get(name) == theirs[1].get(name), (path, name)
        for path in ("/en/nothing", "/office/queue", "/en/mine", "/en/petitions/2026-0001/sign"):
            assert one.get(path)[0] == other.get(path)[0], path
        tag = one.get("/en/")[1]["etag"]
        for server in (one, other):
            status, _headers, body = server.get("/en/", **{"If-None-Match": tag})
            assert (status, body) == (304, b"")
            packed = server.get("/en/", **{"Accept-Encoding": "gzip"})
            assert packed[1]["content-encoding"] == "gzip"
        assert other.stop() < GRACE_SECONDS
        assert other.process.returncode == 0


def test_a_reload_drops_no_reader_and_a_stop_ends_in_time(site_folder: Path) -> None:
    with granian(site_folder) as server:
        before = server.workers()
        readers = [Reader(server) for _ in range(2)]
        for reader in readers:
            reader.start()
        server.process.send_signal(signal.SIGHUP)
        until = time.monotonic() + 60
        while server.workers() & before:
            assert time.monotonic() < until, "the old workers are still there"
            time.sleep(0.1)
        served = sum(len(reader.statuses) for reader in readers)
        while sum(len(reader.statuses) for reader in readers) < served + 20:
            assert time.monotonic() < until
            time.sleep(0.05)
        for reader in readers:
            reader.end()
            assert reader.faults == []
            assert set(reader.statuses) == {200}
            assert reader.repeated <= len(before), "at most once for each worker that was replaced"
        assert server.process.poll() is None
        assert len(server.workers() - before) >= 2
        waiting = in_the_middle_of_a_login(server)
        assert server.stop() < GRACE_SECONDS
        assert server.process.returncode == 0
        assert waiting.result(5) == 502, "a request under way was answered before the end"
        told = server.told.read_text()
        assert "Traceback" not in told
        assert '"event"' in told, "one line of JSON for each thing that happened"


def test_a_server_with_a_wrong_setting_stops_with_one_sentence(site_folder: Path) -> None:
    config = site_folder / "wrong.toml"
    config.write_text((site_folder / "config.toml").read_text().replace("threads =", "thread ="))
    done = subprocess.run(
        [sys.executable, "-m", "petitions", "serve", "--config", str(config)],
        capture_output=True, text=True, timeout=60, check=False,
    )  # fmt: skip
    assert done.returncode == 1
    assert "web.thread is not a known key, did you mean 'threads'?" in done.stderr
    assert len(done.stderr.splitlines()) == 1
