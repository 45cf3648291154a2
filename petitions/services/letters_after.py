"""The facts of letters about what happens to a published petition: taken down, restored, merged."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from sqlalchemy.orm import Session

from petitions.services.letter_languages import said_to
from petitions.services.merging import merged_into, requests_of
from petitions.services.ports import House
from petitions.storage.tables import Audit, CaseMotion, Petition, PetitionText

Facts = dict[str, Any]


def _motion(session: Session, row: Audit | None) -> CaseMotion | None:
    motion = row.detail.get("motion") if row else None
    return session.get(CaseMotion, UUID(str(motion))) if motion else None


def motion_facts(session: Session, house: House, petition: Petition, row: Audit | None) -> Facts:
    """Grounds with their rule, legal basis, reasons; the new last day where days were given back."""
    motion = _motion(session, row)
    grounds = []
    for code in motion.grounds if motion else []:
        words = house.shelf(session, petition).told(
            code, petition.language, noun="grounds", rulebook=petition.rulebook_id
        )
        grounds.append({"title": words.title, "article": words.reference, "appeal": words.appeal})
    return {
        "grounds": grounds,
        "legal_basis": motion.legal_basis if motion else "",
        "asked_by": motion.asked_by if motion else "office",
        "reasons": said_to(petition, motion.texts) if motion else "",
        "last_day": petition.last_day.isoformat() if petition.last_day else "",
    }


def merge_facts(session: Session, _house: House, petition: Petition, _row: Audit | None) -> Facts:
    """The petition it joins, and why."""
    requests = requests_of(session, petition.id)
    target = merged_into(session, petition.id)
    if target is None and requests:
        target = session.get(Petition, requests[0].target_id)
    if target is None:
        return {"target_reference": "", "target_title": "", "reasons": ""}
    text = session.get_one(PetitionText, (target.id, target.language))
    return {
        "target_reference": target.reference or "",
        "target_title": text.title,
        "reasons": said_to(petition, requests[0].texts) if requests else "",
    }
