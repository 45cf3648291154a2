"""What the engine publishes, read by a program that shares nothing with it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import Engine

from petitions import border
from petitions.ledger.commitments import commitment
from petitions.ledger.entries import EntryType, Sign, leaf_hash, write
from petitions.ledger.notes import sign_note
from petitions.ledger.promise import promise_body, promise_name, promised_by
from petitions.ledger.receipt import receipt_file
from petitions.services.signing import Signed
from petitions.storage import tables as t
from tests.house import Precinct, a_precinct, changed_library
from tests.services.test_removals import after_the_term, confirm, leaves_of, propose
from tests.services.test_sealing import ended, order, work_until_sealed
from tests.verifier.test_checks import states

R = b"r" * 32
ORIGIN = "petitions.example.org/2026"


@pytest.fixture
def sqlite_precinct(
    tmp_path: Path, sqlite_uri: str, open_engine: Callable[[str], Engine]
) -> Precinct:
    """The files do not depend on the database; tests/services prove that on both."""
    changes = {"threshold = 25": "threshold = 12"}
    library = changed_library(tmp_path, "town", changes)
    return a_precinct(tmp_path, open_engine(sqlite_uri), batch_min=1, library=library)


def signed_with_receipt(precinct: Precinct, petition: UUID, person: int) -> str:
    """The receipt that the site would hand out for this signature."""
    c, at = commitment(ORIGIN, petition, R), precinct.clock.at
    found = precinct.sign(petition, person, commitment=c)
    assert isinstance(found, Signed)
    body = promise_body(
        ORIGIN, petition, leaf_hash(write(petition, Sign(c))), found.log_size, promised_by(at)
    )
    keys = precinct.house.keys
    note = sign_note(
        body,
        promise_name(ORIGIN),
        lambda m: keys.sign("promise/2026", m),
        keys.public("promise/2026"),
    )
    return receipt_file(petition, R, note)


def lived(precinct: Precinct) -> tuple[UUID, str]:
    """A petition that collects, loses one signature, reaches its milestone; and one that is sealed."""
    sealed = ended(precinct, range(6))
    order(precinct, sealed)
    work_until_sealed(precinct)
    petition = precinct.publish()
    for people in (range(20), range(20, 25)):
        precinct.clock.forward(hours=1)
        precinct.sign_many(petition, people)
        precinct.work()
    assert precinct.withdraw(petition, 5)
    receipt = signed_with_receipt(precinct, petition, 500)
    precinct.clock.forward(hours=2)
    precinct.work()
    return petition, receipt


def test_the_engines_log_is_good_in_every_check_that_applies(
    sqlite_precinct: Precinct, tmp_path: Path, capsys: Any
) -> None:
    precinct = sqlite_precinct
    petition, receipt = lived(precinct)
    place = precinct.published_shelf().of(2026)
    code, found = states(capsys, "log", place)
    assert code == 0
    idle = {check for check, state in found.items() if state != "good"}
    assert idle == {"V-103", "V-205", "V-505", "V-802", "V-803"}
    kinds = {entry.type for entry in precinct.entries()}
    assert {EntryType.SEAL, EntryType.DESTROYED, EntryType.MILESTONE, EntryType.CLOSE} <= kinds
    file = tmp_path / "receipt"
    file.write_text(receipt)
    code, found = states(capsys, "receipt", file, place)
    assert code == 0
    assert found["V-601"] == found["V-602"] == found["V-603"] == "good"
    with precinct.session() as session:
        closes = session.get_one(t.Petition, petition).closes_at
    _the_end_of_a_pepper(precinct, closes, capsys)


def _the_end_of_a_pepper(precinct: Precinct, closes: datetime | None, capsys: Any) -> None:
    """The close of the other petition, and a notice with the hash of a statement."""
    assert closes is not None
    precinct.clock.at = closes + timedelta(days=1)
    precinct.work()
    with precinct.session() as session:
        for petition in session.query(t.PetitionSigning).where(
            t.PetitionSigning.signing == "closed"
        ):
            closed = petition.petition_id
    precinct.clock.forward(days=40)
    precinct.work()
    order(precinct, closed)
    work_until_sealed(precinct)
    precinct.house = replace(precinct.house, policy=replace(precinct.house.policy, kid="p2"))
    worker = precinct.worker()
    worker.peppers = border.PepperShelf(precinct.settings)
    worker.retire_peppers()
    precinct.work()
    assert precinct.entries(EntryType.NOTICE)
    code, found = states(capsys, "log", precinct.published_shelf().of(2026))
    assert (code, found["V-701"], found["V-702"]) == (0, "good", "good")


def test_signatures_that_the_engine_declared_invalid_are_subtracted_once(
    sqlite_precinct: Precinct, capsys: Any
) -> None:
    precinct = sqlite_precinct
    petition = precinct.publish()
    precinct.sign_many(petition, range(5))
    precinct.work()
    first, second, *_rest = leaves_of(precinct, petition)
    confirm(precinct, propose(precinct, petition, first, second))
    after_the_term(precinct)
    assert len(precinct.entries(EntryType.INVALIDATE)) == 2
    place = precinct.published_shelf().of(2026)
    code, found = states(capsys, "log", place)
    assert (code, found["V-404"], found["V-406"], found["V-502"]) == (0, "good", "good", "good")
    (decision,) = (place / "decisions").iterdir()
    decision.write_bytes(decision.read_bytes().replace(b"poste", b"salle"))
    code, found = states(capsys, "log", place)
    assert (code, found["V-406"]) == (1, "WRONG")


def test_a_log_of_the_engine_with_a_changed_count_is_seen(
    sqlite_precinct: Precinct, capsys: Any
) -> None:
    precinct = sqlite_precinct
    petition = precinct.publish()
    precinct.sign_many(petition, range(3))
    precinct.work()
    place = precinct.published_shelf().of(2026)
    counts = place / "counts.json"
    counts.write_text(counts.read_text().replace('"valid": 3', '"valid": 4'))
    code, found = states(capsys, "log", place)
    assert (code, found["V-503"]) == (1, "WRONG")
