"""The end of a parliament's term at the desk: what it would do, then proposing it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime, time
from urllib.parse import urlencode
from zoneinfo import ZoneInfo

from flask import Response, request

from petitions.domain.errors import InvalidError
from petitions.domain.permissions import Permission
from petitions.platform.i18n import _, current_locale
from petitions.services import calendars, term_end
from petitions.services.calendars import EVENT, Line
from petitions.services.term_end import Fate, TermEnd
from petitions.web import staff_words as words
from petitions.web import time_words
from petitions.web.access import needs
from petitions.web.staff_days import assemblies_here, assembly_asked
from petitions.web.staff_desk import Desk, desk, office, page, sent_on
from petitions.web.staff_pages import Faults


@dataclass(frozen=True, slots=True)
class FateRow:
    ref: str
    title: str
    language: str
    state_word: str
    count: int
    fate: str
    told: str


@dataclass(frozen=True, slots=True)
class TermEndPage:
    assembly: str
    assemblies: tuple[tuple[str, str], ...]
    events: tuple[tuple[str, str], ...]
    zone: str
    event: str
    event_name: str
    on: str
    at: str
    note: str
    ready: bool
    totals: tuple[tuple[str, str, int], ...]
    """What becomes of them, what their authors are told, how many."""
    rows: tuple[FateRow, ...]
    drafts: int
    second_person: bool


@office.get("/term-end")
@needs("read_office")
def show_term_end() -> Response:
    with desk() as at:
        return _page(at)


@office.post("/term-end")
@needs("keep_calendar")
def propose_term_end() -> Response:
    """Enter the event: the first of two people. Nothing happens before the second one confirms."""
    try:
        with desk(write=True) as at:
            assembly = assembly_asked(at)
            line = Line(
                what=EVENT, event=request.form.get("event"), note=request.form.get("note", ""),
                starts_at=_instant(at, assembly),
            )  # fmt: skip
            actor = at.acting(Permission.KEEP_CALENDAR)
            row = calendars.enter(at.session, at.house, assembly, line, actor, at=at.at)
            done = row.status
    except InvalidError as error:
        with desk() as at:
            return _page(at, time_words.faults(error), 422)
    return sent_on(f"/office/days?{urlencode({'assembly': assembly, 'done': done})}")


def _instant(at: Desk, assembly: str) -> datetime | None:
    day, clock = request.values.get("on", ""), request.values.get("at", "")
    if not day:
        return None
    try:
        moment = datetime.combine(date.fromisoformat(day), time.fromisoformat(clock or "00:00"))
    except ValueError:
        return None
    zone = ZoneInfo(at.house.library.assembly(assembly).zone)
    return moment.replace(tzinfo=zone).astimezone(UTC)


def _page(at: Desk, faults: Faults = (), status: int = 200) -> Response:
    return page(at, "office/term_end.html", status, section="days", shown=_shown(at), faults=faults)


def _shown(at: Desk) -> TermEndPage:
    assembly, lang = assembly_asked(at), current_locale().lang
    found = at.house.library.assembly(assembly)
    event, instant = request.values.get("event", ""), _instant(at, assembly)
    ready = event in found.events and instant is not None
    plan = (
        term_end.dry_run(at.session, at.house, assembly, event, instant)
        if ready and instant is not None
        else None
    )
    asked = Line(what=EVENT, note="", event=event)
    return TermEndPage(
        assembly=assembly,
        assemblies=tuple(
            (each, at.house.library.assembly(each).name(lang)) for each in assemblies_here(at)
        ),
        events=tuple((code, time_words.event(code)) for code in found.events),
        zone=found.zone,
        event=event,
        event_name=time_words.event(event) if event else "",
        on=request.values.get("on", ""),
        at=request.values.get("at", ""),
        note=request.values.get("note", ""),
        ready=ready,
        totals=_totals(plan),
        rows=_rows(plan),
        drafts=plan.drafts if plan else 0,
        second_person=calendars.needs_second_person(at.session, at.house, assembly, asked),
    )


def _totals(plan: TermEnd | None) -> tuple[tuple[str, str, int], ...]:
    if plan is None:
        return ()
    return tuple((*_fate(fate), number) for fate, number in plan.totals.items())


def _fate(fate: Fate) -> tuple[str, str]:
    becomes, told = time_words.FATES[fate]
    return _(becomes), _(told)


def _rows(plan: TermEnd | None) -> tuple[FateRow, ...]:
    if plan is None:
        return ()
    return tuple(
        FateRow(
            ref=line.reference,
            title=line.title,
            language=line.language,
            state_word=words.state(line.state),
            count=line.count,
            fate=_fate(line.fate)[0],
            told=_fate(line.fate)[1],
        )
        for line in plan.lines
    )
