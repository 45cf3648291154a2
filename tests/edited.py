"""The shipped rulebooks, read once in a process, and with one of them edited."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from types import MappingProxyType

from petitions.domain.rulebook import load_rulebook
from petitions.domain.rulebook_files import Library, load_directory

RULEBOOKS = Path(__file__).parents[1] / "petitions" / "rulebooks"


@cache
def shipped_library() -> Library:
    return load_directory(RULEBOOKS)


@cache
def edited(rulebook: str, text: str) -> Library:
    """All but this one rulebook is as it was shipped, and need not be read again."""
    shipped = shipped_library()
    book = load_rulebook(text, name=f"{rulebook}.toml", context=shipped.context)
    *earlier, _newest = shipped.rulebooks[rulebook]
    assert book.id == rulebook and (not earlier or earlier[-1].valid_from < book.valid_from)
    powers = shipped.context.powers.get(rulebook)
    if powers is not None and powers.ground:
        grounds = {x for kind in book.kinds.values() for x in kind.admissibility.grounds.every}
        assert powers.ground in grounds
    books = {**shipped.rulebooks, rulebook: (*earlier, book)}
    return Library(shipped.context, MappingProxyType(books))
