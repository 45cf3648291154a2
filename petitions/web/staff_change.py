"""Asking an author for a change: other wording, word by word, and a message. The author decides."""

from __future__ import annotations

from dataclasses import dataclass, replace

from flask import Response, request

from admissibility import review
from admissibility.cases import Case, by_reference, case_of
from admissibility.correspondence import Ruling, preview
from admissibility.letters import Letter
from admissibility.services import deciding, drafting
from admissibility.services.deciding import GapsError
from petitions.domain.errors import ConflictError, InvalidError
from petitions.domain.lifecycle import Action
from petitions.domain.rewording import changed_only
from petitions.domain.words import Words
from petitions.platform.i18n import _, current_locale
from petitions.services import text_versions
from petitions.web import staff_drafts, staff_next
from petitions.web import staff_words as words
from petitions.web.access import needs, private
from petitions.web.errors import faults_of
from petitions.web.pages_signing import FieldFault
from petitions.web.staff_case import deciding_actor
from petitions.web.staff_case_page import stored_entry, text_languages, wording_barred
from petitions.web.staff_changes import texts_changed
from petitions.web.staff_conflict import conflict_page
from petitions.web.staff_desk import Desk, desk, office, page, sent_on
from petitions.web.staff_forms import seen, wording, written
from petitions.web.staff_pages import CaseEntry, Changed, Faults


@dataclass(frozen=True, slots=True)
class ChangePage:
    """The form: the text as it stands and as it would be, by language."""

    ref: str
    title: str
    language: str
    version: int
    petition_version: int
    languages: tuple[str, ...]
    texts: dict[str, Words]
    summary: bool
    barred: str
    refusal: str
    """Why the petition cannot be returned just now, in words; "" where it can."""
    point_languages: tuple[str, ...]
    changes: tuple[Changed, ...]
    letter: Letter | None = None


def _refusal(at: Desk, case: Case) -> str:
    offered = review.options(case.situation(at.staff.actor, at.roles, at.at))
    option = next((each for each in offered if each.decision is Action.RETURN), None)
    if option is None:
        return _("The rules know no return for correction at this step.")
    holder = case.holder(at.at)
    return words.refusal(option.refusal, holder.name if holder else "") if option.refusal else ""


def _shown(at: Desk, case: Case, entry: CaseEntry, letter: Letter | None = None) -> ChangePage:
    petition = case.petition
    now = text_versions.now(at.session, petition)
    wanted = {**now, **{x: each for x, each in entry.proposed.items() if x in now}}
    return ChangePage(
        ref=petition.reference or "",
        title=case.text.title,
        language=case.text.language,
        version=case.review.version if case.review else 0,
        petition_version=petition.version,
        languages=tuple(now),
        texts=wanted,
        summary=bool(case.kind.filing.form.summary_max),
        barred=wording_barred(at, case),
        refusal=_refusal(at, case),
        point_languages=text_languages(at, case),
        changes=texts_changed(now, wanted),
        letter=letter,
    )


def _page(
    at: Desk, case: Case, entry: CaseEntry, *, faults: Faults = (), status: int = 200,
    letter: Letter | None = None, previewed: bool = False,
) -> Response:  # fmt: skip
    answer = page(
        at, "office/change.html", status, section="queue", entry=entry, faults=faults,
        change=_shown(at, case, entry, letter), previewed=previewed,
    )  # fmt: skip
    return staff_drafts.drafted(answer)


def _typed(at: Desk, case: Case) -> CaseEntry:
    """The form over what is kept: findings stay those of the case's own form."""
    kept = staff_drafts.my_entry(at, case, stored_entry(at, case))
    languages = tuple(text_versions.now(at.session, case.petition))
    texts = {x: request.form.get(f"text-{x}", "") for x in text_languages(at, case)}
    proposed = wording(request.form, languages)
    now = text_versions.now(at.session, case.petition)
    return replace(
        kept, decision=str(Action.RETURN), texts=texts, proposed=changed_only(now, proposed)
    )


@office.get("/cases/<ref>/change")
@needs("decide_checks")
def ask_change(ref: str) -> Response:
    with desk() as at:
        deciding_actor(at, ref)
        case = case_of(at.session, at.house, by_reference(at.session, ref))
        return _page(at, case, staff_drafts.my_entry(at, case, stored_entry(at, case)))


@office.post("/cases/<ref>/change")
@needs("decide_checks")
def send_change(ref: str) -> Response:
    """Keep it, look at it as its author will, or send it."""
    do = request.form.get("do", "")
    with desk() as at:
        entry = _typed(at, case_of(at.session, at.house, by_reference(at.session, ref)))
    staff_drafts.keep(ref, entry, seen(request.form))
    if do == "draft":
        return private(Response(status=204))
    if do == "save":
        return sent_on(f"/office/cases/{ref}?done=saved")
    try:
        with desk(write=True) as at:
            if do == "preview":
                return _previewed(at, ref, entry)
            done = _sent(at, ref, entry)
    except InvalidError as error:
        return _refilled(ref, entry, error)
    except ConflictError as error:
        with desk() as at:
            return conflict_page(at, ref, error, entry)
    return staff_next.onward(ref, done)


def _refilled(ref: str, entry: CaseEntry, error: InvalidError) -> Response:
    faults = faults_of(error)
    if isinstance(error, GapsError):
        faults = tuple(FieldFault(each.field, words.gap(each)) for each in error.gaps)
    with desk() as at:
        case = case_of(at.session, at.house, by_reference(at.session, ref))
        return _page(at, case, entry, faults=faults, status=422)


def _previewed(at: Desk, ref: str, entry: CaseEntry) -> Response:
    actor = deciding_actor(at, ref)
    case, _review = deciding.current(at.session, at.house, ref, seen(request.form), actor, at.at)
    draft = deciding.draft_of(at.session, at.house, case, written(entry), current_locale().lang)
    ruling = Ruling(Action.RETURN, (), draft.texts, proposes=bool(entry.proposed))
    letter = preview(at.session, at.house, case, ruling, at.address, at.at)
    return _page(at, case, entry, letter=letter, previewed=True)


def _sent(at: Desk, ref: str, entry: CaseEntry) -> str:
    actor = deciding_actor(at, ref)
    review = case_of(at.session, at.house, by_reference(at.session, ref)).review
    done = deciding.decide(
        at.session, at.house, ref, seen(request.form), written(entry), actor, at.roles, at.at,
        current_locale().lang,
    )  # fmt: skip
    if review is not None:
        drafting.drop(at.session, review, actor.code)
    return str(done.step)
