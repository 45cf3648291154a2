"""A simulated life as sentences, one per step, with the day in front."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from petitions.domain.calendar import Deadline
from petitions.domain.simulated import Assumption, Step, Timeline, What
from petitions.explaining.after_words import carrier, data_words
from petitions.explaining.state_words import state_words
from petitions.explaining.words import Told, kind_words
from petitions.platform.i18n import N_, _, current_locale

_ASSUMED: Mapping[Assumption, str] = {
    Assumption.ALL_VALID: N_("Every signature given in time is taken as valid."),
    Assumption.EVEN_AREAS: N_("The curve names no areas: signatures are spread evenly over them."),
    Assumption.ALL_CLASSES: N_(
        "The curve names no classes: every signer is taken as one who counts."
    ),
    Assumption.NO_SPONSORS: N_(
        "First supporters are not played: where their support counts as a signature, add them to"
        " the first day of the curve."
    ),
}


@dataclass(frozen=True, slots=True)
class Line:
    """One line of the timeline: local time, the count until then, and what happened."""

    at: datetime
    clock: str
    count: int
    text: str


def lines(told: Told, timeline: Timeline) -> tuple[Line, ...]:
    zone = ZoneInfo(told.book.zone)
    return tuple(
        Line(
            step.at, f"{step.at.astimezone(zone):%Y-%m-%d %H:%M}", step.count, _sentence(told, step)
        )
        for step in timeline.steps
    )


def assumptions(timeline: Timeline) -> tuple[str, ...]:
    return tuple(_(_ASSUMED[each]) for each in timeline.assumed)


def summary(timeline: Timeline) -> str:
    locale = current_locale()
    return _(
        "In the end: %(state)s, %(count)s; %(refused)s came while signing was not open.",
        state=state_words(timeline.state),
        count=locale.signatures(timeline.count),
        refused=locale.number(timeline.refused),
    )


def timeline_text(told: Told, timeline: Timeline) -> str:
    """For the command line: local times, then the sum, then what was assumed."""
    return "\n".join(_text_lines(told, timeline)) + "\n"


def _text_lines(told: Told, timeline: Timeline) -> Iterator[str]:
    for line in lines(told, timeline):
        yield f"{line.clock}  {current_locale().number(line.count):>11}  {line.text}"
    yield ""
    yield summary(timeline)
    yield from assumptions(timeline)
    yield _("Times are local to %(zone)s.", zone=told.book.zone)


def _due(limit: Deadline | None) -> str:
    if limit is None:
        return _("its clock has not started")
    if limit.day is None:
        return _("no last day is known") if limit.provisional else _("no last day")
    day = current_locale().date(limit.day)
    if limit.provisional:
        return _("last day %(day)s, provisional: the calendar ends before it", day=day)
    return _("last day %(day)s", day=day)


def _sentence(told: Told, step: Step) -> str:
    if step.what is What.STATE and step.state is not None:
        return _("State: %(state)s", state=state_words(step.state))
    if step.what is What.CHECK_DUE:
        title = told.title("stages", step.code)
        return _("%(what)s: %(due)s", what=title, due=_due(step.due))
    if step.what in (What.DUTY, What.CLOCK):
        return _("Duty “%(what)s”: %(due)s", what=_duty(told, step.code), due=_due(step.due))
    if step.what is What.SUPERSEDED:
        return _("Duty “%(what)s”: replaced by a higher number", what=_duty(told, step.code))
    if step.what is What.HANDOVER_DUE:
        by = carrier(told, step.code)
        return _("Hand-over by %(who)s: %(due)s", who=by, due=_due(step.due))
    if step.what is What.MILESTONE:
        return _("Reached: %(what)s", what=told.title("milestones", step.code))
    if step.what is What.HAPPENED:
        return _("Happens: %(what)s", what=told.event(step.code))
    if step.what is What.GOES_ON:
        title = kind_words(told.library, told.book.id, step.code)
        return _("It goes on as: %(kind)s", kind=title)
    if step.what is What.ERASED:
        return _("%(what)s: kept until here", what=data_words(step.code))
    return _window(step)


def _window(step: Step) -> str:
    day = current_locale().date(step.day)
    if step.what is What.OPENS:
        if step.day is None:
            return _("Signing opens; it has no fixed end")
        return _("Signing opens; the last day is %(day)s", day=day)
    if step.what in (What.PAUSED, What.PROLONGED):
        return _("The time for signing is longer now; the last day is %(day)s", day=day)
    if step.what is What.MAY_CLOSE:
        return _("Too few signatures: it may be closed")
    if step.what is What.UNLISTED:
        return _("Too few signatures: lists leave it out")
    return _("Signing ends")


def _duty(told: Told, code: str) -> str:
    """A duty of its own, or a milestone that no duty names."""
    if any(duty.id == code for duty in told.kind.after.duties):
        return told.title("duties", code)
    return told.title("milestones", code)
