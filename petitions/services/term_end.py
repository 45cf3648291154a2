"""The end of a parliament's term as one guided act: what it would do to each petition, before it does.

The dry run reads and writes nothing. Carrying it out is an entry of the calendar that two people make;
the worker then acts at the event's instant, petition by petition.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from uuid import UUID

from sqlalchemy import and_, select
from sqlalchemy.orm import Session

from petitions.domain import occurrences
from petitions.domain.lifecycle import END_STATES, State
from petitions.domain.vocabulary import CalendarEffect
from petitions.services.ports import House
from petitions.services.windows import opened
from petitions.storage.tables import Petition, PetitionSigning, PetitionText, PublicCount

_NOT_RUNNING = [str(state) for state in (*END_STATES, State.DRAFT)]


class Fate(StrEnum):
    """What becomes of a petition. `closes`: signing ends; below its threshold it is closed then."""

    LAPSES = "lapses"
    CLOSES = "closes"
    CLOSES_BELOW = "closes_below"
    LENGTHENED = "lengthened"
    PAUSED = "paused"
    CARRIED_OVER = "carried_over"


LETTERS: Mapping[Fate, str] = {Fate.LAPSES: "lapsed", Fate.CLOSES_BELOW: "closed_below"}
"""The letter each author receives; the others receive none, because nothing ends for them."""


@dataclass(frozen=True, slots=True)
class Line:
    petition_id: UUID
    reference: str
    title: str
    language: str
    state: State
    count: int
    fate: Fate
    letter: str


@dataclass(frozen=True, slots=True)
class TermEnd:
    """The dry run: one line per running petition, and how many of each fate."""

    event: str
    at: datetime
    lines: tuple[Line, ...]
    drafts: int
    """Unfinished drafts: they stay, and new petitions follow the rule on filing."""

    @property
    def totals(self) -> Mapping[Fate, int]:
        counted = Counter(line.fate for line in self.lines)
        return {fate: counted[fate] for fate in Fate if counted[fate]}


def dry_run(session: Session, house: House, assembly: str, event: str, at: datetime) -> TermEnd:
    """What the event would do at this instant (UTC), by the state petitions are in today."""
    rows = session.execute(
        select(Petition, PetitionText, PublicCount.valid)
        .join(
            PetitionText,
            and_(
                PetitionText.petition_id == Petition.id, PetitionText.language == Petition.language
            ),
        )
        .outerjoin(PublicCount, PublicCount.petition_id == Petition.id)
        .where(Petition.assembly == assembly, Petition.state.not_in(_NOT_RUNNING))
        .order_by(Petition.reference)
    )
    lines = []
    for petition, text, valid in rows:
        fate = fate_of(session, house, petition, event, at)
        lines.append(
            Line(
                petition_id=petition.id,
                reference=petition.reference or "",
                title=text.title,
                language=petition.language,
                state=State(petition.state),
                count=valid or 0,
                fate=fate,
                letter=LETTERS.get(fate, ""),
            )
        )
    drafts = session.scalars(
        select(Petition.id).where(Petition.assembly == assembly, Petition.state == State.DRAFT)
    )
    return TermEnd(event, at, tuple(lines), len(drafts.all()))


def fate_of(session: Session, house: House, petition: Petition, event: str, at: datetime) -> Fate:
    """By the petition's own pinned rulebook."""
    kind, state = house.kind(session, petition), State(petition.state)
    rule = occurrences.verdict(kind, event, state)
    if rule is None:
        paused = any(
            each.effect is CalendarEffect.PAUSE and state in occurrences.states_of(each)
            for each in occurrences.rules_for(kind, event)
        )
        return Fate.PAUSED if paused else Fate.CARRIED_OVER
    if rule.effect is CalendarEffect.LAPSE:
        return Fate.LAPSES
    if rule.effect is CalendarEffect.EXTEND:
        return Fate.LENGTHENED
    if _ended_before(session, petition, at):
        return Fate.CARRIED_OVER
    below = state is State.PUBLISHED and bool(kind.milestones)
    return Fate.CLOSES_BELOW if below else Fate.CLOSES


def _ended_before(session: Session, petition: Petition, at: datetime) -> bool:
    """Signing is over by then, or over already: there is nothing left to close."""
    signing = session.get(PetitionSigning, petition.id)
    if signing is not None and signing.signing != "open":
        return True
    return opened(petition) and petition.closes_at is not None and petition.closes_at <= at
