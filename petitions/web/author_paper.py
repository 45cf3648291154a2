"""Signatures on paper as their author sees them: what they say they have, and what was certified."""

from __future__ import annotations

from sqlalchemy.orm import Session

from petitions.domain.calendar import local_day
from petitions.domain.channels import on_paper
from petitions.domain.lifecycle import State
from petitions.platform.i18n import current_locale
from petitions.services import sheets
from petitions.storage import reading
from petitions.storage.tables import Petition, Verification
from petitions.web.edge import Engine
from petitions.web.pages_together import PaperCard


def paper_card(session: Session, the: Engine, petition: Petition) -> PaperCard | None:
    """None where the rules know no signatures on paper, or nobody signs yet."""
    kind = the.house.kind(session, petition)
    if petition.published_at is None or not on_paper(kind.signing, petition.choices):
        return None
    row = session.get(Verification, petition.id)
    count = reading.public_count(session, petition.id)
    zone = the.house.rulebook(session, petition).zone
    said = row.declared_at if row else None
    over = row is not None and row.closed_at is not None
    speaks = State(petition.state) in sheets.COLLECTING and not over
    return PaperCard(
        action=f"/{current_locale().lang}/mine/{petition.id}/paper" if speaks else "",
        declared=row.declared_lines if row else None,
        declared_on=local_day(said, zone) if said else None,
        certified=count.paper if count else 0,
        sheets_until=sheets.last_day(kind, petition),
    )
