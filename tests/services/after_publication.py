"""Petitions after publication, for tests: filed under any shipped rulebook, and what clerks do to them.

Thresholds of tens of thousands are lowered in a copy of the rulebook; nothing else of it changes.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any
from uuid import UUID

from sqlalchemy import Engine, select

from petitions.domain.lifecycle import Action
from petitions.domain.motions import AskedBy, Motion
from petitions.domain.rulebook_files import Library
from petitions.domain.steps import ChangeKind
from petitions.domain.words import Words
from petitions.services import examination, filing, merging, motions, moves, steps
from petitions.services.examination import Examination
from petitions.services.motions import Wanted
from petitions.services.steps import NewChange, NewStep
from petitions.storage import tables as t
from tests.house import (
    CLERK,
    COMMITTEE,
    OTHER_CLERK,
    START,
    Precinct,
    a_founder,
    a_precinct,
    changed_library,
)
from tests.sponsoring import a_draft_under


@dataclass
class File:
    """One petition; each verb is one transaction, at the precinct's instant."""

    precinct: Precinct
    id: UUID
    languages: tuple[str, ...] = ("fr",)

    @property
    def at(self) -> datetime:
        return self.precinct.clock.at

    @property
    def state(self) -> str:
        return self.precinct.state(self.id)

    def texts(self, words: str) -> dict[str, str]:
        return dict.fromkeys(self.languages, words)

    def step(self, kind: str = "hearing", **new: Any) -> int:
        told: dict[str, Any] = {"planned": False, "day": self.at.date()}
        told |= {"texts": self.texts("Audition.")} | new
        with self.precinct.session() as session:
            locked = moves.lock(session, self.id)
            wanted = NewStep(kind=kind, **told)
            house = self.precinct.house
            return steps.record_step(session, house, locked, wanted, COMMITTEE, at=self.at).number

    def change(self, number: int, kind: ChangeKind, words: str = "Erratum.", **new: Any) -> None:
        with self.precinct.session() as session:
            locked = moves.lock(session, self.id)
            wanted = NewChange(kind=kind, texts=self.texts(words), **new)
            house = self.precinct.house
            steps.change_step(session, house, locked, number, wanted, COMMITTEE, at=self.at)

    def settle(self, code: str, words: str = "Fait.", **how: Any) -> None:
        with self.precinct.session() as session:
            locked = moves.lock(session, self.id)
            examination.decide_track(
                session, self.precinct.house, locked, code, self.texts(words) if words else {},
                COMMITTEE, at=self.at, **how,
            )  # fmt: skip

    def examine(self, code: str, words: str = "Vu.", **found: Any) -> None:
        texts = found.pop("texts", None) or self.texts(words)
        given = Examination(
            code=code, decided_on=found.pop("on", self.at.date()), summaries=texts, texts=texts,
            **found,
        )  # fmt: skip
        with self.precinct.session() as session:
            locked = moves.lock(session, self.id)
            examination.examine(session, self.precinct.house, locked, given, COMMITTEE, at=self.at)

    def propose(self, motion: Motion, actor: Any = CLERK, **wanted: Any) -> UUID:
        if motion is Motion.TAKE_DOWN:
            wanted = {"grounds": ("privacy",)} | wanted
        wanted = {
            "texts": self.texts("Motifs."), "legal_basis": "Article 9 du code civil",
            "asked_by": AskedBy.OFFICE,
        } | wanted  # fmt: skip
        with self.precinct.session() as session:
            locked = moves.lock(session, self.id)
            ask = Wanted(motion=motion, **wanted)
            return motions.propose(session, self.precinct.house, locked, ask, actor, self.at).id

    def carry_out(self, motion: UUID, actor: Any = OTHER_CLERK) -> None:
        with self.precinct.session() as session:
            motions.carry_out(session, self.precinct.house, motion, actor, self.at)

    def do(self, motion: Motion, **wanted: Any) -> None:
        """Both people, one after the other."""
        self.carry_out(self.propose(motion, **wanted))

    def ask_to_merge(self, target: File, words: str = "Même demande.") -> None:
        with self.precinct.session() as session:
            locked = moves.lock(session, self.id)
            reference = session.get_one(t.Petition, target.id).reference or ""
            merging.ask(
                session, self.precinct.house, locked, reference, self.texts(words), CLERK, self.at
            )

    def answer_merging(self, *, accept: bool, why: str = "") -> None:
        with self.precinct.session() as session:
            locked = moves.lock(session, self.id)
            author = filing.author(locked.author_tag)
            if accept:
                merging.accept(session, locked, author, self.at)
            else:
                merging.refuse(session, locked, author, why, self.at)

    def track(self, code: str) -> t.Track:
        with self.precinct.session() as session:
            return session.get_one(t.Track, (self.id, code))

    def tracks(self) -> dict[str, str]:
        with self.precinct.session() as session:
            rows = session.scalars(select(t.Track).where(t.Track.petition_id == self.id))
            return {row.code: row.status for row in rows}

    def row(self) -> t.Petition:
        with self.precinct.session() as session:
            return session.get_one(t.Petition, self.id)


def published(precinct: Precinct, rulebook: str = "town", **more: Any) -> File:
    return File(precinct, precinct.publish(rulebook, **more))


def reached(precinct: Precinct, people: int = 5) -> File:
    """Published in the town, signed, and over a threshold that was lowered to five."""
    file = published(precinct)
    precinct.sign_many(file.id, range(people))
    precinct.work()
    return file


def under(
    precinct: Precinct, rulebook: str, kind: str = "", *, also_in: str = "", assembly: str = ""
) -> File:
    """Filed under a shipped rulebook that asks for no sponsors; it lies with the clerks."""
    with precinct.session() as session:
        at, house = precinct.clock.at, precinct.house
        petition = a_draft_under(session, house, at, rulebook, kind)
        languages: tuple[str, ...] = (petition.language,)
        if assembly:
            petition.assembly = assembly
        if also_in:
            words = Words.of("Banken", "Meer banken.", "Daarom.")
            filing.write_text(session, house, petition, words, also_in)
            languages = (*languages, also_in)
        book = house.library.rulebook(rulebook, at.date())
        founder = a_founder(house, petition.id)
        filed = filing.submit(session, house, book, petition, at, founder)
        return File(precinct, filed.id, languages)


def admitted(precinct: Precinct, rulebook: str, kind: str = "", **more: Any) -> File:
    file = under(precinct, rulebook, kind, **more)
    precinct.decide(file.id, Action.ACCEPT)
    return file


@cache
def lowered(rulebook: str, changes: tuple[tuple[str, str], ...]) -> Library:
    """Every rulebook that ships, this one with lower numbers; read once."""
    with TemporaryDirectory() as folder:
        return changed_library(Path(folder), rulebook, dict(changes))


def a_precinct_with(
    folder: Path, engine: Engine, rulebook: str, changes: dict[str, str], at: datetime = START
) -> Precinct:
    library = lowered(rulebook, tuple(changes.items()))
    return a_precinct(folder, engine, library=library, batch_min=1, at=at)


def day(text: str) -> date:
    return date.fromisoformat(text)
