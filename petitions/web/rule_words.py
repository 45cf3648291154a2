"""A rulebook in words: who may act, how long, what a number leads to. Never written by hand."""

from __future__ import annotations

from collections.abc import Mapping

from petitions.domain.collecting import Milestone, Threshold
from petitions.domain.milestones import Target, resolve_threshold, target_of
from petitions.domain.procedure import Kind
from petitions.domain.rulebook import Rulebook
from petitions.domain.rulebook_files import Library
from petitions.domain.vocabulary import Force, WindowMode
from petitions.explaining.words import (
    Told,
    assembly_words,
    body_words,
    duty_bearer,
    first_upper,
    kind_words,
    period,
    place_words,
    register_words,
    the_assembly,
    who,
    words_for,
    written,
)
from petitions.platform.i18n import N_, Locale, _, current_locale
from petitions.web.pages import Ground, Level
from petitions.web.pages_author import Limits, Procedure

__all__ = [
    "assembly_words",
    "body_words",
    "class_words",
    "consequence",
    "duty_bearer",
    "first_upper",
    "grounds",
    "kind_words",
    "level",
    "limits",
    "limits_of",
    "owed",
    "period",
    "place_words",
    "procedure",
    "register_words",
    "the_assembly",
    "who",
    "words_for",
]
_DATA: Mapping[str, str] = {
    "signatures": N_("Codes of signatures"),
    "author": N_("Identity and address of the author"),
    "name": N_("Name of the author"),
}
_STARTS: Mapping[str, str] = {
    "final": N_("the final outcome"),
    "closed": N_("the end of signing"),
    "published": N_("publication"),
    "window_open": N_("the opening of signing"),
}


def owed(body: str, title: str) -> str:
    """Who owes what; the body is not named twice: "Answer of the town council"."""
    if not body or body.casefold() in title.casefold():
        return title
    return _("%(body)s: %(duty)s", body=body, duty=title)


def consequence(library: Library, rulebook: str, assembly: str, milestone: Milestone) -> str:
    """What reaching the milestone leads to: the rulebook's own words, else those of its effect."""
    effect = milestone.effect
    if effect.startswith("choice:"):
        return _("what the author chose when filing")
    own = written(library, "milestones", milestone.id, rulebook)
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
    own = written(library, "milestones", milestone.id, rulebook)
    if own is not None and own.text:
        return own.text
    if milestone.force is Force.SHOULD:
        return _("It should be done; a refusal must give its reasons.")
    return _("It may be done; nothing obliges to it, and a refusal must give its reasons.")


def class_words(library: Library, rulebook: str, kind: Kind, name: str) -> str:
    """Who belongs to a counting class: the rulebook's own words, else those of its condition."""
    own = written(library, "classes", name, rulebook)
    if own is not None:
        return own.title
    predicate = kind.signing.classes.get(name)
    return who(predicate, library) if predicate is not None else name


def level(
    library: Library, rulebook: str, assembly: str, milestone: Milestone, target: Target
) -> Level:
    """The milestone as the public reads it, nothing counted yet."""
    return Level(
        threshold=target.threshold,
        consequence=consequence(library, rulebook, assembly, milestone),
        limits=limits_of(library, rulebook, milestone),
        panel=milestone.panel.get(assembly),
        areas_needed=target.k,
        area_minimum=target.minimum,
        counted_who=""
        if milestone.counts == "all"
        else words_for(library, "classes", milestone.counts, rulebook).title,
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


def open_for(kind: Kind) -> str:
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
        Ground(text.title, text.text, text.reference, text.appeal)
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
    named = assembly_words(library, assembly)
    return Procedure(
        kind=kind_words(library, book.id, kind.id),
        author_who=who(kind.filing.author, library),
        signer_who=who(kind.signing.who, library),
        levels=_levels(library, book, kind, assembly),
        grounds=grounds(
            library, book.id, kind.admissibility.grounds.public + kind.admissibility.grounds.hidden
        ),
        limits=limits(book, kind),
        hides=bool(kind.admissibility.grounds.hidden),
        check_within=period(first.within) if first else "",
        checked_by=first_upper(body_words(library, assembly, first.body)) if first else "",
        open_for=open_for(kind),
        sponsors_needed=minimum if isinstance(minimum, int) else _number(minimum, library),
        withdrawal=str(kind.signing.withdrawal),
        author_public=str(kind.publicity.author),
        uniqueness_by=current_locale().together(identities) if identities else "",
        retention=tuple(
            (
                _(_DATA[each.data]) if each.data in _DATA else each.data,
                _(_STARTS[each.start])
                if each.start in _STARTS
                else Told(library, book, kind, assembly).event(each.start),
                period(each.length),
            )
            for each in kind.publicity.retention
        ),
        rulebook=f"{book.id} {book.version}",
        after_body=first_upper(
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
        summary_max=form.summary_max,
        languages=tuple((lang, locale.language(lang)) for lang in book.languages.accepted),
    )
