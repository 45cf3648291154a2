"""Capitals and rows of exclamation marks, which readers take for shouting. Pure.

Abbreviations (NHS, SNCF, TVA) are short and stand alone: only a run of at least four words in
capitals with a long one among them counts, so that a petition about the SNCF is left in peace.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from admissibility.checks.signal import FormRules, PetitionText, Severity, Signal, Span

RUN_WORDS = 4
LONG = 5
_WORD = re.compile(r"[^\W\d_][\w'’-]*")
_MARKS = re.compile(r"[!?]{3,}|(?:[!?]\s){3,}")


def _runs(text: str) -> Iterator[tuple[int, int]]:
    run: list[re.Match[str]] = []
    for word in _WORD.finditer(text):
        letters = [letter for letter in word.group() if letter.isalpha()]
        # A single capital ("A") continues a run and never starts one by itself.
        if all(letter.isupper() for letter in letters):
            run.append(word)
            continue
        yield from _closed(run)
        run = []
    yield from _closed(run)


def _closed(run: list[re.Match[str]]) -> Iterator[tuple[int, int]]:
    if len(run) >= RUN_WORDS and any(len(word.group()) >= LONG for word in run):
        yield run[0].start(), run[-1].end()


def check(text: PetitionText, rules: FormRules) -> Iterator[Signal]:
    """Signals capitals and exclamations; each lists every place."""
    del rules
    capitals = tuple(
        Span(part, start, end) for part, words in text.parts() for start, end in _runs(words)
    )
    if capitals:
        yield Signal("capitals", Severity.NOTICE, {"places": len(capitals)}, capitals)
    marks = tuple(
        Span(part, mark.start(), mark.end())
        for part, words in text.parts()
        for mark in _MARKS.finditer(words)
    )
    if marks:
        yield Signal("exclamations", Severity.NOTICE, {"places": len(marks)}, marks)
