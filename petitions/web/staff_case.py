"""A case: read it, hold it, judge it, preview the letter, decide, confirm."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from flask import Response, request
from sqlalchemy import select

from admissibility.cases import Case, by_reference, case_of
from admissibility.correspondence import Ruling, preview
from admissibility.criteria import Draft
from admissibility.review import second_person_needed
from admissibility.services import deciding, drafting, holding
from admissibility.services.deciding import GapsError
from petitions.domain.errors import ConflictError, ForbiddenError, InvalidError
from petitions.domain.lifecycle import Action
from petitions.domain.permissions import Permission, may
from petitions.domain.vocabulary import Visibility
from petitions.platform.i18n import N_, current_locale
from petitions.services.letter_languages import languages_of
from petitions.services.ports import Actor
from petitions.storage.tables import Audit
from petitions.web import staff_drafts, staff_letters, staff_next
from petitions.web import staff_words as words
from petitions.web.access import needs, private
from petitions.web.errors import faults_of
from petitions.web.pages_signing import FieldFault
from petitions.web.staff_case_page import (
    case_page,
    grounds_of,
    last_of_stage,
    state_after,
    stored_entry,
    text_languages,
    titles,
)
from petitions.web.staff_conflict import conflict_page
from petitions.web.staff_desk import Desk, desk, office, page
from petitions.web.staff_forms import case_entry, kept, seen, written
from petitions.web.staff_pages import CaseEntry, Effect, Faults
from petitions.web.staff_trail import entries

DONE = {
    "taken": N_("The case is yours."),
    "released": N_("The case is free again."),
    "noted": N_("The note was added."),
    "topic": N_("The topic was set."),
    "saved": N_("The checklist and what you wrote were saved. Nothing was sent."),
    "dropped": N_("Your draft was let go. The checklist is as it was recorded."),
    "adopted": N_("You go on with a copy of your colleague’s draft."),
    "prefilled": N_("The refusal is prepared as a draft. Nothing was sent: look at it and decide."),
    "linked": N_("The two petitions are recorded as being about the same subject."),
    "decide": N_("The decision was recorded; the letter to the author is on its way."),
    "propose": N_("The decision was proposed: another person must confirm it."),
    "confirm": N_("The decision was confirmed; the letter to the author is on its way."),
    "sent_back": N_("The case is back with the first reader."),
}


def _case(at: Desk, ref: str) -> Case:
    return case_of(at.session, at.house, by_reference(at.session, ref))


def _show(
    at: Desk, case: Case, entry: CaseEntry, *, faults: Faults = (), status: int = 200
) -> Response:
    answer = page(
        at,
        "office/case.html",
        status,
        section="queue",
        case=case_page(at, case),
        entry=entry,
        faults=faults,
        message=staff_next.message(DONE),
        letters=staff_letters.on_case(at, case.petition),
    )
    return staff_drafts.drafted(answer) if case.open else answer


@office.get("/cases/<ref>")
@needs("read_office")
def show_case(ref: str) -> Response:
    with desk() as at:
        case = _case(at, ref)
        entry = staff_drafts.my_entry(at, case, stored_entry(at, case))
        return _show(at, case, entry)


@office.get("/cases/<ref>/history")
@needs("read_office")
def case_history(ref: str) -> Response:
    with desk() as at:
        case = _case(at, ref)
        rows = at.session.scalars(
            select(Audit).where(Audit.petition_id == case.petition.id).order_by(Audit.seq.desc())
        )
        return page(
            at,
            "office/history.html",
            section="queue",
            ref=ref,
            title=case.text.title,
            language=case.text.language,
            entries=entries(at.session, rows),
        )


@office.post("/cases/<ref>/take")
@needs("take_cases")
def take_case(ref: str) -> Response:
    def take(at: Desk) -> str:
        holding.take(at.session, at.house, ref, at.acting(Permission.TAKE_CASES), at.at)
        return "taken"

    return _act(ref, take)


@office.post("/cases/<ref>/release")
@needs("take_cases")
def release_case(ref: str) -> Response:
    def release(at: Desk) -> str:
        holding.release(at.session, at.house, ref, at.acting(Permission.TAKE_CASES), at.at)
        return "released"

    return _act(ref, release)


@office.post("/cases/<ref>/take-over")
@needs("take_cases")
def take_case_over(ref: str) -> Response:
    reason = request.form.get("reason", "")

    def take_over(at: Desk) -> str:
        actor = at.acting(Permission.TAKE_CASES)
        holding.take_over(at.session, at.house, ref, reason, actor, at.at)
        return "taken"

    return _act(ref, take_over)


@office.post("/cases/<ref>/notes")
@needs("write_notes")
def note_on_case(ref: str) -> Response:
    text = request.form.get("text", "")

    def note(at: Desk) -> str:
        holding.add_note(at.session, ref, text, at.acting(Permission.WRITE_NOTES), at.at)
        return "noted"

    return _act(ref, note, CaseEntry({}, new_note=text))


@office.post("/cases/<ref>/decision")
@needs("decide_checks")
def decide_case(ref: str) -> Response:
    """Save the checklist, preview the letter, go back and change, or decide and send."""
    do = request.form.get("do", "")
    with desk() as at:
        case = _case(at, ref)
        listed = case.kind.admissibility.checklist(case.stage)
        entry = case_entry(request.form, listed, text_languages(at, case))
        entry = staff_drafts.with_wording(at, case, entry)
        if do == "fill":
            entry = staff_drafts.with_standard_texts(at, case, entry)
    staff_drafts.keep(ref, entry, seen(request.form))
    if do == "draft":
        return private(Response(status=204))
    if do in {"edit", "fill"}:
        with desk() as at:
            return _show(at, _case(at, ref), entry)
    if do in {"decide", "save"}:
        return _act(ref, lambda at: _decide(at, ref, entry, do), entry)
    return _preview(ref, entry)


def deciding_actor(at: Desk, ref: str) -> Actor:
    """The check after a threshold is open to the staff of its body too; ForbiddenError otherwise."""
    stage = _case(at, ref).stage
    after = stage is not None and stage.at.startswith("milestone:")
    wanted = Permission.DECIDE_CHECKS if after else Permission.DECIDE_ADMISSIBILITY
    if not may(at.roles, wanted):
        raise ForbiddenError("permission", permission=wanted)
    return at.acting(wanted)


def _decide(at: Desk, ref: str, entry: CaseEntry, do: str) -> str:
    actor = deciding_actor(at, ref)
    versions = seen(request.form)
    if do == "save":
        deciding.save_findings(at.session, at.house, ref, versions, entry.findings, actor, at.at)
        staff_drafts.keep_as_saved(at, _case(at, ref), entry, actor)
        return "saved"
    review = _case(at, ref).review
    done = deciding.decide(
        at.session,
        at.house,
        ref,
        versions,
        written(entry),
        actor,
        at.roles,
        at.at,
        current_locale().lang,
    )
    if review is not None:
        drafting.drop(at.session, review, actor.code)
    return str(done.step)


def _act(ref: str, act: Callable[[Desk], str], entry: CaseEntry | None = None) -> Response:
    """Do it and go on; or say what is missing (422), or who was faster (409), text kept."""
    try:
        with desk(write=True) as at:
            done = act(at)
    except InvalidError as error:
        return _refill(ref, entry, error)
    except ConflictError as error:
        with desk() as at:
            return conflict_page(at, ref, error, entry)
    return staff_next.onward(ref, done)


def _refill(ref: str, entry: CaseEntry | None, error: InvalidError) -> Response:
    with desk() as at:
        case = _case(at, ref)
        stored = stored_entry(at, case)
        if entry is None:
            entry = stored
        elif not entry.findings:  # typed beside the decision form: its findings stay as saved
            entry = replace(entry, findings=stored.findings)
        faults = faults_of(error)
        if isinstance(error, GapsError):
            faults = tuple(FieldFault(each.field, words.gap(each)) for each in error.gaps)
        return _show(at, case, entry, faults=faults, status=422)


def _preview(ref: str, entry: CaseEntry) -> Response:
    """Everything the decision would do, and nothing of it done."""
    try:
        with desk(write=True) as at:  # a write transaction only because the case is locked
            return _previewed(at, ref, entry)
    except GapsError as error:
        return _refill(ref, entry, error)
    except ConflictError as error:
        with desk() as at:
            return conflict_page(at, ref, error, entry)


def _previewed(at: Desk, ref: str, entry: CaseEntry) -> Response:
    actor = deciding_actor(at, ref)
    case, _review = deciding.current(at.session, at.house, ref, seen(request.form), actor, at.at)
    draft = deciding.draft_of(at.session, at.house, case, written(entry), current_locale().lang)
    ruling = Ruling(
        draft.decision, draft.grounds, draft.texts, draft.hides, bool(written(entry).proposed)
    )
    letter = None
    if last_of_stage(case, draft.decision):
        letter = preview(at.session, at.house, case, ruling, at.address, at.at)
    return page(
        at,
        "office/preview.html",
        section="queue",
        case=case_page(at, case),
        entry=entry,
        letters=[(_letter_language(at, case), letter)] if letter else [],
        effect=_effect(at, case, draft),
        kept=kept(request.form, entry),
    )


def _letter_language(at: Desk, case: Case) -> str:
    """That of the sentences around the reasons: the author's where the site speaks it."""
    return at.address.spoken(*languages_of(at.session, at.house, case.petition))


