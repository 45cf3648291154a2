"""Everything as it will be sent, with a way to change each part and what still stands in the way."""

from __future__ import annotations

from collections.abc import Iterator

from sqlalchemy.orm import Session

from petitions.domain.lifecycle import State
from petitions.domain.procedure import Kind
from petitions.domain.rulebook import Rulebook
from petitions.platform.i18n import _, current_locale
from petitions.services import addressing, choosing, filing, form_answers, texts, topics
from petitions.services.targets import AREA
from petitions.storage.tables import Petition
from petitions.web import author_annexes, author_similar, author_text, filing_words
from petitions.web.author_steps import draft_href, step
from petitions.web.edge import engine
from petitions.web.pages import Link
from petitions.web.pages_author import Answered, CheckPage, NewRules
from petitions.web.sponsor_asking import prove_link
from petitions.web.topic_words import topic_words


def check_page(session: Session, petition: Petition, current: Rulebook) -> CheckPage:
    """`current`: the version in force today, under which the petition would be sent."""
    the = engine()
    returned = petition.state == State.RETURNED
    kind = the.house.kind(session, petition)
    text = filing.text_of(session, petition)
    return CheckPage(
        step=step(petition, kind, "check"),
        title=text.title,
        summary=text.summary,
        request=text.request,
        reasons=text.reasons,
        author_name=petition.author_name,
        author_public=str(kind.publicity.author),
        email=petition.author_email or "",
        language=petition.language,
        version=petition.version,
        title_href=draft_href(petition, "text"),
        text_href=draft_href(petition, "text"),
        you_href=draft_href(petition, "you"),
        difference=petition.difference,
        difference_href=draft_href(petition, "similar"),
        missing=tuple(_missing(session, petition, kind, the.house.rulebook(session, petition))),
        resubmitting=returned,
        answers=_answers(session, petition, kind),
        annexes=author_annexes.lines(session, petition, removable=False),
        texts=author_text.languages(session, petition),
        barred="" if returned else author_similar.bar_words(session, petition, the.clock()),
        new_rules=None if returned else _new_rules(session, petition, kind, current),
        rules=current.version,
        declarations=declarations(kind),
        prove_href=prove_link(petition, current),
        language_href=_language_href(session, petition),
    )


def _language_href(session: Session, petition: Petition) -> str:
    """Only a draft moves into another language, where the rules accept more than one."""
    accepted = engine().house.rulebook(session, petition).languages.accepted
    if petition.state != State.DRAFT or len(accepted) < 2:
        return ""
    return draft_href(petition, "title#language")


def _missing(session: Session, petition: Petition, kind: Kind, book: Rulebook) -> list[Link]:
    text = filing.text_of(session, petition)
    missing = []
    if not texts.is_complete(text):
        missing.append(Link(draft_href(petition, "text"), _("Request and reasons")))
    if not petition.similar_shown:
        missing.append(Link(draft_href(petition, "similar"), _("A look at similar petitions")))
    if not petition.author_name or not petition.author_email:
        missing.append(Link(draft_href(petition, "you"), _("Your name and e-mail address")))
    elif form_answers.missing(session, kind, petition):
        missing.append(Link(draft_href(petition, "you"), _("What else the rules ask about you")))
    if petition.state == State.DRAFT and choosing.unanswered(kind, petition):
        missing.append(Link(draft_href(petition, "choices"), _("Your choices")))
    missing += [
        Link(
            draft_href(petition, f"text/{language}"),
            _("The text in %(language)s", language=current_locale().language(language)),
        )
        for language in texts.missing_of_author(session, book, petition)
        if language != petition.language
    ]
    return missing


def _answers(session: Session, petition: Petition, kind: Kind) -> tuple[Answered, ...]:
    """Choices, addressees and further fields, in the order of the pages."""
    the = engine()
    library, rulebook = the.house.shelf(session, petition), petition.rulebook_id
    lang = current_locale().lang
    found = list(_topic(petition))
    asked = addressing.addressees(session, petition)
    if len(asked) > 1:
        names = [library.assembly(each).name(lang) for each in asked]
        found.append(Answered(_("Addressed to"), current_locale().together(names)))
    here = draft_href(petition, "choices") if petition.state == State.DRAFT else ""
    for choice in kind.filing.choices:
        chosen = str(petition.choices.get(choice, ""))
        if chosen:
            title, _text = filing_words.option_words(library, rulebook, kind, choice, chosen)
            label = filing_words.choice_words(library, rulebook, choice)
            found.append(Answered(label, title, here))
    if choosing.WINDOW in petition.choices:
        value = filing_words.window_chosen(str(petition.choices[choosing.WINDOW]))
        found.append(Answered(filing_words.window_label(), value, here))
    if choosing.CHANNEL in petition.choices:
        value = filing_words.channel_words(str(petition.choices[choosing.CHANNEL]))
        found.append(Answered(filing_words.channel_label(), value, here))
    if AREA in petition.choices:
        value = filing_words.area_chosen(library, kind, str(petition.choices[AREA]))
        found.append(Answered(filing_words.area_label(), value, here))
    known = form_answers.answers(session, petition)
    found += [
        Answered(filing_words.field_words(field), known[field], draft_href(petition, "you"))
        for field in form_answers.fields_of(kind)
        if known.get(field)
    ]
    return tuple(found)


def _topic(petition: Petition) -> Iterator[Answered]:
    """Also where none was chosen; nothing where the assembly has no list."""
    house = engine().house
    if topics.topics_for(house, petition):
        value = topic_words(house.library.assembly(petition.assembly), petition.topic)
        yield Answered(_("Topic"), value or _("None chosen"), draft_href(petition, "text#topic"))


def _new_rules(
    session: Session, petition: Petition, kind: Kind, current: Rulebook
) -> NewRules | None:
    """The draft was begun under an earlier version: it will be sent under the one of today."""
    if current.version == petition.rulebook_version:
        return None
    library = engine().house.library
    new = current.kinds.get(petition.kind)
    del session
    told = (
        filing_words.changes(library, kind, new)
        if new is not None
        else (_("This kind of petition is no longer offered: please start again."),)
    )
    return NewRules(str(current.version), current.valid_from, told)


def declarations(kind: Kind) -> tuple[str, ...]:
    """What the rules say of money around a petition (P20): declared, and never handled here."""
    extras, found = kind.extras, []
    if extras.disclose_over is not None:
        found.append(
            _(
                "Support for this petition of more than %(amount)s per sponsor must be disclosed.",
                amount=filing_words.money(extras.disclose_over),
            )
        )
    if extras.reimburse is not None:
        found.append(
            _(
                "Per valid signature %(amount)s is reimbursed, within the limits of the rules.",
                amount=filing_words.money(extras.reimburse),
            )
        )
    return tuple(found)
