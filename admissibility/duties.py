"""What the institution owes: duties by next due date, and tasks that wait for a person. Reads only."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum
from uuid import UUID

from sqlalchemy import ColumnElement, and_, func, or_, select, true
from sqlalchemy.orm import Session

from petitions.storage.filing_rows import addressed_to
from petitions.storage.tables import Addressee, FileCare, Petition, PetitionText, Task, Track

PAGE = 50
SOON = timedelta(days=14)


class DutyView(StrEnum):
    OPEN = "open"
    OVERDUE = "overdue"
    DECIDED = "decided"


class Publicity(StrEnum):
    PUBLIC = "public"
    INTERNAL = "internal"


@dataclass(frozen=True, slots=True)
class DutyFilter:
    """What a list or a calendar of duties is narrowed to; empty: everything."""

    body: str = ""
    assembly: str = ""
    actor: str = ""
    """Files that this person looks after."""
    publicity: Publicity | None = None


@dataclass(frozen=True, slots=True)
class DutyCounts:
    open: int
    soon: int
    overdue: int
    decided: int


@dataclass(frozen=True, slots=True)
class Owed:
    """A duty with its petition."""

    track: Track
    petition: Petition
    text: PetitionText


@dataclass(frozen=True, slots=True)
class Waiting:
    """A task with its petition."""

    task: Task
    petition: Petition
    text: PetitionText


_TEXT = and_(PetitionText.petition_id == Petition.id, PetitionText.language == Petition.language)
_OPEN = Track.status != "decided"


def _narrowed(view: DutyView, today: date) -> ColumnElement[bool]:
    if view is DutyView.DECIDED:
        return Track.status == "decided"
    if view is DutyView.OVERDUE:
        return and_(_OPEN, Track.due_on < today, Track.provisional.is_(False))
    return _OPEN


def only(filters: DutyFilter) -> ColumnElement[bool]:
    """The condition of the filters, on tracks joined with their petitions."""
    wanted: list[ColumnElement[bool]] = []
    if filters.body:
        wanted.append(Track.body == filters.body)
    if filters.assembly:
        wanted.append(addressed_to([filters.assembly]))
    if filters.actor:
        mine = select(FileCare.petition_id).where(FileCare.actor == filters.actor)
        wanted.append(Track.petition_id.in_(mine))
    if filters.publicity is not None:
        wanted.append(Track.internal.is_(filters.publicity is Publicity.INTERNAL))
    return and_(true(), *wanted)


def bodies(session: Session) -> tuple[str, ...]:
    """The bodies that owe or owed something: what a list can be narrowed to."""
    found = session.scalars(
        select(Track.body)
        .join(Petition, Petition.id == Track.petition_id)
        .where(Track.body.is_not(None))
        .distinct()
    )
    return tuple(sorted(body for body in found if body))


def assemblies(session: Session) -> tuple[str, ...]:
    """The assemblies whose petitions have duties."""
    owing = Petition.id.in_(select(Track.petition_id))
    first = select(Petition.assembly).where(owing)
    further = select(Addressee.assembly).join(Petition, Petition.id == Addressee.petition_id)
    return tuple(sorted({*session.scalars(first), *session.scalars(further.where(owing))}))


def counts(session: Session, today: date, filters: DutyFilter | None = None) -> DutyCounts:
    narrowed = only(filters or DutyFilter())

    def count(where: ColumnElement[bool]) -> int:
        found = (
            select(func.count())
            .select_from(Track)
            .join(Petition, Petition.id == Track.petition_id)
            .where(where, narrowed)
        )
        return session.scalar(found) or 0

    soon = and_(_OPEN, Track.due_on >= today, Track.due_on < today + SOON)
    return DutyCounts(
        open=count(_OPEN),
        soon=count(soon),
        overdue=count(_narrowed(DutyView.OVERDUE, today)),
        decided=count(Track.status == "decided"),
    )


def _walks(after: str) -> Iterator[tuple[ColumnElement[bool], bool]]:
    """What is left after a key: the dated duties, then those without a date."""
    day, _, rest = after.partition("~")
    petition, _, code = rest.partition("~")
    key = UUID(petition) if after else None
    later = (
        or_(
            Track.petition_id > key,
            and_(Track.petition_id == key, Track.code > code),
        )
        if key
        else None
    )
    if day != "-":
        dated: ColumnElement[bool] = Track.due_on.is_not(None)
        if later is not None:
            since = date.fromisoformat(day)
            dated = or_(Track.due_on > since, and_(Track.due_on == since, later))
        yield dated, True
    undated: ColumnElement[bool] = Track.due_on.is_(None)
    if day == "-" and later is not None:
        undated = and_(undated, later)
    yield undated, False


def duties(
    session: Session,
    view: DutyView,
    today: date,
    *,
    after: str = "",
    limit: int = PAGE,
    filters: DutyFilter | None = None,
) -> tuple[tuple[Owed, ...], str]:
    """One page and the key of the next: overdue first, then by date; settled ones latest first.

    Raises ValueError for a key that is none.
    """
    rows = (
        select(Track, Petition, PetitionText)
        .join(Petition, Petition.id == Track.petition_id)
        .join(PetitionText, _TEXT)
        .where(_narrowed(view, today), only(filters or DutyFilter()))
    )
    if view is DutyView.DECIDED:
        latest = rows.order_by(Track.decided_at.desc(), Track.petition_id, Track.code).limit(limit)
        return tuple(Owed(*row) for row in session.execute(latest)), ""
    found: list[Owed] = []
    for where, dated in _walks(after):
        wanted = limit + 1 - len(found)
        if wanted > 0:
            order = (Track.petition_id, Track.code)
            listed = rows.where(where).limit(wanted)
            listed = listed.order_by(*((Track.due_on, *order) if dated else order))
            found += [Owed(*row) for row in session.execute(listed)]
    shown = tuple(found[:limit])
    if len(found) <= limit:
        return shown, ""
    last = shown[-1].track
    day = last.due_on.isoformat() if last.due_on else "-"
    return shown, f"{day}~{last.petition_id}~{last.code}"


def tasks(session: Session, assembly: str = "") -> tuple[Waiting, ...]:
    """The tasks nobody has settled yet, oldest first; of one assembly, or of all."""
    rows = (
        select(Task, Petition, PetitionText)
        .join(Petition, Petition.id == Task.petition_id)
        .join(PetitionText, _TEXT)
        .where(Task.done_at.is_(None), only(DutyFilter(assembly=assembly)))
        .order_by(Task.opened_at, Task.id)
        .limit(PAGE)
    )
    return tuple(Waiting(*row) for row in session.execute(rows))


def tracks_of(session: Session, petition: Petition) -> list[Track]:
    """Every duty of a petition: open ones by date, then the settled ones."""
    return list(
        session.scalars(
            select(Track)
            .where(Track.petition_id == petition.id)
            .order_by(Track.status == "decided", Track.due_on.is_(None), Track.due_on, Track.code)
        )
    )
