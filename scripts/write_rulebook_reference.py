"""Write docs/rulebook-reference.md from the schema itself: keys, types, defaults, refusals, meanings.

Keys come from the tree of known keys; types and defaults from what the readers ask for when they
read a file with every table; refusals from handing each key a value of the wrong type. Only the
meaning is written by hand, in `petitions/domain/schema_meanings.py`.
"""

from __future__ import annotations

import itertools
import tomllib
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from enum import StrEnum
from pathlib import Path
from typing import Any

from petitions.domain import rulebook
from petitions.domain.rulebook_files import load_directory
from petitions.domain.schema import RulebookErrors
from petitions.domain.schema_meanings import MEANINGS
from petitions.domain.schema_sections import OPENING, SECTIONS
from petitions.domain.schema_sections import TYPES as SAID_TYPES
from petitions.domain.schema_shape import FILE, Form, Shape
from petitions.domain.schema_table import Table

ROOT = Path(__file__).resolve().parents[1]
SHELF = ROOT / "petitions" / "rulebooks"
PAPER = ROOT / "docs" / "rulebook-reference.md"
ANY = "x"
"""Stands for an id of the file; shown as <id>."""
WRONG: tuple[object, ...] = (1.5, "?", 0)
SHARE: dict[str, object] = {"share": "1/100", "of": "people"}
COMPANIONS: dict[str, dict[str, object]] = {
    "milestones[].threshold.of": {"share": "1/100"},
    "milestones[].threshold.floor": SHARE,
    "milestones[].threshold.ceiling": SHARE,
    "milestones[].threshold.round": SHARE,
}
"""What must stand beside a key for its reader to look at it."""
Path_ = tuple[str | int, ...]


def keys(shape: Shape = FILE, here: Path_ = ()) -> Iterator[tuple[Path_, Shape]]:
    """Every key of the tree, containers before what they hold; a choice's `set` is not opened."""
    if here:
        yield here, shape
    if here[-1:] == ("set",):
        return
    if shape.form is Form.IDS and shape.each is not None:
        yield from keys(shape.each, (*here, ANY))
    elif shape.form is Form.LIST and shape.each is not None:
        yield from _below(shape.each, (*here, 0))
    else:
        yield from _below(shape, here)


def _below(shape: Shape, here: Path_) -> Iterator[tuple[Path_, Shape]]:
    for key, each in shape.keys.items():
        inside_a_kind = here[:1] == ("kinds",)
        if not inside_a_kind:
            yield from keys(each, (*here, key))


def shown(path: Path_) -> str:
    """`milestones[].threshold`, `kinds.<id>`."""
    text = ""
    for part in path:
        if isinstance(part, int):
            text += "[]"
        else:
            word = "<id>" if part == ANY else part
            text += f".{word}" if text else word
    return text


def everything(shape: Shape = FILE, here: Path_ = ()) -> Any:
    """A source with every table and one entry in every list, and no values."""
    if shape.form is Form.LIST and shape.each is not None:
        return [everything(shape.each, (*here, 0))]
    if shape.form is Form.IDS and shape.each is not None:
        return {ANY: {} if here == ("kinds",) else everything(shape.each, (*here, ANY))}
    if shape.form in (Form.TABLE, Form.EITHER):
        return {
            key: everything(each, (*here, key))
            for key, each in shape.keys.items()
            if each.form not in (Form.VALUE, Form.PREDICATE) and key != "set"
        }
    return 1


@contextmanager
def recorded(found: dict[str, tuple[str, str]]) -> Iterator[None]:
    """While readers read: which method of `Table` each key is asked with, the outermost call only."""
    kept, depth = {}, [0]

    def watched(name: str, method: Callable[..., Any]) -> Callable[..., Any]:
        def call(table: Table, key: str, *args: Any, **more: Any) -> Any:
            depth[0] += 1
            try:
                if depth[0] == 1:
                    path = shown(tuple(0 if isinstance(p, int) else p for p in (*table.path, key)))
                    found.setdefault(path, describe(name, args, more))
                return method(table, key, *args, **more)
            finally:
                depth[0] -= 1

        return call

    for name in TYPES:
        kept[name] = getattr(Table, name)
        setattr(Table, name, watched(name, kept[name]))
    try:
        yield
    finally:
        for name, method in kept.items():
            setattr(Table, name, method)


TYPES = {
    "text": "text", "required_text": "text, required", "identifier": "id, required",
    "integer": "integer", "signed_integer": "number of days", "number": "integer",
    "flag": "true or false", "word": "", "words": "", "listed": "list of texts",
    "ids": "list of ids", "one_of": "", "period": "period", "required_period": "period, required",
    "default_period": "period", "signed_period": "signed period", "share": 'share "a/b"',
    "day": "date, required", "predicate": "condition",
}  # fmt: skip
PLAIN = {"integer", "text", "period", "signed_period", "signed_integer", "share"}


