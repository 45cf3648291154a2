"""The facts of a letter, read when it is sent. The words are the desk's templates."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from petitions.domain.lifecycle import State
from petitions.domain.sponsors import Progress
from petitions.domain.vocabulary import Visibility
from petitions.services import addressing, gathering
from petitions.services.letter_languages import languages_of, said_to
from petitions.services.letters_after import merge_facts, motion_facts
from petitions.services.ports import House
from petitions.services.targets import target
from petitions.storage.tables import (
    Audit,
    ChangeRequest,
    Decision,
    MilestoneReached,
    Outcome,
    Petition,
    PetitionText,
    PublicCount,
    Review,
    Track,
)

PAGED = frozenset(
    {
        State.PUBLISHED,
        State.THRESHOLD_REACHED,
        State.EXAMINED,
        State.REFUSED,
        State.CLOSED_BELOW,
        State.MERGED,
        State.WITHDRAWN,
    }
)
Facts = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Address:
    """How letters name the site and where they lead."""

    names: Mapping[str, str]
    base_url: str
    contact: str
    languages: tuple[str, ...] = ()
    """Those the site speaks, its own first; none named = every language."""
    own_letters: str = ""
    """Folder of the texts with which assemblies replace letters of the engine."""

    def spoken(self, *wanted: str) -> str:
        """The language of a letter's own sentences: the first wanted that the site speaks, else its own.

        `wanted`: the author's, then those of the rulebook (`letter_languages.languages_of`).
        """
        if not self.languages:
            return wanted[0]
        return next((each for each in wanted if each in self.languages), self.languages[0])


def letter_facts(
    session: Session, house: House, address: Address, payload: Mapping[str, Any]
) -> tuple[Petition, Facts]:
    """Everything the letter `payload["code"]` names; days as ISO dates."""
    petition = session.get_one(Petition, UUID(payload["petition"]))
    lang = address.spoken(*languages_of(session, house, petition))
    text = session.get_one(PetitionText, (petition.id, petition.language))
    page = f"{address.base_url}/{lang}/petitions/{petition.reference}"
    private = house.kind(session, petition).visibility is Visibility.PRIVATE
    facts: Facts = {
        "site": address.names.get(lang, next(iter(address.names.values()))),
        "assembly": petition.assembly,
        "addressed": addressing.names(session, house, petition, lang),
        "reference": petition.reference or "",
        "title": text.title,
        "author_link": f"{address.base_url}/{lang}/mine/{petition.id}",
        "contact": address.contact,
        "link": page if State(petition.state) in PAGED and not private else "",
    }
    row = session.get(Audit, payload["audit"])
    writer = _WRITERS[payload["code"]]
    facts.update(writer(session, house, petition, row))
    return petition, facts


Writer = Callable[[Session, House, Petition, "Audit | None"], Facts]


def _submitted(session: Session, _house: House, petition: Petition, _row: Audit | None) -> Facts:
    due = session.scalars(
        select(Review.due_on).where(Review.petition_id == petition.id).order_by(Review.opened_at)
    ).first()
    wanted = _wanted(session, petition)
    return {"decide_by": due.isoformat() if due else "", "sponsors_needed": wanted}


def _wanted(session: Session, petition: Petition) -> int:
    """What the stage of sponsors that is open asks for; 0 where none is."""
    if petition.state != State.GATHERING_SPONSORS:
        return 0
    rows = gathering.stages(session, petition.id)
    return next((row.needed for row in rows if row.progress == Progress.OPEN), 0)


def _sponsors_wanted(
    session: Session, _house: House, petition: Petition, _row: Audit | None
) -> Facts:
    return {"sponsors_needed": _wanted(session, petition)}


def _decision(session: Session, petition: Petition, row: Audit | None) -> Decision | None:
    number = row.detail.get("decision") if row else None
    return session.scalars(
        select(Decision).where(Decision.petition_id == petition.id, Decision.number == number)
    ).first()


def _admitted(session: Session, _house: House, petition: Petition, row: Audit | None) -> Facts:
    decision = _decision(session, petition, row)
    return {
        "outcome": decision.outcome if decision else "accept",
        "terms": said_to(petition, decision.texts) if decision else "",
        "last_day": petition.last_day.isoformat() if petition.last_day else "",
        "sponsors_needed": 0,
    }


def _returned(session: Session, house: House, petition: Petition, row: Audit | None) -> Facts:
    decision = _decision(session, petition, row)
    written = said_to(petition, decision.texts) if decision else ""
    points = [line.strip() for line in written.splitlines() if line.strip()]
    review = session.scalars(
        select(Review).where(Review.petition_id == petition.id).order_by(Review.opened_at.desc())
    ).first()
    left = 0
    if review is not None:
        stages = house.kind(session, petition).admissibility.stages
        stage = next(stage for stage in stages if stage.id == review.stage)
        left = stage.returns_max - review.returns_used
    due = row.detail.get("due", "") if row else ""
    asked = session.get(ChangeRequest, (petition.id, decision.number)) if decision else None
    proposed = bool(asked and asked.proposed)
    return {"points": points, "due": due, "returns_left": left, "proposed": proposed}


def _refused(session: Session, house: House, petition: Petition, row: Audit | None) -> Facts:
    decision = _decision(session, petition, row)
    grounds = []
    for code in decision.grounds if decision else []:
        words = house.shelf(session, petition).told(
            code, petition.language, noun="grounds", rulebook=petition.rulebook_id
        )
        grounds.append({"title": words.title, "article": words.reference, "appeal": words.appeal})
    reasons = said_to(petition, decision.texts) if decision else ""
    return {"grounds": grounds, "reasons": reasons}


def _threshold(session: Session, house: House, petition: Petition, row: Audit | None) -> Facts:
    detail = row.detail if row else {}
    tracks = session.scalars(
        select(Track).where(Track.petition_id == petition.id).order_by(Track.due_on)
    )
    duties = [
        {
            "title": track_title(session, house, petition, track, petition.language),
            "body": body_name(house, petition, track.body, petition.language),
            "due": track.due_on.isoformat() if track.due_on else "",
        }
        for track in tracks
        if track.status != "decided"
    ]
    return {
        "count": detail.get("valid", 0),
        "threshold": detail.get("threshold", 0),
        "duties": duties,
    }


def _closed(session: Session, house: House, petition: Petition, _row: Audit | None) -> Facts:
    count = session.get(PublicCount, petition.id)
    kind = house.kind(session, petition)
    decisive = kind.decisive
    wanted = target(house, kind, petition, decisive).threshold if decisive else 0
    return {
        "count": count.valid if count else 0,
        "threshold": wanted,
        "last_day": petition.last_day.isoformat() if petition.last_day else "",
    }


def _examined(session: Session, house: House, petition: Petition, _row: Audit | None) -> Facts:
    outcome = session.scalars(
        select(Outcome).where(Outcome.petition_id == petition.id).order_by(Outcome.at.desc())
    ).first()
    if outcome is None:
        return {"body": "", "outcome": "", "summary": ""}
    words = house.shelf(session, petition).told(
        outcome.code, petition.language, noun="outcomes", rulebook=petition.rulebook_id
    )
    return {
        "body": body_name(house, petition, outcome.body, petition.language),
        "outcome": words.title,
        "summary": said_to(petition, outcome.summaries),
    }


def _informed(session: Session, house: House, petition: Petition, row: Audit | None) -> Facts:
    """For the body itself: what was reached, when, and where the petition stands."""
    detail, code = (row.detail, row.reason) if row else ({}, "")
    kind = house.kind(session, petition)
    hit = session.scalars(
        select(MilestoneReached).where(
            MilestoneReached.petition_id == petition.id,
            MilestoneReached.rule.in_(i for i, m in enumerate(kind.milestones) if m.id == code),
        )
    ).first()
    return {
        "body": body_name(house, petition, str(detail.get("body", "")), petition.language),
        "count": hit.valid if hit else 0,
        "threshold": hit.threshold if hit else 0,
    }


def _lapsed(_session: Session, _house: House, _petition: Petition, row: Audit | None) -> Facts:
    return {"cause": row.action if row else ""}


def body_name(house: House, petition: Petition, body: str | None, language: str) -> str:
    if not body:
        return ""
    return house.library.assembly(petition.assembly).body(body, language)


def track_title(
    session: Session, house: House, petition: Petition, track: Track, language: str
) -> str:
    """The words for a duty: its own, else those of the effect of its milestone."""
    shelf = house.shelf(session, petition)
    try:
        return shelf.told(track.code, language, noun="duties", rulebook=petition.rulebook_id).title
    except KeyError:
        code = track.effect or track.code
        return shelf.told(code, language, noun="effects", rulebook=petition.rulebook_id).title


_WRITERS: dict[str, Writer] = {
    "submitted": _submitted,
    "sponsors_complete": _submitted,
    "sponsors_wanted": _sponsors_wanted,
    "admitted": _admitted,
    "returned": _returned,
    "correction_reminder": _returned,
    "refused": _refused,
    "hidden": _refused,
    "taken_down": motion_facts,
    "restored": motion_facts,
    "reopened": motion_facts,
    "merge_asked": merge_facts,
    "merged": merge_facts,
    "threshold_reached": _threshold,
    "closed_below": _closed,
    "examined": _examined,
    "body_informed": _informed,
    "lapsed": _lapsed,
}
