"""A matter that seems to be another body's business, by the words of the rulebook's catalogue. Pure.

A word in the title or the request tells what is asked; in the reasons it may be an example. So one is
enough there, and two different ones are needed here.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from functools import cache

from admissibility.checks.signal import Part, PetitionText, Severity, Signal, Span
from petitions.domain.powers import Matter, Powers

ENOUGH_IN_REASONS = 2


def signals(text: PetitionText, powers: Powers, language: str) -> Iterator[Signal]:
    """Signal outside_powers, one for each matter. `language`: of the person who reads it."""
    for matter in powers.matters:
        spans = _spans(text, matter)
        told = any(span.part is not Part.REASONS for span, _word in spans)
        if told or len({word for _span, word in spans}) >= ENOUGH_IN_REASONS:
            facts: dict[str, str | int] = {
                "matter": _in(matter.title, language),
                "body": _in(matter.ask, language),
            }
            found = tuple(span for span, _word in spans)
            yield Signal("outside_powers", Severity.WARNING, facts, found)


def _in(named: object, language: str) -> str:
    by_language = dict(named)  # type: ignore[call-overload]
    return str(by_language.get(language) or next(iter(by_language.values()), ""))


def _spans(text: PetitionText, matter: Matter) -> list[tuple[Span, str]]:
    """Each place with the word of the catalogue that was found there."""
    words = matter.words.get(text.language, ())
    if not words:
        return []
    pattern = _pattern(words)
    return [
        (Span(part, hit.start(), hit.end()), hit.group())
        for part, written in text.parts()
        for hit in pattern.finditer(_folded(written))
    ]


def _folded(text: str) -> str:
    """Lower case without accents, letter by letter: places stay those of the text."""
    return "".join(_plain(letter) for letter in text)


def _plain(letter: str) -> str:
    if letter in "’ʼ":
        return "'"
    base = unicodedata.normalize("NFD", letter)[0].lower()
    return base if len(base) == 1 else letter


@cache
def _pattern(words: tuple[str, ...]) -> re.Pattern[str]:
    listed = sorted((_folded(word) for word in words), key=len, reverse=True)
    alternatives = (
        re.escape(word.rstrip("*")).replace(r"\ ", r"\s+") + (r"\w*" if word.endswith("*") else "")
        for word in listed
    )
    return re.compile(rf"(?<!\w)(?:{'|'.join(alternatives)})(?!\w)")
