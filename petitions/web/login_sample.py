"""The message of a login by e-mail, in words; sent by `petitions.letter_border`, shown at the desk."""

from __future__ import annotations

from petitions.platform.i18n import _, current_locale, ngettext
from petitions.platform.letterhead import Letter, of_text

SAMPLE_CODE, SAMPLE_MINUTES = "ABCD-2345", 30


def login_words(site: str, address: str, code: str, link: str, minutes: int) -> tuple[str, str]:
    """(subject, text). No petition is named: mailboxes are shared, and read by others."""
    time = ngettext("%(num)s minute", "%(num)s minutes", minutes)
    parts = (
        _("Somebody, probably you, typed this address on the site “%(site)s”.", site=site),
        _("Your code:") + f" {code}",
        _("Type it into the page that asks for it. Or open this link in the same browser:"),
        link,
        _("Both hold for %(time)s and serve once.", time=time),
        _("Give the code to nobody: we never ask for it by telephone or in a message."),
        _("It was not you? Then do nothing. Nothing happens, and your address is not kept."),
        f"{site}\n{address}",
    )
    return _("Your code for “%(site)s”", site=site), "\n\n".join(parts) + "\n"


def login_letter(site: str, address: str) -> Letter:
    """With an invented code."""
    subject, text = login_words(
        site, address, SAMPLE_CODE, f"{address}/identity/email/link/{SAMPLE_CODE}", SAMPLE_MINUTES
    )
    locale = current_locale()
    return of_text(subject, text, site=site, lang=locale.lang, direction=locale.dir)
