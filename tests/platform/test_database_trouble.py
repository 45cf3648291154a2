"""The words for a database in trouble, and for a server that is set up wrongly."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from pathlib import Path

import psycopg
import pytest
from sqlalchemy import Column, Engine, MetaData, Table, exc, text
from sqlalchemy.engine import make_url
from sqlalchemy.orm import sessionmaker

from petitions.domain.errors import PetitionError
from petitions.platform.database import (
    JsonText,
    advisory_lock,
    check_server,
    translate,
)
from tests import postgres

OpenEngine = Callable[..., Engine]

paper = Table("paper", MetaData(), Column("facts", JsonText))


def with_settings(uri: str, **settings: str) -> str:
    options = " ".join(f"-c {name}={value}" for name, value in settings.items())
    url = make_url(uri).update_query_dict({"options": options})
    return url.render_as_string(hide_password=False)


def code_of(error: BaseException) -> str | None:
    refusal = translate(error)
    assert refusal is None or (isinstance(refusal, PetitionError) and refusal.status == 503)
    return refusal.code if refusal else None


def wrapped(error: Exception) -> exc.OperationalError:
    return exc.OperationalError("INSERT", {}, error)


def test_a_locked_sqlite_database_is_a_locked_database(
    sqlite_uri: str, open_engine: OpenEngine
) -> None:
    holder = sqlite3.connect(sqlite_uri.removeprefix("sqlite:///"), isolation_level=None)
    holder.execute("BEGIN IMMEDIATE")
    with open_engine(sqlite_uri).connect() as waits:
        waits.connection.cursor().execute("PRAGMA busy_timeout = 10")
        with pytest.raises(exc.OperationalError) as raised:
            waits.exec_driver_sql("SELECT 1")
        assert code_of(raised.value) == "database_locked"
        holder.rollback()
        # the connection is as good as new once the other one is done
        assert waits.exec_driver_sql("SELECT 1").scalar_one() == 1
    holder.close()


def test_a_full_sqlite_disk_is_a_full_disk(sqlite_uri: str, open_engine: OpenEngine) -> None:
    engine = open_engine(sqlite_uri)
    paper.metadata.create_all(engine)
    with engine.connect() as connection, pytest.raises(exc.OperationalError) as raised:
        pages = connection.exec_driver_sql("PRAGMA page_count").scalar_one()
        connection.exec_driver_sql(f"PRAGMA max_page_count = {pages}")
        connection.execute(paper.insert(), {"facts": "x" * 100_000})
    assert code_of(raised.value) == "disk_full"


def test_a_sqlite_file_that_cannot_be_opened_is_an_unavailable_database(
    tmp_path: Path, open_engine: OpenEngine
) -> None:
    with pytest.raises(exc.OperationalError) as raised:
        open_engine(f"sqlite:///{tmp_path}/absent/x.sqlite").connect()
    assert code_of(raised.value) == "database_unavailable"


@pytest.mark.parametrize("waits_for", ["lock_timeout", "statement_timeout"])
def test_a_lock_waited_for_too_long_is_a_locked_database(
    postgresql_uri: str, open_engine: OpenEngine, waits_for: str
) -> None:
    times = {"lock_timeout_ms": 0, "statement_timeout_ms": 0, f"{waits_for}_ms": 50}
    factory = sessionmaker(open_engine(postgresql_uri, **times))
    with factory() as holder, factory() as other:
        advisory_lock(holder, 5)
        with pytest.raises(exc.OperationalError) as raised:
            advisory_lock(other, 5)
    assert code_of(raised.value) == "database_locked"


def test_a_server_that_is_not_there_is_an_unavailable_database(
    tmp_path: Path, open_engine: OpenEngine
) -> None:
    with pytest.raises(exc.OperationalError) as raised:
        open_engine(f"postgresql://u@/n?host={tmp_path}").connect()
    assert code_of(raised.value) == "database_unavailable"


def test_a_connection_that_was_cut_is_an_unavailable_database_and_the_next_one_works(
    postgresql_uri: str, open_engine: OpenEngine
) -> None:
    engine = open_engine(postgresql_uri)
    with open_engine(postgresql_uri).connect() as other, engine.connect() as connection:
        pid = connection.exec_driver_sql("SELECT pg_backend_pid()").scalar_one()
        other.exec_driver_sql(f"SELECT pg_terminate_backend({pid}, 5000)")
        with pytest.raises(exc.DBAPIError) as raised:
            connection.exec_driver_sql("SELECT 1")
    assert code_of(raised.value) == "database_unavailable"
    with engine.connect() as connection:
        assert connection.exec_driver_sql("SELECT 1").scalar_one() == 1


def test_a_full_pool_is_an_unavailable_database() -> None:
    assert code_of(exc.TimeoutError("QueuePool limit reached")) == "database_unavailable"


@pytest.mark.parametrize(
    ("error", "code"),
    [
        (psycopg.errors.DiskFull(), "disk_full"),
        (psycopg.errors.LockNotAvailable(), "database_locked"),
        (psycopg.errors.DeadlockDetected(), "database_locked"),
        (psycopg.errors.TooManyConnections(), "database_unavailable"),
        (psycopg.errors.AdminShutdown(), "database_unavailable"),
        (psycopg.errors.UniqueViolation(), None),
        (psycopg.errors.ReadOnlySqlTransaction(), None),
        (psycopg.ProgrammingError("ours"), None),
        (ValueError("ours"), None),
    ],
)
def test_only_trouble_of_the_database_becomes_unavailable(
    error: Exception, code: str | None
) -> None:
    assert code_of(wrapped(error)) == code
    assert code_of(error) == code


def test_a_second_row_with_the_same_key_is_no_trouble_of_the_database(engine: Engine) -> None:
    with engine.connect() as connection:
        connection.execute(text("CREATE TABLE once (n INTEGER PRIMARY KEY)"))
        connection.execute(text("INSERT INTO once VALUES (1)"))
        with pytest.raises(exc.IntegrityError) as raised:
            connection.execute(text("INSERT INTO once VALUES (1)"))
    assert code_of(raised.value) is None


def test_a_server_set_as_the_engine_asks_is_in_order(
    database_uri: str, open_engine: OpenEngine
) -> None:
    if database_uri.startswith("postgresql"):
        asked = {name: postgres.SETTINGS[name] for name in postgres.SETTINGS if "log_" in name}
        database_uri = with_settings(database_uri, **asked)
    assert check_server(open_engine(database_uri)) == []


@pytest.mark.parametrize(
    ("setting", "value", "sentence"),
    [
        ("log_statement", "all", "PostgreSQL has log_statement = all; set it to none"),
        ("log_parameter_max_length", "-1", "log_parameter_max_length = -1; set it to 0"),
        ("log_parameter_max_length_on_error", "9", "on_error = 9B; set it to 0"),
        ("log_error_verbosity", "default", "log_error_verbosity = default; set it to terse"),
        ("synchronous_commit", "off", "synchronous_commit = off; set it to on"),
    ],
)
def test_a_server_that_would_log_a_signer_is_named(
    postgresql_uri: str, open_engine: OpenEngine, setting: str, value: str, sentence: str
) -> None:
    uri = with_settings(postgresql_uri, **{setting: value})
    assert any(sentence in found for found in check_server(open_engine(uri)))


def test_an_old_sqlite_is_named(
    sqlite_uri: str, open_engine: OpenEngine, monkeypatch: pytest.MonkeyPatch
) -> None:
    engine = open_engine(sqlite_uri)
    monkeypatch.setattr(sqlite3, "sqlite_version_info", (3, 34, 1))
    (found,) = check_server(engine)
    assert "needs 3.35 or later" in found
