"""From pending entries to a published log that anybody can recompute."""

from __future__ import annotations

import hashlib
import json
import threading
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Engine, select, text
from sqlalchemy.exc import DatabaseError

from petitions.ledger import postquantum, tree
from petitions.ledger.checkpoint import parse_checkpoint
from petitions.ledger.entries import EntryType, Invalidate, leaf_hash, parse
from petitions.ledger.notes import open_note, split_note, vkey
from petitions.ledger.tiles import decode_bundle, files_between
from petitions.services import tally
from petitions.services.log_keys import announce_log_key
from petitions.services.pending import queue
from petitions.storage import tables as t
from tests.house import Precinct, a_precinct, sign_as
from tests.services.published import PublishedLog

LOG = 2026


def published(precinct: Precinct) -> PublishedLog:
    return PublishedLog(precinct.folder / "log" / str(LOG))


def test_a_batch_is_sorted_counted_and_closed_by_its_border(precinct: Precinct) -> None:
    petition = precinct.publish()
    precinct.sign_many(petition, range(12))
    precinct.work()
    with precinct.session() as session:
        raw = session.scalars(select(t.LogEntry.entry).order_by(t.LogEntry.idx)).all()
    assert raw == sorted(raw)
    kinds = [parse(entry).type for entry in raw]
    assert kinds.count(EntryType.SIGN) == 12
    assert kinds[-3:] == [EntryType.COUNT, EntryType.NOTICE, EntryType.BATCH]
    border: Any = parse(raw[-1]).fields
    assert (border.number, border.first, border.entries) == (1, 0, len(raw))
    assert border.time == int(precinct.clock.at.timestamp())


def test_the_first_batch_announces_every_key_of_the_log(precinct: Precinct) -> None:
    precinct.publish()
    precinct.work()
    announced = {entry.fields.vkey for entry in precinct.entries(EntryType.VKEY)}
    origin = "petitions.example.org/2026"
    assert announced == {
        vkey(origin, precinct.house.keys.public(f"log/{LOG}")),
        vkey(f"{origin}/promise", precinct.house.keys.public(f"promise/{LOG}")),
        postquantum.vkey(origin, precinct.house.keys.public(f"log/{LOG}/ml-dsa-44")),
        vkey(
            "petitions.example.org/replica/petitions",
            precinct.house.keys.replicas("kek/any")[0][1],
        ),
    }


def test_a_checkpoint_is_signed_by_both_keys_of_the_log(precinct: Precinct) -> None:
    precinct.publish()
    precinct.work()
    note = (precinct.folder / "log" / str(LOG) / "checkpoint").read_text()
    body, signatures = split_note(note)
    tree_now = parse_checkpoint(body)
    assert [len(blob) for _name, blob in signatures] == [4 + 64, 4 + 8 + 2420]
    name, blob = signatures[1]
    public = precinct.house.keys.public(f"log/{LOG}/ml-dsa-44")
    assert blob[:4] == postquantum.key_id(name, public)
    assert postquantum.verify(name, tree_now.origin, tree_now.size, tree_now.root, blob[4:], public)


def test_a_log_that_began_without_a_second_key_goes_on_without(precinct: Precinct) -> None:
    precinct.publish()
    object.__setattr__(precinct.house, "kinds", replace(precinct.house.kinds, ml_dsa=None))
    precinct.work()
    note = (precinct.folder / "log" / str(LOG) / "checkpoint").read_text()
    assert len(split_note(note)[1]) == 1


def test_a_log_key_left_by_a_crash_is_announced_all_the_same(precinct: Precinct) -> None:
    """The key's file outlives the transaction in which it was made."""
    precinct.publish()
    precinct.house.keys.create(f"log/{LOG}", precinct.house.kinds.ed25519)
    precinct.work()
    roles = [entry.fields.role for entry in precinct.entries(EntryType.VKEY)]
    assert sorted(roles) == [1, 1, 2, 3]


