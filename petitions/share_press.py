"""The press: posters and forms as PDF, made one after the other by the worker.

What is due follows from the database and the folder: a paper that does not lie there under the name of
what it would say now is made; papers of petitions out of sight go. A turn makes one, so that it holds up
nothing for long; without the extra, or without a folder, none is made.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

from sqlalchemy import select
from sqlalchemy.orm import Session

from petitions.domain.lifecycle import SIGNING_STATES
from petitions.domain.vocabulary import Visibility
from petitions.platform.config import Settings
from petitions.platform.i18n import Locale, current_locale, load_catalogues, speaking, text_for
from petitions.services.hiding import is_out_of_sight
from petitions.services.ports import House
from petitions.sharing import paper
from petitions.sharing.facts import ShareFacts, share_facts
from petitions.sharing.paper import Paper
from petitions.sharing.shelf import ShareShelf
from petitions.storage.tables import Petition

EVERY = timedelta(minutes=1)
"""How often it is looked for what is due; while something is, each turn makes one."""


@dataclass
class Press:
    settings: Settings
    house: House
    shelf: ShareShelf
    locales: Mapping[str, Locale]
    themes: Mapping[str, bytes]
    looked: datetime | None = None
    due: list[tuple[str, str, Paper]] = field(default_factory=list)
    """(reference, language, paper)."""

    def turn(self, session: Session, at: datetime) -> bool:
        """Makes one paper, or looks what is due. True where more waits."""
        if not self.due and (self.looked is None or at - self.looked >= EVERY):
            self.looked = at
            self.due = list(self._missing(session, at))
            self._clear(session)
        if not self.due:
            return False
        reference, lang, which = self.due.pop()
        found = session.scalars(
            select(Petition).where(Petition.reference == reference)
        ).one_or_none()
        if found is not None and not is_out_of_sight(found):
            self._make(session, found, lang, which, at)
        return bool(self.due)

    def _missing(self, session: Session, at: datetime) -> Iterator[tuple[str, str, Paper]]:
        for petition in session.scalars(
            select(Petition).where(
                Petition.state.in_(SIGNING_STATES),
                Petition.signing_ended_at.is_(None),
                Petition.reference.is_not(None),
            )
        ):
            if self.house.kind(session, petition).visibility is Visibility.PRIVATE:
                continue
            for lang, locale in self.locales.items():
                with speaking(locale):
                    facts = self._facts(session, petition, at)
                    for which in _papers(facts):
                        digest = paper.digest(which, facts, self._css(facts))
                        if not self.shelf.has(facts.ref, lang, which, digest, "pdf"):
                            yield facts.ref, lang, which

    def _make(
        self, session: Session, petition: Petition, lang: str, which: Paper, at: datetime
    ) -> None:
        with speaking(self.locales[lang]):
            facts = self._facts(session, petition, at)
            css = self._css(facts)
            made = paper.make_pdf(which, facts, css=css)
            self.shelf.keep(facts.ref, lang, which, paper.digest(which, facts, css), "pdf", made)

    def _facts(self, session: Session, petition: Petition, at: datetime) -> ShareFacts:
        site, lang = self.settings.site, current_locale().lang
        return share_facts(
            session, self.house, petition,
            site=text_for(site.name, lang), base_url=site.base_url, at=at,
        )  # fmt: skip

    def _css(self, facts: ShareFacts) -> str:
        return paper.style_for(facts.assembly_id, self.themes)

    def _clear(self, session: Session) -> None:
        """Nothing on the disk may name a petition that is out of sight."""
        kept = self.shelf.references()
        rows = session.scalars(select(Petition).where(Petition.reference.in_(kept))).all()
        in_sight = {row.reference for row in rows if not is_out_of_sight(row)}
        self.shelf.forget(kept - in_sight)


def _papers(facts: ShareFacts) -> tuple[Paper, ...]:
    """The same as the pages offer: a form only where signatures are collected on paper."""
    return (Paper.POSTER, Paper.FORM) if facts.on_paper and facts.open else (Paper.POSTER,)


def press_of(settings: Settings, house: House, themes: Mapping[str, bytes]) -> Press | None:
    """None without the folder or the extra: `petitions doctor` says which."""
    if not settings.share.directory or not paper.available():
        return None
    zone = ZoneInfo(house.library.assembly(settings.rulebooks.assemblies[0]).zone)
    locales = load_catalogues(settings.site.spoken, zone).locales
    return Press(settings, house, ShareShelf(Path(settings.share.directory)), locales, themes)
