"""The order in which people look a name up: accents, case and joining marks do not part neighbours.

It serves the languages of the interface, whose dictionaries order letters by their base; numbers
stand by their value.
"""

from __future__ import annotations

import re

from petitions.domain.text import LIGATURES, folded

_ELISION = re.compile(r"['’]")
_PART = re.compile(r"\d+|[^\W\d]+")
_NUMBER, _WORD = 0, 1

Order = tuple[tuple[tuple[int, int, str], ...], str]


def as_listed(name: str) -> Order:
    """A key for `sorted`: word by word, a number before a word; the name as written decides last."""
    parts = _PART.findall(_ELISION.sub("", folded(name).translate(LIGATURES)))
    ranked = tuple(
        (_NUMBER, int(part), "") if part.isdecimal() else (_WORD, 0, part) for part in parts
    )
    return ranked, name
