"""The work of a petitions office in figures: intake, admission, grounds, delays, answers, load.

Rules of this module:
- a figure never ranks people: load is that of a desk, and an average per person needs a group;
- a median, a share or a ninth decile of fewer than `FEW` cases is None: it would tell of a case;
- months are local to the site; both ends of a period are inside.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta, tzinfo
from statistics import median

from sqlalchemy import ColumnElement, case, func, select
from sqlalchemy.orm import InstrumentedAttribute, Session

from admissibility.review import UNDER_REVIEW
from petitions.domain.lifecycle import Action, Role
from petitions.domain.permissions import Permission, may
from petitions.storage.filing_rows import addressed_to
from petitions.storage.tables import Decision, Petition, Review, Staff, StaffAssembly, Track

FEW = 5
GROUP = 3
"""People a desk must have for an average per person."""
NOT_SUBJECTS = frozenset({"channel", "window"})
"""Choices at filing that say how, not about what."""


@dataclass(frozen=True, slots=True)
class Period:
    """Local days, both inside."""

    first: date
    last: date

    def months(self) -> tuple[date, ...]:
        """The first day of each month that it touches."""
        found, month = [], self.first.replace(day=1)
        while month <= self.last:
            found.append(month)
            month = (month + timedelta(days=32)).replace(day=1)
        return tuple(found)

    def instants(self, zone: tzinfo) -> tuple[datetime, datetime]:
        """From the first instant to the first one after it, UTC."""
        after = self.last + timedelta(days=1)
        return (
            datetime.combine(self.first, time(), zone).astimezone(UTC),
            datetime.combine(after, time(), zone).astimezone(UTC),
        )


@dataclass(frozen=True, slots=True)
class Delays:
    """Days a check took, the author's days left out. `in_time` of those with a legal deadline."""

    decided: int
    median: int | None
    ninth: int | None
    dated: int
    in_time: int

    @property
    def share(self) -> float | None:
        return self.in_time / self.dated if self.dated >= FEW else None


@dataclass(frozen=True, slots=True)
class Month:
    first: date
    filed: int
    admitted: int
    refused: int
    delays: Delays


@dataclass(frozen=True, slots=True)
class Group:
    """Petitions that share a value: an assembly, a kind, an option chosen at filing."""

    code: str
    rulebook: str
    filed: int
    admitted: int
    refused: int


@dataclass(frozen=True, slots=True)
class Load:
    """Checks that a desk has open now. `people` may decide there."""

    assembly: str
    body: str
    open: int
    overdue: int
    assigned: int
    people: int

    @property
    def each(self) -> float | None:
        return self.open / self.people if self.people >= GROUP else None


@dataclass(frozen=True, slots=True)
class Answers:
    """What the institution owed with a due day in the period."""

    due: int
    in_time: int
    late: int
    overdue: int

    @property
    def share(self) -> float | None:
        settled = self.in_time + self.late + self.overdue
        return self.in_time / settled if settled >= FEW else None


@dataclass(frozen=True, slots=True)
class Figures:
    period: Period
    months: tuple[Month, ...]
    delays: Delays
    grounds: tuple[tuple[str, str, int], ...]
    """(rulebook, ground, refusals that name it), the most frequent first."""
    assemblies: tuple[Group, ...]
    kinds: tuple[Group, ...]
    subjects: tuple[Group, ...]
    """`code` is "choice/option"."""
    answers: Answers
    loads: tuple[Load, ...]

    @property
    def filed(self) -> int:
        return sum(month.filed for month in self.months)

    @property
    def admitted(self) -> int:
        return sum(month.admitted for month in self.months)

    @property
    def refused(self) -> int:
        return sum(month.refused for month in self.months)


@dataclass(frozen=True, slots=True)
class _Case:
    at: datetime
    rulebook: str
    kind: str
    assembly: str
    choices: dict[str, object]


def rate(admitted: int, refused: int) -> float | None:
    """Share of admissions in what was decided."""
    decided = admitted + refused
    return admitted / decided if decided >= FEW else None


def figures(
    session: Session, period: Period, today: date, zone: tzinfo, assembly: str = ""
) -> Figures:
    """All of them, in seven statements whatever the number of petitions."""
    start, end = period.instants(zone)
    only = [addressed_to([assembly])] if assembly else []

    def cases(at: InstrumentedAttribute[datetime | None]) -> list[_Case]:
        rows = session.execute(
            select(
                at, Petition.rulebook_id, Petition.kind, Petition.assembly, Petition.choices
            ).where(at >= start, at < end, *only)
        )
        return [_Case(when, *rest) for when, *rest in rows if when is not None]

    filed, admitted = cases(Petition.submitted_at), cases(Petition.published_at)
    refusals = session.execute(
        select(
            Decision.at, Petition.rulebook_id, Petition.kind, Petition.assembly, Petition.choices,
            Decision.grounds,
        )
        .join(Petition, Petition.id == Decision.petition_id)
        .where(
            Decision.outcome == Action.REFUSE, Decision.at >= start, Decision.at < end,
            Petition.published_at.is_(None), *only,
        )
    ).all()  # fmt: skip
    refused = [_Case(*row[:5]) for row in refusals]
    checks = session.execute(
        select(Review.opened_at, Review.closed_at, Review.days_stopped, Review.due_on)
        .join(Petition, Petition.id == Review.petition_id)
        .where(Review.closed_at >= start, Review.closed_at < end, *only)
    ).all()
    spans = [(*row,) for row in checks]
    grounds = Counter((row[1], str(ground)) for row in refusals for ground in row[5])
    return Figures(
        period=period,
        months=_months(period, zone, (filed, admitted, refused), spans),
        delays=_delays(spans, zone),
        grounds=tuple((book, code, count) for (book, code), count in grounds.most_common()),
        assemblies=_groups((filed, admitted, refused), lambda each: [("", each.assembly)]),
        kinds=_groups((filed, admitted, refused), lambda each: [(each.rulebook, each.kind)]),
        subjects=_groups((filed, admitted, refused), _subjects),
        answers=_answers(session, period, today, only),
        loads=_loads(session, today, only),
    )


