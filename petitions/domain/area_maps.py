"""Which figures by area may be shown, so that no figure tells of one person. Pure.

Why: with exact daily counts, most signatures of a small petition were alone in their area on their
day. Hence one map a day, none before 500 valid signatures, whole tens, small figures hidden, never
one hidden area alone, and no published figure ever falls (a step down would show a withdrawal).
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import date
from uuid import UUID

LEAST_VALID = 500
"""Valid signatures before the first map."""
STEP = 10
LEAST_ELECTORS = 5_000
ELECTORS = "electors"
"""Column of an area table with the electors of each area, where it has one."""
DAY_ZERO = date(1970, 1, 1)


def figures(
    counts: Mapping[str, int],
    areas: Mapping[str, Mapping[str, int]],
    before: Mapping[str, int],
    area_min: int,
) -> dict[str, int]:
    """Area code → figure in whole tens; 0 stands for "under the smallest figure".

    `areas`: every area of the table with its columns; those under 5,000 electors are never told.
    `before`: the figures of the map before this one.
    """
    told = {}
    for area, columns in areas.items():
        number = counts.get(area, 0)
        small = columns.get(ELECTORS, LEAST_ELECTORS) < LEAST_ELECTORS
        shown = 0 if small or number < max(STEP, area_min) else number - number % STEP
        told[area] = max(shown, before.get(area, 0))
    hidden = [area for area, number in told.items() if not number]
    if len(hidden) == 1:  # it could be computed from the others and the total
        free = [area for area, number in told.items() if number and not before.get(area)]
        if not free:  # every other figure is out already, and may not be taken back
            return dict(before)
        told[min(free, key=lambda area: (told[area], area))] = 0
    return told


def hidden_words(area_min: int) -> str:
    """What a map says instead of a small figure."""
    return f"under {max(STEP, area_min)}"


def map_file(
    petition: UUID, day: date, invalid: int, told: Mapping[str, int], area_min: int
) -> bytes:
    """The exact bytes whose hash a GEO entry carries."""
    content = {
        "petition": str(petition),
        "day": day.isoformat(),
        "invalid": invalid,
        "areas": {area: number or hidden_words(area_min) for area, number in told.items()},
    }
    return json.dumps(content, sort_keys=True, indent=1).encode() + b"\n"


def days_since_epoch(day: date) -> int:
    return (day - DAY_ZERO).days