@pytest.mark.parametrize("size", [3, 300])
def test_what_is_published_can_be_recomputed_from_nothing(precinct: Precinct, size: int) -> None:
    """300 entries: a full tile and a partial one, in three batches that grow the same tiles."""
    petition = precinct.publish()
    for start, end in ((0, size // 3), (size // 3, size - 1), (size - 1, size)):
        with precinct.session() as session:
            for person in range(start, end):
                sign_as(session, precinct.house, petition, person, precinct.clock.at)
        precinct.clock.forward(minutes=5)
        precinct.work()
    log = published(precinct)
    assert log.needed_files() <= log.files()
    entries = log.entries()
    body = open_note(log.read("checkpoint").decode(), [log.policy_key()])
    checkpoint = parse_checkpoint(body)
    assert (checkpoint.origin, checkpoint.size) == ("petitions.example.org/2026", len(entries))
    assert checkpoint.root == tree.root_of([leaf_hash(entry) for entry in entries])
    assert checkpoint.root == tree.root(len(entries), log)
    counts: list[Any] = [parse(e).fields for e in entries if parse(e).type is EntryType.COUNT]
    assert counts[-1].valid == size
    told = json.loads(log.read("counts.json"))
    assert (told["size"], told["batch"]) == (len(entries), 3)
    assert told["petitions"] == {
        str(petition): {"collected": size, "withdrawn": 0, "invalid": 0, "valid": size, "batch": 3}
    }


def test_text_and_rules_are_published_under_their_hashes(precinct: Precinct) -> None:
    precinct.publish()
    precinct.work()
    (opening,) = precinct.entries(EntryType.OPEN)
    place = precinct.folder / "log" / str(LOG)
    words = (place / "texts" / f"{opening.fields.text_hash.hex()}.txt").read_bytes()
    rules = (place / "rules" / f"{opening.fields.rules_hash.hex()}.json").read_bytes()
    assert hashlib.sha256(words).digest() == opening.fields.text_hash
    assert hashlib.sha256(rules).digest() == opening.fields.rules_hash
    assert "bancs" in words.decode()


def test_a_petition_waits_for_enough_signatures_or_for_the_oldest(
    tmp_path: Path, engine: Engine
) -> None:
    precinct = a_precinct(tmp_path, engine, batch_min=3, max_wait=600)
    busy, quiet = precinct.publish(), precinct.publish()
    precinct.work()  # the openings
    precinct.sign_many(busy, range(2))
    precinct.sign(quiet, 1)
    precinct.work()
    assert precinct.entries(EntryType.SIGN) == []
    precinct.sign(busy, 2)
    precinct.work()
    assert [e.petition for e in precinct.entries(EntryType.SIGN)] == [busy] * 3
    precinct.clock.forward(seconds=659)
    precinct.work()
    assert precinct.count(t.PendingEntry) == 1
    precinct.clock.forward(seconds=1)
    precinct.work()
    assert precinct.count(t.PendingEntry) == 0
    assert [e.petition for e in precinct.entries(EntryType.SIGN)][3:] == [quiet]


def test_a_quiet_day_leaves_one_empty_batch(precinct: Precinct) -> None:
    precinct.publish()
    precinct.work()
    precinct.clock.forward(days=1, seconds=-1)
    precinct.work()
    assert precinct.count(t.LogBatch) == 1
    precinct.clock.forward(seconds=1)
    precinct.work()
    precinct.work()
    assert precinct.count(t.LogBatch) == 2
    assert precinct.entries()[-1].fields.entries == 1


def test_time_in_the_log_never_runs_backwards(precinct: Precinct) -> None:
    petition = precinct.publish()
    precinct.work()
    precinct.clock.forward(hours=-1)
    precinct.sign(petition, 1)
    precinct.work()
    first, second = precinct.entries(EntryType.BATCH)
    assert second.fields.time == first.fields.time


def test_the_figure_on_the_page_waits_until_the_batch_is_public(precinct: Precinct) -> None:
    petition = precinct.publish()
    precinct.work()
    precinct.sign_many(petition, range(4))
    with precinct.session() as session:
        assert tally.integrate(session, precinct.house, LOG, precinct.clock.at)
    with precinct.session() as session:
        assert session.get_one(t.PublicCount, petition).valid == 0
    precinct.work()
    with precinct.session() as session:
        shown = session.get_one(t.PublicCount, petition)
        assert (shown.valid, shown.batch_no, shown.at) == (4, 2, precinct.clock.at)
        day = session.scalars(select(t.DailyCount)).one()
        assert (day.day, day.valid) == (precinct.clock.at.date(), 4)


def test_two_tallies_of_one_log_take_turns_on_the_same_row(precinct: Precinct) -> None:
    """Without the folder's lock, as on two machines: the log's row alone keeps them apart."""
    petition = precinct.publish()
    precinct.work()
    precinct.sign_many(petition, range(20))
    together, made = threading.Barrier(2), list[object]()

    def integrate() -> None:
        together.wait()
        with precinct.session() as session:
            made.append(tally.integrate(session, precinct.house, LOG, precinct.clock.at))

    threads = [threading.Thread(target=integrate) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(m is None for m in made) == [False, True]
    assert len(precinct.entries(EntryType.SIGN)) == 20


@pytest.mark.parametrize("table", ["log_entry", "log_batch", "petition_count", "milestone"])
def test_the_database_refuses_to_change_what_was_counted(precinct: Precinct, table: str) -> None:
    petition = precinct.publish()
    precinct.sign_many(petition, range(25))
    precinct.work()
    column = {"log_batch": "entries", "log_entry": "batch_no"}.get(table, "batch_no")
    for statement in (f"UPDATE {table} SET {column} = {column} + 1", f"DELETE FROM {table}"):
        with precinct.engine.connect() as connection, pytest.raises(DatabaseError):
            connection.execute(text(statement))


def test_the_database_refuses_to_change_a_signed_checkpoint(precinct: Precinct) -> None:
    precinct.publish()
    precinct.work()
    for change in ("note = 'other'", "root = note", "size = size + 1"):
        with precinct.engine.connect() as connection, pytest.raises(DatabaseError):
            connection.execute(text(f"UPDATE checkpoint SET {change}"))


def test_a_petition_stays_in_the_log_of_the_year_it_was_opened_in(precinct: Precinct) -> None:
    precinct.clock.at = datetime(2026, 12, 31, 23, 59, tzinfo=UTC)
    old = precinct.publish()
    precinct.clock.forward(minutes=1)
    new = precinct.publish()
    precinct.sign(old, 1)
    precinct.sign(new, 1)
    precinct.work()
    with precinct.session() as session:
        logs = {
            parse(row.entry).petition: row.log_id
            for row in session.scalars(select(t.LogEntry))
            if parse(row.entry).type is EntryType.SIGN
        }
    assert logs == {old: 2026, new: 2027}
    assert (precinct.folder / "log" / "2027" / "checkpoint").exists()


def test_entries_that_contradict_the_log_stop_it_and_nothing_else(precinct: Precinct) -> None:
    petition = precinct.publish()
    precinct.work()
    precinct.sign(petition, 1)
    with precinct.session() as session:
        no_signature = Invalidate(0, 3, bytes(32))  # leaf 0 is the opening
        queue(session, LOG, petition, no_signature, due_at=precinct.clock.at)
    worker = precinct.worker()
    worker.turn()
    assert worker.stopped_logs == {LOG}
    assert precinct.count(t.LogBatch) == 1
    assert precinct.count(t.PendingEntry) == 2  # nothing was lost
    precinct.file()
    worker.turn()  # letters go on
    assert len(precinct.mailbox()) == 3


def test_a_worker_outlives_a_turn_that_failed(precinct: Precinct) -> None:
    petition = precinct.publish()
    precinct.sign(petition, 1)
    stop, failures = threading.Event(), iter([RuntimeError("the database went away")])

    def between(step: str) -> None:
        for failure in failures:
            raise failure
        if step == "after_settling":
            stop.set()

    running = threading.Thread(target=precinct.worker(between).run, args=(stop, 0.01))
    running.start()
    stop.wait(20)
    stop.set()
    running.join()
    assert len(precinct.entries(EntryType.SIGN)) == 1


def test_signatures_lie_in_the_order_of_their_tags_once_settled(precinct: Precinct) -> None:
    petition = precinct.publish()
    precinct.sign_many(petition, range(30))
    precinct.work()
    with precinct.session() as session:
        rows = session.scalars(select(t.Signature).order_by(t.Signature.tag)).all()
        assert all(row.settled for row in rows)
        order = "ctid" if session.get_bind().dialect.name == "postgresql" else "tag"
        heap = session.scalars(text(f"SELECT tag FROM signature ORDER BY {order}")).all()
        assert [bytes(tag) for tag in heap] == [row.tag for row in rows]


def test_the_first_turn_of_a_log_is_the_only_place_that_makes_its_key(precinct: Precinct) -> None:
    precinct.publish()
    assert not precinct.house.keys.exists(f"log/{LOG}")
    with precinct.session() as session:
        announce_log_key(session, precinct.house, LOG, precinct.clock.at)
    with precinct.session() as session:
        announce_log_key(session, precinct.house, LOG, precinct.clock.at)
        kinds = session.scalars(select(t.PendingEntry.type)).all()
    assert sorted(kinds) == [EntryType.OPEN, *[EntryType.VKEY] * 4, EntryType.NOTICE]


def test_many_areas_are_counted_beside_the_signatures_and_never_on_them(
    precinct: Precinct,
) -> None:
    petition = precinct.publish()
    for person, area in enumerate(["75", "75", "13"]):
        precinct.sign(petition, person, area=area)
    precinct.withdraw(petition, 0, area="75")
    precinct.work()
    with precinct.session() as session:
        rows = session.scalars(select(t.AreaTally).order_by(t.AreaTally.area)).all()
        assert [(r.area, r.counting_class, r.signed, r.withdrawn) for r in rows] == [
            ("13", "", 1, 0), ("75", "", 2, 1),
        ]  # fmt: skip
    assert "area" not in t.Signature.__table__.columns


def test_a_published_bundle_never_shows_an_entry_before_its_batch(precinct: Precinct) -> None:
    petition = precinct.publish()
    precinct.work()
    before = published(precinct).entries()
    precinct.sign_many(petition, range(5))
    precinct.clock.forward(hours=1)
    precinct.work()
    after = published(precinct).entries()
    assert after[: len(before)] == before
    names = {file.path for file in files_between(0, len(before))}
    assert names <= published(precinct).files()  # a partial file keeps its name for ever
    (partial,) = {n for n in names if "entries" in n}
    assert decode_bundle(published(precinct).read(partial)) == before
