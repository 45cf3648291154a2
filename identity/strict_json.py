"""JSON as signatures deserve it: one meaning per text.

Two parsers that pick different values of a repeated name see two different claims under one
signature; `NaN` and `Infinity` pass a naive comparison of times.
"""

from __future__ import annotations

import json
import math
from typing import Any


def _no_repeats(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise ValueError("a name is repeated")
    return found


def _no_constant(name: str) -> float:
    raise ValueError(f"{name} is not JSON")


def _finite(text: str) -> float:
    number = float(text)
    if not math.isfinite(number):
        raise ValueError("a number is out of range")
    return number


def loads_object(text: bytes) -> dict[str, Any]:
    """One JSON object in UTF-8. ValueError for anything else, repeated names, endless numbers."""
    try:
        found = json.loads(
            text.decode("utf-8"),
            object_pairs_hook=_no_repeats,
            parse_constant=_no_constant,
            parse_float=_finite,
        )
    except RecursionError as error:
        raise ValueError("nested too deeply") from error
    if not isinstance(found, dict):
        raise ValueError("not an object")  # noqa: TRY004 - callers know one kind of refusal
    return found


def is_moment(value: object) -> bool:
    """A NumericDate: a finite number, no boolean (in Python `True` is the number 1)."""
    return isinstance(value, int | float) and not isinstance(value, bool) and math.isfinite(value)
