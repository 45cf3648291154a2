"""The conditions of a rulebook as the identity zone reads them. It has no area files."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from petitions.domain.predicates import Predicate
from petitions.domain.rulebook_files import Library


def as_asked(who: Predicate, library: Library) -> dict[str, Any]:
    """The condition as the identity zone reads it: ages by area written out."""
    return {key: _written_out(key, each, library) for key, each in who.to_data().items()}


def _written_out(key: str, value: Any, library: Library) -> Any:
    if key == "age_min" and isinstance(value, Mapping):
        ages = library.areas(str(value["areas"])).values
        return {code: columns[str(value["column"])] for code, columns in ages.items()}
    if key in {"any", "all"}:
        return [{k: _written_out(k, v, library) for k, v in each.items()} for each in value]
    if key == "not":
        return {k: _written_out(k, v, library) for k, v in value.items()}
    return value
