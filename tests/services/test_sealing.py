"""The ceremony that ends a petition's anonymity questions for good: its order, its crashes, its end."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import select

from petitions import border
from petitions.domain.errors import ConflictError, SigningClosedError
from petitions.domain.lifecycle import Role
from petitions.domain.sealing import Obstacle, SealStep
from petitions.ledger.entries import LOG_WIDE, EntryType
from petitions.ledger.notes import open_note
from petitions.services import peppers, sealing
from petitions.services.audit import broken_links
from petitions.services.ports import Actor, House
from petitions.services.sealing_plan import plan
from petitions.services.sealing_steps import SALTS_EXPIRE
from petitions.storage import tables as t
from tests.house import KilledError, Precinct

ADMIN = Actor("weber", Role.ADMINISTRATOR, "I. Weber")
REASON = "Six months after the final answer"


def ended(precinct: Precinct, people: range = range(4), *, withdrawn: bool = True) -> UUID:
    """A petition that collected, whose window and objection term are over; the first one withdrew."""
    petition = precinct.publish()
    precinct.sign_many(petition, people)
    if withdrawn:
        precinct.withdraw(petition, people[0])
    with precinct.session() as session:
        closes = session.get_one(t.Petition, petition).closes_at
    assert closes is not None
    precinct.clock.at = max(precinct.clock.at, closes)
    precinct.work()
    precinct.clock.forward(days=31)
    precinct.work()
    return petition


def order(precinct: Precinct, petition: UUID) -> None:
    with precinct.session() as session:
        sealing.order(session, precinct.house, petition, ADMIN, REASON, precinct.clock.at)


def work_until_sealed(precinct: Precinct) -> None:
    precinct.work()
    precinct.clock.at += SALTS_EXPIRE
    precinct.work()


def step_of(precinct: Precinct, petition: UUID) -> SealStep:
    with precinct.session() as session:
        return SealStep(session.get_one(t.PetitionSigning, petition).seal_step)


def assert_sealed(precinct: Precinct, petition: UUID) -> None:
    with precinct.session() as session:
        signing = session.get_one(t.PetitionSigning, petition)
        assert (signing.signing, signing.seal_step, signing.wrapped_salt) == ("sealed", 7, None)
        for table in (t.Signature, t.Withdrawal, t.AreaTally, t.PendingEntry):
            mine = select(table).where(table.__table__.c.petition_id == petition)
            assert session.execute(mine).first() is None, table.__tablename__
        ceremony = session.get_one(t.Sealing, petition)
        assert ceremony.sealed_at is not None
        assert list(broken_links(session)) == []
    assert not precinct.house.keys.exists(f"kek/{petition}")
    told = [e for e in precinct.entries(EntryType.SEAL, EntryType.DESTROYED)]
    mine = [e for e in told if e.petition == petition]
    assert [e.type for e in mine] == [
        EntryType.SEAL,
        *[EntryType.DESTROYED] * len(precinct.house.keys.replicas(f"kek/{petition}")),
    ]


def test_a_sealed_petition_keeps_its_numbers_and_loses_everything_else(
    precinct: Precinct,
) -> None:
    petition = ended(precinct)
    order(precinct, petition)
    work_until_sealed(precinct)
    assert_sealed(precinct, petition)
    (seal,) = precinct.entries(EntryType.SEAL)
    numbers = (seal.fields.collected, seal.fields.withdrawn, seal.fields.valid)
    assert numbers == (4, 1, 3)
    with precinct.session() as session:
        assert session.get_one(t.PublicCount, petition).valid == 3
        checkpoint = session.get_one(t.Checkpoint, (2026, seal.fields.size))
        assert checkpoint.root == seal.fields.root
        ceremony = session.get_one(t.Sealing, petition)
        assert ceremony.erased == {"signature": 4, "withdrawal": 1, "area_tally": 1}
        acts = session.scalars(
            select(t.Audit.action).where(t.Audit.petition_id == petition).order_by(t.Audit.seq)
        ).all()
        assert acts[-2:] == ["seal_ordered", "sealed"]


def test_nobody_signs_withdraws_or_asks_after_sealing(precinct: Precinct) -> None:
    petition = ended(precinct)
    order(precinct, petition)
    precinct.work()
    for act in (precinct.sign, precinct.withdraw):
        with pytest.raises(SigningClosedError):
            act(petition, 1)
    work_until_sealed(precinct)
    for act in (precinct.sign, precinct.withdraw):
        with pytest.raises(SigningClosedError):
            act(petition, 1)


def test_the_statement_of_each_replica_is_published_and_verifies(precinct: Precinct) -> None:
    petition = ended(precinct)
    order(precinct, petition)
    work_until_sealed(precinct)
    place = precinct.folder / "log" / "2026"
    announced = {e.fields.vkey for e in precinct.entries(EntryType.VKEY) if e.fields.role == 3}
    listed = dict(
        line.split(" ", 1) for line in (place / "statements/replicas").read_text().splitlines()
    )
    assert set(listed.values()) == announced
    destroyed = precinct.entries(EntryType.DESTROYED)
    assert len(destroyed) == len(announced)
    for entry in destroyed:
        statement = (place / "statements" / entry.fields.statement_hash.hex()).read_bytes()
        assert hashlib.sha256(statement).digest() == entry.fields.statement_hash
        body = open_note(statement.decode(), [listed[str(entry.fields.replica)]]).splitlines()
        assert body[0] == "petition-destruction/v1"
        assert body[2:4] == [str(petition), f"kek/{petition}"]


@pytest.mark.parametrize(
    ("days", "obstacle"),
    [(0, Obstacle.STILL_SIGNING), (200, Obstacle.OBJECTIONS), (1000, None)],
)
def test_sealing_waits_for_the_window_and_the_objections(
    precinct: Precinct, days: int, obstacle: Obstacle | None
) -> None:
    petition = precinct.publish()
    precinct.sign(petition, 1)
    with precinct.session() as session:
        closes = session.get_one(t.Petition, petition).closes_at
    assert closes is not None
    if days:
        precinct.clock.at = closes + timedelta(days=29 if days == 200 else 31)
    precinct.work()
    with precinct.session() as session:
        found = plan(
            session, precinct.house, session.get_one(t.Petition, petition), precinct.clock.at
        )
    assert found.obstacles == ((obstacle,) if obstacle else ())
    if obstacle:
        with pytest.raises(ConflictError, match=f"seal_{obstacle}"):
            order(precinct, petition)
        assert step_of(precinct, petition) is SealStep.NONE
    else:
        order(precinct, petition)


def test_a_petition_is_ordered_sealed_once(precinct: Precinct) -> None:
    petition = ended(precinct)
    order(precinct, petition)
    with pytest.raises(ConflictError, match="seal_ordered"):
        order(precinct, petition)
    work_until_sealed(precinct)
    with pytest.raises(ConflictError, match="seal_sealed"):
        order(precinct, petition)


def test_a_dry_run_names_what_would_go_and_changes_nothing(precinct: Precinct) -> None:
    petition = ended(precinct)
    before = precinct.count(t.Signature)
    with precinct.session() as session:
        found = plan(
            session, precinct.house, session.get_one(t.Petition, petition), precinct.clock.at
        )
        assert not session.dirty
        assert not session.new
    assert (found.collected, found.withdrawn, found.rows) == (4, 1, 5)
    assert found.key == f"kek/{petition}"
    assert found.replicas
    assert found.erase_by is not None
    assert precinct.count(t.Signature) == before
    assert step_of(precinct, petition) is SealStep.NONE


def test_the_key_outlives_the_salts_that_web_processes_may_still_hold(
    precinct: Precinct,
) -> None:
    petition = ended(precinct)
    order(precinct, petition)
    precinct.work()
    assert step_of(precinct, petition) is SealStep.ERASED
    precinct.clock.at += SALTS_EXPIRE - timedelta(seconds=1)
    precinct.work()
    assert precinct.house.keys.exists(f"kek/{petition}")
    precinct.clock.at += timedelta(seconds=1)
    precinct.work()
    assert_sealed(precinct, petition)


def test_workers_that_die_ever_later_finish_the_ceremony_together(precinct: Precinct) -> None:
    """Each worker comes one hook further than the last before it dies."""
    petition = ended(precinct)
    other = precinct.publish()
    order(precinct, petition)
    deaths = 0
    for life in range(200):
        steps = iter(range(life))

        def between(here: str, steps: Any = steps) -> None:
            if next(steps, None) is None:
                raise KilledError(here)

        try:
            while precinct.worker(between).turn():
                pass
        except KilledError:
            deaths += 1
        if step_of(precinct, petition) is SealStep.SEALED:
            break
        precinct.clock.at += timedelta(seconds=30)
    precinct.work()
    assert_sealed(precinct, petition)
    assert deaths > 5
    precinct.sign(other, 1)


STEPS = [step for step in SealStep if step not in {SealStep.NONE, SealStep.CLOSED}]


@pytest.mark.parametrize("step", STEPS)
@pytest.mark.parametrize("when", ["in_sealing", "after_sealing"])
def test_a_worker_killed_in_a_step_leaves_it_to_be_done_again(
    precinct: Precinct, step: SealStep, when: str
) -> None:
    petition = ended(precinct, range(3))
    order(precinct, petition)
    moves = [0]

    def between(here: str) -> None:
        moves[0] += here == when
        if here == when and moves[0] == step - 1:
            raise KilledError(here)

    with pytest.raises(KilledError):
        for _ in range(8):
            while precinct.worker(between).turn():
                pass
            precinct.clock.at += SALTS_EXPIRE
    done = step_of(precinct, petition)
    assert done == (step - 1 if when == "in_sealing" else step)
    work_until_sealed(precinct)
    assert_sealed(precinct, petition)


def test_two_ceremonies_do_not_hold_each_other_up(precinct: Precinct) -> None:
    first = ended(precinct)
    second = ended(precinct, range(10, 13))
    order(precinct, first)
    precinct.work()
    order(precinct, second)
    work_until_sealed(precinct)
    for petition in (first, second):
        assert_sealed(precinct, petition)


def test_a_pepper_goes_with_the_last_petition_that_needs_it(
    precinct: Precinct, rotated: Callable[[Precinct], House]
) -> None:
    petition, shelf = ended(precinct), border.PepperShelf(precinct.settings)
    order(precinct, petition)
    work_until_sealed(precinct)
    with precinct.session() as session:
        assert peppers.unused(session, precinct.house) == [], "new petitions still take it"
    house = rotated(precinct)
    with precinct.session() as session:
        assert peppers.unused(session, house) == ["p1"]
    precinct.house = house
    worker = precinct.worker()
    worker.peppers = shelf
    assert shelf.exists("p1")
    worker.retire_peppers()
    assert not shelf.exists("p1")
    precinct.work()
    (notice,) = [n for n in precinct.entries(EntryType.NOTICE) if n.petition == LOG_WIDE]
    statement = (
        precinct.folder / "log" / "2026" / "statements" / notice.fields.hash.hex()
    ).read_text()
    assert statement.splitlines()[3] == "pepper/p1"
    assert worker.retire_peppers() is False, "told once"


def test_a_pepper_stays_while_one_open_petition_needs_it(
    precinct: Precinct, rotated: Callable[[Precinct], House]
) -> None:
    petition = ended(precinct)
    precinct.publish()
    order(precinct, petition)
    work_until_sealed(precinct)
    with precinct.session() as session:
        assert peppers.unused(session, rotated(precinct)) == []


@pytest.fixture
def rotated() -> Callable[[Precinct], House]:
    """The same house after the operator named a new pepper version for new petitions."""
    from dataclasses import replace

    def turn(precinct: Precinct) -> House:
        return replace(precinct.house, policy=replace(precinct.house.policy, kid="p2"))

    return turn
