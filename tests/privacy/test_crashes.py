"""What real processes write when they fail or are killed: a class and places, nothing of anybody."""

from __future__ import annotations

import contextlib
import http.client
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from pathlib import Path

import pytest

from tests.privacy.canaries import Canary, search
from tests.privacy.planted import AGENT, AHEAD, BIRTH, MAIL, NAME
from tests.servers.test_serve import READY_SECONDS, Server, granian, gunicorn, site_folder

__all__ = ["site_folder"]
ROOT = Path(__file__).resolve().parents[2]
FAULTY = Path(__file__).with_name("faulty")
SECRET = "KanarieWord4720"
CANARIES = [
    Canary.of(name, text)
    for name, text in {"name": NAME, "mail": MAIL, "birth": BIRTH, "ahead": AHEAD, "agent": AGENT,
                       "query": SECRET}.items()
]  # fmt: skip
HEADERS = {
    "User-Agent": AGENT, "X-Forwarded-For": AHEAD, "From": MAIL, "Cookie": f"who={SECRET}; pass={SECRET}",
    "Referer": f"https://elsewhere.example/?who={SECRET}",
}  # fmt: skip
Serving = Callable[[Path], AbstractContextManager[Server]]


@pytest.fixture
def surroundings(monkeypatch: pytest.MonkeyPatch) -> None:
    """Faults on request, with texts that name a person; a killed process says where it was."""
    monkeypatch.setenv("PYTHONPATH", f"{FAULTY}{os.pathsep}{ROOT}")
    monkeypatch.setenv("PLANTED_TEXT", f"{NAME} {MAIL} {BIRTH}")
    monkeypatch.setenv("PYTHONFAULTHANDLER", "1")


def ask(server: Server, path: str, method: str = "GET") -> int:
    """The status; 0 where the server hung up."""
    connection = http.client.HTTPConnection("127.0.0.1", server.port, timeout=20)
    with contextlib.closing(connection):
        try:
            connection.request(method, path, headers=HEADERS)
            answer = connection.getresponse()
            answer.read()
        except (OSError, http.client.HTTPException):
            return 0
        return answer.status


def visit(server: Server) -> dict[str, int]:
    ref, word = "2026-0001", SECRET
    pages = (f"/en/?x={word}", f"/fr/petitions/{ref}/sign?x={word}", f"/{word}/nothing",
             f"/identity/callback/demo?code={word}&state={word}", f"/identity/start?x={word}",
             f"/fr/petitions/{ref}/sign/confirm?x={word}", "/fault/outside", "/fault/thread",
             "/fault/cleaning")  # fmt: skip
    found = {page: ask(server, page) for page in pages}
    found["post"] = ask(server, f"/fr/petitions/{ref}/sign/confirm?x={word}", "POST")
    return found


def wait_for_another(server: Server, before: set[int]) -> None:
    """Until a process that was not there before answers; one that still starts hears no signal."""
    until = time.monotonic() + READY_SECONDS
    while time.monotonic() < until:
        with contextlib.suppress(OSError, http.client.HTTPException):
            if int(server.get("/fault/none")[2]) not in before:
                return
        time.sleep(0.05)
    raise AssertionError(f"nobody took its place: {server.told.read_text()[-2000:]}")


def processes(server: Server) -> Iterator[int]:
    yield server.process.pid
    yield from server.workers()


@pytest.mark.slow
@pytest.mark.parametrize("serving", [granian, gunicorn], ids=["granian", "gunicorn"])
@pytest.mark.usefixtures("surroundings")
def test_a_server_writes_nothing_of_anybody_whatever_happens(
    site_folder: Path,
    serving: Serving,
) -> None:
    with serving(site_folder) as server:
        found = visit(server)
        assert found["/fault/outside"] == 500
        assert found["post"] == 400
        assert 0 not in found.values()
        limits = [Path(f"/proc/{pid}/limits").read_text() for pid in server.workers()]
        assert limits
        for told in limits:
            (core,) = [line.split() for line in told.splitlines() if "core file" in line]
            assert core[4:6] == ["0", "0"], "a killed process would leave an image of its memory"
        before = server.workers()
        assert ask(server, "/fault/killed") == 0
        wait_for_another(server, before)
        server.stop()
        told = server.told.read_text()
    assert "fault in an answer: RuntimeError at" in told
    assert "fault in a thread: RuntimeError at" in told
    assert "fault in cleaning up: RuntimeError at" in told
    assert "Fatal Python error: Segmentation fault" in told, "the killed process said where it was"
    assert "planted" not in told
    assert search({"output": told.encode()}, CANARIES) == []


@pytest.mark.slow
@pytest.mark.usefixtures("surroundings")
def test_a_worker_that_fails_or_is_killed_writes_nothing_of_anybody(
    site_folder: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    command = [
        sys.executable,
        "-m",
        "petitions",
        "worker",
        "--config",
        str(site_folder / "config.toml"),
    ]
    failed = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)
    assert failed.returncode == 1
    assert "fault in the process: RuntimeError at" in failed.stdout
    monkeypatch.setenv("PLANTED_TEXT", "")
    with subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
    ) as at_work:
        assert at_work.stdout is not None
        assert "worker started" in at_work.stdout.readline()
        at_work.send_signal(signal.SIGABRT)
        killed = at_work.stdout.read()
    assert "Fatal Python error: Aborted" in killed
    held = {"failed": (failed.stdout + failed.stderr).encode(), "killed": killed.encode()}
    assert search(held, CANARIES) == []
    assert "planted" not in failed.stdout + failed.stderr


def test_without_our_hooks_the_text_of_a_fault_would_be_read(tmp_path: Path) -> None:
    """The test of these tests: plain Python prints what was planted."""
    program = tmp_path / "plain.py"
    program.write_text("import os\nraise RuntimeError(os.environ['PLANTED_TEXT'])\n")
    environment = {**os.environ, "PLANTED_TEXT": NAME}
    done = subprocess.run(
        [sys.executable, str(program)],
        capture_output=True,
        env=environment,
        timeout=60,
        check=False,
    )
    assert search({"output": done.stderr}, CANARIES) != []
