"""What a form was made from, so that a later save in another tab is never overwritten unseen. Pure.

A form carries a mark: when its page was made, and a digest of each stored field that it showed. The
mark is stored nowhere. Field by field it tells what was changed in this form and what was changed
elsewhere since; two forms on different fields never disturb each other, and saving the same words
twice changes nothing, so it is never refused.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Self

_LABEL = "petition-draft-shown/v1"
_MARK = re.compile(r"([0-9]{1,11})((?:\.[\w-]+=[0-9a-f]{16})*)", re.ASCII)
_LONGEST = 4000
"""Characters: some forty fields, more than any form has."""

Fields = Mapping[str, str]
"""Field name → what is stored in it; "" where nothing is."""


def digest(name: str, value: str) -> str:
    """64 bits of SHA-256 in hexadecimal: it tells two saves of one author apart, and proves nothing."""
    written = f"{_LABEL}\n{name}\n{value}".encode("utf-8", "surrogatepass")
    return hashlib.sha256(written).hexdigest()[:16]


@dataclass(frozen=True, slots=True)
class Shown:
    """The mark of a form. `at`: seconds since the epoch; `digests`: field name → digest."""

    at: int
    digests: Mapping[str, str] = field(default_factory=dict)

    @classmethod
    def of(cls, at: int, fields: Fields) -> Self:
        return cls(at, {name: digest(name, fields[name]) for name in sorted(fields)})

    @classmethod
    def parse(cls, text: str) -> Self | None:
        """None for anything that this site did not write."""
        found = _MARK.fullmatch(text) if len(text) <= _LONGEST else None
        if found is None:
            return None
        pairs = (each.partition("=") for each in found[2].split(".")[1:])
        return cls(int(found[1]), {name: value for name, _, value in pairs})

    def __str__(self) -> str:
        return ".".join([str(self.at), *(f"{name}={each}" for name, each in self.digests.items())])

    def showed(self, name: str, value: str) -> bool:
        """Whether this stood in the field. A field without a digest stood empty."""
        return self.digests.get(name, digest(name, "")) == digest(name, value)


@dataclass(frozen=True, slots=True)
class Comparison:
    """A save laid beside what is stored. `mine`: fields that were changed in the form and are stored
    otherwise; `there`: those changed elsewhere alone; `unseen`: those whose words the save would
    replace although the form never showed them.
    """

    mine: tuple[str, ...]
    there: tuple[str, ...]
    unseen: tuple[str, ...]


def compare(shown: Shown | None, before: Fields, after: Fields) -> Comparison:
    """`before`, `after`: the stored fields around the save. A form without a mark showed nothing:
    it may fill what is empty, and replace nothing.
    """
    known = shown or Shown(0)
    names = dict.fromkeys([*before, *after])
    differ = [each for each in names if before.get(each, "") != after.get(each, "")]
    typed = [
        each for each in differ if shown is None or not known.showed(each, after.get(each, ""))
    ]
    return Comparison(
        mine=tuple(typed),
        there=tuple(each for each in differ if each not in typed),
        unseen=tuple(each for each in differ if not known.showed(each, before.get(each, ""))),
    )
