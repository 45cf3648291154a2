"""What every benchmark stands on: a PostgreSQL with fsync, a migrated database, keys, a petition."""

from __future__ import annotations

import contextlib
import os
import secrets
import shutil
import socket
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from uuid import UUID

from sqlalchemy import Engine
from sqlalchemy.engine import make_url
from sqlalchemy.orm import sessionmaker

from petitions import border
from petitions.app import build_house, shelf
from petitions.demo.settings import write_settings
from petitions.domain.calendar import local_day
from petitions.domain.lifecycle import Action, Role
from petitions.domain.words import Words
from petitions.platform import migrations
from petitions.platform.config import Settings, load_settings
from petitions.platform.database import create_engine
from petitions.services import filing, log_keys, log_publishing, tally
from petitions.services.decisions import Verdict, decide
from petitions.services.ports import Actor, House
from petitions.services.reviews import open_reviews
from petitions.storage import log_rows
from tests import postgres

CLERK = Actor("staff-bench", Role.CLERK, "Bench")
SERVER_WORKERS, SERVER_THREADS = 2, 16


@dataclass
class Ground:
    folder: Path
    uri: str
    settings: Settings
    config: Path
    engine: Engine
    sessions: sessionmaker
    house: House

    @property
    def libpq(self) -> str:
        return make_url(self.uri).set(drivername="postgresql").render_as_string(hide_password=False)

    def environment(self) -> dict[str, str]:
        return {**os.environ, "PETITIONS_DATABASE_URI": self.uri, "BENCH_LIBPQ": self.libpq,
                "PETITIONS_CONFIG": str(self.config)}  # fmt: skip


@contextlib.contextmanager
def ground(port: int = 18000) -> Iterator[Ground]:
    folder = Path(tempfile.mkdtemp(prefix="petitions-bench-"))
    folder.chmod(0o755)
    postgres.SETTINGS.update(
        fsync="on", full_page_writes="on", shared_buffers="512MB", max_wal_size="4GB",
        wal_compression="lz4", max_connections="120",
    )  # fmt: skip
    uri = postgres.obtain(folder)
    try:
        config = write_settings(folder, "127.0.0.1", port, port + 1)
        settings = load_settings(config)
        border.make_keys(settings)
        migrations.upgrade(uri)
        engine = create_engine(uri, pool_size=20)
        house = build_house(settings, with_log=True)
        yield Ground(
            folder, uri, settings, config, engine,
            sessionmaker(engine, expire_on_commit=False), house,
        )  # fmt: skip
        engine.dispose()
    finally:
        postgres.stop(folder)
        shutil.rmtree(folder, ignore_errors=True)


def published_petition(base: Ground, title: str = "A bench under every tree") -> tuple[UUID, str]:
    """One petition of the town through its whole admissibility; (id, reference)."""
    at = datetime.now(UTC)
    house = base.house
    with base.sessions() as session:
        book = house.library.rulebook("town", local_day(at, "Europe/Paris"))
        petition = filing.start_draft(
            session, book, assembly="valmont", kind="petition",
            tag=secrets.token_bytes(32), language="en", title=title, at=at,
        )  # fmt: skip
        filing.see_similar(petition, "")
        words = Words.of(title, "We ask the town for benches. " * 12, "Because. " * 90)
        filing.write_text(session, house, petition, words)
        filing.write_author(petition, "Bench Author", "author@example.org")
        filing.submit(session, house, book, petition, at)
        review = open_reviews(session, petition)[0]
        decide(session, house, petition, review, Verdict(Action.ACCEPT), CLERK, at=at)
        session.commit()
        return petition.id, petition.reference or ""


def turn_log(base: Ground) -> None:
    """Integrate and publish what is pending, as the worker would."""
    year, place = datetime.now(UTC).year, shelf(base.settings)
    with base.sessions() as session:
        log_keys.announce_log_key(session, base.house, year, datetime.now(UTC))
        session.commit()
        done = tally.integrate(session, base.house, year, datetime.now(UTC))
        session.commit()
        log_publishing.sign_newest(session, base.house, place, year)
        session.commit()
        log_publishing.publish_newest(session, base.house, place, year)
        session.commit()
        if done:
            touched = log_rows.petitions_of_batches(session, year, done.batch_no - 1, done.batch_no)
            log_rows.settle(session, touched)
            session.commit()


@contextlib.contextmanager
def serving(base: Ground, target: str, port: int) -> Iterator[None]:
    """The production server with its production arguments, on another application or the product."""
    command = [
        sys.executable, "-m", "granian", "--interface", "wsgi", "--host", "127.0.0.1",
        "--port", str(port), "--workers", str(SERVER_WORKERS),
        "--blocking-threads", str(SERVER_THREADS), "--no-ws", "--log-level", "warning", target,
    ]  # fmt: skip
    with (base.folder / f"server-{port}.log").open("wb") as log:
        process = subprocess.Popen(command, env=base.environment(), stdout=log, stderr=log)
    try:
        _wait(port, process, base.folder / f"server-{port}.log")
        yield
    finally:
        process.terminate()
        process.wait(timeout=30)


def _wait(port: int, process: subprocess.Popen[bytes], log: Path) -> None:
    until = time.monotonic() + 30
    while time.monotonic() < until and process.poll() is None:
        with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), 1):
            with contextlib.suppress(OSError):
                urllib.request.urlopen(f"http://127.0.0.1:{port}/healthz", timeout=5).read()
            return
        time.sleep(0.1)
    raise RuntimeError(f"the server on port {port} did not start: {log.read_text()[-1500:]}")
