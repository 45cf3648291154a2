"""A rulebook in words: who may act, how long, what a number leads to. Never written by hand."""

from __future__ import annotations

from collections.abc import Mapping

from petitions.domain.collecting import Milestone, Threshold
from petitions.domain.milestones import Target, resolve_threshold, target_of
from petitions.domain.periods import Period, PeriodUnit
from petitions.domain.predicates import Predicate
from petitions.domain.procedure import Kind
from petitions.domain.rulebook import Rulebook
from petitions.domain.rulebook_files import Library
from petitions.domain.vocabulary import Force, WindowMode
from petitions.domain.wording import Text
from petitions.platform.i18n import N_, Locale, _, current_locale, ngettext
from petitions.web.pages import Ground, Level
from petitions.web.pages_author import Limits, Procedure

_DATA: Mapping[str, str] = {
    "signatures": N_("Codes of signatures"),
    "author": N_("Identity and address of the author"),
    "name": N_("Name of the author"),
}
_KINDS: Mapping[str, str] = {
    "petition": N_("Petition"),
    "text": N_("Petition for a text of law"),
    "control": N_("Petition for parliamentary control"),
    "suggestion": N_("Suggestion"),
    "initiative": N_("Initiative"),
    "law_proposal": N_("Proposal for a law"),
    "start_drafting": N_("Proposal to start drafting a law"),
    "referendum": N_("Request for a referendum"),
    "public": N_("Public petition"),
    "private": N_("Private petition"),
    "electronic": N_("Electronic petition"),
    "paper": N_("Paper petition"),
}
_REGISTERS: Mapping[str, str] = {
    "rnipp": N_("national register of natural persons (RNIPP)"),
}
_TYPE = (
    ("'", "’"),
    (" :", "\N{NO-BREAK SPACE}:"),
    (" »", "\N{NO-BREAK SPACE}»"),
    ("« ", "«\N{NO-BREAK SPACE}"),
    (" ;", "\N{NARROW NO-BREAK SPACE};"),
    (" ?", "\N{NARROW NO-BREAK SPACE}?"),
    (" !", "\N{NARROW NO-BREAK SPACE}!"),
)
_STARTS: Mapping[str, str] = {
    "final": N_("the final outcome"),
    "closed": N_("the end of signing"),
    "published": N_("publication"),
    "window_open": N_("the opening of signing"),
}


def words_for(library: Library, noun: str, code: str, rulebook: str = "") -> Text:
    """The wording of a code in the reader's language, else in English, else the code itself."""
    return _written(library, noun, code, rulebook) or Text(
        title=code.replace("_", " ").replace("-", " ")
    )


def _written(library: Library, noun: str, code: str, rulebook: str) -> Text | None:
    for lang in (current_locale().lang, "en"):
        try:
            text = library.wording(code, lang, noun=noun, rulebook=rulebook)
        except KeyError:
            continue
        return Text(
            title=_set(text.title),
            text=_set(text.text),
            reference=_set(text.reference),
            appeal=_set(text.appeal),
        )
    return None


def _set(words: str) -> str:
    """As a printer sets it: rulebooks are typed with the apostrophe and the space of a keyboard."""
    for typed, set_ in _TYPE:
        words = words.replace(typed, set_)
    return words


def kind_words(kind: str) -> str:
    return _(_KINDS[kind]) if kind in _KINDS else kind.replace("_", " ").capitalize()


def register_words(code: str) -> str:
    return _(_REGISTERS[code]) if code in _REGISTERS else code.upper()


def place_words(library: Library, code: str) -> str:
    """A place of a rulebook as people call it: a country, an assembly's own place, an area."""
    country = current_locale().territory(code)
    if country != code:
        return country
    if code in library.context.assemblies:
        return library.assembly(code).name(current_locale().lang)
    named = (table.names[code] for table in library.context.areas.values() if code in table)
    return next(named, code.replace("-", " ").title() if code.islower() else code)


