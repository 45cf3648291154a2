"""What a rulebook asks at filing, in the reader's words: kinds, choices, fields, what changed."""

from __future__ import annotations

from collections.abc import Mapping

from petitions.domain.collecting import (
    AreaThreshold,
    ChoiceThreshold,
    FixedThreshold,
    Milestone,
)
from petitions.domain.periods import Period
from petitions.domain.procedure import Kind, Money
from petitions.domain.reading_order import as_listed
from petitions.domain.rulebook import Rulebook
from petitions.domain.rulebook_files import Library
from petitions.platform.i18n import N_, _, current_locale, ngettext
from petitions.services import choosing
from petitions.services.targets import AREA
from petitions.web import rule_words

FIELDS: Mapping[str, str] = {
    "residence": N_("Place of residence"),
    "birth_date": N_("Date of birth"),
    "address": N_("Postal address"),
    "phone": N_("Telephone"),
    "organisation": N_("Organisation"),
    "contact": N_("How to reach the author"),
    "contested_act": N_("Act or project that the petition is about"),
}
CHANNELS: Mapping[str, str] = {
    "online": N_("Online"),
    "paper": N_("On paper"),
    "in_person": N_("In person"),
    "email": N_("By e-mail"),
    "post": N_("By post"),
    "fax": N_("By fax"),
}
CHOICES: Mapping[str, str] = {
    "window": N_("How long signatures are collected"),
    "channel": N_("How signatures are collected"),
    "effect": N_("What you ask for"),
    "area": N_("Which area the petition is about"),
}


def field_words(field: str) -> str:
    return _(FIELDS[field]) if field in FIELDS else field.replace("_", " ").capitalize()


def channel_words(channel: str) -> str:
    return _(CHANNELS[channel])


def window_label() -> str:
    return _(CHOICES[choosing.WINDOW])


def channel_label() -> str:
    return _(CHOICES[choosing.CHANNEL])


def area_label() -> str:
    return _(CHOICES[AREA])


def area_options(library: Library, kind: Kind) -> tuple[tuple[str, str, str], ...]:
    """(code, name, what it needs) of every area, by name."""
    areas = kind.signing.areas
    if areas is None:
        return ()
    table = library.areas(areas.file)
    found = []
    for code, name in table.names.items():
        numbers = [
            ngettext("%(num)s signature", "%(num)s signatures", number)
            for each in kind.milestones
            if isinstance(each.threshold, AreaThreshold)
            and (number := max(1, table.values[code][each.threshold.by_area]))
        ]
        needs = _("Needs %(count)s.", count=current_locale().together(numbers)) if numbers else ""
        found.append((code, name, needs))
    return tuple(sorted(found, key=lambda each: as_listed(each[1])))


def area_chosen(library: Library, kind: Kind, code: str) -> str:
    areas = kind.signing.areas
    return library.areas(areas.file).names.get(code, code) if areas else code


def choice_words(library: Library, rulebook: str, choice: str) -> str:
    """The question of a choice: the rulebook's own words, else ours, else its name."""
    written = rule_words.words_for(library, "choices", choice, rulebook)
    known = written.title.casefold() != choice.replace("_", " ").replace("-", " ")
    if known or choice not in CHOICES:
        return written.title if known else written.title.capitalize()
    return _(CHOICES[choice])


def option_words(
    library: Library, rulebook: str, kind: Kind, choice: str, option: str
) -> tuple[str, str]:
    """(title, explanation) of an option: what it means, and the number it takes."""
    text = rule_words.words_for(library, "choices", option, rulebook)
    title = text.title[:1].upper() + text.title[1:]
    numbers = [
        ngettext("%(num)s signature", "%(num)s signatures", each.threshold.values[option])
        for each in kind.milestones
        if isinstance(each.threshold, ChoiceThreshold)
        and each.threshold.by_choice == choice
        and option in each.threshold.values
    ]
    needs = _("Needs %(count)s.", count=current_locale().together(numbers)) if numbers else ""
    return title, " ".join(part for part in (text.text, needs) if part)


def window_options(kind: Kind) -> tuple[tuple[str, str], ...]:
    """The lengths to choose from where the rulebook lists them; empty for a range."""
    return tuple((str(each), rule_words.period(each)) for each in kind.signing.window.choices)


def window_range(kind: Kind) -> tuple[str, str]:
    """The shortest and the longest, in words."""
    window = kind.signing.window
    return rule_words.period(window.minimum), rule_words.period(window.maximum)


def window_chosen(value: str) -> str:
    try:
        return rule_words.period(Period.parse(value))
    except ValueError:
        return value


def kind_explained(library: Library, book: Rulebook, kind: Kind, assembly: str) -> str:
    """One plain sentence or two: the rulebook's own, else what the kind leads to and how."""
    own = rule_words.words_for(library, "kinds", kind.id, book.id).text
    if own:
        return own
    if not kind.signable:
        return _(
            "It is not signed by others: %(the_assembly)s examines it once it is admitted.",
            the_assembly=rule_words.the_assembly(library, assembly),
        )
    told = [
        _("From %(count)s signatures: %(what)s.", count=current_locale().number(number), what=what)
        for milestone in kind.milestones
        if (number := _number(milestone))
        and (what := rule_words.consequence(library, book.id, assembly, milestone))
    ]
    return " ".join(told) or _("Each admissible petition is examined, whatever its signatures.")


def _number(milestone: Milestone) -> int:
    threshold = milestone.threshold
    return threshold.number if isinstance(threshold, FixedThreshold) else 0


def changes(library: Library, old: Kind, new: Kind) -> tuple[str, ...]:
    """What a newer version of the rules changes for a draft, as far as its author can notice."""
    found = []
    if old.filing.form != new.filing.form:
        found.append(_("What may be written and added has changed."))
    if old.filing.choices.keys() != new.filing.choices.keys():
        found.append(_("There is something else to choose."))
    before, after = rule_words.open_for(old), rule_words.open_for(new)
    if before != after:
        found.append(
            _("Signatures are collected for %(after)s instead of %(before)s.",
              after=after or _("as long as it takes"), before=before or _("as long as it takes"))
        )  # fmt: skip
    known = {each.id: _number(each) for each in old.milestones}
    for milestone in new.milestones:
        number = _number(milestone)
        if milestone.id in known and number and known[milestone.id] != number:
            locale = current_locale()
            found.append(
                _("%(count)s signatures are needed instead of %(before)s.",
                  count=locale.number(number), before=locale.number(known[milestone.id]))
            )  # fmt: skip
    if rule_words.who(old.filing.author, library) != rule_words.who(new.filing.author, library):
        who = rule_words.who(new.filing.author, library)
        found.append(_("Who may start one: %(who)s.", who=who))
    return tuple(found)


def money(amount: Money) -> str:
    return current_locale().money(amount.cents, amount.currency)
