"""The automated reading of what came in: each open check's signals, kept so that the queue can filter.

Idempotent: marks are computed again from the text whenever the petition changed, and replaced whole.
Of two petitions that are alike, both are marked as soon as the later one is read.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from uuid import UUID

from sqlalchemy import delete, or_, select
from sqlalchemy.orm import Session

from admissibility import signals
from admissibility.cases import case_of
from admissibility.checks.likeness import ALIKE
from admissibility.checks.signal import Severity, Signal
from admissibility.review import UNDER_REVIEW
from admissibility.similar import DESK_STATES, similar
from admissibility.suspicion import DUPLICATE, GROUND, HIDDEN, suspected
from petitions.domain.lifecycle import SIGNING_STATES
from petitions.services.ports import House
from petitions.storage import tables as t

SOME = 20
"""Cases read in one transaction."""
_NEIGHBOURS = 6
_DUPLICATE = Signal("near_identical", Severity.WARNING)
_GOING_ON = frozenset({*SIGNING_STATES, *UNDER_REVIEW})


def unread(session: Session, limit: int = SOME) -> list[UUID]:
    """Open checks whose signals are not those of the text as it stands."""
    return list(
        session.scalars(
            select(t.Review.id)
            .join(t.Petition, t.Petition.id == t.Review.petition_id)
            .outerjoin(t.CaseReading, t.CaseReading.review_id == t.Review.id)
            .where(
                t.Review.closed_at.is_(None),
                t.Petition.state.in_([str(state) for state in sorted(UNDER_REVIEW)]),
                or_(
                    t.CaseReading.petition_version.is_(None),
                    t.CaseReading.petition_version != t.Petition.version,
                ),
            )
            .order_by(t.Review.opened_at, t.Review.id)
            .limit(limit)
        )
    )


def sift(session: Session, house: House, limit: int = SOME) -> int:
    """Read some cases; returns how many. The caller commits."""
    waiting = unread(session, limit)
    for review_id in waiting:
        read_case(session, house, session.get_one(t.Review, review_id))
    return len(waiting)


def read_case(session: Session, house: House, review: t.Review) -> None:
    """The marks of one check, computed from the text and its neighbours."""
    petition = session.get_one(t.Petition, review.petition_id)
    case = case_of(session, house, petition)
    text = case.text
    alike = similar(
        session, text.title, text.request, text.language, _NEIGHBOURS, (petition.id,),
        reasons=text.reasons, states=DESK_STATES,
    )  # fmt: skip
    found = signals.signals_of(session, house, case, alike, petition.language)
    close = [each.ref for each in alike if each.score >= ALIKE and each.state in _GOING_ON]
    points = (*found, _DUPLICATE) if close else found
    session.execute(delete(t.CaseMark).where(t.CaseMark.review_id == review.id))
    keep(session, review.id, found, suspected(points, case.kind.admissibility.grounds.every))
    row = session.get(t.CaseReading, review.id)
    if row is None:
        session.add(t.CaseReading(review_id=review.id, petition_version=petition.version))
    else:
        row.petition_version = petition.version
    session.flush()
    _mark_duplicates(session, review.id, close)


def keep(
    session: Session, review_id: UUID, found: Iterable[Signal], grounds: Mapping[str, Severity]
) -> None:
    """One row for each code: a signal that stands twice is one mark."""
    rows = {each.code: (each.severity, dict(each.facts)) for each in reversed(list(found))}
    rows |= {GROUND + code: (severity, {}) for code, severity in grounds.items()}
    session.add_all(
        t.CaseMark(review_id=review_id, code=code, severity=str(severity), facts=facts)
        for code, (severity, facts) in sorted(rows.items())
    )


def _mark_duplicates(session: Session, review_id: UUID, close: Sequence[str]) -> None:
    """One case and each open one that it is like: those were read before it came."""
    if not close:
        return
    others = session.scalars(
        select(t.Review.id)
        .join(t.Petition, t.Petition.id == t.Review.petition_id)
        .join(t.CaseReading, t.CaseReading.review_id == t.Review.id)
        .where(t.Petition.reference.in_(close), t.Review.closed_at.is_(None))
    )
    for each in {review_id, *others}:
        if session.get(t.CaseMark, (each, DUPLICATE)) is None:
            session.add(
                t.CaseMark(review_id=each, code=DUPLICATE, severity=str(Severity.WARNING), facts={})
            )
    session.flush()


def marks_of(session: Session, review_ids: Iterable[UUID]) -> dict[UUID, tuple[Signal, ...]]:
    """The kept signals of some checks, the loudest first, in one statement; unread ones are absent."""
    ids = list(review_ids)
    read = set(
        session.scalars(select(t.CaseReading.review_id).where(t.CaseReading.review_id.in_(ids)))
    )
    found: dict[UUID, list[Signal]] = {each: [] for each in read}
    rows = session.scalars(
        select(t.CaseMark).where(
            t.CaseMark.review_id.in_(ids),
            *(t.CaseMark.code.not_like(hidden) for hidden in HIDDEN),
        )
    )
    for row in rows:
        found.setdefault(row.review_id, []).append(
            Signal(row.code, Severity(row.severity), row.facts)
        )
    order = list(Severity)
    return {
        review: tuple(sorted(marks, key=lambda each: (order.index(each.severity), each.code)))
        for review, marks in found.items()
    }
