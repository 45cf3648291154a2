"""What a petition is about: one topic of its assembly's list, or none.

It sorts petitions, and belongs to no text: people sign without it, no hash holds it, and the office may
set it anew at any time.
"""

from __future__ import annotations

from datetime import datetime

from sqlalchemy.orm import Session

from petitions.domain.errors import ConflictError, InvalidError
from petitions.domain.topics import Topics
from petitions.services.audit import record
from petitions.services.ports import Actor, House
from petitions.storage.tables import Petition

ACTION = "topic"
"""In the audit trail, with the topic before and after."""


def topics_for(house: House, petition: Petition) -> Topics:
    """Those of today's list of the assembly: nobody keeps an old list for one petition."""
    return house.library.assembly(petition.assembly).topics


def topic_of(house: House, petition: Petition) -> str:
    """Its topic, where the list still has it; else ""."""
    topic = petition.topic or ""
    return topic if topic in topics_for(house, petition) else ""


def choose(house: House, petition: Petition, topic: str) -> None:
    """The author says what it is about; "" for none of the list. InvalidError for anything else."""
    if topic and topic not in topics_for(house, petition):
        raise InvalidError(fields={"topic": ("not_accepted", {})})
    petition.topic = topic or None


def classify(
    session: Session,
    house: House,
    petition: Petition,
    topic: str,
    actor: Actor,
    at: datetime,
    *,
    was: str,
) -> bool:
    """The office sets it anew, whatever the state; False where it is so already.

    `was`: the topic that the page showed. ConflictError where a colleague was faster: the petition's
    own version stays, as no form about its text or state has to be looked at again for a topic.
    """
    before = petition.topic or ""
    if before == topic:
        return False
    if before != was:
        raise ConflictError("changed_meanwhile", state=petition.state)
    choose(house, petition, topic)
    record(
        session, actor, ACTION, at=at, petition=petition, detail={"was": before, "topic": topic}
    )  # fmt: skip
    return True
