"""Findings that two petitions are about the same subject, and what they bar (rulebook P15).

An author makes one while filing, a clerk at any time before the petition is admitted. The bar is
judged on the day of submission: a check that takes months takes no right away, and gives none.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from petitions.domain.calendar import local_day
from petitions.domain.errors import InvalidError, NotFoundError, TransitionRefusedError
from petitions.domain.lifecycle import END_STATES, Role, State
from petitions.domain.repetition import Bar, Earlier, bar
from petitions.domain.rulebook import Kind
from petitions.domain.text import Limits, normalised, problem
from petitions.services.audit import record
from petitions.services.ports import Actor, House
from petitions.storage.tables import Audit, Outcome, Petition, SameSubject

NOTE_MAX = 2000
BEFORE_ADMISSION = frozenset(
    {State.DRAFT, State.GATHERING_SPONSORS, State.IN_ADMISSIBILITY, State.RETURNED}
)


@dataclass(frozen=True, slots=True)
class Standing:
    """One finding with the petition it names and what it bars on the day asked for."""

    finding: SameSubject
    other: Petition
    bar: Bar | None


def find(
    session: Session,
    petition: Petition,
    other: Petition,
    actor: Actor,
    *,
    at: datetime,
    note: str = "",
) -> None:
    """Record the finding; once is enough. `petition` is locked. Raises InvalidError."""
    if State(petition.state) not in BEFORE_ADMISSION:
        raise TransitionRefusedError("wrong_state", state=petition.state)
    if other.id == petition.id or other.reference is None or other.assembly != petition.assembly:
        raise InvalidError(fields={"other": ("no_such_petition", {})})
    words = normalised(note)
    bad = problem(words, Limits(NOTE_MAX, required=False))
    if bad:
        raise InvalidError(fields={"note": bad})
    if session.get(SameSubject, (petition.id, other.id)) is not None:
        return
    session.add(
        SameSubject(
            petition_id=petition.id,
            other_id=other.id,
            found_by="author" if actor.role is Role.AUTHOR else "clerk",
            actor=actor.code,
            note=words,
            at=at,
        )
    )
    petition.version += 1
    _record(session, petition, other, actor, "same_subject", at)


def retract(
    session: Session, petition: Petition, other: Petition, actor: Actor, *, at: datetime
) -> None:
    """Take a finding back; an author takes back only their own. Raises NotFoundError."""
    found = session.get(SameSubject, (petition.id, other.id))
    if found is None or (actor.role is Role.AUTHOR and found.found_by != "author"):
        raise NotFoundError("same_subject")
    if State(petition.state) not in BEFORE_ADMISSION:
        raise TransitionRefusedError("wrong_state", state=petition.state)
    session.delete(found)
    petition.version += 1
    _record(session, petition, other, actor, "other_subject", at)


def _record(
    session: Session, petition: Petition, other: Petition, actor: Actor, action: str, at: datetime
) -> None:
    session.flush()
    record(session, actor, action, at=at, petition=petition, detail={"other": other.reference})


def say_same(
    session: Session, petition: Petition, reference: str, actor: Actor, *, at: datetime
) -> None:
    """What the author says while filing: the same as this one, or (no reference) as none."""
    own = session.scalars(
        select(SameSubject).where(
            SameSubject.petition_id == petition.id, SameSubject.found_by == "author"
        )
    ).all()
    wanted = named(session, petition.assembly, reference) if reference else None
    for each in own:
        if wanted is None or each.other_id != wanted.id:
            other = session.get_one(Petition, each.other_id)
            retract(session, petition, other, actor, at=at)
    if wanted is not None:
        find(session, petition, wanted, actor, at=at)


def named(session: Session, assembly: str, reference: str) -> Petition:
    """The petition somebody names. Raises InvalidError where there is none."""
    found = session.scalars(
        select(Petition).where(
            Petition.reference == reference.strip(), Petition.assembly == assembly
        )
    ).one_or_none()
    if found is None:
        raise InvalidError(fields={"other": ("no_such_petition", {})})
    return found


def earlier(session: Session, petition: Petition, zone: str) -> Earlier:
    """An earlier petition as the limits look at it."""
    outcome = session.scalars(
        select(Outcome).where(Outcome.petition_id == petition.id).order_by(Outcome.at.desc())
    ).first()
    state, since = State(petition.state), petition.state_since
    if state is State.ARCHIVED:  # what it ended as, and when, stands in the trail
        state, since = _before_archiving(session, petition)
    return Earlier(
        state=state,
        closed_on=local_day(since, zone) if state in END_STATES else None,
        decided_on=outcome.decided_on if outcome is not None else None,
        outcome=outcome.code if outcome is not None else "",
    )


def _before_archiving(session: Session, petition: Petition) -> tuple[State, datetime]:
    rows = session.scalars(
        select(Audit)
        .where(Audit.petition_id == petition.id, Audit.to_state.is_not(None))
        .order_by(Audit.seq.desc())
    )
    for row in rows:
        if row.to_state != State.ARCHIVED:
            return State(row.to_state or ""), row.legal_instant
    return State.ARCHIVED, petition.state_since


def standings(
    session: Session, petition: Petition, kind: Kind, zone: str, on: date
) -> tuple[Standing, ...]:
    """Every finding about a petition, and what it bars on a day (local to `zone`)."""
    rows = session.execute(
        select(SameSubject, Petition)
        .join(Petition, Petition.id == SameSubject.other_id)
        .where(SameSubject.petition_id == petition.id)
        .order_by(SameSubject.at, Petition.reference)
    )
    limits = kind.filing.limits
    return tuple(
        Standing(finding, other, bar(limits, earlier(session, other, zone), on))
        for finding, other in rows
    )


def refuse_barred(session: Session, petition: Petition, kind: Kind, zone: str, on: date) -> None:
    """At submission. Raises InvalidError naming the other petition and the last barred day."""
    for each in standings(session, petition, kind, zone, on):
        if each.bar is not None:
            until = each.bar.through
            raise InvalidError(
                f"same_{each.bar.rule}",
                other=each.other.reference,
                through=until.isoformat() if until else "",
            )


def refuse_admission(session: Session, house: House, petition: Petition) -> None:
    """What the rules barred on the day it was filed cannot be admitted (TransitionRefusedError)."""
    if petition.submitted_at is None:
        return
    zone = house.rulebook(session, petition).zone
    day = local_day(petition.submitted_at, zone)
    kind = house.kind(session, petition)
    for each in standings(session, petition, kind, zone, day):
        if each.bar is not None:
            raise TransitionRefusedError("same_subject_barred", other=each.other.reference)
