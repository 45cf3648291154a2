"""The one door to SQLite and PostgreSQL: engines, transactions, column types, start-up checks.

Rules:
- a transaction writes unless `read_only` marked it. On SQLite a writing one is BEGIN IMMEDIATE: a
  deferred BEGIN that reads before it writes fails at once with "database is locked" when another
  writer came between, whatever the busy timeout;
- a value bound to a statement never reaches a log or an exception's text (`hide_parameters`): a tag
  beside a time of day would undo the anonymity of a signature;
- instants are aware UTC on both sides of every column.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import Any

import psycopg
from flask import Flask
from flask_sqlalchemy import SQLAlchemy
from sqlalchemy import Connection, Dialect, Engine, event, exc, text
from sqlalchemy import create_engine as _create_engine
from sqlalchemy.engine import URL, make_url
from sqlalchemy.engine.interfaces import DBAPIConnection
from sqlalchemy.orm import Session
from sqlalchemy.pool import ConnectionPoolEntry
from sqlalchemy.types import DateTime, Text, TypeDecorator

from petitions.domain.errors import ConfigurationError, PetitionError, UnavailableError

READ_ONLY = "petitions_read_only"
"""Execution option of a connection: its next transaction may not write."""

EXCLUSIVE = "petitions_exclusive"
"""Execution option of a connection (SQLite, migrations): its next transaction shuts readers out."""

_BUSY_MS = 5_000
_SQLITE_PRAGMAS = (
    f"PRAGMA busy_timeout = {_BUSY_MS}",  # first: the switch to WAL may itself have to wait
    "PRAGMA journal_mode = WAL",
    "PRAGMA synchronous = FULL",  # a receipt that was shown survives a power cut
    "PRAGMA foreign_keys = ON",
    "PRAGMA recursive_triggers = ON",  # else INSERT OR REPLACE would slip past the append-only ones
    "PRAGMA secure_delete = ON",  # an erased key must not stay readable in a free page
)


def create_engine(
    uri: str,
    *,
    pool_size: int = 10,
    statement_timeout_ms: int = 30_000,
    lock_timeout_ms: int = 5_000,
    autocommit: bool = False,
) -> Engine:
    """An engine for `sqlite:///path` or `postgresql://…` that keeps the rules of this module.

    The two timeouts count on PostgreSQL only; 0 means none. Raises ConfigurationError.
    `autocommit` (PostgreSQL only): each statement is a transaction of its own, and a connection goes
    back to the pool without another round trip; for acts that are one statement.
    """
    url = database_url(uri)
    if url.get_backend_name() == "sqlite":
        engine = _create_engine(url, pool_size=pool_size, hide_parameters=True)
        event.listen(engine, "connect", _prepare_sqlite)
        event.listen(engine, "begin", _begin_sqlite)
        return engine
    ours = (
        f"-c statement_timeout={statement_timeout_ms} -c lock_timeout={lock_timeout_ms}"
        " -c default_transaction_isolation=read\\ committed"
        # to compile a statement takes longer than any of ours does
        " -c idle_in_transaction_session_timeout=60000 -c timezone=UTC -c jit=off"
    )
    theirs = url.query.get("options", "")
    engine = _create_engine(
        # options of the URI come last: the later one wins, so an operator can override ours
        url.update_query_dict({"options": f"{ours} {theirs}".strip()}),
        pool_size=pool_size,
        hide_parameters=True,
        pool_pre_ping=not autocommit,  # an act of one statement tries again by itself
        isolation_level="AUTOCOMMIT" if autocommit else "READ COMMITTED",
        pool_reset_on_return=None if autocommit else "rollback",
        connect_args={"connect_timeout": 10},
    )
    event.listen(engine, "begin", _begin_postgresql)
    return engine


def database_url(uri: str) -> URL:
    """The URI with its driver named; refuses what the engine was not tested on."""
    try:
        url = make_url(uri)
    except exc.ArgumentError:
        # the URI may hold a password: it is not repeated
        raise ConfigurationError(
            "database.uri: expected sqlite:///path or postgresql://user@host/name"
        ) from None
    if url.drivername in {"sqlite", "sqlite+pysqlite"}:
        if url.database in {None, "", ":memory:"}:
            raise ConfigurationError(
                "database.uri: expected a file after sqlite:///, because every connection of a"
                " database in memory would see its own"
            )
        return url.set(drivername="sqlite")
    if url.drivername in {"postgres", "postgresql", "postgresql+psycopg"}:
        return url.set(drivername="postgresql+psycopg")
    raise ConfigurationError(
        f"database.uri: expected sqlite or postgresql before ://, found {url.drivername}"
    )


def _prepare_sqlite(connection: DBAPIConnection, _entry: ConnectionPoolEntry) -> None:
    # None: the driver sends no BEGIN of its own (always a deferred one), `_begin_sqlite` does
    connection.isolation_level = None
    cursor = connection.cursor()
    for pragma in _SQLITE_PRAGMAS:
        cursor.execute(pragma)
    cursor.close()


def _begin_sqlite(connection: Connection) -> None:
    options = connection.get_execution_options()
    if options.get("isolation_level") == "AUTOCOMMIT":
        return
    reading = bool(options.get(READ_ONLY))
    if reading != connection.info.get(READ_ONLY, False):
        # outlives the transaction, so each one sets it to what it needs
        connection.exec_driver_sql(f"PRAGMA query_only = {'ON' if reading else 'OFF'}")
        connection.info[READ_ONLY] = reading
    if reading:
        connection.exec_driver_sql("BEGIN")
    else:
        connection.exec_driver_sql(
            "BEGIN EXCLUSIVE" if options.get(EXCLUSIVE) else "BEGIN IMMEDIATE"
        )


def _begin_postgresql(connection: Connection) -> None:
    # psycopg writes it into the BEGIN it sends with the first statement: no extra round trip
    reading = bool(connection.get_execution_options().get(READ_ONLY))
    if reading != connection.info.get(READ_ONLY, False):
        driver: Any = connection.connection.driver_connection
        driver.read_only = True if reading else None
        connection.info[READ_ONLY] = reading


def read_only(session: Session) -> Session:
    """Mark the coming transaction of a fresh session as reading; a write in it fails.

    On SQLite it then neither waits for the writer nor makes it wait.
    """
    if session.in_transaction():
        raise RuntimeError("read_only must come before the first statement of the transaction")
    session.connection(execution_options={READ_ONLY: True})
    return session


def truncate_journal(bind: Engine | Connection) -> None:
    """Empty SQLite's write-ahead log, which keeps rows in the order they arrived. Else nothing."""
    if bind.dialect.name == "sqlite" and isinstance(bind, Engine):
        with bind.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
            connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)")


