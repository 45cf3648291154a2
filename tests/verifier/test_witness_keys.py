"""A witness and a log that changes its key: announced under the old key it is trusted, else not."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
from sqlalchemy import Engine

from petitions.domain.lifecycle import Role
from petitions.services import key_rotation
from petitions.services.logs import ROLE_LOG
from petitions.services.ports import Actor
from tests.house import Precinct, a_precinct
from tests.verifier import town as place
from tests.verifier.maker import ORIGIN, Signer
from tests.verifier.test_witness import a_witness, log_key, program, request

__all__ = ["program"]  # a fixture
HOME = "https://log.example"


@pytest.fixture
def precinct(tmp_path: Path, sqlite_uri: str, open_engine: Callable[[str], Engine]) -> Precinct:
    """A log with its first batch; the files do not depend on the database."""
    found = a_precinct(tmp_path, open_engine(sqlite_uri), batch_min=1)
    found.publish()
    found.work()
    return found


def reading(folder: Path) -> Callable[[str], bytes]:
    return lambda address: (folder / address.removeprefix(f"{HOME}/")).read_bytes()


def change(precinct: Precinct) -> None:
    actor = Actor("command line", Role.ADMINISTRATOR, "M. Olivier")
    with precinct.session() as session:
        key_rotation.order(
            session, 2026, ROLE_LOG, actor, "a year is over", timedelta(days=7),
            at=precinct.clock.at,
        )  # fmt: skip
    precinct.work()


def retire(precinct: Precinct) -> None:
    precinct.clock.forward(days=8)
    precinct.work()


def refused(program: ModuleType, witness: Any, body: bytes) -> int:
    with pytest.raises(program.Refused) as found:
        witness.add_checkpoint(body, 1)
    status: int = found.value.status
    return status


def test_a_witness_that_follows_learns_the_new_key_and_the_end_of_the_old(
    program: ModuleType, precinct: Precinct, tmp_path: Path, capsys: Any
) -> None:
    witness = a_witness(program, tmp_path, log_key(precinct), url=HOME)
    read = reading(tmp_path / "log" / "2026")
    for step in (change, retire):
        assert program.follow(witness, read) == 0
        step(precinct)
    assert program.follow(witness, read) == 0
    assert "was announced" in capsys.readouterr().out
    spans = {key.last is None for key in witness.keys_of(ORIGIN)}
    assert spans == {True, False}
    assert program.learn(witness, read) == 0
    assert capsys.readouterr().out.count(ORIGIN) == 2


def test_a_witness_that_comes_back_after_the_change_is_led_over(
    program: ModuleType, precinct: Precinct, tmp_path: Path
) -> None:
    witness = a_witness(program, tmp_path, log_key(precinct), url=HOME)
    read = reading(tmp_path / "log" / "2026")
    assert program.follow(witness, read) == 0
    change(precinct)
    retire(precinct)
    assert refused(program, witness, request(precinct, witness.state.newest(ORIGIN)[0])) == 403
    assert program.follow(witness, read) == 0


def test_without_a_checkpoint_of_both_keys_nothing_is_learned(
    program: ModuleType, precinct: Precinct, tmp_path: Path
) -> None:
    witness = a_witness(program, tmp_path, log_key(precinct), url=HOME)
    change(precinct)
    retire(precinct)
    (tmp_path / "log" / "2026" / "handovers").unlink()
    assert program.follow(witness, reading(tmp_path / "log" / "2026")) == 1
    assert len(witness.keys_of(ORIGIN)) == 1


def test_a_retired_key_vouches_for_nothing_new(program: ModuleType, tmp_path: Path) -> None:
    """The town's log, signed on by the key that it retired."""
    town = place.the_town()
    folder = town.publish(tmp_path / "log")
    until = next(
        i for i, e in enumerate(town.log.entries) if e == place.announce(1, place.OLD_LOG, 0)
    )
    witness = a_witness(program, tmp_path, place.OLD_LOG.vkey, url=HOME)
    program.learn(witness, reading(folder))
    ends = {key.vkey: key.last for key in witness.keys_of(ORIGIN)}
    assert ends == {place.OLD_LOG.vkey: until, place.NEW_LOG.vkey: None}

    def body(signer: Signer, size: int) -> bytes:
        return f"old 0\n\n{town.log.checkpoint([signer], size)}".encode()

    assert refused(program, witness, body(place.OLD_LOG, town.log.ends[-1])) == 403
    assert refused(program, witness, body(Signer.of(ORIGIN, "x"), town.log.ends[-1])) == 403
    assert witness.add_checkpoint(body(place.OLD_LOG, town.log.ends[3]), 1)


def test_a_list_that_names_a_key_which_no_entry_announces_is_not_believed(
    program: ModuleType, tmp_path: Path
) -> None:
    town = place.the_town()
    folder = town.publish(tmp_path / "log")
    stranger = Signer.of(ORIGIN, "stranger")
    listed = folder / "keys.json"
    listed.write_text(listed.read_text().replace(place.NEW_LOG.vkey, stranger.vkey))
    witness = a_witness(program, tmp_path, place.OLD_LOG.vkey, url=HOME)
    program.learn(witness, reading(folder))
    assert [key.vkey for key in witness.keys_of(ORIGIN)] == [place.OLD_LOG.vkey]


def test_sizes_in_the_configuration_bound_a_key(program: ModuleType, tmp_path: Path) -> None:
    town = place.the_town()
    town.publish(tmp_path / "log")
    a_witness(program, tmp_path, place.OLD_LOG.vkey)
    config = tmp_path / "witness.toml"
    config.write_text(config.read_text() + f"until = {town.log.ends[2]}\n")
    witness = program.Witness(config)
    late, early = (
        f"old 0\n\n{town.log.checkpoint([place.OLD_LOG], town.log.ends[at])}".encode()
        for at in (3, 2)
    )
    assert refused(program, witness, late) == 403
    assert witness.add_checkpoint(early, 1)


def test_a_state_from_before_keys_were_learned_is_taken_over(
    program: ModuleType, precinct: Precinct, tmp_path: Path
) -> None:
    import sqlite3

    witness = a_witness(program, tmp_path, log_key(precinct), url=HOME)
    read = reading(tmp_path / "log" / "2026")
    assert program.follow(witness, read) == 0
    with sqlite3.connect(tmp_path / "witness.sqlite") as held:
        held.execute("DROP TABLE key")
    again = a_witness(program, tmp_path, log_key(precinct), url=HOME)
    assert again.state.newest(ORIGIN) == witness.state.newest(ORIGIN)
    assert program.follow(again, read) == 0
