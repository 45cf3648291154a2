"""A petition's life played against a signature curve. Pure.

Nothing here knows a rule: windows, milestones, clocks, events and moves are judged by the modules
that the services use too. Nobody acts but the clock, the signers and what the caller says happens;
every signature given in time is taken as valid.
"""

from __future__ import annotations

from datetime import datetime

from petitions.domain import occurrences
from petitions.domain.arrivals import Arrival
from petitions.domain.calendar import SigningWindow, add, closes_at, local_day, window
from petitions.domain.collecting import Attrition
from petitions.domain.duties import stage_due
from petitions.domain.errors import InvalidError, TransitionRefusedError
from petitions.domain.lifecycle import SIGNING_STATES, Action, Facts, Role, State
from petitions.domain.procedure import Kind
from petitions.domain.simulated import Assumption, Given, Happening, Timeline, What
from petitions.domain.simulated_life import Life, judge, spread_evenly
from petitions.domain.vocabulary import AttritionElse, CalendarEffect, Entry, Evaluate

_ACCEPTED = Facts(stages_left=False, languages_complete=True)


def play(kind: Kind, given: Given) -> Timeline:
    """The timeline of a petition submitted, admitted and signed as `given` says.

    InvalidError where the rulebook needs a day that was not given (a chosen start, a gazette), or a
    length that it does not allow.
    """
    life = Life(kind, given)
    _file_and_publish(life)
    _open(life)
    for arrival in given.arrivals:
        life.plan(arrival.at, "arrival", arrival)
    for each in given.happenings:
        life.plan(each.at, "happening", each)
    while (item := life.upcoming()) is not None:
        at, what, thing = item
        _TURNS[what](life, at, thing)
    _erasures(life)
    return Timeline(
        steps=tuple(sorted(life.steps, key=lambda step: step.at)),
        state=life.state,
        count=life.count,
        refused=life.refused,
        last_day=life.window.last_day if life.window else None,
        closes_at=life.window.closes_at if life.window else None,
        assumed=_assumed(life),
    )


def _file_and_publish(life: Life) -> None:
    given = life.given
    life.tell(given.submitted_at, What.STATE, "submit", state=State.IN_ADMISSIBILITY)
    life.fire("submitted", given.submitted_at)
    day = local_day(given.submitted_at, given.zone)
    stages = life.kind.admissibility.at("filing") or life.kind.admissibility.at("publication")
    for stage in stages[:1]:
        limit = stage_due(stage, day, calendar=given.calendar)
        life.tell(given.submitted_at, What.CHECK_DUE, stage.id, due=limit)
    life.move(Action.ACCEPT, _ACCEPTED, given.published_at, Role.CLERK)
    life.fire("admitted", given.published_at)
    life.fire("published", given.published_at)


def _open(life: Life) -> None:
    rules, given = life.kind.signing.window, life.given
    starts = {"publication": given.published_at, "submission": given.submitted_at}
    start = starts.get(rules.start) or _happened(given, rules.start)
    if start is None:
        if rules.start == "chosen" and rules.chosen_within is not None:
            day = add(local_day(given.published_at, given.zone), rules.chosen_within)
            life.plan(closes_at(day, given.zone), "start_missed")
            return
        raise InvalidError("simulation_start", event=rules.start)
    _lay_out(life, start)
    found = life.window
    if found is None or not life.kind.signable:
        return
    life.tell(found.opens_at, What.OPENS, day=found.last_day)
    life.fire("window_open", found.opens_at)
    for rule in life.kind.signing.attrition:
        last = add(local_day(found.opens_at, given.zone), rule.within)
        life.plan(closes_at(last, given.zone), "attrition", rule)


def _happened(given: Given, event: str) -> datetime | None:
    return next((each.at for each in given.happenings if each.event == event), None)


def _lay_out(life: Life, start: datetime) -> None:
    """The window from its start; said anew whenever it is prolonged."""
    given = life.given
    life.fired["start"] = start
    life.window = window(
        life.kind.signing.window,
        event_at=start,
        zone=given.zone,
        pauses=tuple(occurrences.pauses(life.kind, life.entered, given.zone)),
        choice=given.length,
        extensions=tuple(life.extensions),
    )
    if life.window.closes_at is not None:
        life.plan(life.window.closes_at, "close", life.window.closes_at)


def _arrival(life: Life, at: datetime, thing: object) -> None:
    if not isinstance(thing, Arrival):
        raise TypeError(type(thing))
    open_now = life.window is not None and life.window.is_open(at) and life.ended_at is None
    if not open_now or life.state not in SIGNING_STATES:
        life.refused += thing.number
        return
    life.count += thing.number
    life.by_area[thing.area] += thing.number
    life.by_class[thing.label] += thing.number
    judge(life, at, Evaluate.LIVE)


def _attrition(life: Life, at: datetime, thing: object) -> None:
    if not isinstance(thing, Attrition):
        raise TypeError(type(thing))
    if life.state is not State.PUBLISHED or life.ended_at or life.count >= thing.at_least:
        return
    if thing.otherwise is AttritionElse.CLOSE:
        life.ended_at = at
        life.move(Action.ATTRITION, Facts(attrition_missed=True), at)
    else:
        hide = thing.otherwise is AttritionElse.HIDE
        life.tell(at, What.UNLISTED if hide else What.MAY_CLOSE)


