"""Petitions that need sponsors, for tests: filed under any shipped rulebook, and their sponsors.

People are numbers. The author of every petition here is person 0; logins give the same values each
time, in the sponsors' context and in the petition's own.
"""

from __future__ import annotations

import secrets
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from petitions.domain import sponsors as rules
from petitions.domain.errors import PetitionError
from petitions.domain.words import Words
from petitions.services import filing, held, invitations, moves, sponsors
from petitions.services.held import Signer
from petitions.services.ports import House
from petitions.services.sponsors import Backing, Confirmed
from petitions.storage import tables as t
from petitions.storage.tables import Petition
from tests.founding import a_founder, u_in_sponsors, u_of
from tests.house import MAIL, Precinct, answer_everything


def a_backing(petition: UUID, person: int, at: datetime, *, area: str = "") -> Backing:
    """The login of somebody who was invited."""
    return Backing(
        u=u_in_sponsors(person, petition), jti=secrets.token_bytes(16),
        jti_expires=at + timedelta(minutes=10), signer=Signer(u_of(person, petition)), area=area,
    )  # fmt: skip


def a_draft_under(
    session: Session, house: House, at: datetime, rulebook: str, kind: str = ""
) -> Petition:
    """Complete and not sent yet, in the first language of the rulebook."""
    book = house.library.rulebook(rulebook, at.date())
    petition = filing.start_draft(
        session, book, assembly=book.assemblies[0], kind=kind or book.default_kind.id,
        tag=secrets.token_bytes(32), language=book.languages.accepted[0], title="Benches", at=at,
    )  # fmt: skip
    filing.see_similar(petition, "")
    filing.write_text(session, house, petition, Words.of("Benches", "More of them.", "Because."))
    filing.write_author(petition, "Claire Lefort", MAIL)
    answer_everything(session, house, petition, at)
    return petition


@dataclass
class Circle:
    """One petition and those who stand behind it; each verb is one transaction."""

    precinct: Precinct
    petition: UUID

    @property
    def at(self) -> datetime:
        return self.precinct.clock.at

    def locked(self, session: Session) -> Petition:
        return moves.lock(session, self.petition)

    def invite(self, stage: str, *, role: str = "", shared: bool = False) -> str:
        """The secret of a new link."""
        with self.precinct.session() as session:
            petition = self.locked(session)
            return invitations.invite(
                session, self.precinct.house, petition, filing.author(petition.author_tag),
                stage=stage, role=role, shared=shared, at=self.at,
            ).token  # fmt: skip

    def confirm(self, token: str, person: int, *, area: str = "") -> Confirmed:
        with self.precinct.session() as session:
            petition = self.locked(session)
            return sponsors.confirm(
                session, self.precinct.house, petition, invitations.by_token(session, token),
                a_backing(self.petition, person, self.at, area=area), self.at,
            )  # fmt: skip

    def join(self, stage: str, *people: int, area: str = "") -> None:
        """Each by a link of their own."""
        for person in people:
            self.confirm(self.invite(stage), person, area=area)

    def step_back(self, stage: str, person: int) -> bool:
        with self.precinct.session() as session:
            return sponsors.step_back(
                session, self.precinct.house, self.locked(session), stage,
                a_backing(self.petition, person, self.at), self.at,
            )  # fmt: skip

    def refuse(self, token: str) -> None:
        with self.precinct.session() as session:
            petition = self.locked(session)
            row = invitations.by_token(session, token)
            invitations.refuse(session, self.precinct.house, petition, row, self.at)

    @property
    def state(self) -> str:
        return self.precinct.state(self.petition)

    def stage(self, stage: str) -> t.GatheringStage:
        with self.precinct.session() as session:
            return session.get_one(t.GatheringStage, (self.petition, stage))

    def held(self) -> int:
        with self.precinct.session() as session:
            return held.held(session, self.petition)

    def standings(self) -> list[str]:
        """Of the invitations, oldest first."""
        with self.precinct.session() as session:
            every = invitations.invitations(session, self.petition)
            return [each.standing for each in reversed(every)]


def file_under(
    precinct: Precinct,
    rulebook: str,
    kind: str = "",
    *,
    area: str = "",
    exempt: tuple[str, ...] = (),
) -> Circle:
    """Sent by person 0."""
    with precinct.session() as session:
        house, at = precinct.house, precinct.clock.at
        petition = a_draft_under(session, house, at, rulebook, kind)
        founder = replace(a_founder(house, petition.id), area=area, exempt=frozenset(exempt))
        book = house.library.rulebook(rulebook, at.date())
        filing.submit(session, house, book, petition, at, founder)
        return Circle(precinct, petition.id)


def find_enough(session: Session, house: House, petition: Petition, at: datetime) -> None:
    """Every stage met, by people 1000 and up, each in an area of their own."""
    kind, person = house.kind(session, petition), 1000
    for stage in kind.sponsors:
        areas = list(house.library.areas(stage.spread.areas).names) if stage.spread else [""]
        roles = [role for role, number in stage.roles.items() for _ in range(number)]
        while True:
            row = session.get(t.GatheringStage, (petition.id, stage.id))
            if row is None or row.progress == rules.Progress.MET:
                break
            person += 1
            actor = filing.author(petition.author_tag)
            made = invitations.invite(
                session, house, petition, actor, stage=stage.id,
                role=roles.pop() if roles else "", at=at,
            )  # fmt: skip
            invitation = invitations.by_token(session, made.token)
            backing = a_backing(petition.id, person, at, area=areas[person % len(areas)])
            sponsors.confirm(session, house, petition, invitation, backing, at)


def refused_with(act: object) -> str:
    """The code of the refusal that a call raises; an act that succeeds is a failure of the test."""
    try:
        act()  # type: ignore[operator]
    except PetitionError as error:
        return error.code
    raise AssertionError("nothing was refused")


def codes(precinct: Precinct, petition: UUID) -> set[bytes]:
    """The codes of all sponsors of one petition."""
    with precinct.session() as session:
        return set(session.scalars(select(t.Sponsor.tag).where(t.Sponsor.petition_id == petition)))
