"""What only the whole rulebook can tell: names must exist, parts must fit. Pure."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from difflib import get_close_matches

from petitions.domain.assembly import AreaTable, Assembly
from petitions.domain.collecting import (
    AreaMinimum,
    AreaThreshold,
    ChoiceThreshold,
    Milestone,
    Quorum,
    ShareThreshold,
)
from petitions.domain.predicates import AgeByArea, Predicate
from petitions.domain.procedure import Kind
from petitions.domain.schema import ABSENT, Path, Reading, Written, path_at
from petitions.domain.schema_context import Context
from petitions.domain.schema_signing import EFFECTS
from petitions.domain.vocabulary import Evaluate, Uniqueness, WindowMode, Withdrawal

_PLAIN_EVENTS = ("submitted", "admitted", "published", "window_open", "closed", "verified", "final")
_EVENT_FORMS = ", ".join(
    (*_PLAIN_EVENTS, "milestone:<id>", "outcome:<id>", "duty:<id>", "handover:<ack>", "event:<id>")
)
# Clocks that start whatever happens: without one of them signatures could be kept for ever.
_SURE_EVENTS = frozenset({"submitted", "admitted", "published", "window_open", "final"})


@dataclass(frozen=True, slots=True)
class Scope:
    """One kind being checked, the merged text it was read from, and what the rulebook refers to."""

    reading: Reading
    root: Written
    kind: Kind
    assemblies: tuple[Assembly, ...]
    context: Context

    def at(self, *parts: str | int) -> Path:
        return path_at(self.root, *parts)

    def refuse(self, parts: tuple[str | int, ...], rule: str, value: object) -> None:
        self.reading.refuse(self.at(*parts), rule, value)

    def area_table(self, parts: tuple[str | int, ...], file: str) -> AreaTable | None:
        if not file:
            return None
        table = self.context.areas.get(file)
        if table is None:
            self.refuse(parts, f"must be one of the area files {sorted(self.context.areas)}", file)
        return table


def check_kind(scope: Scope) -> None:
    """Every check between the parts of one kind and the files around it."""
    _check_filing(scope)
    _check_sponsors(scope)
    _check_stages(scope)
    _check_signing(scope)
    for position, milestone in enumerate(scope.kind.milestones):
        _check_milestone(scope, position, milestone)
    _check_after(scope)
    _check_calendar(scope)
    _check_retention(scope)


def body_known(scope: Scope, parts: tuple[str | int, ...], body: str | None) -> None:
    for assembly in scope.assemblies:
        if body and body not in assembly.bodies:
            known = sorted(assembly.bodies)
            scope.refuse(parts, f"must be a body of assembly '{assembly.id}' {known}", body)


def events_of(kind: Kind, assemblies: tuple[Assembly, ...]) -> frozenset[str]:
    """Every event that can happen to a petition of this kind; clocks may start on any of them."""
    events = set(_PLAIN_EVENTS)
    events |= {f"milestone:{milestone.id}" for milestone in kind.milestones}
    events |= {f"outcome:{outcome}" for outcome in kind.after.outcomes}
    events |= {f"duty:{duty.id}" for duty in kind.after.duties}
    if kind.after.handover:
        events |= {f"handover:{ack}" for ack in kind.after.handover.acks}
    return frozenset(events | _calendar_events(assemblies))


def _calendar_events(assemblies: tuple[Assembly, ...]) -> frozenset[str]:
    return frozenset(f"event:{event}" for assembly in assemblies for event in assembly.events)


def _event_names(scope: Scope) -> list[str]:
    return sorted({event for assembly in scope.assemblies for event in assembly.events})


def _check_filing(scope: Scope) -> None:
    outcomes = list(scope.kind.after.outcomes)
    parts: tuple[str | int, ...] = ("filing", "limits", "decided_outcomes")
    for position, outcome in enumerate(scope.kind.filing.limits.decided_outcomes):
        if outcome not in outcomes:
            rule = f"must be one of after.outcomes {outcomes}"
            scope.refuse((*parts, position), rule, outcome)
    check_predicate(scope, ("filing", "author"), scope.kind.filing.author)


def _check_sponsors(scope: Scope) -> None:
    for position, stage in enumerate(scope.kind.sponsors):
        here = ("sponsors", position)
        if stage.who is not scope.kind.signing.who:
            check_predicate(scope, (*here, "who"), stage.who)
        if stage.unless:
            check_predicate(scope, (*here, "unless"), stage.unless)
        if isinstance(stage.minimum, ShareThreshold):
            _check_population(scope, (*here, "min", "of"), stage.minimum)
        if stage.spread:
            table = scope.area_table((*here, "spread", "areas"), stage.spread.areas)
            _check_k(scope, (*here, "spread", "k"), stage.spread.k, table)


def check_predicate(scope: Scope, parts: tuple[str | int, ...], predicate: Predicate) -> None:
    """Ages by area must name an area file and a column of it."""
    for below, each in predicate.walk():
        if isinstance(each.age_min, AgeByArea):
            age = (*parts, *below, "age_min")
            table = scope.area_table((*age, "areas"), each.age_min.areas)
            _check_column(scope, (*age, "column"), each.age_min.column, table)


def _check_column(
    scope: Scope, parts: tuple[str | int, ...], column: str, table: AreaTable | None
) -> None:
    if table is not None and column not in table.columns:
        scope.refuse(parts, f"must be a column of '{table.id}' {list(table.columns)}", column)


def _check_k(scope: Scope, parts: tuple[str | int, ...], k: int, table: AreaTable | None) -> None:
    if table is not None and k > len(table):
        scope.refuse(parts, f"must be <= {len(table)} areas of '{table.id}'", k)


def _check_population(
    scope: Scope, parts: tuple[str | int, ...], threshold: ShareThreshold
) -> None:
    if threshold.of and threshold.of not in scope.context.populations:
        known = sorted(scope.context.populations)
        scope.refuse(parts, f"must be one of the populations {known}", threshold.of)


def _check_stages(scope: Scope) -> None:
    milestones = [milestone.id for milestone in scope.kind.milestones]
    for position, stage in enumerate(scope.kind.admissibility.stages):
        here = ("admissibility", "stages", position)
        body_known(scope, (*here, "body"), stage.body)
        target = stage.at.removeprefix("milestone:")
        if stage.at.startswith("milestone:") and target not in milestones:
            scope.refuse((*here, "at"), f"must name one of milestones {milestones}", target)
        _check_stops(scope, here, stage.stops)


def _check_stops(scope: Scope, here: tuple[str | int, ...], stops: tuple[str, ...]) -> None:
    known = _event_names(scope)
    for position, event in enumerate(stops):
        if event not in known:
            scope.refuse(
                (*here, "stops", position), f"must be an event of the assembly {known}", event
            )


def _check_signing(scope: Scope) -> None:
    signing = scope.kind.signing
    check_predicate(scope, ("signing", "who"), signing.who)
    for label, predicate in signing.classes.items():
        check_predicate(scope, ("signing", "classes", label), predicate)
    for key, event in (("reference", signing.reference), ("window.start", signing.window.start)):
        if event.startswith("event:") and event not in _calendar_events(scope.assemblies):
            rule = f"must name an event of the assembly {_event_names(scope)}"
            scope.refuse(("signing", *key.split(".")), rule, event)
    endless = signing.window.mode in (WindowMode.OPEN, WindowMode.ROLLING)
    if signing.reference == "window_end" and endless:
        rule = f"must be 'signing' or 'event:<id>' when mode is '{signing.window.mode}'"
        scope.refuse(("signing", "reference"), rule, signing.reference)
    if signing.uniqueness is Uniqueness.GROUP and signing.group is None:
        scope.refuse(("signing", "uniqueness"), "'group' needs signing.group", ABSENT)
    early = signing.author_signs or any(each.in_total != "none" for each in scope.kind.sponsors)
    if signing.uniqueness is Uniqueness.GROUP and early:
        # who signs before publication signs before anybody can say which petitions compete
        rule = "must be 'petition' where filing or supporting counts as a signature"
        scope.refuse(("signing", "uniqueness"), rule, str(signing.uniqueness))
    if signing.withdrawal is Withdrawal.HANDOVER and scope.kind.after.handover is None:
        scope.refuse(("signing", "withdrawal"), "'handover' needs after.handover", ABSENT)
    fields = list(scope.kind.filing.form.fields)
    if signing.group is not None and signing.group not in fields:
        rule = f"must be one of filing.form.fields {fields}"
        scope.refuse(("signing", "group"), rule, signing.group)
    if signing.window.mode is WindowMode.ROLLING:
        _check_rolling(scope)
    if scope.kind.extras.author_edits and signing.window.start in ("publication", "submission"):
        rule = f"must be false when signing starts with the {signing.window.start}"
        scope.refuse(("extras", "author_edits"), rule, value=True)
    if signing.areas:
        scope.area_table(("signing", "areas", "file"), signing.areas.file)
    by = signing.verification.by
    if by and by != "area":
        body_known(scope, ("signing", "verification", "by"), by)


def _check_rolling(scope: Scope) -> None:
    """The age of a signature is that of its batch; classes, areas and paper have none."""
    signing = scope.kind.signing
    if any(str(channel) != "online" for channel in signing.channels):
        rule = "must be online only when mode is 'rolling'"
        scope.refuse(("signing", "channels"), rule, [str(each) for each in signing.channels])
    for at, milestone in enumerate(scope.kind.milestones):
        rule = "must be absent when mode is 'rolling'"
        if milestone.quorum is not None:
            scope.refuse(("milestones", at, "quorum"), rule, milestone.quorum.k)
        if milestone.counts != "all":
            scope.refuse(("milestones", at, "counts"), rule, milestone.counts)


def _check_handed_over(scope: Scope, here: tuple[str | int, ...], milestone: Milestone) -> None:
    """Judged when it is handed over: somebody must hand it over, and not because of the judgement."""
    rule = scope.kind.after.handover
    if rule is None:
        scope.refuse((*here, "evaluate"), "'handover' needs after.handover", ABSENT)
        return
    if milestone.evaluate is not Evaluate.HANDOVER:
        return
    if rule.start == f"milestone:{milestone.id}":
        scope.refuse(("after", "handover", "start"), "must not be judged by itself", rule.start)
    if milestone.decisive and rule.within is None:
        scope.refuse(("after", "handover", "within"), f"is needed by {milestone.id}", ABSENT)


def _check_milestone(scope: Scope, position: int, milestone: Milestone) -> None:
    here = ("milestones", position)
    body_known(scope, (*here, "body"), milestone.body)
    classes = list(scope.kind.signing.classes)
    if milestone.counts not in ("all", *classes):
        rule = f"must be 'all' or one of signing.classes {classes}"
        scope.refuse((*here, "counts"), rule, milestone.counts)
    if Evaluate.HANDOVER in (milestone.evaluate, milestone.snapshot):
        _check_handed_over(scope, here, milestone)
    if milestone.quorum:
        _check_quorum(scope, here, milestone.quorum)
    _check_threshold(scope, here, milestone)
    if milestone.alternative:
        route = (*here, "alternative")
        table = scope.area_table((*route, "areas"), milestone.alternative.areas)
        _check_k(scope, (*route, "declarations"), milestone.alternative.declarations, table)
    served = [assembly.id for assembly in scope.assemblies]
    for assembly in milestone.panel:
        if assembly not in served:
            rule = f"must be one of rulebook.assemblies {served}"
            scope.refuse((*here, "panel", assembly), rule, assembly)
    if milestone.effect.startswith("choice:"):
        _check_effects(scope, milestone.effect.removeprefix("choice:"))


def _check_effects(scope: Scope, choice: str) -> None:
    for at, option in enumerate(scope.kind.filing.choices[choice]):
        if option.id not in EFFECTS:
            rule = "must be one of " + ", ".join(EFFECTS)
            scope.refuse(("filing", "choices", choice, at, "id"), rule, option.id)


def _check_quorum(scope: Scope, here: tuple[str | int, ...], quorum: Quorum) -> None:
    areas = scope.kind.signing.areas
    if areas is None:
        rule = f"needed by {here[0]}[{here[1]}].quorum"
        scope.refuse(("signing", "areas"), rule, ABSENT)
        return
    table = scope.context.areas.get(areas.file)
    _check_k(scope, (*here, "quorum", "k"), quorum.k, table)
    if isinstance(quorum.minimum, AreaMinimum):
        column = (*here, "quorum", "min", "column")
        _check_column(scope, column, quorum.minimum.column, table)
    for area in quorum.fixed:
        if table is not None and area not in table:
            rule = f"must be an area of '{table.id}'"
            scope.refuse((*here, "quorum", "fixed", area), rule, area)


def _check_threshold(scope: Scope, here: tuple[str | int, ...], milestone: Milestone) -> None:
    threshold = milestone.threshold
    place = (*here, "threshold")
    if isinstance(threshold, ShareThreshold):
        _check_population(scope, (*place, "of"), threshold)
    elif isinstance(threshold, AreaThreshold):
        areas = scope.kind.signing.areas
        if areas is None:
            rule = f"needed by {here[0]}[{here[1]}].threshold.by_area"
            scope.refuse(("signing", "areas"), rule, ABSENT)
        else:
            table = scope.context.areas.get(areas.file)
            _check_column(scope, (*place, "by_area"), threshold.by_area, table)
    elif isinstance(threshold, ChoiceThreshold):
        options = scope.kind.filing.choices.get(threshold.by_choice)
        if options is None:
            rule = f"must name one of filing.choices {list(scope.kind.filing.choices)}"
            scope.refuse((*place, "by_choice"), rule, threshold.by_choice)
        for option in options or ():
            if option.id not in threshold.values:
                rule = f"lacks '{option.id}' of filing.choices.{threshold.by_choice}"
                scope.reading.refuse(scope.at(*place, "values"), rule)


def _check_after(scope: Scope) -> None:
    after = scope.kind.after
    events = events_of(scope.kind, scope.assemblies)
    body_known(scope, ("after", "body"), after.body)
    if after.handover:
        _check_event(scope, ("after", "handover", "start"), after.handover.start, events)
        carriers = {"author", *(stage.id for stage in scope.kind.sponsors)}
        if after.handover.by not in carriers:
            body_known(scope, ("after", "handover", "by"), after.handover.by)
    milestones = [milestone.id for milestone in scope.kind.milestones]
    for position, duty in enumerate(after.duties):
        here = ("after", "duties", position)
        body_known(scope, (*here, "body"), duty.body)
        _check_event(scope, (*here, "start"), duty.start, events - {f"duty:{duty.id}"})
        if duty.milestone is not None and duty.milestone not in milestones:
            scope.refuse(
                (*here, "for"), f"must name one of milestones {milestones}", duty.milestone
            )
        _check_stops(scope, here, duty.stops)


def _check_event(
    scope: Scope, parts: tuple[str | int, ...], event: str, events: frozenset[str]
) -> None:
    if event and event not in events:
        near = get_close_matches(event, sorted(events), n=1)
        hint = f"did you mean '{near[0]}'?" if near else f"one of {_EVENT_FORMS}"
        scope.refuse(parts, f"must name an event of this kind, {hint}", event)


def _check_calendar(scope: Scope) -> None:
    known = _event_names(scope)
    for position, rule in enumerate(scope.kind.calendar):
        if rule.event and rule.event not in known:
            sentence = f"must be an event of the assembly {known}"
            scope.refuse(("calendar", position, "event"), sentence, rule.event)


def _check_retention(scope: Scope) -> None:
    events = events_of(scope.kind, scope.assemblies)
    clocks = scope.kind.publicity.retention
    for position, clock in enumerate(clocks):
        _check_event(scope, ("publicity", "retention", position, "start"), clock.start, events)
    sure = any(
        clock.data == "signatures"
        and (clock.start in _SURE_EVENTS or clock.start.startswith("event:"))
        for clock in clocks
    )
    if not sure:
        rule = "must have a clock for signatures that starts whatever happens"
        scope.refuse(("publicity", "retention"), rule, [clock.start for clock in clocks])


def fallbacks(kinds: dict[str, Kind]) -> Iterator[tuple[str, str]]:
    """Kinds whose fallback is not a kind without signing, each with the wrong name."""
    for kind in kinds.values():
        target = kind.extras.fallback_kind
        if target is not None and (
            target not in kinds or kinds[target].signing.window.mode is not WindowMode.NONE
        ):
            yield kind.id, target
