"""All that was filed with one petition, and what a clerk does about it while it is being checked."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from flask import Response, request

from admissibility.cases import by_reference
from petitions.domain.calendar import local_day
from petitions.domain.errors import InvalidError
from petitions.domain.lifecycle import State
from petitions.domain.permissions import Permission
from petitions.domain.vocabulary import WindowMode
from petitions.platform.i18n import N_, _, current_locale
from petitions.services import addressing, annexes, form_answers, moves, prior, same_subject
from petitions.services.ports import Actor
from petitions.storage.tables import Petition, PetitionText, PriorCount
from petitions.web import author_annexes, filing_words, rule_words
from petitions.web.access import needs
from petitions.web.edge import private
from petitions.web.errors import faults_of
from petitions.web.pages_author import AnnexLine, Answered
from petitions.web.staff_desk import Desk, desk, office, page, sent_on
from petitions.web.staff_forms import version
from petitions.web.staff_language_rows import LanguageRow, language_rows
from petitions.web.staff_pages import Faults, Message

DONE = {
    "found": N_("The finding was recorded."),
    "retracted": N_("The finding was taken back."),
    "addressed": N_("The petition has the addressees that you chose."),
    "counted": N_("The count was recorded; it holds from the admission on."),
    "translated": N_("The text was recorded."),
}


@dataclass(frozen=True, slots=True)
class SameRow:
    """A finding about the same subject. `bars`: what it bars, in words; "" where nothing."""

    ref: str
    title: str
    language: str
    by_author: bool
    note: str
    bars: str


@dataclass(frozen=True, slots=True)
class FiledPage:
    ref: str
    title: str
    language: str
    version: int
    channel: str
    kind: str
    answers: tuple[Answered, ...]
    annexes: tuple[AnnexLine, ...]
    same: tuple[SameRow, ...]
    may_find: bool
    assemblies: tuple[tuple[str, str, bool], ...]
    assembly: str
    may_address: bool
    prior: tuple[int, int] | None
    asks_prior: bool
    languages: tuple[LanguageRow, ...]


def _lines(at: Desk, petition: Petition) -> tuple[AnnexLine, ...]:
    return tuple(
        AnnexLine(
            each.number, each.name, each.size, each.pages,
            f"/office/cases/{petition.reference}/annexes/{each.number}", digest=each.digest.hex(),
        )
        for each in annexes.annexes_of(at.session, petition)
    )  # fmt: skip


def _answers(at: Desk, petition: Petition) -> tuple[Answered, ...]:
    kind, library = at.house.kind(at.session, petition), at.house.shelf(at.session, petition)
    found = []
    for choice in kind.filing.choices:
        chosen = str(petition.choices.get(choice, ""))
        if chosen:
            label = filing_words.choice_words(library, petition.rulebook_id, choice)
            title, _text = filing_words.option_words(
                library, petition.rulebook_id, kind, choice, chosen
            )
            found.append(Answered(label, title))
    if "window" in petition.choices:
        value = filing_words.window_chosen(str(petition.choices["window"]))
        found.append(Answered(filing_words.window_label(), value))
    if "channel" in petition.choices:
        value = filing_words.channel_words(str(petition.choices["channel"]))
        found.append(Answered(filing_words.channel_label(), value))
    known = form_answers.answers(at.session, petition)
    found += [
        Answered(filing_words.field_words(field), value) for field, value in sorted(known.items())
    ]
    return tuple(found)


def _same(at: Desk, petition: Petition) -> tuple[SameRow, ...]:
    book, kind = at.house.rulebook(at.session, petition), at.house.kind(at.session, petition)
    day = local_day(petition.submitted_at or at.at, book.zone)
    rows = []
    for each in same_subject.standings(at.session, petition, kind, book.zone, day):
        text = at.session.get_one(PetitionText, (each.other.id, each.other.language))
        bars = ""
        if each.bar is not None:
            bars = (
                _("bars through %(day)s", day=current_locale().date(each.bar.through))
                if each.bar.through
                else _("bars while it is open")
            )
        rows.append(
            SameRow(
                each.other.reference or "",
                text.title,
                text.language,
                each.finding.found_by == "author",
                each.finding.note,
                bars,
            )
        )
    return tuple(rows)


def _shown(at: Desk, petition: Petition) -> FiledPage:
    text = at.session.get_one(PetitionText, (petition.id, petition.language))
    book, kind = at.house.rulebook(at.session, petition), at.house.kind(at.session, petition)
    asked = addressing.addressees(at.session, petition)
    library, lang = at.house.shelf(at.session, petition), current_locale().lang
    counted = at.session.get(PriorCount, petition.id)
    state = State(petition.state)
    asks_prior = kind.signing.window.mode is WindowMode.PRIOR
    return FiledPage(
        ref=petition.reference or "",
        title=text.title,
        language=text.language,
        version=petition.version,
        channel=filing_words.channel_words(petition.channel),
        kind=rule_words.kind_words(library, book.id, petition.kind),
        answers=_answers(at, petition),
        annexes=_lines(at, petition),
        same=_same(at, petition),
        may_find=state in same_subject.BEFORE_ADMISSION,
        assemblies=tuple(
            (each, library.assembly(each).name(lang), each in asked) for each in book.assemblies
        ),
        assembly=petition.assembly,
        may_address=len(book.assemblies) > 1 and state is State.IN_ADMISSIBILITY,
        prior=(counted.collected, counted.valid) if counted else None,
        asks_prior=asks_prior and state is State.IN_ADMISSIBILITY,
        languages=language_rows(at, petition),
    )


def _page(at: Desk, petition: Petition, faults: Faults = (), status: int = 200) -> Response:
    done = request.args.get("done", "")
    return page(
        at,
        "office/filed.html",
        status,
        section="queue",
        shown=_shown(at, petition),
        faults=faults,
        typed=request.form,
        size_words=author_annexes.size_words,
        message=Message(_(DONE[done])) if done in DONE else None,
    )


@office.get("/cases/<ref>/filing")
@needs("read_office")
def filed(ref: str) -> Response:
    with desk() as at:
        return _page(at, by_reference(at.session, ref))


@office.get("/cases/<ref>/annexes/<int:number>")
@needs("read_office")
def filed_annex(ref: str, number: int) -> Response:
    with desk() as at:
        petition = by_reference(at.session, ref)
        answer = author_annexes.download(annexes.annex(at.session, petition.id, number))
    return private(answer)


def _act(ref: str, done: str, act: Callable[[Desk, Petition, Actor], None]) -> Response:
    """Do it on the petition as the form showed it, or show the page again with what was typed."""
    try:
        with desk(write=True) as at:
            actor = at.acting(Permission.DECIDE_ADMISSIBILITY)
            found = by_reference(at.session, ref)
            act(at, moves.lock(at.session, found.id, version(request.form)), actor)
    except InvalidError as error:
        with desk() as at:
            return _page(at, by_reference(at.session, ref), faults_of(error), 422)
    return sent_on(f"/office/cases/{ref}/filing?done={done}")


@office.post("/cases/<ref>/same")
@needs("decide_admissibility")
def same(ref: str) -> Response:
    """Record that the petition is about the same subject as a named one."""

    def find(at: Desk, petition: Petition, actor: Actor) -> None:
        other = same_subject.named(at.session, petition.assembly, request.form.get("other", ""))
        note = request.form.get("note", "")
        same_subject.find(at.session, petition, other, actor, at=at.at, note=note)

    return _act(ref, "found", find)


@office.post("/cases/<ref>/same/retract")
@needs("decide_admissibility")
def same_retract(ref: str) -> Response:
    def retract(at: Desk, petition: Petition, actor: Actor) -> None:
        other = same_subject.named(at.session, petition.assembly, request.form.get("other", ""))
        same_subject.retract(at.session, petition, other, actor, at=at.at)

    return _act(ref, "retracted", retract)


@office.post("/cases/<ref>/addressees")
@needs("decide_admissibility")
def addressees(ref: str) -> Response:
    def readdress(at: Desk, petition: Petition, actor: Actor) -> None:
        chosen, also = request.form.get("assembly", ""), request.form.getlist("also")
        addressing.readdress(at.session, at.house, petition, chosen, also, actor, at=at.at)

    return _act(ref, "addressed", readdress)


@office.post("/cases/<ref>/prior")
@needs("decide_admissibility")
def prior_count(ref: str) -> Response:
    """How many signatures came with the petition, and how many are valid."""

    def certify(at: Desk, petition: Petition, actor: Actor) -> None:
        numbers = [request.form.get(name, "").strip() for name in ("collected", "valid")]
        if not all(each.isascii() and each.isdigit() and len(each) < 9 for each in numbers):
            raise InvalidError(fields={"valid": ("number_malformed", {})})
        collected, valid = map(int, numbers)
        prior.certify(at.session, at.house, petition, collected, valid, actor, at=at.at)

    return _act(ref, "counted", certify)