def _subjects(case: _Case) -> list[tuple[str, str]]:
    return [
        (case.rulebook, f"{choice}/{option}")
        for choice, option in case.choices.items()
        if choice not in NOT_SUBJECTS and isinstance(option, str) and option
    ]


def _groups(
    cases: tuple[list[_Case], list[_Case], list[_Case]],
    keys_of: Callable[[_Case], list[tuple[str, str]]],
) -> tuple[Group, ...]:
    counted = [Counter(key for each in some for key in keys_of(each)) for some in cases]
    filed, admitted, refused = counted
    keys = sorted(set(filed) | set(admitted) | set(refused), key=lambda key: (-filed[key], key))
    return tuple(
        Group(code, book, filed[book, code], admitted[book, code], refused[book, code])
        for book, code in keys
    )


Span = tuple[datetime, datetime | None, int, date | None]


def _months(
    period: Period,
    zone: tzinfo,
    cases: tuple[list[_Case], list[_Case], list[_Case]],
    spans: Sequence[Span],
) -> tuple[Month, ...]:
    filed, admitted, refused = (Counter(_month(each.at, zone) for each in some) for some in cases)
    closed: dict[date, list[Span]] = {}
    for span in spans:
        if span[1] is not None:
            closed.setdefault(_month(span[1], zone), []).append(span)
    return tuple(
        Month(
            month, filed[month], admitted[month], refused[month],
            _delays(closed.get(month, ()), zone),
        )
        for month in period.months()
    )  # fmt: skip


def _month(at: datetime, zone: tzinfo) -> date:
    return at.astimezone(zone).date().replace(day=1)


def _delays(spans: Iterable[Span], zone: tzinfo) -> Delays:
    days, dated, in_time = [], 0, 0
    for opened, closed, stopped, due in spans:
        if closed is None:
            continue
        days.append(max(0, (closed - opened).days - stopped))
        if due is not None:
            dated += 1
            in_time += closed.astimezone(zone).date() <= due
    days.sort()
    known = len(days) >= FEW
    return Delays(
        decided=len(days),
        median=round(median(days)) if known else None,
        ninth=days[math.ceil(0.9 * len(days)) - 1] if known else None,
        dated=dated,
        in_time=in_time,
    )


def _answers(
    session: Session, period: Period, today: date, only: Sequence[ColumnElement[bool]]
) -> Answers:
    rows = session.execute(
        select(Track.status, Track.late, Track.due_on, func.count())
        .join(Petition, Petition.id == Track.petition_id)
        .where(Track.due_on >= period.first, Track.due_on <= period.last, *only)
        .group_by(Track.status, Track.late, Track.due_on)
    ).all()
    found: Counter[str] = Counter()
    for status, late, due, count in rows:
        if status == "decided":
            found["late" if late else "in_time"] += count
        elif due is not None and due < today:
            found["overdue"] += count
        else:
            found["open"] += count
    return Answers(sum(found.values()), found["in_time"], found["late"], found["overdue"])


def _loads(session: Session, today: date, only: Sequence[ColumnElement[bool]]) -> tuple[Load, ...]:
    waiting = [str(state) for state in sorted(UNDER_REVIEW)]
    rows = session.execute(
        select(
            Petition.assembly, Review.body, func.count(),
            func.sum(_one(Review.due_on < today)),
            func.sum(_one(Review.assigned_to.is_not(None))),
        )
        .join(Petition, Petition.id == Review.petition_id)
        .where(Review.closed_at.is_(None), Petition.state.in_(waiting), *only)
        .group_by(Petition.assembly, Review.body)
        .order_by(Petition.assembly, Review.body)
    ).all()  # fmt: skip
    people = _people(session)
    return tuple(
        Load(assembly, body, count, int(overdue or 0), int(assigned or 0),
             sum(1 for desks in people if desks is None or assembly in desks))
        for assembly, body, count, overdue, assigned in rows
    )  # fmt: skip


def _one(where: ColumnElement[bool]) -> ColumnElement[int]:
    return case((where, 1), else_=0)


def _people(session: Session) -> list[frozenset[str] | None]:
    """The desks of each person who may take cases; None: every desk."""
    desks: dict[str, set[str]] = {}
    for actor, assembly in session.execute(select(StaffAssembly.actor, StaffAssembly.assembly)):
        desks.setdefault(actor, set()).add(assembly)
    rows = session.execute(select(Staff.actor, Staff.roles).where(Staff.disabled.is_(False)))
    return [
        frozenset(desks[actor]) if actor in desks else None
        for actor, roles in rows
        if may([Role(role) for role in roles], Permission.TAKE_CASES)
    ]
