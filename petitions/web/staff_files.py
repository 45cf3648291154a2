"""Duties by date, and the file: record that a duty was done, record the examination."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from urllib.parse import urlencode
from uuid import UUID

from flask import Response, request

from admissibility import duties
from admissibility.cases import by_reference
from admissibility.correspondence import title_of
from admissibility.duties import DutyView
from admissibility.services import tasks
from petitions.domain.errors import ConflictError, InvalidError, NotFoundError
from petitions.domain.lifecycle import State
from petitions.domain.permissions import Permission
from petitions.platform.i18n import N_, _, current_locale
from petitions.services import answer_proposals, examination, moves
from petitions.services.decisions import required_languages
from petitions.services.examination import Examination, window_over
from petitions.storage.tables import Petition
from petitions.web import staff_answers, staff_assemblies, staff_duty_filters
from petitions.web import staff_words as words
from petitions.web.access import needs
from petitions.web.errors import faults_of
from petitions.web.staff_acting import field_faults
from petitions.web.staff_conflict import conflict_page
from petitions.web.staff_desk import Desk, desk, office, page, sent_on
from petitions.web.staff_files_page import (
    body_words,
    duty_row,
    duty_title,
    examining_body,
    file_page,
    task_row,
)
from petitions.web.staff_forms import day, file_entry, kept_file, version
from petitions.web.staff_pages import CaseEntry, Faults, FileEntry, FilePreview, Message

DONE = {
    "examined": N_("The examination was recorded and published; the author is told."),
    "proposed": N_("Proposed. A second person must confirm it; nothing has changed yet."),
    "sent_back": N_("Sent back. The text is kept in the form below."),
    "track": N_("The duty is settled, and the public timeline says so."),
    "task": N_("The task is settled."),
    "taken": N_("You look after this file now."),
    "left": N_("Nobody looks after this file any more."),
    "extended": N_("The extension is recorded, and its notice is public."),
    "revoked": N_("The address no longer answers."),
    "too_many_feeds": N_("You have five calendar addresses. Take one back first."),
}


def _message() -> Message | None:
    done = request.args.get("done", "")
    return Message(_(DONE[done])) if done in DONE else None


@office.get("/duties")
@needs("read_office")
def duty_list() -> Response:
    with desk() as at:
        return _duties(at)


def _duties(at: Desk, faults: Faults = (), status: int = 200) -> Response:
    asked, after = request.args.get("v", "open"), request.args.get("after", "")
    try:
        view, narrowed = DutyView(asked), staff_duty_filters.filters(at)
        chosen = narrowed.chosen
        owed, following = duties.duties(at.session, view, at.today, after=after, filters=chosen)
    except ValueError:
        raise NotFoundError("view") from None
    waiting = duties.tasks(at.session, chosen.assembly)
    return page(
        at,
        "office/duties.html",
        status,
        section="duties",
        view=view,
        counts=duties.counts(at.session, at.today, chosen),
        narrowed=narrowed,
        feeds=staff_duty_filters.feed_rows(at),
        rows=[duty_row(at, each) for each in owed],
        addressed=_addressed(
            at, [*(each.petition for each in owed), *(each.petition for each in waiting)]
        ),
        tasks=[task_row(at, each) for each in waiting],
        message=_message(),
        faults=faults,
        next_href=f"/office/duties?{urlencode([*narrowed.query, ('v', view), ('after', following)])}"
        if following
        else "",
        query=urlencode(narrowed.query),
    )


def _addressed(at: Desk, petitions: Sequence[Petition]) -> dict[str, str]:
    """By reference, the assemblies each is addressed to; empty on a site with one."""
    names = staff_assemblies.addressed(at, {each.id for each in petitions})
    return {each.reference or "": names[each.id] for each in petitions if each.id in names}


@office.post("/tasks/<task_id>")
@needs("settle_tasks")
def settle_task(task_id: str) -> Response:
    try:
        wanted, answer = UUID(task_id), tasks.Answer(request.form.get("answer", ""))
    except ValueError:
        raise NotFoundError("task") from None
    prefix = f"reason-{task_id}-"
    reasons = {
        name.removeprefix(prefix): text.strip()
        for name, text in request.form.items()
        if name.startswith(prefix)
    }
    try:
        with desk(write=True) as at:
            actor = at.acting(Permission.SETTLE_TASKS)
            tasks.settle(at.session, at.house, wanted, answer, reasons, actor, at.at)
    except InvalidError as error:
        with desk() as at:
            return _duties(at, faults_of(error), 422)
    return sent_on("/office/duties?done=task")


def show_entry(
    at: Desk, petition: Petition, entry: FileEntry, faults: Faults = (), status: int = 200
) -> Response:
    return page(
        at,
        "office/file.html",
        status,
        section="duties",
        file=file_page(at, petition),
        proposal=staff_answers.proposal_box(at, petition),
        two_persons=answer_proposals.needed(at.session, at.house, petition),
        addressed=_addressed(at, [petition]).get(petition.reference or "", ""),
        entry=entry,
        faults=faults,
        message=_message(),
    )


@office.get("/files/<ref>")
@needs("read_office")
def show_file(ref: str) -> Response:
    with desk() as at:
        petition = by_reference(at.session, ref)
        fresh = FileEntry(decided_on=at.today.isoformat())
        return show_entry(at, petition, staff_answers.entry_of(at, petition, fresh))


def _act(ref: str, act: Callable[[Desk, Petition], str], entry: FileEntry) -> Response:
    """Do it on the locked petition, as the form showed it; else 422 or 409, text kept."""
    try:
        with desk(write=True) as at:
            found = by_reference(at.session, ref)
            done = act(at, moves.lock(at.session, found.id, version(request.form)))
    except InvalidError as error:
        with desk() as at:
            petition = by_reference(at.session, ref)
            return show_entry(at, petition, entry, _faults(error, entry), 422)
    except ConflictError as error:
        with desk() as at:
            typed = CaseEntry({}, texts=entry.texts or entry.track_texts)
            return conflict_page(at, ref, error, typed, back=f"/office/files/{ref}")
    return sent_on(f"/office/files/{ref}?done={done}")


def _faults(error: InvalidError, entry: FileEntry) -> Faults:
    """The services name fields with a line (text_fr), the page with a dash and the duty's code."""
    prefix = f"track-{entry.track}-" if entry.track else ""

    def named(field: str) -> str:
        if prefix and field in {"declined", "reason"}:
            return prefix + field
        return field.replace("text_", prefix or "text-", 1).replace("summary_", "summary-", 1)

    return field_faults(error, named)


