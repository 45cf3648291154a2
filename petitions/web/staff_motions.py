"""Taking down, restoring, reopening at the desk: one proposes, another carries it out."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID

from flask import Response, request

from admissibility.cases import by_reference
from admissibility.correspondence import title_of
from petitions.domain.errors import InvalidError, NotFoundError
from petitions.domain.motions import AskedBy, Motion, MotionStatus
from petitions.domain.permissions import Permission
from petitions.platform.i18n import N_, _, current_locale
from petitions.services import motions
from petitions.services.decisions import required_languages
from petitions.services.motions import Wanted
from petitions.storage.tables import CaseMotion, Petition, PetitionText, Staff
from petitions.web import staff_words as words
from petitions.web.access import needs
from petitions.web.staff_acting import acted, texts_in
from petitions.web.staff_desk import Desk, desk, office, page
from petitions.web.staff_pages import Faults, Message

DONE = {
    "proposed": N_("Proposed. A second person must confirm it; nothing has changed yet."),
    "carried_out": N_("Done. The author is told, and the audit trail names both of you."),
    "called_off": N_("Called off. Nothing was changed."),
}
NAMES: Mapping[Motion, tuple[str, str]] = {
    Motion.TAKE_DOWN: (
        N_("Take it off the site"),
        N_(
            "Title and text disappear everywhere: page, lists, search, data, the files beside the "
            "log. Signing stops. The page then says since when, the category and the legal basis."
        ),
    ),
    Motion.RESTORE: (
        N_("Show it again"),
        N_(
            "It returns to the state it had. The days lost are given back to it, and your reasons "
            "stand on the public timeline."
        ),
    ),
    Motion.REOPEN: (
        N_("Check it again"),
        N_("The refusal falls; its check starts anew with a whole term. The author is told why."),
    ),
}
ASKED_BY: Mapping[AskedBy, str] = {
    AskedBy.OFFICE: N_("The petitions office itself"),
    AskedBy.PERSON_CONCERNED: N_("A person concerned by the text"),
    AskedBy.AUTHOR: N_("The author, by an appeal"),
    AskedBy.AUTHORITY: N_("An authority"),
    AskedBy.COURT: N_("A court, by its order"),
}
STATUS: Mapping[MotionStatus, str] = {
    MotionStatus.PROPOSED: N_("waits for a second person"),
    MotionStatus.CARRIED_OUT: N_("carried out on %(day)s"),
    MotionStatus.CALLED_OFF: N_("called off on %(day)s"),
}


@dataclass(frozen=True, slots=True)
class MotionTyped:
    motion: str = ""
    grounds: tuple[str, ...] = ()
    legal_basis: str = ""
    asked_by: str = "office"
    texts: Mapping[str, str] = field(default_factory=dict)
    why: str = ""


@dataclass(frozen=True, slots=True)
class MotionRow:
    id: UUID
    name: str
    explained: str
    status: str
    grounds: tuple[str, ...]
    legal_basis: str
    asked_by: str
    texts: tuple[tuple[str, str], ...]
    proposed_by: str
    proposed_at: datetime
    settled_by: str
    why: str
    open: bool
    own: bool


@dataclass(frozen=True, slots=True)
class MotionsPage:
    ref: str
    title: str
    language: str
    version: int
    state_word: str
    state_tone: str
    rows: tuple[MotionRow, ...]
    offers: tuple[tuple[str, str, str], ...]
    """(value, name, what it does) of what may be proposed now."""
    grounds: tuple[tuple[str, str], ...]
    asked_by: tuple[tuple[str, str], ...]
    languages: tuple[str, ...]
    waiting: bool


@office.get("/files/<ref>/visibility")
@needs("read_office")
def show_motions(ref: str) -> Response:
    with desk() as at:
        return _show(at, ref, MotionTyped())


@office.post("/files/<ref>/visibility")
@needs("take_down")
def propose_motion(ref: str) -> Response:
    with desk() as at:
        languages = required_languages(at.house, at.session, by_reference(at.session, ref))
    form = request.form
    typed = MotionTyped(
        motion=form.get("motion", ""), grounds=tuple(form.getlist("ground")),
        legal_basis=form.get("legal_basis", ""), asked_by=form.get("asked_by", ""),
        texts=texts_in(languages),
    )  # fmt: skip

    def propose(at: Desk, petition: Petition) -> str:
        actor = at.acting(Permission.TAKE_DOWN)
        motions.propose(at.session, at.house, petition, _wanted(typed), actor, at.at)
        return "proposed"

    return _acted(ref, propose, typed)


@office.post("/motions/<motion_id>/confirm")
@needs("take_down", fresh=True)
def confirm_motion(motion_id: str) -> Response:
    ref, wanted = _of(motion_id)

    def confirm(at: Desk, _petition: Petition) -> str:
        actor = at.acting(Permission.TAKE_DOWN)
        motions.carry_out(at.session, at.house, wanted, actor, at.at)
        return "carried_out"

    return _acted(ref, confirm, MotionTyped())


@office.post("/motions/<motion_id>/call-off")
@needs("take_down")
def call_off_motion(motion_id: str) -> Response:
    ref, wanted = _of(motion_id)
    typed = MotionTyped(why=request.form.get("why", ""))

    def call_off(at: Desk, _petition: Petition) -> str:
        actor = at.acting(Permission.TAKE_DOWN)
        motions.call_off(at.session, wanted, actor, typed.why, at.at)
        return "called_off"

    return _acted(ref, call_off, typed)


def _of(motion_id: str) -> tuple[str, UUID]:
    with suppress(ValueError), desk() as at:
        row = at.session.get(CaseMotion, UUID(motion_id))
        if row is not None:
            return at.session.get_one(Petition, row.petition_id).reference or "", row.id
    raise NotFoundError("motion")


def _wanted(typed: MotionTyped) -> Wanted:
    bad: dict[str, tuple[str, dict[str, object]]] = {}
    motion, asked_by = None, None
    with suppress(ValueError):
        motion = Motion(typed.motion)
    with suppress(ValueError):
        asked_by = AskedBy(typed.asked_by)
    if motion is None:
        bad["motion"] = ("required", {})
    if asked_by is None:
        bad["asked_by"] = ("required", {})
    if motion is None or asked_by is None:
        raise InvalidError(fields=bad)
    grounds = typed.grounds if motion is Motion.TAKE_DOWN else ()
    return Wanted(
        motion=motion, texts=typed.texts, legal_basis=typed.legal_basis, asked_by=asked_by,
        grounds=grounds,
    )  # fmt: skip


def _acted(ref: str, do: Callable[[Desk, Petition], str], typed: MotionTyped) -> Response:
    def show(at: Desk, faults: Faults, status: int) -> Response:
        return _show(at, ref, typed, faults, status)

    back = f"/office/files/{ref}/visibility"
    return acted(ref, do, show, back=back, written=typed.texts)


def _show(
    at: Desk, ref: str, typed: MotionTyped, faults: Faults = (), status: int = 200
) -> Response:
    petition = by_reference(at.session, ref)
    done = request.args.get("done", "")
    return page(
        at, "office/motions.html", status, section="duties", shown=_shown(at, petition),
        typed=typed, faults=faults, message=Message(_(DONE[done])) if done in DONE else None,
    )  # fmt: skip


def _shown(at: Desk, petition: Petition) -> MotionsPage:
    kind = at.house.kind(at.session, petition)
    text = at.session.get_one(PetitionText, (petition.id, petition.language))
    listed = motions.motions_of(at.session, petition.id)
    waiting = any(row.status == MotionStatus.PROPOSED for row in listed)
    possible = () if waiting else motions.possible(at.session, petition)
    return MotionsPage(
        ref=petition.reference or "",
        title=text.title,
        language=text.language,
        version=petition.version,
        state_word=words.state(petition.state),
        state_tone=words.state_tone(petition.state),
        rows=tuple(_row(at, petition, row) for row in listed),
        offers=tuple((str(each), _(NAMES[each][0]), _(NAMES[each][1])) for each in possible),
        grounds=tuple(
            (code, _ground(at, petition, code)) for code in kind.admissibility.grounds.hidden
        ),
        asked_by=tuple((str(each), _(name)) for each, name in ASKED_BY.items()),
        languages=required_languages(at.house, at.session, petition),
        waiting=waiting,
    )


def _ground(at: Desk, petition: Petition, code: str) -> str:
    return title_of(
        at.house.shelf(at.session, petition), petition, "grounds", code, current_locale().lang
    )


def _row(at: Desk, petition: Petition, row: CaseMotion) -> MotionRow:
    name, explained = NAMES[Motion(row.action)]
    day = current_locale().date(row.settled_at) if row.settled_at else ""
    status = STATUS[MotionStatus(row.status)]
    return MotionRow(
        id=row.id,
        name=_(name),
        explained=_(explained),
        status=_(status, day=day) if day else _(status),
        grounds=tuple(_ground(at, petition, str(code)) for code in row.grounds),
        legal_basis=row.legal_basis,
        asked_by=_(ASKED_BY[AskedBy(row.asked_by)]),
        texts=tuple((language, str(text)) for language, text in row.texts.items()),
        proposed_by=_name(at, row.proposed_by),
        proposed_at=row.proposed_at,
        settled_by=_name(at, row.settled_by) if row.settled_by else "",
        why=row.why,
        open=row.status == MotionStatus.PROPOSED,
        own=row.proposed_by == at.staff.actor,
    )


def _name(at: Desk, code: str) -> str:
    staff = at.session.get(Staff, code)
    return staff.name if staff else code
