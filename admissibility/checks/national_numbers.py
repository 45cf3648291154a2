"""National identity numbers left in a text that would become public; countries are data. Pure.

A number counts only if its check digits are right, or, where its country has none, if its form is
like no other's. Numbers that are any eleven digits in a row need a word beside them that names them:
a petition is full of figures, and one alarm in a hundred by chance would be one too many.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

from admissibility.checks.check_digits import CHECKS, Check
from admissibility.checks.signal import FormRules, PetitionText, Severity, Signal, Span

NEAR = 40
"""Characters before a number in which the word that names it is looked for."""


@dataclass(frozen=True, slots=True)
class Kind:
    """One country's number. `plain`: a way of writing it that needs no word beside it."""

    code: str
    name: str
    form: re.Pattern[str]
    lengths: frozenset[int]
    check: Check
    near: re.Pattern[str] | None
    plain: re.Pattern[str] | None
    keep: str


@cache
def kinds() -> tuple[Kind, ...]:
    """The table, read once. KeyError where it names an arithmetic that is not there."""
    source = files("admissibility.checks").joinpath("words/national_numbers.toml")
    return tuple(_kind(code, row) for code, row in tomllib.loads(source.read_text("utf-8")).items())


def _kind(code: str, row: dict[str, object]) -> Kind:
    near = [str(word) for word in row.get("near", [])]  # type: ignore[attr-defined]
    words = "|".join(
        re.escape(w.rstrip("*")) + (r"\w*" if w.endswith("*") else r"(?!\w)") for w in near
    )
    lengths = {int(str(row["length"])), int(str(row.get("longer", row["length"])))}
    return Kind(
        code=code,
        name=str(row["name"]),
        form=re.compile(rf"(?<![\w.,-])(?:{row['form']})(?![\w-]|[.,]\d)"),
        lengths=frozenset(lengths),
        check=CHECKS[str(row["check"])],
        near=re.compile(rf"(?<!\w)(?:{words})", re.IGNORECASE) if near else None,
        plain=re.compile(str(row["plain"])) if "plain" in row else None,
        keep=str(row.get("keep", "")),
    )


def found_in(words: str) -> Iterator[tuple[int, int, str]]:
    """(start, end, name of the number) of each place."""
    plain_spaces = words.translate(str.maketrans("\u00a0\u202f", "  "))
    for kind in kinds():
        for hit in kind.form.finditer(plain_spaces):
            compact = "".join(x for x in hit.group() if x.isalnum() or x in kind.keep)
            if len(compact) not in kind.lengths or not kind.check(compact):
                continue
            before = plain_spaces[max(0, hit.start() - NEAR) : hit.start()]
            named = kind.near is None or kind.near.search(before)
            if named or (kind.plain is not None and kind.plain.fullmatch(hit.group())):
                yield hit.start(), hit.end(), kind.name


def check(text: PetitionText, rules: FormRules) -> Iterator[Signal]:
    """Signal national_number; its facts name the kinds of number, never the number."""
    del rules
    hits = [
        (Span(part, start, end), name)
        for part, words in text.parts()
        for start, end, name in found_in(words)
    ]
    if hits:
        names = ", ".join(dict.fromkeys(name for _span, name in hits))
        spans = tuple(sorted({span for span, _name in hits}))
        facts: dict[str, str | int] = {"places": len(spans), "names": names}
        yield Signal("national_number", Severity.SERIOUS, facts, spans)
