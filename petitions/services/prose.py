"""Pages that a parliament writes in Markdown: read, judged, and turned into HTML that can do no harm.

CommonMark and tables, raw HTML off; what comes out is cleaned once more by an allow-list. Headings are
shifted so that a text begins at level 2 under the page's own title. `[Bundestag](lang:de)` marks words
of another language. `[the rules](rules)` leads to a page of the site, `{contact}` is filled in.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from typing import cast

import nh3
from markdown_it import MarkdownIt
from markdown_it.token import Token

TITLE_MAX, BODY_MAX = 200, 60_000
PLACES = ("site", "contact", "assembly", "identity")
"""What `{…}` may name: the site, its contact, the assembly, the identity services."""
_PLACE = re.compile(r"\{([a-z_]+)\}")
_LANGUAGE = re.compile(r"lang:([a-z]{2,3}(?:-[A-Za-z0-9]{2,8})*)")
_PAGE = re.compile(r"[a-z][a-z0-9-]*(?:/[a-z0-9-]+)?(?:#[\w-]+)?|#[\w-]+")
_OUTSIDE = re.compile(r"(?:https://|mailto:|tel:)\S+")
_TAGS = {
    "h2", "h3", "h4", "h5", "h6", "p", "ul", "ol", "li", "strong", "em", "a", "blockquote", "code",
    "pre", "hr", "br", "table", "thead", "tbody", "tr", "th", "td", "span", "div", "s",
}  # fmt: skip
_ATTRIBUTES = {
    "a": {"href", "hreflang"},
    "span": {"lang"},
    "ol": {"start"},
    "th": {"scope"},
    "div": {"class", "tabindex", "role", "aria-label"},
}
_MARKDOWN = MarkdownIt("commonmark", {"html": False}).enable(["table", "strikethrough"])


@dataclass(frozen=True, slots=True)
class Prose:
    """One page in one language. `body` is Markdown without the title."""

    title: str
    body: str


@dataclass(frozen=True, slots=True)
class Flaw:
    """What is wrong with a text: a code, and the piece it is about."""

    code: str
    what: str = ""


def read_prose(text: str) -> Prose:
    """A file: its first line is `# Title`, the rest its body. Without such a line the title is ""."""
    first, _newline, rest = text.replace("\r\n", "\n").lstrip("\ufeff\n ").partition("\n")
    if not first.startswith("# "):
        return Prose("", text.replace("\r\n", "\n").strip())
    return Prose(first.removeprefix("# ").strip(), rest.strip())


def flaws(prose: Prose, pages: Collection[str]) -> tuple[Flaw, ...]:
    """Everything that keeps a page from being shown as meant. `pages`: names one can link to."""
    found = [] if prose.title else [Flaw("title_missing")]
    if len(prose.title) > TITLE_MAX or len(prose.body) > BODY_MAX:
        found.append(Flaw("text_too_long"))
    found += [Flaw("place_unknown", f"{{{name}}}") for name in _PLACE.findall(prose.body)
              if name not in PLACES]  # fmt: skip
    tokens = _MARKDOWN.parse(prose.body)
    found += _level_flaws(tokens)
    for token in _every(tokens):
        if token.type == "image":
            found.append(Flaw("picture", str(token.attrGet("src"))))
        elif token.type == "link_open":
            found += _link_flaws(str(token.attrGet("href")), pages)
        elif token.type == "text" and (tag := re.search(r"</?[a-zA-Z][^<>]*>", token.content)):
            found.append(Flaw("html", tag[0][:60]))
    return tuple(dict.fromkeys(found))


def _level_flaws(tokens: list[Token]) -> list[Flaw]:
    levels = [int(each.tag[1]) for each in tokens if each.type == "heading_open"]
    least = min(levels, default=1)
    before = least - 1
    found = []
    for level in levels:
        if level > before + 1:
            found.append(Flaw("heading_skipped", "#" * level))
        before = level
    return found


def _link_flaws(href: str, pages: Collection[str]) -> list[Flaw]:
    if _LANGUAGE.fullmatch(href) or _OUTSIDE.fullmatch(href) or href.startswith("#"):
        return []
    name = href.partition("#")[0]
    if _PAGE.fullmatch(href) and (name in pages or name.removeprefix("pages/") in pages):
        return []
    return [Flaw("link_broken", href[:80])]


def _every(tokens: list[Token]) -> Iterator[Token]:
    for token in tokens:
        yield token
        yield from _every(token.children or [])


def html_of(
    body: str, lang: str, values: Mapping[str, str], own: Collection[str] = (), table: str = ""
) -> str:
    """Safe HTML of a body. `own`: pages that live under /pages/, to which a bare name leads.

    `table`: what the region around a table is called.
    """
    filled = _PLACE.sub(lambda found: _escaped(values.get(found[1], found[0])), body)
    tokens = _MARKDOWN.parse(filled)
    _shift(tokens)
    _wrap_tables(tokens, table)
    for token in _every(tokens):
        if token.type == "th_open":
            token.attrSet("scope", "col")
    _links(tokens, lang, own)
    made = _MARKDOWN.renderer.render(tokens, _MARKDOWN.options, {})
    return nh3.clean(
        cast("str", made), tags=_TAGS, attributes=_ATTRIBUTES, link_rel=None,
        url_schemes={"https", "mailto", "tel"},
    )  # fmt: skip


def _escaped(value: str) -> str:
    """A value stays a value: nothing in it is read as Markdown."""
    return re.sub(r"([\\`*_{}\[\]()#+.!|<>~-])", r"\\\1", value)


def _shift(tokens: list[Token]) -> None:
    headings = [each for each in tokens if each.type in {"heading_open", "heading_close"}]
    by = 2 - min((int(each.tag[1]) for each in headings), default=2)
    for each in headings:
        each.tag = f"h{min(6, int(each.tag[1]) + by)}"


def _wrap_tables(tokens: list[Token], label: str) -> None:
    """A wide table scrolls in a region of its own, which the keyboard reaches."""
    for place in range(len(tokens) - 1, -1, -1):
        if tokens[place].type == "table_close":
            tokens.insert(place + 1, Token("div_close", "div", -1))
        elif tokens[place].type == "table_open":
            marks = {"class": "scroll", "tabindex": "0", "role": "region", "aria-label": label}
            around = Token("div_open", "div", 1, attrs={**marks})
            tokens.insert(place, around)


def _links(tokens: list[Token], lang: str, own: Collection[str]) -> None:
    """Names become addresses, `lang:` a marked piece; what leads anywhere else is no link."""
    for token in tokens:
        kept: list[bool] = []
        for each in token.children or []:
            if each.type == "link_open":
                kept.append(_pointed(each, str(each.attrGet("href")), lang, own))
            elif each.type == "link_close" and not kept.pop():
                each.tag = "span"


def _pointed(token: Token, href: str, lang: str, own: Collection[str]) -> bool:
    """Whether the token stays a link."""
    if found := _LANGUAGE.fullmatch(href):
        token.tag, token.attrs = "span", {"lang": found[1]}
    elif _PAGE.fullmatch(href):
        if not href.startswith("#"):
            place = "pages/" if href.partition("#")[0] in own else ""
            token.attrs = {"href": f"/{lang}/{place}{href}"}
        return True
    elif _OUTSIDE.fullmatch(href):
        token.attrs = {"href": href}
        return True
    else:
        token.tag, token.attrs = "span", {}
    return False
