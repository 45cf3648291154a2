"""A case: read it, hold it, judge it, preview the letter, decide, confirm."""

from __future__ import annotations

from flask import Response, redirect, request
from sqlalchemy import select

from admissibility.cases import Case, by_reference, case_of
from admissibility.correspondence import Ruling, preview
from admissibility.criteria import Draft
from admissibility.review import Step, second_person_needed
from admissibility.services import deciding, holding
from admissibility.services.deciding import GapsError
from petitions.domain.errors import ConflictError, InvalidError
from petitions.domain.lifecycle import Action
from petitions.platform.i18n import N_, _, current_locale
from petitions.storage.tables import Audit
from petitions.web import staff_words as words
from petitions.web.access import needs
from petitions.web.errors import faults_of
from petitions.web.pages_signing import FieldFault
from petitions.web.staff_case_page import (
    case_page,
    grounds_of,
    state_after,
    stored_entry,
    text_languages,
    titles,
)
from petitions.web.staff_conflict import conflict_page
from petitions.web.staff_desk import Desk, desk, office, page
from petitions.web.staff_forms import case_entry, kept, seen, written
from petitions.web.staff_pages import CaseEntry, Effect, Faults, Message
from petitions.web.staff_trail import entries

DONE = {
    "taken": N_("The case is yours."),
    "released": N_("The case is free again."),
    "noted": N_("The note was added."),
    "saved": N_("The checklist was saved. Nothing was sent."),
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
    done = request.args.get("done", "")
    message = Message(_(DONE[done])) if done in DONE else None
    return page(
        at,
        "office/case.html",
        status,
        section="queue",
        case=case_page(at, case),
        entry=entry,
        faults=faults,
        message=message,
    )


def _to(ref: str, done: str) -> Response:
    answer = redirect(f"/office/cases/{ref}?done={done}", 303)
    return Response(answer.get_data(), 303, answer.headers)


@office.get("/cases/<ref>")
@needs("read_office")
def show_case(ref: str) -> Response:
    at = desk()
    case = _case(at, ref)
    return _show(at, case, stored_entry(at, case))


@office.get("/cases/<ref>/history")
@needs("read_office")
def case_history(ref: str) -> Response:
    at = desk()
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
    at = desk()
    try:
        holding.take(at.session, at.house, ref, at.actor, at.at)
    except ConflictError as error:
        return conflict_page(at, ref, error)
    at.session.commit()
    return _to(ref, "taken")


@office.post("/cases/<ref>/release")
@needs("take_cases")
def release_case(ref: str) -> Response:
    at = desk()
    try:
        holding.release(at.session, at.house, ref, at.actor, at.at)
    except ConflictError as error:
        return conflict_page(at, ref, error)
    at.session.commit()
    return _to(ref, "released")


@office.post("/cases/<ref>/take-over")
@needs("take_cases")
def take_case_over(ref: str) -> Response:
    at = desk()
    try:
        holding.take_over(
            at.session, at.house, ref, request.form.get("reason", ""), at.actor, at.at
        )
    except ConflictError as error:
        return conflict_page(at, ref, error)
    except InvalidError as error:
        at.session.rollback()
        case = _case(at, ref)
        return _show(at, case, stored_entry(at, case), faults=faults_of(error), status=422)
    at.session.commit()
    return _to(ref, "taken")


@office.post("/cases/<ref>/notes")
@needs("write_notes")
def note_on_case(ref: str) -> Response:
    at = desk()
    try:
        holding.add_note(at.session, ref, request.form.get("text", ""), at.actor, at.at)
    except InvalidError as error:
        at.session.rollback()
        case = _case(at, ref)
        return _show(at, case, stored_entry(at, case), faults=faults_of(error), status=422)
    at.session.commit()
    return _to(ref, "noted")


@office.post("/cases/<ref>/decision")
@needs("decide_admissibility")
def decide_case(ref: str) -> Response:
    """Save the checklist, preview the letter, go back and change, or decide and send."""
    at, do = desk(), request.form.get("do", "")
    case = _case(at, ref)
    entry = case_entry(
        request.form, case.kind.admissibility.grounds.every, text_languages(at, case)
    )
    if do == "edit":
        return _show(at, case, entry)
    try:
        if do == "decide":
            done = _decide(at, ref, entry)
        elif do == "save":
            deciding.save_findings(
                at.session, at.house, ref, seen(request.form), entry.findings, at.actor, at.at
            )
            done = "saved"
        else:
            return _preview(at, ref, entry)
    except GapsError as error:
        return _refill(at, ref, entry, error)
    except ConflictError as error:
        return conflict_page(at, ref, error, entry)
    at.session.commit()
    return _to(ref, done)


def _decide(at: Desk, ref: str, entry: CaseEntry) -> str:
    done = deciding.decide(
        at.session,
        at.house,
        ref,
        seen(request.form),
        written(entry),
        at.actor,
        at.roles,
        at.at,
        current_locale().lang,
    )
    return str(Step.PROPOSE if done.step is Step.PROPOSE else Step.DECIDE)


def _refill(at: Desk, ref: str, entry: CaseEntry, error: GapsError) -> Response:
    at.session.rollback()
    faults = tuple(FieldFault(each.field, words.gap(each)) for each in error.gaps)
    return _show(at, _case(at, ref), entry, faults=faults, status=422)


def _preview(at: Desk, ref: str, entry: CaseEntry) -> Response:
    """Everything the decision would do, without doing it; the transaction is rolled back."""
    case, _review = deciding.current(at.session, at.house, ref, seen(request.form), at.actor, at.at)
    draft = deciding.draft_of(at.session, at.house, case, written(entry), current_locale().lang)
    ruling = Ruling(draft.decision, draft.grounds, draft.texts, draft.hides)
    letter = preview(at.session, at.house, case, ruling, at.address, at.at)
    answer = page(
        at,
        "office/preview.html",
        section="queue",
        case=case_page(at, case),
        entry=entry,
        letters=[(case.petition.language, letter)],
        effect=_effect(at, case, draft),
        kept=kept(request.form, entry),
    )
    at.session.rollback()
    return answer


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
    )


@office.post("/cases/<ref>/second-reading")
@needs("decide_admissibility")
def second_reading(ref: str) -> Response:
    """Another person confirms and sends the proposed decision, or sends it back with a note."""
    at, versions = desk(), seen(request.form)
    note = request.form.get("note", "")
    try:
        if request.form.get("do") == "confirm":
            deciding.confirm(at.session, at.house, ref, versions, at.actor, at.roles, at.at)
            done = "confirm"
        else:
            deciding.send_back(at.session, at.house, ref, versions, note, at.actor, at.roles, at.at)
            done = "sent_back"
    except GapsError as error:
        entry = stored_entry(at, _case(at, ref))
        return _refill(at, ref, CaseEntry(entry.findings, note=note), error)
    except ConflictError as error:
        return conflict_page(at, ref, error)
    at.session.commit()
    return _to(ref, done)
