"""May this person take part? Claims in, yes or no with one reason out, then the claims are dropped.

Pure: the day is an argument. Four answers to each condition: it holds, it fails, the realm leaves
it to the person's declaration, or the fact is missing; a missing fact refuses (it is never
skipped). What a provider proves is proved, never declared.
"""

from __future__ import annotations

import calendar
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum
from typing import Any, Final

LEAVES: Final = frozenset(
    {
        "age_min",
        "natural_person",
        "organisation",
        "resident_of",
        "citizen_of",
        "in_register",
        "permit",
        "office",
    }
)
COMPOUNDS: Final = frozenset({"any", "all", "not"})

_BIRTH = re.compile(r"(\d{4})(?:-(\d{2})(?:-(\d{2}))?)?")


@dataclass(frozen=True, slots=True)
class Attributes:
    """What one login proved, None where nothing was said. Lives in one function, never stored.

    `birthdate` as OpenID Connect writes it (`1990-05-12`, `1990-00-00`, `1990`); `at_least` maps
    an age to the provider's yes or no (for the day of the login only); the sets hold codes.
    """

    birthdate: str | None = field(default=None, repr=False)
    at_least: Mapping[int, bool] = field(default_factory=dict, repr=False)
    natural_person: bool | None = None
    organisation: bool | None = None
    resident_of: frozenset[str] | None = field(default=None, repr=False)
    citizen_of: frozenset[str] | None = field(default=None, repr=False)
    in_register: frozenset[str] | None = field(default=None, repr=False)
    permit: frozenset[str] | None = field(default=None, repr=False)
    office: frozenset[str] | None = field(default=None, repr=False)


@dataclass(frozen=True, slots=True)
class Verdict:
    """`failed` names the one condition, as (key, wanted); `missing` the fact nobody gave.

    `declare` holds the conditions left to the person, each as a predicate of the rulebook.
    """

    ok: bool
    failed: tuple[str, Any] | None = None
    missing: str | None = None
    declare: tuple[Mapping[str, Any], ...] = ()


class PredicateUnknown(ValueError):  # noqa: N818 - a fault of the request, told by its word
    """A condition this code does not know is refused, not ignored."""


class _Answer(StrEnum):
    HOLDS = "holds"
    FAILS = "fails"
    DECLARED = "declared"
    MISSING = "missing"


@dataclass(frozen=True, slots=True)
class _Finding:
    answer: _Answer
    what: tuple[str, Any]
    declare: tuple[Mapping[str, Any], ...] = ()


@dataclass(frozen=True, slots=True)
class _Case:
    claims: Attributes
    on: date
    declared: frozenset[str]
    proves: Mapping[str, Any]


def judge(
    predicate: Mapping[str, Any],
    claims: Attributes,
    *,
    on: date,
    declared: frozenset[str] = frozenset(),
    proves: Mapping[str, Any] | None = None,
) -> Verdict:
    """Judge a rulebook predicate on the day `on`; `{}` is anyone. PredicateUnknown on a new word.

    `declared`: conditions the realm leaves to a declaration; `proves`: what any successful login
    there proves by itself, such as `{"in_register": ["rnipp"]}`.
    """
    found = _all(_findings(predicate, _Case(claims, on, declared, proves or {}), holds=True))
    if found.answer is _Answer.FAILS:
        return Verdict(ok=False, failed=found.what)
    if found.answer is _Answer.MISSING:
        return Verdict(ok=False, missing=found.what[0])
    return Verdict(ok=True, declare=found.declare)


def classes_that_hold(
    classes: Mapping[str, Mapping[str, Any]],
    claims: Attributes,
    *,
    on: date,
    declared: frozenset[str] = frozenset(),
    proves: Mapping[str, Any] | None = None,
) -> tuple[str, ...]:
    """Labels of the counting classes proved without a declaration, in order.

    A class is a number that is published, so a declaration or a missing fact never fills it.
    """
    verdicts = {
        label: judge(who, claims, on=on, declared=declared, proves=proves)
        for label, who in classes.items()
    }
    return tuple(label for label, found in verdicts.items() if found.ok and not found.declare)


def needed_facts(predicate: Mapping[str, Any]) -> frozenset[str]:
    """Every leaf condition a predicate names: what a realm must cover."""
    found: set[str] = set()
    for key, wanted in predicate.items():
        if key in ("any", "all"):
            found.update(*(needed_facts(each) for each in wanted))
        elif key == "not":
            found |= needed_facts(wanted)
        else:
            found.add(key)
    return frozenset(found)


def complete_years(birthdate: str, on: date) -> int | None:
    """Age in complete years (rule T10), None if the text is no date of birth.

    The birthday itself counts; who is born on 29 February completes a year on 1 March of other
    years; an unknown day or month (missing or 00) counts as the latest possible.
    """
    found = _BIRTH.fullmatch(birthdate)
    if found is None:
        return None
    year, month, day = (int(part or 0) for part in found.groups())
    if year == 0 or month > 12 or (month == 0 and day):
        return None
    month = month or 12
    last = calendar.monthrange(year, month)[1]
    day = day or last
    if day > last:
        return None
    return on.year - year - ((on.month, on.day) < (month, day))


