"""What exists already: before one writes, and whether one's own is the same (rulebook P15)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import date, datetime
from uuid import UUID

from flask import Response, request
from sqlalchemy import select
from sqlalchemy.orm import Session

from petitions.domain.calendar import local_day
from petitions.domain.errors import InvalidError
from petitions.domain.lifecycle import SIGNING_STATES, State
from petitions.domain.procedure import Kind
from petitions.domain.repetition import bar
from petitions.platform.i18n import _, current_locale
from petitions.services import addressing, filing, same_subject
from petitions.services.draft_changes import DraftChangedError, similar_fields
from petitions.storage.tables import Petition
from petitions.web import petition_similar
from petitions.web.access import author_only
from petitions.web.author_changed import asked_of, changed_page, guarded, kept_mark, mark
from petitions.web.author_room import Faults, author, go, html, own, tag
from petitions.web.author_steps import onward, step
from petitions.web.edge import engine, reading, writing
from petitions.web.forms import DifferenceForm, label, show
from petitions.web.pages import PetitionLink
from petitions.web.pages_author import OptionShown, SimilarPage


@author.route("/<lang>/drafts/<uuid:draft>/similar", methods=["GET", "POST"])
@author_only
def similar(lang: str, draft: UUID) -> Response:
    del lang
    form = DifferenceForm(request.form if request.method == "POST" else None)
    label(form)
    faults: Faults = ()
    onward = ""
    if request.method == "POST":
        try:
            onward, barred = _compared(form, draft)
            if not barred and not _to_be_asked(form):
                return go(onward)
        except DraftChangedError as error:
            return _changed(form, draft, error)
        except InvalidError as error:
            faults = show(form, error)
    with reading() as session:
        petition = own(session, draft)
        shown = kept_mark() if faults else mark(similar_fields(session, petition))
        page = _found(session, petition, shown)
        if onward and not page.barred:
            page = replace(page, instead=_signable(page, form.same.data or ""))
            if page.instead is None:
                return go(onward)
        if request.method == "GET":
            form.difference.data = petition.difference
            form.same.data = page.chosen
    form.same.choices = [(each.value, each.label) for each in page.same]
    status = 422 if faults or (page.barred and request.method == "POST") else 200
    return html("author/similar.html", status, page=page, form=form, faults=faults)


def _changed(form: DifferenceForm, draft: UUID, error: DraftChangedError) -> Response:
    with reading() as session:
        petition = own(session, draft)
        form.same.choices = [
            (each.value, each.label) for each in _found(session, petition).same
        ] or [("", _("No, mine is different"))]
    return changed_page(petition, error, asked_of(form))


def _compared(form: DifferenceForm, draft: UUID) -> tuple[str, str]:
    """Where to go on, and what bars it: what the author said is recorded in either case."""
    the, at = engine(), engine().clock()
    with writing() as session:
        petition = filing.own(session, draft, tag())
        same = form.same.data or ""
        filing.editable(session, petition)
        if not same:
            _must_differ(_found(session, petition), form.difference.data or "")
        with guarded(petition, lambda: similar_fields(session, petition)):
            same_subject.say_same(session, petition, same, filing.author(tag()), at=at)
            filing.see_similar(petition, form.difference.data or "")
        kind = the.house.kind(session, petition)
        return onward(petition, kind, "similar"), bar_words(session, petition, at)


def _signable(found: SimilarPage, ref: str) -> PetitionLink | None:
    return next((link for link in found.open if link.ref == ref), None)


def _to_be_asked(form: DifferenceForm) -> bool:
    """Whether the author called it the same as another one, and has not said yet: mine all the same."""
    same = form.same.data or ""
    return bool(same) and request.form.get("anyway") != same


def others_now(session: Session, petition: Petition, before: tuple[str, str]) -> bool:
    """Whether a new title finds petitions that the text `before` (title, request) did not."""
    text = filing.text_of(session, petition)
    if petition.state != State.DRAFT or text.title == before[0]:
        return False

    def found(title: str, request: str) -> set[str]:
        links = petition_similar.find(
            session, engine(), title, request, petition.language, (petition.id,)
        )
        return {link.ref for link in links}

    return bool(found(text.title, text.request) - found(*before))


def _must_differ(found: SimilarPage, difference: str) -> None:
    """Where something similar asks the same assembly, the author says how this one is not the same."""
    if found.must and not difference.strip():
        raise InvalidError(fields={"difference": ("required", {})})


def bar_words(session: Session, petition: Petition, at: datetime) -> str:
    """Why the petition could not be sent today because of another on the same subject; or ""."""
    house = engine().house
    book = house.rulebook(session, petition)
    kind, today = house.kind(session, petition), local_day(at, book.zone)
    for each in same_subject.standings(session, petition, kind, book.zone, today):
        if each.bar is None:
            continue
        ref = each.other.reference or ""
        if each.bar.through is None:
            return _(
                "Petition %(ref)s asks for the same and is open. The rules accept no second one: "
                "you can sign that one.",
                ref=ref,
            )
        return _(
            "Petition %(ref)s was about the same subject. The rules accept no new one through "
            "%(day)s. Your draft is kept for 30 days.",
            ref=ref,
            day=current_locale().date(each.bar.through),
        )
    return ""


def _bar_if_same(
    session: Session, petition: Petition, kind: Kind, ref: str, zone: str, today: date
) -> str:
    """What would follow if the author's petition were about the subject of this one."""
    other = session.scalars(
        select(Petition).where(Petition.reference == ref, Petition.assembly == petition.assembly)
    ).one_or_none()
    if other is None:  # asked of another assembly: these rules do not look there
        return ""
    found = bar(kind.filing.limits, same_subject.earlier(session, other, zone), today)
    if found is None:
        return ""
    if found.through is None:
        return _("While it is open, the rules accept no second petition for the same.")
    return _(
        "The rules accept no new petition on this subject through %(day)s.",
        day=current_locale().date(found.through),
    )


