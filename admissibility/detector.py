"""The detector of languages (lingua, the extra "language"), woken up at its first question and kept.

It knows the languages of an assembly and their common neighbours only: a short list is faster and errs
less. Trigrams alone are used, as lingua itself does for texts of more than 120 characters; what is
shorter is not judged. It lives in the worker: a web process never imports it.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from importlib.util import find_spec
from typing import Any

from petitions.domain.rulebook_files import Library

NEIGHBOURS = ("en", "fr", "de", "nl", "es", "it", "pt", "pl", "ro", "tr", "ar", "ru", "uk")
"""What people write to a parliament of Western or Central Europe in, beside its own languages."""
ENOUGH_LETTERS = 120
SURE = 0.1
"""How far the likeliest language must lead the next, of 1; closer ones are left undecided."""


def installed() -> bool:
    return find_spec("lingua") is not None


def detector(library: Library) -> Callable[[str, str], str | None] | None:
    """(text, assembly) → language or None; None where the extra is not installed."""
    if not installed():
        return None

    def detect(text: str, assembly: str) -> str | None:
        if sum(letter.isalpha() for letter in text) < ENOUGH_LETTERS:
            return None
        known = library.context.assemblies.get(assembly)
        own = (*known.languages, *known.site_languages) if known else ()
        found = _built(frozenset({*own, *NEIGHBOURS})).detect_language_of(text)
        return str(found.iso_code_639_1.name).lower() if found is not None else None

    return detect


@cache
def _built(languages: frozenset[str]) -> Any:
    """One for each set of languages; those that lingua does not know are left out."""
    from lingua import IsoCode639_1, LanguageDetectorBuilder

    codes = [
        getattr(IsoCode639_1, code.partition("-")[0].upper())
        for code in sorted(languages)
        if hasattr(IsoCode639_1, code.partition("-")[0].upper())
    ]
    return (
        LanguageDetectorBuilder.from_iso_codes_639_1(*codes)
        .with_low_accuracy_mode()
        .with_minimum_relative_distance(SURE)
        .build()
    )
