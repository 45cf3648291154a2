"""What an author shares with others before it is final: a withdrawal, a text under public discussion."""

from __future__ import annotations

from sqlalchemy.orm import Session

from petitions.domain.calendar import local_day
from petitions.platform.i18n import current_locale
from petitions.services import joint_withdrawal, public_drafting, windows
from petitions.storage.tables import Petition
from petitions.web.edge import Engine
from petitions.web.pages_together import Discussed, Joint


def joint(session: Session, the: Engine, petition: Petition) -> Joint | None:
    """None where the author alone decides."""
    found = joint_withdrawal.standing(session, the.house, petition)
    if found.promoters == 0:
        return None
    action = f"/{current_locale().lang}/mine/{petition.id}/withdraw-together"
    return Joint(action, found.promoters, found.agreed, found.asked)


def discussed(session: Session, the: Engine, petition: Petition) -> Discussed | None:
    """None where the text is fixed."""
    if not public_drafting.may_edit(session, the.house, petition, the.clock()):
        return None
    zone = the.house.rulebook(session, petition).zone
    first = petition.opens_at if windows.opened(petition) else None
    return Discussed(
        edit_href=f"/{current_locale().lang}/mine/{petition.id}/text",
        until=local_day(first, zone) if first else None,
        versions=len(public_drafting.versions(session, petition, petition.language)) + 1,
    )
