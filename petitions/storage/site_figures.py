"""The whole site in figures: what came in, what became of it, how long it took. Aggregates only.

Each petition counts in the year in which it was sent. Drafts and kinds without a page are left out.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from statistics import median
from uuid import UUID

from sqlalchemy import Select, and_, func, select
from sqlalchemy.orm import Session

from petitions.domain.lifecycle import State
from petitions.storage.filing_rows import addressed_to
from petitions.storage.reading import Question, figures
from petitions.storage.tables import (
    Audit,
    Decision,
    Outcome,
    Petition,
    PublicCount,
    Review,
    Sealing,
    Track,
)

_ADMITTED = ("accept", "accept_in_part", "accept_with_conditions")


@dataclass(frozen=True, slots=True, kw_only=True)
class YearFigures:
    """Petitions sent in one year; `median_check` in days, None where nothing was decided."""

    year: int
    submitted: int
    published: int
    refused: int
    examined: int
    median_check: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """Petitions that stand in one state today, parted by whether they were ever published."""

    state: State
    unpublished: int
    published: int


@dataclass(frozen=True, slots=True, kw_only=True)
class SiteNumbers:
    """`late_days`: days over their deadline of all duties that are open and late, together."""

    years: tuple[YearFigures, ...] = ()
    by_ground: Mapping[str, int] = field(default_factory=dict)
    median_check: int | None = None
    median_answer: int | None = None
    """From the threshold reached to the outcome."""
    median_outcome: int | None = None
    """From publication to the outcome, as the first page tells it."""
    standing: tuple[Standing, ...] = ()
    """Every petition that was sent, once: together they are all of `submitted`."""
    being_checked: int = 0
    checks_late: int = 0
    duties_late: int = 0
    late_days: int = 0
    done_in_time: int = 0
    done_late: int = 0
    merged: int = 0
    taken_down: int = 0
    restored: int = 0
    withdrawn_by_author: int = 0
    closed_below: int = 0
    signatures: int = 0
    signatures_withdrawn: int = 0
    signatures_invalid: int = 0
    sealed: int = 0

    def total(self, name: str) -> int:
        return sum(getattr(year, name) for year in self.years)


def site_numbers(session: Session, question: Question, today: date) -> SiteNumbers:
    """`today`: the assembly's local day, for what is late."""
    rows = session.execute(_petitions(question)).all()
    ids = {row.id for row in rows}
    decided = _first_decisions(session, ids)
    checks = {row.id: _days(row.submitted_at, decided.get(row.id)) for row in rows}
    standing = tuple(_standing(rows))
    states = {each.state: each.unpublished + each.published for each in standing}
    tracks = _tracks(session, ids, today)
    reviews = _open_reviews(session, ids, today)
    moved = _moved(session, ids)
    signed = _signed(session, ids)
    return SiteNumbers(
        years=tuple(_years(rows, checks)),
        by_ground=_grounds(session, ids),
        median_check=_median(checks.values()),
        median_answer=_median(_answers(session, ids)),
        being_checked=len(reviews),
        checks_late=sum(reviews),
        merged=moved["merge"],
        taken_down=moved["take_down"],
        restored=moved["restore"],
        withdrawn_by_author=states.get(State.WITHDRAWN, 0),
        closed_below=states.get(State.CLOSED_BELOW, 0),
        median_outcome=figures(session, question).median_days,
        standing=standing,
        sealed=_sealed(session, ids),
        **tracks,
        **signed,
    )


def _petitions(question: Question) -> Select[UUID, datetime, datetime, str, str]:
    statement = select(
        Petition.id, Petition.submitted_at, Petition.published_at, Petition.state,
        Petition.previous_state,
    ).where(
        addressed_to(question.assemblies),
        Petition.submitted_at.is_not(None),
        Petition.reference.is_not(None),
    )  # fmt: skip
    for rulebook, kind in question.private_kinds:
        statement = statement.where(~and_(Petition.rulebook_id == rulebook, Petition.kind == kind))
    return statement  # type: ignore[return-value]


def _years(rows: Iterable[object], checks: Mapping[UUID, int | None]) -> Iterable[YearFigures]:
    found: dict[int, list[object]] = {}
    for row in rows:
        found.setdefault(row.submitted_at.year, []).append(row)  # type: ignore[attr-defined]
    for year, members in sorted(found.items(), reverse=True):
        ended = [_state(each) for each in members]
        yield YearFigures(
            year=year,
            submitted=len(members),
            published=sum(each.published_at is not None for each in members),  # type: ignore[attr-defined]
            refused=sum(_refused(each) for each in members),
            examined=ended.count(State.EXAMINED),
            median_check=_median(checks[each.id] for each in members),  # type: ignore[attr-defined]
        )


def _state(row: object) -> State:
    """An archived petition stands where it stood before."""
    state, before = State(row.state), row.previous_state  # type: ignore[attr-defined]
    return State(before) if state is State.ARCHIVED and before else state


