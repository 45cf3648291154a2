"""Petitions under shipped rulebooks whose time matters, for tests: local instants, events, states.

Where a scenario is about time alone, its rulebook is loaded without sponsors, areas and certificates,
so that a handful of signatures tells the story; every date of it stays as shipped.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from functools import cache
from pathlib import Path
from types import MappingProxyType
from uuid import UUID

from sqlalchemy import Engine, select

from petitions.domain.lifecycle import Action, Role
from petitions.domain.rulebook import load_rulebook
from petitions.domain.rulebook_files import Library
from petitions.services import calendars, filing, handover, moves, starting
from petitions.services.calendars import EVENT, Line
from petitions.services.ports import Actor
from petitions.storage import tables as t
from petitions.storage.tables import Petition
from tests.domain.clauses import local
from tests.house import RULEBOOKS, Precinct, a_founder, a_precinct, shipped_library
from tests.sponsoring import a_draft_under

KEEPER = Actor("petit", Role.CLERK, "A. Petit")
SECOND = Actor("morel", Role.CLERK, "J. Morel")
_SPONSORS = re.compile(r"\[\[sponsors\]\].*?(?=\n\[)", re.DOTALL)
_PLAIN: dict[str, tuple[tuple[str, str], ...]] = {
    "eu-eci": (
        ('areas = { file = "eu-27", source = "citizenship" }\n', ""),
        ('quorum = { k = 7, min = { column = "seats", times = 720 } }\n', ""),
        ("threshold = 1000000", "threshold = 3"),
    ),
    "fi-national": (("threshold = 50000", "threshold = 60"),),
    "ch-federal": (
        ('required = ["de", "fr", "it"], authoritative = "all"', 'authoritative = "author"'),
    ),
    "uk-parliament": (('areas = { file = "uk-constituencies", source = "postcode" }\n', ""),),
    "ca-house-of-commons": (
        ('required = ["en", "fr"], ', ""),
        ("threshold = 500", "threshold = 3"),
        ('by = "member"', 'by = "clerk_of_petitions"'),  # the member was a sponsor
    ),
    "fr-assemblee-nationale": (),
}


@cache
def plain_library(rulebook: str, *changes: tuple[str, str]) -> Library:
    """The shipped library with one rulebook made plain: no sponsors, and these passages replaced."""
    shipped = shipped_library()
    text = (RULEBOOKS / f"{rulebook}.toml").read_text(encoding="utf-8")
    text = _SPONSORS.sub("", text)
    text = re.sub(r'"(kinds\.\w+\.)?sponsors[^"]*",? ?', "", text)
    for old, new in (*_PLAIN.get(rulebook, ()), *changes):
        assert old in text, f"{rulebook} does not say {old!r}"
        text = text.replace(old, new)
    book = load_rulebook(text, name=f"{rulebook}.toml", context=shipped.context)
    return Library(shipped.context, MappingProxyType({**shipped.rulebooks, rulebook: (book,)}))


@dataclass
class Chamber:
    """A precinct with one plain rulebook; every time is local to its zone."""

    precinct: Precinct
    rulebook: str
    zone: str
    assembly: str

    def local(self, text: str) -> datetime:
        return local(text, self.zone)

    def to(self, text: str) -> datetime:
        self.precinct.clock.at = self.local(text)
        return self.precinct.clock.at

    def file(self, at: str, kind: str = "") -> UUID:
        moment = self.to(at)
        with self.precinct.session() as session:
            house = self.precinct.house
            petition = a_draft_under(session, house, moment, self.rulebook, kind)
            book = house.library.rulebook(self.rulebook, moment.date())
            founder = a_founder(house, petition.id)
            return filing.submit(session, house, book, petition, moment, founder).id

    def publish(self, at: str, kind: str = "") -> UUID:
        petition = self.file(at, kind)
        self.precinct.decide(petition, Action.ACCEPT)
        return petition

    def work(self, at: str = "") -> None:
        """A worker's turns, at this local time if one is given."""
        if at:
            self.to(at)
        self.precinct.work()

    def enter(
        self, event: str, start: str, end: str = "", *, second: Actor | None = SECOND
    ) -> UUID:
        """An event of the calendar, confirmed by a second person where one is needed."""
        line = Line(
            what=EVENT, event=event, note="Official Journal, No. 1", starts_at=self.local(start),
            ends_at=self.local(end) if end else None,
        )  # fmt: skip
        with self.precinct.session() as session:
            row = calendars.enter(
                session, self.precinct.house, self.assembly, line, KEEPER, at=self.precinct.clock.at
            )
            if row.status == "proposed" and second is not None:
                calendars.confirm(session, row.id, second, self.precinct.clock.at)
            return row.id

    def days(self, what: str, *days: date, until: date | None = None) -> None:
        line = Line(what=what, note="Decision of the bureau", days=days, covers_until=until)
        with self.precinct.session() as session:
            calendars.enter(
                session, self.precinct.house, self.assembly, line, KEEPER, at=self.precinct.clock.at
            )

    def start_on(self, petition: UUID, day: str, *, by_author: bool = True) -> None:
        with self.precinct.session() as session:
            found = moves.lock(session, petition)
            actor = filing.author(found.author_tag) if by_author else KEEPER
            starting.name_first_day(
                session, self.precinct.house, found, date.fromisoformat(day), actor,
                at=self.precinct.clock.at,
            )  # fmt: skip

    def acknowledge(self, petition: UUID, ack: str, day: str, *, by_author: bool = False) -> None:
        with self.precinct.session() as session:
            found = moves.lock(session, petition)
            actor = filing.author(found.author_tag) if by_author else KEEPER
            handover.acknowledge(
                session, self.precinct.house, found, ack, date.fromisoformat(day), actor,
                at=self.precinct.clock.at,
            )  # fmt: skip

    def look(self, petition: UUID) -> Petition:
        with self.precinct.session() as session:
            return session.get_one(Petition, petition)

    def track(self, petition: UUID, code: str) -> t.Track:
        with self.precinct.session() as session:
            return session.get_one(t.Track, (petition, code))

    def trail(self, petition: UUID, action: str) -> list[t.Audit]:
        with self.precinct.session() as session:
            return list(
                session.scalars(
                    select(t.Audit).where(t.Audit.petition_id == petition, t.Audit.action == action)
                )
            )


def a_chamber(
    folder: Path, engine: Engine, rulebook: str, changes: Iterable[tuple[str, str]] = ()
) -> Chamber:
    library = plain_library(rulebook, *changes)
    book = library.rulebooks[rulebook][-1]
    precinct = a_precinct(folder, engine, library=library, batch_min=1)
    return Chamber(precinct, rulebook, book.zone, book.assemblies[0])