def owed(body: str, title: str) -> str:
    """Who owes what; the body is not named twice: "Answer of the town council"."""
    if not body or body.casefold() in title.casefold():
        return title
    return _("%(body)s: %(duty)s", body=body, duty=title)


def body_words(library: Library, assembly: str, body: str | None) -> str:
    if not body:
        return ""
    try:
        return library.assembly(assembly).body(body, current_locale().lang)
    except KeyError:
        return body.replace("_", " ")


def who(predicate: Predicate, library: Library) -> str:
    """The condition as part of a sentence: "citizen of France, aged 18 or over"."""
    if predicate.anyone:
        return _("anyone")
    locale = current_locale()
    parts = []
    if predicate.natural_person:
        parts.append(_("a natural person"))
    if predicate.organisation:
        parts.append(_("an organisation"))
    if predicate.citizen_of:
        parts.append(_("a citizen of %(country)s", country=locale.territory(predicate.citizen_of)))
    if predicate.resident_of:
        parts.append(_resident(predicate.resident_of, library))
    if predicate.in_register:
        parts.append(
            _(
                "entered in the register “%(register)s”",
                register=register_words(predicate.in_register),
            )
        )
    if predicate.permit:
        parts.append(_("holding the permit “%(permit)s”", permit=predicate.permit))
    if predicate.office:
        parts.append(_("holding the office “%(office)s”", office=predicate.office.upper()))
    if predicate.any:
        parts.append(locale.either([who(branch, library) for branch in predicate.any]))
    parts.extend(who(branch, library) for branch in predicate.all)
    if isinstance(predicate.age_min, int):
        parts.append(_("aged %(age)s or over", age=predicate.age_min))
    elif predicate.age_min is not None:
        parts.append(_("of the age that the law of the area asks for"))
    if predicate.negated is not None:
        parts.append(_("but not %(who)s", who=who(predicate.negated, library)))
    return ", ".join(parts)


def _resident(code: str, library: Library) -> str:
    """A town bears its own name, which no preposition fits: in brackets."""
    place = place_words(library, code)
    if current_locale().territory(code) != code:
        return _("resident in %(place)s", place=place)
    return _("resident (%(place)s)", place=place)


def _first_upper(text: str) -> str:
    """For the start of a sentence; the rest stays as the assembly writes it."""
    return text[:1].upper() + text[1:]


def period(length: Period | None) -> str:
    """A legal period in words: 6 months, 15 days, 10 working days."""
    if length is None:
        return ""
    if length.unit is PeriodUnit.WORKING:
        return ngettext("%(num)s working day", "%(num)s working days", length.days)
    if length.unit is PeriodUnit.SITTING:
        return ngettext("%(num)s sitting day", "%(num)s sitting days", length.days)
    parts = []
    if length.years:
        parts.append(ngettext("%(num)s year", "%(num)s years", length.years))
    if length.months:
        parts.append(ngettext("%(num)s month", "%(num)s months", length.months))
    if length.days:
        parts.append(ngettext("%(num)s day", "%(num)s days", length.days))
    return current_locale().together(parts)


def consequence(library: Library, rulebook: str, assembly: str, milestone: Milestone) -> str:
    """What reaching the milestone leads to: the rulebook's own words, else those of its effect."""
    effect = milestone.effect
    if effect.startswith("choice:"):
        return _("what the author chose when filing")
    own = _written(library, "milestones", milestone.id, rulebook)
    if own is not None:
        return own.title
    title = words_for(library, "effects", effect, rulebook).title
    body = body_words(library, assembly, milestone.body)
    if not body or body.casefold() in title.casefold():
        return title
    return _("%(effect)s (%(body)s)", effect=title, body=body)


def limits_of(library: Library, rulebook: str, milestone: Milestone) -> str:
    """What it does not trigger: a body that may decide is not one that must."""
    if milestone.force is Force.MUST:
        return ""
    own = _written(library, "milestones", milestone.id, rulebook)
    if own is not None and own.text:
        return own.text
    if milestone.force is Force.SHOULD:
        return _("It should be done; a refusal must give its reasons.")
    return _("It may be done; nothing obliges to it, and a refusal must give its reasons.")


