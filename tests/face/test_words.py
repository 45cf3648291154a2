"""Words: one for each thing in every language, and no page in two languages at once."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import fields, is_dataclass
from functools import lru_cache
from html.parser import HTMLParser
from typing import Any

import pytest

from petitions.platform.i18n import TRANSLATIONS, load_catalogues, read_catalogue
from petitions.web.pages import STATE_WORDS
from tests.web.extraction import messages, sources
from tests.web.rendering import LANGUAGES, render, stage
from tests.web.sample_journeys import TEMPLATES

GLOSSARY: dict[str, list[dict[str, Any]]] = tomllib.loads(
    (TRANSLATIONS / "glossary.toml").read_text(encoding="utf-8")
)
_FILLED = re.compile(r"%\(\w+\)s")
OTHERS = sorted(each.name for each in TRANSLATIONS.iterdir() if each.is_dir())


def has(pattern: str, text: str) -> bool:
    return re.search(pattern, text, re.IGNORECASE) is not None


def pairs(lang: str) -> list[tuple[str, str]]:
    """(English, translation) as one reads them: without the names of what is filled in."""
    found = []
    for message in read_catalogue(lang):
        english = (message.id,) if isinstance(message.id, str) else tuple(message.id)
        made = (message.string,) if isinstance(message.string, str) else tuple(message.string)
        found += [
            (_FILLED.sub("…", english[min(place, len(english) - 1)]), _FILLED.sub("…", text))
            for place, text in enumerate(made)
            if english[0] and text
        ]
    return found


def broken(term: dict[str, Any], lang: str, source: str, text: str) -> bool:
    """Whether a translation misses the term's word, or takes the word of another."""
    if not has(term["source"], source):
        return False
    never = term.get("never", {}).get(lang, "")
    excused = "unless" in term and has(term["unless"], source)
    return not has(term[lang], text) or bool(never and not excused and has(never, text))


@pytest.mark.parametrize("lang", OTHERS)
def test_a_translation_keeps_to_the_glossary(lang: str) -> None:
    found = [
        (term["id"], source, text)
        for source, text in pairs(lang)
        for term in GLOSSARY["term"]
        if broken(term, lang, source, text)
    ]
    assert found == []


@pytest.mark.parametrize("lang", ["en", *OTHERS])
def test_a_signature_is_never_called_a_vote(lang: str) -> None:
    known = [(each, each) for each in _english()] if lang == "en" else pairs(lang)
    found = [
        (ban["id"], source, text)
        for source, text in known
        for ban in GLOSSARY["banned"]
        if has(ban[lang], text) and (lang == "en" or not has(ban["unless"], source))
    ]
    assert [each for each in found if not has("popular|aloud|ballot", each[1])] == []


@lru_cache
def _english() -> tuple[str, ...]:
    return tuple(each if isinstance(each, str) else each[0] for each in messages(sources()))


@pytest.mark.parametrize("lang", OTHERS)
def test_every_term_stands_in_the_catalogues_it_is_about(lang: str) -> None:
    for term in GLOSSARY["term"]:
        assert any(has(term["source"], source) for source, _text in pairs(lang)), term["id"]


def test_the_look_at_the_glossary_finds_a_wrong_word() -> None:
    term = next(each for each in GLOSSARY["term"] if each["id"] == "refused petition")
    assert broken(term, "fr", "This petition was refused.", "Cette pétition est close.")
    assert broken(term, "fr", "Refused", "Irrecevable, donc close")
    assert not broken(term, "fr", "Refused", "Irrecevable")


@pytest.mark.parametrize("lang", OTHERS)
def test_no_two_states_share_a_word_in_any_language(lang: str) -> None:
    locale = load_catalogues(("en", lang)).locale(lang)
    words = [locale.gettext(word) for word, _tone in STATE_WORDS.values()]
    assert len(set(words)) == len(words)


# --- a page speaks one language --------------------------------------------------------------


class Texts(HTMLParser):
    """What a reader sees in the language of the page: not what is marked as another one."""

    VOID = frozenset({"meta", "link", "br", "img", "input", "hr", "path", "circle", "rect", "line",
                      "use", "stop", "polyline", "polygon"})  # fmt: skip

    def __init__(self, lang: str) -> None:
        super().__init__(convert_charrefs=True)
        self.lang, self.stack, self.found = lang, [lang], list[str]()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        marks = dict(attrs)
        lang = (marks.get("lang") or self.stack[-1]).partition("-")[0]
        if lang == self.lang:
            told = (marks.get(name) for name in ("aria-label", "alt", "title", "placeholder"))
            self.found += [text for text in told if text]
        if tag not in self.VOID:
            self.stack.append("" if tag in {"script", "style"} else lang)

    def handle_endtag(self, tag: str) -> None:
        if tag not in self.VOID and len(self.stack) > 1:
            self.stack.pop()

    def handle_data(self, data: str) -> None:
        text = " ".join(data.split())
        if text and self.stack[-1] == self.lang:
            self.found.append(text)


def strings(lang: str) -> set[str]:
    return set(_english()) if lang == "en" else {text for _source, text in pairs(lang)}


@pytest.fixture(scope="module")
def foreign() -> dict[str, set[str]]:
    """Language → whole sentences that only another language's catalogue holds."""
    every = {lang: strings(lang) for lang in {"en", *OTHERS}}
    return {
        lang: {
            " ".join(text.split())
            for other, texts in every.items()
            if other != lang
            for text in texts
            if " " in text and len(text) > 11 and "…" not in text
        }
        - {" ".join(text.split()) for text in every[lang]}
        for lang in every
    }


def mixed(html: str, lang: str, foreign: dict[str, set[str]]) -> list[str]:
    reader = Texts(lang)
    reader.feed(html)
    return [text for text in reader.found if text in foreign[lang]]


def data_of(page: object) -> set[str]:
    """Every text of a sample's data: invented, in whatever language."""
    if isinstance(page, str):
        return {" ".join(page.split())}
    if isinstance(page, Mapping):
        return data_of((*page.keys(), *page.values()))
    if isinstance(page, Iterable):
        return {text for each in page for text in data_of(each)}
    if is_dataclass(page):
        return data_of([getattr(page, each.name) for each in fields(page)])
    return set()


@pytest.mark.parametrize("lang", LANGUAGES)
def test_no_page_holds_a_sentence_of_another_language(
    lang: str, foreign: dict[str, set[str]]
) -> None:
    app, found = stage(), []
    for name, (template, page) in TEMPLATES.items():
        told = mixed(render(app, template, page, lang), lang, foreign)
        found += [(name, text) for text in told if text not in data_of(page)]
    assert found == []


def test_the_look_for_mixed_pages_finds_one(foreign: dict[str, set[str]]) -> None:
    page = '<p>Skip to main content</p><p lang="en">How it works</p><b title="How it works">x</b>'
    assert mixed(page, "fr", foreign) == ["Skip to main content", "How it works"]
    assert mixed(page, "en", foreign) == []
