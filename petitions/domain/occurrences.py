"""Events of an assembly's calendar, and what each rulebook makes of them (P14). Pure.

- An event is entered once, with instants, in the calendar of the assembly; what it does to a petition
  is said by that petition's own pinned rulebook, so one dissolution may end one and spare another.
- `close` and `lapse` act at the event's instant (rule T8); `pause` and `refuse_new` cover days, which
  `from` and `to` may widen; `extend` adds a length once; no rule for an event means: carry over.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from types import MappingProxyType

from petitions.domain.calendar import (
    DaySpan,
    Pause,
    add,
    closes_at,
    first_instant,
    local_day,
)
from petitions.domain.lifecycle import END_STATES, SIGNING_STATES, TRANSITIONS, Action, State
from petitions.domain.procedure import CalendarRule, Kind
from petitions.domain.vocabulary import CalendarEffect

_MOMENT = timedelta(microseconds=1)

ENDING = frozenset({CalendarEffect.CLOSE, CalendarEffect.LAPSE})
"""Effects that end something for somebody: two people enter such an event."""

_LAPSABLE = frozenset(
    state for row in TRANSITIONS if Action.LAPSE in row.actions for state in row.sources
)
_RUNNING = frozenset(set(State) - END_STATES - {State.DRAFT})
_REACHED: Mapping[CalendarEffect, frozenset[State]] = MappingProxyType(
    {
        CalendarEffect.CLOSE: SIGNING_STATES,
        CalendarEffect.LAPSE: _LAPSABLE,
        CalendarEffect.EXTEND: SIGNING_STATES,
        CalendarEffect.PAUSE: _RUNNING,
        CalendarEffect.CARRY_OVER: _RUNNING,
        CalendarEffect.REFUSE_NEW: frozenset({State.DRAFT}),
    }
)
"""The states an effect can mean anything in."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Occurrence:
    """An event that was entered: instants in UTC, `end` exclusive.

    No end: it is a point in time (a dissolution), or it still goes on (an outage).
    """

    id: str
    event: str
    start: datetime
    end: datetime | None = None

    def days(self, zone: str) -> DaySpan:
        """The local days it touches; no last day while it has no end."""
        return DaySpan(local_day(self.start, zone), self._last(zone))

    def _last(self, zone: str) -> date | None:
        if self.end is None:
            return None
        return local_day(max(self.start, self.end - _MOMENT), zone)


def covered(rule: CalendarRule, found: Occurrence, zone: str) -> DaySpan:
    """The days a rule speaks of: those of the event, widened by `from` and `to` (rule T8)."""
    days = found.days(zone)
    first, last = days.first, days.last
    if rule.since is not None:
        first = add(days.first, rule.since)
    if rule.until is not None:
        last = add(days.last or days.first, rule.until)
    return DaySpan(first, last)


def pause_of(rule: CalendarRule, found: Occurrence, zone: str) -> Pause:
    """The pause an event makes: its own instants, or whole days where the rule widens it."""
    if rule.since is None and rule.until is None:
        return Pause(found.start, found.end)
    days = covered(rule, found, zone)
    end = None if days.last is None else closes_at(days.last, zone)
    return Pause(first_instant(days.first, zone), end)


def states_of(rule: CalendarRule) -> frozenset[State]:
    """The states a rule reaches: those it lists, as far as its effect can act there."""
    possible = _REACHED[rule.effect]
    return possible if not rule.states else possible & {State(each) for each in rule.states}


def rules_for(kind: Kind, event: str) -> tuple[CalendarRule, ...]:
    return tuple(rule for rule in kind.calendar if rule.event == event)


def verdict(kind: Kind, event: str, state: State) -> CalendarRule | None:
    """The rule that acts on a petition in this state at the event's instant; None: it carries over.

    Pauses are no act at an instant (they are laid into the window), nor is `refuse_new`.
    """
    at_once = {*ENDING, CalendarEffect.EXTEND}
    for rule in rules_for(kind, event):
        if rule.effect in at_once and state in states_of(rule):
            return rule
    return None


def pauses(kind: Kind, entered: Iterable[Occurrence], zone: str) -> Iterator[Pause]:
    """Every pause that the events entered so far make in petitions of this kind."""
    for found in entered:
        for rule in rules_for(kind, found.event):
            if rule.effect is CalendarEffect.PAUSE:
                yield pause_of(rule, found, zone)


def refused_because(
    kind: Kind, entered: Iterable[Occurrence], day: date, zone: str
) -> Occurrence | None:
    """The event because of which no new petition of this kind may be filed on a day."""
    for found in entered:
        for rule in rules_for(kind, found.event):
            if rule.effect is CalendarEffect.REFUSE_NEW and covered(rule, found, zone).covers(day):
                return found
    return None


def first_since(entered: Iterable[Occurrence], event: str, since: datetime) -> Occurrence | None:
    """The first occurrence of an event from an instant on."""
    after = (each for each in entered if each.event == event and each.start >= since)
    return min(after, key=lambda each: each.start, default=None)
