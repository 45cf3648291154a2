"""Letters as they leave: headers, one per occasion, nothing that follows the reader."""

from __future__ import annotations

import email
import socket
from dataclasses import replace
from datetime import UTC, datetime
from email import policy
from pathlib import Path

import pytest

from petitions.domain.errors import UnavailableError
from petitions.platform.mail import FolderMailer, Mail, SmtpMailer, message
from tests.services.post_office import open_post_office

SENDER = "Pétitions de Valmont <office@valmont.example>"
LETTER = Mail(
    to="claire@example.org",
    subject="Votre pétition est publiée",
    text="Madame,\n\n.une ligne qui commence par un point\nVotre pétition est publiée.\n",
    key="letter:7:3",
    at=datetime(2026, 3, 2, 9, 0, tzinfo=UTC),
    language="fr",
)


def smtp(port: int) -> SmtpMailer:
    return SmtpMailer("127.0.0.1", port, SENDER, starttls=False, timeout=5)


def test_a_letter_goes_over_smtp_as_it_was_written() -> None:
    with open_post_office() as office:
        smtp(office.port).send(LETTER)
    (given,) = office.letters
    letter = email.message_from_bytes(given.as_bytes(), policy=policy.default)
    assert (letter["To"], letter["Subject"]) == (LETTER.to, LETTER.subject)
    assert "office@valmont.example" in letter["From"]
    assert letter["Date"] == "Mon, 02 Mar 2026 09:00:00 +0000"
    assert (letter["Auto-Submitted"], letter["Content-Language"]) == ("auto-generated", "fr")
    assert letter.get_content().replace("\r\n", "\n") == LETTER.text
    asked = [line.lower() for line in office.envelopes]
    assert asked[1:] == [
        b"mail from:<office@valmont.example>", b"rcpt to:<claire@example.org>",
    ]  # fmt: skip


def test_a_letter_has_no_header_that_follows_its_reader() -> None:
    allowed = {
        "From", "To", "Subject", "Date", "Message-ID", "Auto-Submitted", "Content-Language",
        "Content-Type", "Content-Transfer-Encoding", "MIME-Version",
    }  # fmt: skip
    assert set(message(LETTER, SENDER).keys()) == allowed


def test_a_letter_with_a_second_form_keeps_both() -> None:
    letter = message(replace(LETTER, html="<p>Votre pétition est publiée.</p>"), SENDER)
    assert letter.get_content_type() == "multipart/alternative"
    assert letter["Content-Language"] == "fr"
    kinds = [part.get_content_type() for part in letter.iter_parts()]
    assert kinds == ["text/plain", "text/html"]


def test_the_message_id_comes_from_the_occasion_and_not_from_the_clock() -> None:
    one = message(LETTER, SENDER)["Message-ID"]
    later = replace(LETTER, at=datetime(2027, 1, 1, tzinfo=UTC), text="Autrement.")
    assert message(later, SENDER)["Message-ID"] == one
    assert message(replace(LETTER, key="letter:7:4"), SENDER)["Message-ID"] != one
    assert one.endswith("@valmont.example>")
    assert "claire" not in one


def test_a_subject_cannot_bring_a_header_of_its_own() -> None:
    forged = replace(LETTER, subject="Bonjour\r\nBcc: everybody@example.org")
    letter = message(forged, SENDER)
    assert letter["Bcc"] is None
    assert letter["Subject"] == "Bonjour Bcc: everybody@example.org"


@pytest.mark.parametrize("refused", [b"RCPT", b"MAIL", b"DATA"])
def test_a_server_that_refuses_is_asked_again_later_and_not_quoted(refused: bytes) -> None:
    with open_post_office(refuses=refused) as office, pytest.raises(UnavailableError) as error:
        smtp(office.port).send(LETTER)
    assert error.value.code == "mail_server"
    assert LETTER.to not in f"{error.value} {error.value.facts}"
    assert error.value.__cause__ is None
    assert office.letters == []


def test_a_server_that_is_not_there_is_no_crash() -> None:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        free = probe.getsockname()[1]
    with pytest.raises(UnavailableError, match="mail_server"):
        smtp(free).send(LETTER)


def test_a_server_without_encryption_gets_nothing_where_it_is_asked_for() -> None:
    with open_post_office(refuses=b"STARTTLS") as office:
        mailer = replace(smtp(office.port), starttls=True)
        with pytest.raises(UnavailableError):
            mailer.send(LETTER)
    assert office.letters == []
    assert not [line for line in office.envelopes if b"claire" in line]


def test_the_folder_keeps_one_file_however_often_a_letter_is_sent(tmp_path: Path) -> None:
    mailer = FolderMailer(tmp_path / "mailbox", SENDER)
    mailer.send(LETTER)
    mailer.send(replace(LETTER, at=datetime(2026, 3, 3, tzinfo=UTC)))
    mailer.send(LETTER)
    (kept,) = (tmp_path / "mailbox").iterdir()
    letter = email.message_from_bytes(kept.read_bytes(), policy=policy.default)
    assert letter["Subject"] == LETTER.subject
    mailer.send(replace(LETTER, key="letter:8:1"))
    assert len(list((tmp_path / "mailbox").iterdir())) == 2


def test_a_folder_that_cannot_be_written_is_no_crash(tmp_path: Path) -> None:
    (tmp_path / "mailbox").mkdir()
    mailer = FolderMailer(tmp_path / "mailbox", SENDER)
    mailer.send(LETTER)
    (kept,) = (tmp_path / "mailbox").iterdir()
    kept.unlink()
    kept.with_suffix(".part").mkdir()
    with pytest.raises(UnavailableError, match="mail_folder"):
        mailer.send(LETTER)
