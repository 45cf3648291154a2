"""Public holidays of the assemblies that name their country, from the library `holidays`.

The pure readers know the name of a country and no dates; here the library's dates join those that the
assembly's own file lists. An entry of the calendar by clerks comes on top. Where an update of the
library moves a date, the worker lays running petitions out again, as after any change of a calendar.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date
from importlib.metadata import version
from types import MappingProxyType

from petitions.domain.assembly import Assembly, HolidayRule
from petitions.domain.rulebook_files import Library
from petitions.domain.schema import RulebookError, RulebookErrors

FIRST_YEAR, LAST_YEAR = 2000, 2060
"""Asked of the library, which knows no end: no clock of a petition reaches further."""


@dataclass(frozen=True, slots=True)
class Covered:
    """What `petitions doctor` says of one assembly. `own_until`: the last day its own file covers."""

    assembly: str
    place: str
    years: tuple[int, int]
    own_until: date | None
    library: str


def with_public_holidays(library: Library) -> Library:
    """The same shelf with the holidays of each assembly's country; RulebookErrors says what is wrong."""
    assemblies = library.context.assemblies
    if not any(each.public_holidays for each in assemblies.values()):
        return library
    errors: list[RulebookError] = []
    filled = {key: _filled(each, errors) for key, each in assemblies.items()}
    if errors:
        raise RulebookErrors(errors)
    context = replace(library.context, assemblies=MappingProxyType(filled))
    return replace(library, context=context)


def _filled(assembly: Assembly, errors: list[RulebookError]) -> Assembly:
    rule = assembly.public_holidays
    if rule is None:
        return assembly
    problem = _unknown(rule)
    if problem:
        key, known = problem
        value = rule.country if key == "country" else rule.subdivision
        told = f"must be one that the library of holidays knows: {known}"
        errors.append(
            RulebookError(f"assemblies/{assembly.id}.toml", f"public_holidays.{key}", told, value)
        )
        return assembly
    days = frozenset(_days(rule))
    calendar = assembly.calendar
    until = calendar.covers_until
    # Recess and sitting days are the assembly's word alone: where it keeps any, so is how far they go.
    if until == date.min and calendar.sitting_days is None and not calendar.spans:
        until = date(_span(rule)[1], 12, 31)
    full = replace(calendar, holidays=calendar.holidays | days, covers_until=until)
    return replace(assembly, calendar=full)


def _unknown(rule: HolidayRule) -> tuple[str, str] | None:
    import holidays  # heavy, and only sites that name a country pay for it

    known: Mapping[str, list[str]] = holidays.list_supported_countries()
    if rule.country not in known:
        return "country", "ISO 3166-1 codes such as 'FR'"
    if rule.subdivision and rule.subdivision not in known[rule.country]:
        return "subdivision", ", ".join(known[rule.country]) or f"none for {rule.country}"
    return None


def _days(rule: HolidayRule) -> list[date]:
    import holidays

    first, last = _span(rule)
    found = holidays.country_holidays(
        rule.country, subdiv=rule.subdivision or None, years=range(first, last + 1)
    )
    return sorted(found)


def _span(rule: HolidayRule) -> tuple[int, int]:
    import holidays

    known = holidays.country_holidays(rule.country)
    return max(FIRST_YEAR, known.start_year), min(LAST_YEAR, known.end_year)


def covered(library: Library, assemblies: tuple[str, ...]) -> tuple[Covered, ...]:
    """For each of these assemblies that names its country: which years its working days are known."""
    found = []
    for each in assemblies:
        assembly = library.assembly(each)
        rule = assembly.public_holidays
        if rule is None:
            continue
        until = assembly.calendar.covers_until
        place = f"{rule.country}-{rule.subdivision}" if rule.subdivision else rule.country
        found.append(
            Covered(
                assembly=each,
                place=place,
                years=_span(rule),
                own_until=None if until == date.min else until,
                library=f"holidays {version('holidays')}",
            )
        )
    return tuple(found)
