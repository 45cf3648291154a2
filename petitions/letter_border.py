"""The message of a login by e-mail: worded in the reader's language, sent at once, kept nowhere.

It does not go through the outbox: a row there would hold the address. Nothing is retried; the page
says that it did not leave, and the person tries again.
"""

from __future__ import annotations

import secrets
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime

from flask import current_app

from identity.providers.email.letter import Letter, LetterLost, LetterNotTaken, Told
from petitions.domain.errors import UnavailableError
from petitions.platform.i18n import _, current_locale, ngettext, speaking, text_for
from petitions.platform.mail import FolderMailer, Mail, Mailer, SmtpMailer
from petitions.web.face import the_face

SERVER_SECONDS = 8.0
"""For each word of the mail server: a person is waiting in front of the page."""
_ITS_ADDRESS = frozenset({"SMTPRecipientsRefused", "SMTPNotSupportedError"})
"""The server lives and will not have this address (or cannot carry its letters, RFC 6531)."""


@dataclass(frozen=True, slots=True)
class LoginPost:
    """The identity zone's port for messages, filled with the site's words and its mail server."""

    mailer: Mailer
    clock: Callable[[], datetime]

    def word(self, told: Told) -> tuple[str, str]:
        """(subject, text). No petition is named: mailboxes are shared, and read by others."""
        face = the_face(current_app)
        with speaking(face.catalogues.locale(told.lang)):
            site = text_for(face.names, current_locale().lang)
            minutes = ngettext("%(num)s minute", "%(num)s minutes", told.minutes)
            parts = (
                _("Somebody, probably you, typed this address on the site “%(site)s”.", site=site),
                _("Your code:") + f" {told.code}",
                _("Type it into the page that asks for it. Or open this link in the same browser:"),
                told.link,
                _("Both hold for %(time)s and serve once.", time=minutes),
                _("Give the code to nobody: we never ask for it by telephone or in a message."),
                _(
                    "It was not you? Then do nothing. Nothing happens, and your address is not kept."
                ),
                f"{site}\n{face.address}",
            )
            return _("Your code for “%(site)s”", site=site), "\n\n".join(parts) + "\n"

    def send(self, letter: Letter) -> None:
        mail = Mail(
            to=letter.address,
            subject=letter.subject,
            text=letter.text,
            key=secrets.token_hex(16),
            at=self.clock(),
            language=letter.lang,
        )
        try:
            self._from(letter.sender).send(mail)
        except UnavailableError as error:
            if error.facts.get("reason") in _ITS_ADDRESS:
                raise LetterNotTaken("address_not_taken") from None
            raise LetterLost("letter_lost") from None

    def _from(self, sender: str | None) -> Mailer:
        mailer = self.mailer
        if isinstance(mailer, SmtpMailer):
            mailer = replace(mailer, timeout=min(mailer.timeout, SERVER_SECONDS))
        if sender is not None and isinstance(mailer, SmtpMailer | FolderMailer):
            mailer = replace(mailer, sender=sender)
        return mailer
