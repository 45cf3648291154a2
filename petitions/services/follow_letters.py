"""The facts of a mail to followers, read when it is sent. The words are `petitions.follow_words`.

What nobody may see any more when its turn comes is not told: a petition that was published and taken
down within the hour makes one mail, of its taking down.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from petitions.domain.following import WIDE, Happening, Rhythm
from petitions.domain.vocabulary import Visibility
from petitions.services.hiding import is_out_of_sight
from petitions.services.letters import body_name
from petitions.services.merging import merged_into
from petitions.services.ports import House
from petitions.services.spreading import scopes_of
from petitions.services.steps import one_step
from petitions.services.targets import target
from petitions.storage.tables import (
    Audit,
    FollowEvent,
    FollowMessage,
    Outcome,
    Petition,
    PetitionText,
    PublicCount,
    Subscription,
)

WEEK = timedelta(days=7)
Facts = Mapping[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class News:
    """One happening, in the reader's language as far as its texts are in it."""

    what: Happening
    petition: UUID
    reference: str
    title: str
    """"" where nobody may see it any more."""
    title_language: str
    assembly: str
    assembly_name: str
    at: datetime
    facts: Facts = field(default_factory=dict)


def news(session: Session, house: House, event: FollowEvent, language: str) -> News | None:
    """None where it may not be told any more, or never may be."""
    petition = session.get(Petition, event.petition_id)
    if petition is None or house.kind(session, petition).visibility is Visibility.PRIVATE:
        return None
    what, hidden = Happening(event.what), is_out_of_sight(petition)
    if hidden is not (what is Happening.TAKEN_DOWN):
        return None  # out of sight meanwhile, or in sight again
    text = _text(session, petition, language)
    writer = _WRITERS.get(what, _nothing)
    return News(
        what=what, petition=petition.id, reference=petition.reference or "",
        title="" if hidden else text.title, title_language=text.language,
        assembly=petition.assembly,
        assembly_name=house.library.assembly(petition.assembly).name(language), at=event.at,
        facts=writer(session, house, petition, event, language),
    )  # fmt: skip


def weekly(
    session: Session, house: House, follower: UUID, until: datetime, language: str
) -> list[News]:
    """What happened in the seven days before `until` to what one follower hears of once a week."""
    wanted = {
        (row.scope, row.target)
        for row in session.scalars(
            select(Subscription).where(
                Subscription.follower_id == follower,
                Subscription.rhythm == Rhythm.WEEKLY,
                Subscription.confirmed_on.is_not(None),
            )
        )
    }
    named = [UUID(target) for scope, target in wanted if scope == "petition"]
    wide = any(scope != "petition" for scope, _target in wanted)
    about = FollowEvent.petition_id.in_(named)
    rows = session.scalars(
        select(FollowEvent)
        .where(
            FollowEvent.at > until - WEEK,
            FollowEvent.at <= until,
            or_(about, FollowEvent.what.in_(WIDE)) if wide else about,
        )
        .order_by(FollowEvent.at, FollowEvent.id)
    ).all()
    found = []
    for event in rows:
        petition = session.get(Petition, event.petition_id)
        if petition is None:
            continue
        scopes = {("petition", str(petition.id))}
        if event.what in WIDE:
            scopes |= {(str(scope), target) for scope, target in scopes_of(session, petition)}
        told = news(session, house, event, language) if scopes & wanted else None
        if told is not None:
            found.append(told)
    return found


def _text(session: Session, petition: Petition, language: str) -> PetitionText:
    own = session.get(PetitionText, (petition.id, language))
    if own is not None and own.title:
        return own
    return session.get_one(PetitionText, (petition.id, petition.language))


def in_language(texts: Mapping[str, str], language: str, petition: Petition) -> str:
    """What was written, in the reader's language; else in the petition's, else as there is."""
    return texts.get(language) or texts.get(petition.language) or next(iter(texts.values()), "")


Writer = Callable[[Session, House, Petition, FollowEvent, str], dict[str, Any]]


def _nothing(*_any: object) -> dict[str, Any]:
    return {}


def _published(
    session: Session, house: House, petition: Petition, _event: FollowEvent, language: str
) -> dict[str, Any]:
    signable = house.kind(session, petition).signable
    return {
        "request": _text(session, petition, language).request,
        "last_day": petition.last_day if signable else None,
        "signable": signable,
    }


