"""After an older database was restored: what was published is taken in again, or it is said why not."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from click.testing import CliRunner
from sqlalchemy import Engine, select

from petitions import log_command
from petitions.domain.errors import ConflictError
from petitions.domain.lifecycle import Action
from petitions.ledger.entries import EntryType, Invalidate
from petitions.services.log_check import Fault, check_published
from petitions.services.log_recovery import Recovered, recover
from petitions.services.log_shelf import differences
from petitions.services.pending import queue
from petitions.services.signing import AlreadySigned, Signed
from petitions.services.tally import LogStoppedError
from petitions.services.witnessing import NOBODY
from petitions.storage import tables as t
from tests.house import Precinct, a_precinct, settings_in
from tests.services.backups import BackUp, backups_on_postgresql, backups_on_sqlite
from tests.services.published import PublishedLog
from tests.services.test_sealing import ended, order, work_until_sealed
from verifier.petition_verify import main

LOG = 2026


@pytest.fixture
def back_up(request: pytest.FixtureRequest, tmp_path: Path, engine: Engine) -> Iterator[BackUp]:
    if engine.dialect.name == "sqlite":
        backups = backups_on_sqlite(tmp_path)
    else:
        backups = backups_on_postgresql(request.getfixturevalue("postgres_server"))
    with backups as found:
        yield found


@pytest.fixture
def on_sqlite(
    tmp_path: Path, sqlite_uri: str, open_engine: Callable[[str], Engine]
) -> Iterator[tuple[Precinct, BackUp]]:
    """Where only the files matter."""
    with backups_on_sqlite(tmp_path) as found:
        yield a_precinct(tmp_path, open_engine(sqlite_uri), batch_min=1), found


def published(precinct: Precinct) -> PublishedLog:
    return PublishedLog(precinct.folder / "log" / str(LOG))


def take_in(precinct: Precinct) -> Recovered | None:
    with precinct.session() as session:
        return recover(session, precinct.house, precinct.published_shelf(), LOG, precinct.clock.at)


def faults(precinct: Precinct) -> list[Fault]:
    shelf = precinct.published_shelf()
    with precinct.session() as session:
        found = list(check_published(session, shelf, LOG).faults)
        differ = list(differences(session, precinct.house, shelf, LOG, NOBODY))
    assert not differ or found, [each.what for each in differ]
    return found


def wrong_checks(precinct: Precinct, capsys: Any) -> list[str]:
    """What the stand-alone verifier, which shares no code with the engine, finds wrong."""
    main(["log", str(published(precinct).place), "--json"])
    told = json.loads(capsys.readouterr().out)
    return [each["check"] for each in told["checks"] if each["state"] in {"WRONG", "not checked"}]


def valid(precinct: Precinct, petition: UUID) -> int:
    with precinct.session() as session:
        return session.get_one(t.PublicCount, petition).valid


def test_what_was_published_after_the_backup_is_taken_in_again(
    precinct: Precinct, back_up: BackUp
) -> None:
    petition = precinct.publish()
    precinct.sign_many(petition, range(5))
    precinct.work()
    precinct.sign_many(petition, range(5, 8))  # pending in the backup, with their rows
    precinct.withdraw(petition, 1)
    restore = back_up(precinct)
    precinct.work()
    precinct.clock.forward(hours=1)
    precinct.sign_many(petition, range(8, 12))  # newer than the backup
    precinct.withdraw(petition, 2)
    precinct.work()
    before, size = published(precinct).entries(), published(precinct).size()
    assert valid(precinct, petition) == 10

    restore()
    assert [fault.mend for fault in faults(precinct)] == ["recover", "recover"]
    found = take_in(precinct)
    assert found is not None
    assert (found.signatures, found.signatures_lost) == (7, 4)
    assert (found.withdrawals, found.withdrawals_lost) == (2, 1)
    assert (found.size, found.batches, found.unknown) == (size, 2, ())
    assert precinct.count(t.PendingEntry, t.PendingEntry.petition_id == petition) == 0
    assert precinct.count(t.Withdrawal) == 1
    precinct.work()
    after = published(precinct).entries()
    assert after[:size] == before
    assert valid(precinct, petition) == 10
    assert faults(precinct) == []
    with precinct.session() as session:
        days = session.scalars(select(t.DailyCount.valid)).all()
        areas = session.scalars(select(t.AreaTally)).all()
    assert days == [10]
    assert [(row.signed, row.withdrawn) for row in areas] == [(8, 1)]  # those that had a row
    assert isinstance(precinct.sign(petition, 4), AlreadySigned)
    assert isinstance(precinct.sign(petition, 9), Signed)  # its row was lost: the notice counts it
    precinct.work()
    assert valid(precinct, petition) == 11
    assert faults(precinct) == []


def test_the_log_itself_says_how_large_the_error_can_be(
    on_sqlite: tuple[Precinct, BackUp], capsys: Any
) -> None:
    precinct, back_up = on_sqlite
    petition = precinct.publish()
    precinct.work()
    restore = back_up(precinct)
    precinct.sign_many(petition, range(3))
    precinct.work()
    restore()
    found = take_in(precinct)
    assert found is not None
    precinct.work()
    notice = precinct.entries(EntryType.NOTICE)[-1]
    told = published(precinct).read(f"notices/{notice.body.hex()}.txt").decode().splitlines()
    assert told[1] == "petitions.example.org/2026"
    assert told[3:5] == ["recovered", f"{found.first} {found.size}"]
    assert "signatures 3, without their rows 3" in told
    assert wrong_checks(precinct, capsys) == []
    entries = precinct.count(t.LogEntry)
    assert take_in(precinct) is None  # there is nothing left to take in
    precinct.work()
    assert precinct.count(t.LogEntry) == entries


def test_milestones_removals_and_the_end_of_signing_come_back(
    precinct: Precinct, back_up: BackUp
) -> None:
    petition = precinct.publish()
    precinct.sign_many(petition, range(5))
    precinct.work()
    restore = back_up(precinct)
    precinct.sign_many(petition, range(5, 26))
    precinct.work()
    leaf = next(
        index for index, entry in enumerate(precinct.entries()) if entry.type is EntryType.SIGN
    )
    with precinct.session() as session:
        queue(session, LOG, petition, Invalidate(leaf, 3, bytes(32)), due_at=precinct.clock.at)
    precinct.work()
    precinct.clock.forward(days=400)
    precinct.work()
    assert precinct.state(petition) == "threshold_reached"
    with precinct.session() as session:
        ended_at = session.get_one(t.Petition, petition).signing_ended_at

    restore()
    assert precinct.state(petition) == "published"
    assert take_in(precinct) is not None
    precinct.work()
    assert precinct.state(petition) == "threshold_reached"
    with precinct.session() as session:
        assert session.get_one(t.PetitionSigning, petition).signing == "closed"
        assert session.get_one(t.Petition, petition).signing_ended_at == ended_at
        assert session.get_one(t.RemovedLeaf, (LOG, leaf)).reason == 3
        assert session.scalars(select(t.MilestoneReached.valid)).all() == [26]
    assert len(precinct.entries(EntryType.CLOSE)) == 1
    assert faults(precinct) == []


def test_a_petition_opened_after_the_backup_keeps_its_count_and_never_opens_again(
    precinct: Precinct, back_up: BackUp, capsys: Any
) -> None:
    restored = precinct.publish()
    late = precinct.file()
    precinct.work()
    restore = back_up(precinct)
    precinct.decide(late, Action.ACCEPT)
    gone = precinct.publish()
    for petition in (late, gone):
        precinct.sign_many(petition, range(2))
    precinct.work()
    restore()
    found = take_in(precinct)
    assert found is not None
    assert set(found.unknown) == {late, gone}
    with pytest.raises(ConflictError, match="opened_before"):
        precinct.decide(late, Action.ACCEPT)
    precinct.sign(restored, 1)
    precinct.work()
    assert valid(precinct, restored) == 1
    assert (valid(precinct, late), valid(precinct, gone)) == (2, 2)
    assert faults(precinct) == []
    assert wrong_checks(precinct, capsys) == []


def test_a_sealing_that_the_backup_does_not_know_is_finished(
    precinct: Precinct, back_up: BackUp
) -> None:
    petition = ended(precinct, range(4))
    restore = back_up(precinct)
    order(precinct, petition)
    work_until_sealed(precinct)
    told = precinct.entries(EntryType.SEAL, EntryType.DESTROYED)

    restore()
    assert precinct.count(t.Signature) == 4  # the backup brought them back
    assert take_in(precinct) is not None
    work_until_sealed(precinct)
    assert precinct.count(t.Signature) == 0
    assert precinct.entries(EntryType.SEAL, EntryType.DESTROYED) == told
    with precinct.session() as session:
        assert session.get_one(t.PetitionSigning, petition).wrapped_salt is None
    assert faults(precinct) == []


def test_a_database_that_parted_from_the_published_log_is_refused(
    on_sqlite: tuple[Precinct, BackUp],
) -> None:
    precinct, back_up = on_sqlite
    petition = precinct.publish()
    precinct.work()
    restore = back_up(precinct)
    precinct.sign_many(petition, range(3))
    precinct.work()
    restore()
    shelf = precinct.published_shelf()
    kept = {path: path.read_bytes() for path in (shelf.anchor, shelf.of(LOG) / "checkpoint")}
    for path in kept:  # as if nobody remembered: the restored database goes on, another way
        path.unlink()
    with precinct.session() as session:
        session.get_one(t.LogState, LOG).published_batch = 0
        session.get_one(t.LogState, LOG).settled_batch = 0
    precinct.sign(petition, 9)
    precinct.work()
    for path, content in kept.items():
        path.write_bytes(content)
    before = precinct.count(t.LogEntry)
    with pytest.raises(LogStoppedError, match=r"fork and nothing may be signed; restore a backup"):
        take_in(precinct)
    assert precinct.count(t.LogEntry) == before


def test_files_that_do_not_reach_the_anchor_are_refused_with_what_to_do(
    on_sqlite: tuple[Precinct, BackUp],
) -> None:
    precinct, back_up = on_sqlite
    petition = precinct.publish()
    precinct.work()
    restore = back_up(precinct)
    precinct.sign_many(petition, range(3))
    precinct.work()
    restore()
    size = published(precinct).size()
    bundle = published(precinct).place / "tile" / "entries" / f"000.p/{size}"
    content = bundle.read_bytes()
    bundle.unlink()
    with pytest.raises(LogStoppedError, match=r"000\.p/\d+ is missing: put back"):
        take_in(precinct)
    bundle.write_bytes(content[:-1] + bytes([content[-1] ^ 1]))
    with pytest.raises(LogStoppedError, match="do not give the root that the anchor"):
        take_in(precinct)
    bundle.write_bytes(content)
    assert take_in(precinct) is not None


def test_the_command_shows_first_and_takes_in_only_for_good(
    on_sqlite: tuple[Precinct, BackUp], monkeypatch: pytest.MonkeyPatch
) -> None:
    precinct, back_up = on_sqlite
    petition = precinct.publish()
    precinct.work()
    restore = back_up(precinct)
    precinct.sign_many(petition, range(3))
    precinct.work()
    restore()
    uri = precinct.engine.url.render_as_string(hide_password=False)
    settings = settings_in(precinct.folder, uri, batch_min=1)
    monkeypatch.setattr(log_command, "load_settings", lambda _path: settings)

    def run(*words: str) -> str:
        return CliRunner().invoke(log_command.log, [*words], catch_exceptions=False).output

    assert "run `petitions log recover`" in run("check")
    held = precinct.count(t.LogEntry)
    shown = run("recover")
    assert "would be taken in, in 1 batches: 3 signatures, 0 withdrawals" in shown
    assert "Nothing was changed" in shown
    assert precinct.count(t.LogEntry) == held
    assert "3 signatures and 0 withdrawals are newer" in run("recover", "--for-good")
    assert precinct.count(t.LogEntry) == published(precinct).size()
    precinct.work()
    assert "everything agrees" in run("check")
