"""The calendar of an assembly in force: its file, and what clerks entered since.

Rules of this module:
- a line is never edited: it is ended, corrected or taken out by an erratum that says why;
- two people enter what closes or lapses petitions; until the second one confirms, nothing happens;
- a change of the calendar marks every running petition of the assembly: the worker lays its dates
  out again, and dates that were provisional become firm.
"""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass, replace
from datetime import date, datetime
from types import MappingProxyType
from uuid import UUID, uuid4

from sqlalchemy import select
from sqlalchemy.orm import Session

from petitions.domain.calendar import AssemblyCalendar, DaySpan, local_day
from petitions.domain.errors import ConflictError, ForbiddenError, InvalidError, NotFoundError
from petitions.domain.occurrences import ENDING, Occurrence, refused_because, rules_for
from petitions.domain.procedure import Kind
from petitions.domain.text import normalised
from petitions.services.audit import record
from petitions.services.pinning import load_pinned
from petitions.services.ports import Actor, House
from petitions.storage import time_rows
from petitions.storage.tables import CalendarEntry, CalendarSeen, RulebookVersion

EVENT, SITTING, NO_SITTING, HOLIDAY, COVERAGE = (
    "event", "sitting", "no_sitting", "holiday", "coverage",
)  # fmt: skip
DAYS_OF = (SITTING, NO_SITTING, HOLIDAY)
KINDS = (EVENT, *DAYS_OF, COVERAGE)
NOTE_MAX = 1000
DAYS_MAX = 400


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """What somebody enters. Instants in UTC, `ends_at` exclusive; `days` are local dates."""

    what: str
    note: str
    event: str | None = None
    starts_at: datetime | None = None
    ends_at: datetime | None = None
    days: tuple[date, ...] = ()
    covers_until: date | None = None


def occurrences(session: Session, assembly: str) -> tuple[Occurrence, ...]:
    """The events in force, oldest first."""
    return tuple(
        Occurrence(id=str(row.id), event=row.event, start=row.starts_at, end=row.ends_at)
        for row in time_rows.entries_of(session, assembly)
        if row.what == EVENT and row.event and row.starts_at
    )


def calendar_of(session: Session, house: House, assembly_id: str) -> AssemblyCalendar:
    """The days of an assembly as the law of today counts them."""
    assembly = house.library.assembly(assembly_id)
    found = assembly.calendar
    spans: dict[str, list[DaySpan]] = {}
    days: dict[str, set[date]] = {kind: set() for kind in DAYS_OF}
    until = found.covers_until
    for row in time_rows.entries_of(session, assembly_id):
        if row.what == EVENT and row.event and row.starts_at:
            happened = Occurrence(
                id=str(row.id), event=row.event, start=row.starts_at, end=row.ends_at
            )
            spans.setdefault(row.event, []).append(happened.days(assembly.zone))
        elif row.what in DAYS_OF:
            days[row.what].update(date.fromisoformat(str(each)) for each in row.days)
        elif row.covers_until is not None:
            until = max(until or row.covers_until, row.covers_until)
    sitting = found.sitting_days
    if sitting is not None or days[SITTING]:
        sitting = frozenset(((sitting or frozenset()) | days[SITTING]) - days[NO_SITTING])
    return replace(
        found.with_events(MappingProxyType({event: tuple(each) for event, each in spans.items()})),
        holidays=found.holidays | days[HOLIDAY],
        sitting_days=sitting,
        covers_until=until,
    )


def refuse_if_barred(
    session: Session, kind: Kind, assembly: str, *, zone: str, at: datetime
) -> None:
    """InvalidError where an event of the calendar bars new petitions of this kind today (P14)."""
    found = occurrences(session, assembly)
    if refused_because(kind, found, local_day(at, zone), zone) is not None:
        raise InvalidError("new_petitions_refused")


