"""Before signatures are collected: filing, sponsors, admissibility, as frozen values. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from petitions.domain.collecting import ShareThreshold
from petitions.domain.periods import Period
from petitions.domain.predicates import ANYONE, Predicate
from petitions.domain.vocabulary import (
    FilingChannel,
    Links,
    OpenSame,
    Overdue,
    Silence,
    StageOutcome,
    Unit,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Form:
    """Characters are Unicode code points after NFC; words are runs without white space."""

    title_max: int = 150
    summary_max: int = 0
    text_max: int = 10_000
    unit: Unit = Unit.CHARS
    files_max: int = 0
    file_mb: int = 5
    pages_max: int = 0
    links: Links = Links.ANY
    fields: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class PerAuthor:
    n: int
    within: Period


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    open_same: OpenSame = OpenSame.WARN
    closed_within: Period | None = None
    decided_within: Period | None = None
    decided_outcomes: tuple[str, ...] = ()
    open_per_author: int | None = None
    per_author: PerAuthor | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Option:
    """One answer of a choice asked at filing; `overrides`: it changes the procedure."""

    id: str
    overrides: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Filing:
    author: Predicate = ANYONE
    form: Form = field(default_factory=Form)
    channels: tuple[FilingChannel, ...] = (FilingChannel.ONLINE,)
    limits: Limits = field(default_factory=Limits)
    choices: Mapping[str, tuple[Option, ...]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Spread:
    """At least `minimum` sponsors in each of `k` areas, by residence."""

    areas: str
    k: int
    minimum: int


@dataclass(frozen=True, slots=True, kw_only=True)
class SponsorStage:
    """`in_total` is "none", "all", or the number of these acts carried over as signatures."""

    id: str
    minimum: int | ShareThreshold
    maximum: int | None = None
    who: Predicate
    unless: Predicate | None = None
    roles: Mapping[str, int]
    spread: Spread | None = None
    within: Period | None = None
    invitation: Period | None = None
    attempts: int = 1
    author_counts: bool = False
    in_total: str | int = "none"


@dataclass(frozen=True, slots=True, kw_only=True)
class Stage:
    """A stage of admissibility. `at` is "filing", "publication" or "milestone:<id>"."""

    id: str
    body: str
    at: str = "publication"
    within: Period | None = None
    stops: tuple[str, ...] = ()
    outcomes: tuple[StageOutcome, ...] = (
        StageOutcome.ACCEPT,
        StageOutcome.RETURN,
        StageOutcome.REFUSE,
    )
    four_eyes: bool = False
    returns_max: int = 2
    correction: Period
    silence: Silence = Silence.OVERDUE
    overdue: Overdue = Overdue.PUBLIC
    grounds: tuple[str, ...] = ()
    """Its own checklist, of the codes of `admissibility.grounds`; () = all of them."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Grounds:
    """Codes of refusal. `public` already holds what the rulebook adds with `more`."""

    public: tuple[str, ...]
    more: tuple[str, ...] = ()
    hidden: tuple[str, ...]
    shown_at_filing: tuple[str, ...] = ()

    @property
    def every(self) -> tuple[str, ...]:
        return self.public + self.hidden


@dataclass(frozen=True, slots=True, kw_only=True)
class Admissibility:
    stages: tuple[Stage, ...]
    grounds: Grounds

    def checklist(self, stage: Stage | None) -> tuple[str, ...]:
        """What a stage looks at, public grounds first."""
        own = stage.grounds if stage is not None else ()
        return tuple(code for code in self.grounds.every if not own or code in own)

    def at(self, point: str) -> tuple[Stage, ...]:
        """The stages at one point, in the order they run."""
        return tuple(stage for stage in self.stages if stage.at == point)
