"""A database set back to an earlier day, on either engine: what an operator does after a disaster."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from sqlalchemy import Engine

from petitions.platform.database import create_engine
from tests.house import Precinct
from tests.postgres import PostgresServer

Restore = Callable[[], None]
BackUp = Callable[[Precinct], Restore]
"""A deployment → what puts the database's state of this moment back later."""


@contextmanager
def backups_on_sqlite(folder: Path) -> Iterator[BackUp]:
    opened: list[Engine] = []

    def back_up(precinct: Precinct) -> Restore:
        kept = folder / "backup.sqlite"
        precinct.engine.dispose()
        shutil.copyfile(precinct.engine.url.database or "", kept)

        def restore() -> None:
            again = shutil.copyfile(kept, folder / "restored.sqlite")
            _go_on_with(precinct, f"sqlite:///{again}", opened)

        return restore

    yield back_up
    for engine in opened:
        engine.dispose()


@contextmanager
def backups_on_postgresql(server: PostgresServer) -> Iterator[BackUp]:
    opened: list[Engine] = []
    made: list[str] = []

    def back_up(precinct: Precinct) -> Restore:
        precinct.engine.dispose()
        made.append(server.create(template=precinct.engine.url.database))
        return lambda: _go_on_with(precinct, made[-1], opened)

    yield back_up
    for engine in opened:
        engine.dispose()
    for uri in made:
        server.drop(uri)


def _go_on_with(precinct: Precinct, uri: str, opened: list[Engine]) -> None:
    precinct.engine.dispose()
    opened.append(create_engine(uri))
    precinct.engine = opened[-1]