def _refused(row: object) -> bool:
    """Also where the refusal kept the text back: what is hidden and was never public was refused."""
    state = _state(row)
    return state is State.REFUSED or (state is State.HIDDEN and row.published_at is None)  # type: ignore[attr-defined]


def _standing(rows: Iterable[object]) -> Iterable[Standing]:
    """In the order of the states; those without a petition are left out."""
    found = Counter((_state(row), row.published_at is not None) for row in rows)  # type: ignore[attr-defined]
    for state in State:
        before, since = found[state, False], found[state, True]
        if before or since:
            yield Standing(state=state, unpublished=before, published=since)


def _first_decisions(session: Session, ids: Collection[UUID]) -> dict[UUID, datetime]:
    rows = session.execute(
        select(Decision.petition_id, func.min(Decision.at))
        .where(Decision.outcome.in_((*_ADMITTED, "refuse")))
        .group_by(Decision.petition_id)
    )
    return {petition_id: at for petition_id, at in rows if petition_id in ids}


def _grounds(session: Session, ids: Collection[UUID]) -> dict[str, int]:
    """Of the newest decision of each petition that stands refused; one may rest on several grounds."""
    rows = session.execute(
        select(Decision.petition_id, Decision.grounds)
        .join(Petition, Petition.id == Decision.petition_id)
        .where(
            Decision.outcome == "refuse",
            Petition.state.in_((State.REFUSED, State.HIDDEN, State.ARCHIVED)),
        )
        .order_by(Decision.number)
    )
    newest = {petition_id: grounds for petition_id, grounds in rows if petition_id in ids}
    counted = Counter(str(code) for grounds in newest.values() for code in grounds)
    return dict(sorted(counted.items(), key=lambda each: (-each[1], each[0])))


def _answers(session: Session, ids: Collection[UUID]) -> Iterable[int | None]:
    reached = (
        select(Audit.petition_id, func.min(Audit.legal_instant).label("at"))
        .where(Audit.action == "reach")
        .group_by(Audit.petition_id)
    )
    first = reached.subquery()
    rows = session.execute(
        select(first.c.petition_id, first.c.at, func.min(Outcome.at))
        .join(Outcome, Outcome.petition_id == first.c.petition_id)
        .group_by(first.c.petition_id, first.c.at)
    )
    return [_days(since, until) for petition_id, since, until in rows if petition_id in ids]


def _tracks(session: Session, ids: Collection[UUID], today: date) -> dict[str, int]:
    rows = session.execute(
        select(Track.petition_id, Track.status, Track.due_on, Track.late).where(
            Track.internal.is_(False), Track.due_on.is_not(None)
        )
    )
    told = {"duties_late": 0, "late_days": 0, "done_in_time": 0, "done_late": 0}
    for petition_id, status, due, late in rows:
        if petition_id not in ids or due is None:
            continue
        if status == "decided":
            told["done_late" if late else "done_in_time"] += 1
        elif due < today:
            told["duties_late"] += 1
            told["late_days"] += (today - due).days
    return told


def _open_reviews(session: Session, ids: Collection[UUID], today: date) -> list[bool]:
    """Whether each check that is open is late."""
    rows = session.execute(
        select(Review.petition_id, Review.due_on).where(
            Review.closed_at.is_(None), Review.stopped_since.is_(None)
        )
    )
    return [bool(due and due < today) for petition_id, due in rows if petition_id in ids]


def _moved(session: Session, ids: Collection[UUID]) -> Counter[str]:
    rows = session.execute(
        select(Audit.petition_id, Audit.action)
        .where(Audit.action.in_(("merge", "take_down", "restore")), Audit.to_state.is_not(None))
        .distinct()
    )
    return Counter(action for petition_id, action in rows if petition_id in ids)


def _signed(session: Session, ids: Collection[UUID]) -> dict[str, int]:
    rows = session.execute(
        select(
            PublicCount.petition_id, PublicCount.valid, PublicCount.withdrawn, PublicCount.invalid
        )
        .join(Petition, Petition.id == PublicCount.petition_id)
        .where(Petition.state != State.HIDDEN)
    )
    told = [row for row in rows if row[0] in ids]
    names = ("signatures", "signatures_withdrawn", "signatures_invalid")
    return {name: sum(int(row[at]) for row in told) for at, name in enumerate(names, start=1)}


def _sealed(session: Session, ids: Collection[UUID]) -> int:
    rows = session.scalars(select(Sealing.petition_id).where(Sealing.sealed_at.is_not(None)))
    return sum(petition_id in ids for petition_id in rows)


def _days(since: datetime | None, until: datetime | None) -> int | None:
    return (until - since).days if since is not None and until is not None else None


def _median(days: Iterable[int | None]) -> int | None:
    known = [each for each in days if each is not None]
    return round(median(known)) if known else None
