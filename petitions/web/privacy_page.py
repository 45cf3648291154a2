"""What is kept, told to citizens: each item of the retention table in plain words. No request here.

Rules of this module:
- periods and ends come from the table, only the words are here; a test fails where an item of the
  table has no words, or words have no item;
- short sentences, everyday words: this page is read by people, not by data protection officers.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta

from petitions.domain.retention import Ended, Kept
from petitions.domain.retention_table import TABLE
from petitions.platform.i18n import N_, _, current_locale

SIGNING: Mapping[str, str] = {
    "claims": N_(
        "What the identity service tells us: your identifier, your date of birth, where you live"
    ),
    "login": N_("Your login while you sign"),
    "login-letter": N_("If you log in by e-mail: that a message went to your address"),
    "waiting": N_("Your signature, until it is counted"),
    "code": N_("A one-way code without your name, so that you sign once"),
    "group_code": N_(
        "Where petitions compete: a one-way code, so that you sign one of them only; it goes with "
        "the last of them"
    ),
    "sponsor": N_("If you stand behind a petition before it is published: a one-way code"),
    "key": N_("The key of the petition: without it nobody can check the code"),
    "areas": N_("Totals by area, where the rules ask for them"),
    "entry": N_("An entry in the public log: a random number, without name or place"),
    "copies": N_("Safety copies of the database, with the codes in it"),
}
FILING: Mapping[str, str] = {
    "draft": N_("A draft that you did not send"),
    "session": N_("That you are logged in"),
    "author": N_(
        "Your name as you wrote it, your e-mail address, a one-way code for your own space"
    ),
    "text": N_("The text of your petition"),
    "letters": N_("Letters to you about your petition, at your mail service and on the way"),
}
FOLLOWING: Mapping[str, str] = {
    "follower": N_("Your address, encrypted, with what you follow; never whether you signed"),
    "follow-mail": N_("That a mail to you waits or left"),
    "suppressed": N_(
        "If mails to you came back, or you complained: a one-way code of your address"
    ),
    "follow-letters": N_("The mails that you asked for, at your mail service and on the way"),
}
COOKIES: Mapping[str, str] = {
    "cookie-login": N_("While you log in: they bring you back to this site"),
    "cookie-sign": N_("While you sign: which step you are at, and your receipt, shown once"),
    "cookie-leave": N_("After you sign: so that you can leave the identity service"),
    "cookie-author": N_("If you start a petition: your own space, and protection of its forms"),
}
_WHEN: Mapping[Ended, str] = {
    Ended.REQUEST: N_("some seconds, while we check"),
    Ended.BATCH: N_("until the next count"),
    Ended.SEALING_ROWS: N_("until the petition is sealed"),
    Ended.SEALING_KEY: N_("until the petition is sealed"),
    Ended.SEALING_PEPPER: N_("until the petition is sealed"),
    Ended.OFFICE: N_("as long as the rules say"),
    Ended.AUTHOR_CLOCK: N_("as long as the rules say"),
    Ended.NOTHING: N_("always"),
}
_HOW: Mapping[Ended, str] = {
    Ended.REQUEST: N_("It is forgotten. It is written nowhere."),
    Ended.BROWSER: N_("Your browser deletes it."),
    Ended.PURGE: N_("The program deletes it."),
    Ended.SPONSORS: N_("The program deletes it."),
    Ended.FOLLOWERS: N_("The program deletes it; at once when you stop."),
    Ended.DAY_KEYS: N_("The key that opens it is destroyed each night."),
    Ended.BATCH: N_("It becomes part of the count."),
    Ended.SEALING_ROWS: N_("It is deleted when the petition is sealed."),
    Ended.SEALING_KEY: N_("It is destroyed when the petition is sealed."),
    Ended.SEALING_PEPPER: N_("It is destroyed when the last petition under it is sealed."),
    Ended.OPERATOR: N_("The operators of this site delete it."),
    Ended.AUTHOR_CLOCK: N_("The program deletes it."),
    Ended.OFFICE: N_("The petitions office deletes it."),
    Ended.NOTHING: N_("It stays."),
}
_ORDER = (
    Ended.REQUEST, Ended.BROWSER, Ended.PURGE, Ended.SPONSORS, Ended.FOLLOWERS,
    Ended.DAY_KEYS, Ended.OPERATOR,
    Ended.BATCH,
    Ended.SEALING_ROWS, Ended.SEALING_KEY, Ended.SEALING_PEPPER, Ended.AUTHOR_CLOCK, Ended.OFFICE,
    Ended.NOTHING,
)  # fmt: skip
"""Where several lines of the table are one item here, the one that lasts longest is told."""


@dataclass(frozen=True, slots=True)
class Item:
    """One line of the page."""

    what: str
    how_long: str
    how_it_ends: str


@dataclass(frozen=True, slots=True)
class WhatIsKept:
    signing: tuple[Item, ...]
    filing: tuple[Item, ...]
    following: tuple[Item, ...]
    cookies: tuple[Item, ...]


def what_is_kept() -> WhatIsKept:
    """The table in the reader's language."""
    return WhatIsKept(_items(SIGNING), _items(FILING), _items(FOLLOWING), _items(COOKIES))


def duration(period: timedelta) -> str:
    """A period in the reader's language, as people say it: two units at most."""
    locale, seconds = current_locale(), int(period.total_seconds())
    days, rest = divmod(seconds, 86_400)
    hours, minutes = rest // 3_600, rest % 3_600 // 60
    words = [
        *([locale.days(days)] if days else []),
        *([locale.ngettext("%(num)s hour", "%(num)s hours", hours)] if hours else []),
        *([locale.ngettext("%(num)s minute", "%(num)s minutes", minutes)] if minutes else []),
    ]
    return locale.together(words[:2])


def _items(words: Mapping[str, str]) -> tuple[Item, ...]:
    return tuple(_item(code, what) for code, what in words.items())


def _item(code: str, what: str) -> Item:
    rows = [row for row in TABLE if row.told == code]
    last = max(rows, key=lambda row: (_ORDER.index(row.ended), row.life or timedelta()))
    return Item(_(what), _how_long(last, rows), _(_HOW[last.ended]))


def _how_long(last: Kept, rows: list[Kept]) -> str:
    if last.ended in _WHEN:
        return _(_WHEN[last.ended])
    lives = [row.life for row in rows if row.life is not None and row.ended is last.ended]
    if not lives:
        return _("until you close the browser")
    return _("%(time)s at most", time=duration(max(lives)))
