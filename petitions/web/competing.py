"""Competing petitions, where the rules allow one signature among them all."""

from __future__ import annotations

from sqlalchemy.orm import Session

from petitions.domain.lifecycle import State
from petitions.services import groups
from petitions.storage.tables import Petition, PetitionText
from petitions.web.pages import Link

NOT_SHOWN = frozenset({State.HIDDEN, State.DRAFT})


def links(session: Session, petition: Petition, lang: str) -> tuple[Link, ...] | None:
    """The other ones, in the reader's language where there is that text; None outside any group."""
    if not groups.context_of(session, petition.id):
        return None
    found = []
    for each in groups.rivals(session, petition.id):
        if each.state in NOT_SHOWN:
            continue
        text = session.get(PetitionText, (each.id, lang)) or session.get_one(
            PetitionText, (each.id, each.language)
        )
        found.append(Link(f"/{lang}/petitions/{each.reference}", text.title, text.language))
    return tuple(found)
