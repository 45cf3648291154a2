"""Sponsors at the desk: what waits for them, and the answers of office holders, recorded by a clerk."""

from __future__ import annotations

from dataclasses import dataclass

from flask import Response, request
from sqlalchemy import select

from admissibility.cases import by_reference
from petitions.domain.errors import InvalidError
from petitions.domain.lifecycle import State
from petitions.domain.permissions import Permission
from petitions.services import moves, sponsors
from petitions.services.filing import text_of
from petitions.storage.tables import Petition
from petitions.web.access import needs
from petitions.web.pages_sponsors import StageBox
from petitions.web.sponsor_pages import stage_boxes
from petitions.web.staff_assemblies import addressed
from petitions.web.staff_desk import Desk, desk, office, page, sent_on

SHOWN = 200
ANSWERS = {"accepted": True, "declined": False}


@dataclass(frozen=True, slots=True)
class GatheringRow:
    """One petition that looks for sponsors. `waits`: the answer of an office holder is recorded here."""

    ref: str
    title: str
    language: str
    stages: tuple[StageBox, ...]
    assembly: str = ""
    """Whom it asks, where the site serves several."""

    @property
    def waits(self) -> bool:
        return any(stage.desk_may_answer for stage in self.stages)


@office.get("/gathering")
@needs("read_office")
def gathering() -> Response:
    with desk() as at:
        return page(at, "office/gathering.html", section="queue", rows=_rows(at))


def _rows(at: Desk) -> tuple[GatheringRow, ...]:
    found = at.session.scalars(
        select(Petition)
        .where(Petition.state == State.GATHERING_SPONSORS)
        .order_by(Petition.submitted_at)
        .limit(SHOWN)
    )
    listed = found.all()
    names = addressed(at, [each.id for each in listed])
    return tuple(
        GatheringRow(
            each.reference or "",
            text_of(at.session, each).title,
            each.language,
            stage_boxes(at.session, at.house, each, at.at),
            names.get(each.id, ""),
        )
        for each in listed
    )


@office.post("/cases/<ref>/sponsors/<int:number>")
@needs("decide_admissibility")
def record_answer(ref: str, number: int) -> Response:
    """What the holder of an office answered, in writing, to the petitions office."""
    answer = request.form.get("answer", "")
    if answer not in ANSWERS:
        raise InvalidError("not_accepted")
    with desk(write=True) as at:
        petition = moves.lock(at.session, by_reference(at.session, ref).id)
        sponsors.record_answer(
            at.session, at.house, petition, number, at.acting(Permission.DECIDE_ADMISSIBILITY),
            accepted=ANSWERS[answer], at=at.at,
        )  # fmt: skip
    return sent_on(f"/office/cases/{ref}")
