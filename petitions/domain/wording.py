"""Wording: the texts behind the codes of a rulebook, per language. Pure.

A rulebook says `redundant-author`; what the author reads, and which rule it rests on, stands in
`wording/<language>.toml`. A rulebook may have its own text for a code, in that file or in
`wording/<rulebook>.<language>.toml`; otherwise the common one holds.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from petitions.domain.schema import Reading, Source, located
from petitions.domain.schema_shape import check_shape, ids_of, table_of
from petitions.domain.schema_table import Table

# In the order in which a bare code is looked up; the first three are what readers ask for most.
NOUNS = (
    "grounds",
    "outcomes",
    "effects",
    "stages",
    "milestones",
    "duties",
    "sponsors",
    "choices",
    "kinds",
    "roles",
    "classes",
    "acks",
    "steps",
    "places",
    "registers",
    "offices",
)

_TEXTS = {noun: ids_of(table_of("title text reference appeal")) for noun in NOUNS}
_BOOK = table_of(**_TEXTS)
_FILE = table_of(**_TEXTS, rulebooks=ids_of(_BOOK))


@dataclass(frozen=True, slots=True, kw_only=True)
class Text:
    """The words for one code: a title, and where useful text, legal reference, appeal note."""

    title: str
    text: str = ""
    reference: str = ""
    appeal: str = ""


@dataclass(frozen=True, slots=True)
class Wording:
    """(language, rulebook or "", noun, code) → text."""

    texts: Mapping[tuple[str, str, str, str], Text]

    def find(self, noun: str, code: str, language: str, rulebook: str = "") -> Text | None:
        """The rulebook's own text, or the common one, or None."""
        return self.texts.get((language, rulebook, noun, code)) or self.texts.get(
            (language, "", noun, code)
        )

    def codes(self, noun: str, rulebook: str = "") -> tuple[str, ...]:
        """Every code of a noun that has words, common ones and the rulebook's own, in file order."""
        books = {"", rulebook}
        found = (code for _, book, each, code in self.texts if each == noun and book in books)
        return tuple(dict.fromkeys(found))

    def languages(self) -> frozenset[str]:
        return frozenset(language for language, _, _, _ in self.texts)


NO_WORDING = Wording({})


def read_wording(
    name: str, source: Source, reading: Reading
) -> dict[tuple[str, str, str, str], Text]:
    """Read one file: `[grounds.<code>]`, and `[rulebooks.<id>.grounds.<code>]` for its own text.

    `name` is the file's without its ending; "uk-parliament.fr" holds the words of that rulebook only.
    """
    book, _, language = name.rpartition(".")
    file = Table(reading, located(source))
    check_shape(reading, file.written, _BOOK if book else _FILE)
    if book:
        return _texts(language, book, file)
    texts = _texts(language, "", file)
    books = file.table("rulebooks")
    for book in books.entries:
        texts.update(_texts(language, book, books.table(book)))
    return texts


def _texts(language: str, book: str, table: Table) -> dict[tuple[str, str, str, str], Text]:
    found = {}
    for noun in NOUNS:
        codes = table.table(noun)
        for code in codes.entries:
            entry = codes.table(code)
            found[(language, book, noun, code)] = Text(
                title=entry.required_text("title"),
                text=entry.text("text") or "",
                reference=entry.text("reference") or "",
                appeal=entry.text("appeal") or "",
            )
    return found
