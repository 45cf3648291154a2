"""Playing a life from what a person types: kind, choices, days, events as words."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from zoneinfo import ZoneInfo

from petitions.domain.arrivals import Arrival, moved_to
from petitions.domain.assembly import AreaTable
from petitions.domain.calendar import first_instant
from petitions.domain.errors import InvalidError
from petitions.domain.periods import Period
from petitions.domain.rulebook import Rulebook
from petitions.domain.rulebook_files import Library
from petitions.domain.schema_checks import events_of
from petitions.domain.simulated import Given, Happening, Timeline
from petitions.domain.simulation import play
from petitions.explaining.words import Told

LANGUAGES = ("en", "fr", "nl", "de")
_BESIDES = frozenset({"chosen", "gazette", "declaration", "verified"})
_FROM_OUTSIDE = ("event:", "outcome:", "handover:", "duty:")
"""What a simulation is told; the rest (published, closed, a milestone) it finds by itself."""


def happenings(written: Sequence[str], zone: str) -> tuple[Happening, ...]:
    """`NAME=TIME` or `NAME=TIME..TIME`; a bare calendar event needs no `event:` before it."""
    return tuple(sorted((_happening(each, zone) for each in written), key=lambda each: each.at))


def _happening(text: str, zone: str) -> Happening:
    name, sign, when = text.partition("=")
    if not sign:
        raise InvalidError("happening_malformed", got=text)
    plain = name in _BESIDES or ":" in name
    first, _dots, last = when.partition("..")
    event = name if plain else f"event:{name}"
    return Happening(event, instant(first, zone), instant(last, zone) if last else None)


def instant(text: str, zone: str) -> datetime:
    """A day or a time, local to the zone where it names none; InvalidError where it is neither."""
    try:
        at = datetime.fromisoformat(text)
    except ValueError:
        raise InvalidError("time_malformed", got=text) from None
    if len(text) == len("2026-01-15"):
        return first_instant(at.date(), zone)
    return at if at.tzinfo else at.replace(tzinfo=ZoneInfo(zone))


def _check_areas(arrivals: tuple[Arrival, ...], table: AreaTable | None) -> None:
    unknown = sorted(
        {each.area for each in arrivals if each.area} - set(table.names if table else ())
    )
    if table is not None and unknown:
        raise InvalidError("curve_area", area=unknown[0], table=table.id)


def _check_events(given: tuple[Happening, ...], events: frozenset[str]) -> None:
    """A slip of the pen would otherwise change nothing and be believed."""
    known = _BESIDES | {event for event in events if event.startswith(_FROM_OUTSIDE)}
    for each in given:
        if each.event not in known:
            names = sorted(event.removeprefix("event:") for event in known)
            event = each.event.removeprefix("event:")
            raise InvalidError("happening_unknown", got=event, known=", ".join(names))


def simulate(
    library: Library,
    book: Rulebook,
    arrivals: tuple[Arrival, ...],
    *,
    kind: str = "",
    choices: Mapping[str, str] | None = None,
    published: str = "",
    submitted: str = "",
    length: str = "",
    events: Sequence[str] = (),
) -> tuple[Told, Timeline]:
    """Play one kind, by default the first. A curve is moved to `published` where that is given."""
    rules = book.kinds.get(kind) if kind else book.default_kind
    if rules is None:
        raise InvalidError("kind_unknown", kind=kind)
    if published:
        arrivals = moved_to(arrivals, instant(published, book.zone))
    start = instant(published, book.zone) if published else arrivals[0].at
    areas = rules.signing.areas
    assembly = library.assembly(book.assemblies[0])
    table = library.context.areas.get(areas.file) if areas else None
    _check_areas(arrivals, table)
    try:
        picked = Period.parse(length) if length else None
        given = Given(
            zone=book.zone,
            published_at=start,
            submitted_at=instant(submitted, book.zone) if submitted else start,
            arrivals=arrivals,
            happenings=happenings(events, book.zone),
            choices=choices or {},
            length=picked,
            calendar=assembly.calendar,
            areas=table,
            populations=library.context.populations,
        )
        _check_events(given.happenings, events_of(rules.chosen(choices or {}), (assembly,)))
        timeline = play(rules, given)
    except KeyError as missing:
        raise InvalidError("choice_missing", what=str(missing).strip("'")) from None
    except ValueError:
        raise InvalidError("length_malformed", got=length) from None
    return Told(library, book, rules.chosen(choices or {}), book.assemblies[0]), timeline
