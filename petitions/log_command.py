"""`petitions log`: is the log what it was, make what follows from it again, take in what a restore lost.

`check` changes nothing. `rebuild` writes tiles and files anew from good entries. `recover` is the way
out after an older database was restored; without `--for-good` it only says what it would do.
"""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import click
from sqlalchemy.orm import Session, sessionmaker

from petitions.domain.errors import ConfigurationError
from petitions.ledger.encoding import LedgerError
from petitions.platform.config import Settings, database_uri, load_settings
from petitions.platform.database import create_engine, read_only
from petitions.services.log_check import Fault, Mend, check_published
from petitions.services.log_publishing import Shelf, turn
from petitions.services.log_rebuilding import logs_of, rebuild
from petitions.services.log_recovery import Recovered, recover
from petitions.services.log_shelf import differences
from petitions.services.ports import House
from petitions.services.tally import LogStoppedError
from petitions.services.witnessing import Panel, panel_of

TO_DO = {
    Mend.REBUILD: "run `petitions log rebuild`",
    Mend.RECOVER: "stop the web and run `petitions log recover`",
    Mend.RESTORE: "nothing here can replace it",
}
PATIENCE = 30.0
"""Seconds to wait for a worker that has its turn at the log."""


@dataclass(frozen=True, slots=True)
class Desk:
    """What each form of the command needs."""

    sessions: Callable[[], Session]
    house: House
    shelf: Shelf
    panel: Panel
    patience: float = PATIENCE


@click.group()
def log() -> None:
    """The public log: check it, rebuild what follows from its entries, recover after a restore."""


def _options(command: Callable[..., None]) -> Callable[..., None]:
    command = click.option(
        "--log", "only", type=int, help="The year of one log; else all of them."
    )(command)
    return click.option(
        "--config", "-c", type=click.Path(path_type=Path), default=Path("config.toml"),
        envvar="PETITIONS_CONFIG", show_default=True, help="The settings file.",
    )(command)  # fmt: skip


@contextmanager
def opened(settings: Settings) -> Iterator[Desk]:
    """A refusal of the log becomes one sentence and status 1."""
    from petitions.app import build_house, shelf

    database = create_engine(database_uri(settings), pool_size=2, statement_timeout_ms=0)
    named = settings.log
    try:
        yield Desk(
            sessionmaker(database, expire_on_commit=False),
            build_house(settings, with_log=True),
            shelf(settings),
            panel_of(named.witnesses, named.quorum, named.witness_wait),
        )
    except (LogStoppedError, LedgerError) as refused:
        raise ConfigurationError(f"log: {refused}") from None
    finally:
        database.dispose()


@contextmanager
def _alone(desk: Desk, log_id: int) -> Iterator[None]:
    """Holds the worker's turn at this log; waits for it a while."""
    until = time.monotonic() + desk.patience
    while True:
        with turn(desk.shelf, log_id) as mine:
            if mine:
                yield
                return
        if time.monotonic() > until:
            raise LogStoppedError(f"a worker has its turn at log {log_id}: stop it, then try again")
        time.sleep(0.1)


@log.command("check")
@_options
def check_command(only: int | None, config: Path) -> None:
    """Compare entries, tiles, checkpoints, counts, papers and anchor; status 1 where one is wrong."""
    with opened(load_settings(config)) as desk:
        wrong = 0
        for log_id, size, faults in check(desk, only):
            for fault in faults:
                click.echo(f"WRONG log {log_id}: {fault.what}; {TO_DO[fault.mend]}")
            if not faults:
                click.echo(f"ok    log {log_id}: {size} entries, everything agrees")
            wrong += len(faults)
    sys.exit(1 if wrong else 0)


def check(desk: Desk, only: int | None) -> Iterator[tuple[int, int, list[Fault]]]:
    """(log, entries read, faults). The worker may go on meanwhile, but not at this log."""
    with desk.sessions() as session:
        listed = logs_of(read_only(session), only)
    for log_id in listed:
        with _alone(desk, log_id), desk.sessions() as session:
            health = check_published(read_only(session), desk.shelf, log_id)
            faults = list(health.faults)
            if not any(fault.mend is not Mend.REBUILD for fault in faults):
                differ = differences(session, desk.house, desk.shelf, log_id, desk.panel)
                faults += [Fault(found.what, Mend.REBUILD) for found in differ]
        yield log_id, health.size, faults


@log.command("rebuild")
@_options
def rebuild_command(only: int | None, config: Path) -> None:
    """Write missing and spoilt tiles and files anew; refused where the entries are not the published."""
    with opened(load_settings(config)) as desk:
        with desk.sessions() as session:
            listed = logs_of(read_only(session), only)
        for log_id in listed:
            with _alone(desk, log_id), desk.sessions() as session:
                done = rebuild(session, desk.house, desk.shelf, log_id, desk.panel)
                session.commit()
            for tile in done.tiles:
                click.echo(f"log {log_id}: wrote tile {tile} of the database")
            for path in done.files:
                click.echo(f"log {log_id}: wrote {path}")
            if not done.tiles and not done.files:
                click.echo(f"log {log_id}: nothing was missing or spoilt")


@log.command("recover")
@_options
@click.option("--for-good", is_flag=True, help="Take it in. Without this nothing is changed.")
def recover_command(only: int | None, config: Path, for_good: bool) -> None:
    """Take published entries into an older database that was restored. First a dry run."""
    with opened(load_settings(config)) as desk:
        with desk.sessions() as session:
            listed = logs_of(read_only(session), only)
        taken = False
        for log_id in listed:
            with _alone(desk, log_id), desk.sessions() as session:
                found = recover(session, desk.house, desk.shelf, log_id, datetime.now(UTC))
                taken |= found is not None
                session.commit() if for_good else session.rollback()
            for line in told(log_id, found, for_good=for_good):
                click.echo(line)
        if taken and for_good:
            click.echo("Now run `petitions worker --once`, then `petitions log check`.")
        elif taken:
            click.echo("Nothing was changed. Run it again with --for-good to take them in.")


def told(log_id: int, found: Recovered | None, *, for_good: bool) -> Iterator[str]:
    if found is None:
        yield f"log {log_id}: the database holds everything that was published"
        return
    done = "were" if for_good else "would be"
    yield (
        f"log {log_id}: entries {found.first} to {found.size - 1} {done} taken in, in "
        f"{found.batches} batches: {found.signatures} signatures, {found.withdrawals} withdrawals"
    )
    yield (
        f"  {found.signatures_lost} signatures and {found.withdrawals_lost} withdrawals are newer than "
        "this database: these persons can act a second time. A notice in the log gives the numbers."
    )
    for petition in found.unknown:
        yield (
            f"  petition {petition} was opened after the backup: its count stays public, it cannot "
            "collect any more, and has to be filed anew"
        )
