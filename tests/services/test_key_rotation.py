"""A log changes its keys while it runs: announced under the old key, both sign, the old one ends."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Engine, delete

from petitions.domain.errors import ConflictError, NotFoundError
from petitions.ledger.entries import EntryType
from petitions.ledger.notes import split_note, vkey
from petitions.ledger.notice import read_notice
from petitions.services import key_rotation
from petitions.services.log_keys import KeyLostError
from petitions.services.logs import ROLE_LOG, ROLE_PROMISE
from petitions.services.ports import Actor
from petitions.services.salts import unwrap
from petitions.storage import tables as t
from tests.house import CLERK, Precinct, a_precinct
from tests.verifier.test_checks import states

OPERATOR = Actor("command line", CLERK.role, "M. Olivier")
LOG = 2026


@pytest.fixture
def running(precinct: Precinct) -> Precinct:
    """A log with a petition and its first batch."""
    precinct.publish()
    precinct.work()
    return precinct


def order(precinct: Precinct, role: int = ROLE_LOG, days: float = 7) -> int:
    with precinct.session() as session:
        return key_rotation.order(
            session, LOG, role, OPERATOR, "a disk was lent out", timedelta(days=days),
            at=precinct.clock.at,
        )  # fmt: skip


def note_of(precinct: Precinct) -> list[str]:
    """Key ids of the published checkpoint's signatures, in hexadecimal."""
    text = (precinct.published_shelf().of(LOG) / "checkpoint").read_text()
    return [blob[:4].hex() for _name, blob in split_note(text)[1]]


def key_id(precinct: Precinct, key: str) -> str:
    return vkey(f"petitions.example.org/{LOG}", precinct.house.keys.public(key)).split("+")[1]


def test_both_keys_sign_until_the_old_one_is_retired_and_destroyed(
    running: Precinct, capsys: Any
) -> None:
    old = key_id(running, f"log/{LOG}")
    assert order(running) == 2
    running.work()
    new = key_id(running, f"log/{LOG}/2")
    ids = note_of(running)
    assert ids[:2] == [old, new]
    assert len(ids) == 4, "an ML-DSA-44 line of each"
    place = running.published_shelf().of(LOG)
    assert (place / "policy").read_text().count("log ") == 2
    assert states(capsys, "log", place)[0] == 0
    running.clock.forward(days=6)
    running.work()
    assert len(note_of(running)) == 4
    running.clock.forward(days=2)
    running.work()
    assert note_of(running)[0] == new
    assert len(note_of(running)) == 2
    assert not running.house.keys.exists(f"log/{LOG}")
    code, found = states(capsys, "log", place)
    assert (code, found["V-102"], found["V-104"]) == (0, "good", "good")


def test_who_trusts_the_old_key_is_led_to_the_new_one(
    running: Precinct, tmp_path: Path, capsys: Any
) -> None:
    place = running.published_shelf().of(LOG)
    trusted = tmp_path / "policy-of-last-month"
    trusted.write_bytes((place / "policy").read_bytes())
    order(running)
    running.work()
    running.clock.forward(days=8)
    running.work()
    code, found = states(capsys, "log", place, "--policy", trusted)
    assert (code, found["V-102"], found["V-104"]) == (0, "good", "good")
    (place / "handovers").unlink()
    code, found = states(capsys, "log", place, "--policy", trusted)
    assert (code, found["V-104"]) == (1, "WRONG")


def test_a_second_change_follows_the_first(running: Precinct, capsys: Any) -> None:
    for number in (2, 3):
        assert order(running, days=0) == number
        running.work()
        running.clock.forward(minutes=10)
        running.work()
        running.work()
    assert note_of(running)[0] == key_id(running, f"log/{LOG}/3")
    assert len(note_of(running)) == 2
    assert states(capsys, "log", running.published_shelf().of(LOG))[0] == 0


def test_one_change_at_a_time_and_none_of_a_log_that_does_not_exist(running: Precinct) -> None:
    order(running)
    with pytest.raises(ConflictError, match="key_being_changed"):
        order(running)
    order(running, ROLE_PROMISE)
    with pytest.raises(NotFoundError), running.session() as session:
        key_rotation.order(session, 2031, ROLE_LOG, OPERATOR, "", timedelta(), at=running.clock.at)


def test_the_order_and_its_reason_are_public_and_in_the_trail(running: Precinct) -> None:
    order(running)
    running.work()
    notices = running.published_shelf().of(LOG) / "notices"
    found = [read_notice(path.read_bytes()) for path in notices.iterdir()]
    (changed,) = [each for each in found if each.what == "key-changed"]
    assert json.loads(changed.words)["reason"] == "a disk was lent out"
    with running.session() as session:
        trail = session.query(t.Audit).filter(t.Audit.action == "log_key_ordered").one()
        assert trail.detail["name"] == "M. Olivier"


