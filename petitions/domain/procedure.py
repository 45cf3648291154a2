"""The procedure of one kind of petition, as frozen values. Pure: it reads neither file nor clock.

A `Kind` is the whole body of a rulebook after its kind's overrides were laid over it, so that no
other module ever merges anything. Names are those of the rulebook's keys, except where a key is a
word of Python: `for` is `milestone`, `else` is `otherwise`, `pass` is `passes`, `from` and `to` are
`since` and `until`; `min` and `max` are spelled out.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from petitions.domain.collecting import Milestone, Signing
from petitions.domain.filing import Admissibility, Filing, SponsorStage
from petitions.domain.periods import Period
from petitions.domain.vocabulary import (
    AuthorName,
    CalendarEffect,
    CountShown,
    Entry,
    Freeze,
    OnWhom,
    Overdue,
    Roll,
    SignerNames,
    Visibility,
    WindowMode,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Handover:
    by: str
    start: str
    acks: tuple[str, ...] = ("sent", "received", "accepted")
    within: Period | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class DutyExtension:
    length: Period
    times: int
    notice: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class Duty:
    """What somebody owes after an event; no `length` means no deadline."""

    id: str
    start: str
    milestone: str | None = None
    length: Period | None = None
    not_before: Period | None = None
    stops: tuple[str, ...] = ()
    roll: Roll = Roll.NONE
    extension: DutyExtension | None = None
    overdue: Overdue = Overdue.PUBLIC
    on: OnWhom = OnWhom.INSTITUTION
    body: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class After:
    entry: Entry = Entry.MILESTONE
    early: bool = False
    body: str | None = None
    four_eyes: bool = False
    outcomes: tuple[str, ...] = ("examined",)
    ends_signing: tuple[str, ...] = ("examined",)
    handover: Handover | None = None
    duties: tuple[Duty, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class CalendarRule:
    """`since` and `until` are signed periods around the event, both days inclusive."""

    event: str
    effect: CalendarEffect
    states: tuple[str, ...] = ()
    since: Period | None = None
    until: Period | None = None
    length: Period | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Retention:
    data: str
    start: str
    length: Period


@dataclass(frozen=True, slots=True, kw_only=True)
class Publicity:
    author: AuthorName = AuthorName.NAME
    author_hidden_after: Period | None = None
    signers: SignerNames = SignerNames.NEVER
    count: CountShown = CountShown.LIVE
    area_min: int = 10
    freeze: Freeze = Freeze.PUBLICATION
    retention: tuple[Retention, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Money:
    """Whole cents, because no float ever enters a rulebook."""

    cents: int
    currency: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Extras:
    fallback_kind: str | None = None
    disclose_over: Money | None = None
    reimburse: Money | None = None
    cooling_off: Period | None = None
    author_edits: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Kind:
    """The fully merged procedure of one kind, and its variants by what the author chose."""

    id: str
    visibility: Visibility = Visibility.PUBLIC
    filing: Filing
    sponsors: tuple[SponsorStage, ...] = ()
    admissibility: Admissibility
    signing: Signing
    milestones: tuple[Milestone, ...] = ()
    after: After
    calendar: tuple[CalendarRule, ...] = ()
    publicity: Publicity
    extras: Extras = field(default_factory=Extras)
    variants: Mapping[tuple[tuple[str, str], ...], Kind]

    @property
    def signable(self) -> bool:
        """Whether people can ever add their signature to such a petition."""
        return self.signing.window.mode not in (WindowMode.NONE, WindowMode.PRIOR)

    @property
    def decisive(self) -> Milestone | None:
        """The milestone whose reaching moves the state."""
        return next((milestone for milestone in self.milestones if milestone.decisive), None)

    def milestone(self, milestone_id: str) -> Milestone | None:
        return next((each for each in self.milestones if each.id == milestone_id), None)

    def chosen(self, choices: Mapping[str, str]) -> Kind:
        """The procedure after the author's choices; KeyError for an option that does not exist."""
        for choice, option in choices.items():
            if option not in {each.id for each in self.filing.choices[choice]}:
                raise KeyError(option)
        key = tuple(sorted(choices.items()))
        for combination, variant in self.variants.items():
            if set(combination) <= set(key):
                return variant
        return self