def describe(name: str, args: tuple[Any, ...], more: dict[str, Any]) -> tuple[str, str]:
    """Type and default of a key, from the call that reads it."""
    if name == "number":
        return f"integer ≥ {more.get('minimum', args[1] if len(args) > 1 else 1)}", _code(args[0])
    if name == "integer":
        return f"integer ≥ {args[0] if args else 1}", "none"
    if name in ("word", "words"):
        words = ", ".join(f"`{each}`" for each in args[0])
        default = args[1] if name == "word" else list(map(str, args[1]))
        return ("one of " if name == "word" else "list of ") + words, _code(default)
    if name == "one_of":
        return "one of " + ", ".join(f"`{each}`" for each in args[0]), _code(args[1])
    if name in ("period", "required_period", "default_period"):
        days = "period, also in working or sitting days" if more.get("counted") else "date period"
        if name == "required_period":
            return f"{days}, required", ""
        return days, _code(args[0]) if name == "default_period" else "none"
    if name == "ids":
        return "list of ids", _code(list(args[0]) if args else list(more.get("default", ())))
    if name == "flag":
        return "true or false", _code(more.get("default", args[0] if args else False))
    if name == "predicate":
        return "condition", _code("as `signing.who`" if args else {})
    return TYPES[name], "none" if name in PLAIN else ""


def _code(value: object) -> str:
    if isinstance(value, bool):
        return f"`{str(value).lower()}`"
    if isinstance(value, StrEnum):
        return f"`{value}`"
    if isinstance(value, list):
        return "`[" + ", ".join(f'"{each}"' for each in value) + "]`"
    if isinstance(value, str) and value.startswith("as "):
        return value
    return f"`{value}`"


def refusals() -> dict[str, str]:
    """What a key says to a value of the wrong type, as the loader itself says it."""
    context = load_directory(SHELF).context
    text = (SHELF / "town.toml").read_text(encoding="utf-8")
    found = {}
    for path, _shape in keys():
        rules = []
        for wrong in WRONG:
            source = tomllib.loads(text)
            _put(source, path, wrong)
            rules.append(_said(source, path, context))
        found[shown(path)] = "; ".join(dict.fromkeys(rule for rule in rules if rule))
    return found


def _put(source: Any, path: Path_, value: object) -> None:
    here = source
    for part, following in itertools.pairwise(path):
        empty: Any = [{}] if isinstance(following, int) else {}
        if isinstance(part, int):
            here = here[0]
            continue
        if not isinstance(here.get(part), type(empty)) or not here[part]:
            here[part] = empty
        here = here[part]
    here.update(COMPANIONS.get(shown(path), {}))
    if isinstance(path[-1], str):
        here[path[-1]] = value


def _said(source: dict[str, Any], path: Path_, context: Any) -> str:
    wanted = "".join(f"[{p}]" if isinstance(p, int) else f".{p}" for p in path).lstrip(".")
    try:
        rulebook._read(source, "town.toml", context)  # noqa: SLF001 - the reader without its TOML
    except RulebookErrors as errors:
        for each in errors.errors:
            if each.path == wanted:
                return each.rule
    return ""


def paper() -> str:
    """The whole page, Markdown, ending with one newline."""
    types: dict[str, tuple[str, str]] = {}
    with recorded(types), suppress(RulebookErrors):
        rulebook._read(everything(), "x.toml", load_directory(SHELF).context)  # noqa: SLF001
    said = refusals()
    parts = [OPENING.rstrip()]
    section = ""
    for path, shape in keys():
        name = shown(path)
        top = name.split(".")[0].split("[")[0]
        if top != section:
            section = top
            said_of = SECTIONS.get(top, "")
            parts.append(f"\n## {top}\n" + (f"\n{said_of}\n" if said_of else ""))
            parts.append("| key | type | default | refused with | meaning |\n|---|---|---|---|---|")
        kind, default = SAID_TYPES.get(name) or types.get(name, (_container(shape), ""))
        row = (f"`{name}`", kind, default, said.get(name, ""), MEANINGS.get(name, ""))
        parts.append("| " + " | ".join(each.replace("|", "\\|") for each in row) + " |")
    return "\n".join(parts) + "\n"


def _container(shape: Shape) -> str:
    return {
        Form.TABLE: "table",
        Form.IDS: "table of ids",
        Form.LIST: "list of tables",
        Form.EITHER: "value or table",
        Form.PREDICATE: "condition",
        Form.VALUE: "value",
    }[shape.form]


if __name__ == "__main__":
    PAPER.write_text(paper(), encoding="utf-8")
    print(f"wrote {PAPER.name}")
