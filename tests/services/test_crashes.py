"""The worker dies at every step; another one goes on, and nothing is lost, doubled or half done."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from datetime import timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import select

from petitions.domain.lifecycle import Action
from petitions.ledger import tree
from petitions.ledger.checkpoint import parse_checkpoint
from petitions.ledger.entries import EntryType, leaf_hash, parse
from petitions.ledger.notes import open_note
from petitions.services.audit import broken_links
from petitions.services.outbox import CLAIM
from petitions.storage import tables as t
from tests.house import KilledError, Precinct
from tests.services.published import PublishedLog

LOG = 2026
LOW_MARK = {"threshold = 25": "threshold = 5"}
STEPS = (
    "deadline", "before_batch", "in_batch", "after_batch", "after_signature", "in_publication",
    "after_publication", "after_settling", "in_job", "job",
)  # fmt: skip


def a_busy_hour(precinct: Precinct, people: range) -> UUID:
    """Work of every kind: a correction missed, an opening, signatures, withdrawals, a milestone."""
    returned = precinct.file()
    precinct.decide(returned, Action.RETURN, texts={"fr": "Précisez."})
    precinct.clock.forward(days=20)
    petition = precinct.publish()
    precinct.sign_many(petition, people)
    precinct.withdraw(petition, people[0])
    return petition


def run_until_killed(precinct: Precinct, step: str) -> bool:
    """One worker, killed when it first comes to this step. False where it never does."""

    def between(here: str) -> None:
        if here == step:
            raise KilledError(step)

    worker = precinct.worker(between)
    try:
        while worker.turn():
            pass
    except KilledError:
        return True
    return False


def wait_out_the_claims(precinct: Precinct) -> None:
    """Until the jobs that a dead worker held are free again."""
    precinct.clock.at += CLAIM + timedelta(seconds=1)


def recounted(entries: list[Any]) -> dict[UUID, tuple[int, int]]:
    """(collected, withdrawn) per petition, from the entries themselves."""
    found: dict[UUID, Counter[EntryType]] = {}
    for entry in entries:
        if entry.type in {EntryType.OPEN, EntryType.SIGN, EntryType.WITHDRAW}:
            found.setdefault(entry.petition, Counter())[entry.type] += 1
    return {p: (n[EntryType.SIGN], n[EntryType.WITHDRAW]) for p, n in found.items()}


def assert_sound(precinct: Precinct) -> None:
    """What holds whenever nothing is left to do."""
    log = PublishedLog(precinct.folder / "log" / str(LOG))
    raw = log.entries()
    checkpoint = parse_checkpoint(open_note(log.read("checkpoint").decode(), [log.policy_key()]))
    assert checkpoint.root == tree.root_of([leaf_hash(entry) for entry in raw])
    assert log.needed_files() <= log.files()
    counts = recounted([parse(entry) for entry in raw])
    with precinct.session() as session:
        held = session.scalars(select(t.LogEntry.entry).order_by(t.LogEntry.idx)).all()
        assert raw == list(held)
        for petition, (collected, withdrawn) in counts.items():
            shown = session.get_one(t.PublicCount, petition)
            assert (shown.valid, shown.withdrawn) == (collected - withdrawn, withdrawn)
            last = session.scalars(
                select(t.PetitionCount)
                .where(t.PetitionCount.petition_id == petition)
                .order_by(t.PetitionCount.batch_no.desc())
            ).first()
            assert last is not None
            assert (last.collected, last.withdrawn, last.invalid) == (collected, withdrawn, 0)
        head = session.get_one(t.LogState, LOG)
        assert head.batch_no == head.published_batch == head.settled_batch
        assert list(broken_links(session)) == []
        assert session.scalars(select(t.Outbox).where(t.Outbox.done_at.is_(None))).all() == []
        reached = session.scalars(
            select(t.Audit.petition_id).where(t.Audit.to_state == "threshold_reached")
        ).all()
        assert len(reached) == len(set(reached))
        milestones = session.scalars(select(t.MilestoneReached.petition_id)).all()
        assert sorted(reached, key=str) == sorted(milestones, key=str)
    for petition, (collected, withdrawn) in counts.items():
        mine = t.Signature.petition_id == petition
        standing = precinct.count(t.Signature, mine, t.Signature.standing == "signed")
        assert standing == collected - withdrawn
        assert precinct.count(t.Withdrawal, t.Withdrawal.petition_id == petition) == withdrawn
    assert precinct.count(t.Signature, t.Signature.settled.is_(False)) == 0
    assert precinct.count(t.PendingEntry) == 0
    assert len(precinct.mailbox()) == precinct.count(t.Outbox, t.Outbox.kind == "letter")


def test_a_worker_killed_at_any_step_is_continued_by_the_next(
    precinct_with: Callable[..., Precinct],
) -> None:
    precinct = precinct_with(LOW_MARK)
    for number, step in enumerate(STEPS):
        petition = a_busy_hour(precinct, range(100 * number, 100 * number + 7))
        assert run_until_killed(precinct, step), f"no worker ever comes to {step}"
        wait_out_the_claims(precinct)
        precinct.work()
        assert_sound(precinct)
        assert precinct.state(petition) == "threshold_reached"
    lapsed = precinct.count(t.Petition, t.Petition.state == "lapsed")
    assert lapsed == len(STEPS)


def test_workers_that_die_again_and_again_end_where_one_would_have(
    precinct_with: Callable[..., Precinct],
) -> None:
    """Each worker comes one step further than the last before it dies."""
    precinct = precinct_with(LOW_MARK)
    petition = a_busy_hour(precinct, range(7))
    for life in range(1, 200):
        steps = iter(range(life))

        def between(here: str, steps: Any = steps) -> None:
            if next(steps, None) is None:
                raise KilledError(here)

        try:
            while precinct.worker(between).turn():
                pass
        except KilledError:
            wait_out_the_claims(precinct)
            continue
        break
    assert life > 5
    precinct.work()
    assert_sound(precinct)
    assert precinct.state(petition) == "threshold_reached"
    assert precinct.count(t.Track) == 1


def test_a_letter_sent_before_the_crash_lies_in_the_mailbox_once(precinct: Precinct) -> None:
    precinct.file()
    assert run_until_killed(precinct, "in_job")
    assert len(precinct.mailbox()) == 1
    precinct.work()
    assert len(precinct.mailbox()) == 1
    with precinct.session() as session:
        assert session.scalars(select(t.Outbox)).one().done_at is None  # still claimed
    wait_out_the_claims(precinct)
    precinct.work()
    assert len(precinct.mailbox()) == 1
    with precinct.session() as session:
        job = session.scalars(select(t.Outbox)).one()
        assert (job.done_at, job.attempts) == (precinct.clock.at, 2)


def test_settling_is_taken_up_again_after_a_crash(precinct: Precinct) -> None:
    """The rows of a petition's last batch must not keep the order of arrival for ever."""
    petition = precinct.publish()
    precinct.sign_many(petition, range(8))
    assert run_until_killed(precinct, "after_publication")
    assert precinct.count(t.Signature, t.Signature.settled.is_(False)) == 8
    precinct.work()
    assert precinct.count(t.Signature, t.Signature.settled.is_(False)) == 0
