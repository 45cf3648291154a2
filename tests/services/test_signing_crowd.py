"""Signing under a crowd: real threads, real processes, real commits."""

from __future__ import annotations

import secrets
import threading
import time
from pathlib import Path
from uuid import UUID

import pytest
from sqlalchemy import Engine, text
from sqlalchemy.exc import DatabaseError

from petitions.domain.errors import PassRefusedError
from petitions.ledger.entries import EntryType
from petitions.platform.database import create_engine
from petitions.services import deadlines, signing
from petitions.services.salts import unwrap
from petitions.services.signing import AlreadySigned, Signed
from petitions.storage import log_rows
from petitions.storage.tables import PendingEntry, PetitionSigning, Signature
from tests.house import Precinct, a_precinct, an_act, u_of
from tests.services.another_process import in_processes
from tests.services.crowd import in_threads

ATTEMPTS = 1_000


def one_row_and_one_leaf(precinct: Precinct) -> None:
    precinct.work()
    assert precinct.count(Signature) == 1
    assert len(precinct.entries(EntryType.SIGN)) == 1
    *_, count = precinct.entries(EntryType.COUNT)
    assert count.fields.valid == 1


def test_a_thousand_attempts_of_one_person_leave_one_signature(precinct: Precinct) -> None:
    petition = precinct.publish()
    answers = in_threads(lambda _: precinct.sign(petition, 1), range(ATTEMPTS), 8)
    assert answers == {"signed": 1, "already": ATTEMPTS - 1}
    one_row_and_one_leaf(precinct)


def test_several_processes_leave_one_signature_of_one_person(
    tmp_path: Path, postgresql_uri: str
) -> None:
    engine = create_engine(postgresql_uri)
    precinct = a_precinct(tmp_path, engine, batch_min=1)
    petition = precinct.publish()
    with precinct.session() as session:
        keys = unwrap(session, precinct.house, petition)
    u = u_of(1, petition)
    answers = in_processes(2, postgresql_uri, keys, petition, u, precinct.clock.at, 150)
    assert answers == {"signed": 1, "already": 299}
    one_row_and_one_leaf(precinct)
    engine.dispose()


def test_one_double_click_with_one_pass_is_one_signature(precinct: Precinct) -> None:
    petition = precinct.publish()
    c, jti = secrets.token_bytes(32), secrets.token_bytes(16)
    answers = in_threads(lambda _: precinct.sign(petition, 1, commitment=c, jti=jti), range(40), 8)
    assert answers == {"signed": 1, "repeated": 39}
    one_row_and_one_leaf(precinct)


def test_fifty_people_with_one_commitment_leave_one_leaf_though_batches_run(
    precinct: Precinct,
) -> None:
    """A copied commitment must never jam the log, whenever the worker moves the original."""
    petition = precinct.publish()
    c = secrets.token_bytes(32)
    stop = threading.Event()
    worker = precinct.worker()
    ticking = threading.Thread(target=lambda: worker.run(stop, 0.01))
    ticking.start()
    answers = in_threads(
        lambda person: precinct.sign(petition, person, commitment=c), range(50), 50
    )
    stop.set()
    ticking.join()
    assert answers == {"signed": 1, "commitment_not_fresh": 49}
    assert worker.stopped_logs == set()
    one_row_and_one_leaf(precinct)


def test_closing_never_overtakes_a_signature_that_was_answered(precinct: Precinct) -> None:
    petition = precinct.publish()
    with precinct.session() as session:
        closes = session.get_one(PetitionSigning, petition).closes_at
    gate = threading.Event()

    def attempt(person: int) -> object:
        if person == 30:
            gate.set()
        return precinct.sign(petition, person)

    def close_in_the_middle() -> None:
        gate.wait()
        with precinct.session() as session:
            deadlines.end_window(session, precinct.house, petition, closes)

    closing = threading.Thread(target=close_in_the_middle)
    closing.start()
    answers = in_threads(attempt, range(120), 8)
    closing.join()
    assert set(answers) <= {"signed", "signing_closed"}
    assert 0 < answers["signed"] < 120
    precinct.clock.at = closes
    precinct.work()
    kinds = [entry.type for entry in precinct.entries()]
    assert kinds.count(EntryType.SIGN) == answers["signed"] == precinct.count(Signature)
    last_sign = max(i for i, kind in enumerate(kinds) if kind is EntryType.SIGN)
    assert last_sign < kinds.index(EntryType.CLOSE)
    assert precinct.count(PendingEntry) == 0


