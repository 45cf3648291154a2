"""The migrations lead to the tables the code expects, and back, on both engines."""

from __future__ import annotations

import shutil
import threading
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import CheckConstraint, Engine, Table, UniqueConstraint, inspect, select, text
from sqlalchemy.exc import OperationalError

from petitions.platform import migrations
from petitions.storage.tables import Base, SpentPass

OpenEngine = Callable[..., Engine]
SPENT = {"jti_hash": b"j" * 32, "expires_at": datetime(2027, 1, 1, 12, tzinfo=UTC)}


def table_names(engine: Engine) -> set[str]:
    return set(inspect(engine).get_table_names())


def lowered(engine: Engine, kind: str, table: Table) -> set[str]:
    """Names of the CHECK or UNIQUE constraints that the database itself knows."""
    found: list[Any] = getattr(inspect(engine), f"get_{kind}_constraints")(table.name)
    return {str(constraint["name"]).lower() for constraint in found}


def test_the_recorded_head_is_the_last_migration() -> None:
    assert migrations.recorded_head() == migrations.numbers()[-1]


def test_the_migrations_are_numbered_without_gaps() -> None:
    numbers = migrations.numbers()
    assert numbers == [f"{n:04d}" for n in range(1, len(numbers) + 1)]


def test_every_migration_file_bears_its_number() -> None:
    files = sorted((migrations.folder() / "versions").glob("*.py"))
    assert [file.name[:4] for file in files] == migrations.numbers()


def test_up_makes_every_table_of_the_models(database_uri: str, open_engine: OpenEngine) -> None:
    assert set(Base.metadata.tables) <= table_names(open_engine(database_uri))
    assert migrations.current(database_uri) == migrations.recorded_head()


