"""Reading `assemblies/`, `areas/` and `populations/`: what rulebooks refer to. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from types import MappingProxyType

from petitions.domain.assembly import (
    CALENDAR_EVENTS,
    AreaTable,
    Assembly,
    HolidayRule,
    MapSource,
    Population,
)
from petitions.domain.calendar import AssemblyCalendar, DaySpan
from petitions.domain.predicates import not_a_known_key
from petitions.domain.schema import Reading, Source, located, plain, written_items
from petitions.domain.schema_shape import VALUE, Shape, check_shape, ids_of, list_of, table_of
from petitions.domain.schema_table import INTEGER_MAX, Table
from petitions.domain.topics import NO_LISTS, Topics, topics_of

_WEEKDAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
_ASSEMBLY = table_of(
    "id languages site_languages zone events weekend holidays sitting_days covers_until",
    name=ids_of(VALUE),
    called=ids_of(VALUE),
    language_sets=ids_of(VALUE),
    bodies=ids_of(ids_of(VALUE)),
    recess=list_of("from to"),
    public_holidays=table_of("country subdivision"),
    contacts=ids_of(VALUE),
    maps=ids_of(table_of("file code inhabitants source")),
    topics=VALUE,  # the name of a shared list, or a list of its own: `topics` judges it
)
_AREAS = table_of("id source as_of columns", noun=ids_of(VALUE), areas=ids_of(ids_of(VALUE)))
_POPULATION = table_of("id value as_of source")


def read_assembly(
    stem: str, source: Source, reading: Reading, shared: Mapping[str, Topics] = NO_LISTS
) -> Assembly:
    """Read `assemblies/<stem>.toml`: languages, bodies with their names, topics, and the calendar.

    `shared`: the lists of topics that assemblies have in common, by the name of their file.
    """
    table = _known(reading, source, _ASSEMBLY, stem)
    languages = table.ids("languages", none_ok=False)
    if not languages:
        table.refuse("languages", "must name at least one language")
    bodies = table.table("bodies")
    sets = table.table("language_sets")
    names = _names(table, "name")
    for language in languages[:1]:
        if language not in names:
            table.refuse("name", f"must have a name in '{language}'")
    return Assembly(
        id=stem,
        names=names,
        languages=languages or ("en",),
        site_languages=table.ids("site_languages", languages),
        language_sets=MappingProxyType({key: sets.ids(key) for key in sets.entries}),
        zone=table.required_text("zone", "UTC"),
        bodies=MappingProxyType({key: _body(bodies, key, languages) for key in bodies.entries}),
        events=(*CALENDAR_EVENTS, *table.ids("events")),
        calendar=_calendar(table),
        contacts=_contacts(table, tuple(bodies.entries)),
        public_holidays=_public_holidays(table.table("public_holidays"))
        if table.has("public_holidays")
        else None,
        maps=_maps(table.table("maps")),
        topics=topics_of(table, stem, shared),
        called=_names(table, "called"),
    )


def _maps(tables: Table) -> Mapping[str, MapSource]:
    """Area table → its outlines. The GeoJSON file itself is read where maps are drawn."""
    found = {}
    for areas in tables.entries:
        table = tables.table(areas)
        file = table.required_text("file")
        if "/" in file or not file.endswith((".geojson", ".json")):
            table.refuse("file", "must be the name of a GeoJSON file in the folder 'maps'")
        found[areas] = MapSource(
            file=file,
            code=table.required_text("code"),
            inhabitants=table.text("inhabitants") or "",
            source=table.text("source") or "",
        )
    return MappingProxyType(found)


def _contacts(table: Table, bodies: tuple[str, ...]) -> Mapping[str, str]:
    contacts = table.table("contacts")
    for body in contacts.entries:
        if body not in bodies:
            contacts.refuse(body, f"must be one of bodies {list(bodies)}")
        elif "@" not in contacts.required_text(body):
            contacts.refuse(body, "must be an e-mail address")
    return MappingProxyType({body: contacts.required_text(body) for body in contacts.entries})


def _public_holidays(table: Table) -> HolidayRule:
    return HolidayRule(
        country=table.required_text("country"), subdivision=table.text("subdivision") or ""
    )


def _known(reading: Reading, source: Source, shape: Shape, stem: str) -> Table:
    table = Table(reading, located(source))
    check_shape(reading, table.written, shape)
    if table.raw("id") != stem:
        table.refuse("id", f"must equal the file name '{stem}'")
    return table


def _names(table: Table, key: str) -> Mapping[str, str]:
    names = table.table(key)
    return MappingProxyType({language: names.required_text(language) for language in names.entries})


def _body(bodies: Table, key: str, languages: tuple[str, ...]) -> Mapping[str, str]:
    names = _names(bodies, key)
    for language in languages[:1]:
        if language not in names:
            bodies.refuse(key, f"must have a name in '{language}'")
    return names


def _calendar(table: Table) -> AssemblyCalendar:
    weekend = table.listed(
        "weekend", lambda value: value in _WEEKDAYS, "must be one of " + ", ".join(_WEEKDAYS)
    )
    sitting = _days(table, "sitting_days") if table.has("sitting_days") else None
    spans = {"recess": _spans(table)} if table.has("recess") else {}
    return AssemblyCalendar(
        weekend=frozenset(_WEEKDAYS.index(day) for day in weekend or ("saturday", "sunday")),
        holidays=_days(table, "holidays"),
        sitting_days=sitting,
        spans=MappingProxyType(spans),
        # A calendar that does not say how far it goes tells nothing: every date it shapes is shown
        # as provisional, and none is guessed.
        covers_until=table.day("covers_until") if table.has("covers_until") else date.min,
    )


def _days(table: Table, key: str) -> frozenset[date]:
    if table.has(key) and not isinstance(table.raw(key), list):
        table.refuse(key, "must be a list of dates")
    found = set()
    for each in written_items(table.entries.get(key)):
        if type(each.value) is date:
            found.add(each.value)
        else:
            table.reading.refuse(each.path, "must be a date such as 2026-01-15", plain(each))
    return frozenset(found)


def _spans(table: Table) -> tuple[DaySpan, ...]:
    found = []
    for span in table.tables("recess"):
        first, last = span.day("from"), span.day("to")
        if first and last and last < first:
            span.refuse("to", f"must not be before {first}")
        elif first and last:
            found.append(DaySpan(first, last))
    return tuple(found)


def read_areas(stem: str, source: Source, reading: Reading) -> AreaTable:
    """Read `areas/<stem>.toml`: code → name and the numbers of each column."""
    table = _known(reading, source, _AREAS, stem)
    columns = table.ids("columns")
    areas = table.table("areas")
    if not areas.entries:
        table.refuse("areas", "must have at least one area")
    names: dict[str, str] = {}
    values: dict[str, Mapping[str, int]] = {}
    for code in areas.entries:
        area = areas.table(code)
        for key in area.entries:
            if key not in ("name", *columns):
                reading.refuse(area.at(key), not_a_known_key(key, ("name", *columns)))
        for column in columns:
            if not area.has(column):
                area.refuse(column, "must be an integer >= 0")
        names[code] = area.required_text("name")
        values[code] = MappingProxyType({key: area.number(key, 0, minimum=0) for key in columns})
    return AreaTable(
        id=stem,
        source=table.required_text("source"),
        as_of=table.day("as_of") if table.has("as_of") else None,
        columns=columns,
        names=MappingProxyType(names),
        values=MappingProxyType(values),
        noun=MappingProxyType(
            {lang: table.table("noun").required_text(lang) for lang in table.keys("noun")}
        ),
    )


def read_population(stem: str, source: Source, reading: Reading) -> Population:
    """Read `populations/<stem>.toml`: a value with its day and source."""
    table = _known(reading, source, _POPULATION, stem)
    if not table.has("value"):
        table.refuse("value", "must be an integer >= 1")
    return Population(
        id=stem,
        value=table.integer("value", 1, INTEGER_MAX) or 1,
        as_of=table.day("as_of") or date.min,
        source=table.required_text("source"),
    )
