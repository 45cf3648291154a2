"""The frame of every mail of the site: one letter, written once as text and once as HTML.

Rules of this module:
- a letter is a few blocks; both forms come from the same ones, so neither says more than the other;
- the HTML loads nothing: no picture, no font, no address of anybody else; links lead where they say
  and nowhere else on the way;
- it reads without its styles, and in light and dark; nothing in it needs a screen of a certain width.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum
from functools import cache
from pathlib import Path
from textwrap import wrap
from typing import Final

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup, escape

import petitions

WIDTH: Final = 72
"""Characters of a line of the plain form; addresses are never broken."""
_COLONS: Final = {"fr": "\u00a0:"}
"""By language, where a colon is not simply put behind the word."""
_ITEM = re.compile(r"(?:- |\d{1,2}\. )?")
_ADDRESS = re.compile(r"https?://[^\s<>\"')]+[^\s<>\"').,;:!?]")


class Form(StrEnum):
    TEXT = "text"
    HEADING = "heading"
    QUOTE = "quote"
    """Words of somebody else: of an author, of an institution."""
    BUTTON = "button"
    LINK = "link"
    LIST = "list"


@dataclass(frozen=True, slots=True)
class Block:
    """`lang`: of the words, where it is not the letter's own. `lines`: of a list."""

    form: Form
    text: str
    href: str = ""
    lang: str = ""
    lines: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Letter:
    subject: str
    site: str
    """Who writes: the name of the site or of the assembly."""
    blocks: tuple[Block, ...]
    reason: str = ""
    """"You receive this because …"."""
    foot: tuple[Block, ...] = ()
    lang: str = "en"
    dir: str = "ltr"


def plain(letter: Letter) -> str:
    """The letter as text, ending with one newline."""
    parts = [_plain_block(block, letter.lang) for block in letter.blocks]
    if letter.reason or letter.foot:
        foot = [letter.site, *([letter.reason] if letter.reason else [])]
        parts += ["-- ", *("\n".join(_folded(line)) for line in foot)]
        parts += [_plain_block(block, letter.lang) for block in letter.foot]
    return "\n\n".join(part for part in parts if part).replace("-- \n\n", "-- \n") + "\n"


def folded(text: str) -> str:
    """A letter that was written in long lines, at `WIDTH`; items of lists hang, blank lines stay."""
    return "\n".join(each for line in text.split("\n") for each in _hanging(line) or [""])


def _folded(text: str, before: str = "") -> list[str]:
    lines: list[str] = []
    for line in text.splitlines() or [""]:
        lines += wrap(
            line, WIDTH, initial_indent=before, subsequent_indent=before, break_long_words=False,
            break_on_hyphens=False,
        ) or [before.rstrip()]  # fmt: skip
    return lines


def _plain_block(block: Block, lang: str) -> str:
    if block.form in {Form.BUTTON, Form.LINK}:
        colon = _COLONS.get(lang, ":")
        return "\n".join(_folded(f"{block.text}{colon}")) + f"\n{block.href}"
    if block.form is Form.LIST:
        return "\n".join("\n".join(_hanging(f"- {line}")) for line in block.lines)
    if block.form is Form.QUOTE:
        return "\n".join(_folded(block.text, "> "))
    return "\n".join(_folded(block.text))


def _hanging(line: str) -> list[str]:
    found = _ITEM.match(line)
    behind = " " * (found.end() if found else 0)
    return wrap(
        line, WIDTH, subsequent_indent=behind, break_long_words=False, break_on_hyphens=False
    )


def as_html(letter: Letter) -> str:
    return _environment().get_template("frame.html").render(letter=letter, Form=Form)


def of_text(subject: str, text: str, *, site: str, lang: str, direction: str = "ltr") -> Letter:
    """A letter that was written as text: its paragraphs, lists and addresses, word for word."""
    blocks: list[Block] = []
    for part in re.split(r"\n[ \t]*\n", text.strip()):
        lines = part.split("\n")
        if all(line.startswith(("- ", "  ")) for line in lines) and lines[0].startswith("- "):
            joined = re.sub(r"\n {2,}", " ", part).split("\n")
            items = tuple(line.removeprefix("- ") for line in joined)
            if blocks and blocks[-1].form is Form.LIST:
                items = (*blocks.pop().lines, *items)
            blocks.append(Block(Form.LIST, "", lines=items))
        else:
            blocks.append(Block(Form.TEXT, part))
    return Letter(subject=subject, site=site, blocks=tuple(blocks), lang=lang, dir=direction)


def linked(text: str) -> Markup:
    """Plain text with its addresses as links, lines kept."""
    made, at = Markup(), 0
    for found in _ADDRESS.finditer(text):
        made += escape(text[at : found.start()])
        made += Markup('<a href="{0}" style="color:#1b4a86" class="link">{0}</a>').format(found[0])
        at = found.end()
    made += escape(text[at:])
    return Markup(str(made).replace("\n", "<br>\n"))  # noqa: S704 - escaped above


def folder() -> Path:
    package = Path(petitions.__file__).resolve().parent
    bundled = package / "_bundled" / "templates" / "mail"
    return bundled if bundled.is_dir() else package.parent / "templates" / "mail"


@cache
def _environment() -> Environment:
    made = Environment(
        loader=FileSystemLoader(folder()), undefined=StrictUndefined, autoescape=True,
        trim_blocks=True, lstrip_blocks=True,
    )  # fmt: skip
    made.filters["linked"] = linked
    return made


def text_blocks(*paragraphs: str) -> tuple[Block, ...]:
    return tuple(Block(Form.TEXT, each) for each in paragraphs if each)


def joined(*parts: Iterable[Block]) -> tuple[Block, ...]:
    return tuple(block for part in parts for block in part)
