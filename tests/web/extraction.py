"""What must be translated: every marked string of templates and code, and what was left unmarked."""

from __future__ import annotations

import re
from collections.abc import Iterator
from html.parser import HTMLParser
from pathlib import Path

from babel.messages.extract import extract
from jinja2.ext import babel_extract

ROOT = Path(__file__).resolve().parents[2]
TEMPLATES = ROOT / "templates"
KEYWORDS = {"_": None, "N_": None, "gettext": None, "ngettext": (1, 2)}
Id = str | tuple[str, str]


def messages(paths: Iterator[Path]) -> dict[Id, set[str]]:
    """Message id (a pair where there is a plural) → the files that use it."""
    found: dict[Id, set[str]] = {}
    for path in paths:
        with path.open("rb") as file:
            if path.suffix == ".html":
                lines = babel_extract(file, KEYWORDS, [], {"newstyle_gettext": "true"})
                ids = [message for _line, _name, message, _notes in lines]
            else:
                ids = [entry[1] for entry in extract("python", file, KEYWORDS)]
        for each in ids:
            if isinstance(each, tuple):
                strings = tuple(part for part in each if isinstance(part, str))
                key: Id = (strings[0], strings[1]) if len(strings) > 1 else strings[0]
            else:
                key = each
            if key:
                found.setdefault(key, set()).add(str(path.relative_to(ROOT)))
    return found


def sources() -> Iterator[Path]:
    yield from sorted(TEMPLATES.rglob("*.html"))
    for package in ("petitions", "admissibility"):
        yield from sorted((ROOT / package).rglob("*.py"))


class _Visible(HTMLParser):
    """Collects text a reader would see, outside of gettext."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.texts: list[str] = []
        self._hidden = 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag in {"script", "style"}:
            self._hidden += 1
        for name, value in attrs:
            if name in {"title", "alt", "aria-label", "placeholder"} and value:
                self.texts.append(value)

    def handle_endtag(self, tag: str) -> None:
        if tag in {"script", "style"}:
            self._hidden -= 1

    def handle_data(self, data: str) -> None:
        if not self._hidden:
            self.texts.append(data)


# What a macro or block puts into an attribute: names of classes and addresses are not read aloud.
_CLASSES = frozenset({"ok", "warn", "bad", "info", "off"})
_TAGS = re.compile(r"\{#.*?#\}|\{%-?\s*trans\b.*?endtrans\s*-?%\}|\{%.*?%\}|\{\{.*?\}\}", re.DOTALL)


def unmarked(template: str) -> list[str]:
    """Words of a template that no catalogue can reach. `CSV` and the like are names, not words."""
    reader = _Visible()
    reader.feed(_TAGS.sub(" ", template))
    words = (re.sub(r"\s+", " ", text).strip() for text in reader.texts)
    return [
        text
        for text in words
        if re.search(r"[^\W\d_]{2,}", text)
        and not text.isupper()
        and text not in _CLASSES
        and not text.startswith("/")
    ]
