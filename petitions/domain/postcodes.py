"""From a postcode to an area, by the operator's table. Pure: it reads no file and keeps no postcode."""

from __future__ import annotations

import csv
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

_NOISE = re.compile(r"[\s.-]+")


class PostcodesError(ValueError):
    """The operator's table cannot be used; the sentence names the line."""


@dataclass(frozen=True, slots=True)
class Postcodes:
    """Beginning of a postcode, without blanks, in capitals → area code."""

    areas: Mapping[str, str]

    def area(self, written: str) -> str | None:
        """The area of the longest beginning that the table knows; None where it knows none."""
        code = plain_postcode(written)
        starts = (code[:length] for length in range(len(code), 0, -1))
        return next((self.areas[start] for start in starts if start in self.areas), None)


def plain_postcode(written: str) -> str:
    return _NOISE.sub("", written[:20]).upper()


def read_postcodes(lines: Iterable[str], known: Iterable[str]) -> Postcodes:
    """Lines `postcode,area`, a heading allowed; PostcodesError at an area that `known` lacks."""
    codes = frozenset(known)
    found: dict[str, str] = {}
    for number, row in enumerate(csv.reader(lines), 1):
        if not row or (number == 1 and row[:2] == ["postcode", "area"]):
            continue
        if len(row) != 2 or not plain_postcode(row[0]):
            raise PostcodesError(f"line {number}: must be a postcode and an area")
        area = row[1].strip()
        if area not in codes:
            raise PostcodesError(f"line {number}: '{area}' is no area of the table")
        if found.setdefault(plain_postcode(row[0]), area) != area:
            raise PostcodesError(f"line {number}: '{row[0]}' stands for two areas")
    if not found:
        raise PostcodesError("the table is empty")
    return Postcodes(found)
