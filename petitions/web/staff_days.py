"""The calendar of an assembly at the desk: what is in force, what waits, adding, ending, correcting."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, date, datetime, time
from urllib.parse import urlencode
from uuid import UUID
from zoneinfo import ZoneInfo

from flask import Response, request

from petitions.domain.errors import (
    ConflictError,
    ForbiddenError,
    InvalidError,
    NotFoundError,
    PetitionError,
)
from petitions.domain.permissions import Permission
from petitions.platform.i18n import N_, _, current_locale
from petitions.services import calendars
from petitions.services.calendars import Line
from petitions.storage import time_rows
from petitions.storage.tables import CalendarEntry, Staff
from petitions.web import public_pages, time_words
from petitions.web.access import needs
from petitions.web.edge import engine
from petitions.web.pages_signing import FieldFault
from petitions.web.staff_desk import Desk, desk, office, page, sent_on
from petitions.web.staff_pages import Faults, Message

DONE = {
    "in_force": N_("In force. The worker lays out the dates that hang on it."),
    "proposed": N_("Entered. It ends petitions, so a second person must confirm it."),
    "confirmed": N_("Confirmed. It acts at its instant."),
    "called_off": N_("Called off. Nothing was changed."),
    "ended": N_("Its end is recorded. The dates that hang on it are laid out again."),
    "corrected": N_("Corrected. What it had done already stands."),
}


@dataclass(frozen=True, slots=True)
class EntryRow:
    id: UUID
    what: str
    name: str
    starts: str
    ends: str
    days: tuple[date, ...]
    until: date | None
    note: str
    status: str
    status_words: str
    by: str
    recorded_at: datetime
    confirmed_by: str
    may_confirm: bool
    open_end: bool


@dataclass(frozen=True, slots=True)
class DaysPage:
    assembly: str
    name: str
    zone: str
    assemblies: tuple[tuple[str, str], ...]
    rows: tuple[EntryRow, ...]
    kinds: tuple[tuple[str, str], ...]
    events: tuple[tuple[str, str], ...]
    covers_until: date | None


def assemblies_here(at: Desk) -> tuple[str, ...]:
    """Those of this site whose calendar this person may keep."""
    return tuple(each for each in public_pages.assemblies(engine()) if at.works_for(each))


def assembly_asked(at: Desk) -> str:
    """The assembly of the address or form; the first one without. 404 for one of another desk."""
    here = assemblies_here(at)
    wanted = request.values.get("assembly", "") or (here[0] if here else "")
    if wanted not in here:
        raise NotFoundError("assembly")
    return wanted


@office.get("/days")
@needs("read_office")
def show_days() -> Response:
    with desk() as at:
        return _page(at, assembly_asked(at))


@office.post("/days")
@needs("keep_calendar")
def enter_day() -> Response:
    def do(at: Desk, assembly: str) -> str:
        actor = at.acting(Permission.KEEP_CALENDAR)
        row = calendars.enter(at.session, at.house, assembly, _line(at, assembly), actor, at=at.at)
        return row.status

    return _act(do)


@office.post("/days/<uuid:entry>/confirm")
@needs("keep_calendar", fresh=True)
def confirm_day(entry: UUID) -> Response:
    def do(at: Desk, _assembly: str) -> str:
        calendars.confirm(at.session, entry, at.acting(Permission.KEEP_CALENDAR), at.at)
        return "confirmed"

    return _act(do, entry)


@office.post("/days/<uuid:entry>/call-off")
@needs("keep_calendar")
def call_off_day(entry: UUID) -> Response:
    def do(at: Desk, _assembly: str) -> str:
        calendars.call_off(at.session, entry, at.acting(Permission.KEEP_CALENDAR), at.at)
        return "called_off"

    return _act(do, entry)


@office.post("/days/<uuid:entry>/end")
@needs("keep_calendar")
def end_day(entry: UUID) -> Response:
    def do(at: Desk, assembly: str) -> str:
        ends = _instant(at, assembly, "ends")
        if ends is None:
            raise InvalidError(fields={"ends": ("required", {})})
        calendars.end(at.session, entry, ends, at.acting(Permission.KEEP_CALENDAR), at.at)
        return "ended"

    return _act(do, entry)


@office.post("/days/<uuid:entry>/correct")
@needs("keep_calendar")
def correct_day(entry: UUID) -> Response:
    """An erratum: other facts in its place, or none."""

    def do(at: Desk, assembly: str) -> str:
        note = request.form.get("note", "")
        line = None if request.form.get("do") == "remove" else _line(at, assembly)
        actor = at.acting(Permission.KEEP_CALENDAR)
        made = calendars.correct(at.session, at.house, entry, line, note, actor, at.at)
        return "proposed" if made.status == "proposed" else "corrected"

    return _act(do, entry)


def _act(do: Callable[[Desk, str], str], entry: UUID | None = None) -> Response:
    """Do it and go on; or the page again with what was typed and why not."""
    try:
        with desk(write=True) as at:
            assembly = assembly_asked(at)
            if entry is not None:
                known = at.session.get(CalendarEntry, entry)
                if known is None or known.assembly != assembly:
                    raise NotFoundError("calendar_entry")
            done = do(at, assembly)
    except InvalidError as error:
        faults = time_words.faults(error, f"e-{entry}-" if entry else "")
        with desk() as at:
            return _page(at, assembly_asked(at), faults, 422, entry)
    except (ConflictError, ForbiddenError) as error:
        with desk() as at:
            return _page(at, assembly_asked(at), _refused(error), error.status, entry)
    return sent_on(f"/office/days?{urlencode({'assembly': assembly, 'done': done})}")


def _refused(error: PetitionError) -> Faults:
    return (FieldFault("main", time_words.fault(error.code, {})),)


def _line(at: Desk, assembly: str) -> Line:
    form = request.form
    days: list[date] = []
    for word in form.get("days", "").split():
        try:
            days.append(date.fromisoformat(word.strip(",;")))
        except ValueError:
            raise InvalidError(fields={"days": ("days_malformed", {})}) from None
    until = None
    with suppress(ValueError):
        until = date.fromisoformat(form.get("until", ""))
    return Line(
        what=form.get("what", ""),
        note=form.get("note", ""),
        event=form.get("event") or None,
        starts_at=_instant(at, assembly, "starts"),
        ends_at=_instant(at, assembly, "ends"),
        days=tuple(days),
        covers_until=until,
    )


def _instant(at: Desk, assembly: str, name: str) -> datetime | None:
    """A day and a time of day, local to the assembly, as an instant in UTC; midnight without one."""
    day, clock = request.form.get(f"{name}_on", ""), request.form.get(f"{name}_at", "")
    if not day:
        return None
    try:
        moment = datetime.combine(date.fromisoformat(day), time.fromisoformat(clock or "00:00"))
    except ValueError:
        raise InvalidError(fields={name: ("required", {})}) from None
    zone = ZoneInfo(at.house.library.assembly(assembly).zone)
    return moment.replace(tzinfo=zone).astimezone(UTC)


def _page(
    at: Desk, assembly: str, faults: Faults = (), status: int = 200, entry: UUID | None = None
) -> Response:
    done = request.args.get("done", "")
    typed = request.form if request.method == "POST" else {}
    return page(
        at, "office/days.html", status, section="days", shown=_shown(at, assembly), faults=faults,
        typed=typed, entry=entry, message=Message(_(DONE[done])) if done in DONE else None,
    )  # fmt: skip


def _shown(at: Desk, assembly: str) -> DaysPage:
    found, lang = at.house.library.assembly(assembly), current_locale().lang
    rows = time_rows.entries_of(at.session, assembly, tuple(time_words.STATUS))
    names = _names(at, rows)
    zone = ZoneInfo(found.zone)
    return DaysPage(
        assembly=assembly,
        name=found.name(lang),
        zone=found.zone,
        assemblies=tuple(
            (each, at.house.library.assembly(each).name(lang)) for each in assemblies_here(at)
        ),
        rows=tuple(_row(at, row, names, zone) for row in reversed(rows)),
        kinds=tuple((code, _(words)) for code, words in time_words.WHAT.items()),
        events=tuple((code, time_words.event(code)) for code in found.events),
        covers_until=calendars.calendar_of(at.session, at.house, assembly).covers_until,
    )


def _names(at: Desk, rows: list[CalendarEntry]) -> dict[str, str]:
    codes = {code for row in rows for code in (row.recorded_by, row.confirmed_by) if code}
    found = {code: at.session.get(Staff, code) for code in codes}
    return {code: staff.name if staff else code for code, staff in found.items()}


def _row(at: Desk, row: CalendarEntry, names: dict[str, str], zone: ZoneInfo) -> EntryRow:
    def local(instant: datetime | None) -> str:
        if instant is None:
            return ""
        moment = instant.astimezone(zone)
        return f"{current_locale().date(moment.date())}, {moment:%H:%M}"

    name = time_words.event(row.event) if row.event else _(time_words.WHAT[row.what])
    return EntryRow(
        id=row.id,
        what=row.what,
        name=name,
        starts=local(row.starts_at),
        ends=local(row.ends_at),
        days=tuple(date.fromisoformat(str(day)) for day in row.days),
        until=row.covers_until,
        note=row.note,
        status=row.status,
        status_words=_(time_words.STATUS[row.status]),
        by=names[row.recorded_by],
        recorded_at=row.recorded_at,
        confirmed_by=names[row.confirmed_by] if row.confirmed_by else "",
        may_confirm=row.status == "proposed" and row.recorded_by != at.staff.actor,
        open_end=row.status == "in_force" and row.what == "event" and row.ends_at is None,
    )
