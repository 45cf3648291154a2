"""What of a petition's times is the author's to say, as parts of the author's page."""

from __future__ import annotations

from zoneinfo import ZoneInfo

from sqlalchemy.orm import Session

from petitions.domain.lifecycle import Role
from petitions.platform.i18n import current_locale
from petitions.services import handover, starting
from petitions.storage.tables import Petition
from petitions.web import time_words
from petitions.web.edge import Engine
from petitions.web.pages_author import HandoverCard, StartDay


def start_day(session: Session, the: Engine, petition: Petition) -> StartDay | None:
    """The form for the first day, where the author still has to choose it."""
    if starting.awaits_start(session, the.house, petition) != starting.CHOSEN:
        return None
    zone = the.house.rulebook(session, petition).zone
    return StartDay(
        action=f"/{current_locale().lang}/mine/{petition.id}/first-day",
        first=the.clock().astimezone(ZoneInfo(zone)).date(),
        last=starting.last_start_day(session, the.house, petition),
    )


def handing_over(session: Session, the: Engine, petition: Petition) -> HandoverCard | None:
    """Where the hand-over stands; with a form while the next step is the author's."""
    found = handover.standing(session, the.house, petition)
    if found is None or found.started is None:
        return None
    mine = handover.may_acknowledge(found, petition, Role.AUTHOR)
    lang = current_locale().lang
    return HandoverCard(
        action=f"/{lang}/mine/{petition.id}/handover" if mine else "",
        ack=found.following,
        name=time_words.ack(found.following) if found.following else "",
        due=found.due,
        given=tuple((time_words.ack(ack), day) for ack, day in found.given),
        certificate=f"/petitions/{petition.reference}/closing.json",
    )
