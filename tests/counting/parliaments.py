"""Petitions under the procedures that count by area, by class, on paper or by certificate."""

from __future__ import annotations

from datetime import date
from uuid import UUID

from sqlalchemy import select

from petitions.domain.counting import Paper
from petitions.domain.lifecycle import Action
from petitions.services import certificates, moves, verification
from petitions.services.certificate_rules import Numbers, Wanted
from petitions.storage import tables as t
from tests.filing import parliaments
from tests.filing.parliaments import RULEBOOKS, TEXTS
from tests.house import CLERK, OTHER_CLERK, Precinct, decide

NOW_AT_ONCE = ('start = "chosen", chosen_within = "P6M", ', "")
"""Signing opens with publication: who chooses a start day is another test's matter."""


def without_sponsors(name: str) -> tuple[str, str]:
    """The sponsor tables of a shipped rulebook, cut out: they are another test's matter."""
    text = (RULEBOOKS / f"{name}.toml").read_text(encoding="utf-8")
    start = text.index("[[sponsors]]")
    end = min(
        place
        for mark in ("\n[admissibility", "\n[[admissibility", "\n[signing", "\n[kinds")
        if (place := text.find(mark, start)) > 0
    )
    return text[start : end + 1], ""


def publish(precinct: Precinct, rulebook: str, **how: object) -> UUID:
    """Filed by its author, with the texts the rules ask for, and admitted by a clerk."""
    with precinct.session() as session:
        petition = parliaments.draft(precinct, session, rulebook, **how)  # type: ignore[arg-type]
        parliaments.send(precinct, session, petition)
        book = precinct.house.rulebook(session, petition)
        for language in set(book.languages.required) - {petition.language}:
            text = TEXTS.get(language, TEXTS["fr"])
            session.add(
                t.PetitionText(
                    petition_id=petition.id, language=language, title=text.title,
                    request=text.request, reasons=text.reasons, folded="",
                )
            )  # fmt: skip
        session.flush()
        decide(session, precinct.house, petition, Action.ACCEPT, precinct.clock.at)
        found = petition.id
    precinct.work()
    return found


def state(precinct: Precinct, petition: UUID) -> str:
    precinct.work()
    return precinct.state(petition)


def shown(precinct: Precinct, petition: UUID) -> t.PublicCount:
    precinct.work()
    with precinct.session() as session:
        return session.get_one(t.PublicCount, petition)


def reached(precinct: Precinct, petition: UUID) -> list[int]:
    with precinct.session() as session:
        rules = session.scalars(
            select(t.MilestoneReached.rule).where(t.MilestoneReached.petition_id == petition)
        )
        return sorted(rules)


def certify(
    precinct: Precinct,
    petition: UUID,
    about: Paper = Paper.PAPER,
    *,
    raw: int = 0,
    valid: int = 0,
    duplicate: int = 0,
    area: str = "",
    sampled: int = 0,
    sheets: tuple[int, ...] = (),
    work: bool = True,
) -> None:
    """A certificate as two clerks enter it. `sampled`: so many lines were drawn and looked at.

    Without `work` it waits for the worker's next turn.
    """
    examined = sampled or raw
    numbers = Numbers(
        raw=raw, examined=examined, valid=valid, duplicate=duplicate,
        invalid=examined - valid - duplicate,
    )  # fmt: skip
    wanted = Wanted(
        about=about, authority="Office", document="No. 1", issued_on=date(2026, 1, 1), area=area,
        numbers=numbers if not sheets else Numbers(), sampled=bool(sampled), sheets=sheets,
    )  # fmt: skip
    with precinct.session() as session:
        found = moves.lock(session, petition)
        row = certificates.propose(session, precinct.house, found, wanted, CLERK, precinct.clock.at)
        certificate = row.id
    with precinct.session() as session:
        certificates.confirm(session, precinct.house, certificate, OTHER_CLERK, precinct.clock.at)
    if work:
        precinct.work()


def close_window(precinct: Precinct, petition: UUID) -> None:
    """The clock goes on to the end of the window, and the system does what it does then."""
    with precinct.session() as session:
        end = session.get_one(t.PetitionSigning, petition).closes_at
    precinct.clock.at = end
    precinct.work()


def nothing_left(precinct: Precinct, petition: UUID) -> None:
    with precinct.session() as session:
        found = moves.lock(session, petition)
        verification.close(session, precinct.house, found, CLERK, precinct.clock.at)
    precinct.work()
