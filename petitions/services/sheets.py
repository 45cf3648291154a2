"""Sheets of signatures: created, issued, returned, checked (P11). What they hold counts once certified.

Only numbers are kept. A line of another area is invalid where the rules keep sheets apart by area.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from petitions.domain.calendar import local_day
from petitions.domain.channels import on_paper
from petitions.domain.errors import ConflictError, InvalidError
from petitions.domain.lifecycle import State
from petitions.domain.rulebook import Kind
from petitions.domain.rulebook_files import Library
from petitions.domain.text import Problem
from petitions.services.audit import record
from petitions.services.ports import Actor, House
from petitions.storage import paper_rows
from petitions.storage.tables import Petition, Sheet

MOST = 5_000
"""Sheets in one act."""
MOST_LINES = 1_000
COLLECTING = frozenset({State.PUBLISHED, State.THRESHOLD_REACHED, State.CLOSED_BELOW})
_BEFORE = {"issued": ("created",), "returned": ("created", "issued")}


@dataclass(frozen=True, slots=True)
class Lines:
    """What was found on a sheet, each line once. `elsewhere`: of an elector of another area."""

    lines: int
    invalid: int = 0
    duplicate: int = 0
    elsewhere: int = 0


def create(
    session: Session,
    house: House,
    petition: Petition,
    number: int,
    area: str,
    actor: Actor,
    at: datetime,
) -> list[Sheet]:
    """Number `number` new sheets of one area ("" where the rules know no areas on paper)."""
    kind = _paper_kind(session, house, petition)
    bad: dict[str, Problem] = {}
    if not 1 <= number <= MOST:
        bad["number"] = ("out_of_range", {"min": 1, "max": MOST})
    problem = area_problem(house.shelf(session, petition), kind, area, needed=needs_area(kind))
    if problem:
        bad["area"] = problem
    if bad:
        raise InvalidError(fields=bad)
    last = session.scalar(select(func.max(Sheet.number)).where(Sheet.petition_id == petition.id))
    found = [
        Sheet(
            petition_id=petition.id,
            number=n,
            area=area,
            status="created",
            lines=0,
            valid=0,
            invalid=0,
            duplicate=0,
            certificate_id=None,
            changed_at=at,
            changed_by=actor.code,
        )
        for n in range((last or 0) + 1, (last or 0) + 1 + number)
    ]
    session.add_all(found)
    _told(session, actor, "sheets_created", petition, found, at)
    return found


def issue(
    session: Session, petition: Petition, numbers: Sequence[int], actor: Actor, at: datetime
) -> None:
    """Handed out to whoever collects."""
    rows = _moved(session, petition, numbers, "issued", actor, at)
    _told(session, actor, "sheets_issued", petition, rows, at)


def take_back(
    session: Session,
    house: House,
    petition: Petition,
    numbers: Sequence[int],
    lines: int,
    actor: Actor,
    at: datetime,
) -> None:
    """Returned, with so many signatures on each. InvalidError after the last day for paper."""
    kind = _paper_kind(session, house, petition)
    if not 0 <= lines <= MOST_LINES:
        raise InvalidError(fields={"lines": ("out_of_range", {"min": 0, "max": MOST_LINES})})
    _in_time(session, house, kind, petition, at)
    rows = _moved(session, petition, numbers, "returned", actor, at)
    for row in rows:
        row.lines = lines
    _told(session, actor, "sheets_returned", petition, rows, at)


def check(
    session: Session,
    house: House,
    petition: Petition,
    numbers: Sequence[int],
    found: Lines,
    actor: Actor,
    at: datetime,
) -> list[Sheet]:
    """Whoever verifies has looked at every line; the same numbers for each of these sheets."""
    kind = _paper_kind(session, house, petition)
    foreign = found.elsewhere if kind.signing.sheet_per_area else 0
    invalid = found.invalid + foreign
    valid = found.lines - invalid - found.duplicate
    parts = (found.lines, found.invalid, found.duplicate, found.elsewhere)
    if min(parts) < 0 or valid < 0 or found.lines > MOST_LINES:
        raise InvalidError(fields={"lines": ("does_not_add_up", {})})
    rows = paper_rows.some_sheets(session, petition.id, numbers)
    wrong = _wrong(rows, numbers, ("created", "issued", "returned", "checked"))
    if wrong is not None:
        raise InvalidError(fields={"sheets": ("sheet_not_ready", {"number": wrong})})
    if any(row.status in _BEFORE["returned"] for row in rows):  # handed in and checked in one
        _in_time(session, house, kind, petition, at)
    for row in rows:
        row.status, row.changed_at, row.changed_by = "checked", at, actor.code
        row.lines, row.valid = found.lines, valid
        row.invalid, row.duplicate = invalid, found.duplicate
    _told(session, actor, "sheets_checked", petition, rows, at)
    return rows


def last_day(kind: Kind, petition: Petition) -> date | None:
    """Last day to hand in sheets; None: no such day, or the last day of signing is not known yet."""
    due = kind.signing.window.sheets_due_days
    if due is None or petition.last_day is None:
        return None
    return petition.last_day + timedelta(days=due)


def _in_time(session: Session, house: House, kind: Kind, petition: Petition, at: datetime) -> None:
    last = last_day(kind, petition)
    if last is not None and local_day(at, house.rulebook(session, petition).zone) > last:
        raise ConflictError("sheets_too_late", last=last)


def needs_area(kind: Kind) -> bool:
    """Whether signatures on paper must say where they come from."""
    areas = kind.signing.areas
    return areas is not None and (
        kind.signing.sheet_per_area or any(each.quorum for each in kind.milestones)
    )


def area_problem(shelf: Library, kind: Kind, area: str, *, needed: bool) -> Problem | None:
    if not area:
        return ("required", {}) if needed else None
    areas = kind.signing.areas
    if areas is None or area not in shelf.areas(areas.file):
        return ("no_such_area", {"area": area})
    return None


def _paper_kind(session: Session, house: House, petition: Petition) -> Kind:
    kind = house.kind(session, petition)
    if not on_paper(kind.signing, petition.choices):
        raise ConflictError("not_on_paper")
    if State(petition.state) not in COLLECTING:
        raise ConflictError("wrong_state", state=petition.state)
    return kind


def _moved(
    session: Session,
    petition: Petition,
    numbers: Sequence[int],
    status: str,
    actor: Actor,
    at: datetime,
) -> list[Sheet]:
    rows = paper_rows.some_sheets(session, petition.id, numbers)
    wrong = _wrong(rows, numbers, _BEFORE[status])
    if wrong is not None:
        raise InvalidError(fields={"sheets": ("sheet_not_ready", {"number": wrong})})
    for row in rows:
        row.status, row.changed_at, row.changed_by = status, at, actor.code
    return rows


def _wrong(rows: Sequence[Sheet], numbers: Sequence[int], ready: tuple[str, ...]) -> int | None:
    """The first number that is unknown or not ready; nought where no sheet was named."""
    known = {row.number: row.status for row in rows}
    if not numbers or len(numbers) > MOST:
        return 0
    return next((n for n in numbers if known.get(n) not in ready), None)


def _told(
    session: Session,
    actor: Actor,
    action: str,
    petition: Petition,
    rows: Sequence[Sheet],
    at: datetime,
) -> None:
    record(
        session, actor, action, at=at, petition=petition,
        detail={"first": rows[0].number, "last": rows[-1].number, "sheets": len(rows)},
    )  # fmt: skip
