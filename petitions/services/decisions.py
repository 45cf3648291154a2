"""Decisions of an admissibility stage: admit, return, refuse. Reasoned, dated, numbered, final.

The desk calls `decide` after its own checks (checklist, lock, second reader). Here: the rulebook's
own conditions, the decision row, the move, what follows from it; one transaction, or nothing.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from uuid import uuid4

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from petitions.domain.calendar import add, local_day
from petitions.domain.errors import ForbiddenError, InvalidError, TransitionRefusedError
from petitions.domain.filing import Stage
from petitions.domain.lifecycle import Action, Facts, Role, State
from petitions.domain.rulebook import Kind
from petitions.domain.vocabulary import Silence
from petitions.domain.words import Words
from petitions.services import change_requests, gathering, moves, texts
from petitions.services.audit import record
from petitions.services.closing import OUTCOME, close_signing
from petitions.services.ports import SYSTEM, Actor, House
from petitions.services.publication import publish
from petitions.services.reviews import next_stage, open_review, stage_of, stop_clock
from petitions.services.same_subject import refuse_admission
from petitions.services.tracks import open_duties, release_tracks
from petitions.storage.tables import Decision, Petition, Review

ADMITTING = frozenset({Action.ACCEPT, Action.ACCEPT_IN_PART, Action.ACCEPT_WITH_CONDITIONS})
_CLERKS = frozenset({Role.CLERK, Role.SECOND_READER})


@dataclass(frozen=True, slots=True)
class Verdict:
    """What a clerk decides for the body. `texts`: reasons or points to correct, by language."""

    outcome: Action
    grounds: tuple[str, ...] = ()
    texts: Mapping[str, str] = field(default_factory=dict)
    proposed: Mapping[str, Words] = field(default_factory=dict)
    """Wording that goes with a return, by language."""


def required_languages(house: House, session: Session, petition: Petition) -> tuple[str, ...]:
    """Languages in which a text must exist before it is published."""
    rulebook = house.rulebook(session, petition)
    return tuple(rulebook.languages.required) or (petition.language,)


def missing_texts(
    house: House, session: Session, petition: Petition, texts: Mapping[str, str]
) -> list[str]:
    needed = required_languages(house, session, petition)
    return [language for language in needed if not texts.get(language, "").strip()]


def _facts(
    session: Session,
    house: House,
    petition: Petition,
    review: Review,
    stage: Stage,
    kind: Kind,
    verdict: Verdict,
    second: Actor | None,
    actor: Actor,
) -> Facts:
    written = texts.complete_languages(session, petition)
    needed = set(texts.needed_languages(house.rulebook(session, petition), petition))
    hidden = [g for g in verdict.grounds if g in kind.admissibility.grounds.hidden]
    public = [g for g in verdict.grounds if g in kind.admissibility.grounds.public]
    left = [
        s
        for s in kind.admissibility.at(stage.at)
        if s.id != stage.id
        and session.scalar(
            select(Review.id).where(
                Review.petition_id == petition.id,
                Review.stage == s.id,
                Review.closed_at.is_not(None),
            )
        )
        is None
    ]
    return Facts(
        stages_left=bool(left),
        languages_complete=needed <= written,
        second_person_needed=stage.four_eyes,
        second_person=second is not None and second.code != actor.code,
        returns_used=review.returns_used,
        returns_max=stage.returns_max,
        points_named=not missing_texts(house, session, petition, verdict.texts),
        public_grounds=len(public),
        hidden_ground=bool(hidden),
        reasons_given=not missing_texts(house, session, petition, verdict.texts),
        milestone_stage_open=stage.at.startswith("milestone:"),
        sponsors_to_come=stage.at == "filing" and gathering.to_come(session, petition),
        stage_at_filing=stage.at == "filing",
    )


def decide(
    session: Session,
    house: House,
    petition: Petition,
    review: Review,
    verdict: Verdict,
    actor: Actor,
    *,
    at: datetime,
    second: Actor | None = None,
) -> Decision:
    """Carry out a verdict. `petition` is locked (`moves.lock`), so two clerks cannot both win.

    Raises InvalidError (unknown ground, outcome the stage does not know), TransitionRefusedError
    (a guard: reasons missing, no return left, second reader needed) or ForbiddenError.
    """
    if review.closed_at is not None:
        raise TransitionRefusedError("review_closed", outcome=review.outcome)
    kind = house.kind(session, petition)
    stage = stage_of(session, house, petition, review)
    _check(kind, stage, verdict)
    if verdict.outcome in ADMITTING and petition.published_at is None:
        refuse_admission(session, house, petition)
    facts = _facts(session, house, petition, review, stage, kind, verdict, second, actor)
    decision = _put_down(session, petition, stage, verdict, actor, second, at)
    _carry_out(session, house, petition, review, stage, verdict, facts, actor, decision, at)
    review.version += 1
    return decision


def _put_down(
    session: Session,
    petition: Petition,
    stage: Stage,
    verdict: Verdict,
    actor: Actor,
    second: Actor | None,
    at: datetime,
) -> Decision:
    """The decision's row, with the next number of its petition."""
    number = session.scalar(
        select(func.coalesce(func.max(Decision.number), 0) + 1).where(
            Decision.petition_id == petition.id
        )
    )
    decision = Decision(
        id=uuid4(),
        petition_id=petition.id,
        number=number or 1,
        stage=stage.id,
        body=stage.body,
        outcome=str(verdict.outcome),
        grounds=list(verdict.grounds),
        texts=dict(verdict.texts),
        actor=actor.code,
        actor_name=actor.name,
        second_actor=second.code if second else None,
        at=at,
    )
    session.add(decision)
    session.flush()
    return decision


