"""Following by e-mail: what can be followed, how often one is told, and what is told to whom. Pure.

Rules of this module:
- one happening makes one mail for each follower, never one for each signature;
- whoever follows one petition hears everything public about it; whoever follows a subject, an
  assembly or all petitions hears of what is new, of thresholds and of answers;
- nothing here knows a signature: following is apart from signing, in words, rows and keys.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping
from datetime import date, timedelta
from enum import StrEnum
from typing import Final

from petitions.domain.lifecycle import Action, State


class Scope(StrEnum):
    """What one follows. The target is a petition's number, words, an assembly's topic
    ("prb/health"), an assembly's id, or nothing.

    A place is followed by its assembly: a petition says whom it is addressed to, and no other place.
    """

    PETITION = "petition"
    SUBJECT = "subject"
    TOPIC = "topic"
    ASSEMBLY = "assembly"
    ALL = "all"


class Rhythm(StrEnum):
    AT_ONCE = "at_once"
    WEEKLY = "weekly"


class Happening(StrEnum):
    """What followers are told of."""

    PUBLISHED = "published"
    MILESTONE = "milestone"
    THRESHOLD = "threshold"
    STEP = "step"
    ANSWERED = "answered"
    REFUSED = "refused"
    CLOSED = "closed"
    LAPSED = "lapsed"
    WITHDRAWN = "withdrawn"
    MERGED = "merged"
    TAKEN_DOWN = "taken_down"
    RESTORED = "restored"
    ARCHIVED = "archived"
    MESSAGE = "message"
    WEEK = "week"
    """The weekly mail: no happening of its own, but the moment at which the others are told."""


class MailKind(StrEnum):
    """Why a mail to a follower leaves. `known`: somebody who follows already asked again."""

    CONFIRM = "confirm"
    KNOWN = "known"
    HAPPENING = "happening"
    WEEKLY = "weekly"
    TEST = "test"


class Standing(StrEnum):
    """Of one mail. `sending`: the words are on their way; whoever dies there leaves it unsure, and
    an unsure mail is never sent again.
    """

    WAITING = "waiting"
    CLAIMED = "claimed"
    SENDING = "sending"
    SENT = "sent"
    UNSURE = "unsure"
    GIVEN_UP = "given_up"
    DROPPED = "dropped"
    """Not wanted any more when its turn came: stopped, suppressed, or the petition is out of sight."""


class Silence(StrEnum):
    """Why an address gets nothing more from us."""

    BOUNCE = "bounce"
    COMPLAINT = "complaint"


TOLD: Final[Mapping[State, Happening]] = {
    State.PUBLISHED: Happening.PUBLISHED,
    State.THRESHOLD_REACHED: Happening.THRESHOLD,
    State.EXAMINED: Happening.ANSWERED,
    State.REFUSED: Happening.REFUSED,
    State.CLOSED_BELOW: Happening.CLOSED,
    State.LAPSED: Happening.LAPSED,
    State.WITHDRAWN: Happening.WITHDRAWN,
    State.MERGED: Happening.MERGED,
    State.HIDDEN: Happening.TAKEN_DOWN,
    State.ARCHIVED: Happening.ARCHIVED,
}
WIDE: Final = frozenset({Happening.PUBLISHED, Happening.THRESHOLD, Happening.ANSWERED})
"""Told to those as well who follow more than the petition itself."""
LAST: Final = frozenset(
    {Happening.WITHDRAWN, Happening.MERGED, Happening.TAKEN_DOWN, Happening.ARCHIVED}
)
"""After these nothing more is expected: the mail says so, and offers what else to follow."""
FOLLOWABLE: Final = frozenset(
    {State.PUBLISHED, State.THRESHOLD_REACHED, State.EXAMINED, State.CLOSED_BELOW}
)
"""Of a petition that was published: in these states something may still happen to it."""
URGENT, USUAL, PATIENT = 0, 5, 8
"""Order in which mails leave: a person waits for the first, the last are weekly."""

CONFIRM_LIFE: Final = timedelta(days=7)
"""An address that nobody confirmed is erased after that."""
EVENT_LIFE: Final = timedelta(days=15)
"""Two weekly mails look back on it; then the happening stands in the petition's timeline alone."""
MAIL_LIFE: Final = timedelta(days=7)
"""That a mail left is remembered for so long after the last one of its happening."""
SILENCE_LIFE: Final = timedelta(days=365)
"""A suppressed address stays suppressed for so long, as a keyed hash."""
OVER_LIFE: Final = timedelta(days=183)
"""After a petition's last mail: an appeal or a court may bring it back."""
ASKS_A_DAY: Final = 5
"""Mails that one address is sent in a day because somebody typed it."""
MOST: Final = 200
"""Things that one address can follow."""
SOFT_BOUNCES: Final = 3
"""Mails that came back for a passing reason (a full mailbox), before nothing more is sent."""
ADDRESS_MAX: Final = 254
_ADDRESS = re.compile(
    r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+(?:\.[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+)*"
    r"@(?:[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?\.)+[A-Za-z][A-Za-z0-9-]{0,61}[A-Za-z0-9]"
)
LOCAL_MAX: Final = 64


def told_of(action: Action, target: State) -> Happening | None:
    """What a move tells followers; None where it is nobody's business but the author's."""
    if action is Action.RESTORE:
        return Happening.RESTORED
    if action is Action.REFUSE:
        return None
    return TOLD.get(target)


def read_address(typed: str) -> str | None:
    """The address as a message is sent to it, its domain in A-labels; None where it is none.

    Local parts in ASCII only (RFC 5321): what no server is sure to take is better told at once.
    """
    text = unicodedata.normalize("NFC", typed.strip())
    local, _, domain = text.rpartition("@")
    try:
        domain = domain.lower().encode("idna").decode() if domain else ""
    except UnicodeError:
        return None
    address = f"{local}@{domain}"
    if len(address) > ADDRESS_MAX or len(local) > LOCAL_MAX or not _ADDRESS.fullmatch(address):
        return None
    return address


def counted(address: str) -> str:
    """The one spelling under which an address is known: only the host may read the local part
    (RFC 5321, 2.4), but nobody has two mailboxes that differ by their capitals.
    """
    return address.lower()


def masked(address: str) -> str:
    """For a page that a forwarded link may show to somebody else: c…@example.org."""
    local, _, domain = address.rpartition("@")
    return f"{local[:1]}…@{domain}"


def confirm_until(asked_on: date) -> date:
    """The last day on which a link of confirmation serves."""
    return asked_on + CONFIRM_LIFE
