"""An identity provider that is reached and does not answer, and two hundred people who wait for it.

Its citizens' metadata come at once; tokens, and everything of the staff's, come when the gate is opened
or after forty seconds. It knows which requests still wait: what it has not answered, and what the other
side has not given up.
"""

from __future__ import annotations

import http.client
import json
import re
import socket
import threading
import time
from collections.abc import Iterator, Mapping
from concurrent.futures import Future
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from itertools import count
from typing import Any
from urllib.parse import parse_qs, urlsplit

DELAY = 40.0  # seconds: longer than anybody waits
PATIENCE = 60.0  # seconds: no test and no benchmark waits longer for one answer


@dataclass
class SlowProvider:
    port: int = 0
    gate: threading.Event = field(default_factory=threading.Event)
    _held: dict[int, socket.socket] = field(default_factory=dict)
    _lock: threading.Lock = field(default_factory=threading.Lock)
    _numbers: Iterator[int] = field(default_factory=count)

    def metadata(self, place: str) -> dict[str, str]:
        issuer = f"http://127.0.0.1:{self.port}/{place}"
        names = ("authorization_endpoint", "token_endpoint", "jwks_uri", "userinfo_endpoint")
        return {"issuer": issuer} | {name: f"{issuer}/{name}" for name in names}

    def hold(self, connection: socket.socket) -> None:
        with self._lock:
            number = next(self._numbers)
            self._held[number] = connection
        self.gate.wait(DELAY)
        with self._lock:
            del self._held[number]

    def waiting(self) -> frozenset[int]:
        """Numbers of the requests that wait for us at this moment."""
        with self._lock:
            return frozenset(number for number, each in self._held.items() if _is_open(each))

    def wait_until_held(self, number: int) -> frozenset[int]:
        until = time.monotonic() + PATIENCE
        while len(self.waiting()) < number:
            assert time.monotonic() < until, "the provider was never asked"
            time.sleep(0.01)
        return self.waiting()


def _is_open(connection: socket.socket) -> bool:
    try:
        return connection.recv(1, socket.MSG_PEEK | socket.MSG_DONTWAIT) != b""
    except BlockingIOError:
        return True
    except OSError:
        return False


class _Counter(BaseHTTPRequestHandler):
    provider: SlowProvider

    def log_message(self, *_told: Any) -> None:
        """What a provider says is no part of the test's output."""

    def do_GET(self) -> None:
        if self.path == "/citizens/.well-known/openid-configuration":
            self.tell(200, self.provider.metadata("citizens"))
        else:
            self.wait()

    def do_POST(self) -> None:
        self.rfile.read(int(self.headers.get("Content-Length", "0")))
        self.wait()

    def wait(self) -> None:
        self.provider.hold(self.connection)
        self.tell(500, {})

    def tell(self, status: int, told: Mapping[str, str]) -> None:
        body = json.dumps(told).encode()
        try:
            self.send_response(status)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)
        except OSError:
            self.close_connection = True  # they gave up


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 512
    block_on_close = False


@contextmanager
def slow_provider(port: int = 0) -> Iterator[SlowProvider]:
    provider = SlowProvider()
    counter = type("ThisCounter", (_Counter,), {"provider": provider})
    server = _Server(("127.0.0.1", port), counter)
    provider.port = server.server_address[1]
    serving = threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True)
    serving.start()
    try:
        yield provider
    finally:
        provider.gate.set()
        server.shutdown()
        server.server_close()
        serving.join(5)


@dataclass(frozen=True)
class Answer:
    status: int
    headers: Mapping[str, str]


def ask(port: int, path: str, cookies: str = "") -> Answer:
    """One GET on a connection of its own."""
    with closing(http.client.HTTPConnection("127.0.0.1", port, timeout=PATIENCE)) as connection:
        connection.request("GET", path, headers={"Cookie": cookies} if cookies else {})
        answer = connection.getresponse()
        answer.read()
        return Answer(answer.status, {n.lower(): v for n, v in answer.getheaders()} | {
            "set-cookie": "\n".join(answer.headers.get_all("Set-Cookie") or ())})  # fmt: skip


def cookie_in(answer: Answer, name: str) -> str:
    found = re.search(rf"^{name}=[^;]+", answer.headers["set-cookie"], re.MULTILINE)
    assert found, (answer.status, name)
    return found[0]


@dataclass(frozen=True)
class Login:
    """One request that will wait for the provider: an address, and the cookies of its browser."""

    path: str
    cookies: str


def logins_of_staff(port: int, number: int) -> list[Login]:
    """They wait for the provider's metadata, which nobody has seen yet."""
    return [Login("/identity/go/staff", cookie_in(ask(port, "/office/sign-in"), "ask"))] * number


def logins_that_come_back(port: int, number: int) -> list[Login]:
    """Citizens who have logged in at the provider: they wait for its token end."""
    asked = cookie_in(ask(port, "/en/start/login?assembly=valmont"), "ask")
    found = []
    for _ in range(number):
        sent = ask(port, "/identity/go/demo", asked)
        assert sent.status == 303, sent
        state = parse_qs(urlsplit(sent.headers["location"]).query)["state"][0]
        own = cookie_in(sent, "login-[0-9a-f]+")
        found.append(Login(f"/identity/callback/demo?code=c&state={state}", f"{asked}; {own}"))
    return found


@dataclass
class Crowd:
    """Each login in a thread and on a connection of its own."""

    port: int
    sent: threading.Semaphore = field(default_factory=lambda: threading.Semaphore(0))
    answers: list[Future[tuple[int, str | None]]] = field(default_factory=list)

    def send(self, logins: list[Login]) -> None:
        """Returns when every request is on its way."""
        for login in logins:
            self.answers.append(Future())
            work = (login, self.answers[-1])
            threading.Thread(target=self._one, args=work, daemon=True).start()
        for _ in logins:
            assert self.sent.acquire(timeout=PATIENCE)

    def _one(self, login: Login, told: Future[tuple[int, str | None]]) -> None:
        try:
            with closing(http.client.HTTPConnection("127.0.0.1", self.port, timeout=PATIENCE)) as c:
                c.request("GET", login.path, headers={"Cookie": login.cookies})
                self.sent.release()
                answer = c.getresponse()
                answer.read()
                told.set_result((answer.status, answer.headers.get("Retry-After")))
        except Exception as fault:
            told.set_exception(fault)

    def answered(self) -> list[tuple[int, str | None]]:
        return [each.result() for each in self.answers if each.done()]

    def wait_until_answered(self, number: int) -> None:
        until = time.monotonic() + PATIENCE
        while len(self.answered()) < number:
            assert time.monotonic() < until, f"{len(self.answered())} of {number}"
            time.sleep(0.02)
