"""Characters a reader cannot see or cannot tell apart. Pure.

Direction marks can turn a sentence round on screen ("Trojan Source", CVE-2021-42574), zero-width
characters and tags smuggle text, and a Cyrillic letter inside a Latin word defeats search.
Joiners are ordinary in Persian and in Indic scripts and in emoji, so they count only between
Latin letters.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator

from admissibility.checks.signal import FormRules, PetitionText, Severity, Signal, Span

_BIDI = re.compile("[\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]+")
_UNSEEN = re.compile(
    "[\u180e\u200b\u2060-\u2064\u206a-\u206f\ufeff\ufff9-\ufffb\U000e0000-\U000e007f]+"
    "|(?<=[A-Za-zÀ-ɏ])[\u00ad\u200c\u200d]+(?=[A-Za-zÀ-ɏ])"
)
_CONTROL = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f]+")
_PRIVATE = re.compile("[\ue000-\uf8ff\U000f0000-\U0010ffff]+")
_WORD = re.compile(r"[^\W\d_]+")
_SCRIPTS = ("LATIN", "CYRILLIC", "GREEK")


def _scripts(word: str) -> set[str]:
    names = (unicodedata.name(letter, "") for letter in word)
    return {script for name in names for script in _SCRIPTS if name.startswith(script)}


def _found(text: PetitionText, pattern: re.Pattern[str]) -> tuple[Span, ...]:
    return tuple(
        Span(part, hit.start(), hit.end())
        for part, words in text.parts()
        for hit in pattern.finditer(words)
    )


def check(text: PetitionText, rules: FormRules) -> Iterator[Signal]:
    """Signals direction_marks, unseen_characters, control_characters, mixed_alphabets."""
    del rules
    if bidi := _found(text, _BIDI):
        yield Signal("direction_marks", Severity.SERIOUS, {"places": len(bidi)}, bidi)
    if unseen := _found(text, _UNSEEN):
        yield Signal("unseen_characters", Severity.WARNING, {"places": len(unseen)}, unseen)
    if control := _found(text, _CONTROL) + _found(text, _PRIVATE):
        yield Signal("control_characters", Severity.WARNING, {"places": len(control)}, control)
    mixed = tuple(
        Span(part, word.start(), word.end())
        for part, words in text.parts()
        for word in _WORD.finditer(words)
        if not word.group().isascii() and len(_scripts(word.group())) > 1
    )
    if mixed:
        yield Signal("mixed_alphabets", Severity.WARNING, {"places": len(mixed)}, mixed)
