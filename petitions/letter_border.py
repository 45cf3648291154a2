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
from petitions.platform.i18n import current_locale, speaking, text_for
from petitions.platform.letterhead import as_html, folded, of_text
from petitions.platform.mail import FolderMailer, Mail, Mailer, SmtpMailer
from petitions.web.face import the_face
from petitions.web.login_sample import login_words

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
            return login_words(site, face.address, told.code, told.link, told.minutes)

    def send(self, letter: Letter) -> None:
        mail = Mail(
            to=letter.address,
            subject=letter.subject,
            text=folded(letter.text),
            key=secrets.token_hex(16),
            at=self.clock(),
            language=letter.lang,
            html=self._dressed(letter),
        )
        try:
            self._from(letter.sender).send(mail)
        except UnavailableError as error:
            if error.facts.get("reason") in _ITS_ADDRESS:
                raise LetterNotTaken("address_not_taken") from None
            raise LetterLost("letter_lost") from None

    def _dressed(self, letter: Letter) -> str:
        face = the_face(current_app)
        locale = face.catalogues.locale(letter.lang)
        site = text_for(face.names, letter.lang)
        return as_html(
            of_text(letter.subject, letter.text, site=site, lang=letter.lang, direction=locale.dir)
        )

    def _from(self, sender: str | None) -> Mailer:
        mailer = self.mailer
        if isinstance(mailer, SmtpMailer):
            mailer = replace(mailer, timeout=min(mailer.timeout, SERVER_SECONDS))
        if sender is not None and isinstance(mailer, SmtpMailer | FolderMailer):
            mailer = replace(mailer, sender=sender)
        return mailer
