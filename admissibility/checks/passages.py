"""Cut a text into runs, so that a page can mark what signals point at. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import pairwise

from admissibility.checks.signal import Part, Signal


@dataclass(frozen=True, slots=True)
class Run:
    """A stretch of text and the codes of the signals that point at it (none: plain text)."""

    text: str
    codes: tuple[str, ...] = ()


def marked(text: str, part: Part, signals: Iterable[Signal]) -> Iterator[Run]:
    """Runs in reading order; joined they are the text again. Whole-part spans are left out."""
    spans = [
        (span.start, span.end, signal.code)
        for signal in signals
        for span in signal.spans
        if span.part is part and 0 <= span.start < span.end <= len(text)
        if not (span.start == 0 and span.end == len(text))
    ]
    cuts = sorted({0, len(text), *(s for s, _, _ in spans), *(e for _, e, _ in spans)})
    for start, end in pairwise(cuts):
        codes = dict.fromkeys(code for s, e, code in spans if s <= start and end <= e)
        yield Run(text[start:end], tuple(codes))
