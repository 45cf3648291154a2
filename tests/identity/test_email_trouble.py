"""A mail server that is away, slow or choosy: a page in time, nothing recorded, others go on."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import ExitStack
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from identity.providers.email.allowance import Allowance
from identity.providers.email.code import ALPHABET, new_code, read_code, written
from identity.providers.email.letter import Letter, LetterLost, LetterNotTaken
from petitions import app as composition
from petitions.domain.errors import UnavailableError
from petitions.letter_border import SERVER_SECONDS, LoginPost
from petitions.platform.mail import FolderMailer, Mail, SmtpMailer
from petitions.storage import tables as t
from tests.identity.email_town import ANNA, EmailTown, open_email_town
from tests.web.rendering import stage

NOON = datetime(2026, 3, 2, 12, 0, tzinfo=UTC)


class Troubled:
    """A mailer that fails for a reason, or waits at a gate, until it is told otherwise."""

    def __init__(self, inner: FolderMailer) -> None:
        self.inner, self.reason = inner, ""
        self.gate = threading.Event()
        self.gate.set()
        self.arrived = threading.Semaphore(0)

    def send(self, mail: Mail) -> None:
        self.arrived.release()
        assert self.gate.wait(60)
        if self.reason:
            raise UnavailableError("mail_server", reason=self.reason)
        self.inner.send(mail)


@pytest.fixture
def mailer(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Troubled:
    found = Troubled(FolderMailer(tmp_path / "mailbox", "Petitions <petitions@parliament.example>"))
    monkeypatch.setattr(composition, "mailer", lambda _settings: found)
    return found


@pytest.fixture
def town(mailer: Troubled, tmp_path: Path, sqlite_uri: str) -> Iterator[EmailTown]:
    del mailer
    with open_email_town(tmp_path, sqlite_uri) as found:
        yield found


def test_a_message_that_cannot_leave_is_a_page_and_nothing_is_recorded(
    town: EmailTown, mailer: Troubled
) -> None:
    start = f"/en/petitions/{town.publish()}/sign"
    browser = town.browser()
    page = town.begin(browser, start)
    mailer.reason = "ConnectionRefusedError"
    for _ in range(4):  # a dead server uses up nobody's three messages
        answer = town.ask(browser, page, ANNA)
        assert (answer.status_code, "could not send the message" in answer.text) == (502, True)
        assert "Nothing was recorded." in answer.text
        assert f'href="{start}"' in answer.text
    assert ANNA not in answer.text
    assert town.count(t.SpentState) == 0
    assert not [name for name in browser.cookies() if name.startswith("letter-")]
    mailer.reason = ""
    assert town.ask(browser, page, ANNA).status_code == 303
    back = town.log_in(town.browser(), start)
    assert back.headers["Location"] == f"{start}/confirm"


def test_after_five_failures_new_logins_are_told_to_come_back_later(
    town: EmailTown, mailer: Troubled
) -> None:
    start = f"/en/petitions/{town.publish()}/sign"
    early = town.browser()
    page = town.begin(early, start)
    mailer.reason = "TimeoutError"
    for number in range(5):
        town.ask(early, page, f"anna{number}@example.org")
    late = town.browser()
    answer = late.get(late.get(late.get(start).headers["Location"]).headers["Location"])
    assert answer.status_code == 503
    assert "Retry-After" in answer.headers
    assert "Continue with an e-mail address" in answer.text
    mailer.reason = ""
    assert town.ask(early, page, ANNA).status_code == 303  # who has come this far may try


def test_an_address_that_the_server_will_not_take_does_not_close_the_door(
    town: EmailTown, mailer: Troubled
) -> None:
    start = f"/fr/petitions/{town.publish()}/sign"
    browser = town.browser()
    page = town.begin(browser, start)
    mailer.reason = "SMTPRecipientsRefused"
    for number in range(6):
        answer = town.ask(browser, page, f"nobody{number}@example.org")
        assert (answer.status_code, "Aucun message ne peut" in answer.text) == (422, True)
    mailer.reason = ""
    town.write(town.browser(), start)


def test_a_slow_mail_server_leaves_threads_for_everybody_else(
    town: EmailTown, mailer: Troubled
) -> None:
    ref = town.publish()
    start = f"/en/petitions/{ref}/sign"
    places = town.settings.web.threads // 2
    waiting = [town.browser() for _ in range(places)]
    pages = [town.begin(browser, start) for browser in waiting]
    other = town.browser()
    last = town.begin(other, start)
    answers: list[int] = []
    mailer.gate.clear()

    def send(number: int) -> None:
        sent = town.ask(waiting[number], pages[number], f"anna{number}@example.org")
        answers.append(sent.status_code)

    with ExitStack() as open_again:
        open_again.callback(mailer.gate.set)
        threads = [threading.Thread(target=send, args=(number,)) for number in range(places)]
        for thread in threads:
            thread.start()
        for _ in threads:
            assert mailer.arrived.acquire(timeout=60)
        # all places are taken: the next one is told so, and readers read
        busy = town.ask(other, last, "bea@example.org")
        assert (busy.status_code, busy.headers["Retry-After"]) == (503, "5")
        assert town.browser().get(f"/en/petitions/{ref}").status_code == 200
        assert answers == []
    for thread in threads:
        thread.join(60)
    assert answers == [303] * places
    assert len(town.mails()) == places
    assert town.ask(other, last, "bea@example.org").status_code == 303


# --- the parts -----------------------------------------------------------------------------------


class Seen(SmtpMailer):
    seen: list[tuple[str, float]] = []  # noqa: RUF012

    def send(self, mail: Mail) -> None:
        self.seen.append((self.sender, self.timeout))
        if "@lost" in mail.to or "@refused" in mail.to:
            reason = "TimeoutError" if "@lost" in mail.to else "SMTPNotSupportedError"
            raise UnavailableError("mail_server", reason=reason)


def test_the_mail_server_has_seconds_and_the_sender_is_the_records_own() -> None:
    mailer = Seen("mail.example", 25, "Site <site@example.org>")
    post = LoginPost(mailer, lambda: NOON)
    with stage().app_context():
        post.send(Letter(ANNA, "s", "t", "en"))
        post.send(Letter(ANNA, "s", "t", "en", "No reply <no-reply@example.org>"))
        assert Seen.seen == [
            ("Site <site@example.org>", SERVER_SECONDS),
            ("No reply <no-reply@example.org>", SERVER_SECONDS),
        ]
        assert mailer.timeout > SERVER_SECONDS  # the worker's letters keep their patience
        with pytest.raises(LetterLost) as lost:
            post.send(Letter("anna@lost.example", "s", "t", "en"))
        with pytest.raises(LetterNotTaken) as refused:
            post.send(Letter("anna@refused.example", "s", "t", "en"))
    for error in (lost.value, refused.value):
        assert "anna" not in str(error)
        assert error.__cause__ is None


def test_an_address_gets_so_many_messages_an_hour_and_a_new_day_begins_anew() -> None:
    found = Allowance(2)
    assert found.take("a@x.example", NOON) is None
    assert found.take("a@x.example", NOON + timedelta(minutes=10)) is None
    over = NOON + timedelta(minutes=59)
    assert found.take("a@x.example", over) == NOON + timedelta(hours=1)
    assert found.take("b@x.example", over) is None
    assert found.take("a@x.example", NOON + timedelta(hours=1)) is None
    assert found.take("a@x.example", NOON + timedelta(minutes=61)) is not None
    found.give_back("a@x.example", NOON + timedelta(minutes=61))
    assert found.take("a@x.example", NOON + timedelta(minutes=62)) is None
    assert found.take("a@x.example", NOON + timedelta(days=1)) is None


def test_what_an_allowance_remembers_is_no_address_and_has_an_end() -> None:
    found, other = Allowance(1, remembered=3), Allowance(1)
    for number in range(10):
        assert found.take(f"a{number}@x.example", NOON) is None
    assert other.take("a9@x.example", NOON) is None
    assert len(found._sent) == 3
    assert all(isinstance(mark, bytes) and len(mark) == 16 for mark in found._sent)
    assert not set(found._sent) & set(other._sent)  # each process has a salt of its own
    assert found.take("a9@x.example", NOON) is not None
    assert found.take("a0@x.example", NOON) is None


def test_a_code_is_read_as_people_write_it_and_never_looks_like_another() -> None:
    codes = {new_code() for _ in range(300)}
    assert len(codes) == 300
    for code in codes:
        assert read_code(written(code)) == read_code(f" {written(code).lower()}\n") == code
    assert not set("01OILAEU") & set(ALPHABET)
    for typed in ("", "2345", "2345-678", "2345-67890", "ABCDEFGH", "2345-678\x00"):
        assert read_code(typed) is None
