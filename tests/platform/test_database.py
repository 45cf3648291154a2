"""Engines, transactions and column types, on both engines."""

from __future__ import annotations

import logging
import sqlite3
import threading
from collections.abc import Callable
from datetime import UTC, datetime, timedelta, timezone
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import Column, Engine, MetaData, Table, exc, select, text
from sqlalchemy.engine import make_url
from sqlalchemy.orm import Session, sessionmaker
from sqlalchemy.pool import QueuePool

from petitions.domain.errors import ConfigurationError
from petitions.platform.database import (
    FlaskDatabase,
    JsonText,
    UTCDateTime,
    advisory_lock,
    create_engine,
    database_now,
    database_url,
    is_sqlite,
    read_only,
    try_advisory_lock,
)

OpenEngine = Callable[..., Engine]
Factory = sessionmaker[Session]
PARIS_SUMMER = timezone(timedelta(hours=2))

paper = Table("paper", MetaData(), Column("at", UTCDateTime), Column("facts", JsonText))


@pytest.fixture
def papers(engine: Engine) -> Factory:
    paper.metadata.create_all(engine)
    return sessionmaker(engine)


def put(session: Session, **values: Any) -> None:
    session.execute(paper.insert().values(**values))


def pragma(engine: Engine, name: str) -> object:
    with engine.connect() as connection:
        return connection.exec_driver_sql(f"PRAGMA {name}").scalar_one()


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("journal_mode", "wal"),
        ("foreign_keys", 1),
        ("synchronous", 2),
        ("secure_delete", 1),
        ("busy_timeout", 5000),
    ],
)
def test_each_sqlite_connection_has_the_safe_settings(
    sqlite_uri: str, open_engine: OpenEngine, name: str, value: object
) -> None:
    assert pragma(open_engine(sqlite_uri), name) == value


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("statement_timeout", "30s"),
        ("lock_timeout", "5s"),
        ("timezone", "UTC"),
        ("transaction_isolation", "read committed"),
        ("idle_in_transaction_session_timeout", "1min"),
    ],
)
def test_each_postgresql_connection_has_the_safe_settings(
    postgresql_uri: str, open_engine: OpenEngine, name: str, value: str
) -> None:
    with open_engine(postgresql_uri).connect() as connection:
        assert connection.exec_driver_sql(f"SHOW {name}").scalar_one() == value


def test_options_in_the_uri_override_ours(postgresql_uri: str, open_engine: OpenEngine) -> None:
    options = make_url(postgresql_uri).update_query_dict({"options": "-c lock_timeout=7s"})
    uri = options.render_as_string(hide_password=False)
    with open_engine(uri).connect() as connection:
        assert connection.exec_driver_sql("SHOW lock_timeout").scalar_one() == "7s"
        assert connection.exec_driver_sql("SHOW statement_timeout").scalar_one() == "30s"


@pytest.mark.parametrize("scheme", ["postgres", "postgresql", "postgresql+psycopg"])
def test_every_spelling_of_postgresql_means_psycopg_three(scheme: str) -> None:
    assert database_url(f"{scheme}://u@h/n").drivername == "postgresql+psycopg"


@pytest.mark.parametrize("uri", ["sqlite://", "sqlite:///:memory:", "mysql://u:hidden@h/n", "x"])
def test_a_database_we_do_not_support_is_refused_in_a_sentence(uri: str) -> None:
    with pytest.raises(ConfigurationError, match=r"database\.uri: expected") as refused:
        create_engine(uri)
    assert "hidden" not in str(refused.value)


def test_the_pool_has_the_size_that_was_asked_for(engine: Engine) -> None:
    assert isinstance(engine.pool, QueuePool)
    assert engine.pool.size() == 10


def test_a_writing_transaction_on_sqlite_holds_the_write_lock_from_its_start(
    sqlite_uri: str, open_engine: OpenEngine
) -> None:
    with open_engine(sqlite_uri).connect() as connection:
        connection.exec_driver_sql("SELECT 1")
        other = sqlite3.connect(sqlite_uri.removeprefix("sqlite:///"), timeout=0)
        with pytest.raises(sqlite3.OperationalError, match="database is locked"):
            other.execute("BEGIN IMMEDIATE")
        other.close()


