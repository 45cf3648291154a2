"""The words of time: what a calendar holds, what an event does, why a day was refused."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date

from petitions.domain.errors import InvalidError
from petitions.platform.i18n import N_, _, current_locale
from petitions.services.term_end import Fate
from petitions.web.errors import SENTENCES, sentence
from petitions.web.pages_signing import FieldFault

EVENTS: Mapping[str, str] = {
    "dissolution": N_("Dissolution"),
    "end_of_legislature": N_("End of the legislature"),
    "election": N_("Election"),
    "standstill": N_("Standstill of terms"),
    "outage": N_("Outage of the site"),
    "recess": N_("Recess"),
    "no_committee": N_("No committee for petitions yet"),
}
WHAT: Mapping[str, str] = {
    "event": N_("An event"),
    "sitting": N_("Sitting days"),
    "no_sitting": N_("Days on which the sitting is cancelled"),
    "holiday": N_("Public holidays"),
    "coverage": N_("The calendar is complete up to"),
}
STATUS: Mapping[str, str] = {
    "proposed": N_("waits for a second person"),
    "in_force": N_("in force"),
    "called_off": N_("called off"),
    "corrected": N_("corrected"),
}
FATES: Mapping[Fate, tuple[str, str]] = {
    Fate.LAPSES: (N_("Lapses"), N_("The author is told by letter that it has lapsed.")),
    Fate.CLOSES_BELOW: (
        N_("Signing closes; below its threshold it ends"),
        N_("The author is told by letter once the last signatures are counted."),
    ),
    Fate.CLOSES: (
        N_("Signing closes; the petition goes on"),
        N_("The author receives no letter: nothing ends but the signing."),
    ),
    Fate.LENGTHENED: (N_("Its window is extended"), N_("The author sees the new last day.")),
    Fate.PAUSED: (N_("Paused"), N_("The author sees the new last day.")),
    Fate.CARRIED_OVER: (N_("Carried over"), N_("The author receives no letter: nothing changes.")),
}
ACKS: Mapping[str, str] = {
    "sent": N_("Sent"),
    "received": N_("Received"),
    "accepted": N_("Accepted"),
    "certified": N_("Certified"),
    "presented": N_("Presented"),
}
TIMERS: Mapping[str, str] = {
    "opens": N_("Signing opens"),
    "shut": N_("Signing goes on after a pause"),
    "start_missed": N_("Without a first day it lapses"),
    "submission_missed": N_("Unless statements and sheets are given in, it lapses"),
    "handover_missed": N_("Unless it is handed over, it lapses"),
    "attrition": N_("The count is looked at: too few signatures"),
    "silence": N_("Without a decision, silence decides"),
    "archive": N_("Everything kept has run out: it can be archived"),
    "erase": N_("Data are erased, because their time under the rules is over"),
    "hidden_over": N_("Signing of the hidden petition ends for good"),
}
FAULTS: Mapping[str, str] = {
    "ends_before_start": N_("The end must come after the beginning."),
    "day_ahead": N_("This day lies too far ahead, or has not come yet."),
    "day_before_start": N_("This day lies before the event that it must follow."),
    "day_after_last": N_("This day lies after the last one that the rules allow."),
    "start_past": N_("This day is over already."),
    "start_too_late": N_("The rules want the first day by %(last)s at the latest."),
    "not_the_next": N_("Another acknowledgement comes first."),
    "recorded_before": N_("It was recorded already."),
    "no_extension": N_("The rules give no (more) extension, or the last day is over."),
    "not_under_way": N_("This entry has an end, or is no event."),
    "days_malformed": N_("Write dates such as 2026-03-24, one per line."),
    "second_person_needed": N_("Another person than the one who entered it must confirm it."),
    "changed_meanwhile": N_("A colleague has changed this meanwhile. Look at it again."),
    "wrong_state": N_("The petition is not at a step where this can be done."),
    "wrong_role": N_("Your role does not allow this step."),
}


def event(code: str) -> str:
    """An event in words; one that only this assembly knows by its own code."""
    return _(EVENTS[code]) if code in EVENTS else code.replace("_", " ").capitalize()


def ack(code: str) -> str:
    return _(ACKS[code]) if code in ACKS else code.replace("_", " ").capitalize()


def timer(code: str) -> str:
    name = code.partition(":")[0]
    return _(TIMERS[name]) if name in TIMERS else name


def moved(detail: Mapping[str, object]) -> str:
    """That the last day of signing is another one now; without a day it has none for the moment."""
    last = str(detail.get("last_day", ""))
    if not last:
        return _("The last day for signing is open: a pause goes on")
    day = current_locale().date(date.fromisoformat(last))
    return _("The last day for signing is now %(day)s", day=day)


def handed_over(code: str) -> str:
    return _("Hand-over of the result: %(step)s", step=ack(code))


def fault(code: str, facts: Mapping[str, object]) -> str:
    if code not in FAULTS:
        return sentence(code, facts) if code in SENTENCES else _("Please check this entry.")
    last = str(facts.get("last", ""))
    if not last:
        return _(FAULTS[code])
    return _(FAULTS[code], last=current_locale().date(date.fromisoformat(last)))


def faults(error: InvalidError, prefix: str = "") -> tuple[FieldFault, ...]:
    """Field by field; `prefix` is what stands before the field's id on the page."""
    if not error.fields:
        return (FieldFault("main", fault(error.code, error.facts)),)
    return tuple(
        FieldFault(prefix + name.replace("text_", "text-", 1), fault(code, facts))
        for name, (code, facts) in error.fields.items()
    )
