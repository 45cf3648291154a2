"""The language in which a text reads: found once per text by the worker, kept, and read from there.

The detector (lingua, the extra "language") takes a second and a few hundred megabytes to wake up, so
it lives in the worker alone, is asked once for each text, and never in a web process. Without it, or
before the worker has come to a text, the function words decide (`checks.language`).
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator
from datetime import datetime
from functools import partial
from uuid import UUID

from sqlalchemy import and_, or_, select
from sqlalchemy.orm import Session

from admissibility.review import UNDER_REVIEW
from petitions.domain.lifecycle import State
from petitions.storage.tables import Petition, PetitionText, TextReading

Detect = Callable[[str, str], str | None]
"""(text, assembly) → language, or None where it cannot tell."""
AT_ONCE = 50
_READ = (*(str(state) for state in sorted(UNDER_REVIEW)), str(State.GATHERING_SPONSORS))
READ_MAX = 4000
"""Characters that are looked at: more make no detector surer."""


def what_is_read(text: PetitionText) -> str:
    return f"{text.title}\n{text.request}\n{text.reasons}"[:READ_MAX]


def digest(text: PetitionText) -> bytes:
    return hashlib.sha256(what_is_read(text).encode()).digest()


def guess_of(session: Session, petition: Petition, text: PetitionText) -> str | None:
    """What the worker found for exactly this text; None where it has not looked or could not tell."""
    row = session.get(TextReading, (petition.id, text.language))
    return row.guessed if row is not None and row.digest == digest(text) else None


def steps(session: Session, detect: Detect, at: datetime) -> Iterator[Callable[[Session], None]]:
    """One small step for each text that is checked just now and was not read yet."""
    rows = session.execute(
        select(PetitionText.petition_id, PetitionText.language)
        .join(Petition, Petition.id == PetitionText.petition_id)
        .outerjoin(
            TextReading,
            and_(
                TextReading.petition_id == PetitionText.petition_id,
                TextReading.language == PetitionText.language,
            ),
        )
        .where(
            Petition.state.in_(_READ),
            Petition.language == PetitionText.language,
            # a text that is being checked changes only when its author sends it again
            or_(TextReading.at.is_(None), TextReading.at < Petition.state_since),
        )
        .limit(AT_ONCE)
    )
    for petition_id, language in rows:
        yield partial(read, detect=detect, petition_id=petition_id, language=language, at=at)


def read(session: Session, detect: Detect, petition_id: UUID, language: str, at: datetime) -> None:
    petition = session.get_one(Petition, petition_id)
    text = session.get_one(PetitionText, (petition_id, language))
    row = session.get(TextReading, (petition_id, language))
    if row is None:
        row = TextReading(petition_id=petition_id, language=language)
        session.add(row)
    row.digest, row.at = digest(text), at
    row.guessed = detect(what_is_read(text), petition.assembly)
    session.flush()


def read_some(session: Session, detect: Detect | None, at: datetime) -> int:
    """What waits to be read, a few at a time; returns how many. The caller commits."""
    if detect is None:
        return 0
    waiting = list(steps(session, detect, at))
    for step in waiting:
        step(session)
    return len(waiting)
