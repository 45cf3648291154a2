"""One map a day: figures by area that tell of nobody, and their hash in the log (GEO).

Drawn from what is in the log already, at a fixed hour. A map says how many signatures were declared
invalid; one that would share its batch with a further one is dropped and drawn again the next turn.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Sequence
from datetime import date, datetime, time
from uuid import UUID
from zoneinfo import ZoneInfo

from sqlalchemy import delete, exists, select
from sqlalchemy.orm import Session

from petitions.domain.area_maps import LEAST_VALID, days_since_epoch, figures, map_file
from petitions.domain.calendar import local_day
from petitions.domain.milestones import areas_met
from petitions.domain.rulebook import Kind
from petitions.ledger.batch import Count, PendingEntry
from petitions.ledger.entries import EntryType, Geo
from petitions.services import moves
from petitions.services.pending import queue
from petitions.services.ports import House
from petitions.services.tallying import tally_of
from petitions.services.targets import target
from petitions.storage import log_paper_rows, log_rows, paper_rows
from petitions.storage import tables as t

HOUR = time(4)
"""Local time from which the map of a day is drawn: the same every day, so that it tells no moment."""
Step = Callable[[Session], None]


def due(session: Session, house: House, at: datetime) -> list[UUID]:
    """Petitions with areas and enough signatures, whose map of today is not drawn yet."""
    found = session.scalars(
        select(t.Petition)
        .join(t.PetitionSigning, t.PetitionSigning.petition_id == t.Petition.id)
        .join(t.PublicCount, t.PublicCount.petition_id == t.Petition.id)
        .where(
            t.PetitionSigning.signing.in_(("open", "closed")),
            t.PublicCount.valid - t.PublicCount.paper >= LEAST_VALID,
            exists().where(t.AreaTally.petition_id == t.Petition.id, t.AreaTally.area != ""),
        )
    )
    return [petition.id for petition in found if _wanted(session, house, petition, at)]


def _wanted(session: Session, house: House, petition: t.Petition, at: datetime) -> bool:
    if house.kind(session, petition).signing.areas is None:
        return False
    zone = house.rulebook(session, petition).zone
    if at.astimezone(ZoneInfo(zone)).time() < HOUR:
        return False
    last = paper_rows.last_map(session, petition.id)
    return last is None or last.day < local_day(at, zone)


def draw(session: Session, house: House, petition_id: UUID, at: datetime) -> None:
    """Today's map, where it says something new. Repeating changes nothing."""
    petition = moves.lock(session, petition_id)
    signing = session.get(t.PetitionSigning, petition_id)
    count = log_rows.last_counts(session, [petition_id]).get(petition_id)
    if signing is None or count is None or not _wanted(session, house, petition, at):
        return
    if signing.signing not in {"open", "closed"} or count.valid < LEAST_VALID:
        return
    if _invalidation_pending(session, petition_id):
        return
    kind = house.kind(session, petition)
    day = local_day(at, house.rulebook(session, petition).zone)
    last = paper_rows.last_map(session, petition_id)
    row = _drawn(session, house, petition, kind, count, day, last)
    if last is not None and (last.figures, last.met) == (row.figures, row.met):
        return
    log_paper_rows.keep(session, signing.log_id, "geo", row.content, petition_id)
    session.add(row)
    geo = Geo(days_since_epoch(day), row.digest)
    queue(session, signing.log_id, petition_id, geo, due_at=at)


def _drawn(
    session: Session,
    house: House,
    petition: t.Petition,
    kind: Kind,
    count: Count,
    day: date,
    last: t.AreaMap | None,
) -> t.AreaMap:
    assert kind.signing.areas is not None
    tally = tally_of(session, kind, petition.id, count)
    places = paper_rows.places(session, petition.id)
    online = {
        area: place.signed - place.withdrawn
        for (area, group), place in places.items()
        if area and not group
    }
    before = {area: int(number) for area, number in last.figures.items()} if last else {}
    area_min = kind.publicity.area_min
    table = house.shelf(session, petition).areas(kind.signing.areas.file)
    told = figures(online, table.values, before, area_min)
    content = map_file(petition.id, day, count.invalid, told, area_min)
    return t.AreaMap(
        petition_id=petition.id, day=day, figures=told, area_min=area_min, content=content,
        digest=hashlib.sha256(content).digest(), batch_no=None,
        met={
            milestone.id: areas_met(milestone, tally, target(house, kind, petition, milestone))
            for milestone in kind.milestones
            if milestone.quorum is not None
        },
    )  # fmt: skip


def _invalidation_pending(session: Session, petition_id: UUID) -> bool:
    row = t.PendingEntry
    found = select(row.type).where(
        row.petition_id == petition_id, row.type == int(EntryType.INVALIDATE)
    )
    return session.execute(found.limit(1)).first() is not None


def current(session: Session, pending: Sequence[PendingEntry]) -> list[PendingEntry]:
    """Without maps that the same batch would make wrong: their rows go, and they are drawn anew."""
    falling = {p.petition for p in pending if p.type is EntryType.INVALIDATE}
    stale = [p for p in pending if p.type is EntryType.GEO and p.petition in falling]
    for p in stale:
        digest = p.body[-32:]
        session.execute(delete(t.AreaMap).where(t.AreaMap.digest == digest))
        session.execute(delete(t.LogPaper).where(t.LogPaper.digest == digest))
    return [p for p in pending if p not in stale]
