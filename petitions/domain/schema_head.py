"""Reading `[rulebook]`: identity, languages, assurance, what is to be confirmed. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from petitions.domain.assembly import Assembly
from petitions.domain.schema import Reading
from petitions.domain.schema_context import Context
from petitions.domain.schema_shape import names_a_key
from petitions.domain.schema_table import Table


class Level(StrEnum):
    EMAIL = "email"
    LOW = "low"
    SUBSTANTIAL = "substantial"
    HIGH = "high"


class TranslatedBy(StrEnum):
    AUTHOR = "author"
    ASSEMBLY = "assembly"


@dataclass(frozen=True, slots=True, kw_only=True)
class Languages:
    """`authoritative` is "author" (the language it was written in), "all", or one language."""

    accepted: tuple[str, ...]
    required: tuple[str, ...] = ()
    authoritative: str = "author"
    translated_by: TranslatedBy = TranslatedBy.AUTHOR


@dataclass(frozen=True, slots=True, kw_only=True)
class Assurance:
    """The lowest level of identification accepted for each act."""

    file: Level = Level.SUBSTANTIAL
    sponsor: Level = Level.SUBSTANTIAL
    sign: Level = Level.SUBSTANTIAL
    withdraw: Level = Level.SUBSTANTIAL


@dataclass(frozen=True, slots=True, kw_only=True)
class Head:
    id: str
    version: int
    valid_from: date
    assemblies: tuple[Assembly, ...]
    zone: str
    realm: str
    languages: Languages
    assurance: Assurance
    confirm: tuple[str, ...]


def read_head(table: Table, name: str, context: Context) -> Head:
    """The `[rulebook]` table of the file called `name`."""
    book = table.required_text("id")
    stem = name.removesuffix(".toml").split(".")[0]
    if book and book != stem:
        table.refuse("id", f"must equal the file name '{stem}'")
    if not table.has("version"):
        table.refuse("version", "must be an integer >= 1")
    assemblies = _assemblies(table, context)
    return Head(
        id=book,
        version=table.number("version", 1),
        valid_from=table.day("valid_from") or date.max,
        assemblies=assemblies,
        zone=_zone(table),
        realm=_realm(table, context),
        languages=_languages(table.table("languages"), assemblies),
        assurance=_assurance(table),
        confirm=_confirm(table),
    )


def _assemblies(table: Table, context: Context) -> tuple[Assembly, ...]:
    known = sorted(context.assemblies)
    if not table.has("assemblies"):
        table.refuse("assemblies", f"must name some of the assemblies {known}")
    found = table.listed(
        "assemblies", lambda value: value in context.assemblies, f"must be one of {known}"
    )
    return tuple(context.assemblies[each] for each in found)


def _zone(table: Table) -> str:
    zone = table.raw("zone")
    try:
        if isinstance(zone, str) and ZoneInfo(zone):
            return zone
    except (ZoneInfoNotFoundError, ValueError, OSError):
        pass
    table.refuse("zone", "must be an IANA time zone")
    return "UTC"


def _realm(table: Table, context: Context) -> str:
    realm = table.required_text("realm")
    if context.realms is None or not realm:
        return realm
    facts = context.realms.get(realm)
    if facts is None:
        table.refuse("realm", f"must be one of {sorted(context.realms)}")
    elif facts.issuers > 1 and not facts.common_identifier:
        table.reading.refuse(
            table.at("realm"),
            "must map its issuers to one person key, got"
            f" '{realm}' with {facts.issuers} issuers and no common identifier",
        )
    return realm


def _languages(table: Table, assemblies: tuple[Assembly, ...]) -> Languages:
    sets: Mapping[str, tuple[str, ...]] = {
        name: codes for assembly in assemblies for name, codes in assembly.language_sets.items()
    }
    spoken = [code for assembly in assemblies for code in assembly.languages]
    accepted = tuple(dict.fromkeys(spoken[:1]))
    if table.has("accepted"):
        known = list(dict.fromkeys([*spoken, *sets]))
        listed = table.listed(
            "accepted",
            # Without an assembly every language would be refused, and that error is known already.
            lambda value: not assemblies or value in known,
            f"must be one of the assembly's languages {known}",
        )
        accepted = tuple(dict.fromkeys(code for each in listed for code in sets.get(each, (each,))))
    required = table.listed(
        "required",
        lambda value: value in accepted,
        f"must be one of {list(accepted)}",
        none_ok=True,
    )
    return Languages(
        accepted=accepted,
        required=required,
        authoritative=table.one_of("authoritative", ["author", "all", *accepted], "author"),
        translated_by=table.word("translated_by", TranslatedBy, TranslatedBy.AUTHOR),
    )


def _assurance(table: Table) -> Assurance:
    if not isinstance(table.raw("assurance"), dict):
        level = table.word("assurance", Level, Level.SUBSTANTIAL)
        return Assurance(file=level, sponsor=level, sign=level, withdraw=level)
    each = table.table("assurance")
    return Assurance(
        file=each.word("file", Level, Level.SUBSTANTIAL),
        sponsor=each.word("sponsor", Level, Level.SUBSTANTIAL),
        sign=each.word("sign", Level, Level.SUBSTANTIAL),
        withdraw=each.word("withdraw", Level, Level.SUBSTANTIAL),
    )


def _confirm(table: Table) -> tuple[str, ...]:
    return table.listed(
        "confirm",
        lambda value: isinstance(value, str) and names_a_key(value),
        "must name a key of the schema",
        none_ok=True,
    )


def check_sitting_clocks(reading: Reading, assemblies: tuple[Assembly, ...]) -> None:
    """A clock in sitting days needs a list of sitting days in every assembly served."""
    for path, text in reading.sitting.items():
        for assembly in assemblies:
            if assembly.calendar.sitting_days is None:
                rule = f"counts sitting days, but assembly '{assembly.id}' has no sitting calendar"
                reading.refuse(path, rule, text)
