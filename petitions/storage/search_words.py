"""What somebody typed into the search box, understood: phrases, stems, beginnings, slips. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from petitions.storage.word_forms import form, forms, says_nothing, words

_QUOTED = re.compile(r'["“„«]([^"“”„«»]*)["”“»]')
WORDS_MAX, PHRASES_MAX = 8, 3
BEGINNING = 3
"""Letters from which a last word is also read as the beginning of one."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """`words` as typed and folded; the last one may be unfinished. `phrases`: in quotation marks."""

    words: tuple[str, ...] = ()
    phrases: tuple[str, ...] = ()
    unfinished: str = ""

    def __bool__(self) -> bool:
        return bool(self.words or self.phrases)


def understood(typed: str, *languages: str) -> Wanted:
    """Words that say nothing (in one of the languages) are left out, unless there are no others."""
    phrases = tuple(found for found in _QUOTED.findall(typed) if words(found))[:PHRASES_MAX]
    loose = words(_QUOTED.sub(" ", typed))
    telling = [word for word in loose if not any(says_nothing(word, each) for each in languages)]
    if not telling and not phrases:
        telling = loose
    once = tuple(dict.fromkeys(telling))[:WORDS_MAX]
    last = loose[-1] if loose and typed.rstrip() == typed.rstrip('"”» ') else ""
    unfinished = last if last in once and len(last) >= BEGINNING else ""
    return Wanted(once, phrases, unfinished)


def alternatives(
    wanted: Wanted, languages: Sequence[str], completed: Iterable[str] = ()
) -> list[list[str]]:
    """Parts that must all be met, each by one of its alternatives (see `search_match.meets`).

    `completed`: stems of words that begin with the unfinished one.
    """
    parts = [sorted({" ".join(forms(each, lang)) for lang in languages}) for each in wanted.phrases]
    for word in wanted.words:
        found = {form(word, lang) for lang in languages}
        if word == wanted.unfinished:
            begun = {each for each in (*found, *completed) if each.startswith(word)}
            found = (found | {f"{word}*", *completed}) - begun
        parts.append(sorted(found))
    return [kept for part in parts if (kept := [each for each in part if each])]


def slip(typed: str, known: Iterable[tuple[str, int]]) -> str:
    """The known word (with its frequency) that somebody meant who typed another; "" if none is near.

    One slip in a short word, two in a longer one; the first letter is right.
    """
    if len(typed) < 4:
        return ""
    most = 1 if len(typed) < 7 else 2
    near = [
        (slips, -texts, word)
        for word, texts in known
        if word != typed and (slips := distance(typed, word, most)) <= most
    ]
    return min(near)[2] if near else ""


def distance(one: str, other: str, most: int) -> int:
    """Letters to change, add, leave out or swap with their neighbour; `most` + 1 where it is more."""
    if abs(len(one) - len(other)) > most:
        return most + 1
    before: list[int] = []
    row = list(range(len(other) + 1))
    for i, letter in enumerate(one, 1):
        last, before, row = before, row, [i]
        for j, their in enumerate(other, 1):
            cost = min(before[j] + 1, row[j - 1] + 1, before[j - 1] + (letter != their))
            if i > 1 and j > 1 and letter == other[j - 2] and one[i - 2] == their:
                cost = min(cost, last[j - 2] + 1)
            row.append(cost)
        if min(row) > most:
            return most + 1
    return row[-1]
