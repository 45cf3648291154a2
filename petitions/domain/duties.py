"""What is owed after an event, by when, and whether it is overdue. Pure.

- A reached milestone opens one track per duty that names it in `for`, or one without a deadline.
- A duty without `for` opens at its start event, in any state; one with `for` opens at its
  milestone, and its clock starts at its start event, which may come later.
- A track never changes the state of a petition, and what was late stays marked late.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum

from petitions.domain.calendar import (
    AssemblyCalendar,
    DaySpan,
    Deadline,
    add,
    deadline,
    overdue_from,
)
from petitions.domain.collecting import Milestone
from petitions.domain.filing import Stage
from petitions.domain.periods import Period
from petitions.domain.procedure import Duty, Kind

# The engine carries these out itself at the instant the milestone is reached.
IMMEDIATE_EFFECTS = frozenset({"notify", "publish", "feature"})


class Status(StrEnum):
    DUE = "due"
    DECIDED = "decided"
    OVERDUE = "overdue"


@dataclass(frozen=True, slots=True)
class TrackStatus:
    """Where a track stands; `late` stays true for what was decided after its last day."""

    status: Status
    late: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Opening:
    """A track to open. `id` is the duty's, or the milestone's where no duty names it.

    `clock_runs`: the clock starts with the very event that opens the track. `decided`: the effect
    is carried out at once.
    """

    id: str
    duty: Duty | None
    milestone: Milestone | None
    body: str | None
    clock_runs: bool
    decided: bool = False


def tracks_opened(kind: Kind, event: str) -> tuple[Opening, ...]:
    """The tracks an event opens; `event` as in a rulebook ("published", "milestone:council")."""
    openings = [
        Opening(id=duty.id, duty=duty, milestone=None, body=duty.body, clock_runs=True)
        for duty in kind.after.duties
        if duty.milestone is None and duty.start == event
    ]
    if event.startswith("milestone:"):
        milestone = kind.milestone(event.removeprefix("milestone:"))
        if milestone is not None:
            openings.extend(_milestone_tracks(kind, milestone, event))
    return tuple(openings)


def _milestone_tracks(kind: Kind, milestone: Milestone, event: str) -> Iterable[Opening]:
    duties = [duty for duty in kind.after.duties if duty.milestone == milestone.id]
    for duty in duties:
        yield Opening(
            id=duty.id,
            duty=duty,
            milestone=milestone,
            body=duty.body or milestone.body,
            clock_runs=duty.start == event,
        )
    if not duties:
        yield Opening(
            id=milestone.id,
            duty=None,
            milestone=milestone,
            body=milestone.body,
            clock_runs=False,
            decided=milestone.effect in IMMEDIATE_EFFECTS,
        )


def clocks_started(kind: Kind, event: str) -> tuple[Duty, ...]:
    """The duties opened by a milestone before, whose clock starts with this event."""
    return tuple(
        duty
        for duty in kind.after.duties
        if duty.milestone is not None
        and duty.start == event
        and event != f"milestone:{duty.milestone}"
    )


def superseded(kind: Kind, milestone_id: str) -> tuple[str, ...]:
    """The tracks of lower milestones that a reached milestone replaces."""
    found: list[str] = []
    for milestone in kind.milestones:
        if milestone.id == milestone_id:
            return tuple(found) if milestone.replaces else ()
        found.extend(opening.id for opening in tracks_opened(kind, f"milestone:{milestone.id}"))
    raise KeyError(milestone_id)


def due(
    duty: Duty,
    start_day: date,
    *,
    calendar: AssemblyCalendar,
    extensions: Sequence[Period] = (),
    stopped: Iterable[DaySpan] = (),
) -> Deadline:
    """The last day of a duty whose clock starts on `start_day`; no day where it has no deadline."""
    if duty.length is None:
        return Deadline(None)
    return deadline(
        start_day,
        duty.length,
        calendar=calendar,
        stops=duty.stops,
        extensions=extensions,
        roll=duty.roll,
        stopped=stopped,
    )


def not_before(duty: Duty, start_day: date) -> date | None:
    """The first day on which the duty may be recorded without giving a reason."""
    return None if duty.not_before is None else add(start_day, duty.not_before)


def stage_due(
    stage: Stage,
    start_day: date,
    *,
    calendar: AssemblyCalendar,
    stopped: Iterable[DaySpan] = (),
) -> Deadline:
    """The last day of an admissibility stage; `stopped`: days it lay with the author."""
    if stage.within is None:
        return Deadline(None)
    return deadline(start_day, stage.within, calendar=calendar, stops=stage.stops, stopped=stopped)


def status(
    due_day: Deadline | date | None, decided_at: datetime | None, now: datetime, zone: str
) -> TrackStatus:
    """Due, decided or overdue at an instant; overdue from the first instant after the last day.

    A provisional day is never acted upon: the calendar that would tell is not there yet.
    """
    if isinstance(due_day, Deadline):
        due_day = None if due_day.provisional else due_day.day
    limit = None if due_day is None else overdue_from(due_day, zone)
    if decided_at is not None and decided_at <= now:
        return TrackStatus(Status.DECIDED, late=limit is not None and decided_at >= limit)
    late = limit is not None and now >= limit
    return TrackStatus(Status.OVERDUE if late else Status.DUE, late=late)
