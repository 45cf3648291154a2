"""Two petitions side by side, word by word, and what may follow: the same subject, or a duplicate."""

from __future__ import annotations

from dataclasses import dataclass, replace

from flask import Response, current_app, request

from admissibility.cases import Case, by_reference, case_of
from admissibility.checks.signal import Severity, Signal
from admissibility.criteria import Verdict
from admissibility.differences import Row, alike, rows
from admissibility.services import drafting
from admissibility.services.deciding import Seen
from admissibility.services.drafting import Writing
from admissibility.standard_texts import completed, standard_reason
from admissibility.suspicion import suspected
from petitions.domain.errors import InvalidError
from petitions.domain.lifecycle import Action, State
from petitions.domain.permissions import Permission, may
from petitions.platform.i18n import _, speaking
from petitions.services import moves, same_subject
from petitions.storage.tables import PetitionText, SameSubject
from petitions.web import staff_assemblies
from petitions.web import staff_words as words
from petitions.web.access import needs
from petitions.web.errors import faults_of
from petitions.web.face import the_face
from petitions.web.staff_case_page import grounds_of, public_author, stored_entry, text_languages
from petitions.web.staff_changes import PARTS
from petitions.web.staff_desk import Desk, desk, office, page, sent_on
from petitions.web.staff_drafts import my_entry
from petitions.web.staff_forms import version
from petitions.web.staff_pages import Faults

ALIKE = Signal("near_identical", Severity.WARNING)
"""What two petitions that say the same are a sign of: the ground it points at is offered first."""


@dataclass(frozen=True, slots=True)
class Side:
    """One of the two petitions."""

    ref: str
    title: str
    language: str
    state: str
    state_word: str
    state_tone: str
    author: str
    filed: object
    difference: str
    asks: str
    """The assemblies it is addressed to; empty on a site with one."""


@dataclass(frozen=True, slots=True)
class Compared:
    """The page. `parts`: (label, rows) of title, request and reasons; `grounds`: (code, title)."""

    left: Side
    right: Side
    parts: tuple[tuple[str, tuple[Row, ...]], ...]
    share: float
    linked: bool
    may_link: bool
    may_refuse: bool
    version: int
    grounds: tuple[tuple[str, str], ...]
    same_language: bool
    likely: str


def _side(at: Desk, case: Case) -> Side:
    petition, text = case.petition, case.text
    return Side(
        petition.reference or "", text.title, text.language, petition.state,
        words.state(petition.state), words.state_tone(petition.state),
        public_author(case.kind, petition), petition.submitted_at, petition.difference,
        staff_assemblies.addressed(at, [petition.id]).get(petition.id, ""),
    )  # fmt: skip


def _case(at: Desk, ref: str) -> Case:
    return case_of(at.session, at.house, by_reference(at.session, ref))


def _other_text(at: Desk, mine: Case, other: Case) -> PetitionText:
    """The other petition in the language of this one, where it exists in it."""
    found = at.session.get(PetitionText, (other.petition.id, mine.text.language))
    return found if found is not None and found.request else other.text


def _whole(text: PetitionText) -> str:
    return f"{text.title}\n{text.request}\n{text.reasons}"


def _compared(at: Desk, ref: str, other_ref: str) -> Compared:
    mine, other = _case(at, ref), _case(at, other_ref)
    one, two = mine.text, _other_text(at, mine, other)
    known = [each.code for each in grounds_of(at, mine) if not each.hidden]
    refuses = mine.open and mine.petition.state == State.IN_ADMISSIBILITY
    return Compared(
        left=_side(at, mine),
        right=replace(_side(at, other), title=two.title, language=two.language),
        parts=tuple(
            (_(name), rows(getattr(one, part), getattr(two, part)))
            for part, name in PARTS.items()
            if getattr(one, part) or getattr(two, part)
        ),
        share=max(0.0, alike(_whole(one), _whole(two))),
        linked=at.session.get(SameSubject, (mine.petition.id, other.petition.id)) is not None,
        may_link=State(mine.petition.state) in same_subject.BEFORE_ADMISSION
        and mine.petition.assembly == other.petition.assembly
        and may(at.roles, Permission.DECIDE_ADMISSIBILITY),
        may_refuse=refuses and may(at.roles, Permission.DECIDE_CHECKS),
        version=mine.petition.version,
        grounds=tuple((each.code, each.title) for each in grounds_of(at, mine) if not each.hidden),
        same_language=one.language == two.language,
        likely=next(iter(suspected((ALIKE,), known)), ""),
    )