def level(
    library: Library, rulebook: str, assembly: str, milestone: Milestone, target: Target
) -> Level:
    """The milestone as the public reads it, nothing counted yet."""
    return Level(
        threshold=target.threshold,
        consequence=consequence(library, rulebook, assembly, milestone),
        limits=limits_of(library, rulebook, milestone),
        areas_needed=target.k,
        area_minimum=target.minimum,
    )


def _levels(library: Library, book: Rulebook, kind: Kind, assembly: str) -> tuple[Level, ...]:
    context = library.context
    file = kind.signing.areas.file if kind.signing.areas else None
    found = []
    for milestone in kind.milestones:
        try:
            target = target_of(
                milestone,
                populations=context.populations,
                choices={},
                areas=context.areas.get(file) if file else None,
            )
        except KeyError:  # the number depends on what the author chooses
            continue
        found.append(level(library, book.id, assembly, milestone, target))
    return tuple(sorted(found, key=lambda each: each.threshold))


def _open_for(kind: Kind) -> str:
    window = kind.signing.window
    if window.mode is WindowMode.FIXED:
        return period(window.length)
    if window.mode is WindowMode.LIST:
        return current_locale().either([period(choice) for choice in window.choices])
    if window.mode is WindowMode.RANGE:
        return _("up to %(length)s", length=period(window.maximum))
    return ""


def grounds(library: Library, book: str, codes: tuple[str, ...]) -> tuple[Ground, ...]:
    return tuple(
        Ground(text.title, text.text, text.reference)
        for text in (words_for(library, "grounds", code, book) for code in codes)
    )


def procedure(
    library: Library, book: Rulebook, kind: Kind, assembly: str, identities: tuple[str, ...] = ()
) -> Procedure:
    """Everything a reader is told of a kind of petition."""
    first = kind.admissibility.stages[0] if kind.admissibility.stages else None
    decisive = kind.decisive
    sponsor = kind.sponsors[0] if kind.sponsors else None
    minimum = sponsor.minimum if sponsor else 0
    named = library.assembly(assembly).name(current_locale().lang)
    return Procedure(
        kind=kind_words(kind.id),
        author_who=who(kind.filing.author, library),
        signer_who=who(kind.signing.who, library),
        levels=_levels(library, book, kind, assembly),
        grounds=grounds(
            library, book.id, kind.admissibility.grounds.public + kind.admissibility.grounds.hidden
        ),
        limits=limits(book, kind),
        check_within=period(first.within) if first else "",
        checked_by=_first_upper(body_words(library, assembly, first.body)) if first else "",
        open_for=_open_for(kind),
        sponsors_needed=minimum if isinstance(minimum, int) else _number(minimum, library),
        withdrawal=str(kind.signing.withdrawal),
        author_public=str(kind.publicity.author),
        by_email=str(book.assurance.sign) == "email",
        uniqueness_by=current_locale().together(identities) if identities else "",
        retention=tuple(
            (
                _(_DATA[each.data]) if each.data in _DATA else each.data,
                _(_STARTS[each.start])
                if each.start in _STARTS
                else _("the event “%(event)s”", event=each.start),
                period(each.length),
            )
            for each in kind.publicity.retention
        ),
        rulebook=f"{book.id} {book.version}",
        after_body=_first_upper(
            body_words(library, assembly, kind.after.body or (decisive.body if decisive else None))
        ),
        assembly=named,
    )


def _number(threshold: Threshold, library: Library) -> int:
    try:
        return resolve_threshold(threshold, library.context.populations, {})
    except KeyError:
        return 0


def limits(book: Rulebook, kind: Kind) -> Limits:
    locale: Locale = current_locale()
    form = kind.filing.form
    return Limits(
        title_max=form.title_max,
        text_max=form.text_max,
        unit=str(form.unit),
        links=str(form.links),
        languages=tuple((lang, locale.language(lang)) for lang in book.languages.accepted),
    )
