"""Letters leave by SMTP, or land as files in a folder (demo, rehearsal). No tracking of any kind.

The Message-ID comes from the job's key: a letter sent twice after a crash is one letter to every mail
program, and one file in the folder.
"""

from __future__ import annotations

import hashlib
import smtplib
import ssl
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from email.message import EmailMessage
from email.utils import format_datetime
from pathlib import Path
from typing import Final, Protocol

from petitions.domain.errors import UnavailableError


@dataclass(frozen=True, slots=True)
class Mail:
    to: str
    subject: str
    text: str
    key: str
    at: datetime
    language: str = "en"
    html: str = ""
    headers: Mapping[str, str] = field(default_factory=dict)
    """Of its stream: List-Id, List-Unsubscribe, …"""
    sender: str = ""
    """Of its stream, where it has one of its own."""
    return_path: str = ""
    """Where it comes back to if it cannot be delivered; "" = the sender."""


class Mailer(Protocol):
    def send(self, mail: Mail) -> None:
        """Hand the letter over, or raise UnavailableError: the outbox tries again."""
        ...


def message(mail: Mail, sender: str) -> EmailMessage:
    sender = mail.sender or sender
    domain = sender.rpartition("@")[2].rstrip(">") or "localhost"
    letter = EmailMessage()
    letter["From"] = sender
    letter["To"] = mail.to
    letter["Subject"] = " ".join(mail.subject.split())
    letter["Date"] = format_datetime(mail.at)
    letter["Message-ID"] = f"<{hashlib.sha256(mail.key.encode()).hexdigest()[:40]}@{domain}>"
    letter["Auto-Submitted"] = "auto-generated"
    letter.set_content(mail.text)
    if mail.html:
        letter.add_alternative(mail.html, subtype="html")
    letter["Content-Language"] = mail.language  # last: setting the content clears such headers
    for name, value in mail.headers.items():
        letter[name] = value
    return letter


@dataclass(frozen=True, slots=True)
class FolderMailer:
    """One file per letter, named by its key: sent twice, it is still one file."""

    folder: Path
    sender: str

    def send(self, mail: Mail) -> None:
        self.folder.mkdir(parents=True, exist_ok=True)
        name = hashlib.sha256(mail.key.encode()).hexdigest()[:12]
        path = self.folder / f"{mail.at:%Y%m%d-%H%M%S}-{name}.eml"
        earlier = next(self.folder.glob(f"*-{name}.eml"), None)
        target = earlier or path
        temporary = target.with_suffix(".part")
        try:
            temporary.write_bytes(bytes(message(mail, self.sender)))
            temporary.replace(target)
        except OSError as error:
            raise UnavailableError("mail_folder", reason=error.strerror) from None


PERMANENT: Final = 500
_NO_SUCH_MAILBOX: Final = ("5.1.", "5.2.1")
"""Enhanced status codes (RFC 3463) that speak of the address and not of the mail."""
_BARE: Final = frozenset({550, 551, 553})
"""Said without an enhanced code, they mean the mailbox (RFC 5321, 4.2.3)."""


def status_of(answer: bytes) -> str:
    """The enhanced code, 5.1.1, at the beginning of an answer; "" where there is none."""
    first = answer.decode("ascii", "replace").split(maxsplit=1)[:1]
    parts = first[0].split(".") if first else []
    return first[0] if len(parts) == 3 and all(each.isdigit() for each in parts) else ""


def no_such_mailbox(code: int, answer: bytes) -> bool:
    """Whether a server's word on a recipient says that nothing will ever reach the address."""
    if code < PERMANENT:
        return False
    status = status_of(answer)
    return status.startswith(_NO_SUCH_MAILBOX) if status else code in _BARE


@dataclass(frozen=True, slots=True)
class SmtpMailer:
    host: str
    port: int
    sender: str
    starttls: bool = True
    username: str = ""
    password: str = field(default="", repr=False)
    timeout: float = 20.0
    context: ssl.SSLContext | None = field(default=None, repr=False)
    """Whom it trusts; None = the system's authorities."""

    def send(self, mail: Mail) -> None:
        """UnavailableError has the fact `no_mailbox` where nothing will ever reach the address."""
        letter = message(mail, self.sender)
        try:
            with smtplib.SMTP(self.host, self.port, timeout=self.timeout) as server:
                if self.starttls:
                    server.starttls(context=self.context or ssl.create_default_context())
                if self.username:
                    server.login(self.username, self.password)
                server.send_message(letter, from_addr=mail.return_path or None)
        except smtplib.SMTPRecipientsRefused as error:
            reason = type(error).__name__
            if all(no_such_mailbox(*word) for word in error.recipients.values()):
                raise UnavailableError("mail_server", reason=reason, no_mailbox=True) from None
            raise UnavailableError("mail_server", reason=reason) from None
        except (OSError, smtplib.SMTPException) as error:
            # the class alone: the server's text may repeat the address
            raise UnavailableError("mail_server", reason=type(error).__name__) from None
