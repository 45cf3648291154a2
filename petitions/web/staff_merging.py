"""Proposing to merge a petition into another, at the desk; its author decides in the own space."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime

from flask import Response, request

from admissibility.cases import by_reference
from petitions.domain.lifecycle import Action, State, rows
from petitions.domain.motions import MergeStatus
from petitions.domain.permissions import Permission
from petitions.platform.i18n import N_, _, current_locale
from petitions.services import merging
from petitions.services.decisions import required_languages
from petitions.storage.tables import MergeRequest, Petition, PetitionText
from petitions.web import staff_words as words
from petitions.web.access import needs
from petitions.web.staff_acting import acted, texts_in
from petitions.web.staff_desk import Desk, desk, office, page
from petitions.web.staff_pages import Faults, Message

DONE = {
    "asked": N_("The author was asked, by letter and in the author's space."),
    "called_off": N_("Taken back: the author is no longer asked."),
}
STATUS: Mapping[MergeStatus, str] = {
    MergeStatus.ASKED: N_("waits for the author"),
    MergeStatus.ACCEPTED: N_("accepted on %(day)s"),
    MergeStatus.REFUSED: N_("refused on %(day)s"),
    MergeStatus.CALLED_OFF: N_("taken back on %(day)s"),
}


@dataclass(frozen=True, slots=True)
class MergeTyped:
    target: str = ""
    texts: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class MergeRow:
    target: str
    target_title: str
    target_language: str
    status: str
    texts: tuple[tuple[str, str], ...]
    asked_by: str
    asked_at: datetime
    answer: str
    open: bool


@dataclass(frozen=True, slots=True)
class MergingPage:
    ref: str
    title: str
    language: str
    version: int
    state_word: str
    state_tone: str
    rows: tuple[MergeRow, ...]
    may_ask: bool
    languages: tuple[str, ...]


@office.get("/files/<ref>/merge")
@needs("read_office")
def show_merging(ref: str) -> Response:
    with desk() as at:
        return _show(at, ref, MergeTyped(target=request.args.get("into", "")[:20]))


@office.post("/files/<ref>/merge")
@needs("merge_petitions")
def ask_to_merge(ref: str) -> Response:
    with desk() as at:
        languages = required_languages(at.house, at.session, by_reference(at.session, ref))
    typed = MergeTyped(request.form.get("target", "").strip()[:20], texts_in(languages))

    def ask(at: Desk, petition: Petition) -> str:
        actor = at.acting(Permission.MERGE_PETITIONS)
        merging.ask(at.session, at.house, petition, typed.target, typed.texts, actor, at.at)
        return "asked"

    return _acted(ref, ask, typed)


@office.post("/files/<ref>/merge/call-off")
@needs("merge_petitions")
def call_off_merging(ref: str) -> Response:
    def call_off(at: Desk, petition: Petition) -> str:
        merging.call_off(at.session, petition, at.acting(Permission.MERGE_PETITIONS), at.at)
        return "called_off"

    return _acted(ref, call_off, MergeTyped())


def _acted(ref: str, do: Callable[[Desk, Petition], str], typed: MergeTyped) -> Response:
    def show(at: Desk, faults: Faults, status: int) -> Response:
        return _show(at, ref, typed, faults, status)

    return acted(ref, do, show, back=f"/office/files/{ref}/merge", written=typed.texts)


def _show(
    at: Desk, ref: str, typed: MergeTyped, faults: Faults = (), status: int = 200
) -> Response:
    petition = by_reference(at.session, ref)
    done = request.args.get("done", "")
    return page(
        at, "office/merging.html", status, section="duties", shown=_shown(at, petition),
        typed=typed, faults=faults, message=Message(_(DONE[done])) if done in DONE else None,
    )  # fmt: skip


def _shown(at: Desk, petition: Petition) -> MergingPage:
    text = at.session.get_one(PetitionText, (petition.id, petition.language))
    listed = merging.requests_of(at.session, petition.id)
    waiting = any(row.status == MergeStatus.ASKED for row in listed)
    return MergingPage(
        ref=petition.reference or "",
        title=text.title,
        language=text.language,
        version=petition.version,
        state_word=words.state(petition.state),
        state_tone=words.state_tone(petition.state),
        rows=tuple(_row(at, row) for row in listed),
        may_ask=not waiting and bool(list(rows(State(petition.state), Action.MERGE))),
        languages=required_languages(at.house, at.session, petition),
    )


def _row(at: Desk, row: MergeRequest) -> MergeRow:
    target = at.session.get_one(Petition, row.target_id)
    text = at.session.get_one(PetitionText, (target.id, target.language))
    status = STATUS[MergeStatus(row.status)]
    day = current_locale().date(row.answered_at) if row.answered_at else ""
    return MergeRow(
        target=target.reference or "",
        target_title=text.title,
        target_language=text.language,
        status=_(status, day=day) if day else _(status),
        texts=tuple((language, str(words)) for language, words in row.texts.items()),
        asked_by=row.asked_name,
        asked_at=row.asked_at,
        answer=row.answer,
        open=row.status == MergeStatus.ASKED,
    )
