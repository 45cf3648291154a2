"""Verification by random sample (P12): how many lines, which ones, and what they say. Pure.

No float: a projection is compared with shares of the threshold exactly.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum
from fractions import Fraction

from petitions.domain.collecting import Sample


@dataclass(frozen=True, slots=True)
class Drawn:
    """One area's sample: `raw` lines received, of which `examined` were drawn and looked at."""

    raw: int
    examined: int
    valid: int
    duplicate: int

    def __post_init__(self) -> None:
        within = self.valid + self.duplicate <= self.examined <= self.raw
        if min(self.valid, self.duplicate) < 0 or not within:
            raise ValueError(
                "a sample holds no more than was drawn, and draws no more than there is"
            )
        if self.examined == 0 and self.raw > 0:
            raise ValueError("nothing was drawn")


class Verdict(StrEnum):
    FAILS = "fails"
    PASSES = "passes"
    FULL_COUNT = "full_count"


def sample_size(rule: Sample, raw: int) -> int:
    """max(floor, share × raw), rounded up, and never more than there is."""
    exact = rule.share * raw
    return min(raw, max(rule.floor, -(-exact.numerator // exact.denominator)))


def projection(drawn: Drawn) -> Fraction:
    """Raw × valid/sample − d × a(a−1) with a = raw/sample: a duplicate found stands for many unseen.

    Never below nought.
    """
    if drawn.examined == 0:
        return Fraction(0)
    a = Fraction(drawn.raw, drawn.examined)
    return max(Fraction(0), drawn.valid * a - drawn.duplicate * a * (a - 1))


def projected(samples: Iterable[Drawn]) -> int:
    """The sum over the areas, rounded down: nobody is counted who is not there."""
    total = sum((projection(each) for each in samples), Fraction(0))
    return total.numerator // total.denominator


def verdict(rule: Sample, number: int, threshold: int) -> Verdict:
    """Below `fail` no, above `pass` yes, between them every line is looked at."""
    if number < rule.fails * threshold:
        return Verdict.FAILS
    if number > rule.passes * threshold:
        return Verdict.PASSES
    return Verdict.FULL_COUNT


def lines_to_examine(seed: bytes, raw: int, size: int) -> tuple[int, ...]:
    """`size` distinct line numbers from 1 to `raw`, ascending, which anybody computes from `seed`.

    The seed must be made in public after the sheets were counted (dice, a drawing by lot): with one
    known before, lines could be placed. SHA-256 in counter mode, values that would favour small
    numbers are rejected.
    """
    if not 0 <= size <= raw:
        raise ValueError("a sample is no larger than what it is drawn from")
    limit = (1 << 64) - (1 << 64) % raw if raw else 0
    found: set[int] = set()
    counter = 0
    while len(found) < size:
        block = hashlib.sha256(b"petition/lines/v1" + seed + counter.to_bytes(8, "big")).digest()
        counter += 1
        number = int.from_bytes(block[:8], "big")
        if number < limit:
            found.add(number % raw + 1)
    return tuple(sorted(found))
