"""Steps of the institution: recorded or announced, corrected by an erratum, never edited.

Everything here is public. A step moves no state; it may settle the duty that it belongs to.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from uuid import UUID, uuid4

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from petitions.domain.calendar import local_day
from petitions.domain.errors import InvalidError, NotFoundError, TransitionRefusedError
from petitions.domain.following import Happening
from petitions.domain.lifecycle import State
from petitions.domain.steps import (
    Change,
    ChangeKind,
    StepNow,
    bad_links,
    change_objection,
    day_objection,
    is_time,
    step_now,
)
from petitions.domain.text import Limits, normalised, problem
from petitions.services.audit import record
from petitions.services.decisions import missing_texts
from petitions.services.examination import decide_track
from petitions.services.ports import Actor, House
from petitions.services.telling import tell_followers
from petitions.storage.tables import Petition, Step, StepChange

TEXT_MAX = 20_000
PLACE_MAX = 200
CLOSED_TO_STEPS = frozenset({State.HIDDEN, State.ARCHIVED})
Links = Sequence[tuple[str, str]]
Bad = dict[str, tuple[str, dict[str, object]]]
DONE: Mapping[ChangeKind, str] = {
    ChangeKind.ERRATUM: "step_corrected",
    ChangeKind.RESCHEDULED: "step_rescheduled",
    ChangeKind.CANCELLED: "step_cancelled",
    ChangeKind.HELD: "step_held",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class NewStep:
    """What a clerk records for the body. `day` local to the rulebook's zone; texts by language."""

    kind: str
    planned: bool
    day: date | None
    texts: Mapping[str, str]
    body: str = ""
    at_time: str = ""
    place: str = ""
    links: Links = ()
    track: str = ""
    settles: bool = False
    """The step was what the duty `track` asked for."""
    early_reason: str = ""
    """Needed where the duty may not be settled yet without one."""
    tell: bool = True
    """Whether followers get a mail of it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class NewChange:
    """An erratum, a new day, a cancellation, or word that the step took place."""

    kind: ChangeKind
    texts: Mapping[str, str]
    day: date | None = None
    at_time: str = ""
    place: str = ""
    links: Links = ()
    tell: bool = True


@dataclass(frozen=True, slots=True)
class Recorded:
    """A step with its changes in their order, and what it is now."""

    step: Step
    changes: tuple[StepChange, ...]
    now: StepNow = field(compare=False)


def step_kinds(session: Session, house: House, petition: Petition) -> tuple[str, ...]:
    """The kinds that have words: a parliament adds one by wording it."""
    wording = house.shelf(session, petition).context.wording
    return wording.codes("steps", petition.rulebook_id) if wording else ()


def record_step(
    session: Session, house: House, petition: Petition, new: NewStep, actor: Actor, *, at: datetime
) -> Step:
    """Append a step. InvalidError names the fields; nothing is half done."""
    _must_be_public(petition)
    today = local_day(at, house.rulebook(session, petition).zone)
    bad = _text_problems(house, session, petition, new.texts)
    if new.kind not in step_kinds(session, house, petition):
        bad["kind"] = ("required", {})
    if new.body and new.body not in house.library.assembly(petition.assembly).bodies:
        bad["body"] = ("not_accepted", {})
    objection = day_objection(planned=new.planned, day=new.day, today=today)
    if objection:
        bad["day"] = (objection, {})
    bad |= _details(new.at_time, new.place, new.links)
    if bad or new.day is None:
        raise InvalidError(fields=bad)
    step = Step(
        id=uuid4(), petition_id=petition.id, number=_next_number(session, petition),
        kind=new.kind, body=new.body, planned=new.planned, on_day=new.day, at_time=new.at_time,
        place=normalised(new.place), texts=_kept(new.texts), links=[list(each) for each in new.links],
        track=new.track or None, recorded_at=at, actor=actor.code,
    )  # fmt: skip
    session.add(step)
    petition.version += 1
    detail = {"step": step.number, "kind": step.kind, "day": new.day.isoformat()}
    action = "step_planned" if new.planned else "step_recorded"
    record(session, actor, action, at=at, petition=petition, public_texts=step.texts, detail=detail)
    if new.settles and new.track and not new.planned:
        decide_track(
            session, house, petition, new.track, new.texts, actor, at=at, reason=new.early_reason
        )
    session.flush()
    _tell(session, petition, step, new.tell, at)
    return step


def change_step(
    session: Session,
    house: House,
    petition: Petition,
    number: int,
    new: NewChange,
    actor: Actor,
    *,
    at: datetime,
) -> StepChange:
    """Append a change to a step. The words are public and say why, or what is right."""
    _must_be_public(petition)
    found = one_step(session, petition, number)
    today = local_day(at, house.rulebook(session, petition).zone)
    bad = _text_problems(house, session, petition, new.texts)
    objection = change_objection(found.now, Change(new.kind, new.day), today)
    if objection == "not_planned":
        raise TransitionRefusedError("step_not_planned")
    if objection:
        bad["day"] = (objection, {})
    bad |= _details(new.at_time, new.place, new.links)
    if bad:
        raise InvalidError(fields=bad)
    moves_day = new.kind in {ChangeKind.RESCHEDULED, ChangeKind.HELD}
    change = StepChange(
        step_id=found.step.id, number=len(found.changes) + 1, kind=str(new.kind),
        on_day=new.day if moves_day else None, at_time=new.at_time, place=normalised(new.place),
        texts=_kept(new.texts), links=[list(each) for each in new.links], recorded_at=at,
        actor=actor.code,
    )  # fmt: skip
    session.add(change)
    petition.version += 1
    detail: dict[str, object] = {"step": number, "change": change.number}
    if change.on_day:
        detail["day"] = change.on_day.isoformat()
    record(
        session, actor, DONE[new.kind], at=at, petition=petition, public_texts=change.texts,
        detail=detail,
    )  # fmt: skip
    session.flush()
    _tell(session, petition, found.step, new.tell, at, change.number)
    return change


def _tell(
    session: Session, petition: Petition, step: Step, wanted: bool, at: datetime, change: int = 0
) -> None:
    """Followers hear of it, unless whoever records it says that it is not worth a mail."""
    if wanted:
        facts = {"step": step.number, "change": change}
        key = f"step:{step.number}:{change}"
        tell_followers(session, petition, Happening.STEP, at, key=key, facts=facts)


def one_step(session: Session, petition: Petition, number: int) -> Recorded:
    """NotFoundError for a number that was never given."""
    found = next((e for e in steps_of(session, petition.id) if e.step.number == number), None)
    if found is None:
        raise NotFoundError("step")
    return found


def steps_of(session: Session, petition_id: UUID) -> list[Recorded]:
    """Every step in the order of its number, with its changes."""
    steps = session.scalars(
        select(Step).where(Step.petition_id == petition_id).order_by(Step.number)
    ).all()
    if not steps:
        return []
    changes: dict[UUID, list[StepChange]] = {}
    for row in session.scalars(
        select(StepChange)
        .where(StepChange.step_id.in_([step.id for step in steps]))
        .order_by(StepChange.step_id, StepChange.number)
    ):
        changes.setdefault(row.step_id, []).append(row)
    return [recorded(step, tuple(changes.get(step.id, ()))) for step in steps]


def recorded(step: Step, changes: tuple[StepChange, ...]) -> Recorded:
    now = step_now(
        planned=step.planned, day=step.on_day, at_time=step.at_time, place=step.place,
        changes=[Change(ChangeKind(c.kind), c.on_day, c.at_time, c.place) for c in changes],
    )  # fmt: skip
    return Recorded(step, changes, now)


def _next_number(session: Session, petition: Petition) -> int:
    last = select(func.coalesce(func.max(Step.number), 0)).where(Step.petition_id == petition.id)
    return int(session.scalar(last) or 0) + 1


def _must_be_public(petition: Petition) -> None:
    state = State(petition.state)
    if petition.published_at is None or state in CLOSED_TO_STEPS:
        raise TransitionRefusedError("wrong_state", state=state)


def _text_problems(
    house: House, session: Session, petition: Petition, texts: Mapping[str, str]
) -> Bad:
    bad: Bad = {
        f"text_{language}": ("required", {})
        for language in missing_texts(house, session, petition, texts)
    }
    for language, text in texts.items():
        wrong = problem(normalised(text), Limits(TEXT_MAX, required=False))
        if wrong:
            bad[f"text_{language}"] = wrong
    return bad


def _details(at_time: str, place: str, links: Links) -> Bad:
    bad: Bad = {}
    if not is_time(at_time):
        bad["at_time"] = ("time_malformed", {})
    wrong = problem(normalised(place), Limits(PLACE_MAX, required=False))
    if wrong:
        bad["place"] = wrong
    if bad_links(links):
        bad["links"] = ("link_malformed", {})
    return bad


def _kept(texts: Mapping[str, str]) -> dict[str, str]:
    kept = {language: normalised(text) for language, text in texts.items()}
    return {language: text for language, text in kept.items() if text}
