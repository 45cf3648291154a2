"""A town whose rulebook was edited for one rule, and what its petitions did."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import select

from petitions.services import filing, handover, moves
from petitions.services.examination import open_tracks
from petitions.storage import tables as t
from petitions.storage.tables import Petition
from tests.domain.clauses import local
from tests.house import CLERK, Precinct

PARIS = "Europe/Paris"
Towns = Callable[..., Precinct]
LOW = {"threshold = 25": "threshold = 2"}
AFTER = "[[after.duties]]"
SIGNING = 'window = { length = "P2M" }'


def to(town: Precinct, moment: str) -> datetime:
    town.clock.at = local(moment, PARIS)
    return town.clock.at


def look(town: Precinct, petition: UUID) -> Petition:
    with town.session() as session:
        return session.get_one(Petition, petition)


def row(town: Precinct, table: type[t.Base], key: Any) -> Any:
    with town.session() as session:
        return session.get(table, key)


def trail(town: Precinct, petition: UUID, action: str) -> list[t.Audit]:
    with town.session() as session:
        wanted = select(t.Audit).where(t.Audit.petition_id == petition, t.Audit.action == action)
        return list(session.scalars(wanted))


def open_duties(town: Precinct, petition: UUID) -> list[str]:
    with town.session() as session:
        return [each.code for each in open_tracks(session, session.get_one(Petition, petition))]


def hand_over(town: Precinct, petition: UUID, ack: str = "sent") -> None:
    with town.session() as session:
        found = moves.lock(session, petition)
        day = town.clock.at.date()
        handover.acknowledge(session, town.house, found, ack, day, CLERK, at=town.clock.at)


def withdraw(town: Precinct, petition: UUID) -> None:
    with town.session() as session:
        filing.withdraw_petition(session, town.house, moves.lock(session, petition), town.clock.at)
