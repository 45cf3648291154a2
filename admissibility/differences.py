"""What differs between two texts, word by word. Pure; nothing is invented and nothing left out.

Sentences are aligned first, so that one that moved or grew does not drag the rest of the text along;
inside two sentences that belong together, words are compared. Joined again, what is the same and what
was taken out is the one text exactly; what is the same and what was put in is the other one.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from enum import StrEnum
from itertools import groupby, pairwise

_END = re.compile(r"[.!?…][\"'”’»)\]]*\s+|\n\s*")
_WORD = re.compile(r"\w+(?:['’]\w+)*|\s+|[^\w\s]")
BELONGS = 0.35
"""Two sentences that share this part of their words are two readings of one."""
MOST_SENTENCES = 400
MOST_WORDS = 1500
"""Beyond these a stretch is shown as replaced whole: comparing costs their product."""


class Kind(StrEnum):
    SAME = "same"
    OUT = "out"
    IN = "in"


@dataclass(frozen=True, slots=True)
class Piece:
    """A stretch of one text or of both."""

    kind: Kind
    text: str


@dataclass(frozen=True, slots=True)
class Row:
    """Sentences that belong together. `left`: of the one text; `right`: of the other."""

    left: tuple[Piece, ...]
    right: tuple[Piece, ...]

    @property
    def same(self) -> bool:
        return all(piece.kind is Kind.SAME for piece in (*self.left, *self.right))


def sentences(text: str) -> list[str]:
    """Sentences and line ends, with the white space behind them; joined they are the text."""
    cuts = [0, *(end.end() for end in _END.finditer(text)), len(text)]
    return [text[start:end] for start, end in pairwise(cuts) if start < end]


def words(text: str) -> list[str]:
    return _WORD.findall(text)


def pieces(old: str, new: str) -> tuple[Piece, ...]:
    """One running text with what was taken out and put in, in reading order."""
    return tuple(_joined(_pieces(old, new)))


def rows(old: str, new: str) -> tuple[Row, ...]:
    """The two texts side by side, sentence by sentence."""
    return tuple(_rows(old, new))


def changed(old: str, new: str) -> int:
    """How many words were put in or taken out."""
    found = (piece for piece in pieces(old, new) if piece.kind is not Kind.SAME)
    return sum(len(piece.text.split()) for piece in found)


def alike(old: str, new: str) -> float:
    """The part of the words of both that stands on both sides, in the same order; 0 to 1."""
    all_words = len(old.split()) + len(new.split())
    return 1 - changed(old, new) / all_words if all_words else 1.0


def _rows(old: str, new: str) -> Iterator[Row]:
    for left, right in _aligned(sentences(old), sentences(new)):
        found = tuple(_joined(_words_compared(left, right)))
        yield Row(
            tuple(_joined(piece for piece in found if piece.kind is not Kind.IN)),
            tuple(_joined(piece for piece in found if piece.kind is not Kind.OUT)),
        )


def _pieces(old: str, new: str) -> Iterator[Piece]:
    for left, right in _aligned(sentences(old), sentences(new)):
        yield from _words_compared(left, right)


def _aligned(old: Sequence[str], new: Sequence[str]) -> Iterator[tuple[str, str]]:
    """Pairs of stretches, in order; "" where one text has nothing to set against the other."""
    if max(len(old), len(new)) > MOST_SENTENCES:
        yield "".join(old), "".join(new)
        return
    matcher = SequenceMatcher(None, [each.strip() for each in old], [e.strip() for e in new], False)
    for tag, a, b, c, d in matcher.get_opcodes():
        if tag == "equal":
            yield from zip(old[a:b], new[c:d], strict=True)
        else:
            yield from _paired(old[a:b], new[c:d])


def _paired(old: Sequence[str], new: Sequence[str]) -> Iterator[tuple[str, str]]:
    """Of two blocks that differ, the sentences that are two readings of one, in order."""
    start = 0
    # One against one in the same place needs less in common to be read as one that was rewritten.
    least = BELONGS / 2 if len(old) == len(new) == 1 else BELONGS
    for sentence in old:
        places = range(start, min(len(new), start + 12))
        best = max(places, key=lambda place: _shared(sentence, new[place]), default=-1)
        if best < 0 or _shared(sentence, new[best]) < least:
            yield sentence, ""
            continue
        for skipped in new[start:best]:
            yield "", skipped
        yield sentence, new[best]
        start = best + 1
    for left in new[start:]:
        yield "", left


def _shared(one: str, other: str) -> float:
    left, right = set(one.casefold().split()), set(other.casefold().split())
    if not left or not right:
        return 0.0
    return 2 * len(left & right) / (len(left) + len(right))


def _words_compared(old: str, new: str) -> Iterator[Piece]:
    one, other = words(old), words(new)
    if old == new or not old or not new or max(len(one), len(other)) > MOST_WORDS:
        if old == new:
            yield Piece(Kind.SAME, old)
            return
        yield Piece(Kind.OUT, old)
        yield Piece(Kind.IN, new)
        return
    matcher = SequenceMatcher(None, one, other, False)
    for tag, a, b, c, d in _readable(one, matcher.get_opcodes()):
        if tag == "equal":
            yield Piece(Kind.SAME, "".join(one[a:b]))
        else:
            yield Piece(Kind.OUT, "".join(one[a:b]))
            yield Piece(Kind.IN, "".join(other[c:d]))


Opcode = tuple[str, int, int, int, int]


def _readable(one: Sequence[str], opcodes: Iterable[Opcode]) -> Iterator[Opcode]:
    """A lone space or comma between two changes joins them: five scraps read worse than one change."""
    kept: list[Opcode] = []
    for tag, a, b, c, d in opcodes:
        scrap = tag == "equal" and not any(word[0].isalnum() for word in one[a:b])
        kept.append(("scrap" if scrap else tag, a, b, c, d))
    for place, (tag, *spans) in enumerate(kept):
        if tag == "scrap":
            inside = 0 < place < len(kept) - 1
            a, b, c, d = spans
            kept[place] = ("replace" if inside else "equal", a, b, c, d)
    for equal, group in groupby(kept, key=lambda each: each[0] == "equal"):
        run = list(group)
        yield ("equal" if equal else "replace", run[0][1], run[-1][2], run[0][3], run[-1][4])


def _joined(found: Iterable[Piece]) -> Iterator[Piece]:
    """Neighbours of one kind as one piece; empty ones are left out."""
    for kind, group in groupby((each for each in found if each.text), key=lambda each: each.kind):
        yield Piece(kind, "".join(each.text for each in group))
