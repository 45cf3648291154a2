"""Matters that are not a parliament's business, by the words they are written with. Pure.

`powers/<rulebook>.toml` lists them: what the matter is, whom to ask instead, and the words that point
at it, per language. A word is whole ("douane"), begins with ("douani*"), or is several ("permis de
conduire"); case and accents do not count. It feeds a signal for clerks and a hint for authors; no
decision rests on it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

from petitions.domain.schema import Reading, Source, located
from petitions.domain.schema_shape import VALUE, check_shape, ids_of, table_of
from petitions.domain.schema_table import Table

_FILE = table_of(
    "ground",
    matters=ids_of(table_of("", title=ids_of(VALUE), ask=ids_of(VALUE), words=ids_of(VALUE))),
)
SHORTEST = 3


@dataclass(frozen=True, slots=True)
class Matter:
    """One matter. `title` and `ask` (the body that decides it) by language; `words` by language."""

    code: str
    title: Mapping[str, str]
    ask: Mapping[str, str]
    words: Mapping[str, tuple[str, ...]]


@dataclass(frozen=True, slots=True)
class Powers:
    """The catalogue of one rulebook. `ground`: the ground of refusal that it points at, or ""."""

    matters: tuple[Matter, ...] = ()
    ground: str = ""


NO_POWERS = Powers()


def read_powers(source: Source, reading: Reading) -> Powers:
    """Read `powers/<rulebook>.toml`; what is wrong is noted in `reading`."""
    table = Table(reading, located(source))
    check_shape(reading, table.written, _FILE)
    matters = table.table("matters")
    found = tuple(_matter(code, matters.table(code)) for code in matters.entries)
    if not found:
        table.refuse("matters", "must have at least one matter")
    return Powers(found, table.text("ground") or "")


def _matter(code: str, table: Table) -> Matter:
    words = table.table("words")
    listed = {language: _words(words, language) for language in words.entries}
    if not listed:
        table.refuse("words", "must have words in at least one language")
    title, ask = _named(table, "title"), _named(table, "ask")
    for language in listed:
        if language not in ask:
            table.refuse("ask", f"must say whom to ask in '{language}'")
        if language not in title:
            table.refuse("title", f"must have a title in '{language}'")
    return Matter(code, title, ask, MappingProxyType(listed))


def _named(table: Table, key: str) -> Mapping[str, str]:
    named = table.table(key)
    return MappingProxyType({each: named.required_text(each) for each in named.entries})


def _words(table: Table, language: str) -> tuple[str, ...]:
    rule = f"must have at least {SHORTEST} letters, and a star only at its end"
    return table.listed(language, _fits, rule)


def _fits(word: object) -> bool:
    return isinstance(word, str) and len(word.rstrip("*")) >= SHORTEST and "*" not in word[:-1]
