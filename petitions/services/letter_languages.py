"""In which language an author is written to, and which of several texts they are given.

A letter's own sentences are in the author's language where the site speaks it, else in the first
language of the petition's rulebook that it speaks, else in the site's own. What was decided is told in
the author's language where it was written in it, else in the first it was written in.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sqlalchemy.orm import Session

from petitions.services.ports import House
from petitions.storage.tables import Petition


def languages_of(session: Session, house: House, petition: Petition) -> tuple[str, ...]:
    """The author's own, then those of the rulebook, the one that is authoritative in front."""
    known = house.rulebook(session, petition).languages
    named = (known.authoritative,) if known.authoritative in known.accepted else ()
    return (petition.language, *named, *known.accepted)


def said_to(petition: Petition, texts: Mapping[str, Any]) -> str:
    """What was written, as the author reads it: empty only where nothing was written."""
    return str(texts.get(petition.language) or next(filter(None, texts.values()), ""))
