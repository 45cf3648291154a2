"""Signature integrity of one petition: counts only, what is unusual, and suspending signing."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from flask import Response

from admissibility.cases import by_reference
from admissibility.integrity import Anomaly, Integrity, integrity
from petitions.domain.errors import NotFoundError
from petitions.domain.permissions import Permission
from petitions.platform.i18n import N_, _, current_locale
from petitions.services import suspended_times, suspensions
from petitions.services.decisions import required_languages
from petitions.storage.tables import Petition, PetitionText, SigningSuspension, Staff
from petitions.web.access import needs
from petitions.web.bars import Bars, draw
from petitions.web.staff_acting import acted, texts_in
from petitions.web.staff_desk import Desk, desk, office, page
from petitions.web.staff_next import message
from petitions.web.staff_pages import Faults

ANOMALIES = {
    Anomaly.PEAK: N_(
        "An hour had far more signatures than the day before it. A broadcast looks like this, and "
        "so does a machine."
    ),
    Anomaly.WITHDRAWALS: N_("More than one signature in twenty was withdrawn."),
    Anomaly.AGAIN: N_("Signing again after a withdrawal happens unusually often."),
    Anomaly.ONE_AREA: N_("More than half of the signatures come from one area."),
}
DONE = {
    "suspended": N_("Signing is suspended. The reason is public."),
    "confirmed": N_("Confirmed: signing stays suspended until somebody lets it go on."),
    "resumed": N_("Signing goes on."),
}


@dataclass(frozen=True, slots=True)
class SuspensionRow:
    id: UUID
    since: datetime
    until: datetime | None
    by: str
    confirmed_by: str
    resumed_by: str
    text: str
    stands: bool
    may_confirm: bool


@office.get("/files/<ref>/integrity")
@needs("read_integrity")
def show_integrity(ref: str) -> Response:
    with desk() as at:
        return _page(at, ref)


def _page(
    at: Desk,
    ref: str,
    faults: Faults = (),
    status: int = 200,
    typed: dict[str, str] | None = None,
) -> Response:
    petition = by_reference(at.session, ref)
    found = integrity(at.session, petition.id, at.at)
    if found is None:
        raise NotFoundError("not_open_for_signing")
    text = at.session.get_one(PetitionText, (petition.id, petition.language))
    rows = _rows(at, petition)
    return page(
        at, "office/integrity.html", status, section="duties", ref=ref, title=text.title,
        language=petition.language, version=petition.version, found=found,
        drawn=_drawn(found), areas=found.areas, anomalies=[_(ANOMALIES[a]) for a in found.anomalies],
        rows=rows, stands=any(row.stands for row in rows), faults=faults, typed=typed or {},
        languages=required_languages(at.house, at.session, petition), message=message(DONE),
        alone=int(suspensions.ALONE.total_seconds() // 3600),
    )  # fmt: skip


def _drawn(found: Integrity) -> Bars | None:
    zone, number = current_locale().zone, current_locale().number
    hours = [
        (f"{hour.since.astimezone(zone):%d/%m %Hh}", float(hour.collected), number(hour.collected))
        for hour in found.hours
    ]
    return draw(_("Signatures by hour of their batch"), hours) if hours else None


def _rows(at: Desk, petition: Petition) -> tuple[SuspensionRow, ...]:
    listed = suspended_times.of_petition(at.session, petition.id)
    standing = suspended_times.standing(at.session, petition.id, at.at)
    return tuple(_row(at, row, row is standing) for row in listed)


def _row(at: Desk, row: SigningSuspension, stands: bool) -> SuspensionRow:
    lang = current_locale().lang
    return SuspensionRow(
        id=row.id,
        since=row.since,
        until=suspended_times.end_of(row),
        by=_name(at, row.actor),
        confirmed_by=_name(at, row.confirmed_by),
        resumed_by=_name(at, row.resumed_by),
        text=str(row.texts.get(lang) or next(iter(row.texts.values()), "")),
        stands=stands,
        may_confirm=stands and row.confirmed_at is None and row.actor != at.staff.actor,
    )


def _name(at: Desk, actor: str | None) -> str:
    person = at.session.get(Staff, actor) if actor else None
    return person.name if person else actor or ""


@office.post("/files/<ref>/integrity")
@needs("suspend_signing", fresh=True)
def suspend_signing(ref: str) -> Response:
    with desk() as at:
        languages = required_languages(at.house, at.session, by_reference(at.session, ref))
    texts = texts_in(languages)

    def do(at: Desk, petition: Petition) -> str:
        actor = at.acting(Permission.SUSPEND_SIGNING)
        suspensions.suspend(at.session, at.house, petition, texts, actor, at.at)
        return "suspended"

    return _act(ref, do, texts)


@office.post("/files/<ref>/suspensions/<uuid:suspension_id>/confirm")
@needs("suspend_signing", fresh=True)
def confirm_suspension(ref: str, suspension_id: UUID) -> Response:
    def do(at: Desk, petition: Petition) -> str:
        _of(at, petition, suspension_id)
        actor = at.acting(Permission.SUSPEND_SIGNING)
        suspensions.confirm(at.session, at.house, suspension_id, actor, at.at)
        return "confirmed"

    return _act(ref, do)


@office.post("/files/<ref>/suspensions/<uuid:suspension_id>/resume")
@needs("suspend_signing", fresh=True)
def resume_signing(ref: str, suspension_id: UUID) -> Response:
    def do(at: Desk, petition: Petition) -> str:
        _of(at, petition, suspension_id)
        actor = at.acting(Permission.SUSPEND_SIGNING)
        suspensions.resume(at.session, at.house, suspension_id, actor, at.at)
        return "resumed"

    return _act(ref, do)


def _of(at: Desk, petition: Petition, suspension_id: UUID) -> None:
    row = at.session.get(SigningSuspension, suspension_id)
    if row is None or row.petition_id != petition.id:
        raise NotFoundError("suspension")


def _act(
    ref: str, do: Callable[[Desk, Petition], str], texts: dict[str, str] | None = None
) -> Response:
    def show(at: Desk, faults: Faults, status: int) -> Response:
        return _page(at, ref, faults, status, texts)

    return acted(ref, do, show, back=f"/office/files/{ref}/integrity", written=texts)