def test_the_migrated_tables_are_those_of_the_models(
    database_uri: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert migrations.check(database_uri) == []
    assert capsys.readouterr().out == ""


def test_down_leaves_an_empty_database_and_up_builds_it_again(
    database_uri: str, open_engine: OpenEngine
) -> None:
    migrations.downgrade(database_uri, "base")
    assert table_names(open_engine(database_uri)) == {"alembic_version"}
    assert migrations.current(database_uri) is None
    migrations.upgrade(database_uri)
    assert migrations.check(database_uri) == []


def test_each_migration_goes_up_down_and_up_by_itself(bare_database_uri: str) -> None:
    for number in migrations.numbers():
        migrations.upgrade(bare_database_uri, number)
        migrations.downgrade(bare_database_uri, "-1")
        migrations.upgrade(bare_database_uri, number)
        assert migrations.current(bare_database_uri) == number


def test_rows_from_the_first_migration_survive_the_way_up(
    bare_database_uri: str, open_engine: OpenEngine
) -> None:
    migrations.upgrade(bare_database_uri, "0001")
    engine = open_engine(bare_database_uri)
    with engine.begin() as connection:
        connection.execute(Base.metadata.tables["spent_pass"].insert(), SPENT)
    engine.dispose()
    migrations.upgrade(bare_database_uri)
    with open_engine(bare_database_uri).connect() as connection:
        row = connection.execute(select(SpentPass.jti_hash, SpentPass.expires_at)).one()
    assert tuple(row) == tuple(SPENT.values())


def test_a_second_upgrade_changes_nothing_and_keeps_the_rows(
    database_uri: str, open_engine: OpenEngine
) -> None:
    engine = open_engine(database_uri)
    with engine.begin() as connection:
        connection.execute(Base.metadata.tables["spent_pass"].insert(), SPENT)
    engine.dispose()
    migrations.upgrade(database_uri)
    with open_engine(database_uri).connect() as connection:
        assert connection.execute(select(SpentPass.jti_hash)).scalars().all() == [b"j" * 32]


def test_every_named_check_of_the_models_is_in_the_database(engine: Engine) -> None:
    compared = 0
    for table in Base.metadata.sorted_tables:
        named = {
            str(constraint.name).lower()
            for constraint in table.constraints
            if isinstance(constraint, CheckConstraint) and constraint.name
        }
        assert named == lowered(engine, "check", table), table.name
        compared += len(named)
    assert compared > 30


def test_every_named_unique_of_the_models_is_in_the_database(engine: Engine) -> None:
    compared = 0
    for table in Base.metadata.sorted_tables:
        named = {
            str(constraint.name).lower()
            for constraint in table.constraints
            if isinstance(constraint, UniqueConstraint)
        }
        assert named == lowered(engine, "unique", table), table.name
        compared += len(named)
    assert compared > 3


def test_every_foreign_key_of_the_models_is_in_the_database(engine: Engine) -> None:
    for table in Base.metadata.sorted_tables:
        modelled = {str(key.name) for key in table.foreign_key_constraints}
        found = {str(key["name"]) for key in inspect(engine).get_foreign_keys(table.name)}
        assert modelled == found, table.name


def test_a_database_without_tables_is_told_to_upgrade(bare_database_uri: str) -> None:
    assert migrations.check(bare_database_uri) == [
        "The database has no tables yet: run `petitions db upgrade`."
    ]


def test_a_database_from_a_later_version_is_named_as_such(
    database_uri: str, open_engine: OpenEngine
) -> None:
    with open_engine(database_uri).begin() as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = '9999'"))
    assert migrations.check(database_uri) == [
        "The database is at 9999, which this version of the engine does not know."
    ]


def test_a_table_changed_by_hand_is_found(database_uri: str, open_engine: OpenEngine) -> None:
    with open_engine(database_uri).begin() as connection:
        connection.execute(text("ALTER TABLE spent_pass ADD COLUMN person VARCHAR(20)"))
    (sentence,) = migrations.check(database_uri)
    assert "person" in sentence


def test_two_upgrades_at_once_both_arrive(bare_database_uri: str) -> None:
    failed: list[BaseException] = []

    def upgrade() -> None:
        try:
            migrations.upgrade(bare_database_uri)
        except BaseException as error:
            failed.append(error)

    threads = [threading.Thread(target=upgrade) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failed == []
    assert migrations.check(bare_database_uri) == []


def test_a_failing_migration_leaves_the_database_as_it_was(
    bare_database_uri: str, open_engine: OpenEngine, monkeypatch: pytest.MonkeyPatch
) -> None:
    def step(config: Any) -> None:
        connection = config.attributes["connection"]
        connection.execute(text("CREATE TABLE half_done (id INTEGER)"))
        raise OSError("the power went")

    with pytest.raises(OSError, match="the power went"):
        migrations._migrate(bare_database_uri, step)
    assert table_names(open_engine(bare_database_uri)) == set()


def test_rows_that_lose_what_they_refer_to_stop_a_migration(
    sqlite_uri: str, open_engine: OpenEngine
) -> None:
    def step(config: Any) -> None:
        connection = config.attributes["connection"]
        connection.execute(text("CREATE TABLE parent (id INTEGER PRIMARY KEY)"))
        connection.execute(text("CREATE TABLE child (parent INTEGER REFERENCES parent (id))"))
        connection.execute(text("INSERT INTO child VALUES (7)"))

    with pytest.raises(RuntimeError, match="in child"):
        migrations._migrate(sqlite_uri, step)
    assert "child" not in table_names(open_engine(sqlite_uri))


def test_a_migration_waits_for_a_lock_and_tries_again(
    postgresql_uri: str, open_engine: OpenEngine, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(migrations, "_LOCK_TIMEOUT_MS", 50)
    attempts: list[int] = []
    with open_engine(postgresql_uri).connect() as signer:
        signer.execute(text("LOCK TABLE spent_pass"))

        def step(config: Any) -> None:
            attempts.append(1)
            if len(attempts) == 2:
                signer.rollback()
            connection = config.attributes["connection"]
            connection.execute(text("ALTER TABLE spent_pass ADD COLUMN note TEXT"))
            connection.commit()

        migrations._migrate(postgresql_uri, step)
    assert len(attempts) == 2


def test_a_fault_other_than_a_lock_is_not_tried_again(postgresql_uri: str) -> None:
    attempts: list[int] = []

    def step(_config: Any) -> None:
        attempts.append(1)
        raise OperationalError("SELECT 1", {}, ConnectionError("gone"))

    with pytest.raises(OperationalError):
        migrations._migrate(postgresql_uri, step)
    assert attempts == [1]


def test_a_draft_bears_the_next_number_and_moves_the_recorded_head(
    sqlite_uri: str, open_engine: OpenEngine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    copy = Path(shutil.copytree(migrations.folder(), tmp_path / "migrations"))
    expected = f"{len(migrations.numbers()) + 1:04d}"
    monkeypatch.setattr(migrations, "folder", lambda: copy)
    with open_engine(sqlite_uri).begin() as connection:
        connection.execute(text("ALTER TABLE spent_pass ADD COLUMN note VARCHAR(20)"))
    written = migrations.draft(sqlite_uri, "drop the note")
    assert written == copy / "versions" / f"{expected}_drop_the_note.py"
    assert "drop_column('note')" in written.read_text()
    assert migrations.recorded_head() == expected
    migrations.upgrade(sqlite_uri)
    assert migrations.check(sqlite_uri) == []
