"""The automated reading of what came in: each open check's signals, kept so that the queue can filter.

Idempotent: marks are computed again from the text whenever the petition changed, and replaced whole.
Of two petitions that are alike, both are marked as soon as the later one is read.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from uuid import UUID

from sqlalchemy import delete, or_, select
from sqlalchemy.orm import Session

from admissibility import checks
from admissibility.checks.likeness import Neighbour
from admissibility.checks.likeness import signals as likeness_signals
from admissibility.checks.signal import FormRules, PetitionText, Severity, Signal
from admissibility.review import UNDER_REVIEW
from admissibility.similar import DESK_STATES, neighbours, similar
from admissibility.suspicion import GROUND, suspected
from petitions.domain.procedure import Kind
from petitions.services.ports import House
from petitions.storage import tables as t

SOME = 20
"""Cases read in one transaction."""
_NEIGHBOURS = 6
Examine = Callable[[Session, House, t.Petition, PetitionText, Kind], Iterable[Signal]]


def form_rules(kind: Kind) -> FormRules:
    form = kind.filing.form
    return FormRules(
        title_max=form.title_max, text_max=form.text_max, unit=form.unit, links=form.links
    )


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
    text = session.get_one(t.PetitionText, (petition.id, petition.language))
    words = PetitionText(text.title, text.request, text.reasons, text.language)
    kind = house.kind(session, petition)
    alike = neighbours(
        similar(
            session, text.title, text.request, text.language, _NEIGHBOURS, (petition.id,),
            states=DESK_STATES,
        )
    )  # fmt: skip
    signals = (*checks.examine(words, form_rules(kind)), *likeness_signals(words, alike))
    grounds = kind.admissibility.grounds.every
    session.execute(delete(t.CaseMark).where(t.CaseMark.review_id == review.id))
    keep(session, review.id, signals, grounds)
    row = session.get(t.CaseReading, review.id)
    if row is None:
        session.add(t.CaseReading(review_id=review.id, petition_version=petition.version))
    else:
        row.petition_version = petition.version
    session.flush()
    _mark_neighbours(session, petition.reference or "", alike, words)


def keep(
    session: Session, review_id: UUID, signals: Iterable[Signal], grounds: Iterable[str]
) -> None:
    """One row for each code: a signal that stands twice is one mark."""
    listed = list(signals)
    rows = {each.code: (each.severity, dict(each.facts)) for each in reversed(listed)}
    for code, severity in suspected(listed, grounds).items():
        rows[GROUND + code] = (severity, {})
    session.add_all(
        t.CaseMark(review_id=review_id, code=code, severity=str(severity), facts=facts)
        for code, (severity, facts) in sorted(rows.items())
    )


def _mark_neighbours(
    session: Session, reference: str, alike: Iterable[Neighbour], text: PetitionText
) -> None:
    """The open cases this one is like learn of it: they were read before it came."""
    close = {each.ref: each for each in alike}
    if not close:
        return
    rows = session.execute(
        select(t.Petition.reference, t.Review.id)
        .join(t.Petition, t.Petition.id == t.Review.petition_id)
        .join(t.CaseReading, t.CaseReading.review_id == t.Review.id)
        .where(t.Petition.reference.in_(list(close)), t.Review.closed_at.is_(None))
    ).all()
    for other, review_id in rows:
        mirrored = Neighbour(reference, True, close[other or ""].score)
        for signal in likeness_signals(text, (mirrored,)):
            if session.get(t.CaseMark, (review_id, signal.code)) is None:
                facts = dict(signal.facts)
                session.add(
                    t.CaseMark(
                        review_id=review_id, code=signal.code, severity=str(signal.severity), facts=facts
                    )
                )  # fmt: skip
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
            t.CaseMark.review_id.in_(ids), t.CaseMark.code.not_like(f"{GROUND}%")
        )
    )
    for row in rows:
        found.setdefault(row.review_id, []).append(
            Signal(row.code, Severity(row.severity), row.facts)
        )
    order = list(Severity)
    return {
        review: tuple(sorted(signals, key=lambda each: (order.index(each.severity), each.code)))
        for review, signals in found.items()
    }
