"""Milestones: reached exactly once, and never unreached by counting."""

from __future__ import annotations

import threading
from collections.abc import Callable

from sqlalchemy import select

from petitions.ledger.entries import EntryType, Invalidate
from petitions.services.pending import queue
from petitions.storage import tables as t
from tests.house import Precinct

LOG = 2026
TWO_MARKS = {
    'id = "council"\nthreshold = 25': 'id = "thanks"\nthreshold = 3\neffect = "notify"\n'
    'force = "must"\nbody = "town_council"\n\n[[milestones]]\nid = "council"\nthreshold = 5',
}
LOW_MARK = {"threshold = 25": "threshold = 5"}


def test_a_milestone_is_written_once_however_long_people_sign_on(
    precinct_with: Callable[..., Precinct],
) -> None:
    precinct = precinct_with(LOW_MARK)
    petition = precinct.publish()
    for start in range(0, 12, 4):
        precinct.clock.forward(hours=1)
        precinct.sign_many(petition, range(start, start + 4))
        precinct.work()
    (hit,) = precinct.entries(EntryType.MILESTONE)
    assert (hit.fields.rule, hit.fields.threshold, hit.fields.valid) == (0, 5, 8)
    assert precinct.count(t.MilestoneReached) == 1
    assert precinct.state(petition) == "threshold_reached"


def test_one_batch_may_reach_two_milestones(precinct_with: Callable[..., Precinct]) -> None:
    precinct = precinct_with(TWO_MARKS, ("milestones.thanks",))
    petition = precinct.publish()
    precinct.sign_many(petition, range(2))
    precinct.work()
    assert precinct.entries(EntryType.MILESTONE) == []
    precinct.sign_many(petition, range(2, 6))
    precinct.work()
    rules = [e.fields.rule for e in precinct.entries(EntryType.MILESTONE)]
    assert rules == [0, 1]
    assert precinct.state(petition) == "threshold_reached"


def test_two_workers_at_once_reach_a_milestone_exactly_once(
    precinct_with: Callable[..., Precinct],
) -> None:
    precinct = precinct_with(LOW_MARK)
    petition = precinct.publish()
    together = threading.Barrier(2)
    faults: list[BaseException] = []

    def turns() -> None:
        worker = precinct.worker()
        try:
            for _ in range(6):
                together.wait()
                worker.turn()
        except BaseException as fault:
            faults.append(fault)
            together.abort()

    threads = [threading.Thread(target=turns) for _ in range(2)]
    for thread in threads:
        thread.start()
    precinct.sign_many(petition, range(10))
    for thread in threads:
        thread.join()
    assert faults == []
    precinct.clock.forward(
        hours=2
    )  # a job that met a locked database waits before it is tried again
    precinct.work()
    assert len(precinct.entries(EntryType.MILESTONE)) == 1
    assert precinct.count(t.Track) == 1
    assert precinct.count(t.Audit, t.Audit.to_state == "threshold_reached") == 1
    assert len(precinct.mailbox()) == 3  # arrived, admitted, reached


def test_an_invalidated_signature_is_subtracted_once_and_moves_nothing_back(
    precinct_with: Callable[..., Precinct],
) -> None:
    precinct = precinct_with(LOW_MARK)
    petition = precinct.publish()
    precinct.sign_many(petition, range(5))
    precinct.work()
    reached = precinct.count(t.MilestoneReached)
    with precinct.session() as session:
        index = session.scalars(
            select(t.LogEntry.idx).where(t.LogEntry.entry.between(b"\x01\x10", b"\x01\x11"))
        ).first()
        assert index is not None
        for digest in (b"\x01" * 32, b"\x02" * 32):  # two decisions on one leaf
            decision = Invalidate(index, 3, digest)
            queue(session, LOG, petition, decision, due_at=precinct.clock.at)
    precinct.clock.forward(hours=1)
    precinct.work()
    *_, count = precinct.entries(EntryType.COUNT)
    assert (count.fields.invalid, count.fields.valid) == (1, 4)
    assert precinct.state(petition) == "threshold_reached"
    assert precinct.count(t.MilestoneReached) == reached == 1
    with precinct.session() as session:
        assert session.get_one(t.PublicCount, petition).valid == 4
        assert session.scalars(select(t.Track)).one().status == "due"
        task = session.scalars(select(t.Task)).one()
        assert (task.kind, task.subject) == ("count_below", "council")
    precinct.sign(petition, 6)
    precinct.work()
    assert len(precinct.entries(EntryType.MILESTONE)) == 1
    assert precinct.count(t.Audit, t.Audit.to_state == "threshold_reached") == 1


def test_who_withdraws_below_a_reached_milestone_moves_nothing_back(
    precinct_with: Callable[..., Precinct],
) -> None:
    precinct = precinct_with(LOW_MARK)
    petition = precinct.publish()
    precinct.sign_many(petition, range(5))
    precinct.work()
    assert precinct.withdraw(petition, 3)
    precinct.work()
    with precinct.session() as session:
        assert session.get_one(t.PublicCount, petition).valid == 4
    assert precinct.state(petition) == "threshold_reached"


def test_a_signature_withdrawn_in_the_batch_that_would_reach_does_not_count(
    precinct_with: Callable[..., Precinct],
) -> None:
    precinct = precinct_with(LOW_MARK)
    petition = precinct.publish()
    precinct.sign_many(petition, range(5))
    assert precinct.withdraw(petition, 3)
    precinct.work()
    assert precinct.entries(EntryType.MILESTONE) == []
    assert precinct.state(petition) == "published"