def _page(at: Desk, ref: str, other: str, faults: Faults = (), status: int = 200) -> Response:
    shown = _compared(at, ref, other)
    return page(
        at, "office/compare.html", status, section="queue", shown=shown, faults=faults,
        typed=request.form,
    )  # fmt: skip


@office.get("/cases/<ref>/compare")
@needs("read_office")
def compare_with(ref: str) -> Response:
    """The number typed into the case's form leads to the page of the two."""
    return sent_on(f"/office/cases/{ref}/compare/{request.args.get('other', '').strip()[:20]}")


@office.get("/cases/<ref>/compare/<other>")
@needs("read_office")
def compare(ref: str, other: str) -> Response:
    with desk() as at:
        return _page(at, ref, other)


@office.post("/cases/<ref>/compare/<other>")
@needs("decide_admissibility")
def link_same(ref: str, other: str) -> Response:
    """Record that both are about the same subject; what that bars follows from the rules."""
    try:
        with desk(write=True) as at:
            found = moves.lock(at.session, by_reference(at.session, ref).id, version(request.form))
            second = by_reference(at.session, other)
            actor = at.acting(Permission.DECIDE_ADMISSIBILITY)
            note = request.form.get("note", "")
            same_subject.find(at.session, found, second, actor, at=at.at, note=note)
    except InvalidError as error:
        with desk() as at:
            return _page(at, ref, other, faults_of(error), 422)
    return sent_on(f"/office/cases/{ref}?done=linked")


@office.post("/cases/<ref>/compare/<other>/refuse")
@needs("decide_checks")
def refuse_as_duplicate(ref: str, other: str) -> Response:
    """Prepare the refusal as a draft: ground, reasons with the other's number, every language."""
    code = request.form.get("ground", "")
    with desk(write=True) as at:
        case, second = _case(at, ref), _case(at, other)
        if code not in {each.code for each in grounds_of(at, case) if not each.hidden}:
            raise InvalidError(fields={"ground": ("not_accepted", {})})
        entry = my_entry(at, case, stored_entry(at, case))
        texts = {
            language: completed(
                entry.texts.get(language, ""), _reason(at, case, second, code, language)
            )
            for language in text_languages(at, case)
        }
        writing = Writing(
            {**entry.findings, code: Verdict.APPLIES}, str(Action.REFUSE), texts, entry.proposed
        )
        now = Seen(case.review.version if case.review else 0, case.petition.version)
        actor = at.acting(Permission.DECIDE_CHECKS)
        drafting.keep(at.session, case, writing, now, actor, at.at)
    return sent_on(f"/office/cases/{ref}?done=prefilled#decide")


def _reason(at: Desk, case: Case, other: Case, code: str, language: str) -> str:
    """The rulebook's wording, and which petition it is about, in one language."""
    shelf = at.house.shelf(at.session, case.petition)
    standard = standard_reason(shelf, case.petition, code, language)
    text = at.session.get(PetitionText, (other.petition.id, language)) or other.text
    return f"{standard} {_naming(other.petition.reference or '', text.title, language)}".strip()


def _naming(ref: str, title: str, language: str) -> str:
    """The other petition in a sentence, where the site speaks the language; else by its number."""
    known = the_face(current_app).catalogues.locales.get(language)
    if known is None:
        return f"{ref}: {title}"
    with speaking(known):
        return _("The petition in question: no. %(ref)s, “%(title)s”.", ref=ref, title=title)
