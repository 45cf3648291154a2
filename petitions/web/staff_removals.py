"""Declaring signatures invalid, at the desk: one proposes, another confirms, either may call it off."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import date, datetime
from uuid import UUID

from flask import Response, request
from sqlalchemy.orm import Session

from admissibility.cases import by_reference
from petitions.certificate.words import REASONS
from petitions.domain.calendar import local_day
from petitions.domain.errors import ConflictError, ForbiddenError, InvalidError, NotFoundError
from petitions.domain.permissions import Permission
from petitions.domain.removals import MAX_LEAVES, RemovalReason, parse_leaves
from petitions.platform.i18n import N_, _, current_locale
from petitions.services import moves, removals
from petitions.services.decisions import required_languages
from petitions.services.removals import Wanted
from petitions.storage import log_reading, reading
from petitions.storage.log_reading import BatchRow
from petitions.storage.tables import Petition, Removal, Staff
from petitions.web.access import needs
from petitions.web.pages_signing import FieldFault
from petitions.web.staff_desk import Desk, desk, office, page, sent_on
from petitions.web.staff_pages import Message

BATCHES = 20
DONE = {
    "proposed": N_("Proposed. A second person must confirm it; nothing is public yet."),
    "confirmed": N_("Decided. It is public now, and takes effect after the term for objections."),
    "called_off": N_("Called off. No signature was changed."),
}
_STATUS = {
    "proposed": N_("waits for a second person"),
    "confirmed": N_("takes effect on %(day)s"),
    "called_off": N_("called off on %(day)s"),
    "carried_out": N_("in the log since %(day)s"),
}
_ELSE = N_("It could not be done. Look at it again.")
_FAULTS = {
    "sealed": N_("This petition is sealed, or its sealing was ordered: its count is final."),
    "second_person_needed": N_("Another person than the one who proposed it must confirm it."),
    "changed_meanwhile": N_("A colleague has decided this meanwhile. Look at it again."),
}


@dataclass(frozen=True, slots=True)
class Typed:
    """The form as it was sent: nothing typed is lost."""

    reason: str = ""
    leaves: str = ""
    batch: str = ""
    texts: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class RemovalRow:
    id: UUID
    reason: str
    leaves: str
    number: int
    texts: tuple[tuple[str, str], ...]
    status: str
    proposed_at: datetime
    proposed_by: str
    confirmed_by: str
    may_confirm: bool
    live: bool


@dataclass(frozen=True, slots=True)
class RemovalsPage:
    ref: str
    title: str
    lang: str
    counts: tuple[int, int, int]
    """Valid, withdrawn, invalid."""
    batches: tuple[BatchRow, ...]
    rows: tuple[RemovalRow, ...]
    reasons: tuple[tuple[int, str], ...]
    languages: tuple[str, ...]
    sealed: bool
    days: int


@office.get("/files/<ref>/removals")
@needs("read_office")
def show_removals(ref: str) -> Response:
    with desk() as at:
        return _page(at, ref)


@office.post("/files/<ref>/removals")
@needs("remove_signatures")
def propose_removal(ref: str) -> Response:
    typed = Typed(
        request.form.get("reason", ""), request.form.get("leaves", "")[:20_000],
        request.form.get("batch", "")[:20],
        {name[5:]: text for name, text in request.form.items() if name.startswith("text-")},
    )  # fmt: skip

    def do(at: Desk) -> str:
        found = by_reference(at.session, ref)
        locked = moves.lock(at.session, found.id)
        languages = required_languages(at.house, at.session, locked)
        actor = at.acting(Permission.REMOVE_SIGNATURES)
        removals.propose(at.session, at.house, locked, _wanted(typed, languages), actor, at.at)
        return "proposed"

    return _act(ref, do, typed)


def _wanted(typed: Typed, languages: tuple[str, ...]) -> Wanted:
    reason = None
    with suppress(ValueError):
        reason = RemovalReason(int(typed.reason))
    bad: dict[str, tuple[str, dict[str, object]]] = {}
    if reason is None:
        bad["reason"] = ("required", {})
    leaves: tuple[int, ...] = ()
    try:
        leaves = parse_leaves(typed.leaves)
    except ValueError as wrong:
        bad["leaves"] = (f"leaves_{wrong}", {"max": MAX_LEAVES})
    batch = int(typed.batch) if typed.batch.isascii() and typed.batch.isdigit() else None
    if bad or reason is None:
        raise InvalidError(fields=bad)
    texts = {each: typed.texts.get(each, "").strip() for each in languages}
    return Wanted(reason, texts, leaves, None if leaves else batch)


@office.post("/removals/<removal_id>/confirm")
@needs("remove_signatures", fresh=True)
def confirm_removal(removal_id: str) -> Response:
    def do(at: Desk, wanted: UUID) -> str:
        actor = at.acting(Permission.REMOVE_SIGNATURES)
        removals.confirm(at.session, at.house, wanted, actor, at.at)
        return "confirmed"

    return _settle(removal_id, do)


@office.post("/removals/<removal_id>/call-off")
@needs("remove_signatures")
def call_off_removal(removal_id: str) -> Response:
    def do(at: Desk, wanted: UUID) -> str:
        actor, why = at.acting(Permission.REMOVE_SIGNATURES), request.form.get("why", "")
        removals.call_off(at.session, wanted, actor, why, at.at)
        return "called_off"

    return _settle(removal_id, do)


def _settle(removal_id: str, do: Callable[[Desk, UUID], str]) -> Response:
    try:
        wanted = UUID(removal_id)
    except ValueError:
        raise NotFoundError("removal") from None
    with desk() as at:
        row = at.session.get(Removal, wanted)
        if row is None:
            raise NotFoundError("removal")
        ref = at.session.get_one(Petition, row.petition_id).reference or ""
    return _act(ref, lambda at: do(at, wanted), Typed())


def _act(ref: str, do: Callable[[Desk], str], typed: Typed) -> Response:
    """Do it and go on; or say why not on the page, with what was typed."""
    try:
        with desk(write=True) as at:
            done = do(at)
    except InvalidError as error:
        with desk() as at:
            return _page(at, ref, typed, _field_faults(error), 422)
    except (ConflictError, ForbiddenError) as error:
        sentence = _(_FAULTS.get(error.code, _ELSE))
        with desk() as at:
            return _page(at, ref, typed, (FieldFault("main", sentence),), error.status)
    return sent_on(f"/office/files/{ref}/removals?done={done}")


def _field_faults(error: InvalidError) -> tuple[FieldFault, ...]:
    return tuple(
        FieldFault(name.replace("text_", "text-"), _sentence(name, code, facts))
        for name, (code, facts) in error.fields.items()
    )


def _sentence(name: str, code: str, facts: dict[str, object]) -> str:
    if code == "not_a_signature":
        return _(
            "Entry %(index)s is no signature of this petition that counts today.",
            index=current_locale().number(int(str(facts["index"]))),
        )
    if code == "leaves_many":
        return _(
            "At most %(max)s entries in one decision.",
            max=current_locale().number(MAX_LEAVES),
        )
    if code == "leaves_form":
        return _("Write numbers of entries, such as 120, 134 or 150-160.")
    if name == "leaves":
        return _("Say which entries are meant, or choose a batch.")
    if name == "reason":
        return _("Choose a reason.")
    return _("Say it in words for the public.")


def _page(
    at: Desk,
    ref: str,
    typed: Typed | None = None,
    faults: tuple[FieldFault, ...] = (),
    status: int = 200,
) -> Response:
    petition = by_reference(at.session, ref)
    done = request.args.get("done", "")
    return page(
        at, "office/removals.html", status, section="duties", shown=_shown(at, petition),
        typed=typed or Typed(), faults=faults,
        message=Message(_(DONE[done])) if done in DONE else None,
    )  # fmt: skip


def _shown(at: Desk, petition: Petition) -> RemovalsPage:
    session = at.session
    signing = log_reading.opening(session, petition.id)
    if signing is None:
        raise NotFoundError("not_open_for_signing")
    count = reading.public_count(session, petition.id)
    text = reading.texts_of(session, petition.id)[petition.language]
    zone = at.house.rulebook(session, petition).zone
    rows = removals.of_petition(session, petition.id)
    names = _names(session, rows)
    return RemovalsPage(
        ref=petition.reference or "",
        title=text.title,
        lang=petition.language,
        counts=(count.valid - count.paper, count.withdrawn, count.invalid) if count else (0, 0, 0),
        batches=tuple(
            log_reading.batches_of(session, petition.id, signing.log_id, before=None, limit=BATCHES)
        ),
        rows=tuple(_row(at, row, names, zone) for row in rows),
        reasons=tuple((int(each), _(words)) for each, words in REASONS.items()),
        languages=required_languages(at.house, session, petition),
        sealed=signing.signing in {"sealing", "sealed"}
        or log_reading.sealing_of(session, petition.id) is not None,
        days=at.house.policy.removal_days,
    )


def _names(session: Session, rows: list[Removal]) -> dict[str, str]:
    codes = {code for row in rows for code in (row.proposed_by, row.confirmed_by) if code}
    found = {code: session.get(Staff, code) for code in codes}
    return {code: staff.name if staff else code for code, staff in found.items()}


def _row(at: Desk, row: Removal, names: dict[str, str], zone: str) -> RemovalRow:
    when = row.ended_at or row.effective_at
    day: date | None = local_day(when, zone) if when else None
    leaves = ", ".join(str(each) for each in row.leaves[:40])
    return RemovalRow(
        id=row.id,
        reason=_(REASONS[RemovalReason(row.reason)]),
        leaves=leaves + (" …" if len(row.leaves) > 40 else ""),
        number=len(row.leaves),
        texts=tuple((lang, str(text)) for lang, text in row.texts.items()),
        status=_(_STATUS[row.status], day=current_locale().date(day))
        if day
        else _(_STATUS[row.status]),
        proposed_at=row.proposed_at,
        proposed_by=names[row.proposed_by],
        confirmed_by=names[row.confirmed_by] if row.confirmed_by else "",
        may_confirm=row.status == "proposed" and row.proposed_by != at.staff.actor,
        live=row.status in removals.LIVE,
    )