def _close(life: Life, at: datetime, thing: object) -> None:
    """The end of the last day; an end that was moved since is no end."""
    if life.window is None or life.window.closes_at != thing or life.ended_at:
        return
    life.ended_at = at
    if life.state not in SIGNING_STATES or not life.kind.signable:
        return
    life.tell(at, What.CLOSES)
    judge(life, at, Evaluate.CLOSE)
    life.fire("closed", at)
    if _happened(life.given, "verified") is None:
        life.fire("verified", at)
    if life.kind.milestones and life.state is State.PUBLISHED:
        facts = Facts(has_milestone=True, window_over=True, left_to_verify=False)
        life.move(Action.CLOSE, facts, at)
        if life.kind.extras.fallback_kind:
            life.tell(at, What.GOES_ON, life.kind.extras.fallback_kind)


def _happening(life: Life, at: datetime, thing: object) -> None:
    if not isinstance(thing, Happening):
        raise TypeError(type(thing))
    if thing.event in ("chosen", "gazette") or thing.event == life.kind.signing.window.start:
        return
    life.tell(at, What.HAPPENED, thing.event)
    try:
        _carry_out(life, at, thing)
    except TransitionRefusedError as refused:
        raise InvalidError(
            "happening_refused", event=thing.event, state=str(life.state)
        ) from refused


def _carry_out(life: Life, at: datetime, thing: Happening) -> None:
    if thing.event == "declaration":
        judge(life, at, Evaluate.LIVE)
        return
    if thing.event.startswith("outcome:"):
        _outcome(life, at, thing.event.removeprefix("outcome:"))
    elif thing.event.startswith("event:"):
        _calendar_event(life, at, thing.event.removeprefix("event:"))
    elif thing.event.startswith("handover:"):
        judge(life, at, Evaluate.HANDOVER)
    life.fire(thing.event, at)


def _outcome(life: Life, at: datetime, code: str) -> None:
    rules = life.kind.after
    ends = code in rules.ends_signing
    over = life.ended_at is not None
    facts = Facts(
        window_over=over,
        ends_signing=ends,
        stage_open=False,
        tracks_settled=True,
        reasons_given=True,
        entry_allows=rules.entry is Entry.PUBLICATION
        or (rules.entry is Entry.CLOSING and over)
        or rules.early,
    )
    life.move(Action.EXAMINE, facts, at, Role.COMMITTEE)
    life.ended_at = life.ended_at or at


def _calendar_event(life: Life, at: datetime, event: str) -> None:
    rule = occurrences.verdict(life.kind, event, life.state)
    effects = {each.effect for each in occurrences.rules_for(life.kind, event)}
    if CalendarEffect.PAUSE in effects and life.state in SIGNING_STATES and life.window:
        life.tell(at, What.PAUSED, event, day=life.window.last_day)
    if rule is None:
        return
    if rule.effect is CalendarEffect.LAPSE:
        life.ended_at = life.ended_at or at
        life.move(Action.LAPSE, Facts(event_lists_state=True), at)
    elif rule.effect is CalendarEffect.CLOSE and life.window is not None and not life.ended_at:
        life.window = SigningWindow(life.window.opens_at, local_day(at, life.given.zone), at)
        _close(life, at, at)
    elif rule.length is not None and life.window is not None and not life.ended_at:
        life.extensions.append(rule.length)
        _lay_out(life, life.fired["start"])
        life.tell(at, What.PROLONGED, event, day=life.window.last_day)


def _start_missed(life: Life, at: datetime, _thing: object) -> None:
    if life.state is State.PUBLISHED:
        life.move(Action.START_MISSED, Facts(time_missed=True), at)


def _handover_missed(life: Life, at: datetime, _thing: object) -> None:
    handed = any(event.startswith("handover:") for event in life.fired)
    if life.state is State.THRESHOLD_REACHED and not handed:
        life.ended_at = life.ended_at or at
        life.move(Action.HANDOVER_MISSED, Facts(time_missed=True), at)


def _erasures(life: Life) -> None:
    """The last day each kind of data is kept: the earliest clock that runs wins."""
    days: dict[str, datetime] = {}
    for clock in life.kind.publicity.retention:
        start = life.fired.get(clock.start)
        if start is None:
            continue
        day = add(local_day(start, life.given.zone), clock.length)
        end = closes_at(day, life.given.zone)
        days[clock.data] = min(end, days.get(clock.data, end))
    for data, end in days.items():
        life.tell(end, What.ERASED, data)


def _assumed(life: Life) -> tuple[Assumption, ...]:
    found = [Assumption.ALL_VALID]
    if spread_evenly(life) and any(each.quorum for each in life.kind.milestones):
        found.append(Assumption.EVEN_AREAS)
    counted = any(each.counts != "all" for each in life.kind.milestones)
    if counted and set(life.by_class) <= {""}:
        found.append(Assumption.ALL_CLASSES)
    if any(each.in_total != "none" for each in life.kind.sponsors):
        found.append(Assumption.NO_SPONSORS)
    return tuple(found)


_TURNS = {
    "arrival": _arrival,
    "happening": _happening,
    "close": _close,
    "attrition": _attrition,
    "start_missed": _start_missed,
    "handover_missed": _handover_missed,
}