@office.post("/files/<ref>/tracks/<code>")
@needs("record_examination")
def settle_track(ref: str, code: str) -> Response:
    with desk() as at:
        languages = required_languages(at.house, at.session, by_reference(at.session, ref))
    texts = {language: request.form.get(f"text-{language}", "") for language in languages}
    declined, why = request.form.get("declined") == "1", request.form.get("early_reason", "")

    def settle(at: Desk, petition: Petition) -> str:
        actor = at.acting(Permission.RECORD_EXAMINATION)
        examination.decide_track(
            at.session, at.house, petition, code, texts, actor, at=at.at, declined=declined,
            reason=why,
        )  # fmt: skip
        return "track"

    entry = FileEntry(track=code, track_texts=texts, declined=declined, early_reason=why)
    return _act(ref, settle, entry)


@office.post("/files/<ref>/examination")
@needs("record_examination")
def examine(ref: str) -> Response:
    """Preview the public page, go back and change, or record and publish."""
    do = request.form.get("do", "")
    with desk() as at:
        petition = by_reference(at.session, ref)
        languages = required_languages(at.house, at.session, petition)
        entry = file_entry(request.form, languages)
        if do == "edit":
            return show_entry(at, petition, entry)
    if do == "record":
        return _act(ref, lambda at, locked: _record(at, locked, entry), entry)
    return _preview(ref, entry)


def _examination(entry: FileEntry) -> Examination:
    decided_on = day(entry.decided_on)
    if decided_on is None:
        raise InvalidError(fields={"decided_on": ("required", {})})
    return Examination(
        code=entry.outcome,
        decided_on=decided_on,
        summaries={language: text.strip() for language, text in entry.summaries.items()},
        texts={language: text.strip() for language, text in entry.texts.items()},
        links=tuple(line.strip() for line in entry.links.splitlines() if line.strip()),
        reason=entry.reason.strip(),
    )


def _record(at: Desk, petition: Petition, entry: FileEntry) -> str:
    actor, found = at.acting(Permission.RECORD_EXAMINATION), _examination(entry)
    if answer_proposals.needed(at.session, at.house, petition):
        answer_proposals.propose(at.session, at.house, petition, found, actor, at=at.at)
        return "proposed"
    examination.examine(at.session, at.house, petition, found, actor, at=at.at)
    return "examined"


class _LookedAt(Exception):  # noqa: N818 - not an error: it takes the rehearsal back
    """Carries the page of the preview out of a transaction that must not be kept."""

    def __init__(self, answer: Response) -> None:
        super().__init__()
        self.answer = answer


def _preview(ref: str, entry: FileEntry) -> Response:
    """Rehearse the recording in full and take it back: what is shown is what would happen."""

    def rehearse(at: Desk, petition: Petition) -> str:
        seen = _seen_before(at, petition, entry)
        shown = staff_answers.in_each_language(at, petition, _examination(entry))
        two = answer_proposals.needed(at.session, at.house, petition)
        _record(at, petition, entry)
        at.session.flush()
        raise _LookedAt(
            page(
                at,
                "office/file_preview.html",
                section="duties",
                file=file_page(at, petition),
                entry=entry,
                preview=seen,
                shown=shown,
                two_persons=two,
                kept=kept_file(request.form, entry),
            )
        )

    try:
        return _act(ref, rehearse, entry)
    except _LookedAt as seen:
        return seen.answer


def _seen_before(at: Desk, petition: Petition, entry: FileEntry) -> FilePreview:
    """What the page will show, from the record as it stands."""
    found, kind = _examination(entry), at.house.kind(at.session, petition)
    lang = current_locale().lang
    open_now = not window_over(petition, at.at)
    return FilePreview(
        on=found.decided_on,
        outcome=title_of(
            at.house.shelf(at.session, petition), petition, "outcomes", found.code, lang
        ),
        body=body_words(at, petition, examining_body(kind)),
        texts=tuple((code, found.summaries[code], found.texts[code]) for code in found.texts),
        links=found.links,
        before=file_page(at, petition).history,
        state=words.state(State.EXAMINED),
        settles=tuple(
            duty_title(at, petition, track)
            for track in examination.open_tracks(at.session, petition)
        ),
        ends_signing=open_now and found.code in kind.after.ends_signing,
    )
