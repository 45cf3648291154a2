"""What people type: normalised, free of characters that deceive, measured as the rulebook says. Pure.

Characters are Unicode code points after NFC; a line end counts one; words are runs without white
space. NUL and control characters never enter; bidirectional overrides and invisible characters are
refused by name rather than removed, since removing them changes what somebody meant to say.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass

from petitions.domain.filing import Form
from petitions.domain.vocabulary import Links, Unit

_LINK = re.compile(r"(?:https?://|www\.)\S", re.IGNORECASE)

_DECEIVING = frozenset(
    "\u202a\u202b\u202c\u202d\u202e"  # embeddings and overrides
    "\u2066\u2067\u2068\u2069"  # isolates
    "\u200b\u2060\ufeff\u00ad"  # invisible
)
Problem = tuple[str, dict[str, object]]


NORMALISED_MAX = 100_000
"""Longer texts are refused by every rulebook; normalising them is work for an attacker."""
MARKS_MAX = 30
"""Combining marks on one letter: no script needs more, and NFC is quadratic in them."""


def normalised(text: str) -> str:
    """NFC, line ends as one character, no white space at the ends.

    What is absurdly long or heaped with marks is left as it is: `problem` refuses it.
    """
    joined = text.replace("\r\n", "\n").replace("\r", "\n").strip()
    if len(joined) > NORMALISED_MAX or _heap_of_marks(joined):
        return joined
    return unicodedata.normalize("NFC", joined)


def _heap_of_marks(text: str) -> int:
    """Place (from 1) of the first mark too many; 0 if there is none."""
    run = 0
    for place, letter in enumerate(text, start=1):
        run = run + 1 if unicodedata.combining(letter) else 0
        if run > MARKS_MAX:
            return place
    return 0


def forbidden(text: str) -> Problem | None:
    """The first character that may not stand in a petition, with its place (from 1) and name."""
    for place, letter in enumerate(text, start=1):
        if letter in "\n\t":
            continue
        if letter in _DECEIVING or unicodedata.category(letter) in {"Cc", "Cs", "Co", "Cn"}:
            name = unicodedata.name(letter, f"U+{ord(letter):04X}")
            return "character_refused", {"place": place, "name": name}
    heap = _heap_of_marks(text)
    if heap:
        name = unicodedata.name(text[heap - 1], "combining mark")
        return "character_refused", {"place": heap, "name": name}
    return None


def length(text: str, unit: Unit) -> int:
    return len(text.split()) if unit is Unit.WORDS else len(text)


@dataclass(frozen=True, slots=True)
class Limits:
    at_most: int
    unit: Unit = Unit.CHARS
    required: bool = True


def problem(text: str, limits: Limits) -> Problem | None:
    """Why this text is refused, or None. `text` is normalised already."""
    if limits.required and not text:
        return "required", {}
    bad = forbidden(text)
    if bad:
        return bad
    size = length(text, limits.unit)
    if size > limits.at_most:
        over = size - limits.at_most
        return "too_long", {"max": limits.at_most, "over": over, "unit": str(limits.unit)}
    return None


def text_problems(
    form: Form, title: str, request: str, reasons: str, summary: str = ""
) -> dict[str, Problem]:
    """Every field of the petition's text that breaks the form of its rulebook.

    `text_max` holds for request and reasons together: what is read is one text. A summary is there
    only where the form has a place for it, and nobody must write one.
    """
    found = {
        "title": problem(title, Limits(form.title_max)),
        "summary": problem(summary, Limits(form.summary_max, form.unit, required=False)),
        "request": problem(request, Limits(form.text_max, form.unit)),
    }
    left = max(0, form.text_max - length(request, form.unit))
    found["reasons"] = problem(reasons, Limits(left, form.unit))
    if form.links is Links.NONE:
        texts = {"title": title, "summary": summary, "request": request, "reasons": reasons}
        for name, text in texts.items():
            if found[name] is None and _LINK.search(text):
                found[name] = ("link_refused", {})
    return {name: bad for name, bad in found.items() if bad}


LIGATURES = str.maketrans({"œ": "oe", "æ": "ae", "ø": "o", "ł": "l", "đ": "d", "ı": "i"})
"""Small letters that no decomposition takes apart, as people without their keyboard type them."""


def folded(text: str) -> str:
    """Lower case without accents: what plain search compares."""
    decomposed = unicodedata.normalize("NFKD", text.casefold())
    return "".join(letter for letter in decomposed if not unicodedata.combining(letter))
