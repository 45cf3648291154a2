"""The small words of a procedure: periods, people, places, bodies, events, codes."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from petitions.domain.periods import Period, PeriodUnit
from petitions.domain.predicates import Predicate
from petitions.domain.procedure import Kind
from petitions.domain.rulebook import Rulebook
from petitions.domain.rulebook_files import Library
from petitions.domain.vocabulary import OnWhom
from petitions.domain.wording import Text
from petitions.platform.i18n import N_, _, current_locale, ngettext
from petitions.platform.spoken import Spoken, as_in, told_in

_TYPE = (
    ("'", "’"),
    (" :", "\N{NO-BREAK SPACE}:"),
    (" »", "\N{NO-BREAK SPACE}»"),
    ("« ", "«\N{NO-BREAK SPACE}"),
    (" ;", "\N{NARROW NO-BREAK SPACE};"),
    (" ?", "\N{NARROW NO-BREAK SPACE}?"),
    (" !", "\N{NARROW NO-BREAK SPACE}!"),
)
_EVENTS: Mapping[str, str] = {
    "submitted": N_("the filing"),
    "admitted": N_("the admission"),
    "published": N_("publication"),
    "window_open": N_("the opening of signing"),
    "closed": N_("the end of signing"),
    "verified": N_("the end of verification"),
    "final": N_("the final outcome"),
    "dissolution": N_("a dissolution"),
    "end_of_legislature": N_("the end of the legislature"),
    "election": N_("an election"),
    "standstill": N_("a legal standstill"),
    "outage": N_("an outage of the site"),
    "recess": N_("the recess"),
    "no_committee": N_("the time without a committee"),
}


@dataclass(frozen=True, slots=True)
class Told:
    """What is being told: one kind of a rulebook, as one of its assemblies carries it out."""

    library: Library
    book: Rulebook
    kind: Kind
    assembly: str

    def text(self, noun: str, code: str) -> Text:
        return words_for(self.library, noun, code, self.book.id)

    def title(self, noun: str, code: str) -> str:
        return self.text(noun, code).title

    def body(self, body: str | None) -> str:
        return body_words(self.library, self.assembly, body)

    def who(self, predicate: Predicate) -> str:
        return who(predicate, self.library)

    def event(self, event: str) -> str:
        """An event of a rulebook inside a sentence: "the filing", "the step “Received”"."""
        if event == "declaration":
            return _("a declaration of an area")
        noun, _colon, code = event.rpartition(":")
        if noun in ("", "event"):
            return _(_EVENTS[code]) if code in _EVENTS else plain(code)
        nouns = {"milestone": "milestones", "outcome": "outcomes", "duty": "duties"}
        title = self.title(nouns.get(noun, "acks"), code)
        return _("the step “%(step)s”", step=title)

    def stops(self, events: tuple[str, ...]) -> str:
        return current_locale().together([self.event(each) for each in events])


def plain(code: str) -> str:
    return code.replace("_", " ").replace("-", " ")


def words_for(library: Library, noun: str, code: str, rulebook: str = "") -> Text:
    """The wording of a code in the reader's language, else in English, else the code itself."""
    return written(library, noun, code, rulebook) or Text(title=plain(code))


def written(library: Library, noun: str, code: str, rulebook: str) -> Text | None:
    for lang in (current_locale().lang, "en"):
        try:
            text = library.wording(code, lang, noun=noun, rulebook=rulebook)
        except KeyError:
            continue
        return Text(
            title=Spoken(_set(text.title), lang),
            text=Spoken(_set(text.text), lang) if text.text else "",
            reference=Spoken(_set(text.reference), lang) if text.reference else "",
            appeal=Spoken(_set(text.appeal), lang) if text.appeal else "",
        )
    return None


def _set(words: str) -> str:
    """As a printer sets it: rulebooks are typed with the apostrophe and the space of a keyboard."""
    for typed, set_ in _TYPE:
        words = words.replace(typed, set_)
    return words


def kind_words(library: Library, rulebook: str, kind: str) -> str:
    return first_upper(words_for(library, "kinds", kind, rulebook).title)


