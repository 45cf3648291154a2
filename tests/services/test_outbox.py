"""Jobs: queued once, held by one, tried again ever more rarely, given up in the end."""

from __future__ import annotations

import threading
from datetime import datetime, timedelta

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from petitions.domain.errors import UnavailableError
from petitions.platform.mail import Mail
from petitions.services import outbox
from petitions.storage.tables import Outbox
from tests.house import MAIL, Precinct


class BrokenMailer:
    """Refuses each letter; remembers when it was asked."""

    def __init__(self, clock: object, error: Exception) -> None:
        self.clock, self.error, self.asked = clock, error, list[datetime]()

    def send(self, mail: Mail) -> None:
        self.asked.append(self.clock())  # type: ignore[operator]
        raise self.error


def queue(session: Session, number: int, at: datetime) -> None:
    outbox.enqueue(session, "letter", f"letter:{number}", {"n": number}, at=at)


def claimed(precinct: Precinct, limit: int = 20) -> list[str]:
    with precinct.session() as session:
        return [job.key for job in outbox.claim(session, precinct.clock.at, limit)]


def only_job(precinct: Precinct) -> Outbox:
    with precinct.session() as session:
        return session.scalars(select(Outbox)).one()


def test_an_effect_asked_for_twice_is_queued_once(precinct: Precinct) -> None:
    with precinct.session() as session:
        queue(session, 1, precinct.clock.at)
        queue(session, 1, precinct.clock.at)
    with precinct.session() as session:
        queue(session, 1, precinct.clock.at + timedelta(days=1))
    assert only_job(precinct).due_at == precinct.clock.at


def test_a_job_of_a_rolled_back_transaction_never_existed(precinct: Precinct) -> None:
    with precinct.sessions() as session:
        queue(session, 1, precinct.clock.at)
        session.rollback()
    assert precinct.count(Outbox) == 0


def test_a_claimed_job_is_nobody_elses_until_its_claim_ends(precinct: Precinct) -> None:
    with precinct.session() as session:
        queue(session, 1, precinct.clock.at)
    assert claimed(precinct) == ["letter:1"]
    assert claimed(precinct) == []
    precinct.clock.at += outbox.CLAIM
    assert claimed(precinct) == []
    precinct.clock.forward(seconds=1)
    assert claimed(precinct) == ["letter:1"]
    assert only_job(precinct).attempts == 2


def test_two_workers_never_claim_the_same_job(precinct: Precinct) -> None:
    with precinct.session() as session:
        for number in range(60):
            queue(session, number, precinct.clock.at)
    together, shares = threading.Barrier(2), list[list[str]]()

    def work() -> None:
        together.wait()
        mine: list[str] = []
        while found := claimed(precinct, 5):
            mine += found
        shares.append(mine)

    threads = [threading.Thread(target=work) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    everything = [key for share in shares for key in share]
    assert len(everything) == len(set(everything)) == 60


def test_a_job_not_due_or_done_is_left_alone(precinct: Precinct) -> None:
    with precinct.session() as session:
        outbox.enqueue(
            session, "letter", "later", {}, at=precinct.clock.at,
            due_at=precinct.clock.at + timedelta(hours=1),
        )  # fmt: skip
    assert claimed(precinct) == []
    precinct.clock.forward(hours=1)
    assert claimed(precinct) == ["later"]
    with precinct.session() as session:
        outbox.done(session, session.scalars(select(Outbox.id)).one(), precinct.clock.at)
    precinct.clock.forward(days=1)
    assert claimed(precinct) == []


def test_a_letter_that_fails_is_tried_ever_more_rarely_and_then_given_up(
    precinct: Precinct,
) -> None:
    precinct.file()
    worker = precinct.worker()
    broken = BrokenMailer(precinct.clock, UnavailableError("mail_server", reason="OSError"))
    worker.mailer = broken
    for _ in range(outbox.MAX_ATTEMPTS + 2):
        worker.turn()
        job = only_job(precinct)
        if job.failed_at is None:
            worker.turn()  # too early: nothing happens
            precinct.clock.at = max(job.due_at, precinct.clock.at)
    waits = [(b - a).total_seconds() for a, b in zip(broken.asked, broken.asked[1:], strict=False)]
    assert waits == [10, 20, 40, 80, 160, 320, 640, 1280, 2560, 3600, 3600]
    job = only_job(precinct)
    assert (job.attempts, job.error) == (outbox.MAX_ATTEMPTS, "mail_server")
    assert job.failed_at == broken.asked[-1]
    assert job.done_at is None
    assert precinct.mailbox() == []


def test_a_letter_arrives_when_the_mail_server_is_back(precinct: Precinct) -> None:
    precinct.file()
    worker = precinct.worker()
    folder, worker.mailer = worker.mailer, BrokenMailer(precinct.clock, UnavailableError("mail"))
    worker.turn()
    worker.mailer = folder
    precinct.clock.forward(seconds=10)
    worker.turn()
    (letter,) = precinct.mailbox()
    assert f"To: {MAIL}" in letter
    job = only_job(precinct)
    assert (job.attempts, job.error, job.done_at) == (2, "", precinct.clock.at)


def test_what_an_exception_says_is_not_kept(
    precinct: Precinct, caplog: pytest.LogCaptureFixture
) -> None:
    """The text of an exception may repeat the address or what stood in a row."""
    precinct.file()
    worker = precinct.worker()
    worker.mailer = BrokenMailer(precinct.clock, ValueError(f"cannot encode {MAIL}"))
    worker.turn()
    assert only_job(precinct).error == "ValueError"
    assert MAIL not in caplog.text


def test_one_broken_job_does_not_keep_the_others_waiting(precinct: Precinct) -> None:
    with precinct.session() as session:
        outbox.enqueue(session, "letter", "a", {"petition": "none"}, at=precinct.clock.at)
        outbox.enqueue(session, "no-such-kind", "b", {"log": 1, "batch": 0}, at=precinct.clock.at)
    precinct.file()
    precinct.work()
    assert len(precinct.mailbox()) == 1
    with precinct.session() as session:
        left = session.scalars(select(Outbox).where(Outbox.done_at.is_(None))).all()
    assert {job.key for job in left} == {"a", "b"}


def test_waiting_for_the_batch_to_be_public_costs_no_attempt(precinct: Precinct) -> None:
    with precinct.session() as session:
        payload = {"log": 2026, "batch": 7, "petition": "", "rule": 0}
        outbox.enqueue(session, "milestone", "m", payload, at=precinct.clock.at)
    precinct.worker().turn()
    job = only_job(precinct)
    assert (job.attempts, job.failed_at, job.claimed_until) == (0, None, None)
    assert job.due_at > precinct.clock.at


def test_the_letters_of_a_life_say_what_happened(precinct: Precinct) -> None:
    petition = precinct.publish()
    precinct.sign_many(petition, range(25))
    precinct.work()
    subjects = [
        line for letter in precinct.mailbox() for line in letter.splitlines() if "Subject:" in line
    ]
    assert len(set(subjects)) == 3
    assert all("2026-0001" in letter for letter in precinct.mailbox())