def needs_second_person(session: Session, house: House, assembly: str, line: Line) -> bool:
    """Whether some rulebook of the assembly, pinned or in force, closes or lapses at this event."""
    if line.what != EVENT or line.event is None:
        return False
    books = [versions[-1] for versions in house.library.rulebooks.values()]
    for book_id, version in session.execute(select(RulebookVersion.id, RulebookVersion.version)):
        key = (str(book_id), int(version))
        if key not in house.pinned:
            house.pinned[key] = load_pinned(session, house.library, *key)
        books.append(house.pinned[key])
    return any(
        rule.effect in ENDING
        for book in books
        if assembly in book.assemblies
        for kind in book.kinds.values()
        for each in (kind, *kind.variants.values())
        for rule in rules_for(each, line.event)
    )


def _checked(house: House, assembly: str, line: Line) -> Line:
    bad: dict[str, tuple[str, dict[str, object]]] = {}
    note = normalised(line.note).strip()
    if not note:
        bad["note"] = ("required", {})
    elif len(note) > NOTE_MAX:
        bad["note"] = ("too_long", {"max": NOTE_MAX, "over": len(note) - NOTE_MAX})
    if line.what not in KINDS:
        bad["what"] = ("required", {})
    if line.what == EVENT:
        if line.event not in house.library.assembly(assembly).events:
            bad["event"] = ("required", {})
        if line.starts_at is None:
            bad["starts"] = ("required", {})
        elif line.ends_at is not None and line.ends_at <= line.starts_at:
            bad["ends"] = ("ends_before_start", {})
    if line.what in DAYS_OF and not 0 < len(line.days) <= DAYS_MAX:
        bad["days"] = ("required", {})
    if line.what == COVERAGE and line.covers_until is None:
        bad["until"] = ("required", {})
    if bad:
        raise InvalidError(fields=bad)
    return replace(line, note=note)


def enter(
    session: Session,
    house: House,
    assembly: str,
    line: Line,
    actor: Actor,
    *,
    at: datetime,
    corrects: UUID | None = None,
    cancels: bool = False,
) -> CalendarEntry:
    """Add a line; in force at once, or proposed where it ends petitions and a second person is due.

    InvalidError names the field. `corrects`: an erratum; the other line goes out of force with it.
    """
    line = _checked(house, assembly, line)
    row = CalendarEntry(
        id=uuid4(), assembly=assembly, what=line.what, event=line.event if line.what == EVENT else None,
        starts_at=line.starts_at, ends_at=line.ends_at,
        days=sorted({day.isoformat() for day in line.days}), covers_until=line.covers_until,
        note=line.note, status="proposed", recorded_at=at, recorded_by=actor.code,
        corrects=corrects, cancels=cancels,
    )  # fmt: skip
    session.add(row)
    session.flush()
    _told(session, actor, "calendar_proposed", row, at)
    if not needs_second_person(session, house, assembly, line):
        _put_in_force(session, row, actor, at)
    return row


def confirm(session: Session, entry_id: UUID, actor: Actor, at: datetime) -> CalendarEntry:
    """The second person: from here it is in force, and acts at its instant."""
    row = _locked(session, entry_id, "proposed")
    if row.recorded_by == actor.code:
        raise ForbiddenError("second_person_needed")
    row.confirmed_by = actor.code
    _put_in_force(session, row, actor, at)
    return row


def call_off(session: Session, entry_id: UUID, actor: Actor, at: datetime) -> CalendarEntry:
    """A proposal that nobody confirmed yet is let go."""
    row = _locked(session, entry_id, "proposed")
    row.status = "called_off"
    _told(session, actor, "calendar_called_off", row, at)
    return row


def end(
    session: Session, entry_id: UUID, ends_at: datetime, actor: Actor, at: datetime
) -> CalendarEntry:
    """What went on (an outage, a standstill) is over since `ends_at`: no correction, its end."""
    row = _locked(session, entry_id, "in_force")
    if row.what != EVENT or row.starts_at is None or row.ends_at is not None:
        raise InvalidError("not_under_way")
    if ends_at <= row.starts_at:
        raise InvalidError(fields={"ends": ("ends_before_start", {})})
    row.ends_at = ends_at
    _told(session, actor, "calendar_ended", row, at)
    time_rows.mark_running_stale(session, row.assembly)
    return row