def test_promises_are_signed_by_the_new_key_once_it_is_in_the_log(running: Precinct) -> None:
    petition = running.publish()
    running.work()

    def promising() -> str:
        with running.session() as session:
            return unwrap(session, running.house, petition).promise_key

    assert promising() == f"promise/{LOG}"
    order(running, ROLE_PROMISE)
    assert promising() == f"promise/{LOG}"
    running.work()
    assert promising() == f"promise/{LOG}/2"
    running.clock.forward(days=8)
    running.work()
    assert not running.house.keys.exists(f"promise/{LOG}")
    listed = json.loads((running.published_shelf().of(LOG) / "keys.json").read_text())["keys"]
    ended = [each["until"] for each in listed if each["role"] == "promise"]
    assert sorted(each is None for each in ended) == [False, True]


def test_an_old_key_is_never_retired_before_both_have_signed_in_public(running: Precinct) -> None:
    order(running, days=0)
    with running.session() as session:
        key_rotation.take_steps(session, running.house, LOG, running.clock.at)
    running.clock.forward(days=1)
    with running.session() as session:  # no batch has taken the announcement
        key_rotation.take_steps(session, running.house, LOG, running.clock.at)
        kinds = session.query(t.PendingEntry.body).filter(t.PendingEntry.type == EntryType.VKEY)
        assert {bytes(body)[1] for (body,) in kinds} == {1}, "announcements alone"
    running.work()
    running.clock.forward(minutes=4)
    running.work()
    assert len(note_of(running)) == 4, "a web process may still know the old key alone"
    running.clock.forward(minutes=1)
    running.work()
    assert len(note_of(running)) == 2


@pytest.mark.parametrize("step", ["before_batch", "in_batch", "after_batch", "after_signature",
                                  "in_publication", "after_publication"])  # fmt: skip
def test_a_worker_killed_at_any_step_of_a_change_goes_on(
    step: str, sqlite_uri: str, tmp_path: Path, open_engine: Callable[[str], Engine], capsys: Any
) -> None:
    from tests.house import KilledError

    precinct = a_precinct(tmp_path, open_engine(sqlite_uri), batch_min=1)
    precinct.publish()
    precinct.work()
    order(precinct, days=0)

    def die(here: str) -> None:
        if here == step:
            raise KilledError(step)

    for _ in range(2):
        with pytest.raises(KilledError):
            precinct.worker(die).turn()
        precinct.work()
        precinct.clock.forward(minutes=10)
    precinct.work()
    assert len(note_of(precinct)) == 2
    assert states(capsys, "log", precinct.published_shelf().of(LOG))[0] == 0


def test_a_key_that_is_lost_stops_the_log_with_its_name(running: Precinct) -> None:
    for path in (running.folder / "keys" / "log").glob("log*"):
        path.unlink()
    running.clock.forward(days=2)
    worker = running.worker()
    worker.turn()
    assert LOG in worker.stopped_logs
    with running.session() as session, pytest.raises(KeyLostError, match=f"log/{LOG}"):
        from petitions.services.key_papers import log_vkeys

        log_vkeys(session, running.house, LOG, 10_000)


def test_a_log_that_began_without_rows_of_keys_reads_them_from_its_entries(
    running: Precinct, capsys: Any
) -> None:
    with running.session() as session:
        before = {(k.role, k.vkey, k.key_id, k.added) for k in session.query(t.LogKey)}
        session.execute(delete(t.LogKey))
    running.clock.forward(days=2)
    running.work()
    with running.session() as session:
        assert {(k.role, k.vkey, k.key_id, k.added) for k in session.query(t.LogKey)} == before
    order(running, days=0)
    running.work()
    assert states(capsys, "log", running.published_shelf().of(LOG))[0] == 0


def test_keys_stand_in_the_first_bundle_however_many_petitions_open_at_once(
    sqlite_uri: str, tmp_path: Path, open_engine: Callable[[str], Engine], monkeypatch: Any
) -> None:
    """The page that checks receipts looks there for the key of promises."""
    monkeypatch.setattr("petitions.storage.log_key_rows.MOST_BEFORE", 3)
    precinct = a_precinct(tmp_path, open_engine(sqlite_uri), batch_min=1)
    for _ in range(5):
        precinct.publish()
    precinct.work()
    kinds = [entry.type for entry in precinct.entries()]
    first = kinds.index(EntryType.BATCH)
    assert set(kinds[:first]) == {EntryType.VKEY}
    assert EntryType.OPEN in kinds[first:]
    roles = {entry.fields.role for entry in precinct.entries(EntryType.VKEY)}
    assert roles == {1, 2, 3}


def test_a_promise_given_before_the_first_batch_is_by_a_key_of_that_batch(
    precinct: Precinct,
) -> None:
    petition = precinct.publish()
    with precinct.session() as session:
        key = unwrap(session, precinct.house, petition).promise_key
    promised = precinct.house.keys.public(key)
    precinct.work()
    announced = [e.fields.vkey for e in precinct.entries(EntryType.VKEY) if e.fields.role == 2]
    assert announced == [vkey(f"petitions.example.org/{LOG}/promise", promised)]
    index = next(i for i, e in enumerate(precinct.entries()) if e.type is EntryType.BATCH)
    assert all(e.type is not EntryType.VKEY for e in precinct.entries()[index:])
