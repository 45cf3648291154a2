"""Words that many readers take as an insult; the lists are files, one for each language. Pure.

Mild: petitions quote, and some are about insults. It says that the words are there, nothing else.
"""

from __future__ import annotations

from collections.abc import Iterator

from admissibility.checks.signal import FormRules, PetitionText, Severity, Signal, Span
from admissibility.checks.word_patterns import flat, listed, pattern


def check(text: PetitionText, rules: FormRules) -> Iterator[Signal]:
    """Signal insult, by the list of the text's own language; without one nothing is said."""
    del rules
    rude = pattern(listed(f"insults.{text.language.partition('-')[0]}.txt"))
    spans = tuple(
        Span(part, hit.start(), hit.end())
        for part, words in text.parts()
        for hit in rude.finditer(flat(words))
    )
    if spans:
        yield Signal("insult", Severity.NOTICE, {"places": len(spans)}, spans)
