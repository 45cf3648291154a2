"""Letters to authors: one reviewed text per occasion and language, rendered from an outbox payload.

Rules of this module:
- the preview a clerk reads and the letter the worker sends come from this one function;
- a letter without a text in the author's language is refused, never sent in another by accident;
- an assembly may replace a text by its own, `<folder>/<assembly>/<code>.<language>.txt`, and the foot
  by `_foot.<language>.txt`; a text of its own runs in a sandbox and names the same facts;
- the first line of a file is the subject; facts cannot break out of it (header injection);
- facts are plain JSON: days travel as ISO dates and are written in words here.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from functools import cache
from gettext import NullTranslations
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined, TemplateNotFound, pass_context
from jinja2.runtime import Context
from jinja2.sandbox import SandboxedEnvironment

import petitions
from petitions.domain.errors import InvalidError
from petitions.platform.i18n import Locale

CODES = (
    "submitted",
    "admitted",
    "returned",
    "correction_reminder",
    "refused",
    "hidden",
    "taken_down",
    "restored",
    "reopened",
    "merge_asked",
    "merged",
    "threshold_reached",
    "closed_below",
    "examined",
    "lapsed",
    "sponsors_complete",
    "sponsors_wanted",
    "body_informed",
)
# An author who leaves five blank lines in a text must not push our words off the page.
_BLANKS = re.compile(r"\n[ \t]*(?:\n[ \t]*)+\n")
# What every letter names: the parliament, the petition, and where its author reads on.
COMMON = frozenset({"site", "reference", "title", "author_link", "contact"})
FACTS: dict[str, frozenset[str]] = {
    "submitted": frozenset({"decide_by", "sponsors_needed"}),
    "admitted": frozenset({"outcome", "terms", "link", "last_day", "sponsors_needed"}),
    "returned": frozenset({"points", "due", "returns_left", "proposed"}),
    "correction_reminder": frozenset({"points", "due", "proposed"}),
    "refused": frozenset({"grounds", "reasons", "link"}),
    "hidden": frozenset({"grounds", "reasons"}),
    "taken_down": frozenset({"grounds", "legal_basis", "asked_by", "reasons"}),
    "restored": frozenset({"reasons", "last_day", "link"}),
    "reopened": frozenset({"reasons"}),
    "merge_asked": frozenset({"target_reference", "target_title", "reasons"}),
    "merged": frozenset({"target_reference", "target_title", "link"}),
    "threshold_reached": frozenset({"count", "threshold", "link", "duties"}),
    "closed_below": frozenset({"count", "threshold", "last_day", "link"}),
    "examined": frozenset({"body", "outcome", "summary", "link"}),
    "lapsed": frozenset({"cause"}),
    "sponsors_complete": frozenset({"decide_by"}),
    "sponsors_wanted": frozenset({"sponsors_needed"}),
    "body_informed": frozenset({"body", "count", "threshold", "link"}),
}


@dataclass(frozen=True, slots=True)
class Letter:
    """A plain-text letter, ready to be sent or shown."""

    subject: str
    text: str


def folder() -> Path:
    """Where the texts are: inside the installed package, or beside it in a work tree."""
    package = Path(petitions.__file__).resolve().parent
    bundled = package / "_bundled" / "templates" / "letters"
    return bundled if bundled.is_dir() else package.parent / "templates" / "letters"


def languages(code: str) -> tuple[str, ...]:
    """The languages in which a letter exists."""
    return tuple(sorted(path.name.split(".")[1] for path in folder().glob(f"{code}.*.txt")))


def own_folder(own: str, facts: Mapping[str, object]) -> str:
    """The folder of the assembly's own texts; "" where it has none."""
    assembly = str(facts.get("assembly", ""))
    return str(Path(own) / assembly) if own and assembly else ""


def render(code: str, lang: str, facts: Mapping[str, object], own: str = "") -> Letter:
    """The letter on an occasion, in a language. `own`: the folder of texts of the assemblies.

    Raises InvalidError("letter_missing") if there is no such text and
    InvalidError("letter_facts") if a fact it names was not given.
    """
    missing = (COMMON | FACTS.get(code, frozenset())) - facts.keys()
    if missing:
        raise InvalidError("letter_facts", letter=code, missing=", ".join(sorted(missing)))
    try:
        template = environment(own_folder(own, facts)).get_template(f"{code}.{lang}.txt")
    except TemplateNotFound:
        raise InvalidError("letter_missing", letter=code, language=lang) from None
    words = template.render(facts, locale=Locale(lang, NullTranslations()))
    subject, _, text = words.partition("\n")
    return Letter(" ".join(subject.split()), _BLANKS.sub("\n\n", text).strip() + "\n")


@pass_context
def _day(context: Context, value: object) -> str:
    locale: Locale = context["locale"]
    return locale.date(date.fromisoformat(str(value)[:10]))


@pass_context
def _number(context: Context, value: float) -> str:
    locale: Locale = context["locale"]
    return locale.number(value)


def _one_line(value: object) -> str:
    return " ".join(str(value).split())


@cache
def environment(own: str = "") -> Environment:
    """Where texts are looked up: in the assembly's own folder first, where it has one."""
    # Plain text: nothing to escape. What citizens wrote enters as values only.
    texts = SandboxedEnvironment(
        loader=FileSystemLoader([own, str(folder())] if own else folder()),
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    texts.filters |= {"day": _day, "number": _number, "one_line": _one_line}
    return texts
