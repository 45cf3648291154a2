"""How alike two petitions are, from 0 to 1. Pure; the same number on every database.

Five views of two texts, each a share from 0 to 1, and their weighted mean. The weights are whole numbers
found on one half of 210 petitions that a parliament refused as duplicates, and judged on the other
(docs/benchmarks.md). A word counts by how rare it is; a word of which that is not known counts as a
fairly rare one, which measures as good as knowing.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache

from admissibility.checks.signal import Part, PetitionText, Severity, Signal, Span
from petitions.storage.word_forms import form, meaningful

# From here on a clerk compares the two texts; from the second on they are near-identical.
ALIKE = 0.4
SAME = 0.8
RARITY = 6.0
"""Of a word that nobody counted: as if one text in four hundred had it."""
_COVERED, _SPELT, _COVERING, _TITLES, _WHOLE, _BODIES = 3, 2, 1, 1, 4, 4
_BODY_FULL = 0.5
"""Two long texts that share half of what they say are one text in other words."""


@dataclass(frozen=True, slots=True)
class Stems:
    """A petition as the stems of its parts, in their order."""

    title: tuple[str, ...]
    body: tuple[str, ...] = ()
    """Request and reasons."""

    @property
    def all(self) -> frozenset[str]:
        return frozenset(self.title) | frozenset(self.body)


@dataclass(frozen=True, slots=True)
class Asked:
    """The text that others are compared with. `words`: stem → the word as its author wrote it."""

    stems: Stems
    words: Mapping[str, str]
    rarity: Mapping[str, float] = field(default_factory=dict)
    trigrams: frozenset[str] = frozenset()


def asked(title: str, body: str, language: str, rarity: Mapping[str, float] | None = None) -> Asked:
    said = [meaningful(part, language) for part in (title, body)]
    stems = Stems(*(tuple(form(word, language) for word in part) for part in said))
    words = {form(word, language): word for part in reversed(said) for word in reversed(part)}
    return Asked(stems, words, rarity or {}, trigrams(stems.title))


def rarity(texts: int, having: int) -> float:
    """Weight of a word that `having` of `texts` texts have (inverse document frequency, BM25's)."""
    return math.log(1 + (texts - having + 0.5) / (having + 0.5)) if texts > having else 0.1


def trigrams(words: Sequence[str]) -> frozenset[str]:
    """Trigrams of each word with two spaces before and one after (as PostgreSQL's pg_trgm does)."""
    return frozenset().union(*map(_trigrams, words))


@lru_cache(maxsize=100_000)
def _trigrams(word: str) -> frozenset[str]:
    padded = f"  {word} "
    return frozenset(padded[i : i + 3] for i in range(len(padded) - 2))


@dataclass(frozen=True, slots=True)
class Likeness:
    score: float
    common: frozenset[str]
    """Stems that both texts have."""
    one: Asked

    @property
    def shared(self) -> tuple[str, ...]:
        """Words of the text asked about that the other has too, the telling ones first."""
        known = self.one.rarity
        ordered = sorted(self.common, key=lambda stem: (-known.get(stem, RARITY), stem))
        return tuple(self.one.words[stem] for stem in ordered)


def likeness(one: Asked, other: Stems) -> Likeness:
    """How alike a petition is to the text asked about, and by which words."""
    return Comparison(one).to(other)


class Comparison:
    """One text, weighed once, beside hundreds of others for one page."""

    def __init__(self, one: Asked) -> None:
        self.one = one
        self._mine, self._title = one.stems.all, frozenset(one.stems.title)
        self._body = frozenset(one.stems.body)
        self._worth = {stem: one.rarity.get(stem, RARITY) for stem in self._mine}
        self._whole_sum, self._title_sum = self._sum(self._mine), self._sum(self._title)
        self._body_sum = self._sum(self._body)

    def to(self, other: Stems) -> Likeness:
        their_title, their_body = frozenset(other.title), frozenset(other.body)
        theirs = their_title | their_body
        common, titles = self._mine & theirs, self._title & their_title
        title_there, covered = self._sum(self._title & theirs), self._sum(common & their_title)
        their_title_sum = covered + RARITY * (len(their_title) - len(common & their_title))
        parts = [
            (_COVERED, _share(title_there, self._title_sum)),
            (_SPELT, _dice(self.one.trigrams, trigrams(other.title))),
            (_COVERING, _share(covered, their_title_sum)),
            (_TITLES, _cosine(self._sum(titles), self._title_sum, their_title_sum)),
        ]
        if self._body and their_body:
            whole = self._full(common, theirs, self._sum(common), self._whole_sum)
            said = self._sum(self._body & their_body)
            bodies = self._full(common & their_body, their_body, said, self._body_sum)
            parts += [(_WHOLE, whole), (_BODIES, bodies)]
        total = sum(share * value for share, value in parts) / sum(share for share, _ in parts)
        return Likeness(round(total, 4), common, self.one)

    def _sum(self, stems: frozenset[str]) -> float:
        """Of stems that the text asked about has; any other word counts `RARITY`."""
        return sum(map(self._worth.__getitem__, stems))

    def _full(
        self, known: frozenset[str], theirs: frozenset[str], said: float, own: float
    ) -> float:
        """How nearly two long texts are one, from what they say alike (`said`)."""
        other = self._sum(known) + RARITY * (len(theirs) - len(known))
        return min(1.0, _cosine(said, own, other) / _BODY_FULL)


def _share(common: float, whole: float) -> float:
    return common / whole if common else 0.0


def _cosine(common: float, one: float, other: float) -> float:
    return common / math.sqrt(one * other) if common else 0.0


def _dice(one: frozenset[str], other: frozenset[str]) -> float:
    if not one or not other:
        return 0.0
    return 2 * len(one & other) / (len(one) + len(other))


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
