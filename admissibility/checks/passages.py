"""Cut a text into runs, so that a page can mark what signals point at. Pure."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import pairwise

from admissibility.checks.signal import Part, Signal

MARKS = 60
"""Passages marked for one signal: a page of a thousand marks shows nothing."""


@dataclass(frozen=True, slots=True)
class Run:
    """A stretch of text and the codes of the signals that point at it (none: plain text)."""

    text: str
    codes: tuple[str, ...] = ()
    numbers: tuple[int, ...] = ()
    """Places of these signals in the list, from 1."""
    first: tuple[int, ...] = ()
    """Those of them whose first passage this is: the list leads here."""


def marked(text: str, part: Part, signals: Iterable[Signal]) -> Iterator[Run]:
    """Runs in reading order; joined they are the text again. Whole-part spans are left out."""
    listed = list(signals)
    spans = [
        (span.start, span.end, number)
        for number, signal in enumerate(listed, start=1)
        for span in signal.spans[:MARKS]
        if span.part is part and 0 <= span.start < span.end <= len(text)
        if not (span.start == 0 and span.end == len(text))
    ]
    cuts = sorted({0, len(text), *(s for s, _, _ in spans), *(e for _, e, _ in spans)})
    first = {
        number: min(signal.spans) for number, signal in enumerate(listed, start=1) if signal.spans
    }
    for start, end in pairwise(cuts):
        here = {number: s for s, e, number in spans if s <= start and end <= e}
        yield Run(
            text[start:end],
            tuple(dict.fromkeys(listed[number - 1].code for number in here)),
            tuple(here),
            tuple(x for x in here if (first[x].part, first[x].start) == (part, start)),
        )


def visible(text: str) -> str:
    """The same text with what nobody can see named in its place: an override must not turn the
    clerk's own page round. Joiners between letters that join are left alone.
    """
    return "".join(
        f"\u27e8U+{ord(letter):04X}\u27e9" if _unseen(letter) else letter for letter in text
    )


def _unseen(letter: str) -> bool:
    if letter in "\n\t\u200c\u200d":
        return False
    return unicodedata.category(letter) in {"Cc", "Cf", "Co", "Cs", "Cn"}
