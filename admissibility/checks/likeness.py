"""How alike two petitions are, from 0 to 1. Pure; the same number on every database.

Half of the score is character trigrams, which forgive endings and spelling; half is words, each
weighted by its length, which forgive order. The title counts for six tenths, the request for four.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from admissibility.checks.signal import Part, PetitionText, Severity, Signal, Span

TITLE_WEIGHT = 0.6
# From here on a clerk compares the two texts; from the second on they are near-identical.
ALIKE = 0.45
SAME = 0.8

_STOP = (
    "a an and are as at be by for from has have in into is it its more no not of on or our "
    "should stop that the their this to we with "
    "au aux avec ce ces dans de des du en est et être il la le les leur ne nos notre nous ou "
    "par pas plus pour que qui sa se ses son sur tous tout un une "
    "aan bij dat de der die een en het in is met naar niet of om ons op te tot uit van voor "
    "auf aus bei das dem den des die ein eine für im ist mit nicht oder sich und von wir zu zur"
)
_WORD = re.compile(r"[^\W_]+")


def folded(text: str) -> str:
    """Lower case without accents: "Écoles" and "ecoles" are one word."""
    decomposed = unicodedata.normalize("NFKD", text.casefold())
    return "".join(letter for letter in decomposed if not unicodedata.combining(letter))


def terms(text: str) -> tuple[str, ...]:
    """Words that carry meaning, folded, in order of appearance, each once."""
    words = (word for word in _WORD.findall(folded(text)) if len(word) > 1)
    return tuple(dict.fromkeys(word for word in words if word not in _FOLDED_STOP))


_FOLDED_STOP = frozenset(folded(word) for word in _STOP.split())


def trigrams(words: Sequence[str]) -> frozenset[str]:
    """Trigrams of each word with two spaces before and one after (as PostgreSQL's pg_trgm does)."""
    return frozenset(
        padded[i : i + 3]
        for word in words
        for padded in (f"  {word} ",)
        for i in range(len(padded) - 2)
    )


def _dice(one: frozenset[str], other: frozenset[str]) -> float:
    if not one or not other:
        return 0.0
    return 2 * len(one & other) / (len(one) + len(other))


def _overlap(one: Sequence[str], other: Sequence[str]) -> float:
    """Weighted words in common; a word also matches one that shares a stem of five letters."""
    weight = sum(map(len, one)) + sum(map(len, other))
    if not one or not other:
        return 0.0
    stems_one, stems_other = {word[:5] for word in one}, {word[:5] for word in other}
    common = sum(len(word) for word in one if word[:5] in stems_other)
    return (common + sum(len(word) for word in other if word[:5] in stems_one)) / weight


def likeness(one: str, other: str) -> float:
    """Likeness of two short texts, 0 to 1."""
    left, right = terms(one), terms(other)
    return (_dice(trigrams(left), trigrams(right)) + _overlap(left, right)) / 2


REQUEST_SPAN = 600
"""Characters of a request that are compared: what is asked stands first, and the cost is bounded."""


def score(title: str, request: str, other_title: str, other_request: str) -> float:
    """Likeness of two petitions. Without both requests the titles alone decide."""
    titles = likeness(title, other_title)
    request, other_request = request[:REQUEST_SPAN], other_request[:REQUEST_SPAN]
    if not request.strip() or not other_request.strip():
        return round(titles, 4)
    whole = TITLE_WEIGHT * titles + (1 - TITLE_WEIGHT) * likeness(request, other_request)
    # An author who writes one sentence puts the request in the title: take the kinder reading.
    crossed = 0.9 * likeness(f"{title} {request}", f"{other_title} {other_request}")
    return round(max(whole, crossed), 4)


@dataclass(frozen=True, slots=True)
class Neighbour:
    """A petition that came out alike, reduced to what a signal names."""

    ref: str
    open: bool
    score: float


def signals(text: PetitionText, neighbours: Sequence[Neighbour]) -> Iterator[Signal]:
    """Signals near_identical (names the first) and similar_open, similar_closed (counts)."""
    same = [other for other in neighbours if other.score >= SAME]
    alike = [other for other in neighbours if ALIKE <= other.score < SAME]
    title = (Span(Part.TITLE, 0, len(text.title)),)
    if same:
        best = max(same, key=lambda other: other.score)
        yield Signal("near_identical", Severity.WARNING, {"ref": best.ref}, title)
    opened = sum(other.open for other in alike)
    if opened:
        yield Signal("similar_open", Severity.NOTICE, {"petitions": opened})
    if len(alike) > opened:
        yield Signal("similar_closed", Severity.NOTICE, {"petitions": len(alike) - opened})
