"""What a person sees who signs, withdraws or proves who they are: for one person, never cached.

As in `petitions.web.pages`: facts in the reader's language; the templates write the sentences.
Nothing here holds a name, a claim or a key.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, datetime
from typing import TYPE_CHECKING

from petitions.web.pages import Link, TimelineEntry

if TYPE_CHECKING:
    from markupsafe import Markup


@dataclass(frozen=True, slots=True)
class FieldFault:
    """An entry that breaks a rule; the sentence is made already. `field` is the input's id."""

    field: str
    sentence: str


@dataclass(frozen=True, slots=True)
class Draw:
    """What the browser needs to draw its random value and to send the commitment alone."""

    petition: str
    origin: str
    """Name of the petition's log."""
    step: str
    """The same on every page of one login, another for the next: nobody sends another's value."""
    again: bool = False
    """The value drawn before cannot be used."""


@dataclass(frozen=True, slots=True)
class ConfirmPage:
    """The text signed, again, and the declaration. `action` takes the POST."""

    ref: str
    petition_href: str
    title: str
    request: str
    text_from: date
    action: str
    declaration: str
    text_hash: str = ""
    identity: str = ""
    text_language: str = ""
    title_read: str = ""
    """The title in the reader's language, where the text signed is in another."""
    areas: tuple[tuple[str, str], ...] = ()
    """(code, name) to choose from; empty where no rule needs a place."""
    area_word: str = ""
    area_reason: str = ""
    area_chosen: str = ""
    by_postcode: bool = False
    """The place is asked as a postcode, which the operator's table turns into an area."""
    area_optional: bool = False
    withdraw_until: date | None = None
    withdrawal: str = "close"
    """Until when a signature may be withdrawn, in the rulebook's word: never, close, handover."""
    by_email: bool = False
    left_out_of: tuple[tuple[int, str], ...] = ()
    """(threshold, who counts toward it), where the login proved that this person does not."""
    rivals: tuple[Link, ...] | None = None
    """The other petitions of its group of competing ones; None where it is in none."""
    faults: tuple[FieldFault, ...] = ()
    hidden: tuple[tuple[str, str], ...] = ()
    draw: Draw | None = None

    def fault(self, field_id: str) -> str:
        return next((fault.sentence for fault in self.faults if fault.field == field_id), "")


@dataclass(frozen=True, slots=True)
class ReceiptBox:
    """The receipt proves that a signature is in the log; it holds nothing of the person.

    With `promise`, the browser drew the random value and completes the receipt itself: then
    `download_href`, `qr` and `text` are empty.
    """

    short_code: str
    download_href: str
    check_href: str = ""
    qr: Markup | None = None
    text: str = ""
    """The file itself, for copying where a download is not possible."""
    check_address: str = ""
    """As it is printed and typed."""
    promised_by: datetime | None = None
    promise: str = field(default="", repr=False)
    promise_href: str = ""
    petition: str = ""
    origin: str = ""
    c: str = ""


@dataclass(frozen=True, slots=True)
class DonePage:
    ref: str
    petition_href: str
    title: str
    count: int
    counted_within: int = 60
    """Seconds until the public count includes this signature."""
    counts_from: date | None = None
    """Where the rules give time to think: the day from which it counts."""
    receipt: ReceiptBox | None = None
    next_step: TimelineEntry | None = None
    withdraw_href: str = ""
    withdraw_until: date | None = None
    withdrawal: str = "close"
    short_url: str = ""
    leave: Link | None = None


@dataclass(frozen=True, slots=True)
class AlreadyPage:
    ref: str
    petition_href: str
    title: str
    on: date | None = None
    withdraw_href: str = ""
    withdraw_until: date | None = None
    withdrawal: str = "close"
    leave: Link | None = None


@dataclass(frozen=True, slots=True)
class WithdrawPage:
    """Withdrawing a signature. `stage`: confirm, done, not_signed, paused, early, closed, definitive."""

    ref: str
    petition_href: str
    title: str
    stage: str
    action: str = ""
    until: date | None = None
    """Last day on which one can sign again."""
    over: bool = False
    """Signing has ended, the time to withdraw has not."""
    withdrawal: str = "close"
    leave: Link | None = None
    hidden: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class Provider:
    """One way to prove who one is. `down_since` in words, while it is known not to answer."""

    name: str
    href: str
    about_href: str = ""
    down_since: str = ""


@dataclass(frozen=True, slots=True)
class ChooserPage:
    title: str
    providers: tuple[Provider, ...]
    back_href: str
    purpose: str = "sign"
    """sign, withdraw, support or file."""


@dataclass(frozen=True, slots=True)
class FailedPage:
    """A login without a result. `cause` is a stable code; `reference` is random, for the desk."""

    cause: str
    reference: str
    again_href: str
    back_href: str
    title: str = ""
    other_href: str = ""
    newer_href: str = ""
    """Where a newer login of this browser goes on, which replaced this one."""
    purpose: str = "sign"
    """sign or withdraw: what the page that ends the way would have said."""
    missing_fact: str = ""
    wait_minutes: int = 0
    wait_until: str = ""
    """Time of day, where it is known."""
    service: str = ""


@dataclass(frozen=True, slots=True)
class IneligiblePage:
    """The one condition that is not met: a predicate key, and what it asks for in words."""

    condition: str
    wanted: str
    back_href: str
    title: str = ""
    who: str = ""
    """All conditions together, in words."""
    purpose: str = "sign"
    leave: Link | None = None
    service: str = ""
    """The identity service that was asked."""
    follow_href: str = ""
    """Where the petition can be followed by e-mail."""
