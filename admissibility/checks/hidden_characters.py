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
# Bold, script and circled letters of mathematics and full-width ones: pictures of letters.
_STYLED = re.compile("[\U0001d400-\U0001d7ff\u24b6-\u24e9\uff21-\uff3a\uff41-\uff5a]{3,}")
_HEAPED = re.compile("[\u0300-\u036f\u0489\u1ab0-\u1aff\u1dc0-\u1dff\u20d0-\u20ff]{4,}")
# Letters of other alphabets that print as Latin ones (Unicode TR 39, the commonest).
_LOOK_LATIN = frozenset("асеорхуіјѕԁԛԝАВЕКМНОРСТУХІЈЅαοιρυνκΑΒΕΖΗΙΚΜΝΟΡΤΥΧ")
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
    """Signals direction_marks, unseen_characters, control_characters, mixed_alphabets,
    foreign_alphabet_words, styled_letters, heaped_marks.
    """
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
    if disguised := _disguised(text):
        facts: dict[str, str | int] = {"places": len(disguised)}
        yield Signal("foreign_alphabet_words", Severity.WARNING, facts, disguised)
    if styled := _found(text, _STYLED):
        yield Signal("styled_letters", Severity.NOTICE, {"places": len(styled)}, styled)
    if heaped := _found(text, _HEAPED):
        yield Signal("heaped_marks", Severity.WARNING, {"places": len(heaped)}, heaped)


def _disguised(text: PetitionText) -> tuple[Span, ...]:
    """Words written wholly in Cyrillic or Greek letters that look Latin, in a text that is Latin."""
    latin = sum("a" <= letter.lower() <= "z" for _part, words in text.parts() for letter in words)
    if latin * 2 < sum(len(words) for _part, words in text.parts()):
        return ()
    return tuple(
        Span(part, word.start(), word.end())
        for part, words in text.parts()
        for word in _WORD.finditer(words)
        if len(word.group()) > 2 and not word.group().isascii() and set(word.group()) <= _LOOK_LATIN
    )
