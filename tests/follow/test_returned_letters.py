"""Letters to authors that do not arrive: the case says so, one person is asked, forgers move nothing."""

from __future__ import annotations

from pathlib import Path
from uuid import UUID

import msgspec
import pytest
from sqlalchemy import Engine, select

from petitions.app import letters_come_back_to
from petitions.domain.lifecycle import Action
from petitions.mail_command import take_back
from petitions.platform.mail import SmtpMailer
from petitions.services import letter_fates, outbox
from petitions.services.follow_keys import follow_keys
from petitions.services.letter_fates import Fate, LetterFate
from petitions.storage import tables as t
from petitions.worker import Worker
from tests.follow.people import BOUNCES
from tests.follow.postbox import open_postbox
from tests.follow.test_returned_mail import ARF, DSN
from tests.house import Precinct, a_precinct

GONE = DSN.replace("{action}", "failed").replace("{status}", "5.1.1")
FULL = DSN.replace("{action}", "failed").replace("{status}", "5.2.2")
DELAYED = DSN.replace("{action}", "delayed").replace("{status}", "4.4.1")
ABUSE = ARF.replace("{kind}", "abuse")


@pytest.fixture
def precinct(tmp_path: Path, engine: Engine) -> Precinct:
    return a_precinct(tmp_path, engine, batch_min=1)


def a_worker(precinct: Precinct, port: int, bounces: str = BOUNCES) -> Worker:
    mail = msgspec.structs.replace(precinct.settings.mail, bounces=bounces)
    settings = msgspec.structs.replace(precinct.settings, mail=mail)
    worker = precinct.worker()
    worker.mailer = SmtpMailer("127.0.0.1", port, mail.sender, starttls=False, timeout=5)
    worker.return_path = letters_come_back_to(settings, precinct.house)
    return worker


def send(precinct: Precinct, worker: Worker) -> None:
    for _turn in range(20):
        if not worker.turn():
            return
    raise AssertionError("the worker finds no end")


def give_back(precinct: Precinct, report: str, to: str) -> str:
    with precinct.session() as session:
        raw = report.replace("{to}", to).encode()
        return take_back(session, precinct.house, raw, BOUNCES, precinct.clock.at)


def fates(precinct: Precinct, petition: UUID) -> list[LetterFate]:
    with precinct.session() as session:
        return letter_fates.letters_of(session, petition)


def tasks(precinct: Precinct) -> list[t.Task]:
    with precinct.session() as session:
        return list(session.scalars(select(t.Task).order_by(t.Task.opened_at)))


def address_of(precinct: Precinct, petition: UUID) -> str:
    with precinct.session() as session:
        return session.get_one(t.Petition, petition).author_email or ""


@pytest.mark.parametrize("report", [GONE, FULL], ids=["no-mailbox", "full"])
def test_a_letter_that_comes_back_stands_on_its_case_and_asks_a_person(
    precinct: Precinct, report: str
) -> None:
    petition = precinct.file()
    with open_postbox() as box:
        send(precinct, a_worker(precinct, box.port))
    (back,) = box.senders
    assert back.startswith("bounces+")
    assert address_of(precinct, petition).partition("@")[0] not in back
    assert [each.fate for each in fates(precinct, petition)] == [Fate.SENT]
    precinct.clock.forward(hours=1)
    assert give_back(precinct, report, back) == "returned"
    assert give_back(precinct, report, back) == "ignored", "the same report twice"
    (letter,) = fates(precinct, petition)
    assert (letter.fate, letter.since) == (Fate.RETURNED, precinct.clock.at)
    (task,) = tasks(precinct)
    assert (task.petition_id, task.kind) == (petition, "letter_undelivered")
    assert task.facts == {"letter": "submitted"}
    with precinct.session() as session:
        row = session.scalars(select(t.Audit).order_by(t.Audit.seq.desc())).first()
        assert row is not None
        assert (row.action, row.actor, row.detail) == (
            "letter_returned", "system", {"letter": "submitted"},
        )  # fmt: skip


