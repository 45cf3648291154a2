"""How far two colours stand apart: relative luminance and contrast ratio of WCAG 2.2. Pure.

The formulas are those of the definitions "relative luminance" and "contrast ratio" in WCAG 2.2, with
the threshold 0.04045 of IEC 61966-2-1 (WCAG prints 0.03928; no 8-bit colour lies between the two).
"""

from __future__ import annotations

import re
from dataclasses import dataclass

_HEX = re.compile(r"#([0-9a-fA-F]{3}|[0-9a-fA-F]{6})")
_RGB = re.compile(r"rgb\(\s*(\d{1,3})\s*[,\s]\s*(\d{1,3})\s*[,\s]\s*(\d{1,3})\s*\)")


@dataclass(frozen=True, slots=True)
class Colour:
    """Red, green and blue, 0 to 255 each."""

    red: int
    green: int
    blue: int


def colour(text: str) -> Colour | None:
    """`#rgb`, `#rrggbb` or `rgb(r, g, b)`; None for anything else (names, see-through colours)."""
    text = text.strip()
    if found := _HEX.fullmatch(text):
        digits = found[1] if len(found[1]) == 6 else "".join(each * 2 for each in found[1])
        return Colour(*(int(digits[place : place + 2], 16) for place in (0, 2, 4)))
    if found := _RGB.fullmatch(text):
        parts = [int(part) for part in found.groups()]
        return Colour(*parts) if max(parts) <= 255 else None
    return None


def luminance(shown: Colour) -> float:
    """0 for black to 1 for white."""
    red, green, blue = (_linear(part / 255) for part in (shown.red, shown.green, shown.blue))
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def _linear(part: float) -> float:
    return part / 12.92 if part <= 0.04045 else float(((part + 0.055) / 1.055) ** 2.4)


def contrast(one: Colour, other: Colour) -> float:
    """1 (the same) to 21 (black and white), in whatever order they are given."""
    darker, lighter = sorted((luminance(one), luminance(other)))
    return (lighter + 0.05) / (darker + 0.05)
