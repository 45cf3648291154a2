"""A mail server of a few commands on the loopback: it keeps what it was given."""

from __future__ import annotations

import socketserver
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from email import message_from_bytes
from email.message import Message
from typing import ClassVar


@dataclass
class PostOffice:
    port: int = 0
    refuses: bytes = b""
    """Commands that begin so are answered with 550, which names the recipient as servers do."""
    letters: list[Message] = field(default_factory=list)
    envelopes: list[bytes] = field(default_factory=list)


class Counter(socketserver.StreamRequestHandler):
    office: ClassVar[PostOffice]

    def handle(self) -> None:
        self.say(b"220 loopback")
        while line := self.rfile.readline():
            word = line.strip().upper()
            if self.office.refuses and word.startswith(self.office.refuses):
                self.say(b"550 no such mailbox: " + line.strip())
            elif word == b"DATA":
                self.say(b"354 go on")
                self.take()
                self.say(b"250 taken")
            elif word == b"QUIT":
                self.say(b"221 bye")
                return
            else:
                self.office.envelopes.append(line.strip())
                self.say(b"250 yes")

    def take(self) -> None:
        lines = []
        while (line := self.rfile.readline()) != b".\r\n":
            lines.append(line.removeprefix(b".") if line.startswith(b"..") else line)
        self.office.letters.append(message_from_bytes(b"".join(lines)))

    def say(self, line: bytes) -> None:
        self.wfile.write(line + b"\r\n")


@contextmanager
def open_post_office(refuses: bytes = b"") -> Iterator[PostOffice]:
    office = PostOffice(refuses=refuses)
    counter = type("ThisCounter", (Counter,), {"office": office})
    with socketserver.ThreadingTCPServer(("127.0.0.1", 0), counter) as server:
        server.daemon_threads = True
        office.port = server.server_address[1]
        serving = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        serving.start()
        try:
            yield office
        finally:
            server.shutdown()
            serving.join()
