"""Names of people who do not seem to hold an office, after "M.", "Mrs", "Herr" and the like. Pure.

Modest on purpose: a name without a title is not found, a title of courtesy before a brand may be. Who
holds an office is named in public, so a word of an office beside the name, or in it, lets it pass.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator
from functools import cache

from admissibility.checks.signal import FormRules, PetitionText, Severity, Signal, Span
from admissibility.checks.word_patterns import data, flat, pattern

BESIDE = 45
"""Characters before and after a name in which a word of an office is looked for."""
_OF = r"(?:(?:de|du|van|von|der|den|ten|la|le|di|da) |d['’])"
_WORD = r"[A-ZÀ-ÖØ-Þ][\w'’-]+"
_NAME = rf"(?:[A-ZÀ-ÖØ-Þ]\.[ -]?){{0,3}}{_OF}{{0,3}}{_WORD}(?: {_OF}{{0,3}}{_WORD}){{0,3}}"


@cache
def _rules() -> tuple[re.Pattern[str], re.Pattern[str]]:
    """(a title with a name, a word of an office), of every language together."""
    rows = tomllib.loads(data("titles.toml")).values()
    before = {written for row in rows for title in row["before"] for written in _begun(title)}
    titles = "|".join(re.escape(each) for each in sorted(before, key=len, reverse=True))
    offices = tuple(sorted({word for row in rows for word in row["offices"]}))
    return re.compile(rf"(?<!\w)(?:{titles}) +({_NAME})"), pattern(offices)


def _begun(title: str) -> tuple[str, str]:
    """As it is written, and as it begins a sentence."""
    return title, title[0].upper() + title[1:]


def found_in(words: str) -> Iterator[tuple[int, int]]:
    """(start, end) of each title with its name."""
    named, office = _rules()
    plain, titles = flat(words), _titles()
    for hit in named.finditer(words):
        beside = _sentence(plain, hit.start(), hit.end())
        if not office.search(beside) and hit.group(1).split()[0] not in titles:
            yield hit.start(), hit.end()


def _sentence(plain: str, start: int, end: int) -> str:
    """A name with what stands beside it in its own sentence: an office of the next is another's."""
    before = re.split(r"[!?\n]|\. (?=\S)", plain[max(0, start - BESIDE) : start])[-1]
    after = re.split(r"[!?\n]|\.(?:\s|$)", plain[end : end + BESIDE])[0]
    return before + plain[start:end] + after


@cache
def _titles() -> frozenset[str]:
    rows = tomllib.loads(data("titles.toml")).values()
    return frozenset(title for row in rows for title in row["before"])


def check(text: PetitionText, rules: FormRules) -> Iterator[Signal]:
    """Signal private_person; its facts count, they name nobody."""
    del rules
    spans = tuple(
        Span(part, start, end) for part, words in text.parts() for start, end in found_in(words)
    )
    if spans:
        yield Signal("private_person", Severity.NOTICE, {"places": len(spans)}, spans)
