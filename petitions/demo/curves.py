"""How many people sign on which day: curves like those of real petitions. Pure.

Public readings of parliamentary petitions show the same shape again and again: a slow start among
friends, a leap when the press or an association reports, half of the total within days of it, a long
tail, fewer signatures at weekends, a little more before the last day.
"""

from __future__ import annotations

import hashlib
import math
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta

_SATURDAY, _SUNDAY = 5, 6
_WEEKEND = {_SATURDAY: 0.74, _SUNDAY: 0.66}
_LAST_RUSH = {0: 1.7, 1: 1.4, 2: 1.15}
"""By days left: reminders go out."""


@dataclass(frozen=True, slots=True)
class Peak:
    """A report in the press `day` days after publication.

    `weight` against the steady flow of one day (1.0); half of the extra is gone after `half` days.
    """

    day: int
    weight: float
    half: float = 2.5


@dataclass(frozen=True, slots=True)
class Shape:
    """`launch` is what the author's own circle adds at first; `tail` is the steady flow at the end."""

    launch: float = 3.0
    tail: float = 0.5
    peaks: tuple[Peak, ...] = ()


QUIET = Shape()


def weight(shape: Shape, age: int, day: date, key: str) -> float:
    """The pull of one day, `age` days after publication (0: the day itself), always positive."""
    steady = shape.tail + (1 - shape.tail) * math.exp(-age / 30)
    launch = shape.launch * float(0.5 ** (age / 3))
    pressed = sum(_pull(peak, age) for peak in shape.peaks)
    return (steady + launch + pressed) * _WEEKEND.get(day.weekday(), 1.0) * _noise(key, age)


def _pull(peak: Peak, age: int) -> float:
    if age < peak.day - 1:
        return 0.0
    if age == peak.day - 1:
        return peak.weight * 0.25  # the evening before: the article is announced
    return peak.weight * float(0.5 ** ((age - peak.day) / peak.half))


def _noise(key: str, age: int) -> float:
    """Between 0.75 and 1.3, the same at every run: no two days are alike."""
    drawn = hashlib.blake2b(f"{key}/{age}".encode(), digest_size=4).digest()
    return 0.75 + 0.55 * int.from_bytes(drawn, "big") / 2**32


def spread(
    total: int,
    first: date,
    days: int,
    shape: Shape,
    key: str,
    *,
    share_of_last: float = 1.0,
    last_day: date | None = None,
) -> list[int]:
    """New signatures for each of `days` days from `first`; they add up to `total` exactly.

    `share_of_last`: how much of the last day has passed. `last_day` of the window, where known.
    """
    weights = []
    for age in range(days):
        day = first + timedelta(days=age)
        pull = weight(shape, age, day, key)
        if last_day is not None:
            pull *= _LAST_RUSH.get((last_day - day).days, 1.0)
        weights.append(pull)
    if weights:
        weights[-1] *= share_of_last
        weights[0] *= 0.5  # published in the course of the day
    return _portions(total, weights)


def _portions(total: int, weights: Sequence[float]) -> list[int]:
    """Whole numbers in proportion; what rounding takes from one day it gives to the next."""
    whole, passed, given = sum(weights), 0.0, 0
    found = []
    for each in weights:
        passed += each
        upto = round(total * passed / whole) if whole else 0
        found.append(upto - given)
        given = upto
    if found:
        found[-1] += total - given
    return found