def forget_deleted(bind: Engine | Connection, tables: Sequence[str]) -> None:
    """After a great deletion: SQLite empties its journal, PostgreSQL its dead rows (VACUUM)."""
    truncate_journal(bind)
    if bind.dialect.name == "postgresql" and isinstance(bind, Engine):
        with bind.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
            for table in tables:
                quoted = connection.dialect.identifier_preparer.quote(table)
                connection.exec_driver_sql(f"VACUUM {quoted}")


def is_sqlite(session: Session) -> bool:
    return session.get_bind().dialect.name == "sqlite"


def database_now(session: Session) -> datetime:
    """Aware UTC. PostgreSQL's own clock, so that several web machines agree on a closing time."""
    if is_sqlite(session):
        return datetime.now(UTC)
    now: datetime = session.execute(text("SELECT clock_timestamp()")).scalar_one()
    return now.astimezone(UTC)


def advisory_lock(session: Session, key: int, *, shared: bool = False) -> None:
    """Wait for the lock `key` (signed 64 bits) and hold it until the transaction ends.

    Nothing to do on SQLite: BEGIN IMMEDIATE already lets one writer in at a time.
    """
    if not is_sqlite(session):
        suffix = "_shared" if shared else ""
        session.execute(text(f"SELECT pg_advisory_xact_lock{suffix}(:key)"), {"key": key})


def try_advisory_lock(session: Session, key: int, *, shared: bool = False) -> bool:
    """As `advisory_lock`, but answers False at once where somebody else holds it."""
    if is_sqlite(session):
        return True
    suffix = "_shared" if shared else ""
    row = session.execute(text(f"SELECT pg_try_advisory_xact_lock{suffix}(:key)"), {"key": key})
    return bool(row.scalar_one())