def correct(
    session: Session,
    house: House,
    entry_id: UUID,
    line: Line | None,
    note: str,
    actor: Actor,
    at: datetime,
) -> CalendarEntry:
    """An erratum: another line in its place, or (None) none. What an event did already stands."""
    row = _locked(session, entry_id, "in_force")
    old = Line(
        what=row.what, note=note, event=row.event, starts_at=row.starts_at, ends_at=row.ends_at,
        days=tuple(date.fromisoformat(str(day)) for day in row.days), covers_until=row.covers_until,
    )  # fmt: skip
    new = old if line is None else replace(line, note=note)
    return enter(
        session, house, row.assembly, new, actor, at=at, corrects=row.id, cancels=line is None
    )


def _put_in_force(session: Session, row: CalendarEntry, actor: Actor, at: datetime) -> None:
    row.status, row.confirmed_at = "in_force", at
    if row.corrects is not None:
        wrong = _locked(session, row.corrects, "in_force")
        wrong.status = "corrected"
        row.settled_at = wrong.settled_at  # it has acted: an erratum does not act again
    if row.cancels:
        row.status = "corrected"
    _told(session, actor, "calendar_entered", row, at)
    time_rows.mark_running_stale(session, row.assembly)


def _locked(session: Session, entry_id: UUID, status: str) -> CalendarEntry:
    row = session.scalars(
        select(CalendarEntry).where(CalendarEntry.id == entry_id).with_for_update()
    ).one_or_none()
    if row is None:
        raise NotFoundError("calendar_entry")
    session.refresh(row)
    if row.status != status:
        raise ConflictError("changed_meanwhile")
    return row


def _told(session: Session, actor: Actor, action: str, row: CalendarEntry, at: datetime) -> None:
    detail: dict[str, object] = {
        "entry": str(row.id),
        "assembly": row.assembly,
        "what": row.what,
        "event": row.event or "",
        "note": row.note,
    }
    if row.starts_at:
        detail["starts_at"] = row.starts_at.isoformat()
    if row.ends_at:
        detail["ends_at"] = row.ends_at.isoformat()
    if row.days:
        detail["days"] = list(row.days)
    if row.covers_until:
        detail["covers_until"] = row.covers_until.isoformat()
    if row.corrects:
        detail["corrects"] = str(row.corrects)
    record(session, actor, action, at=at, detail=detail)


def digest(calendar: AssemblyCalendar) -> bytes:
    """Of a calendar file's content: open deadlines are laid out again where it changed."""
    content = {
        "weekend": sorted(calendar.weekend),
        "holidays": sorted(map(str, calendar.holidays)),
        "sitting": None
        if calendar.sitting_days is None
        else sorted(map(str, calendar.sitting_days)),
        "spans": {event: sorted(map(str, spans)) for event, spans in calendar.spans.items()},
        "until": str(calendar.covers_until),
    }
    return hashlib.sha256(json.dumps(content, sort_keys=True).encode()).digest()


def files_changed(session: Session, house: House) -> list[str]:
    """Assemblies whose calendar file is another than the one their dates were laid out with."""
    seen = {row.assembly: row.digest for row in session.scalars(select(CalendarSeen))}
    assemblies = house.library.context.assemblies
    return [
        each
        for each, assembly in sorted(assemblies.items())
        if seen.get(each) != digest(assembly.calendar)
    ]


def see_file(session: Session, house: House, assembly: str) -> None:
    """Remember the file and have every running petition laid out again."""
    found = digest(house.library.assembly(assembly).calendar)
    row = session.get(CalendarSeen, assembly)
    if row is None:
        session.add(CalendarSeen(assembly=assembly, digest=found))
    else:
        row.digest = found
    time_rows.mark_running_stale(session, assembly)
