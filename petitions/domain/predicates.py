"""Predicates: the conditions a person must meet, as a small tree. Pure.

The petition side never evaluates a predicate: it has no claims. It writes the tree into the
request token (`to_data`) and the identity zone answers yes or no. Several keys in one table are all
required; the empty table is anyone.
"""

from __future__ import annotations

import difflib
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass

Path = tuple[str | int, ...]
Refuse = Callable[[Path, str, object], None]

AGE_RULE = "must be between 1 and 120"
TEXT_KEYS = ("resident_of", "citizen_of", "in_register", "permit", "office")
FLAG_KEYS = ("natural_person", "organisation")
KEYS = ("age_min", *FLAG_KEYS, *TEXT_KEYS, "any", "all", "not")


@dataclass(frozen=True, slots=True)
class AgeByArea:
    """The minimum age stands in a column of an area table (the voting age of each member state)."""

    areas: str
    column: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Predicate:
    """Every field that is set must hold; `any` needs one branch, `all` every branch."""

    age_min: int | AgeByArea | None = None
    natural_person: bool | None = None
    organisation: bool | None = None
    resident_of: str | None = None
    citizen_of: str | None = None
    in_register: str | None = None
    permit: str | None = None
    office: str | None = None
    any: tuple[Predicate, ...] = ()
    all: tuple[Predicate, ...] = ()
    negated: Predicate | None = None

    @classmethod
    def from_toml(cls, table: Mapping[str, object]) -> Predicate:
        """Read a predicate on its own; ValueError lists every fault with its path."""
        faults: list[str] = []

        def refuse(path: Path, rule: str, value: object) -> None:
            faults.append(f"{'.'.join(map(str, path))} {rule}, got {value!r}")

        predicate = read_predicate(table, (), refuse)
        if faults:
            raise ValueError("; ".join(faults))
        return predicate

    def to_data(self) -> dict[str, object]:
        """The same tree as JSON-able values, keys as written in a rulebook."""
        tree: dict[str, object] = {}
        if isinstance(self.age_min, AgeByArea):
            tree["age_min"] = {"areas": self.age_min.areas, "column": self.age_min.column}
        elif self.age_min is not None:
            tree["age_min"] = self.age_min
        for key in (*FLAG_KEYS, *TEXT_KEYS):
            if getattr(self, key) is not None:
                tree[key] = getattr(self, key)
        if self.any:
            tree["any"] = [branch.to_data() for branch in self.any]
        if self.all:
            tree["all"] = [branch.to_data() for branch in self.all]
        if self.negated is not None:
            tree["not"] = self.negated.to_data()
        return tree

    @property
    def anyone(self) -> bool:
        return not self.to_data()

    def walk(self, path: Path = ()) -> Iterator[tuple[Path, Predicate]]:
        """The predicate itself and all below it, each with its path as written."""
        yield path, self
        for key, branches in (("any", self.any), ("all", self.all)):
            for position, branch in enumerate(branches):
                yield from branch.walk((*path, key, position))
        if self.negated is not None:
            yield from self.negated.walk((*path, "not"))


ANYONE = Predicate()


def read_predicate(value: object, path: Path, refuse: Refuse) -> Predicate:
    """Read a predicate table; each fault goes to `refuse`, and reading goes on."""
    if not isinstance(value, Mapping):
        refuse(path, "must be a table of conditions", value)
        return ANYONE
    for key in value:
        if key not in KEYS:
            refuse((*path, key), not_a_known_key(key, KEYS), None)
    flags = {key: _flag(value, key, path, refuse) for key in FLAG_KEYS}
    texts = {key: _text(value, key, path, refuse) for key in TEXT_KEYS}
    return Predicate(
        age_min=_age(value.get("age_min"), (*path, "age_min"), refuse),
        natural_person=flags["natural_person"],
        organisation=flags["organisation"],
        resident_of=texts["resident_of"],
        citizen_of=texts["citizen_of"],
        in_register=texts["in_register"],
        permit=texts["permit"],
        office=texts["office"],
        any=_branches(value, "any", path, refuse),
        all=_branches(value, "all", path, refuse),
        negated=read_predicate(value["not"], (*path, "not"), refuse) if "not" in value else None,
    )


def not_a_known_key(key: str, known: tuple[str, ...]) -> str:
    """The sentence for a key nobody knows, with the nearest known one."""
    near = difflib.get_close_matches(key, known, n=1)
    return "is not a known key" + (f", did you mean '{near[0]}'?" if near else "")


def _age(value: object, path: Path, refuse: Refuse) -> int | AgeByArea | None:
    if value is None:
        return None
    if isinstance(value, Mapping):
        areas, column = value.get("areas"), value.get("column")
        if set(value) == {"areas", "column"} and isinstance(areas, str) and isinstance(column, str):
            return AgeByArea(areas, column)
        refuse(path, "must be a number or a table of 'areas' and 'column'", value)
        return None
    if isinstance(value, bool) or not isinstance(value, int) or not 1 <= value <= 120:
        refuse(path, AGE_RULE, value)
        return None
    return value


def _flag(table: Mapping[str, object], key: str, path: Path, refuse: Refuse) -> bool | None:
    value = table.get(key)
    if value is None or isinstance(value, bool):
        return value
    refuse((*path, key), "must be true or false", value)
    return None


def _text(table: Mapping[str, object], key: str, path: Path, refuse: Refuse) -> str | None:
    value = table.get(key)
    if value is None or (isinstance(value, str) and value):
        return value
    refuse((*path, key), "must be a code", value)
    return None


def _branches(
    table: Mapping[str, object], key: str, path: Path, refuse: Refuse
) -> tuple[Predicate, ...]:
    if key not in table:
        return ()
    branches = table[key]
    # An empty `any` would bar everybody and an empty `all` nobody: neither is ever meant.
    if not isinstance(branches, list) or not branches:
        refuse((*path, key), "must be a list of at least one condition", branches)
        return ()
    return tuple(
        read_predicate(branch, (*path, key, position), refuse)
        for position, branch in enumerate(branches)
    )
