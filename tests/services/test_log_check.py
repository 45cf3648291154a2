"""Whatever is spoilt in the database or the folder is found, named, and mended where it can be."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import CliRunner
from sqlalchemy import Engine, delete, text

from petitions import doctor_log, log_command
from petitions.domain.errors import ConfigurationError
from petitions.ledger.entries import Sign
from petitions.log_command import Desk, check
from petitions.services.log_check import Fault, Mend
from petitions.services.log_publishing import turn
from petitions.services.log_rebuilding import Rebuilt, rebuild
from petitions.services.log_shelf import tree_files
from petitions.services.pending import queue
from petitions.services.tally import LogStoppedError
from petitions.services.witnessing import NOBODY
from petitions.storage import tables as t
from tests.house import Precinct, a_precinct
from tests.services.published import PublishedLog

LOG = 2026


@pytest.fixture
def lived(precinct: Precinct) -> Precinct:
    """300 entries and more: full tiles, partial ones, a second level; two batches."""
    petition = precinct.publish()
    for people in (range(200), range(200, 300)):
        with precinct.session() as session:
            for person in people:
                c = Sign(person.to_bytes(32, "big"))
                queue(session, LOG, petition, c, due_at=precinct.clock.at)
        precinct.clock.forward(minutes=5)
        precinct.work()
    return precinct


def desk_of(precinct: Precinct) -> Desk:
    return Desk(precinct.sessions, precinct.house, precinct.published_shelf(), NOBODY, patience=0.2)


def found_in(precinct: Precinct) -> list[Fault]:
    ((_log, _size, faults),) = check(desk_of(precinct), None)
    return faults


def mended(precinct: Precinct) -> Rebuilt:
    with precinct.session() as session:
        return rebuild(session, precinct.house, precinct.published_shelf(), LOG)


def place_of(precinct: Precinct) -> Path:
    return precinct.published_shelf().of(LOG)


def contents(place: Path) -> dict[str, bytes]:
    return {
        str(path.relative_to(place)): path.read_bytes()
        for path in place.rglob("*")
        if path.is_file()
    }


def without_triggers(precinct: Precinct, statement: str, **values: object) -> None:
    """What nobody but somebody at the disk could do: the append-only rows are changed."""
    with precinct.engine.begin() as connection:
        if connection.dialect.name == "sqlite":
            for name in connection.scalars(
                text("SELECT name FROM sqlite_master WHERE type = 'trigger'")
            ).all():
                connection.execute(text(f"DROP TRIGGER {name}"))
        else:
            connection.execute(text("SET LOCAL session_replication_role = replica"))
        connection.execute(text(statement), values)


def test_a_sound_log_is_found_sound(lived: Precinct) -> None:
    before = contents(place_of(lived))
    assert found_in(lived) == []
    done = mended(lived)
    assert (done.tiles, done.files) == ([], [])
    assert contents(place_of(lived)) == before
    log = PublishedLog(place_of(lived))
    with lived.session() as session:
        computed = dict(tree_files(session, LOG, log.size()))
    assert set(computed) == log.needed_files()
    assert all(log.read(path) == content for path, content in computed.items())


SOME_FILES = (
    "tile/0/000", "tile/1/000.p/1", "tile/entries/000", "checkpoint", "policy", "counts.json",
)  # fmt: skip


def test_a_spoilt_or_missing_file_is_named_and_written_again(lived: Precinct) -> None:
    before = contents(place_of(lived))
    (words,) = (place_of(lived) / "texts").iterdir()
    for path in (*SOME_FILES, f"texts/{words.name}"):
        file = place_of(lived) / path
        content = file.read_bytes()
        for spoilt in (content[:9] + b"?" + content[10:], content[:-1], None):
            file.unlink() if spoilt is None else file.write_bytes(spoilt)
            faults = found_in(lived)
            assert {fault.mend for fault in faults} == {Mend.REBUILD}, path
            assert any(path in fault.what for fault in faults)
            assert path in mended(lived).files
            assert contents(place_of(lived)) == before
    assert found_in(lived) == []
    the_whole_folder_is_made_again(lived, before)


def the_whole_folder_is_made_again(lived: Precinct, before: dict[str, bytes]) -> None:
    place = place_of(lived)
    for path in before:
        (place / path).unlink()
    assert {fault.mend for fault in found_in(lived)} == {Mend.REBUILD}
    mended(lived)
    now = contents(place)
    names = PublishedLog(place).needed_files() | {"checkpoint", "policy", "counts.json"}
    assert names <= set(now)
    # a partial file of an earlier size is nobody's any more; what is there is what was there
    assert all(before[path] == content for path, content in now.items())


def test_a_spoilt_tile_of_the_database_is_made_again(lived: Precinct) -> None:
    with lived.session() as session:
        tile = session.get_one(t.LogTile, (LOG, 0, 0))
        tile.hashes = bytes(32) + tile.hashes[32:]
        session.execute(delete(t.LogTile).where(t.LogTile.level == 1))
    whats = [fault.what for fault in found_in(lived) if fault.mend is Mend.REBUILD]
    assert "tile 0/0 of the database is missing or spoilt" in whats
    assert "tile 1/0 of the database is missing or spoilt" in whats
    assert mended(lived).tiles == ["0/0", "1/0"]
    assert found_in(lived) == []


def test_an_altered_entry_is_named_and_never_published(lived: Precinct) -> None:
    before = contents(place_of(lived))
    with lived.session() as session:
        raw = session.get_one(t.LogEntry, (LOG, 17)).entry
    altered = raw[:-2] + b"?" + raw[-1:]
    without_triggers(lived, "UPDATE log_entry SET entry = :entry WHERE idx = 17", entry=altered)
    (fault,) = [fault for fault in found_in(lived) if "entry 17 " in fault.what]
    assert fault.mend is Mend.RESTORE
    with pytest.raises(LogStoppedError, match=r"entry 17 .*restore a backup"):
        mended(lived)
    assert contents(place_of(lived)) == before


def test_a_missing_entry_and_a_wrong_count_are_named_and_nothing_is_written(
    lived: Precinct,
) -> None:
    without_triggers(lived, "UPDATE petition_count SET collected = 301, valid = 301")
    assert any("is not its COUNT entry" in fault.what for fault in found_in(lived))
    without_triggers(lived, "DELETE FROM log_entry WHERE idx = 12")
    assert next(fault.mend for fault in found_in(lived)) is Mend.RESTORE
    with pytest.raises(LogStoppedError, match="entry 12 is not in the database"):
        mended(lived)


def test_roots_that_disagree_are_refused_with_what_to_do(lived: Precinct) -> None:
    shelf = lived.published_shelf()
    line = shelf.anchor.read_text().splitlines()[-1]
    log_id, size, root = line.split(" ")
    shelf.anchor.write_text(f"{log_id} {size} {bytes(32).hex()}\n")
    (fault,) = found_in(lived)
    assert (fault.mend, str(shelf.anchor) in fault.what) == (Mend.RESTORE, True)
    with pytest.raises(LogStoppedError, match=r"not those that .*restore a backup"):
        mended(lived)
    assert len(root) == 64
    shelf.anchor.unlink()
    (fault,) = found_in(lived)
    assert "put it back from its own backup" in fault.what
    with (
        turn(lived.published_shelf(), LOG) as mine,
        pytest.raises(LogStoppedError, match="a worker has its turn"),
    ):
        assert mine
        found_in(lived)


@pytest.fixture
def by_command(
    tmp_path: Path, sqlite_uri: str, open_engine: Callable[[str], Engine],
    monkeypatch: pytest.MonkeyPatch,
) -> tuple[Precinct, Callable[..., tuple[int, str]]]:  # fmt: skip
    precinct = a_precinct(tmp_path, open_engine(sqlite_uri), batch_min=1)
    monkeypatch.setattr(log_command, "load_settings", lambda _path: precinct.settings)

    def run(*words: str) -> tuple[int, str]:
        try:
            found = CliRunner().invoke(log_command.log, [*words], catch_exceptions=False)
        except ConfigurationError as refused:
            return 1, str(refused)
        return found.exit_code, found.output

    return precinct, run


def test_the_command_says_what_is_wrong_and_mends_it(
    by_command: tuple[Precinct, Callable[..., tuple[int, str]]],
) -> None:
    precinct, run = by_command
    precinct.publish()
    precinct.work()
    code, said = run("check")
    assert (code, "everything agrees" in said) == (0, True)
    (place_of(precinct) / "counts.json").unlink()
    code, said = run("check", "--log", str(LOG))
    assert (code, said) == (
        1,
        f"WRONG log {LOG}: the published file counts.json is missing; run `petitions log rebuild`\n",
    )
    assert run("rebuild") == (0, f"log {LOG}: wrote counts.json\n")
    assert run("rebuild") == (0, f"log {LOG}: nothing was missing or spoilt\n")
    assert run("recover") == (
        0, f"log {LOG}: the database holds everything that was published\n",
    )  # fmt: skip
    assert list(doctor_log.log(precinct.settings)) == []
    precinct.published_shelf().anchor.unlink()
    (told,) = doctor_log.log(precinct.settings)
    assert "put the anchor file back" in told
    assert run("check", "--log", "1999") == (1, "log: there is no log 1999; there are [2026]")
