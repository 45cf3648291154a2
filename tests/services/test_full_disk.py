"""No room left: nothing is lost, nothing half written is public, and the worker goes on by itself.

The kernel itself refuses here (RLIMIT_FSIZE: writing past a size fails in the same call as on a full
disk), for files of the log and, where it is this process that writes them, for SQLite's.
"""

from __future__ import annotations

import logging
import resource
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from uuid import UUID

import pytest

from petitions.ledger.checkpoint import parse_checkpoint
from petitions.ledger.notes import split_note
from petitions.services.log_publishing import last_anchored, write_file
from petitions.storage import tables as t
from tests.house import Precinct
from tests.services.published import PublishedLog
from tests.services.test_crashes import assert_sound, wait_out_the_claims

LOG = 2026
ROOMS = (0, 70, 100, 350, 1_000, 3_000, 10_000)
"""Bytes that a file may still have: at each of them another step of publishing finds no room."""


@contextmanager
def room_for(size: int) -> Iterator[None]:
    """No file of this process may grow past `size` bytes."""
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, before[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)


def left_over(place: Path) -> list[str]:
    return [path.name for path in place.rglob(".*") if path.name != ".turn"]


def valid(precinct: Precinct, petition: UUID) -> int:
    with precinct.session() as session:
        return session.get_one(t.PublicCount, petition).valid


def test_whatever_does_not_fit_is_published_when_there_is_room_again(
    precinct: Precinct, caplog: pytest.LogCaptureFixture
) -> None:
    petition = precinct.publish()
    precinct.work()
    place = precinct.folder / "log" / str(LOG)
    for number, size in enumerate(ROOMS):
        precinct.sign_many(petition, range(3 * number, 3 * number + 3))
        before = PublishedLog(place).read("checkpoint")
        worker = precinct.worker()
        with caplog.at_level(logging.ERROR, "petitions.worker"), room_for(size):
            for _turn in range(3):
                worker.turn()
        assert worker.stopped_logs == set(), caplog.text  # no room is no contradiction
        assert left_over(place) == []
        shown = PublishedLog(place)
        if shown.read("checkpoint") == before:
            assert "tally failed" in caplog.text
        assert shown.needed_files() <= shown.files()  # a checkpoint never comes before its files
        caplog.clear()
    precinct.work()
    assert valid(precinct, petition) == 3 * len(ROOMS)
    assert_sound(precinct)


def test_the_same_worker_goes_on_when_there_is_room_again(precinct: Precinct) -> None:
    petition = precinct.publish()
    precinct.work()
    precinct.sign_many(petition, range(4))
    worker = precinct.worker()
    with room_for(0):
        worker.turn()
    assert valid(precinct, petition) == 0
    while worker.turn():
        pass
    assert valid(precinct, petition) == 4
    assert_sound(precinct)


def test_half_a_file_is_taken_away_and_the_old_one_stays(tmp_path: Path) -> None:
    file = tmp_path / "checkpoint"
    write_file(file, b"old")
    with room_for(10), pytest.raises(OSError, match="File too large"):
        write_file(file, b"x" * 100)
    assert file.read_bytes() == b"old"
    assert left_over(tmp_path) == []


def test_a_line_of_the_anchor_that_was_cut_off_is_no_line(precinct: Precinct) -> None:
    """Cut off twice: the first half line got an end before the second one found no room either."""
    petition = precinct.publish()
    precinct.work()
    shelf = precinct.published_shelf()
    whole = last_anchored(shelf, LOG)
    with shelf.anchor.open("ab") as anchor:
        anchor.write(b"2026 9\n2026 99 abcdef\n2026 9")
    assert last_anchored(shelf, LOG) == whole
    precinct.sign(petition, 1)
    precinct.work()
    found = last_anchored(shelf, LOG)
    assert found is not None
    note = (shelf.of(LOG) / "checkpoint").read_text()
    shown = parse_checkpoint(split_note(note)[0])
    assert found == (shown.size, shown.root)
    assert_sound(precinct)


def test_two_workers_at_once_do_the_work_of_one(precinct: Precinct) -> None:
    """Whole workers, each with its own turns, while people sign."""
    petition = precinct.publish()
    stop = threading.Event()
    workers = [
        threading.Thread(target=precinct.worker().run, args=(stop, 0.01)) for _number in range(2)
    ]
    for worker in workers:
        worker.start()
    try:
        precinct.sign_many(petition, range(25))
        until = time.monotonic() + 60
        while valid(precinct, petition) < 25 and time.monotonic() < until:
            time.sleep(0.05)
    finally:
        stop.set()
        for worker in workers:
            worker.join()
    wait_out_the_claims(precinct)
    precinct.work()
    assert valid(precinct, petition) == 25
    assert_sound(precinct)