def test_a_signature_underway_makes_closing_wait(tmp_path: Path, postgresql_uri: str) -> None:
    """SQLite lets one writer in at a time; PostgreSQL needs the lock, so it is looked at there."""
    engine = create_engine(postgresql_uri)
    precinct = a_precinct(tmp_path, engine, batch_min=1)
    petition = precinct.publish()
    with precinct.session() as session:
        closes = session.get_one(PetitionSigning, petition).closes_at
        keys = unwrap(session, precinct.house, petition)
    with precinct.sessions() as signer:
        act = an_act(precinct.house, petition, 1, precinct.clock.at)
        signing.sign(signer, precinct.house, keys, act, precinct.clock.at)
        closing = threading.Thread(target=close, args=(precinct, petition, closes))
        closing.start()
        wait_for_a_lock(engine)
        assert closing.is_alive()
        signer.commit()
        closing.join()
    precinct.clock.at = closes
    precinct.work()
    kinds = [e.type for e in precinct.entries(EntryType.SIGN, EntryType.CLOSE)]
    assert kinds == [EntryType.SIGN, EntryType.CLOSE]
    engine.dispose()


def close(precinct: Precinct, petition: UUID, closes: object) -> None:
    with precinct.session() as session:
        deadlines.end_window(session, precinct.house, petition, closes)  # type: ignore[arg-type]


def wait_for_a_lock(engine: Engine) -> None:
    """Until some connection of this database waits for a lock."""
    waiting = text(
        "SELECT count(*) FROM pg_stat_activity"
        " WHERE datname = current_database() AND wait_event_type = 'Lock'"
    )
    for _ in range(500):
        with engine.connect() as connection:
            if connection.execute(waiting).scalar_one():
                return
        time.sleep(0.01)
    raise AssertionError("nobody waits")


@pytest.mark.parametrize("act", ["withdraw", "sign", "replay"])
def test_a_row_that_settling_moves_meanwhile_is_still_found(
    tmp_path: Path, postgresql_uri: str, act: str
) -> None:
    """Whoever waits for a row that is moved finds nothing under its own snapshot."""
    engine = create_engine(postgresql_uri)
    precinct = a_precinct(tmp_path, engine, batch_min=1)
    petition = precinct.publish()
    precinct.sign(petition, 1, jti=b"first")
    found: list[object] = []

    def act_now() -> None:
        if act == "withdraw":
            found.append(precinct.withdraw(petition, 1))
        else:
            jti = b"first" if act == "replay" else b"second"
            try:
                found.append(precinct.sign(petition, 1, jti=jti))
            except PassRefusedError as refused:
                found.append(refused.code)

    with precinct.sessions() as settling:
        log_rows.settle(settling, [petition])
        acting = threading.Thread(target=act_now)
        acting.start()
        wait_for_a_lock(engine)
        settling.commit()
        acting.join()
    assert found == [True if act == "withdraw" else AlreadySigned(None)]
    engine.dispose()


def test_the_database_alone_keeps_a_second_row_out(precinct: Precinct) -> None:
    petition = precinct.publish()
    precinct.sign(petition, 1)
    again = text(
        "INSERT INTO signature (petition_id, tag, standing, link, cycles, settled)"
        " SELECT petition_id, tag, standing, link, cycles, settled FROM signature"
    )
    with precinct.engine.connect() as connection, pytest.raises(DatabaseError):
        connection.execute(again)


def test_many_people_at_once_are_each_counted_once(precinct: Precinct) -> None:
    petition = precinct.publish()
    stop = threading.Event()
    workers = [precinct.worker() for _ in range(2)]
    ticking = [threading.Thread(target=w.run, args=(stop, 0.01)) for w in workers]
    for thread in ticking:
        thread.start()
    answers = in_threads(lambda n: precinct.sign(petition, n % 60), range(180), 6)
    stop.set()
    for thread in ticking:
        thread.join()
    precinct.work()
    assert answers == {"signed": 60, "already": 120}
    assert len({entry.body for entry in precinct.entries(EntryType.SIGN)}) == 60
    *_, last = precinct.entries(EntryType.COUNT)
    assert last.fields.valid == 60
    assert isinstance(precinct.sign(petition, 61), Signed)
