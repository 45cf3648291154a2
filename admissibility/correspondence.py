"""The letter a decision would send, before it is sent: what the clerk and the second reader read.

The worker reads the facts of a letter from the record (`petitions.services.letters`); a decision
that is not made yet has no record, so its dates are laid out here exactly as the services will.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy.orm import Session

from admissibility import letters
from admissibility.cases import Case
from admissibility.criteria import NEEDS_TERMS, points
from admissibility.letters import Letter
from petitions.domain.calendar import add, local_day, window
from petitions.domain.lifecycle import Action
from petitions.domain.periods import Period
from petitions.domain.rulebook_files import Library
from petitions.domain.vocabulary import Visibility
from petitions.services import addressing
from petitions.services.letter_languages import languages_of, said_to
from petitions.services.letters import Address
from petitions.services.ports import House
from petitions.storage.tables import Petition


@dataclass(frozen=True, slots=True)
class Ruling:
    """A decision about to be made. `texts` by language: reasons, points or terms."""

    outcome: Action
    grounds: tuple[str, ...]
    texts: Mapping[str, str]
    hides: bool = False
    proposes: bool = False
    """Wording goes with a return."""

    @property
    def letter(self) -> str:
        """The occasion of the letter."""
        if self.outcome is Action.REFUSE:
            return "hidden" if self.hides else "refused"
        return "returned" if self.outcome is Action.RETURN else "admitted"


def preview(
    session: Session, house: House, case: Case, ruling: Ruling, address: Address, at: datetime
) -> Letter:
    """The letter as it would be sent at `at`: the reasons in the author's language, the sentences
    around them too where the site speaks it.
    """
    facts = _facts(session, house, case, ruling, address, at)
    lang = address.spoken(*languages_of(session, house, case.petition))
    return letters.render(ruling.letter, lang, facts, address.own_letters)


def _facts(
    session: Session, house: House, case: Case, ruling: Ruling, address: Address, at: datetime
) -> dict[str, object]:
    petition, language = case.petition, case.petition.language
    zone = house.rulebook(session, petition).zone
    text = said_to(petition, ruling.texts)
    spoken = address.spoken(*languages_of(session, house, petition))
    page = f"{address.base_url}/{spoken}/petitions/{petition.reference}"
    private = case.kind.visibility is Visibility.PRIVATE
    due = add(local_day(at, zone), case.stage.correction) if case.stage else None
    last_day = _last_day(case, at, zone)
    left = 0
    if case.stage and case.review:
        left = max(0, case.stage.returns_max - case.review.returns_used - 1)
    return {
        "site": address.names.get(spoken) or next(iter(address.names.values())),
        "assembly": petition.assembly,
        "addressed": addressing.names(session, house, petition, spoken),
        "reference": petition.reference or "",
        "title": case.text.title,
        "author_link": f"{address.base_url}/{spoken}/mine/{petition.id}",
        "contact": address.contact,
        "link": "" if private else page,
        "outcome": str(ruling.outcome),
        "terms": text if ruling.outcome in NEEDS_TERMS else "",
        "reasons": text,
        "points": list(points(text)),
        "grounds": _grounds(house.shelf(session, petition), petition, ruling.grounds, language),
        "due": due.isoformat() if due else "",
        "returns_left": left,
        "proposed": ruling.proposes,
        "last_day": last_day.isoformat() if last_day else "",
        "sponsors_needed": 0,
    }


def _last_day(case: Case, at: datetime, zone: str) -> date | None:
    rules = case.kind.signing.window
    chosen, filed = case.petition.choices.get("window"), case.petition.submitted_at
    event_at = filed if rules.start == "submission" and filed else at
    choice = Period.parse(chosen) if chosen else None
    return window(rules, event_at=event_at, zone=zone, choice=choice).last_day


def _grounds(
    library: Library, petition: Petition, codes: tuple[str, ...], language: str
) -> list[dict[str, str]]:
    words = [
        library.told(code, language, noun="grounds", rulebook=petition.rulebook_id)
        for code in codes
    ]
    return [
        {"title": each.title, "article": each.reference, "appeal": each.appeal} for each in words
    ]


def title_of(library: Library, petition: Petition, noun: str, code: str, language: str) -> str:
    """The title of a code, or the code where the rulebook has no words for it."""
    try:
        return library.told(code, language, noun=noun, rulebook=petition.rulebook_id).title
    except KeyError:
        return code
