"""`petitions demo`: the whole house on one machine, in one command.

Database, keys and invented petitions on the first run; then four processes, the same as in
production: web server, worker, identity provider, and this one, which watches and stops them.
"""

from __future__ import annotations

import shutil
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Sequence
from datetime import datetime
from pathlib import Path

import click
from sqlalchemy.orm import sessionmaker

from identity.providers.demo import CITIZENS, PLACES, STAFF
from petitions import border
from petitions.app import (
    address,
    build_house,
    check_database,
    mailer,
    rulebook_library,
    shelf,
    utc_now,
)
from petitions.demo.authors import author_context_of, author_of, login_of, staff_of
from petitions.demo.seed import seed
from petitions.demo.settings import CITIZENS_SECRET, STAFF_SECRET, write_settings
from petitions.demo.stories.story import RULEBOOKS
from petitions.domain.errors import ConfigurationError
from petitions.platform import migrations
from petitions.platform.config import Settings, database_uri, load_settings
from petitions.platform.database import create_engine

READY_SECONDS = 40
_BAR = 30


def free_port(wanted: int, host: str) -> int:
    """The wanted port, or the next free one: a second demonstration may be running."""
    for port in range(wanted, wanted + 50):
        with socket.socket() as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind((host, port))
            except OSError:
                continue
            return port
    raise ConfigurationError(f"no free port from {wanted} on; name another with --port")


def show(fraction: float, sentence: str) -> None:
    """One line that moves on a terminal, a line per sentence elsewhere."""
    done = int(fraction * _BAR)
    bar = f"[{'#' * done}{'.' * (_BAR - done)}] {fraction:4.0%} {sentence}"
    if sys.stdout.isatty():
        click.echo(f"\r\x1b[2K{bar}", nl=False)
    else:
        click.echo(bar)


def prepare(settings: Settings, folder: Path, now: datetime, scale: float) -> None:
    """Keys, tables, petitions. A run that was interrupted here starts over the next time."""
    done = folder / "ready"
    if done.exists():
        return
    show(0.0, "keys and database")
    border.make_keys(settings)
    uri = database_uri(settings)
    migrations.upgrade(uri)
    check_database(uri)
    database = create_engine(uri)
    sessions = sessionmaker(database, expire_on_commit=False)
    seed(
        sessions,
        build_house(settings, with_log=True),
        shelf(settings),
        today=now,
        progress=show,
        scale=scale,
        author_of=author_of(settings),
        login_of=login_of(settings),
        staff_of=staff_of(settings),
        context_of=author_context_of,
        mailer=mailer(settings),
        address=address(settings),
    )
    database.dispose()
    done.write_text(now.isoformat(), encoding="ascii")
    click.echo("")


def _commands(
    config: Path, settings: Settings, folder: Path, host: str, port: int
) -> list[list[str]]:
    petitions = [sys.executable, "-m", "petitions"]
    provider = [
        sys.executable, "-m", "identity.providers.demo", "--site", settings.site.base_url,
        "--host", host, "--port", str(port),
        "--client-secret", str(folder / "secrets" / CITIZENS_SECRET),
        "--staff-secret", str(folder / "secrets" / STAFF_SECRET),
    ]  # fmt: skip
    return [
        provider,
        [*petitions, "worker", "--config", str(config)],
        [*petitions, "serve", "--config", str(config)],
    ]


def _wait_ready(address: str, running: Sequence[subprocess.Popen[bytes]]) -> None:
    until = time.monotonic() + READY_SECONDS
    while time.monotonic() < until:
        if any(process.poll() is not None for process in running):
            raise ConfigurationError("a part of the demonstration stopped; its log says why")
        try:
            with urllib.request.urlopen(f"{address}/readyz", timeout=2):  # noqa: S310 - loopback
                return
        except OSError:
            time.sleep(0.2)
    raise ConfigurationError(f"the site did not answer within {READY_SECONDS} seconds")


def _stop(running: Sequence[subprocess.Popen[bytes]]) -> None:
    for process in reversed(running):
        if process.poll() is None:
            process.send_signal(signal.SIGTERM)
    for process in running:
        try:
            process.wait(timeout=15)
        except subprocess.TimeoutExpired:
            process.kill()


def welcome(site: str, folder: Path) -> str:
    people = [f"{p.name}, {p.age}, {PLACES[p.residence][0]}" for p in CITIZENS[:6]]
    staff = [f"{p.name} ({p.office[0]})" for p in STAFF[:3]]
    return "\n".join(
        [
            "",
            f"  The site      {site}/en/   (en français : {site}/fr/)",
            f"  The desk      {site}/office/",
            f"  The mailbox   {folder / 'mailbox'}",
            "",
            "  Log in as any of the people the identity page offers; there are no passwords.",
            f"  Citizens      {'; '.join(people)} …",
            f"  Staff         {'; '.join(staff)} …",
            "",
            "  Stop with Ctrl-C. Run it again to go on; `--fresh` starts over.",
            "",
        ]
    )


def run_demo(
    folder: Path, *, fresh: bool, host: str, port: int, provider_port: int, scale: float
) -> None:
    """Prepare what is missing, start everything, wait for Ctrl-C, stop everything."""
    if fresh and folder.exists():
        shutil.rmtree(folder)
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    folder = folder.resolve()
    if not (folder / "ready").exists():
        for left in (
            "petitions.sqlite",
            "petitions.sqlite-wal",
            "petitions.sqlite-shm",
            "anchor.txt",
        ):
            (folder / left).unlink(missing_ok=True)
        for room in ("keys", "log", "mailbox", "run"):
            shutil.rmtree(folder / room, ignore_errors=True)
    port = free_port(port, host)
    provider_port = free_port(provider_port if provider_port != port else port + 1, host)
    config = write_settings(folder, host, port, provider_port, RULEBOOKS, dressed=True)
    settings = load_settings(config)
    border.check_realms(
        border.load_identity(settings), rulebook_library(settings), settings.rulebooks.assemblies
    )
    prepare(settings, folder, utc_now(), scale)
    running: list[subprocess.Popen[bytes]] = []
    log = (folder / "demo.log").open("ab")

    def interrupted(_signal: int, _frame: object) -> None:
        raise KeyboardInterrupt

    signal.signal(signal.SIGTERM, interrupted)
    try:
        # each in a session of its own: Ctrl-C reaches this process, which stops the others in order
        running.extend(
            subprocess.Popen(command, stdout=log, stderr=log, start_new_session=True)
            for command in _commands(config, settings, folder, host, provider_port)
        )
        _wait_ready(settings.site.base_url, running)
        click.echo(welcome(settings.site.base_url, folder))
        while all(process.poll() is None for process in running):
            time.sleep(0.5)
        raise ConfigurationError(f"a part of the demonstration stopped; see {folder / 'demo.log'}")
    except KeyboardInterrupt:
        click.echo("\nStopping …")
    finally:
        _stop(running)
        log.close()
    click.echo("Stopped. Your data is kept; run it again to go on.")
