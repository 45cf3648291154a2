"""Words with the language they are in: what is not written in the reader's is marked, never passed off.

A screen reader speaks a French name on an English page rightly only if the page says that it is French
(WCAG 2.2, 3.1.2). Whoever falls back to another language gives `Spoken`; a template shows it by
`|spoken`, in one place for all. It is a plain string everywhere else: in titles, attributes, letters.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Self

from markupsafe import Markup, escape


class Spoken(str):
    """A text and its language."""

    __slots__ = ("lang",)
    lang: str

    def __new__(cls, text: str, lang: str) -> Self:
        made = super().__new__(cls, text)
        made.lang = lang
        return made

    def __getnewargs__(self) -> tuple[str, str]:  # type: ignore[override]
        return str(self), self.lang


def as_in(words: str, text: str) -> str:
    """`text`, made from `words`, in their language."""
    return Spoken(text, words.lang) if isinstance(words, Spoken) else text


def told_in(texts: Mapping[str, object], *wanted: str) -> str:
    """The text in the first language wanted that there is; else in any. "" without a text."""
    for lang in (*wanted, *texts):
        if texts.get(lang):
            return Spoken(str(texts[lang]), lang)
    return ""


def marked(text: str, reader: str) -> Markup:
    """The text as HTML: with its language, where the reader's page speaks another."""
    if not isinstance(text, Spoken) or text.lang == reader:
        return escape(text)
    return Markup('<span lang="%s">%s</span>') % (text.lang, str(text))
