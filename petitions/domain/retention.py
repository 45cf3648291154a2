"""What is kept, why, how long, and what destroys it: the words of the table, and its periods. Pure.

Rules of this module:
- the table itself is `petitions.domain.retention_table`; jobs that purge, the paper for whoever
  answers for personal data and the page for citizens are all read from it;
- a period is written here once; whoever deletes, or sets a cookie, is held to it by a test;
- "could name a person" is answered for somebody who has that row alone, and for somebody who has
  the keys as well. The second answer is the one that sealing changes.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum
from typing import TypedDict

LOGIN_LIFE = timedelta(minutes=20)
"""A login under way, and the steps of signing after it."""
STEP_LIFE = timedelta(hours=1)
"""What ties the way back to this browser: it outlives login, letter and pass together."""
LETTER_LIFE = timedelta(minutes=30)
"""The message of a login by e-mail."""
PASS_LIFE = timedelta(minutes=10)
LEAVE_LIFE = timedelta(minutes=30)
"""What a logout at the provider needs."""
SPENT_GRACE = timedelta(minutes=10)
"""After its end a pass or state is refused anyway; clocks of two machines differ by less than this."""
AUTHOR_SESSION = timedelta(hours=2)
STAFF_SESSION = timedelta(hours=8)
STAFF_SESSION_ROW = timedelta(hours=12)
"""Over after STAFF_SESSION; known a while longer, so that a form sent late is kept for its writer."""
DRAFT_LIFE = timedelta(days=30)
"""What a draft's page promises its author."""
CASE_DRAFT_LIFE = timedelta(days=30)
"""A clerk's draft, after the check it was for has ended: a colleague may have been faster."""
SPONSORS_LIFE = timedelta(days=183)
"""After a petition ended: an appeal may bring it back with its sponsors."""
DAY_KEYS_LIFE = timedelta(days=1, minutes=20)
STATE_KEYS_LIFE = timedelta(days=1, hours=1)
SALT_IN_MEMORY = timedelta(seconds=60)
PAGE_IN_MEMORY = timedelta(seconds=3)
FIGURES_IN_MEMORY = timedelta(minutes=5)
SERVER_LOGS = timedelta(days=30)
DATABASE_JOURNAL = timedelta(days=7)
"""Archived WAL of PostgreSQL: it dates each signature."""
DATABASE_COPIES = timedelta(days=35)


class Place(StrEnum):
    """Where something lies."""

    TABLE = "table"
    COOKIE = "cookie"
    KEY = "key"
    FILE = "file"
    LOG = "log"
    MAIL = "mail"
    MEMORY = "memory"


class Whom(StrEnum):
    """Whose it is."""

    SIGNER = "signer"
    AUTHOR = "author"
    STAFF = "staff"
    FOLLOWER = "follower"
    HOUSE = "house"
    """Of the institution, or of everybody: no person's."""


class Naming(StrEnum):
    """Whether it could name a person."""

    NOBODY = "no"
    WITH_KEYS = "only with the keys"
    """Whoever has it and the keys can test a person they already know."""
    PERSON = "yes"


class Ended(StrEnum):
    """What destroys it. Values with a colon are places in the code: a test looks for them."""

    BROWSER = "the browser"
    REQUEST = "the end of the request"
    PURGE = "petitions.services.retention:purge"
    BATCH = "petitions.services.tally:integrate"
    DAY_KEYS = "identity.daily_keys:DailyKeys.purge"
    SEALING_ROWS = "petitions.services.sealing_steps:Ceremony.erase"
    SEALING_KEY = "petitions.services.sealing_steps:Ceremony.destroy_key"
    SEALING_PEPPER = "petitions.services.peppers:retire"
    SPONSORS = "petitions.services.sponsor_deadlines:forget"
    FOLLOWERS = "petitions.services.follow_keeping:forget"
    OUT_OF_INDEX = "petitions.storage.search_index:refresh"
    OPERATOR = "the operator"
    AUTHOR_CLOCK = "petitions.services.erasure:erase"
    OFFICE = "the petitions office, by hand"
    NOTHING = "nothing"


@dataclass(frozen=True, slots=True)
class Kept:
    """One line of the table.

    `parts`: columns of a table, patterns of files, codes of letters; "*" is every column (of the
    rows that `what` describes). `until` may name the period as {life}. `told`: the item of the
    citizens' page that speaks of it, "" where it is none of theirs.
    """

    place: Place
    name: str
    parts: tuple[str, ...]
    what: str
    why: str
    until: str
    ended: Ended
    whom: Whom = Whom.HOUSE
    naming: Naming = Naming.NOBODY
    life: timedelta | None = None
    told: str = ""

    def until_words(self) -> str:
        return self.until.format(life=length(self.life)) if self.life else self.until


class More(TypedDict, total=False):
    """The fields of a line that most lines leave alone."""

    whom: Whom
    naming: Naming
    life: timedelta
    told: str


def length(period: timedelta | None) -> str:
    """A period in English words: "20 minutes", "1 day 20 minutes"."""
    if period is None:
        return ""
    left, words = int(period.total_seconds()), []
    for name, seconds in (("day", 86_400), ("hour", 3_600), ("minute", 60), ("second", 1)):
        number, left = divmod(left, seconds)
        if number:
            words.append(f"{number} {name}{'' if number == 1 else 's'}")
    return " ".join(words)


def columns_missing(
    table: Iterable[Kept], columns: Iterable[tuple[str, str]]
) -> tuple[list[tuple[str, str]], list[tuple[str, str]]]:
    """((table, column) that the list does not name, those that it names and that do not exist)."""
    listed = {
        (row.name, part)
        for row in table
        if row.place is Place.TABLE
        for part in row.parts
        if part != "*"
    }
    there = set(columns)
    return sorted(there - listed), sorted(listed - there)


def names(table: Iterable[Kept], place: Place) -> frozenset[str]:
    return frozenset(row.name for row in table if row.place is place)
