"""What happens in a story, as values: who did what. `petitions.demo.play` carries them out."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from petitions.demo.curves import QUIET, Shape
from petitions.demo.stories.story import Answer, Story, Wording

LEAST = 20
"""Signatures of a large petition in the smallest demonstration."""


@dataclass(frozen=True, slots=True)
class Draft:
    """The author begins: title only, or the whole form where the text is there."""

    whole: bool = True


@dataclass(frozen=True, slots=True)
class Submit:
    pass


@dataclass(frozen=True, slots=True)
class Take:
    """A clerk becomes the clerk of the case."""

    staff: str


@dataclass(frozen=True, slots=True)
class Note:
    staff: str
    text: str


@dataclass(frozen=True, slots=True)
class Check:
    """A clerk fills in the first grounds of the checklist and leaves the rest for later."""

    staff: str
    first: int


@dataclass(frozen=True, slots=True)
class Admit:
    """The check ends well: the petition is published, with its translation."""

    staff: str


@dataclass(frozen=True, slots=True)
class Return:
    staff: str
    points: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Resubmit:
    text: Wording


@dataclass(frozen=True, slots=True)
class Refuse:
    """A ground that hides the petition is only proposed: a second reader must confirm."""

    staff: str
    grounds: tuple[str, ...]
    reasons: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Confirm:
    staff: str


@dataclass(frozen=True, slots=True)
class Withdraw:
    pass


@dataclass(frozen=True, slots=True)
class Examine:
    """The body's decision, recorded by the committee's staff."""

    staff: str
    answer: Answer


@dataclass(frozen=True, slots=True)
class Seal:
    """What could tell who signed is destroyed, on the order of one who answers for it."""

    staff: str
    reason: str


@dataclass(frozen=True, slots=True)
class Back:
    """The author hands on one link, and so many people become sponsors by it.

    `areas`: where they live, in turn, for a signature that their act may be.
    """

    number: int
    areas: tuple[str, ...] = ("",)


ByAuthor = Submit | Resubmit | Withdraw | Back
ByStaff = Take | Note | Check | Admit | Return | Refuse | Confirm | Examine | Seal
Act = Draft | ByAuthor | ByStaff


@dataclass(frozen=True, slots=True)
class Gathering:
    """The signatures a petition receives from publication on.

    `total` in the whole demonstration; small numbers are the same at every scale. `until`: the last
    day of them, in days before today; None for as long as one can sign. `withdrawn`: so many of
    them are taken back. `areas`: code → weight, where the rules count by area; `classes`: counting
    class → share of the signatories (0 to 1). `least`: never fewer than these, however small the scale.
    """

    total: int
    shape: Shape = QUIET
    until: int | None = None
    withdrawn: int = 0
    areas: Mapping[str, int] = field(default_factory=dict)
    classes: Mapping[str, float] = field(default_factory=dict)
    least: int = LEAST


@dataclass(frozen=True, slots=True)
class Life:
    """A story with its acts in order of time (instants, UTC)."""

    story: Story
    acts: tuple[tuple[datetime, Act], ...]
    gathering: Gathering | None = None
