"""What the pages of sponsors show: to the author, to whoever was invited, and at the desk.

As in `petitions.web.pages`: facts in the reader's language; the templates write the sentences. No
page here holds a name of a sponsor: there is none to hold.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from petitions.web.pages_signing import FieldFault

Options = tuple[tuple[str, str], ...]
"""(value, words)"""


@dataclass(frozen=True, slots=True)
class InvitationLine:
    """One link as its author sees it. `standing` as stored, or `over` where its time ran out."""

    number: int
    standing: str
    standing_word: str
    shared: bool
    role: str
    issued_on: date
    until: date
    revoke: bool = False
    """May be taken back: the link, or the person who came by it."""


@dataclass(frozen=True, slots=True)
class StageBox:
    """One stage: what it asks for, what it has. `counted` includes the author where they count."""

    id: str
    title: str
    text: str
    progress: str
    needed: int
    counted: int
    places_left: int | None
    author_counts: bool
    signs: bool
    """Acts of this stage may count as signatures."""
    by_desk: bool
    due: date | None
    days_left: int | None
    attempts: int
    attempts_used: int
    roles: tuple[tuple[str, str, int], ...]
    """(role, in words, how many are missing)"""
    own_role: str
    areas_missing: int
    invitations: tuple[InvitationLine, ...]
    inviting: bool
    """A new link may be made now."""
    desk_may_answer: tuple[int, ...] = ()
    """Numbers of the invitations whose answer a clerk may record."""


@dataclass(frozen=True, slots=True)
class SponsorsPage:
    """The author's page. `link` is a new private link, shown this once."""

    href: str
    mine_href: str
    title: str
    ref: str
    gathering: bool
    held: int
    stages: tuple[StageBox, ...]
    link: str = ""
    mail_href: str = ""
    number: int = 0
    faults: tuple[FieldFault, ...] = ()


@dataclass(frozen=True, slots=True)
class SupportPage:
    """What somebody sees who holds a link, before any login: neither title nor text.

    `cause`: why nothing can be done, "" while one may join.
    """

    body: str
    stage: str
    stage_text: str
    role: str
    until: date
    login_href: str = ""
    leave_href: str = ""
    decline_action: str = ""
    by_desk: bool = False
    cause: str = ""
    identity: str = ""
    who: str = ""
    signs: bool = False
    contact: str = ""


@dataclass(frozen=True, slots=True)
class SupportConfirm:
    """The text and one button, after the login. `leaving`: the button takes it back."""

    body: str
    title: str
    request: str
    reasons: str
    language: str
    stage: str
    role: str
    action: str
    declaration: str
    signs: bool
    leaving: bool
    faults: tuple[FieldFault, ...] = ()
    areas: Options = ()
    places: Options = ()
    area_chosen: str = ""
    place_chosen: str = ""

    def fault(self, field_id: str) -> str:
        return next((fault.sentence for fault in self.faults if fault.field == field_id), "")


@dataclass(frozen=True, slots=True)
class AgreePage:
    """To a promoter: the author wants to withdraw the petition. No text before the login."""

    body: str
    login_href: str = ""
    action: str = ""
    """After the login: where the agreement goes."""
    title: str = ""
    language: str = ""
    promoters: int = 0
    agreed: int = 0
    identity: str = ""


@dataclass(frozen=True, slots=True)
class SupportDone:
    """`what`: supported, signed, left, declined, nothing, agreed, withdrawn."""

    what: str
    home_href: str


@dataclass(frozen=True, slots=True)
class ProvePage:
    """Before a petition is sent: the author has logged in once more. `signs`: sending signs it."""

    title: str
    action: str
    back_href: str
    version: int
    signs: bool
    counts: bool
    declaration: str = ""
    areas: Options = ()
    places: Options = ()
    area_chosen: str = ""
    place_chosen: str = ""
    faults: tuple[FieldFault, ...] = ()

    def fault(self, field_id: str) -> str:
        return next((fault.sentence for fault in self.faults if fault.field == field_id), "")
