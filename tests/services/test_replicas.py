"""Places that hold keys, added and taken out of the settings while the log runs: V-702 stays right."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from msgspec.structs import replace
from sqlalchemy import Engine

from petitions.domain.errors import ConflictError, NotFoundError
from petitions.domain.lifecycle import Role
from petitions.domain.sealing import Obstacle
from petitions.key_border import repair_keys
from petitions.ledger.entries import EntryType
from petitions.services import replicas
from petitions.services.ports import Actor
from petitions.services.sealing_plan import plan
from petitions.storage import tables as t
from tests.house import Precinct, a_house, a_precinct
from tests.services.test_sealing import ended, order, work_until_sealed
from tests.verifier.test_checks import states

OPERATOR = Actor("command line", Role.ADMINISTRATOR, "M. Olivier")
PLACES = ("petitions", "petitions-vault", "petitions-annex")


@pytest.fixture
def precinct(tmp_path: Path, sqlite_uri: str, open_engine: Callable[[str], Engine]) -> Precinct:
    """What is published does not depend on the database."""
    return a_precinct(tmp_path, open_engine(sqlite_uri), batch_min=1)


def with_replicas(precinct: Precinct, *names: str) -> None:
    """The settings name these replicas from now on, and `petitions keys repair` was run."""
    folders = {name: str(precinct.folder / name) for name in names}
    keys = replace(precinct.settings.keys, replicas=folders)
    precinct.settings = replace(precinct.settings, keys=keys)
    repair_keys(precinct.settings)
    precinct.house = a_house(precinct.settings)


def announced(precinct: Precinct) -> list[tuple[int, str]]:
    """(action, place) of the VKEY entries about places, in the log's order."""
    entries = precinct.entries(EntryType.VKEY)
    return [
        (e.fields.action, e.fields.vkey.partition("+")[0].rpartition("/")[2])
        for e in entries
        if e.fields.role == 3
    ]


def judged(precinct: Precinct, capsys: Any) -> tuple[int, str]:
    code, found = states(capsys, "log", precinct.published_shelf().of(2026))
    return code, found["V-702"]


def give_up(precinct: Precinct, place: str) -> list[int]:
    with precinct.session() as session:
        return replicas.give_up(
            session, precinct.house, place, OPERATOR, "its disk was shredded on 3 March",
            at=precinct.clock.at,
        )  # fmt: skip


def test_a_place_is_announced_in_the_batch_of_the_first_petition_whose_key_it_gets(
    precinct: Precinct,
) -> None:
    precinct.publish()
    precinct.work()
    with_replicas(precinct, "vault")
    precinct.publish()
    precinct.work()
    assert announced(precinct) == [(1, "petitions"), (1, "petitions-vault")]


def test_a_replica_added_while_a_petition_is_open_states_the_end_of_its_key_as_well(
    precinct: Precinct, capsys: Any
) -> None:
    petition = ended(precinct, range(3))
    with_replicas(precinct, "vault")
    order(precinct, petition)
    work_until_sealed(precinct)
    assert len(precinct.entries(EntryType.DESTROYED)) == 2
    assert judged(precinct, capsys) == (0, "good")


def test_a_replica_taken_out_without_a_word_holds_up_the_sealing(precinct: Precinct) -> None:
    with_replicas(precinct, "vault")
    petition = ended(precinct, range(3))
    with_replicas(precinct)
    with precinct.session() as session:
        found = plan(
            session, precinct.house, session.get_one(t.Petition, petition), precinct.clock.at
        )
        assert found.obstacles == (Obstacle.PLACE_ABSENT,)
    with pytest.raises(ConflictError, match="seal_place_absent"):
        order(precinct, petition)


def test_a_replica_given_up_in_public_is_accounted_for(precinct: Precinct, capsys: Any) -> None:
    with_replicas(precinct, "vault")
    petition = ended(precinct, range(3))
    with_replicas(precinct)
    assert give_up(precinct, "petitions-vault") == [2026]
    order(precinct, petition)
    work_until_sealed(precinct)
    assert announced(precinct)[-1] == (0, "petitions-vault")
    assert len(precinct.entries(EntryType.DESTROYED)) == 1
    assert judged(precinct, capsys) == (0, "good")
    notices = precinct.published_shelf().of(2026) / "notices"
    assert any(b"shredded on 3 March" in path.read_bytes() for path in notices.iterdir())
    for path in notices.iterdir():
        if b"shredded" in path.read_bytes():
            path.unlink()
    assert judged(precinct, capsys)[0] == 1, "a place must not fall silent"


def test_two_petitions_may_have_lain_in_different_places(precinct: Precinct, capsys: Any) -> None:
    with_replicas(precinct, "vault")
    first = ended(precinct, range(3))
    order(precinct, first)
    work_until_sealed(precinct)
    with_replicas(precinct)
    give_up(precinct, "petitions-vault")
    with_replicas(precinct, "annex")
    second = ended(precinct, range(3))
    order(precinct, second)
    work_until_sealed(precinct)
    names = [name for action, name in announced(precinct) if action == 1]
    assert names == list(PLACES)
    assert judged(precinct, capsys) == (0, "good")


def test_a_place_in_the_settings_or_unknown_to_the_log_cannot_be_given_up(
    precinct: Precinct,
) -> None:
    with_replicas(precinct, "vault")
    precinct.publish()
    precinct.work()
    with pytest.raises(ConflictError, match="replica_in_use"):
        give_up(precinct, "petitions-vault")
    with pytest.raises(NotFoundError, match="replica"):
        give_up(precinct, "petitions-cellar")


def test_a_place_that_was_moved_gets_a_key_of_its_own_and_the_lost_one_is_given_up(
    precinct: Precinct, capsys: Any
) -> None:
    """As docs/keys.md says for a first place that was lost."""
    with_replicas(precinct, "vault")
    petition = ended(precinct, range(3))
    for zone in ("identity", "petitions", "log"):
        first, copy = (precinct.folder / name / zone for name in ("keys", "vault"))
        for path in first.iterdir():
            path.unlink()
        first.rmdir()
        copy.rename(first)
    with_replicas(precinct, "vault")
    assert give_up(precinct, "petitions") == [2026]
    assert give_up(precinct, "petitions-vault") == [2026]
    order(precinct, petition)
    work_until_sealed(precinct)
    assert len(precinct.entries(EntryType.DESTROYED)) == 2
    assert judged(precinct, capsys) == (0, "good")
