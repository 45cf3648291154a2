"""The life of a review: who holds it, what may be decided now, and by whom. Pure.

Rules of this module:
- a decision is offered only if the stage lists it and the transition table knows it in this state;
- an option that is closed says why: the page explains it and shows no dead button;
- where a second person is needed, the first reader proposes and another one confirms or sends
  back; nobody confirms a proposal of their own, whatever roles they hold;
- a second person is needed if the stage says so, or if the refusal would hide the petition.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum

from admissibility.criteria import ADMITTING
from petitions.domain.filing import Stage
from petitions.domain.lifecycle import Action, Role, State, actions_of

DECISIONS = (
    Action.ACCEPT,
    Action.ACCEPT_IN_PART,
    Action.ACCEPT_WITH_CONDITIONS,
    Action.RETURN,
    Action.REFUSE,
)
# The roles that may speak for the body, the strongest first.
DECIDING_ROLES = (Role.CLERK, Role.SECOND_READER, Role.COMMITTEE)


UNDER_REVIEW = frozenset({State.IN_ADMISSIBILITY, State.THRESHOLD_REACHED})
"""A check after a milestone runs beside `threshold_reached`."""


class Standing(StrEnum):
    """Where a review stands, derived from its record."""

    TO_CHECK = "to_check"
    IN_REVIEW = "in_review"
    SECOND_READER = "second_reader"
    BACK_FROM_AUTHOR = "back_from_author"
    WITH_AUTHOR = "with_author"
    DECIDED = "decided"


class Step(StrEnum):
    """What pressing the button does."""

    DECIDE = "decide"
    PROPOSE = "propose"
    CONFIRM = "confirm"


@dataclass(frozen=True, slots=True)
class Proposal:
    """A decision written by a first reader that waits for another person."""

    decision: Action
    by: str


@dataclass(frozen=True, slots=True)
class Situation:
    """All that bears on what one person may do with one case."""

    state: State
    stage: Stage | None
    actor: str
    roles: frozenset[Role]
    returns_used: int = 0
    holder: str | None = None
    proposal: Proposal | None = None


@dataclass(frozen=True, slots=True)
class Option:
    """A decision and, if it is closed, the code of the reason."""

    decision: Action
    refusal: str = ""

    @property
    def open(self) -> bool:
        return not self.refusal


def standing(state: State, *, assigned: bool, proposed: bool, back: bool) -> Standing:
    """Where a review stands. `back`: the author has answered a request for correction."""
    if state is State.RETURNED:
        return Standing.WITH_AUTHOR
    if state not in UNDER_REVIEW:
        return Standing.DECIDED
    if proposed:
        return Standing.SECOND_READER
    if back:
        return Standing.BACK_FROM_AUTHOR
    return Standing.IN_REVIEW if assigned else Standing.TO_CHECK


def deciding_role(roles: Iterable[Role]) -> Role | None:
    """The role under which a person's decision is recorded, or None if they decide nothing."""
    held = frozenset(roles)
    return next((role for role in DECIDING_ROLES if role in held), None)


def options(now: Situation) -> tuple[Option, ...]:
    """The decisions of the stage, open ones and closed ones with the reason."""
    if now.stage is None:
        return ()
    offered = {outcome.value for outcome in now.stage.outcomes}
    role = deciding_role(now.roles)
    known = actions_of(now.state, role) if role else ()
    return tuple(
        Option(decision, _refusal(now, decision, known))
        for decision in DECISIONS
        if decision.value in offered
    )


def _refusal(now: Situation, decision: Action, known: tuple[Action, ...]) -> str:
    if deciding_role(now.roles) is None:
        return "no_role"
    # A check after a milestone runs beside the count: admitting there moves no state.
    beside = now.state is State.THRESHOLD_REACHED and decision in ADMITTING
    if decision not in known and not beside:
        return "wrong_state"
    if now.proposal is not None:
        return "waits_for_second_reader"
    if now.holder not in (None, now.actor):
        return "held_by_other"
    if decision is Action.RETURN and now.stage and now.returns_used >= now.stage.returns_max:
        return "returns_used_up"
    return ""


def second_person_needed(stage: Stage, decision: Action, *, hides: bool) -> bool:
    """True if one person may not send this decision alone.

    A return is not a decision on the petition: the author loses nothing by it.
    """
    if decision is Action.RETURN:
        return False
    return stage.four_eyes or (decision is Action.REFUSE and hides)


def confirmation_refusal(now: Situation) -> str:
    """Why this person may not confirm or send back the proposal; empty if they may."""
    if now.proposal is None:
        return "nothing_proposed"
    if deciding_role(now.roles) is None:
        return "no_role"
    if now.proposal.by == now.actor:
        return "own_proposal"
    return ""