def register_words(library: Library, code: str) -> str:
    """The name of a register as the wording has it; else its code."""
    named = written(library, "registers", code, "")
    return named.title if named else code.upper()


def place_words(library: Library, code: str) -> str:
    """A place of a rulebook as people call it: a country, an assembly's own place, an area."""
    country = current_locale().territory(code)
    if country != code:
        return country
    named = written(library, "places", code, "")
    if named is not None:
        return named.title
    if code in library.context.assemblies:
        return library.assembly(code).name(current_locale().lang)
    areas = (table.names[code] for table in library.context.areas.values() if code in table)
    return next(areas, code.replace("-", " ").title() if code.islower() else code)


def body_words(library: Library, assembly: str, body: str | None) -> str:
    if not body:
        return ""
    try:
        known, lang = library.assembly(assembly), current_locale().lang
        # like the words around it (see `written`): else a sentence would mix three languages
        return told_in(known.bodies[body], lang, "en", *known.languages)
    except KeyError:
        return body.replace("_", " ")


def duty_bearer(library: Library, assembly: str, kind: Kind, duty: str, body: str | None) -> str:
    """Who has to do what is due: a body of the assembly, or the author of the petition."""
    own = next((each for each in kind.after.duties if each.id == duty), None)
    if own is not None and own.on is OnWhom.AUTHOR:
        return _("The author")
    return body_words(library, assembly, body)


def assembly_words(library: Library, assembly: str) -> str:
    """The name of an assembly: the reader's, else its own, which is then marked as such."""
    known = library.assembly(assembly)
    return told_in(known.names, current_locale().lang, *known.languages)


def the_assembly(library: Library, assembly: str) -> str:
    """What a sentence calls an assembly, with its article: "the town council"."""
    return library.assembly(assembly).called.get(current_locale().lang) or _("the assembly")


def who(predicate: Predicate, library: Library) -> str:
    """The condition as part of a sentence: "citizen of France, aged 18 or over"."""
    if predicate.anyone:
        return _("anyone")
    parts = [*_plain_conditions(predicate), *_conditions_on_people(predicate, library)]
    if predicate.any:
        branches = [who(branch, library) for branch in predicate.any]
        parts.append(current_locale().either(branches))
    parts.extend(who(branch, library) for branch in predicate.all)
    if isinstance(predicate.age_min, int):
        parts.append(_("aged %(age)s or over", age=predicate.age_min))
    elif predicate.age_min is not None:
        parts.append(_("of the age that the law of the area asks for"))
    if predicate.negated is not None:
        parts.append(_("but not %(who)s", who=who(predicate.negated, library)))
    return ", ".join(parts)


def _plain_conditions(predicate: Predicate) -> list[str]:
    parts = []
    if predicate.natural_person:
        parts.append(_("a natural person"))
    if predicate.organisation:
        parts.append(_("an organisation"))
    return parts


def _conditions_on_people(predicate: Predicate, library: Library) -> list[str]:
    parts = []
    if predicate.citizen_of:
        country = current_locale().territory_told(predicate.citizen_of)
        parts.append(_("a citizen of %(country)s", country=country))
    if predicate.resident_of:
        parts.append(_resident(predicate.resident_of, library))
    if predicate.in_register:
        register = register_words(library, predicate.in_register)
        parts.append(_("entered in the register “%(register)s”", register=register))
    if predicate.permit:
        parts.append(_("holding the permit “%(permit)s”", permit=predicate.permit))
    if predicate.office:
        named = written(library, "offices", predicate.office, "")
        office = named.title if named else predicate.office.upper()
        parts.append(_("holding the office “%(office)s”", office=office))
    return parts


def _resident(code: str, library: Library) -> str:
    """A town bears its own name, which no preposition fits: in brackets."""
    place = place_words(library, code)
    if current_locale().territory(code) != code:
        return _("resident in %(place)s", place=current_locale().territory_told(code))
    return _("resident (%(place)s)", place=place)


def first_upper(text: str) -> str:
    """For the start of a sentence; the rest stays as the assembly writes it."""
    return as_in(text, text[:1].upper() + text[1:])


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
    if length.days or not parts:
        parts.append(ngettext("%(num)s day", "%(num)s days", length.days))
    return current_locale().together(parts)
