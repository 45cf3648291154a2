"""Nothing of a history that is being made up needs to survive a power cut: it would be played again."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from sqlalchemy import Engine, event
from sqlalchemy.orm import Session

_HASTY = (
    "PRAGMA synchronous = OFF",
    "PRAGMA cache_size = -65536",
    "PRAGMA wal_autocheckpoint = 16384",
)


@contextmanager
def in_haste(sessions: Callable[[], Session]) -> Iterator[None]:
    """SQLite does not wait for the disk in here; afterwards everything is on it, in one go.

    Connections are made anew at the end, with the settings of production. PostgreSQL stays as it is.
    """
    with sessions() as session:
        engine = session.get_bind()
    if not isinstance(engine, Engine) or engine.dialect.name != "sqlite":
        yield
        return
    event.listen(engine, "checkout", _hasten)
    try:
        yield
    finally:
        event.remove(engine, "checkout", _hasten)
        engine.dispose()
    with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)")
    os.sync()


def _hasten(connection: Any, _record: object, _proxy: object) -> None:
    cursor = connection.cursor()
    for pragma in _HASTY:
        cursor.execute(pragma)
    cursor.close()
