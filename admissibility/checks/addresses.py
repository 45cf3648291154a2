"""Street addresses left in a text that would become public. Modest: it points, and may be wrong. Pure.

A house number beside a street with a name of its own counts, in the manner of four languages
(`words/addresses.toml`), whatever language the text declares: people quote addresses as they are.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator
from functools import cache

from admissibility.checks.signal import FormRules, PetitionText, Severity, Signal, Span
from admissibility.checks.word_patterns import data, flat, pattern


@cache
def _forms() -> tuple[tuple[re.Pattern[str], re.Pattern[str]], ...]:
    """(an address, what makes it none) per language."""
    return tuple(
        (re.compile(rf"(?<![\w.,/-])(?:{row['form']})"), pattern(tuple(row["unless"])))
        for row in tomllib.loads(data("addresses.toml")).values()
    )


def found_in(words: str) -> Iterator[tuple[int, int]]:
    """(start, end) of each address."""
    for form, unless in _forms():
        for hit in form.finditer(words):
            if not unless.search(flat(hit.group())):
                yield hit.start(), hit.end()


def check(text: PetitionText, rules: FormRules) -> Iterator[Signal]:
    """Signal postal_address."""
    del rules
    spans = tuple(
        Span(part, start, end) for part, words in text.parts() for start, end in found_in(words)
    )
    if spans:
        yield Signal("postal_address", Severity.WARNING, {"places": len(spans)}, spans)
