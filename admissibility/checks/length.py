"""Length and form: too long for the rulebook, or too short to be understood. Pure.

Counting follows the rulebook: Unicode code points after NFC, a line end counts one; words are
runs without white space.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator

from admissibility.checks.signal import (
    FormRules,
    Part,
    PetitionText,
    Severity,
    Signal,
    Span,
)
from petitions.domain.vocabulary import Unit

# Under these a reader cannot tell what is asked; a clerk should look, the author may be right.
SHORT_TITLE_WORDS = 3
SHORT_TEXT_WORDS = 20


def measure(text: str, unit: Unit) -> int:
    """Length of a text as the rulebook counts it."""
    if unit is Unit.WORDS:
        return len(text.split())
    return len(unicodedata.normalize("NFC", text.replace("\r\n", "\n").replace("\r", "\n")))


def check(text: PetitionText, rules: FormRules) -> Iterator[Signal]:
    """Signals title_too_long, title_too_short, request_missing, text_too_long, text_too_short."""
    title = measure(text.title, Unit.CHARS)
    whole_title = (Span(Part.TITLE, 0, len(text.title)),)
    if title > rules.title_max:
        facts = {"length": title, "limit": rules.title_max, "over": title - rules.title_max}
        yield Signal("title_too_long", Severity.WARNING, facts, whole_title)
    elif len(text.title.split()) < SHORT_TITLE_WORDS:
        yield Signal(
            "title_too_short", Severity.NOTICE, {"words": len(text.title.split())}, whole_title
        )
    if not text.request.strip():
        yield Signal("request_missing", Severity.WARNING)
    body = f"{text.request}\n{text.reasons}".strip()
    length = measure(body, rules.unit)
    if length > rules.text_max:
        over = length - rules.text_max
        yield Signal(
            "text_too_long",
            Severity.WARNING,
            {"length": length, "limit": rules.text_max, "over": over, "unit": rules.unit.value},
        )
    elif len(body.split()) < SHORT_TEXT_WORDS:
        yield Signal("text_too_short", Severity.NOTICE, {"words": len(body.split())})
