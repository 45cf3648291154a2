"""Bars over months, drawn on the server as SVG: one series a drawing, no colours to tell apart.

As in `charts`: positions are attributes, text keeps its size, and a table below says the same.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from petitions.web.charts import nice_top

_AXIS = 88.0
"""Part of the height, in percent, that the tallest bar fills; the months stand below."""
_FILLED = 0.7
_MOST_LABELS = 6


@dataclass(frozen=True, slots=True)
class Bar:
    """Places in percent of the drawing. `label` is empty where it would touch its neighbour."""

    x: str
    y: str
    width: str
    height: str
    middle: str
    label: str
    value: str


@dataclass(frozen=True, slots=True)
class Bars:
    title: str
    bars: tuple[Bar, ...]
    ticks: tuple[tuple[str, str], ...]
    """(height, words) of the lines of the scale."""


def draw(
    title: str, months: Sequence[tuple[str, float | None, str]], top_words: Sequence[str] = ()
) -> Bars | None:
    """`months`: (label, value or None where there is none, the value in words). None: nothing to draw.

    `top_words`: what the lines at none, half and the top say; a share passes its own three.
    """
    known = [value for _label, value, _words in months if value is not None]
    if not known or max(known) <= 0:
        return None
    top = 1.0 if top_words else float(nice_top(whole_above(max(known))))
    slot, every = 100 / len(months), -(-len(months) // _MOST_LABELS)
    bars = []
    for number, (label, value, words) in enumerate(months):
        tall = _AXIS * min(value or 0.0, top) / top
        bars.append(
            Bar(
                x=_percent(number * slot + slot * (1 - _FILLED) / 2),
                y=_percent(_AXIS - tall),
                width=_percent(slot * _FILLED),
                height=_percent(tall),
                middle=_percent(number * slot + slot / 2),
                label=label if number % every == 0 else "",
                value=words,
            )
        )
    lines = top_words or ("0", f"{top / 2:g}", f"{top:g}")
    heights = (_AXIS, _AXIS / 2, 0.0)
    ticks = tuple(zip((_percent(height) for height in heights), lines, strict=True))
    return Bars(title, tuple(bars), ticks)


def whole_above(value: float) -> int:
    """The whole number at or above a value."""
    return -int(-value // 1)


def _percent(share: float) -> str:
    return f"{share:.2f}%"