def decide_in_silence(
    session: Session, house: House, petition: Petition, review: Review, *, at: datetime
) -> Decision:
    """The body let its time pass, and the rulebook says what that means: no person decides.

    Raises TransitionRefusedError where the law's answer cannot be carried out (a text is missing).
    """
    kind = house.kind(session, petition)
    stage = stage_of(session, house, petition, review)
    accepted = stage.silence is Silence.ACCEPT
    verdict = Verdict(Action.ACCEPT if accepted else Action.REFUSE)
    facts = _facts(session, house, petition, review, stage, kind, verdict, None, SYSTEM)
    facts = replace(facts, silence=True, second_person_needed=False)
    decision = _put_down(session, petition, stage, verdict, SYSTEM, None, at)
    _carry_out(session, house, petition, review, stage, verdict, facts, SYSTEM, decision, at)
    review.version += 1
    return decision


def _check(kind: Kind, stage: Stage, verdict: Verdict) -> None:
    if str(verdict.outcome) not in {str(outcome) for outcome in stage.outcomes}:
        raise InvalidError("outcome_unknown", outcome=str(verdict.outcome))
    unknown = [g for g in verdict.grounds if g not in kind.admissibility.checklist(stage)]
    if unknown:
        raise InvalidError("ground_unknown", ground=unknown[0])
    if verdict.outcome is Action.REFUSE and not verdict.grounds:
        raise InvalidError(fields={"grounds": ("required", {})})


def _may_admit(
    petition: Petition, stage: Stage, action: Action, actor: Actor, facts: Facts
) -> None:
    """What the table asks of every admission, also of one that moves no state.

    Another check may follow, or the milestone's own check is done: the table is not asked then.
    """
    after_milestone = stage.at.startswith("milestone:")
    state = State(petition.state)
    right = state is State.IN_ADMISSIBILITY or (
        after_milestone and state not in {State.RETURNED, State.HIDDEN}
    )
    if not right:
        raise TransitionRefusedError("wrong_state", state=state, action=action)
    allowed = {*_CLERKS, Role.COMMITTEE} if after_milestone else _CLERKS
    if actor.role not in allowed and not facts.silence:
        raise ForbiddenError("wrong_role", role=actor.role, action=action)
    if facts.second_person_needed and not facts.second_person:
        raise TransitionRefusedError("guard_second_person", state=state, action=action)


def _carry_out(
    session: Session,
    house: House,
    petition: Petition,
    review: Review,
    stage: Stage,
    verdict: Verdict,
    facts: Facts,
    actor: Actor,
    decision: Decision,
    at: datetime,
) -> None:
    detail: dict[str, object] = {"stage": stage.id, "decision": decision.number}
    if verdict.outcome is Action.RETURN:
        zone = house.rulebook(session, petition).zone
        today = local_day(at, zone)
        due = petition.correction_due = add(today, stage.correction)
        moves.move(
            session, petition, Action.RETURN, actor, facts, at=at,
            detail={**detail, "due": due.isoformat()},
        )  # fmt: skip
        review.returns_used += 1
        review.back_from_author = False
        stop_clock(review, today)
        change_requests.ask(session, house, petition, decision, verdict.proposed, at)
        return
    review.closed_at, review.outcome = at, str(verdict.outcome)
    session.flush()
    if verdict.outcome is Action.REFUSE:
        reason = ",".join(verdict.grounds)[:120]
        moves.move(
            session, petition, Action.REFUSE, actor, facts, at=at, reason=reason, detail=detail
        )
        close_signing(session, petition, at=at, reason=OUTCOME)  # refused after its milestone
        release_tracks(session, petition, "refused", at=at)
        return
    _may_admit(petition, stage, verdict.outcome, actor, facts)
    if facts.milestone_stage_open:  # a stage after a milestone moves nothing
        record(session, actor, verdict.outcome, at=at, petition=petition, detail=detail)
        return
    following = next_stage(session, house, petition, stage.at)
    if following is None and stage.at == "filing" and not facts.sponsors_to_come:
        following = next_stage(session, house, petition, "publication")
    if following is not None:
        record(session, actor, verdict.outcome, at=at, petition=petition, detail=detail)
        open_review(session, house, petition, following, at)
        return
    if facts.sponsors_to_come:
        gathering.after_check(
            session, house, petition, actor, verdict.outcome, facts, at=at, detail=detail
        )
        return
    publish(session, house, petition, actor, verdict.outcome, facts, at=at, detail=detail)
    open_duties(session, house, petition, "published", at=at)
