"""Collecting signatures, in sentences: the window, who counts, and what the numbers lead to."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from petitions.domain.collecting import (
    AreaMinimum,
    AreaThreshold,
    ChoiceThreshold,
    Milestone,
    ShareThreshold,
    Threshold,
)
from petitions.domain.vocabulary import (
    AttritionElse,
    Basis,
    Channel,
    Combine,
    Evaluate,
    FirstDay,
    Force,
    Method,
    Uniqueness,
    WindowMode,
    Withdrawal,
)
from petitions.explaining.filing_words import channels, share_words
from petitions.explaining.points import Point
from petitions.explaining.words import Told, first_upper, period
from petitions.platform.i18n import N_, _, current_locale, ngettext

_METHODS: Mapping[Method, str] = {
    Method.AT_SIGNING: N_("by the login itself"),
    Method.CERTIFICATE: N_("by a certificate of the verifier"),
    Method.AFTER_CLOSE: N_("by the verifier, after the end of signing"),
    Method.SAMPLE: N_("by a sample"),
}
_ELSE: Mapping[AttritionElse, str] = {
    AttritionElse.CLOSE: N_("with fewer than %(num)s signatures after %(time)s it closes"),
    AttritionElse.MAY_CLOSE: N_(
        "with fewer than %(num)s signatures after %(time)s it may be closed"
    ),
    AttritionElse.HIDE: N_("with fewer than %(num)s signatures after %(time)s lists leave it out"),
}


def signing(told: Told) -> Iterator[Point]:
    kind = told.kind
    window = kind.signing.window
    if window.mode is WindowMode.NONE:
        yield Point(_("No signatures are collected."))
        return
    yield Point(
        _("Who may sign: %(who)s.", who=told.who(kind.signing.who)), tuple(_who_counts(told))
    )
    yield Point(_("One signs %(how)s.", how=channels(tuple(map(str, kind.signing.channels)))))
    yield Point(first_upper(_length(told)), tuple(_window_details(told)))
    for each in kind.signing.attrition:
        num, time = current_locale().number(each.at_least), period(each.within)
        yield Point(first_upper(_(_ELSE[each.otherwise], num=num, time=time)) + ".")
    yield from _uniqueness(told)
    yield from _verification(told)
    yield Point(_withdrawal(kind.signing.withdrawal))
    if kind.signing.areas:
        yield Point(_("Signatures are also counted by area."))


def _who_counts(told: Told) -> Iterator[str]:
    for label, predicate in told.kind.signing.classes.items():
        title = first_upper(told.title("classes", label))
        yield _("Counted apart: %(title)s (%(who)s).", title=title, who=told.who(predicate))
    if told.kind.signing.reference == "window_end":
        yield _("Age and residence are judged for the last day of signing.")
    elif told.kind.signing.reference.startswith("event:"):
        event = told.event(told.kind.signing.reference)
        yield _("Age and residence are judged for the day of this event: %(event)s.", event=event)
    if told.kind.signing.author_signs:
        yield _("Filing counts as the author’s signature.")


def _length(told: Told) -> str:
    window, locale = told.kind.signing.window, current_locale()
    if window.mode is WindowMode.FIXED:
        return _(
            "signing is open for %(time)s; the last day counts in full.", time=period(window.length)
        )
    if window.mode is WindowMode.LIST:
        lengths = locale.either([period(each) for each in window.choices])
        return _("signing is open for the time the author picks: %(times)s.", times=lengths)
    if window.mode is WindowMode.RANGE:
        return _(
            "signing is open for the time the author picks: from %(min)s to %(max)s.",
            min=period(window.minimum),
            max=period(window.maximum),
        )
    if window.mode is WindowMode.PRIOR:
        return _("the signatures come with the filing and are counted on admission.")
    if window.mode is WindowMode.ROLLING:
        age = period(window.statement_age)
        return _("signing has no end; each signature counts for %(time)s.", time=age)
    return _("signing has no fixed end.")


def _window_details(told: Told) -> Iterator[str]:
    window, locale = told.kind.signing.window, current_locale()
    if window.mode is WindowMode.PRIOR:
        return
    if window.start == "submission":
        yield _("It opens with the filing.")
    elif window.start == "chosen" and window.chosen_within:
        time = period(window.chosen_within)
        yield _("It opens on a day the author picks within %(time)s of admission.", time=time)
    elif window.start == "chosen":
        yield _("It opens on a day the author picks.")
    elif window.start == "gazette":
        yield _("It opens with the publication in the official gazette.")
    elif window.start.startswith("event:"):
        yield _("It opens with this event: %(event)s.", event=told.event(window.start))
    else:
        yield _("It opens with publication.")
    if window.mode in (WindowMode.FIXED, WindowMode.LIST, WindowMode.RANGE):
        if window.first_day is FirstDay.EVENT:
            yield _("The day on which it opens is the first day of that time.")
        else:
            yield _("The day on which it opens is not counted in that time.")
    if told.kind.signing.confirm_hours:
        hours = locale.number(told.kind.signing.confirm_hours)
        yield _("What was entered in time may be confirmed up to %(num)s hours later.", num=hours)
    if told.kind.extras.author_edits:
        yield _("Until then its author may still edit the text; each earlier version stays public.")
    if told.kind.extras.cooling_off:
        time = period(told.kind.extras.cooling_off)
        yield _(
            "A signature counts after %(time)s. Withdrawn before, it is never counted.", time=time
        )
    if window.sheets_due_days is not None:
        yield _sheets(window.sheets_due_days)
    if window.extension:
        yield _(
            "%(body)s may prolong it by %(time)s, at most %(num)s times.",
            body=first_upper(told.body(window.extension.by)),
            time=period(window.extension.length),
            num=locale.number(window.extension.times),
        )


def _sheets(days: int) -> str:
    if days == 0:
        return _("Sheets are handed in by the last day.")
    if days < 0:
        return ngettext(
            "Sheets are handed in %(num)s day before the last day.",
            "Sheets are handed in %(num)s days before the last day.",
            -days,
        )
    return ngettext(
        "Sheets are handed in up to %(num)s day after the last day.",
        "Sheets are handed in up to %(num)s days after the last day.",
        days,
    )


def _uniqueness(told: Told) -> Iterator[Point]:
    rule = told.kind.signing.uniqueness
    if rule is Uniqueness.GROUP:
        yield Point(_("One signature per person in a group of competing petitions."))
    elif rule is Uniqueness.ACCOUNT:
        yield Point(_("One signature per account or e-mail address."))
    else:
        yield Point(_("One signature per person and petition."))


def _verification(told: Told) -> Iterator[Point]:
    signing = told.kind.signing
    verification, locale = signing.verification, current_locale()
    below = []
    if Channel.ONLINE in signing.channels:
        below.append(_("Online: %(how)s.", how=_(_METHODS[verification.online])))
    if Channel.PAPER in signing.channels or signing.window.mode is WindowMode.PRIOR:
        below.append(_("On paper: %(how)s.", how=_(_METHODS[verification.paper])))
    if Channel.IN_PERSON in signing.channels:
        below.append(_("In person: %(how)s.", how=_(_METHODS[verification.paper])))
    if verification.by and verification.by != "area":
        below.append(_("Verified by: %(body)s.", body=told.body(verification.by)))
    elif verification.by:
        below.append(_("Verified by the authority of each area."))
    if verification.submit_within:
        time = period(verification.submit_within)
        below.append(_("Given to the verifier within %(time)s of the end.", time=time))
    if verification.within:
        below.append(
            _("Verified within %(time)s of receiving them.", time=period(verification.within))
        )
    if signing.online_cap:
        share = locale.percent(float(signing.online_cap))
        below.append(_("At most %(share)s of the number may be given online.", share=share))
    if signing.combine is Combine.ONE and len(signing.channels) > 1:
        below.append(_("The author picks one way of signing."))
    if signing.sheet_per_area:
        below.append(_("A sheet is for one area only."))
    if below:
        yield Point(_("How signatures are verified:"), tuple(below))


def _withdrawal(rule: Withdrawal) -> str:
    if rule is Withdrawal.NEVER:
        return _("A signature is definitive: it cannot be withdrawn.")
    if rule is Withdrawal.HANDOVER:
        return _("A signature can be withdrawn until the petition is handed over.")
    return _(
        "A signature can be withdrawn until signing closes, by coming back with the same identity."
    )


def milestones(told: Told) -> Iterator[Point]:
    for milestone in told.kind.milestones:
        text = told.text("milestones", milestone.id)
        sentence = _(
            "%(number)s: %(title)s.",
            number=number_words(told, milestone.threshold),
            title=text.title,
        )
        yield Point(sentence, tuple(_milestone_details(told, milestone)), text.reference)
    if not told.kind.milestones:
        yield Point(
            _(
                "The rules of this procedure know no threshold: each admissible petition is examined."
            )
        )


def number_words(told: Told, threshold: Threshold) -> str:
    """How many signatures: a number, a share, or what it depends on."""
    locale = current_locale()
    if isinstance(threshold, ShareThreshold):
        return _("%(number)s signatures", number=share_words(told, threshold))
    if isinstance(threshold, ChoiceThreshold):
        each = [
            f"{told.title('choices', option)} {locale.number(number)}"
            for option, number in threshold.values.items()
        ]
        return _("Signatures by what the author chose: %(list)s", list=locale.together(each))
    if isinstance(threshold, AreaThreshold):
        return _("Signatures by area, from the column “%(column)s”", column=threshold.by_area)
    return locale.signatures(threshold.number)


def _milestone_details(told: Told, milestone: Milestone) -> Iterator[str]:
    text = told.text("milestones", milestone.id)
    if text.text:
        yield text.text
    yield _effect(told, milestone)
    if milestone.counts != "all":
        yield _("Only these count: %(title)s.", title=told.title("classes", milestone.counts))
    if milestone.basis is Basis.RAW:
        yield _("The number received counts, verified or not.")
    yield from _quorum(told, milestone)
    yield from _panel(told, milestone)
    if milestone.alternative:
        yield ngettext(
            "Or, without that number: a declaration of %(num)s area.",
            "Or, without that number: declarations of %(num)s areas.",
            milestone.alternative.declarations,
        )
    if milestone.evaluate is Evaluate.CLOSE:
        yield _("It is judged at the end of signing.")
    elif milestone.evaluate is Evaluate.HANDOVER:
        yield _("It is judged at the hand-over.")
    if milestone.decisive:
        yield _("This is the decisive number: once reached it stays reached.")
    if milestone.replaces:
        yield _("It takes the place of what lower numbers led to.")


def _panel(told: Told, milestone: Milestone) -> Iterator[str]:
    locale = current_locale()
    for assembly, (members, drawn) in milestone.panel.items():
        yield _(
            "%(assembly)s: %(members)s members and %(drawn)s people drawn by lot.",
            assembly=told.library.assembly(assembly).name(locale.lang),
            members=locale.number(members),
            drawn=locale.number(drawn),
        )


def _effect(told: Told, milestone: Milestone) -> str:
    choice = milestone.effect.startswith("choice:")
    effect = (
        _("what the author chose when filing")
        if choice
        else told.title("effects", milestone.effect)
    )
    body = told.body(milestone.body)
    led = _("%(effect)s (%(body)s)", effect=effect, body=body) if body else effect
    if milestone.force is Force.MUST:
        return _("It leads to: %(what)s. This is an obligation.", what=led)
    if milestone.force is Force.SHOULD:
        return _("It leads to: %(what)s. A refusal must give its reasons.", what=led)
    return _(
        "It may lead to: %(what)s. Nothing obliges to it; a refusal must give its reasons.",
        what=led,
    )


def _quorum(told: Told, milestone: Milestone) -> Iterator[str]:
    quorum, locale = milestone.quorum, current_locale()
    if quorum is None:
        return
    if quorum.k and isinstance(quorum.minimum, AreaMinimum):
        yield ngettext(
            "And in at least %(num)s area the minimum of that area (%(times)s × “%(column)s”).",
            "And in at least %(num)s areas the minimum of each (%(times)s × “%(column)s”).",
            quorum.k,
            times=locale.number(quorum.minimum.times),
            column=quorum.minimum.column,
        )
    elif quorum.k and isinstance(quorum.minimum, int):
        yield ngettext(
            "And from at least %(num)s area, at least %(min)s in each.",
            "And from at least %(num)s areas, at least %(min)s in each.",
            quorum.k,
            min=locale.number(quorum.minimum),
        )
    for area, number in quorum.fixed.items():
        file = told.kind.signing.areas.file if told.kind.signing.areas else ""
        table = told.library.context.areas.get(file)
        name = table.names.get(area, area) if table else area
        yield _("And in %(area)s at least %(num)s.", area=name, num=locale.number(number))
