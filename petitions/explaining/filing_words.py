"""What comes before signatures, in sentences: filing, sponsors, checks and grounds of refusal."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from petitions.domain.collecting import ShareThreshold
from petitions.domain.filing import SponsorStage, Stage
from petitions.domain.milestones import share_of
from petitions.domain.vocabulary import (
    Links,
    OpenSame,
    Silence,
    StageOutcome,
    Unit,
    Visibility,
    WindowMode,
)
from petitions.explaining.points import Point
from petitions.explaining.words import Told, first_upper, period, the_assembly
from petitions.platform.i18n import N_, _, current_locale, ngettext

_CHANNELS: Mapping[str, str] = {
    "online": N_("online"),
    "paper": N_("on paper"),
    "in_person": N_("in person"),
    "email": N_("by e-mail"),
    "post": N_("by post"),
    "fax": N_("by fax"),
}
_LEVELS: Mapping[str, str] = {
    "email": N_("a confirmed e-mail address"),
    "low": N_("a login of the level “low”"),
    "substantial": N_("a login of the level “substantial”"),
    "high": N_("a login of the level “high”"),
}
_OUTCOMES: Mapping[StageOutcome, str] = {
    StageOutcome.ACCEPT: N_("accept it"),
    StageOutcome.RETURN: N_("return it for correction"),
    StageOutcome.REFUSE: N_("refuse it"),
    StageOutcome.ACCEPT_IN_PART: N_("accept it in part"),
    StageOutcome.ACCEPT_WITH_CONDITIONS: N_("accept it with conditions"),
}


def channels(codes: tuple[str, ...]) -> str:
    return current_locale().either([_(_CHANNELS[str(each)]) for each in codes])


def level(code: str) -> str:
    return _(_LEVELS[code])


def share_words(told: Told, share: ShareThreshold) -> str:
    """A share of a population, with its number where the population is known."""
    fraction = f"{share.share.numerator}/{share.share.denominator}"
    population = told.library.context.populations.get(share.of)
    if population is None:
        return _("%(share)s of “%(of)s”", share=fraction, of=share.of)
    number = current_locale().number(share_of(share, population.value))
    return _("%(number)s (%(share)s of “%(of)s”)", number=number, share=fraction, of=share.of)


def filing(told: Told) -> Iterator[Point]:
    kind = told.kind
    yield Point(_("Who may start one: %(who)s.", who=told.who(kind.filing.author)))
    yield Point(_("It is filed %(how)s.", how=channels(tuple(map(str, kind.filing.channels)))))
    yield from _logins(told)
    yield from _form(told)
    yield from _languages(told)
    yield from _limits(told)
    for choice, options in kind.filing.choices.items():
        titles = [told.title("choices", option.id) for option in options]
        asked = current_locale().either(titles) if choice else ""
        yield Point(_("When filing, the author chooses: %(options)s.", options=asked))
    if kind.visibility is Visibility.PRIVATE:
        yield Point(_("It is never published: it has no page and nobody else signs it."))


def _logins(told: Told) -> Iterator[Point]:
    """What is not done online takes no login."""
    kind, assurance = told.kind, told.book.assurance
    file, sign = level(str(assurance.file)), level(str(assurance.sign))
    signed = kind.signing.window.mode is not WindowMode.NONE
    ways = {*map(str, kind.filing.channels), *(map(str, kind.signing.channels) if signed else ())}
    if ways == {"online"}:
        yield Point(
            _("Filing takes %(file)s, signing %(sign)s.", file=file, sign=sign)
            if signed
            else _("Filing takes %(file)s.", file=file)
        )
        return
    if "online" in map(str, kind.filing.channels):
        yield Point(_("Filing online takes %(file)s.", file=file))
    if signed and "online" in map(str, kind.signing.channels):
        yield Point(_("Signing online takes %(sign)s.", sign=sign))


def _form(told: Told) -> Iterator[Point]:
    form, locale = told.kind.filing.form, current_locale()
    title, text = locale.number(form.title_max), locale.number(form.text_max)
    below = []
    if form.files_max:
        below.append(
            ngettext(
                "%(num)s file of at most %(mb)s MB may be attached.",
                "%(num)s files of at most %(mb)s MB each may be attached.",
                form.files_max,
                mb=form.file_mb,
            )
        )
    if form.links is Links.NONE:
        below.append(_("The text may hold no links."))
    elif form.links is Links.OFFICIAL:
        below.append(_("Links may lead to official sources only."))
    if form.unit is Unit.WORDS:
        sentence = _(
            "The title has at most %(title)s characters; request and reasons have at most %(text)s"
            " words together.",
            title=title,
            text=text,
        )
    else:
        sentence = _(
            "The title has at most %(title)s characters; request and reasons have at most %(text)s"
            " characters together.",
            title=title,
            text=text,
        )
    yield Point(sentence, tuple(below))


def _languages(told: Told) -> Iterator[Point]:
    locale, languages = current_locale(), told.book.languages
    below = []
    if languages.required:
        required = locale.together([locale.language(each) for each in languages.required])
        below.append(
            _("No text is published before it exists in these languages: %(list)s.", list=required)
        )
        if str(languages.translated_by) == "assembly":
            called = first_upper(the_assembly(told.library, told.assembly))
            below.append(_("%(the_assembly)s translates it.", the_assembly=called))
    if languages.authoritative == "all":
        below.append(_("All languages are equally binding."))
    accepted = locale.either([locale.language(each) for each in languages.accepted])
    sentence = (
        _("It is written in one of these languages: %(list)s.", list=accepted)
        if len(languages.accepted) > 1
        else _("The language in which it is written: %(language)s.", language=accepted)
    )
    yield Point(sentence, tuple(below))


def _limits(told: Told) -> Iterator[Point]:
    limits = told.kind.filing.limits
    if limits.open_same is OpenSame.REFUSE:
        yield Point(_("While one about the same subject is open, another is refused."))
    if limits.closed_within:
        length = period(limits.closed_within)
        yield Point(
            _("After one about the same subject has closed: not for %(time)s.", time=length)
        )
    if limits.decided_within:
        length = period(limits.decided_within)
        below = [told.title("outcomes", each) for each in limits.decided_outcomes]
        yield Point(
            _("After one about the same subject was decided: not for %(time)s.", time=length),
            tuple(map(first_upper, below)),
        )
    if limits.open_per_author:
        yield Point(
            ngettext(
                "One person may have %(num)s running at a time.",
                "One person may have %(num)s running at a time.",
                limits.open_per_author,
            )
        )
    if limits.per_author:
        yield Point(
            _(
                "One person may file %(num)s within %(time)s.",
                num=current_locale().number(limits.per_author.n),
                time=period(limits.per_author.within),
            )
        )


def sponsors(told: Told) -> Iterator[Point]:
    for stage in told.kind.sponsors:
        text = told.text("sponsors", stage.id)
        if isinstance(stage.minimum, int):
            needed = _(
                "%(title)s: at least %(num)s.",
                title=first_upper(text.title),
                num=current_locale().number(stage.minimum),
            )
        else:
            share = share_words(told, stage.minimum)
            needed = _("%(title)s: at least %(num)s.", title=first_upper(text.title), num=share)
        yield Point(needed, tuple(_sponsor_details(told, stage)), text.reference)


def _sponsor_details(told: Told, stage: SponsorStage) -> Iterator[str]:
    locale = current_locale()
    yield _("Who they may be: %(who)s.", who=told.who(stage.who))
    if stage.maximum:
        yield _("No more than %(num)s take part.", num=locale.number(stage.maximum))
    if stage.author_counts:
        yield _("The author is one of them.")
    for role, number in stage.roles.items():
        title = first_upper(told.title("roles", role))
        yield _("%(title)s: at least %(num)s.", title=title, num=locale.number(number))
    if stage.spread:
        yield ngettext(
            "They live in at least %(num)s area, at least %(min)s in each.",
            "They live in at least %(num)s areas, at least %(min)s in each.",
            stage.spread.k,
            min=locale.number(stage.spread.minimum),
        )
    if stage.unless:
        yield _("Not needed where the author is: %(who)s.", who=told.who(stage.unless))
    if stage.within:
        yield _("They are found within %(time)s.", time=period(stage.within))
    if stage.invitation:
        yield _("An invitation holds for %(time)s.", time=period(stage.invitation))
    if stage.attempts > 1:
        yield _(
            "After silence or refusal another is asked: up to %(num)s times.", num=stage.attempts
        )
    if stage.in_total == "all":
        yield _("Their support counts as a signature.")
    elif isinstance(stage.in_total, int):
        cap = locale.number(stage.in_total)
        yield _("Up to %(num)s of them count as signatures.", num=cap)


def checks(told: Told) -> Iterator[Point]:
    for stage in told.kind.admissibility.stages:
        text = told.text("stages", stage.id)
        body = first_upper(told.body(stage.body))
        sentence = (
            _(
                "%(title)s: decided by %(body)s within %(time)s.",
                title=text.title,
                body=body,
                time=period(stage.within),
            )
            if stage.within
            else _("%(title)s: decided by %(body)s; no time is set.", title=text.title, body=body)
        )
        yield Point(sentence, tuple(_stage_details(told, stage)), text.reference)
    yield from _grounds(told)


def _stage_details(told: Told, stage: Stage) -> Iterator[str]:
    locale = current_locale()
    if stage.at == "filing":
        yield _("It comes right after filing, before anything else.")
    elif stage.at.startswith("milestone:"):
        title = told.title("milestones", stage.at.removeprefix("milestone:"))
        yield _("It comes once this is reached: %(milestone)s.", milestone=title)
    else:
        yield _("It comes before publication.")
    may = locale.either([_(_OUTCOMES[each]) for each in stage.outcomes])
    yield _("It may %(outcomes)s.", outcomes=may)
    if StageOutcome.RETURN in stage.outcomes and stage.returns_max:
        yield ngettext(
            "Returned at most %(num)s time; the author then has %(time)s.",
            "Returned at most %(num)s times; the author then has %(time)s each time.",
            stage.returns_max,
            time=period(stage.correction),
        )
    if stage.four_eyes:
        yield _("A second person confirms the decision.")
    if stage.stops:
        yield _("The time stands still during: %(events)s.", events=told.stops(stage.stops))
    if stage.silence is Silence.ACCEPT:
        yield _("Silence means that it is accepted.")
    elif stage.silence is Silence.REFUSE:
        yield _("Silence means that it is refused.")


def _grounds(told: Told) -> Iterator[Point]:
    grounds = told.kind.admissibility.grounds
    public = tuple(told.title("grounds", code) for code in grounds.public)
    yield Point(_("It is refused on one of these grounds, and on no other:"), public)
    if grounds.hidden:
        hidden = tuple(told.title("grounds", code) for code in grounds.hidden)
        yield Point(_("On these grounds neither title nor text is shown:"), hidden)