def test_a_reader_on_sqlite_does_not_wait_for_the_writer(
    sqlite_uri: str, open_engine: OpenEngine
) -> None:
    factory = sessionmaker(open_engine(sqlite_uri))
    with factory() as writer, factory() as reader:
        writer.execute(text("CREATE TABLE fresh (n INTEGER)"))
        tables = text("SELECT count(*) FROM sqlite_master WHERE name = 'fresh'")
        assert read_only(reader).execute(tables).scalar_one() == 0


def test_a_write_in_a_read_only_transaction_fails(papers: Factory) -> None:
    with papers() as session, pytest.raises(exc.DBAPIError):
        put(read_only(session), facts=[1])


def test_the_same_connection_may_write_after_it_only_read(
    database_uri: str, open_engine: OpenEngine
) -> None:
    engine = open_engine(database_uri, pool_size=1)
    paper.metadata.create_all(engine)
    factory = sessionmaker(engine)
    for turn in range(3):
        with factory() as session:
            read_only(session).execute(select(paper.c.at)).all()
        with factory.begin() as session:
            put(session, facts=turn)
        with factory() as session, pytest.raises(exc.DBAPIError):
            put(read_only(session), facts=turn)
    with factory() as session:
        assert sorted(session.execute(select(paper.c.facts)).scalars()) == [0, 1, 2]


def test_read_only_after_the_first_statement_is_a_fault_of_ours(session_factory: Factory) -> None:
    with session_factory() as session:
        session.execute(text("SELECT 1"))
        with pytest.raises(RuntimeError, match="before the first statement"):
            read_only(session)


def test_a_savepoint_can_be_rolled_back_alone(papers: Factory) -> None:
    with papers.begin() as session:
        put(session, facts="kept")
        inner = session.begin_nested()
        put(session, facts="dropped")
        inner.rollback()
    with papers() as session:
        assert session.execute(select(paper.c.facts)).scalars().all() == ["kept"]


def test_a_create_table_is_rolled_back_with_its_transaction(
    database_uri: str, open_engine: OpenEngine
) -> None:
    engine = open_engine(database_uri)
    with engine.connect() as connection:
        connection.execute(text("CREATE TABLE undone (n INTEGER)"))
        connection.rollback()
    with engine.connect() as connection, pytest.raises(exc.DBAPIError):
        connection.execute(text("SELECT * FROM undone"))


def test_autocommit_connections_stay_outside_transactions(
    sqlite_uri: str, open_engine: OpenEngine
) -> None:
    with open_engine(sqlite_uri).connect() as connection:
        connection.execution_options(isolation_level="AUTOCOMMIT").exec_driver_sql("VACUUM")