def _findings(predicate: Mapping[str, Any], case: _Case, *, holds: bool) -> list[_Finding]:
    """One finding per key. `holds` False asks for the opposite: `not` is pushed to the leaves."""
    return [_finding(key, wanted, case, holds=holds) for key, wanted in predicate.items()]


def _finding(key: str, wanted: Any, case: _Case, *, holds: bool) -> _Finding:
    if key == "not":
        inner = _findings(wanted, case, holds=not holds)
        return _any(inner, ("not", wanted)) if holds else _all(inner)
    if key in ("any", "all"):
        inner = [
            (_all if holds else _any_plain)(_findings(each, case, holds=holds)) for each in wanted
        ]
        # De Morgan: none of "any" is all of the opposites.
        one_is_enough = (key == "any") == holds
        return _any(inner, (key, wanted)) if one_is_enough else _all(inner)
    if key not in LEAVES:
        raise PredicateUnknown(key)
    return _leaf(key, wanted, case, holds=holds)


def _leaf(key: str, wanted: Any, case: _Case, *, holds: bool) -> _Finding:
    said = _said(key, wanted, case.claims, case.on)
    if said is None and _proved_by_login(key, wanted, case.proves):
        said = True
    told = (key, wanted) if holds else ("not", {key: wanted})
    if said is not None:
        return _Finding(_Answer.HOLDS if said == holds else _Answer.FAILS, told)
    if key in case.declared:
        return _Finding(_Answer.DECLARED, told, ({told[0]: told[1]},))
    return _Finding(_Answer.MISSING, (key, wanted))


def _all(findings: list[_Finding]) -> _Finding:
    for answer in (_Answer.FAILS, _Answer.MISSING):
        for found in findings:
            if found.answer is answer:
                return found
    declare = tuple(each for found in findings for each in found.declare)
    if any(found.answer is _Answer.DECLARED for found in findings):
        return _Finding(_Answer.DECLARED, ("all", ()), declare)
    return _Finding(_Answer.HOLDS, ("all", ()))


def _any(findings: list[_Finding], what: tuple[str, Any]) -> _Finding:
    for found in findings:
        if found.answer is _Answer.HOLDS:
            return found
    open_ones = [found for found in findings if found.answer is _Answer.DECLARED]
    if open_ones:
        return _Finding(_Answer.DECLARED, what, (_either(found.declare for found in open_ones),))
    for found in findings:
        if found.answer is _Answer.MISSING:
            return found
    return findings[0] if len(findings) == 1 else _Finding(_Answer.FAILS, what)


def _any_plain(findings: list[_Finding]) -> _Finding:
    """Under a `not`, several keys in one table fail together only if one of them fails."""
    return _any(findings, ("not", [found.what for found in findings]))


def _either(options: Iterable[tuple[Mapping[str, Any], ...]]) -> Mapping[str, Any]:
    """The declarations of alternatives as one predicate."""
    each = [one[0] if len(one) == 1 else {"all": list(one)} for one in options]
    return each[0] if len(each) == 1 else {"any": each}


def _said(key: str, wanted: Any, claims: Attributes, on: date) -> bool | None:
    """What the claims say about one leaf; None if they say nothing."""
    if key == "age_min":
        return _old_enough(wanted, claims, on)
    value = getattr(claims, key)
    if value is None:
        return None
    if key in ("natural_person", "organisation"):
        return bool(value == wanted)
    return not value.isdisjoint(_codes(wanted))


def _old_enough(wanted: Any, claims: Attributes, on: date) -> bool | None:
    if isinstance(wanted, Mapping):
        # Age by area: the age of any citizenship held, since each gives the right by itself.
        known = [wanted[code] for code in sorted(claims.citizen_of or ()) if code in wanted]
        answers = [_old_enough(age, claims, on) for age in known]
        if True in answers:
            return True
        return None if not answers or None in answers else False
    years = None if claims.birthdate is None else complete_years(claims.birthdate, on)
    if years is not None:
        return years >= int(wanted)
    for age, yes in claims.at_least.items():
        if yes and age >= wanted:
            return True
        if not yes and age <= wanted:
            return False
    return None


def _proved_by_login(key: str, wanted: Any, proves: Mapping[str, Any]) -> bool:
    if key not in proves:
        return False
    given = proves[key]
    if key == "age_min":
        return not isinstance(wanted, Mapping) and int(given) >= int(wanted)
    if isinstance(given, bool):
        return bool(given == wanted)
    return not _codes(given).isdisjoint(_codes(wanted))


def _codes(wanted: Any) -> frozenset[str]:
    return frozenset([wanted]) if isinstance(wanted, str) else frozenset(wanted)
