"""A provider that nobody here wrote, as the tests use it: started, logged in at, left, rekeyed."""

from __future__ import annotations

import contextlib
import json
import socket
import subprocess
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import requests

from tests.outside.forms import Form, Stop, Visitor
from tests.outside.people import PEOPLE, Person

SECRET = "a secret of the tests"
CLIENT, CLIENT_UNSIGNED, CLIENT_ASKING = "petitions", "petitions-unsigned", "petitions-asking"
BY_POST = {"id": CLIENT, "auth": "client_secret_post", "secret": SECRET}
READY_SECONDS = 40
ATTRIBUTES = {
    "birthdate": {"scope": "profile", "from": "userinfo"},
    "resident_of": {
        "scope": "address", "claim": "address", "member": "locality", "from": "userinfo",
    },
}  # fmt: skip
# What to enter into a form of this provider: its fields, who it is, do they agree to go on?
Entries = Callable[[Form, Person, bool], Mapping[str, str]]


class ProviderMissingError(Exception):
    """`str()` says which part is not run, and what to install."""


@dataclass
class Outside:
    """`name` is that of its record, and so the last part of the callback's path."""

    name: str
    issuer: str
    record: dict[str, Any]
    entries: Entries
    seen: Callable[[], list[dict[str, str]]]
    turn_keys: Callable[[], None]
    unsigned: Callable[[], Mapping[str, Any]]  # → the record under which no id_token is signed
    end_session: Mapping[str, str] = field(default_factory=dict)  # what its question is answered
    declining: Mapping[str, Any] = field(default_factory=dict)  # the record under which one can

    def visitor(self) -> Visitor:
        return Visitor(self.issuer)

    def log_in(self, url: str, person: Person, visitor: Visitor | None = None) -> str:
        """From the authorization URL to the callback's address."""
        return self._walk(visitor or self.visitor(), url, person, agrees=True)

    def decline(self, url: str, person: Person) -> str:
        """As `log_in`, but the person refuses in the end."""
        return self._walk(self.visitor(), url, person, agrees=False)

    def leave(self, url: str, visitor: Visitor) -> str:
        """From the end of session to where it leads."""
        stop = visitor.open(url)
        return stop.url if stop.away else visitor.send(stop, **self.end_session).url

    def asks(self, url: str, visitor: Visitor) -> bool:
        """The provider wants to know who is there (and does not go on with the last person)."""
        return not visitor.open(url).away

    def _walk(self, visitor: Visitor, url: str, person: Person, *, agrees: bool) -> str:
        stop: Stop = visitor.open(url)
        for _ in range(4):
            if stop.away:
                return stop.url
            assert stop.form is not None
            stop = visitor.send(stop, **self.entries(stop.form, person, agrees))
        raise AssertionError(f"{self.name} has no end: {stop.text[-1500:]}")


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def write_settings(folder: Path, port: int, sites: Sequence[str], name: str, **more: Any) -> Path:
    """What our programs around a provider read: addresses, clients, people."""
    told = {
        "port": port,
        "issuer": f"http://localhost:{port}",
        "secret": SECRET,
        "sites": list(sites),
        "callback": f"/identity/callback/{name}",
        "people": PEOPLE,
        "password": PEOPLE[0].password,
        **more,
    }
    file = folder / "settings.json"
    file.write_text(json.dumps(told), encoding="utf-8")
    return file


@contextlib.contextmanager
def running(command: Sequence[str], folder: Path, port: int, **more: Any) -> Iterator[None]:
    """A program that serves OpenID metadata on a port, until the block ends."""
    told = folder / "told.txt"
    with told.open("ab") as out:
        process = subprocess.Popen(command, stdout=out, stderr=out, cwd=folder, **more)
    try:
        _wait(process, port, told)
        yield
    finally:
        process.terminate()
        with contextlib.suppress(subprocess.TimeoutExpired):
            process.wait(timeout=10)
        if process.poll() is None:
            process.kill()
            process.wait()


def _wait(process: subprocess.Popen[bytes], port: int, told: Path) -> None:
    until = time.monotonic() + READY_SECONDS
    address = f"http://localhost:{port}/.well-known/openid-configuration"
    while time.monotonic() < until and process.poll() is None:
        with contextlib.suppress(requests.ConnectionError):
            answer = requests.get(address, timeout=10)
            if answer.status_code == 200:
                return
            break
        time.sleep(0.05)
    raise ProviderStartError(f"it does not start: {told.read_text(errors='replace')[-2000:]}")


class ProviderStartError(Exception):
    """It is installed and does not answer: always a failure."""


@dataclass(frozen=True)
class Witnessed:
    """The rooms of tests/outside/witness.py, around a provider on this port."""

    port: int

    def seen(self) -> list[dict[str, str]]:
        """The headers of every request so far, lower-case, with its `path`."""
        found: list[dict[str, str]] = self._ask("seen").json()
        return found

    def turn_keys(self) -> None:
        self._ask("turn-keys")

    def unsigned(self) -> Mapping[str, Any]:
        self._ask("unsign")
        return {}

    def _ask(self, what: str) -> requests.Response:
        return requests.get(f"http://localhost:{self.port}/of-the-test/{what}", timeout=10)


def as_toml(value: Any) -> str:
    """A record as the settings' file has it: one line."""
    if isinstance(value, Mapping):
        pairs = (f"{json.dumps(key)} = {as_toml(each)}" for key, each in value.items())
        return f"{{ {', '.join(pairs)} }}"
    return json.dumps(value)
