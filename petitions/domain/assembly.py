"""What a rulebook refers to: assemblies with bodies and calendar, areas, populations. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date

from petitions.domain.calendar import AssemblyCalendar

CALENDAR_EVENTS = (
    "dissolution",
    "end_of_legislature",
    "election",
    "standstill",
    "outage",
    "recess",
    "no_committee",
)


@dataclass(frozen=True, slots=True, kw_only=True)
class MapSource:
    """Where the outlines of an area table come from, and what its figures are divided by."""

    file: str
    """A GeoJSON file (RFC 7946) in the folder `maps` beside `areas`."""
    code: str
    """The property that holds the area's code."""
    inhabitants: str = ""
    """Column of the area table; "" where only counts can be told, no rates."""
    source: str = ""
    """Whose outlines they are, and under which licence: shown under the map."""


@dataclass(frozen=True, slots=True, kw_only=True)
class HolidayRule:
    """Whose public holidays an assembly keeps: ISO 3166-1 country, ISO 3166-2 subdivision or ""."""

    country: str
    subdivision: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Assembly:
    """A parliament or chamber that owns petitions.

    `languages` are those a petition may be written in; `site_languages` those the pages are offered
    in. Every code used by its rulebooks needs wording in both. `bodies`: id → language → name.
    """

    id: str
    names: Mapping[str, str]
    languages: tuple[str, ...]
    site_languages: tuple[str, ...]
    language_sets: Mapping[str, tuple[str, ...]]
    zone: str
    bodies: Mapping[str, Mapping[str, str]]
    events: tuple[str, ...] = CALENDAR_EVENTS
    calendar: AssemblyCalendar = field(default_factory=AssemblyCalendar)
    public_holidays: HolidayRule | None = None
    """Named in its file; their dates join `calendar` where the file is loaded for a site."""
    contacts: Mapping[str, str] = field(default_factory=dict)
    """By body, the address to which the engine writes when a milestone informs it."""
    maps: Mapping[str, MapSource] = field(default_factory=dict)
    """By area table."""
    topics: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    """What its petitions may be about: id → language → name, in the order of forms."""
    called: Mapping[str, str] = field(default_factory=dict)
    """What a sentence calls it, by language, with its article: "the town council"."""

    def name(self, language: str) -> str:
        return self.names.get(language) or self.names[self.languages[0]]

    def body(self, body: str, language: str) -> str:
        """The name of a body in a language, or in the assembly's first one; KeyError if unknown."""
        names = self.bodies[body]
        return names.get(language) or names[self.languages[0]]


@dataclass(frozen=True, slots=True, kw_only=True)
class AreaTable:
    """The areas of a quorum or a map: code → name, and code → column → number."""

    id: str
    source: str
    as_of: date | None
    columns: tuple[str, ...]
    names: Mapping[str, str]
    values: Mapping[str, Mapping[str, int]]
    noun: Mapping[str, str] = field(default_factory=dict)
    """Language → what several of them are called: "departments"."""

    def __len__(self) -> int:
        return len(self.names)

    def __contains__(self, code: object) -> bool:
        return code in self.names


@dataclass(frozen=True, slots=True, kw_only=True)
class Population:
    """A number of people with its day and source, so that a share can be checked years later."""

    id: str
    value: int
    as_of: date
    source: str


@dataclass(frozen=True, slots=True, kw_only=True)
class RealmFacts:
    """What the configuration knows of a realm: how many issuers, and whether they share one key."""

    issuers: int
    common_identifier: bool
