"""What the rulebook lets its author choose; fixed once the petition is sent."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from uuid import UUID

from flask import Response, request
from sqlalchemy.orm import Session

from petitions.domain.calendar import local_day
from petitions.domain.errors import InvalidError, NotFoundError
from petitions.domain.lifecycle import State
from petitions.domain.procedure import Kind
from petitions.domain.vocabulary import WindowMode
from petitions.platform.i18n import _
from petitions.services import choosing, filing
from petitions.services.draft_changes import CHOICE, DraftChangedError, choice_fields
from petitions.services.targets import AREA
from petitions.storage.tables import Petition
from petitions.web import filing_words
from petitions.web.access import author_only
from petitions.web.author_changed import Asked, changed_page, guarded, kept_mark, mark
from petitions.web.author_room import Faults, author, go, html, own, tag
from petitions.web.author_steps import onward, step
from petitions.web.edge import engine, reading, writing
from petitions.web.errors import faults_of
from petitions.web.pages_author import OptionShown, QuestionShown


@author.route("/<lang>/drafts/<uuid:draft>/choices", methods=["GET", "POST"])
@author_only
def choices(lang: str, draft: UUID) -> Response:
    del lang
    faults: Faults = ()
    typed = {
        name.removeprefix(CHOICE): value.strip()[:60]
        for name, value in request.form.items()
        if name.startswith(CHOICE)
    }
    if request.method == "POST":
        try:
            return go(_chosen(draft, typed))
        except DraftChangedError as error:
            return _changed(draft, error)
        except InvalidError as error:
            faults = tuple(
                replace(each, field=f"{CHOICE}{each.field}") if error.fields else each
                for each in faults_of(error)
            )
    with reading() as session:
        petition = own(session, draft)
        kind = engine().house.rulebook(session, petition).kinds[petition.kind]
        if not choosing.asks(kind) or petition.state != State.DRAFT:
            raise NotFoundError("choices")
        now = typed if request.method == "POST" else petition.choices
        told = {each.field: each.sentence for each in faults}
        asked = questions(session, petition, kind, now, told)
        shown = kept_mark() if faults else mark(choice_fields(petition))
        page = step(petition, engine().house.kind(session, petition), "choices", shown=shown)
    return html(
        "author/choices.html", 422 if faults else 200, page=page, asked=asked, faults=faults
    )


def _changed(draft: UUID, error: DraftChangedError) -> Response:
    with reading() as session:
        petition = own(session, draft)
        kind = engine().house.rulebook(session, petition).kinds[petition.kind]
        asked = {each.name: _twice(each) for each in questions(session, petition, kind, {}, {})}
    return changed_page(petition, error, asked)


def _twice(asked: QuestionShown) -> Asked:
    options = {one.value: one.label for one in asked.options}
    return Asked(asked.label, options, rows=0 if options else 1)


def _chosen(draft: UUID, typed: Mapping[str, str]) -> str:
    the = engine()
    with writing() as session:
        petition = filing.own(session, draft, tag())
        if not choosing.asks(the.house.rulebook(session, petition).kinds[petition.kind]):
            raise NotFoundError("choices")
        zone = the.house.rulebook(session, petition).zone
        with guarded(petition, lambda: choice_fields(petition)):
            choosing.choose(session, the.house, petition, typed, local_day(the.clock(), zone))
        return onward(petition, the.house.kind(session, petition), "choices")


def questions(
    session: Session,
    petition: Petition,
    kind: Kind,
    now: Mapping[str, str],
    told: Mapping[str, str],
) -> tuple[QuestionShown, ...]:
    """Every choice of the kind, what stands chosen, and what is wrong with it."""
    return questions_of(engine().house.rulebook(session, petition).id, kind, now, told)


def questions_of(
    rulebook: str, kind: Kind, now: Mapping[str, str], told: Mapping[str, str]
) -> tuple[QuestionShown, ...]:
    library = engine().house.library
    found = [
        QuestionShown(
            name=f"{CHOICE}{choice}",
            label=filing_words.choice_words(library, rulebook, choice),
            options=tuple(
                OptionShown(
                    option.id,
                    *filing_words.option_words(library, rulebook, kind, choice, option.id),
                )
                for option in options
            ),
            chosen=str(now.get(choice, "")),
            error=told.get(f"{CHOICE}{choice}", ""),
        )
        for choice, options in kind.filing.choices.items()
    ]
    if choosing.asks_window(kind):
        found.append(_window(kind, now, told))
    if choosing.asks_channel(kind):
        name = f"{CHOICE}{choosing.CHANNEL}"
        found.append(
            QuestionShown(
                name=name,
                label=filing_words.choice_words(library, rulebook, choosing.CHANNEL),
                options=tuple(
                    OptionShown(str(each), filing_words.channel_words(str(each)))
                    for each in kind.signing.channels
                ),
                hint=_("The rules allow one way only for each petition."),
                chosen=str(now.get(choosing.CHANNEL, "")),
                error=told.get(name, ""),
            )
        )
    if choosing.asks_area(kind):
        found.append(_area(kind, now, told))
    return tuple(found)


def _area(kind: Kind, now: Mapping[str, str], told: Mapping[str, str]) -> QuestionShown:
    """The areas of the rulebook's table, with the number of signatures that each asks for."""
    name = f"{CHOICE}{AREA}"
    return QuestionShown(
        name=name,
        label=filing_words.area_label(),
        options=tuple(
            OptionShown(*each) for each in filing_words.area_options(engine().house.library, kind)
        ),
        hint=_("The number of signatures it needs depends on it."),
        chosen=str(now.get(AREA, "")),
        error=told.get(name, ""),
    )


def _window(kind: Kind, now: Mapping[str, str], told: Mapping[str, str]) -> QuestionShown:
    name = f"{CHOICE}{choosing.WINDOW}"
    shown = QuestionShown(
        name=name,
        label=filing_words.window_label(),
        chosen=str(now.get(choosing.WINDOW, "")),
        error=told.get(name, ""),
    )
    if kind.signing.window.mode is WindowMode.LIST:
        options = (OptionShown(value, words) for value, words in filing_words.window_options(kind))
        return replace(shown, options=tuple(options))
    least, most = filing_words.window_range(kind)
    return replace(
        shown,
        hint=_(
            "From %(least)s to %(most)s. Write P90D for 90 days, P3M for three months; left empty, "
            "it is the longest.",
            least=least,
            most=most,
        ),
    )
