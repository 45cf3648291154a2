"""What is followed, in words: for pages, for the mail of confirmation, and for the reason of a mail."""

from __future__ import annotations

from uuid import UUID

from sqlalchemy.orm import Session

from petitions.domain.following import Scope
from petitions.domain.topics import topic_in
from petitions.platform.spoken import told_in
from petitions.services.hiding import is_out_of_sight
from petitions.services.ports import House
from petitions.storage.tables import Petition, PetitionText


def name_of(session: Session, house: House, scope: Scope, target: str, language: str) -> str:
    """A petition out of sight is called by its number; everything has no name of its own."""
    if scope is Scope.PETITION:
        return _title(session, UUID(target), language)
    if scope is Scope.ASSEMBLY:
        return house.library.assembly(target).name(language)
    if scope is Scope.TOPIC:
        return _topic(house, target, language)
    return target


def _topic(house: House, target: str, language: str) -> str:
    """With the assembly whose list it is from; its id, where the list does not have it any more."""
    assembly_id, topic = topic_in(target)
    assembly = house.library.assembly(assembly_id)
    names = assembly.topics.get(topic, {})
    name = told_in(names, language, "en", *assembly.languages) or topic
    return f"{name} – {assembly.name(language)}"


def _title(session: Session, petition_id: UUID, language: str) -> str:
    petition = session.get(Petition, petition_id)
    if petition is None:
        return ""
    if is_out_of_sight(petition):
        return petition.reference or ""
    text = session.get(PetitionText, (petition.id, language))
    if text is None or not text.title:
        text = session.get_one(PetitionText, (petition.id, petition.language))
    return text.title
