"""What a clerk has written about a case and not sent: kept at each press of a button, shown again."""

from __future__ import annotations

from dataclasses import replace

from flask import Response, request

from admissibility.cases import Case, by_reference, case_of
from admissibility.criteria import Verdict
from admissibility.services import drafting
from admissibility.services.deciding import Seen
from admissibility.services.drafting import Draft, Writing
from admissibility.standard_texts import completed, standard_reasons
from petitions.domain.permissions import Permission, may
from petitions.platform.headers import CSP
from petitions.services.ports import Actor
from petitions.web.access import needs
from petitions.web.staff_desk import Desk, desk, office, sent_on
from petitions.web.staff_pages import CaseEntry, DraftNote


def entry_of(draft: Draft) -> CaseEntry:
    writing = draft.writing
    return CaseEntry(
        findings=writing.findings,
        decision=writing.decision,
        texts=writing.texts,
        proposed=writing.proposed,
    )


def my_entry(at: Desk, case: Case, stored: CaseEntry) -> CaseEntry:
    """The draft of this person over what is recorded; what a draft leaves open stays as recorded."""
    draft = drafting.own(at.session, case, at.staff.actor) if case.open else None
    if draft is None:
        return stored
    mine = entry_of(draft)
    known = {code: mine.findings.get(code, verdict) for code, verdict in stored.findings.items()}
    return CaseEntry(known, mine.decision, mine.texts, proposed=mine.proposed)


def notes(at: Desk, case: Case) -> tuple[DraftNote, ...]:
    """My own draft first, then what colleagues have begun."""
    if not case.open:
        return ()
    mine = drafting.own(at.session, case, at.staff.actor)
    found = [DraftNote("", "", mine.at, mine.stale(case))] if mine is not None else []
    theirs = drafting.others(at.session, case, at.staff.actor)
    return (*found, *(DraftNote(x.actor, x.name, x.at, x.stale(case)) for x in theirs))


def drafted(answer: Response) -> Response:
    """A page whose script keeps drafts: it may send to this site, and to nothing else."""
    answer.headers["Content-Security-Policy"] = f"{CSP}; script-src 'self'; connect-src 'self'"
    return answer


def with_wording(at: Desk, case: Case, entry: CaseEntry) -> CaseEntry:
    """The entry with the wording proposed on its own page, which this form does not carry."""
    mine = drafting.own(at.session, case, at.staff.actor)
    return replace(entry, proposed=mine.writing.proposed if mine is not None else {})


def with_standard_texts(at: Desk, case: Case, entry: CaseEntry) -> CaseEntry:
    """The rulebook's standard wording of each ground that applies, before what was written."""
    shelf = at.house.shelf(at.session, case.petition)
    grounds = [code for code, verdict in entry.findings.items() if verdict is Verdict.APPLIES]
    texts = {
        language: completed(text, standard_reasons(shelf, case.petition, grounds, language))
        for language, text in entry.texts.items()
    }
    return replace(entry, texts=texts)


def keep_as_saved(at: Desk, case: Case, entry: CaseEntry, actor: Actor) -> None:
    """Findings went into the record: the draft is of the case as it is now."""
    if case.review is None:
        return
    writing = Writing(entry.findings, entry.decision, entry.texts, entry.proposed)
    now = Seen(case.review.version, case.petition.version)
    drafting.keep(at.session, case, writing, now, actor, at.at)


def keep(ref: str, entry: CaseEntry, versions: Seen) -> None:
    """Before anything is tried with it, in a transaction of its own: nothing that follows loses it."""
    with desk(write=True) as at:
        if not may(at.roles, Permission.DECIDE_CHECKS):
            return
        case = case_of(at.session, at.house, by_reference(at.session, ref))
        actor = at.acting(Permission.DECIDE_CHECKS)
        writing = Writing(entry.findings, entry.decision, entry.texts, entry.proposed)
        drafting.keep(at.session, case, writing, versions, actor, at.at)


@office.post("/cases/<ref>/draft/drop")
@needs("decide_checks")
def drop_draft(ref: str) -> Response:
    with desk(write=True) as at:
        case = case_of(at.session, at.house, by_reference(at.session, ref))
        if case.review is not None:
            drafting.drop(at.session, case.review, at.staff.actor)
    return sent_on(f"/office/cases/{ref}?done=dropped")


@office.post("/cases/<ref>/draft/adopt")
@needs("decide_checks")
def adopt_draft(ref: str) -> Response:
    """Go on with what a colleague has begun: a copy; theirs stays."""
    wanted = request.form.get("of", "")
    with desk(write=True) as at:
        case = case_of(at.session, at.house, by_reference(at.session, ref))
        found = [x for x in drafting.others(at.session, case, at.staff.actor) if x.actor == wanted]
        for each in found[:1]:
            actor = at.acting(Permission.DECIDE_CHECKS)
            drafting.keep(at.session, case, each.writing, each.seen, actor, at.at)
    return sent_on(f"/office/cases/{ref}?done=adopted")