@pytest.mark.parametrize("report", [DELAYED, ABUSE], ids=["delayed", "complaint"])
def test_a_delay_or_a_complaint_changes_nothing_about_a_letter(
    precinct: Precinct, report: str
) -> None:
    petition = precinct.file()
    with open_postbox() as box:
        send(precinct, a_worker(precinct, box.port))
    assert give_back(precinct, report, box.senders[0]) == "ignored"
    assert [each.fate for each in fates(precinct, petition)] == [Fate.SENT]
    assert tasks(precinct) == []


def test_a_forged_report_of_a_letter_moves_nothing(precinct: Precinct) -> None:
    petition = precinct.file()
    with open_postbox() as box:
        send(precinct, a_worker(precinct, box.port))
    (letter,) = fates(precinct, petition)
    keys = follow_keys(precinct.house)
    right = keys.letter_path(letter.job_id)
    assert box.senders == [f"bounces+{right}@{BOUNCES.rpartition('@')[2]}"]
    of_a_follower = keys.return_path(letter.job_id)
    for token in (right[:-1] + ("a" if right[-1] != "a" else "q"), of_a_follower):
        to = f"bounces+{token}@{BOUNCES.rpartition('@')[2]}"
        assert give_back(precinct, GONE, to) in {"unknown", "ignored", "counted"}
    assert [each.fate for each in fates(precinct, petition)] == [Fate.SENT]
    assert tasks(precinct) == []


def test_a_mailbox_that_does_not_exist_is_believed_at_once(precinct: Precinct) -> None:
    petition = precinct.file()
    with open_postbox() as box:
        box.to_recipient = lambda _address: "550 5.1.1 no such user"
        worker = a_worker(precinct, box.port)
        send(precinct, worker)
        precinct.clock.forward(days=1)
        send(precinct, worker)
        assert len(box.asked) == 1, "nobody is asked twice for a mailbox that is not there"
    assert [each.fate for each in fates(precinct, petition)] == [Fate.FAILED]
    assert [each.kind for each in tasks(precinct)] == ["letter_undelivered"]


@pytest.mark.parametrize("word", ["550 5.7.1 relaying denied", "451 4.7.1 greylisted"])
def test_a_refusal_that_is_not_about_the_mailbox_is_tried_again_and_then_given_up(
    precinct: Precinct, word: str
) -> None:
    petition = precinct.file()
    with open_postbox() as box:
        box.to_recipient = lambda _address: word
        worker = a_worker(precinct, box.port)
        send(precinct, worker)
        assert [each.fate for each in fates(precinct, petition)] == [Fate.TRYING]
        assert tasks(precinct) == []
        for _attempt in range(outbox.MAX_ATTEMPTS):
            precinct.clock.forward(hours=2)
            send(precinct, worker)
    assert [each.fate for each in fates(precinct, petition)] == [Fate.FAILED]
    assert [each.kind for each in tasks(precinct)] == ["letter_undelivered"]


def test_several_letters_that_come_back_ask_one_person_until_somebody_has_seen_to_it(
    precinct: Precinct,
) -> None:
    petition = precinct.file()
    with open_postbox() as box:
        send(precinct, a_worker(precinct, box.port))
        precinct.decide(petition, Action.ACCEPT)
        send(precinct, a_worker(precinct, box.port))
    assert len(box.senders) == len(set(box.senders)) == 2, "each letter has an envelope of its own"
    assert [give_back(precinct, GONE, back) for back in box.senders] == ["returned", "returned"]
    assert len(tasks(precinct)) == 1
    with precinct.session() as session:
        task = session.scalars(select(t.Task)).one()
        task.done_at, task.done_by = precinct.clock.at, "staff-1"
        session.query(t.ReturnedLetter).delete()
    precinct.clock.forward(hours=1)
    assert give_back(precinct, GONE, box.senders[1]) == "returned"
    assert [each.done_at is None for each in tasks(precinct)] == [False, True]


def test_without_an_address_for_returned_mails_a_letter_comes_from_its_sender(
    precinct: Precinct,
) -> None:
    precinct.file()
    with open_postbox() as box:
        send(precinct, a_worker(precinct, box.port, bounces=""))
        assert len(box.senders) == 1
        assert "+" not in box.senders[0]
