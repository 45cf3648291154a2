"""After the signatures, in sentences: duties, outcomes, calendar events, publicity, retention."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from petitions.domain.lifecycle import State
from petitions.domain.procedure import CalendarRule, Duty
from petitions.domain.vocabulary import (
    AuthorName,
    CalendarEffect,
    CountShown,
    Entry,
    OnWhom,
    Overdue,
    Roll,
    SignerNames,
    WindowMode,
)
from petitions.explaining.points import Point
from petitions.explaining.state_words import state_words
from petitions.explaining.words import Told, first_upper, kind_words, period, the_assembly
from petitions.platform.i18n import N_, _, current_locale, ngettext

_EFFECTS: Mapping[CalendarEffect, str] = {
    CalendarEffect.PAUSE: N_("%(event)s: the days it covers are added to the time for signing."),
    CalendarEffect.EXTEND: N_("%(event)s: the time for signing is prolonged by %(time)s."),
    CalendarEffect.CLOSE: N_("%(event)s: signing ends at that moment."),
    CalendarEffect.LAPSE: N_("%(event)s: the petition lapses at that moment."),
    CalendarEffect.CARRY_OVER: N_("%(event)s: the petition goes on."),
    CalendarEffect.REFUSE_NEW: N_("%(event)s: no new petition is taken."),
}
_DATA: Mapping[str, str] = {
    "signatures": N_("Codes of signatures"),
    "author": N_("Identity and address of the author"),
    "sponsors": N_("Identity of sponsors"),
    "drafts": N_("Drafts"),
    "files": N_("Attached files"),
    "correspondence": N_("Correspondence"),
}
_AUTHOR: Mapping[AuthorName, str] = {
    AuthorName.NAME: N_("The author’s name is published with the petition."),
    AuthorName.WHILE_OPEN: N_("The author’s name is published while the petition is open."),
    AuthorName.HIDDEN: N_("The author’s name is not published."),
}
_SIGNERS: Mapping[SignerNames, str] = {
    SignerNames.NEVER: N_("Names of people who sign are never published."),
    SignerNames.OPT_IN: N_("Names of people who sign are published only where they agree."),
    SignerNames.ON_SUCCESS: N_("Names of people who sign become public if the number is reached."),
}
_COUNTS: Mapping[CountShown, str] = {
    CountShown.LIVE: N_("The count is shown as it grows."),
    CountShown.CLOSE: N_("The count is shown after the end of signing."),
    CountShown.COMMITTEE: N_("The count is shown to the committee only."),
    CountShown.ROUNDED: N_("The count is shown rounded."),
}


def data_words(code: str) -> str:
    return _(_DATA[code])


def after(told: Told) -> Iterator[Point]:
    for duty in told.kind.after.duties:
        text = told.text("duties", duty.id)
        below = ((text.text,) if text.text else ()) + tuple(_duty_details(told, duty))
        yield Point(duty_sentence(told, duty), below, text.reference)
    yield from _handover(told)
    yield from _entry(told)
    if told.kind.extras.fallback_kind:
        title = kind_words(told.library, told.book.id, told.kind.extras.fallback_kind)
        yield Point(_("Closed under the threshold, it goes on as: %(kind)s.", kind=title))
    yield Point(
        _("Outcomes that may be recorded:"),
        tuple(told.title("outcomes", code) for code in told.kind.after.outcomes),
    )
    rules = told.kind.after
    if told.kind.signable and (rules.early or rules.entry is not Entry.CLOSING):
        yield Point(_ends_signing(told))


def duty_sentence(told: Told, duty: Duty) -> str:
    title = told.title("duties", duty.id)
    owed = title
    if duty.body and told.body(duty.body).casefold() not in title.casefold():
        owed = _("%(title)s (%(body)s)", title=title, body=told.body(duty.body))
    if duty.length is None:
        return _(
            "%(owed)s, from %(event)s; no time is set.", owed=owed, event=told.event(duty.start)
        )
    return _(
        "%(owed)s within %(time)s of %(event)s.",
        owed=owed,
        time=period(duty.length),
        event=told.event(duty.start),
    )


def _duty_details(told: Told, duty: Duty) -> Iterator[str]:
    if duty.milestone:
        title = told.title("milestones", duty.milestone)
        yield _("Owed once this is reached: %(milestone)s.", milestone=title)
    if duty.not_before:
        yield _("Not before %(time)s have passed.", time=period(duty.not_before))
    if duty.stops:
        yield _("The time stands still during: %(events)s.", events=told.stops(duty.stops))
    if duty.roll is Roll.NEXT_WORKING:
        yield _("A last day that is no working day moves to the next one.")
    if duty.extension:
        yield ngettext(
            "It may be prolonged %(num)s time by %(time)s.",
            "It may be prolonged %(num)s times by %(time)s.",
            duty.extension.times,
            time=period(duty.extension.length),
        )
    if duty.on is OnWhom.AUTHOR:
        yield _("It binds the author.")
    if duty.length and duty.overdue is Overdue.PUBLIC:
        yield _("A delay is shown in public.")


def _handover(told: Told) -> Iterator[Point]:
    handover = told.kind.after.handover
    if handover is None:
        return
    by = carrier(told, handover.by)
    steps = tuple(first_upper(told.title("acks", ack)) for ack in handover.acks)
    start = told.event(handover.start)
    if handover.within:
        yield Point(
            _(
                "The result is handed over by %(who)s within %(time)s of %(event)s, or it lapses:",
                who=by,
                time=period(handover.within),
                event=start,
            ),
            steps,
        )
    else:
        yield Point(
            _("The result is handed over by %(who)s after %(event)s:", who=by, event=start), steps
        )


def carrier(told: Told, code: str) -> str:
    """Who hands over: the author, a sponsor stage, or a body."""
    if code == "author":
        return _("the author")
    if code in {stage.id for stage in told.kind.sponsors}:
        return told.title("sponsors", code)
    return told.body(code)


def _entry(told: Told) -> Iterator[Point]:
    rules, decisive = told.kind.after, told.kind.decisive
    body = first_upper(told.body(rules.body or (decisive.body if decisive else None)))
    body = body or first_upper(the_assembly(told.library, told.assembly))
    below = (
        (_("Earlier only where a reason is given."),)
        if rules.early and rules.entry is not Entry.PUBLICATION
        else ()
    )
    if rules.four_eyes:
        below = (*below, _("A second person confirms the answer before it is published."))
    if rules.entry is Entry.PUBLICATION and not told.kind.signable:
        yield Point(_("%(body)s may examine it from publication on.", body=body), below)
    elif rules.entry is Entry.PUBLICATION:
        yield Point(
            _("%(body)s may examine it from publication on, at any count.", body=body), below
        )
    elif rules.entry is Entry.CLOSING:
        yield Point(
            _("%(body)s may examine it once signing has ended, at any count.", body=body), below
        )
    else:
        yield Point(
            _("Examined by %(body)s once the decisive number is reached.", body=body), below
        )


def _ends_signing(told: Told) -> str:
    ends = told.kind.after.ends_signing
    if not ends:
        return _("No outcome ends signing before its last day.")
    if set(ends) == set(told.kind.after.outcomes):
        return _("Every outcome ends signing.")
    titles = [told.title("outcomes", code) for code in ends]
    return _("These outcomes end signing: %(list)s.", list=current_locale().together(titles))


def calendar(told: Told) -> Iterator[Point]:
    for rule in told.kind.calendar:
        event = first_upper(told.event(f"event:{rule.event}"))
        time = period(rule.length)
        sentence = _(_EFFECTS[rule.effect], event=event, time=time)
        yield Point(sentence, tuple(_rule_details(rule)))


def _rule_details(rule: CalendarRule) -> Iterator[str]:
    if rule.states:
        states = [state_words(State(each)) for each in rule.states]
        yield _("Petitions in these states: %(list)s.", list=current_locale().together(states))
    if rule.since is not None and not rule.since.empty:
        time = period(rule.since)
        yield (
            _("From %(time)s before that day.", time=time)
            if rule.since.negative
            else _("From %(time)s after that day.", time=time)
        )
    if rule.until is not None and not rule.until.empty:
        time = period(rule.until)
        yield (
            _("Up to %(time)s before that day.", time=time)
            if rule.until.negative
            else _("Up to %(time)s after that day.", time=time)
        )


def publicity(told: Told) -> Iterator[Point]:
    rules = told.kind.publicity
    below: tuple[str, ...] = ()
    if rules.author_hidden_after:
        time = period(rules.author_hidden_after)
        below = (_("It is withheld %(time)s after the final outcome.", time=time),)
    yield Point(_(_AUTHOR[rules.author]), below)
    if told.kind.signable:
        yield Point(_(_SIGNERS[rules.signers]))
        yield Point(_(_COUNTS[rules.count]))
        if told.kind.signing.areas:
            least = current_locale().number(rules.area_min)
            yield Point(
                _("Areas with fewer than %(num)s signatures are not told apart.", num=least)
            )
    for clock in rules.retention:
        if clock.data == "signatures" and told.kind.signing.window.mode is WindowMode.NONE:
            continue  # none are ever given
        yield Point(
            _(
                "%(data)s: erased %(time)s after %(event)s.",
                data=data_words(clock.data),
                time=period(clock.length),
                event=told.event(clock.start),
            )
        )