def test_writers_that_read_first_lose_no_count(papers: Factory) -> None:
    """With a deferred BEGIN on SQLite most of these fail at once with "database is locked"."""
    with papers.begin() as session:
        put(session, facts=0)
    failed: list[BaseException] = []

    def count() -> None:
        try:
            for _ in range(10):
                with papers.begin() as session:
                    found = session.execute(select(paper.c.facts).with_for_update()).scalar_one()
                    session.execute(paper.update().values(facts=found + 1))
        except BaseException as error:
            failed.append(error)

    threads = [threading.Thread(target=count) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failed == []
    with papers() as session:
        assert session.execute(select(paper.c.facts)).scalar_one() == 40


def test_an_instant_comes_back_aware_and_in_utc(papers: Factory) -> None:
    noon = datetime(2026, 7, 1, 12, 0, 0, 123456, PARIS_SUMMER)
    with papers.begin() as session:
        put(session, at=noon)
    with papers() as session:
        found = session.execute(select(paper.c.at)).scalar_one()
    assert found == noon
    assert found.tzinfo is UTC


def test_instants_sort_and_compare_as_time_whatever_their_zone(papers: Factory) -> None:
    late = datetime(2026, 7, 1, 11, 30, tzinfo=UTC)
    early = datetime(2026, 7, 1, 12, 0, tzinfo=PARIS_SUMMER)
    with papers.begin() as session:
        put(session, at=late)
        put(session, at=early)
    with papers() as session:
        ordered = session.execute(select(paper.c.at).order_by(paper.c.at)).scalars().all()
        before = select(paper.c.at).where(paper.c.at < early + timedelta(minutes=1))
        assert session.execute(before).scalars().all() == [early]
    assert ordered == [early, late]


def test_an_instant_without_a_zone_is_refused(papers: Factory) -> None:
    with papers() as session, pytest.raises(exc.StatementError, match="needs a time zone"):
        put(session, at=datetime(2026, 7, 1, 12))


def test_absent_values_stay_absent(papers: Factory) -> None:
    with papers.begin() as session:
        put(session, at=None, facts=None)
    with papers() as session:
        assert tuple(session.execute(select(paper)).one()) == (None, None)
        raw = session.execute(text("SELECT count(*) FROM paper WHERE facts IS NULL"))
        assert raw.scalar_one() == 1


def test_equal_facts_are_equal_text(papers: Factory) -> None:
    with papers.begin() as session:
        put(session, facts={"b": [1, None], "a": "é"})
        put(session, facts={"a": "é", "b": [1, None]})
    with papers() as session:
        assert session.execute(text("SELECT DISTINCT facts FROM paper")).scalars().all() == [
            '{"a":"é","b":[1,null]}'
        ]
        assert session.execute(select(paper.c.facts)).scalars().first() == {
            "a": "é",
            "b": [1, None],
        }


def test_facts_that_are_no_json_are_refused(papers: Factory) -> None:
    with papers() as session, pytest.raises(exc.StatementError, match="JSON compliant"):
        put(session, facts=float("nan"))


def test_the_databases_clock_is_aware_and_near_ours(session_factory: Factory) -> None:
    with session_factory() as session:
        now = database_now(session)
    assert now.tzinfo is UTC
    assert abs(now - datetime.now(UTC)) < timedelta(minutes=5)


def test_the_databases_clock_moves_within_a_transaction(session_factory: Factory) -> None:
    with session_factory() as session:
        assert database_now(session) < database_now(session)


def test_an_exclusive_lock_shuts_others_out_until_the_transaction_ends(
    postgresql_uri: str, open_engine: OpenEngine
) -> None:
    factory = sessionmaker(open_engine(postgresql_uri))
    with factory() as holder, factory() as other:
        advisory_lock(holder, -5)
        assert not try_advisory_lock(other, -5)
        assert not try_advisory_lock(other, -5, shared=True)
        assert try_advisory_lock(other, 6)
        holder.commit()
        assert try_advisory_lock(other, -5)


def test_shared_locks_are_held_together(postgresql_uri: str, open_engine: OpenEngine) -> None:
    factory = sessionmaker(open_engine(postgresql_uri))
    with factory() as one, factory() as other:
        advisory_lock(one, 5, shared=True)
        assert try_advisory_lock(other, 5, shared=True)
        assert not try_advisory_lock(other, 5)


def test_advisory_locks_are_free_on_sqlite(sqlite_uri: str, open_engine: OpenEngine) -> None:
    with sessionmaker(open_engine(sqlite_uri))() as session:
        assert is_sqlite(session)
        advisory_lock(session, 5)
        assert try_advisory_lock(session, 5)


def test_a_value_never_reaches_an_errors_text_or_the_log(
    papers: Factory, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG, "sqlalchemy")
    with papers() as session, pytest.raises(exc.DBAPIError) as raised:
        session.execute(text("INSERT INTO absent VALUES (:tag)"), {"tag": "secret-tag"})
    assert "secret-tag" not in str(raised.value)
    assert "absent" in caplog.text
    assert "secret-tag" not in caplog.text


def test_the_apps_session_runs_on_an_engine_of_ours(database_uri: str) -> None:
    db, app = FlaskDatabase(), Flask("hall")
    app.config["SQLALCHEMY_DATABASE_URI"] = database_uri
    app.config["SQLALCHEMY_ENGINE_OPTIONS"] = {"pool_size": 3}
    db.init_app(app)
    with app.app_context():
        assert db.engine.hide_parameters
        assert isinstance(db.engine.pool, QueuePool)
        assert db.engine.pool.size() == 3
        with pytest.raises(exc.DBAPIError):
            read_only(db.session()).execute(text("CREATE TABLE never (n INTEGER)"))
        db.session.rollback()
        db.session.execute(text("CREATE TABLE once (n INTEGER)"))
        db.session.commit()
        assert db.session.execute(text("SELECT count(*) FROM once")).scalar_one() == 0
        db.session.rollback()
        db.engine.dispose()
