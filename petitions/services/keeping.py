"""When what is kept of a petition may go: the retention clocks of its rulebook, and the archive.

Of several clocks for one class of data the earliest wins; a clock whose event has not happened does
not run. A petition is archived when every class it has is over and no duty is open (transition 28).
"""

from __future__ import annotations

from datetime import datetime
from itertools import groupby

from sqlalchemy import select
from sqlalchemy.orm import Session

from petitions.domain.calendar import add, closes_at
from petitions.domain.procedure import Retention
from petitions.services.happenings import happened
from petitions.services.ports import House
from petitions.storage.tables import Petition, PetitionSigning, Track

SIGNATURES = "signatures"


def class_over(session: Session, house: House, petition: Petition, data: str) -> datetime | None:
    """First instant after the earliest clock of this class of data; None while none runs."""
    rules = [
        rule for rule in house.kind(session, petition).publicity.retention if rule.data == data
    ]
    return _earliest(session, house, petition, rules)


def _earliest(
    session: Session, house: House, petition: Petition, rules: list[Retention]
) -> datetime | None:
    zone = house.rulebook(session, petition).zone
    ends = []
    for rule in rules:
        found = happened(session, house, petition, rule.start)
        if found is not None:
            ends.append(closes_at(add(found.day, rule.length), zone))
    return min(ends, default=None)


def archive_due(session: Session, house: House, petition: Petition) -> datetime | None:
    """First instant at which every retention clock has run out; None: one has not started."""
    rules = sorted(house.kind(session, petition).publicity.retention, key=lambda rule: rule.data)
    ends = []
    for data, of_class in groupby(rules, key=lambda rule: rule.data):
        end = _earliest(session, house, petition, list(of_class))
        if end is not None:
            ends.append(end)
        elif data != SIGNATURES or session.get(PetitionSigning, petition.id) is not None:
            return None
    return max(ends, default=None)


def tracks_open(session: Session, petition: Petition) -> bool:
    found = session.scalar(
        select(Track.code)
        .where(Track.petition_id == petition.id, Track.status != "decided")
        .limit(1)
    )
    return found is not None


def signatures_kept(session: Session, petition: Petition) -> bool:
    """Rows of signatures are there until the petition is sealed: then only the public log is left."""
    signing = session.get(PetitionSigning, petition.id)
    return signing is not None and signing.signing != "sealed"
