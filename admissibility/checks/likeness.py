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

from admissibility.checks.signal import Part, PetitionText, Severity, Signal, Span
from petitions.domain.text import folded as folded  # noqa: PLC0414 - asked for here by the desk's search
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
    return frozenset(
        padded[i : i + 3]
        for word in words
        for padded in (f"  {word} ",)
        for i in range(len(padded) - 2)
    )


@dataclass(frozen=True, slots=True)
class Likeness:
    score: float
    shared: tuple[str, ...]
    """Words of the text asked about that the other has too, the telling ones first."""


def likeness(one: Asked, other: Stems) -> Likeness:
    """How alike a petition is to the text asked about, and by which words."""
    weigh = _Scales(one.rarity)
    titles, other_titles = frozenset(one.stems.title), frozenset(other.title)
    mine, theirs = one.stems.all, other.all
    parts = [
        (_COVERED, weigh.covered(titles, theirs)),
        (_SPELT, _dice(one.trigrams, trigrams(other.title))),
        (_COVERING, weigh.covered(other_titles, mine)),
        (_TITLES, weigh.cosine(titles, other_titles)),
    ]
    if one.stems.body and other.body:
        bodies = weigh.cosine(frozenset(one.stems.body), frozenset(other.body))
        parts += [
            (_WHOLE, min(1.0, weigh.cosine(mine, theirs) / _BODY_FULL)),
            (_BODIES, min(1.0, bodies / _BODY_FULL)),
        ]
    total = sum(share * value for share, value in parts) / sum(share for share, _ in parts)
    shared = sorted(mine & theirs, key=lambda stem: (-weigh.of(stem), stem))
    return Likeness(round(total, 4), tuple(one.words[stem] for stem in shared))


class _Scales:
    def __init__(self, rarity: Mapping[str, float]) -> None:
        self._rarity = rarity
        self._known = frozenset(rarity)

    def of(self, stem: str) -> float:
        return self._rarity.get(stem, RARITY)

    def _sum(self, stems: frozenset[str]) -> float:
        # hundreds of texts are weighed for one page: what can be done on whole sets is
        counted = self._known & stems
        known = sum(map(self._rarity.__getitem__, counted))
        return known + RARITY * (len(stems) - len(counted))

    def covered(self, wanted: frozenset[str], there: frozenset[str]) -> float:
        common = self._sum(wanted & there)
        return common / self._sum(wanted) if common else 0.0

    def cosine(self, one: frozenset[str], other: frozenset[str]) -> float:
        common = self._sum(one & other)
        return common / math.sqrt(self._sum(one) * self._sum(other)) if common else 0.0


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
