"""Everything read about one petition for one answer; pages and timeline are made from it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy.orm import Session

from petitions.domain.calendar import local_day
from petitions.domain.lifecycle import State
from petitions.domain.milestones_met import Met, milestones_met
from petitions.domain.procedure import Kind
from petitions.domain.rulebook import Rulebook
from petitions.domain.rulebook_files import Library
from petitions.platform.i18n import current_locale
from petitions.platform.spoken import told_in
from petitions.storage import reading
from petitions.storage.tables import Audit, Petition, PetitionText
from petitions.web.edge import Engine


@dataclass(frozen=True, slots=True)
class File:
    """Everything read about one petition for one answer."""

    petition: Petition
    text: PetitionText
    texts: dict[str, PetitionText]
    book: Rulebook
    kind: Kind
    steps: list[Audit]
    today: date
    at: datetime
    library: Library
    """The shelf as this petition sees it: areas, populations and words of its filing."""

    @property
    def state(self) -> State:
        return State(self.petition.state)

    @property
    def zone(self) -> str:
        return self.book.zone

    @property
    def href(self) -> str:
        return f"/{current_locale().lang}/petitions/{self.petition.reference}"

    @property
    def met(self) -> tuple[Met, ...]:
        """The milestones it has reached, oldest first."""
        return milestones_met(self.steps, self.zone)

    def told(self, texts: Mapping[str, object]) -> str:
        """Of texts by language: the reader's, else the one in the petition's own language."""
        return told_in(texts, current_locale().lang, self.petition.language)

    def day(self, at: datetime | None) -> date | None:
        return local_day(at, self.zone) if at else None

    def last_day_of(self, at: datetime) -> date:
        """The local day of an instant; the end of signing belongs to its last day, not the next."""
        if self.petition.last_day is not None and at == self.petition.closes_at:
            return self.petition.last_day
        return local_day(at, self.zone)


def open_file(session: Session, engine: Engine, petition: Petition) -> File:
    texts = reading.texts_of(session, petition.id)
    book = engine.house.rulebook(session, petition)
    at = engine.clock()
    return File(
        petition=petition,
        text=reading.text_shown(texts, current_locale().lang, petition.language),
        texts=texts,
        book=book,
        kind=engine.house.kind(session, petition),
        steps=reading.steps_of(session, petition.id),
        today=local_day(at, book.zone),
        at=at,
        library=engine.house.shelf(session, petition),
    )