def _found(session: Session, petition: Petition, shown: str = "") -> SimilarPage:
    the = engine()
    text = filing.text_of(session, petition)
    links = petition_similar.find(
        session, the, text.title, text.request, petition.language, (petition.id,)
    )

    kind, book = the.house.kind(session, petition), the.house.rulebook(session, petition)
    today = local_day(the.clock(), book.zone)
    links = tuple(
        replace(link, bar=_bar_if_same(session, petition, kind, link.ref, book.zone, today))
        for link in links
    )

    def of(*states: State) -> tuple[PetitionLink, ...]:
        return tuple(link for link in links if link.state in states)

    own_words = [
        each.other.reference or ""
        for each in same_subject.standings(session, petition, kind, book.zone, today)
        if each.finding.found_by == "author"
    ]
    others = tuple(link for link in links if link.state not in {*SIGNING_STATES, State.REFUSED})
    return SimilarPage(
        step=step(petition, kind, "similar", shown=shown),
        title=text.title,
        open=of(*SIGNING_STATES),
        refused=of(State.REFUSED),
        closed=others,
        same=(
            OptionShown("", _("No, mine is different")),
            *(
                OptionShown(
                    link.ref, _("The same as %(ref)s: %(title)s", ref=link.ref, title=link.title)
                )
                for link in links
            ),
        )
        if links
        else (),
        chosen=own_words[0] if own_words else "",
        barred=bar_words(session, petition, the.clock()),
        must=_asked_here(session, petition, [link.ref for link in links]),
    )


def _asked_here(session: Session, petition: Petition, refs: Sequence[str]) -> bool:
    """Whether one of these petitions is to an assembly that this one asks too."""
    asked = addressing.addressees(session, petition)
    there = select(Petition.id).where(Petition.reference.in_(refs), Petition.assembly.in_(asked))
    return session.scalars(there.limit(1)).first() is not None
