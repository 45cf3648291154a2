"""What the office proposes or did, in the author's space: a merger to answer, a removal."""

from __future__ import annotations

from sqlalchemy.orm import Session

from petitions.domain.lifecycle import Action, State
from petitions.domain.motions import MotionStatus
from petitions.platform.i18n import current_locale
from petitions.services import merging
from petitions.services.hiding import was_taken_down
from petitions.services.motions import motions_of
from petitions.storage.tables import Petition
from petitions.web.pages_author import MergeOffer, Removal
from petitions.web.petition_ends import petition_link


def merge_offer(session: Session, petition: Petition) -> MergeOffer | None:
    """The proposal that waits for the author's answer."""
    row = merging.open_request(session, petition.id)
    if row is None:
        return None
    target = session.get_one(Petition, row.target_id)
    return MergeOffer(
        action=f"/{current_locale().lang}/mine/{petition.id}/merge",
        target=petition_link(session, target),
        reasons=_words(row.texts, petition.language),
        possible=not merging.target_objection(petition, target),
    )


def removal(session: Session, petition: Petition) -> Removal | None:
    """Why it was taken off the site, for its author alone."""
    if petition.state != State.HIDDEN or not was_taken_down(session, petition):
        return None
    done = [
        row
        for row in motions_of(session, petition.id)
        if row.action == Action.TAKE_DOWN and row.status == MotionStatus.CARRIED_OUT
    ]
    if not done:
        return None
    return Removal(done[0].legal_basis, _words(done[0].texts, petition.language))


def _words(texts: dict[str, object], language: str) -> str:
    return str(texts.get(language) or next(iter(texts.values()), ""))