def _has_page(case: Case, decision: Action) -> bool:
    """A refusal and the last admission lead to a public page; a private kind never has one."""
    if case.kind.visibility is Visibility.PRIVATE or decision is Action.RETURN:
        return False
    return decision is Action.REFUSE or last_of_stage(case, decision)


def _effect(at: Desk, case: Case, draft: Draft) -> Effect:
    public = draft.decision is not Action.RETURN and not draft.hides
    needed = case.stage is not None and second_person_needed(
        case.stage, draft.decision, hides=draft.hides
    )
    return Effect(
        state=state_after(case, draft.decision, hides=draft.hides),
        hides=draft.hides,
        second_person=needed,
        grounds=tuple(titles(grounds_of(at, case))(draft.grounds)),
        public_texts=tuple(draft.texts.items()) if public else (),
        shown=_has_page(case, draft.decision),
    )


@office.post("/cases/<ref>/second-reading")
@needs("decide_checks")
def second_reading(ref: str) -> Response:
    """Another person confirms and sends the proposed decision, or sends it back with a note."""
    note, do = request.form.get("note", ""), request.form.get("do", "")

    def read(at: Desk) -> str:
        actor, versions = deciding_actor(at, ref), seen(request.form)
        if do == "confirm":
            deciding.confirm(at.session, at.house, ref, versions, actor, at.roles, at.at)
            return "confirm"
        deciding.send_back(at.session, at.house, ref, versions, note, actor, at.roles, at.at)
        return "sent_back"

    return _act(ref, read, CaseEntry({}, note=note))
