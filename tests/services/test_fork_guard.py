"""A database that forgot what was published is never signed again."""

from __future__ import annotations

import logging
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from sqlalchemy import Engine, text
from sqlalchemy.engine import make_url

from petitions.ledger.checkpoint import parse_checkpoint
from petitions.ledger.notes import split_note
from petitions.platform.database import create_engine
from petitions.services.log_publishing import last_anchored
from petitions.storage import tables as t
from tests.house import Precinct, a_precinct
from tests.postgres import PostgresServer

LOG = 2026
Backup = Callable[[str], Callable[[], str]]
"""A database's URI → what restores the copy, giving the URI of the restored one."""


@pytest.fixture
def sqlite_backup(tmp_path: Path) -> Backup:
    def back_up(uri: str) -> Callable[[], str]:
        kept = tmp_path / "backup.sqlite"
        shutil.copyfile(make_url(uri).database or "", kept)
        return lambda: f"sqlite:///{shutil.copyfile(kept, tmp_path / 'restored.sqlite')}"

    return back_up


@pytest.fixture
def postgresql_backup(postgres_server: PostgresServer) -> Iterator[Backup]:
    made: list[str] = []

    def back_up(uri: str) -> Callable[[], str]:
        made.append(postgres_server.create(template=make_url(uri).database))
        return lambda: made[-1]

    yield back_up
    for uri in made:
        postgres_server.drop(uri)


def given_a_published_log(tmp_path: Path, uri: str) -> tuple[Precinct, Engine]:
    engine = create_engine(uri)
    precinct = a_precinct(tmp_path, engine, batch_min=1)
    petition = precinct.publish()
    precinct.sign_many(petition, range(3))
    precinct.work()
    return precinct, engine


def checkpoint_size(precinct: Precinct) -> int:
    note = (precinct.folder / "log" / str(LOG) / "checkpoint").read_text()
    return parse_checkpoint(split_note(note)[0]).size


@pytest.mark.parametrize("kind", ["sqlite", "postgresql"])
def test_an_older_copy_of_the_database_stops_the_log(
    request: pytest.FixtureRequest, tmp_path: Path, kind: str, caplog: pytest.LogCaptureFixture
) -> None:
    uri: str = request.getfixturevalue(f"{kind}_uri")
    back_up: Backup = request.getfixturevalue(f"{kind}_backup")
    precinct, engine = given_a_published_log(tmp_path, uri)
    engine.dispose()
    restore = back_up(uri)
    petition = precinct.publish()
    precinct.sign_many(petition, range(3))
    precinct.work()
    engine.dispose()
    published = checkpoint_size(precinct)

    precinct.engine = create_engine(restore())
    held = precinct.count(t.LogEntry)
    assert held < published
    precinct.publish()
    worker = precinct.worker()
    with caplog.at_level(logging.CRITICAL, "petitions.worker"):
        worker.turn()
    assert worker.stopped_logs == {LOG}
    assert "a backup was restored" in caplog.text
    assert "petitions log recover" in caplog.text
    assert precinct.count(t.LogEntry) == held  # nothing was appended
    assert checkpoint_size(precinct) == published  # nothing was signed
    worker.turn()
    assert precinct.count(t.LogEntry) == held
    precinct.engine.dispose()


def test_an_entry_altered_behind_the_triggers_stops_the_log(precinct: Precinct) -> None:
    petition = precinct.publish()
    precinct.sign_many(petition, range(3))
    precinct.work()
    size = checkpoint_size(precinct)
    with precinct.session() as session:
        tile = session.get_one(t.LogTile, (LOG, 0, 0))
        tile.hashes = bytes(32) + tile.hashes[32:]
    precinct.sign(petition, 4)
    worker = precinct.worker()
    worker.turn()
    assert worker.stopped_logs == {LOG}
    assert checkpoint_size(precinct) == size


def test_the_anchor_is_written_before_the_signature(precinct: Precinct) -> None:
    """A signed checkpoint that nobody anchored could be signed differently after a restore."""
    steps: list[tuple[str, object]] = []

    def between(step: str) -> None:
        steps.append((step, last_anchored(precinct.published_shelf(), LOG)))

    precinct.publish()
    precinct.worker(between).turn()
    anchored = dict(steps)
    assert anchored["after_batch"] is None
    with precinct.session() as session:
        head = session.get_one(t.LogState, LOG)
        assert anchored["after_signature"] == (head.size, head.root)


def test_a_turn_without_news_adds_no_line_to_the_anchor(precinct: Precinct) -> None:
    precinct.publish()
    precinct.work()
    lines = precinct.published_shelf().anchor.read_text().splitlines()
    precinct.work()
    assert precinct.published_shelf().anchor.read_text().splitlines() == lines
    assert len(lines) == 1


def test_two_logs_keep_their_anchors_apart(precinct: Precinct) -> None:
    precinct.publish()
    precinct.work()
    precinct.clock.forward(days=365)
    precinct.publish()
    precinct.work()
    shelf = precinct.published_shelf()
    with precinct.session() as session:
        for log in (2026, 2027):
            head = session.get_one(t.LogState, log)
            assert last_anchored(shelf, log) == (head.size, head.root)
        assert session.execute(text("SELECT count(*) FROM log_state")).scalar_one() == 2
    assert last_anchored(shelf, 2028) is None
