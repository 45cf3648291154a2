"""Collecting signatures: the window, how they are verified, and the milestones they reach. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from fractions import Fraction

from petitions.domain.periods import Period
from petitions.domain.predicates import ANYONE, Predicate
from petitions.domain.vocabulary import (
    AreaSource,
    AttritionElse,
    Basis,
    Channel,
    Combine,
    Evaluate,
    FirstDay,
    Force,
    Method,
    Round,
    SnapshotAt,
    Uniqueness,
    WindowMode,
    Withdrawal,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class FixedThreshold:
    number: int


@dataclass(frozen=True, slots=True, kw_only=True)
class ShareThreshold:
    """A share of a population: rounding first, then floor and ceiling."""

    share: Fraction
    of: str
    floor: int | None = None
    ceiling: int | None = None
    rounding: Round = Round.UP


@dataclass(frozen=True, slots=True, kw_only=True)
class ChoiceThreshold:
    """The number depends on what the author chose at filing."""

    by_choice: str
    values: Mapping[str, int]


@dataclass(frozen=True, slots=True, kw_only=True)
class AreaThreshold:
    """The number stands in a column of the area table, at the area of the petition."""

    by_area: str


Threshold = FixedThreshold | ShareThreshold | ChoiceThreshold | AreaThreshold


@dataclass(frozen=True, slots=True, kw_only=True)
class WindowExtension:
    length: Period
    times: int
    by: str
    cause: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Window:
    """`start` is publication, submission, chosen, gazette or "event:<id>"."""

    mode: WindowMode = WindowMode.FIXED
    start: str = "publication"
    length: Period | None = None
    choices: tuple[Period, ...] = ()
    minimum: Period
    maximum: Period | None = None
    chosen_within: Period | None = None
    first_day: FirstDay = FirstDay.NEXT
    sheets_due_days: int | None = None
    extension: WindowExtension | None = None
    statement_age: Period | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class SigningAreas:
    file: str
    source: AreaSource
    show_share: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Attrition:
    """Raw count below `at_least` at the first instant after `within`."""

    within: Period
    at_least: int
    otherwise: AttritionElse = AttritionElse.CLOSE


@dataclass(frozen=True, slots=True, kw_only=True)
class Sample:
    """Random sample of raw entries: size per area max(floor, share × raw)."""

    floor: int
    share: Fraction
    fails: Fraction
    passes: Fraction


@dataclass(frozen=True, slots=True, kw_only=True)
class Verification:
    online: Method = Method.AT_SIGNING
    paper: Method = Method.CERTIFICATE
    by: str | None = None
    submit_within: Period | None = None
    within: Period | None = None
    sample: Sample | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Signing:
    """`reference`, the day age and residence are judged: signing, window_end or "event:<id>"."""

    who: Predicate = ANYONE
    classes: Mapping[str, Predicate]
    reference: str = "signing"
    window: Window
    areas: SigningAreas | None = None
    attrition: tuple[Attrition, ...] = ()
    uniqueness: Uniqueness = Uniqueness.PETITION
    group: str | None = None
    withdrawal: Withdrawal = Withdrawal.CLOSE
    author_signs: bool = False
    confirm_hours: int = 0
    channels: tuple[Channel, ...] = (Channel.ONLINE,)
    combine: Combine = Combine.BOTH
    online_cap: Fraction | None = None
    sheet_per_area: bool = False
    verification: Verification = field(default_factory=Verification)


@dataclass(frozen=True, slots=True, kw_only=True)
class AreaMinimum:
    """The minimum of an area is `times` the value of `column` (seats × 720)."""

    column: str
    times: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Quorum:
    k: int = 0
    minimum: int | AreaMinimum = 1
    fixed: Mapping[str, int]


@dataclass(frozen=True, slots=True, kw_only=True)
class Alternative:
    """A route that is not made of signatures: declarations, at most one per area."""

    declarations: int
    areas: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Milestone:
    """A condition on the count with an effect. `counts` is "all" or a counting class."""

    id: str
    threshold: Threshold
    effect: str
    basis: Basis = Basis.VERIFIED
    counts: str = "all"
    evaluate: Evaluate = Evaluate.LIVE
    snapshot: SnapshotAt = SnapshotAt.ADMISSION
    force: Force = Force.MAY
    body: str | None = None
    decisive: bool = False
    replaces: bool = False
    quorum: Quorum | None = None
    alternative: Alternative | None = None
    panel: Mapping[str, tuple[int, int]]