def _counted(
    session: Session, house: House, petition: Petition, event: FollowEvent, language: str
) -> dict[str, Any]:
    """Count and threshold as they stood, and what the level sets in motion, in words."""
    row = session.get(Audit, event.facts.get("audit", 0))
    detail = row.detail if row else {}
    kind = house.kind(session, petition)
    rule = next((m for m in kind.milestones if m.id == detail.get("milestone")), None)
    meaning = ""
    if rule is not None:
        wording = house.shelf(session, petition).context.wording
        for each in (language, "en"):
            found = (
                wording.find("milestones", rule.id, each, petition.rulebook_id) if wording else None
            )
            if found is not None:
                meaning = found.text
                break
    return {
        "count": detail.get("valid", 0),
        "threshold": detail.get("threshold", 0),
        "meaning": meaning,
    }


def _closed(
    session: Session, house: House, petition: Petition, _event: FollowEvent, _language: str
) -> dict[str, Any]:
    count = session.get(PublicCount, petition.id)
    kind = house.kind(session, petition)
    decisive = kind.decisive
    wanted = target(house, kind, petition, decisive).threshold if decisive else 0
    return {"count": count.valid if count else 0, "threshold": wanted}


def _answered(
    session: Session, house: House, petition: Petition, _event: FollowEvent, language: str
) -> dict[str, Any]:
    outcome = session.scalars(
        select(Outcome).where(Outcome.petition_id == petition.id).order_by(Outcome.at.desc())
    ).first()
    if outcome is None:
        return {"body": "", "outcome": "", "summary": ""}
    words = house.shelf(session, petition).told(
        outcome.code, language, noun="outcomes", rulebook=petition.rulebook_id
    )
    return {
        "body": body_name(house, petition, outcome.body, language),
        "outcome": words.title,
        "summary": in_language(outcome.summaries, language, petition),
    }


def _step(
    session: Session, house: House, petition: Petition, event: FollowEvent, language: str
) -> dict[str, Any]:
    found = one_step(session, petition, event.facts["step"])
    number = event.facts.get("change", 0)
    change = found.changes[number - 1] if number else None
    words = house.shelf(session, petition).told(
        found.step.kind, language, noun="steps", rulebook=petition.rulebook_id
    )
    return {
        "title": words.title,
        "change": change.kind if change else "",
        "planned": found.step.planned,
        "day": (change.on_day if change else None) or found.step.on_day,
        "time": (change.at_time if change else "") or found.step.at_time,
        "place": (change.place if change else "") or found.step.place,
        "body": body_name(house, petition, found.step.body, language),
        "text": in_language(change.texts if change else found.step.texts, language, petition),
    }


def _merged(
    session: Session, _house: House, petition: Petition, _event: FollowEvent, language: str
) -> dict[str, Any]:
    other = merged_into(session, petition.id)
    if other is None or is_out_of_sight(other):
        return {"target": "", "target_title": ""}
    return {"target": other.reference or "", "target_title": _text(session, other, language).title}


def _message(
    session: Session, _house: House, petition: Petition, event: FollowEvent, language: str
) -> dict[str, Any]:
    row = session.get_one(FollowMessage, UUID(event.facts["message"]))
    return message_facts(row, petition, language)


def message_news(
    session: Session, house: House, row: FollowMessage, petition: Petition, language: str
) -> News:
    """A message as its followers will read it, before it is one of the happenings."""
    text = _text(session, petition, language)
    return News(
        what=Happening.MESSAGE, petition=petition.id, reference=petition.reference or "",
        title=text.title, title_language=text.language, assembly=petition.assembly,
        assembly_name=house.library.assembly(petition.assembly).name(language),
        at=row.proposed_at, facts=message_facts(row, petition, language),
    )  # fmt: skip


def message_facts(row: FollowMessage, petition: Petition, language: str) -> dict[str, Any]:
    return {
        "subject": in_language(row.subjects, language, petition),
        "text": in_language(row.texts, language, petition),
    }


_WRITERS: dict[Happening, Writer] = {
    Happening.PUBLISHED: _published,
    Happening.MILESTONE: _counted,
    Happening.THRESHOLD: _counted,
    Happening.CLOSED: _closed,
    Happening.ANSWERED: _answered,
    Happening.STEP: _step,
    Happening.MERGED: _merged,
    Happening.MESSAGE: _message,
}
