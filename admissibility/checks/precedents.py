"""What became of petitions that are alike: refused lately, or barring this one for a time. Pure.

The rules bar a second petition on the same subject only where somebody finds that the subject is the
same; that they are alike is a reason to look, not that finding.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date

from admissibility.checks.likeness import ALIKE
from admissibility.checks.signal import Severity, Signal


@dataclass(frozen=True, slots=True)
class Precedent:
    """A petition that is alike. `bars`: it would bar this one, if the subject is the same; `through`:
    last day of that, None as long as it is open.
    """

    ref: str
    score: float
    refused: bool = False
    bars: bool = False
    through: date | None = None


def signals(precedents: Sequence[Precedent]) -> Iterator[Signal]:
    """Signals cool_down (the most alike that bars), bars_while_open, refused_before."""
    alike = sorted((x for x in precedents if x.score >= ALIKE), key=lambda each: -each.score)
    barring = [each for each in alike if each.bars]
    for each in barring[:1]:
        facts: dict[str, str | int] = {"ref": each.ref}
        if each.through is not None:
            facts["day"] = each.through.isoformat()
        yield Signal("cool_down" if each.through else "bars_while_open", Severity.WARNING, facts)
    refused = [each for each in alike if each.refused]
    if refused:
        facts = {"ref": refused[0].ref, "petitions": len(refused)}
        yield Signal("refused_before", Severity.NOTICE, facts)


@dataclass(frozen=True, slots=True)
class SameHand:
    """Other petitions of the same author, as numbers."""

    all: int
    waiting: int


MANY = 3
"""From here on one author's petitions crowd the queue, and are best read together."""


def same_hand(found: SameHand) -> Iterator[Signal]:
    """Signal same_author."""
    if found.all:
        loud = Severity.WARNING if found.waiting >= MANY else Severity.NOTICE
        yield Signal("same_author", loud, {"petitions": found.all, "waiting": found.waiting})
