"""The two programs beside `post`: a mail server that notes whom it was given a mail for, and a post.

`python -m benchmarks.post_roles server <file>`: prints its port, then takes every mail; a line is
written for each before the server says yes. `… post <port> <minutes>`: the product's post as in
production, without a pace, its clock that many minutes ahead (so that what a killed one held is free
again at once).
"""

from __future__ import annotations

import os
import resource
import sys
import threading
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, Envelope, Session
from sqlalchemy.orm import sessionmaker

from petitions import app
from petitions.platform.config import load_settings
from petitions.platform.database import create_engine
from petitions.platform.mail import SmtpMailer
from petitions.post import Pace


class Taking:
    def __init__(self, book: Path) -> None:
        self.book = os.open(book, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)

    async def handle_DATA(  # noqa: N802 - aiosmtpd's name
        self, _server: SMTP, _session: Session, envelope: Envelope
    ) -> str:
        os.write(self.book, f"{envelope.rcpt_tos[0]} {len(envelope.content or b'')}\n".encode())
        return "250 2.0.0 taken"


class Served(Controller):
    def _trigger_server(self) -> None:
        """The port is known only now: the system chose it."""
        assert self.server is not None
        self.port = self.server.sockets[0].getsockname()[1]
        super()._trigger_server()


def serve(book: Path) -> None:
    served = Served(Taking(book), hostname="127.0.0.1", port=0)
    served.start()
    print(served.port, flush=True)
    sys.stdin.read()
    served.stop()


def send(port: int, ahead: timedelta) -> None:
    settings = load_settings(Path(os.environ["PETITIONS_CONFIG"]))
    house = app.build_house(settings, with_log=False)
    sessions = sessionmaker(
        create_engine(os.environ["PETITIONS_DATABASE_URI"]), expire_on_commit=False
    )
    post = app.create_post(settings, house, sessions, lambda: datetime.now(UTC) + ahead)
    post = replace(
        post,
        pace=Pace(0),
        mailer=SmtpMailer("127.0.0.1", port, settings.mail.sender, starttls=False),
    )
    stop = threading.Event()

    def watch() -> None:
        """Until the one who started it closes its end; then what it took of memory."""
        sys.stdin.read()
        stop.set()

    threading.Thread(target=watch, daemon=True).start()
    post.run(stop, 0.2)
    print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024, flush=True)


def main(arguments: list[str]) -> Any:
    if arguments[0] == "server":
        return serve(Path(arguments[1]))
    return send(int(arguments[1]), timedelta(minutes=int(arguments[2])))


if __name__ == "__main__":
    main(sys.argv[1:])
