"""An answer that takes two people: read the proposal as the public will, confirm it, or send it back."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from flask import Response, current_app, request
from markupsafe import Markup

from petitions.domain.errors import NotFoundError
from petitions.domain.permissions import Permission
from petitions.platform.i18n import speaking
from petitions.services import answer_proposals
from petitions.services.examination import Examination
from petitions.storage.tables import AnswerProposal, Petition, Staff
from petitions.web.access import needs
from petitions.web.answer_view import Answering, answer_shown
from petitions.web.edge import engine
from petitions.web.face import the_face
from petitions.web.petition_file import open_file
from petitions.web.staff_acting import acted
from petitions.web.staff_desk import Desk, desk, office, page
from petitions.web.staff_files_page import examining_body, file_page
from petitions.web.staff_pages import Faults, FileEntry

InLanguages = tuple[tuple[str, str, Markup], ...]
"""Code and name of a language, and the answer as its readers see it: days and labels too."""
"""(code, its own name, the answer as readers of that language see it)."""


@dataclass(frozen=True, slots=True)
class ProposalBox:
    """On the file: an answer that waits, or the one that was sent back."""

    href: str
    by: str
    at: datetime
    own: bool
    waits: bool
    why: str = ""


def in_each_language(at: Desk, petition: Petition, found: Answering) -> InLanguages:
    """Every language of the site: what is not written in it shows the words that stand in for it."""
    body = examining_body(at.house.kind(at.session, petition))
    shown, box = [], current_app.jinja_env.get_template("components/answer.html")
    for code, locale in the_face(current_app).catalogues.locales.items():
        with speaking(locale):
            file = open_file(at.session, engine(), petition)
            answer = answer_shown(file, found, body)
            made = box.make_module().answer_box(answer, f"answer-{code}", code)  # type: ignore[attr-defined]
            shown.append((code, locale.name, Markup(made)))  # noqa: S704 - the template's own output
    return tuple(shown)


def proposal_box(at: Desk, petition: Petition) -> ProposalBox | None:
    row = answer_proposals.open_proposal(at.session, petition.id)
    waits = row is not None
    row = row or answer_proposals.last_sent_back(at.session, petition.id)
    if row is None or petition.state == "examined":
        return None
    own = row.proposed_by == at.staff.actor
    href = f"/office/answers/{row.id}" if waits else ""
    name = _name(at, row.proposed_by if waits else row.settled_by or "")
    return ProposalBox(
        href=href, by=name, at=row.settled_at or row.proposed_at, own=own, waits=waits, why=row.why
    )


def entry_of(at: Desk, petition: Petition, fresh: FileEntry) -> FileEntry:
    """What somebody goes on from: the answer that was sent back, else an empty form."""
    row = answer_proposals.last_sent_back(at.session, petition.id)
    if row is None:
        return fresh
    found: Examination = answer_proposals.written(row)
    return FileEntry(
        outcome=found.code,
        decided_on=found.decided_on.isoformat(),
        summaries=found.summaries,
        texts=found.texts,
        links="\n".join(found.links),
        reason=found.reason,
    )


@office.get("/answers/<proposal>")
@needs("read_office")
def show_answer(proposal: str) -> Response:
    with desk() as at:
        return _show(at, *_found(at, proposal))


@office.post("/answers/<proposal>/confirm")
@needs("record_examination", fresh=True)
def confirm_answer(proposal: str) -> Response:
    def confirm(at: Desk, row: AnswerProposal) -> str:
        actor = at.acting(Permission.RECORD_EXAMINATION)
        answer_proposals.confirm(at.session, at.house, row.id, actor, at.at)
        return "examined"

    return _acted(proposal, confirm)


@office.post("/answers/<proposal>/send-back")
@needs("record_examination")
def send_answer_back(proposal: str) -> Response:
    why = request.form.get("why", "")

    def send_back(at: Desk, row: AnswerProposal) -> str:
        actor = at.acting(Permission.RECORD_EXAMINATION)
        answer_proposals.send_back(at.session, row.id, actor, why, at.at)
        return "sent_back"

    return _acted(proposal, send_back, why)


def _found(at: Desk, proposal: str) -> tuple[AnswerProposal, Petition]:
    with suppress(ValueError):
        row = at.session.get(AnswerProposal, UUID(proposal))
        petition = at.session.get(Petition, row.petition_id) if row is not None else None
        if row is not None and petition is not None:
            return row, petition
    raise NotFoundError("answer_proposal")


def _acted(proposal: str, do: Callable[[Desk, AnswerProposal], str], why: str = "") -> Response:
    with desk() as at:
        ref = _found(at, proposal)[1].reference or ""

    def show(at: Desk, faults: Faults, status: int) -> Response:
        return _show(at, *_found(at, proposal), faults, status, why)

    def act(at: Desk, _petition: Petition) -> str:
        return do(at, _found(at, proposal)[0])

    return acted(ref, act, show, back=f"/office/files/{ref}")


def _show(
    at: Desk,
    row: AnswerProposal,
    petition: Petition,
    faults: Faults = (),
    status: int = 200,
    why: str = "",
) -> Response:
    waits = row.status == "proposed"
    return page(
        at, "office/answer.html", status, section="duties", file=file_page(at, petition),
        proposal=row, by=_name(at, row.proposed_by), own=row.proposed_by == at.staff.actor,
        waits=waits, why=why, faults=faults,
        shown=in_each_language(at, petition, answer_proposals.written(row)),
    )  # fmt: skip


def _name(at: Desk, code: str) -> str:
    staff = at.session.get(Staff, code)
    return staff.name if staff is not None else code
