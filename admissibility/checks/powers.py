"""A matter that seems to be another body's business, by the words of the rulebook's catalogue. Pure.

A word in the title or the request tells what is asked; in the reasons it may be an example. So one is
enough there, and two different ones are needed here.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace

from admissibility.checks.signal import Part, PetitionText, Severity, Signal, Span
from admissibility.checks.word_patterns import flat, pattern
from petitions.domain.powers import Matter, Powers

ENOUGH_IN_REASONS = 2


def signals(text: PetitionText, powers: Powers, language: str) -> Iterator[Signal]:
    """Signal outside_powers, one for each matter. `language`: of the person who reads it."""
    for matter in powers.matters:
        spans = _spans(text, matter)
        told = any(span.part is not Part.REASONS for span, _word in spans)
        if told or len({word for _span, word in spans}) >= ENOUGH_IN_REASONS:
            facts: dict[str, str | int] = {
                **_told(matter, language),
                **({"ground": powers.ground} if powers.ground else {}),
            }
            found = tuple(span for span, _word in spans)
            yield Signal("outside_powers", Severity.WARNING, facts, found)


def retold(signal: Signal, catalogues: Iterable[Powers], language: str) -> Signal:
    """The signal for a reader of another language: it was kept in that of the petition."""
    if signal.code == "outside_powers":
        for matter in (each for powers in catalogues for each in powers.matters):
            if signal.facts.get("matter") in matter.title.values():
                return replace(signal, facts={**signal.facts, **_told(matter, language)})
    return signal


def _told(matter: Matter, language: str) -> dict[str, str | int]:
    return {"matter": _in(matter.title, language), "body": _in(matter.ask, language)}


def _in(named: object, language: str) -> str:
    by_language = dict(named)  # type: ignore[call-overload]
    return str(by_language.get(language) or next(iter(by_language.values()), ""))


def _spans(text: PetitionText, matter: Matter) -> list[tuple[Span, str]]:
    """Each place with the word of the catalogue that was found there."""
    words = matter.words.get(text.language, ())
    if not words:
        return []
    finder = pattern(words)
    return [
        (Span(part, hit.start(), hit.end()), hit.group())
        for part, written in text.parts()
        for hit in finder.finditer(flat(written))
    ]
