"""A demonstration, started as the README says, for every browser test of one worker."""

from __future__ import annotations

import contextlib
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

READY_SECONDS = 150


@dataclass(frozen=True)
class DemoSite:
    address: str
    folder: Path

    @property
    def mailbox(self) -> Path:
        return self.folder / "mailbox"

    @property
    def log(self) -> str:
        return (self.folder / "demo.log").read_text()


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@pytest.fixture(scope="session")
def demo_site(tmp_path_factory) -> Iterator[DemoSite]:
    folder = tmp_path_factory.mktemp("demo") / "data"
    port, provider_port = _free_port(), _free_port()
    command = [
        sys.executable, "-m", "petitions", "demo", "--folder", str(folder), "--scale", "0.01",
        "--port", str(port), "--provider-port", str(provider_port),
    ]  # fmt: skip
    told = folder.parent / "told.txt"
    with told.open("wb") as out:
        process = subprocess.Popen(command, stdout=out, stderr=out)
    until = time.monotonic() + READY_SECONDS
    while "The site" not in told.read_text():
        if process.poll() is not None or time.monotonic() > until:
            log = folder / "demo.log"
            process.kill()
            pytest.fail(f"the demonstration did not start: {told.read_text()[-2000:]}"
                        f"{log.read_text()[-2000:] if log.exists() else ''}")  # fmt: skip
        time.sleep(0.2)
    yield DemoSite(f"http://127.0.0.1:{port}", folder)
    process.send_signal(signal.SIGINT)
    with contextlib.suppress(subprocess.TimeoutExpired):
        process.wait(timeout=40)
    assert process.returncode == 0, told.read_text()[-2000:]
    assert "Stopped." in told.read_text()
