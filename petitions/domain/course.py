"""The states a petition of one kind can pass through, and by which rows of the table. Pure.

The transition table is the same for every procedure; what a rulebook leaves out (sponsors, signing,
returns, a hand-over) takes rows away. What is left is the diagram of the procedure.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from petitions.domain.filing import Stage
from petitions.domain.lifecycle import TRANSITIONS, Action, State, Transition
from petitions.domain.procedure import Kind
from petitions.domain.vocabulary import (
    AttritionElse,
    CalendarEffect,
    Entry,
    StageOutcome,
    WindowMode,
)

MAIN_LINE = (
    State.DRAFT,
    State.GATHERING_SPONSORS,
    State.IN_ADMISSIBILITY,
    State.PUBLISHED,
    State.THRESHOLD_REACHED,
    State.EXAMINED,
    State.ARCHIVED,
)
_ACCEPTS = (
    StageOutcome.ACCEPT,
    StageOutcome.ACCEPT_IN_PART,
    StageOutcome.ACCEPT_WITH_CONDITIONS,
)


@dataclass(frozen=True, slots=True)
class Edge:
    """One way from a state to another; `number` is the row of the transition table."""

    source: State
    target: State
    number: int
    action: Action


@dataclass(frozen=True, slots=True)
class Course:
    """`main` and `side` in the order of the machine; edges in the order of the table."""

    main: tuple[State, ...]
    side: tuple[State, ...]
    edges: tuple[Edge, ...]

    @property
    def states(self) -> tuple[State, ...]:
        return self.main + self.side


def course(kind: Kind) -> Course:
    """The rows that can ever be taken by a petition of this kind, from the draft on."""
    possible = list(dict.fromkeys(edge for row in TRANSITIONS for edge in _edges(kind, row)))
    seen = {State.DRAFT}
    while True:
        more = {edge.target for edge in possible if edge.source in seen} - seen
        if not more:
            break
        seen |= more
    edges = tuple(edge for edge in possible if edge.source in seen)
    main = tuple(state for state in MAIN_LINE if state in seen)
    side = tuple(state for state in State if state in seen and state not in MAIN_LINE)
    return Course(main, side, edges)


def _edges(kind: Kind, row: Transition) -> Iterator[Edge]:
    allowed = _RULES.get(row.number)
    for source in row.sources:
        if allowed is not None and not allowed(kind, source, row):
            continue
        for target in _targets(kind, row, source):
            yield Edge(source, target, row.number, _action(kind, row))


def _action(kind: Kind, row: Transition) -> Action:
    """Where a row names several actions, the first that this kind knows."""
    outcomes = {str(outcome) for stage in kind.admissibility.stages for outcome in stage.outcomes}
    if row.number == 24 and kind.signing.window.chosen_within is None:
        return Action.SUBMISSION_MISSED
    return next((each for each in row.actions if str(each) in outcomes), row.actions[0])


def _targets(kind: Kind, row: Transition, source: State) -> tuple[State, ...]:
    if row.target is not None:
        return (row.target,)
    if source is State.RETURNED:
        return tuple(
            state
            for state in (State.IN_ADMISSIBILITY, State.THRESHOLD_REACHED)
            if _returns(kind, state)
        )
    return ()  # shown again: the state it was taken from, which the sentence says


def _before(kind: Kind) -> tuple[Stage, ...]:
    return kind.admissibility.at("filing") + kind.admissibility.at("publication")


def _after(kind: Kind) -> tuple[Stage, ...]:
    return tuple(each for each in kind.admissibility.stages if each.at.startswith("milestone:"))


def _any(stages: tuple[Stage, ...], *outcomes: StageOutcome) -> bool:
    return any(outcome in stage.outcomes for stage in stages for outcome in outcomes)


def _returns(kind: Kind, source: State) -> bool:
    stages = _before(kind) if source is State.IN_ADMISSIBILITY else _after(kind)
    return any(StageOutcome.RETURN in each.outcomes and each.returns_max for each in stages)


def _sponsors_first(kind: Kind, _source: State, _row: Transition) -> bool:
    return bool(kind.sponsors) and not kind.admissibility.at("filing")


def _sent_to_the_check(kind: Kind, _source: State, _row: Transition) -> bool:
    if not kind.sponsors or kind.admissibility.at("filing"):
        return True
    return all(stage.unless is not None for stage in kind.sponsors)


def _sponsors_complete(kind: Kind, _source: State, row: Transition) -> bool:
    return bool(kind.admissibility.at("publication")) is (row.target is State.IN_ADMISSIBILITY)


def _has_an_end(kind: Kind) -> bool:
    endless = kind.signing.window.mode in (WindowMode.OPEN, WindowMode.ROLLING)
    closes = any(rule.effect is CalendarEffect.CLOSE for rule in kind.calendar)
    return bool(kind.milestones) and (not endless or closes)


def _attrition(kind: Kind, _source: State, _row: Transition) -> bool:
    return any(each.otherwise is not AttritionElse.HIDE for each in kind.signing.attrition)


def _lapses(kind: Kind, source: State, _row: Transition) -> bool:
    return any(
        rule.effect is CalendarEffect.LAPSE and (not rule.states or source in rule.states)
        for rule in kind.calendar
    )


def _time_missed(kind: Kind, _source: State, _row: Transition) -> bool:
    window, given_in = kind.signing.window, kind.signing.verification.submit_within
    return window.chosen_within is not None or given_in is not None


def _examined(kind: Kind, source: State, _row: Transition) -> bool:
    if kind.after.early or kind.after.entry is Entry.PUBLICATION:
        return True
    if kind.extras.fallback_kind is not None and source is State.CLOSED_BELOW:
        return True  # it is examined as that kind
    return kind.after.entry is Entry.CLOSING and source in (State.PUBLISHED, State.CLOSED_BELOW)


_Rule = Callable[[Kind, State, Transition], bool]
_RULES: dict[int, _Rule] = {
    2: _sponsors_first,
    3: _sent_to_the_check,
    4: _sponsors_complete,
    5: lambda kind, _s, _r: any(stage.within or stage.invitation for stage in kind.sponsors),
    6: lambda kind, _s, _r: bool(kind.sponsors) and bool(kind.admissibility.at("filing")),
    7: lambda kind, _s, _r: _any(_before(kind), *_ACCEPTS),
    8: lambda kind, source, _r: _returns(kind, source),
    11: lambda kind, _s, _r: _any(_before(kind), StageOutcome.REFUSE),
    12: lambda kind, _s, _r: (
        bool(kind.admissibility.grounds.hidden) and _any(_before(kind), StageOutcome.REFUSE)
    ),
    13: lambda kind, _s, _r: _any(_after(kind), StageOutcome.REFUSE),
    15: lambda kind, _s, _r: bool(kind.milestones),
    16: lambda kind, _s, _r: _has_an_end(kind),
    17: _attrition,
    18: lambda kind, _s, _r: bool(kind.milestones),
    23: _lapses,
    24: _time_missed,
    25: lambda kind, _s, _r: kind.after.handover is not None and bool(kind.after.handover.within),
    27: _examined,
}
