"""One connection to the mail server for many mails, and its word on each of them.

Handing over is two steps: `offer` (sender and recipient, which the server may refuse) and `hand_over`
(the words). Between them the caller notes that the words are leaving; after a crash nobody has to
guess about more than that one mail.
"""

from __future__ import annotations

import smtplib
import ssl
from collections.abc import Callable
from dataclasses import dataclass, field
from email.utils import parseaddr
from typing import Final, Protocol

from petitions.domain.errors import UnavailableError
from petitions.platform.mail import (
    PERMANENT,
    Mail,
    Mailer,
    SmtpMailer,
    message,
    no_such_mailbox,
    status_of,
)

MOST_ON_A_LINE: Final = 100
"""Mails over one connection: large receivers close longer ones."""


class NotTakenError(Exception):
    """The server's word on one mail. Its text is not kept: it may repeat the address."""

    def __init__(self, code: int, status: str = "") -> None:
        super().__init__(f"SMTP {code}")
        self.code, self.status = code, status

    @property
    def for_good(self) -> bool:
        return self.code >= PERMANENT

    @property
    def no_such_mailbox(self) -> bool:
        """Nothing will ever reach this address."""
        return no_such_mailbox(self.code, self.status.encode())


class Line(Protocol):
    def offer(self, mail: Mail) -> None:
        """Sender and recipient. NotTakenError, or UnavailableError where the line is gone."""
        ...

    def hand_over(self) -> None:
        """The words of the mail that was offered. Raises as `offer` does."""
        ...

    def close(self) -> None: ...


@dataclass
class SmtpLine:
    """Opened at the first mail, opened anew after a hundred or after a fault."""

    mailer: SmtpMailer
    _server: smtplib.SMTP | None = field(default=None, repr=False)
    _offered: bytes = field(default=b"", repr=False)
    _carried: int = 0

    def offer(self, mail: Mail) -> None:
        letter = message(mail, self.mailer.sender)
        self._offered = letter.as_bytes(policy=letter.policy.clone(linesep="\r\n", cte_type="7bit"))
        sender = mail.return_path or parseaddr(mail.sender or self.mailer.sender)[1]
        server = self._ready()
        self._asked(lambda: server.mail(sender))
        self._asked(lambda: server.rcpt(mail.to))

    def hand_over(self) -> None:
        server = self._ready()
        self._asked(lambda: server.data(self._offered))
        self._carried += 1

    def close(self) -> None:
        server, self._server = self._server, None
        if server is not None:
            try:
                server.quit()
            except (OSError, smtplib.SMTPException):
                server.close()

    def _ready(self) -> smtplib.SMTP:
        if self._server is not None and self._carried >= MOST_ON_A_LINE:
            self.close()
        if self._server is None:
            self._server, self._carried = self._open(), 0
        return self._server

    def _open(self) -> smtplib.SMTP:
        own = self.mailer
        try:
            server = smtplib.SMTP(own.host, own.port, timeout=own.timeout)
            try:
                if own.starttls:
                    server.starttls(context=own.context or ssl.create_default_context())
                if own.username:
                    server.login(own.username, own.password)
                server.ehlo_or_helo_if_needed()
            except (OSError, smtplib.SMTPException):
                server.close()
                raise
        except (OSError, smtplib.SMTPException) as error:
            raise UnavailableError("mail_server", reason=type(error).__name__) from None
        return server

    def _asked(self, command: Callable[[], tuple[int, bytes]]) -> None:
        """One command; a refused mail leaves the line as it was found."""
        try:
            code, answer = command()
        except smtplib.SMTPDataError as error:
            code, answer = error.smtp_code, _plain(error.smtp_error)
        except (OSError, smtplib.SMTPException) as error:
            self._drop()
            raise UnavailableError("mail_server", reason=type(error).__name__) from None
        if code < 400:
            return
        status = status_of(answer)
        if code == 421:
            self._drop()
            raise UnavailableError("mail_server", reason="421")
        try:
            self._server.rset() if self._server else None
        except (OSError, smtplib.SMTPException):
            self._drop()
        raise NotTakenError(code, status)

    def _drop(self) -> None:
        if self._server is not None:
            self._server.close()
            self._server = None


def _plain(answer: bytes | str) -> bytes:
    return answer if isinstance(answer, bytes) else answer.encode("utf-8", "replace")


@dataclass
class SimpleLine:
    """Any other mailer (a folder): it takes each mail or fails."""

    mailer: Mailer
    _offered: Mail | None = None

    def offer(self, mail: Mail) -> None:
        self._offered = mail

    def hand_over(self) -> None:
        if self._offered is not None:
            self.mailer.send(self._offered)

    def close(self) -> None:
        self._offered = None


def line_of(mailer: Mailer) -> Line:
    return SmtpLine(mailer) if isinstance(mailer, SmtpMailer) else SimpleLine(mailer)
