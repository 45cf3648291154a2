"""A site that serves a folder over HTTP, remembers what was asked, and can be told to misbehave."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

Answer = Callable[["Asked"], bool]


@dataclass
class Served:
    folder: Path
    port: int = 0
    asked: list[str] = field(default_factory=list)
    connections: set[Any] = field(default_factory=set)
    trick: Callable[[Asked, str], bool] = lambda _asked, _path: False
    """Answers in place of the folder where it returns True."""

    @property
    def address(self) -> str:
        return f"http://127.0.0.1:{self.port}/log"

    def tiles(self) -> list[str]:
        return [path for path in self.asked if path.startswith("tile/")]


class Asked(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    served: Served

    def do_GET(self) -> None:
        path = self.path.removeprefix("/log/")
        self.served.asked.append(path)
        self.served.connections.add(self.client_address)
        if self.served.trick(self, path):
            return
        file = self.served.folder / path
        if file.is_file():
            self.tell(200, file.read_bytes())
        else:
            self.tell(404, b"not here")

    def tell(self, status: int, content: bytes = b"", **headers: str) -> None:
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name.replace("_", "-"), value)
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)

    def log_message(self, *_args: Any) -> None:
        pass


class _Server(ThreadingHTTPServer):
    daemon_threads = True

    def handle_error(self, *_args: Any) -> None:
        """A client that hangs up is no news."""


@contextmanager
def serving(folder: Path) -> Iterator[Served]:
    served = Served(folder)
    handler = type("Bound", (Asked,), {"served": served})
    with _Server(("127.0.0.1", 0), handler) as server:
        served.port = server.server_address[1]
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
        thread.start()
        try:
            yield served
        finally:
            server.shutdown()
            thread.join()
