"""Standard wording for a decision, from the rulebook: what a clerk starts from and completes.

The wording is that of the day of filing (`house.shelf`), in each language that the decision needs.
"""

from __future__ import annotations

from collections.abc import Iterable

from petitions.domain.rulebook_files import Library
from petitions.storage.tables import Petition


def standard_reasons(
    library: Library, petition: Petition, grounds: Iterable[str], language: str
) -> str:
    """One paragraph for each ground with words in this language; "" where none has any."""
    return "\n\n".join(
        found for code in grounds if (found := standard_reason(library, petition, code, language))
    )


def standard_reason(library: Library, petition: Petition, ground: str, language: str) -> str:
    try:
        words = library.wording(ground, language, noun="grounds", rulebook=petition.rulebook_id)
    except KeyError:
        return ""
    reference = f" ({words.reference})" if words.reference else ""
    return f"{words.text or words.title}{reference}"


def completed(written: str, standard: str) -> str:
    """What a clerk wrote with the standard text before it; nothing is put in twice or overwritten."""
    missing = [each for each in standard.split("\n\n") if each and each not in written]
    return "\n\n".join([*missing, *([written.strip()] if written.strip() else [])])
