"""`petitions log keys`, `rotate-key`, `give-up-replica`: the keys of a log while it runs.

These commands hold no key: they write an order, and the worker, which alone has the log's key, carries
it out with its next turn.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

import click
from sqlalchemy import select
from sqlalchemy.orm import Session, sessionmaker

from petitions.domain.errors import ConfigurationError, ConflictError, NotFoundError
from petitions.domain.lifecycle import Role
from petitions.key_border import ZONES, places
from petitions.log_command import log
from petitions.platform.config import Settings, database_uri, load_settings
from petitions.platform.database import create_engine, read_only
from petitions.services import key_rotation, replicas
from petitions.services.ports import Actor
from petitions.storage import log_key_rows
from petitions.storage.tables import LogKey, LogState

__all__ = ["log"]

OVERLAP = 30
"""Days. Whoever looks once a month sees both signatures."""
ROLES = {1: "log", 2: "promise", 3: "replica"}
REFUSED = {
    "log": "there is no such log",
    "key_not_announced": "its keys are not in the log yet: let the worker run first",
    "key_being_changed": "a change of this key is under way; `petitions log keys` shows how far",
    "replica": "no log knows such a place; `petitions log keys` lists them",
    "replica_in_use": "the settings name this place: take it out of keys.replicas first",
    "replica_being_announced": "it waits to be announced: let the worker run first",
}


def _config(command: Callable[..., None]) -> Callable[..., None]:
    return click.option(
        "--config", "-c", type=click.Path(path_type=Path), default=Path("config.toml"),
        envvar="PETITIONS_CONFIG", show_default=True, help="The settings file.",
    )(command)  # fmt: skip


def _answering(command: Callable[..., None]) -> Callable[..., None]:
    command = click.option("--reason", required=True, help="Why, as the public log will say it.")(
        command
    )
    return click.option("--by", "name", required=True, help="Name of the person who answers.")(
        command
    )


@contextmanager
def _transaction(settings: Settings) -> Iterator[Session]:
    """Committed at the end; a refusal is one sentence."""
    database = create_engine(database_uri(settings), pool_size=1)
    try:
        with sessionmaker(database, expire_on_commit=False)() as session:
            yield session
            session.commit()
    except (ConflictError, NotFoundError) as refused:
        raise ConfigurationError(f"log: {REFUSED.get(refused.code, refused.code)}") from None
    finally:
        database.dispose()


def _operator(name: str) -> Actor:
    return Actor("command line", Role.ADMINISTRATOR, name.strip())


@log.command("keys")
@_config
def keys_command(config: Path) -> None:
    """List the keys that each log announced, with the sizes of the log that they vouch for."""
    with _transaction(load_settings(config)) as session:
        for line in listed(read_only(session)):
            click.echo(line)


def listed(session: Session) -> Iterator[str]:
    """One line per key, the oldest first; then what is under way."""
    for log_id in session.scalars(select(LogState.log_id).order_by(LogState.log_id)):
        for row in log_key_rows.keys_of(session, log_id):
            what = row.key_id or row.vkey.partition("+")[0]
            yield f"log {log_id}  {ROLES[row.role]:8}{what:40}{_life(row)}"
        for order in key_rotation.open_rotations(session, log_id):
            state = "announced" if order.announced_at else "ordered"
            yield f"log {log_id}  {ROLES[order.role]:8}number {order.number}: {state}, {order.reason}"


def _life(row: LogKey) -> str:
    if row.added is None:
        return "waits for its batch"
    until = "in force" if row.retired is None else f"until size {row.retired}"
    if row.retired is None and row.retire_from is not None:
        until = f"in force, to be retired from {row.retire_from:%Y-%m-%d %H:%M} UTC on"
    return f"from size {row.added + 1}, {until}"


@log.command("rotate-key")
@click.argument("year", type=int)
@click.option(
    "--role", type=click.Choice(tuple(key_rotation.ROLE_NAMES)), default="log", show_default=True,
    help="The key of checkpoints, or that of promises on receipts.",
)  # fmt: skip
@click.option(
    "--overlap", type=click.IntRange(0, 366), default=OVERLAP, show_default=True,
    help="Days in which the old key signs beside the new one; 0: as short as can be.",
)  # fmt: skip
@_answering
@_config
def rotate_command(
    year: int, role: str, overlap: int, name: str, reason: str, config: Path
) -> None:
    """Order a new signing key for the log of YEAR; the worker makes and announces it."""
    with _transaction(load_settings(config)) as session:
        number = key_rotation.order(
            session, year, key_rotation.ROLE_NAMES[role], _operator(name), reason.strip(),
            timedelta(days=overlap), at=datetime.now(UTC),
        )  # fmt: skip
    click.echo(f"log {year}: ordered {role} key number {number}; the worker announces it")


@log.command("give-up-replica")
@click.argument("replica")
@_answering
@_config
def give_up_command(replica: str, name: str, reason: str, config: Path) -> None:
    """Say in public that the place REPLICA holds no keys any more (its medium was destroyed)."""
    from petitions.app import build_house

    settings = load_settings(config)
    house = build_house(settings, with_log=False)
    if any(replica in places(settings, zone) for zone in ZONES):
        raise ConfigurationError(f"log: {REFUSED['replica_in_use']}")
    with _transaction(settings) as session:
        logs = replicas.give_up(
            session, house, replica, _operator(name), reason.strip(), at=datetime.now(UTC)
        )
    told = ", ".join(map(str, logs))
    click.echo(f"{replica}: its keys are retired with the next batch of log {told}")