class UTCDateTime(TypeDecorator[datetime]):
    """An aware instant. Text in UTC on SQLite (sorts as it reads), timestamptz on PostgreSQL."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError("an instant needs a time zone before it is stored")
        value = value.astimezone(UTC)
        return value.replace(tzinfo=None) if dialect.name == "sqlite" else value

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if dialect.name == "sqlite" else value.astimezone(UTC)


class JsonText(TypeDecorator[Any]):
    """JSON as text, keys sorted: equal values are equal text on both databases. None is NULL."""

    impl = Text
    cache_ok = True

    def process_bind_param(self, value: Any, dialect: Dialect) -> str | None:
        del dialect
        if value is None:
            return None
        return json.dumps(
            value, ensure_ascii=False, sort_keys=True, separators=(",", ":"), allow_nan=False
        )

    def process_result_value(self, value: str | None, dialect: Dialect) -> Any:
        del dialect
        return None if value is None else json.loads(value)


class FlaskDatabase(SQLAlchemy):
    """Flask-SQLAlchemy for `db.session` and `db.engine` only, on an engine of this module.

    The tables inherit `petitions.storage.base.Base`, so that leaving this extension is one file.
    """

    def _apply_driver_defaults(self, options: dict[str, Any], app: Flask) -> None:
        """Leave the URI alone: a relative path counts from the working directory, as elsewhere."""

    def _make_engine(self, bind_key: str | None, options: dict[str, Any], app: Flask) -> Engine:
        del bind_key, app
        uri = make_url(options["url"]).render_as_string(hide_password=False)
        return create_engine(uri, pool_size=int(options.get("pool_size", 10)))


def check_server(engine: Engine) -> list[str]:
    """What is wrong with the database server, one sentence each for the operator; empty is good."""
    with engine.connect() as connection:
        if connection.dialect.name == "sqlite":
            return _check_sqlite(connection)
        return _check_postgresql(connection)


def _check_sqlite(connection: Connection) -> list[str]:
    wrong = []
    if sqlite3.sqlite_version_info < (3, 35):
        wrong.append(f"SQLite is {sqlite3.sqlite_version}; RETURNING needs 3.35 or later.")
    options = connection.exec_driver_sql("PRAGMA compile_options").scalars().all()
    if "ENABLE_FTS5" not in options:
        wrong.append("SQLite was built without FTS5, which the search needs.")
    return wrong


_PRIVATE_SETTINGS = {
    "track_commit_timestamp": ("off", "it would date each signature"),
    "log_statement": ("none", "the log would hold what a signer sent and when"),
    "log_parameter_max_length": ("0", "the log would hold what a signer sent and when"),
    "log_parameter_max_length_on_error": ("0", "an error would write a signer's values to the log"),
    "log_error_verbosity": ("terse", "a refused second signature would write its tag to the log"),
}


def _check_postgresql(connection: Connection) -> list[str]:
    wrong = []
    version = connection.exec_driver_sql("SHOW server_version").scalar_one()
    number = int(connection.exec_driver_sql("SHOW server_version_num").scalar_one())
    if number < 140_000:
        wrong.append(f"PostgreSQL is {version}; 14 or later is needed.")
    if (encoding := connection.exec_driver_sql("SHOW server_encoding").scalar_one()) != "UTF8":
        wrong.append(f"The database's encoding is {encoding}; UTF8 is needed.")
    for name, (expected, why) in _PRIVATE_SETTINGS.items():
        found = connection.exec_driver_sql(f"SELECT current_setting('{name}', true)").scalar_one()
        if found is not None and found != expected:
            wrong.append(f"PostgreSQL has {name} = {found}; set it to {expected}: {why}.")
    if connection.exec_driver_sql("SHOW synchronous_commit").scalar_one() == "off":
        wrong.append(
            "PostgreSQL has synchronous_commit = off; set it to on:"
            " a signature with a receipt could be lost in a crash."
        )
    return wrong


_LOCKED = "database_locked"
_FULL = "disk_full"
_AWAY = "database_unavailable"
_SQLITE_CODES = {
    sqlite3.SQLITE_BUSY: _LOCKED,
    sqlite3.SQLITE_LOCKED: _LOCKED,
    sqlite3.SQLITE_FULL: _FULL,
    sqlite3.SQLITE_IOERR: _AWAY,
    sqlite3.SQLITE_CANTOPEN: _AWAY,
}
_POSTGRESQL_CODES = {
    "53100": _FULL,
    "55P03": _LOCKED,  # lock_timeout
    "57014": _LOCKED,  # statement_timeout: nearly always a wait for another transaction
    "40001": _LOCKED,
    "40P01": _LOCKED,
    "53300": _AWAY,  # too many connections
}


def translate(error: BaseException) -> PetitionError | None:
    """The refusal a person sees for a database in trouble; None where it is a fault of ours."""
    if isinstance(error, exc.TimeoutError):
        return UnavailableError(_AWAY)  # no connection became free
    if isinstance(error, exc.DBAPIError):
        if error.connection_invalidated:
            return UnavailableError(_AWAY)
        return translate(error.orig) if error.orig is not None else None
    code = None
    if isinstance(error, sqlite3.Error):
        # the low byte is the primary code, the rest says more
        code = _SQLITE_CODES.get(getattr(error, "sqlite_errorcode", 0) & 0xFF)
    elif isinstance(error, psycopg.Error):
        code = _postgresql_trouble(error)
    return UnavailableError(code) if code else None


def _postgresql_trouble(error: psycopg.Error) -> str | None:
    state = error.sqlstate
    if state is None:  # the client speaks: no server, or it went away
        return _AWAY if isinstance(error, psycopg.OperationalError) else None
    if state.startswith(("08", "57P")):  # connection exceptions, shutdown, start-up
        return _AWAY
    return _POSTGRESQL_CODES.get(state)


@contextmanager
def transaction(sessions: Callable[[], Session]) -> Iterator[Session]:
    """A session that commits at the end and rolls back on whatever ends it."""
    session = sessions()
    try:
        yield session
        session.commit()
    except BaseException:
        session.rollback()
        raise
    finally:
        session.close()
