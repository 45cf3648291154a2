"""Classes of a map: areas by signatures per 10,000 inhabitants. Pure.

A map of counts shows where people live; a rate shows where they sign. Borders between classes are
round numbers with about as many areas in each, and are told beside the map.
"""

from __future__ import annotations

import math
from bisect import bisect_right
from collections.abc import Iterable, Sequence

PER = 10_000
CLASSES = 5


def rate(number: int, inhabitants: int) -> float | None:
    """Per 10,000 inhabitants; None where nobody lives."""
    return number * PER / inhabitants if inhabitants > 0 else None


def borders(rates: Iterable[float], classes: int = CLASSES) -> tuple[float, ...]:
    """Lower ends of the second and further classes, ascending; fewer where rates are alike."""
    ordered = sorted(rates)
    if not ordered:
        return ()
    found: list[float] = []
    for number in range(1, classes):
        border = _round(ordered[len(ordered) * number // classes])
        if ordered[0] < border <= ordered[-1] and (not found or border > found[-1]):
            found.append(border)
    return tuple(found)


def class_of(value: float, lower_ends: Sequence[float]) -> int:
    """0 for the first class."""
    return bisect_right(lower_ends, value)


def _round(value: float) -> float:
    """Two figures that people read: 13.47 → 13, 0.0268 → 0.027."""
    if value <= 0:
        return 0.0
    digits = 1 - math.floor(math.log10(value))
    return round(value, digits)
