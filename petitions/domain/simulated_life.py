"""One petition while it is simulated: what it has, what it reached, what lies ahead. Pure."""

from __future__ import annotations

import heapq
import itertools
from collections import Counter
from collections.abc import Mapping
from datetime import datetime

from petitions.domain import occurrences
from petitions.domain.calendar import (
    Deadline,
    SigningWindow,
    deadline,
    local_day,
    overdue_from,
)
from petitions.domain.collecting import Milestone
from petitions.domain.duties import clocks_started, due, stage_due, superseded, tracks_opened
from petitions.domain.lifecycle import END_STATES, Action, Facts, Role, State, advance
from petitions.domain.milestones import Tally, Target, newly_reached, target_of
from petitions.domain.periods import Period
from petitions.domain.procedure import Kind
from petitions.domain.simulated import Given, Happening, Step, What
from petitions.domain.vocabulary import Evaluate


class Life:
    """One petition while it is played; `play` runs it to its end."""

    def __init__(self, kind: Kind, given: Given) -> None:
        self.kind, self.given = kind.chosen(given.choices), given
        self.state = State.IN_ADMISSIBILITY
        self.steps: list[Step] = []
        self.count, self.refused = 0, 0
        self.by_area: Counter[str] = Counter()
        self.by_class: Counter[str] = Counter()
        self.reached: set[str] = set()
        self.fired: dict[str, datetime] = {}
        self.extensions: list[Period] = []
        self.ended_at: datetime | None = None
        self.window: SigningWindow | None = None
        self._order = itertools.count()
        self._ahead: list[tuple[datetime, int, str, object]] = []
        self.targets = self._targets()
        self.entered = tuple(
            occurrences.Occurrence(
                id=str(at), event=each.event.removeprefix("event:"), start=each.at, end=each.end
            )
            for at, each in enumerate(given.happenings)
            if each.event.startswith("event:")
        )

    def _targets(self) -> Mapping[str, Target]:
        return {
            each.id: target_of(
                each,
                populations=self.given.populations,
                choices=self.given.choices,
                areas=self.given.areas,
                online_cap=self.kind.signing.online_cap,
            )
            for each in self.kind.milestones
        }

    def tell(self, at: datetime, what: What, code: str = "", **more: object) -> None:
        self.steps.append(Step(at=at, what=what, code=code, count=self.count, **more))  # type: ignore[arg-type]

    def plan(self, at: datetime, what: str, thing: object = None) -> None:
        heapq.heappush(self._ahead, (at, next(self._order), what, thing))

    def upcoming(self) -> tuple[datetime, str, object] | None:
        if not self._ahead:
            return None
        at, _order, what, thing = heapq.heappop(self._ahead)
        return at, what, thing

    def move(self, action: Action, facts: Facts, at: datetime, role: Role = Role.SYSTEM) -> None:
        """By the table of the machine, as every petition moves; an end starts its clocks."""
        self.state = advance(self.state, action, role, facts).target
        self.tell(at, What.STATE, str(action), state=self.state)
        if self.state in END_STATES:
            self.fire("final", at)

    def fire(self, event: str, at: datetime) -> None:
        """An event of the rulebook: it opens tracks, starts clocks, and is remembered."""
        self.fired.setdefault(event, at)
        day = local_day(at, self.given.zone)
        for opening in tracks_opened(self.kind, event):
            if opening.decided:
                continue
            limit: Deadline | None = Deadline(None)
            if opening.duty is not None and opening.duty.length is not None:
                running = opening.clock_runs
                limit = due(opening.duty, day, calendar=self.given.calendar) if running else None
            self.tell(at, What.DUTY, opening.id, due=limit)
        for duty in clocks_started(self.kind, event):
            if duty.milestone not in self.reached:
                continue  # not owed: its milestone never opened it
            limit = due(duty, day, calendar=self.given.calendar)
            self.tell(at, What.CLOCK, duty.id, due=limit)
        self._handover_clock(event, at)

    def _handover_clock(self, event: str, at: datetime) -> None:
        handover = self.kind.after.handover
        if handover is None or handover.within is None or handover.start != event:
            return
        decisive = self.kind.decisive
        judged = decisive is not None and decisive.evaluate is not Evaluate.HANDOVER
        if self.ended_at and decisive and judged and decisive.id not in self.reached:
            return  # closed below its number: nothing is handed over
        day = local_day(at, self.given.zone)
        limit = deadline(day, handover.within, calendar=self.given.calendar)
        self.tell(at, What.HANDOVER_DUE, handover.by, due=limit)
        if limit.day is not None:
            self.plan(overdue_from(limit.day, self.given.zone), "handover_missed")


def judge(life: Life, at: datetime, when: Evaluate) -> None:
    """What the count reaches now, in the order of the rulebook; each once."""
    waiting = [each for each in life.kind.milestones if each.id not in life.reached]
    if all(each.evaluate is not when for each in waiting):
        return
    others = frozenset(each.id for each in waiting if each.evaluate is not when)
    already = frozenset(life.reached) | others
    for milestone in newly_reached(life.kind, tally_of_life(life, waiting), life.targets, already):
        reach(life, milestone, at)


def reach(life: Life, milestone: Milestone, at: datetime) -> None:
    life.reached.add(milestone.id)
    life.tell(at, What.MILESTONE, milestone.id)
    for code in superseded(life.kind, milestone.id):
        life.tell(at, What.SUPERSEDED, code)
    if milestone.decisive and life.state is State.PUBLISHED:
        life.move(Action.REACH, Facts(decisive_met=True), at)
    life.fire(f"milestone:{milestone.id}", at)
    day = local_day(at, life.given.zone)
    for stage in life.kind.admissibility.at(f"milestone:{milestone.id}"):
        limit = stage_due(stage, day, calendar=life.given.calendar)
        life.tell(at, What.CHECK_DUE, stage.id, due=limit)


def tally_of_life(life: Life, waiting: list[Milestone]) -> Tally:
    areas: Mapping[str, int] = life.by_area
    if spread_evenly(life):
        least = [life.targets[each.id].threshold for each in waiting if each.quorum]
        areas = _evenly(life) if least and life.count >= min(least) else {}
    by_class: Mapping[str, int] = life.by_class
    if set(life.by_class) <= {""}:
        by_class = dict.fromkeys(life.kind.signing.classes, life.count)
    return Tally(
        raw=life.count, verified=life.count, by_area=areas, raw_by_area=areas,
        by_class=by_class, raw_by_class=by_class,
        class_by_area=dict.fromkeys(life.kind.signing.classes, areas),
        raw_class_by_area=dict.fromkeys(life.kind.signing.classes, areas),
        declarations=sum(each.event == "declaration" for each in _before_now(life)),
    )  # fmt: skip


def _before_now(life: Life) -> list[Happening]:
    last = life.steps[-1].at
    return [each for each in life.given.happenings if each.at <= last]


def spread_evenly(life: Life) -> bool:
    """A curve without areas is spread evenly, where areas are counted at all."""
    return life.given.areas is not None and set(life.by_area) <= {""}


def _evenly(life: Life) -> Mapping[str, int]:
    codes = list(life.given.areas.names) if life.given.areas else []
    each, over = divmod(life.count, max(1, len(codes)))
    return {code: each + (at < over) for at, code in enumerate(codes)}
