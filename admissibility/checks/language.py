"""A text that looks written in another language than the one declared. Pure.

Only very common function words are counted: enough for a remark, never for a verdict.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator

from admissibility.checks.signal import PetitionText, Severity, Signal

_FUNCTION_WORDS = {
    "en": "the and of to in is that for it with as are be this by have from which",
    "fr": "le la les des et est que pour dans une du au qui sur avec nous ce pas",
    "nl": "de het een van en dat voor met zijn niet wordt deze aan ook naar bij",
    "de": "der die und das den von zu mit ist für auf nicht eine dem werden sich",
}
MARKERS = {code: frozenset(words.split()) for code, words in _FUNCTION_WORDS.items()}
ENOUGH_WORDS = 25
_WORD = re.compile(r"[^\W\d_]+")


def guess(text: str) -> str | None:
    """The language whose function words lead clearly, or None when the text is short or mixed."""
    words = [word.casefold() for word in _WORD.findall(text)]
    if len(words) < ENOUGH_WORDS:
        return None
    hits = Counter({code: sum(word in marks for word in words) for code, marks in MARKERS.items()})
    (first, most), (_, next_most) = hits.most_common(2)
    if most * 8 < len(words) or most < next_most * 2:
        return None
    return first


def check(text: PetitionText, guessed: str | None = None) -> Iterator[Signal]:
    """Signal language_differs. `guessed`: by a detector; without one the function words decide."""
    if guessed is None and text.language in MARKERS:
        guessed = guess(f"{text.title}\n{text.request}\n{text.reasons}")
    if guessed is not None and guessed != text.language:
        facts = {"declared": text.language, "guessed": guessed}
        yield Signal("language_differs", Severity.WARNING, facts)
