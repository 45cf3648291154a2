"""A petition returned for correction, with the wording the office proposes: asked, reminded, settled.

The decision that returns the petition stays what it is; here is what goes with it. Wording is proposed
only while nobody stands behind the text: not the public, not a sponsor, and not a rule that freezes it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict
from datetime import datetime
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from petitions.domain.calendar import local_day
from petitions.domain.errors import InvalidError
from petitions.domain.lifecycle import State
from petitions.domain.rewording import Answered, answered, changed_only, reminder_day
from petitions.domain.words import Words
from petitions.services import gathering, moves, outbox, text_versions, texts
from petitions.services.audit import record
from petitions.services.ports import SYSTEM, House
from petitions.storage.tables import ChangeRequest, Decision, HeldEntry, Petition

REMINDED = "correction_reminded"


def why_no_wording(session: Session, petition: Petition) -> str:
    """Why no wording may be proposed any more: "text_frozen", "text_supported" or ""."""
    frozen = any(text.frozen for text in texts.texts_of(session, petition).values())
    if frozen or petition.published_at is not None:
        return "text_frozen"
    stood = any(
        gathering.backers(session, petition.id, row.stage)
        for row in gathering.stages(session, petition.id)
    )
    held = session.scalars(
        select(HeldEntry.petition_id).where(HeldEntry.petition_id == petition.id).limit(1)
    ).first()
    return "text_supported" if stood or held is not None else ""


def check(
    session: Session, house: House, petition: Petition, proposed: Mapping[str, Words]
) -> dict[str, Words]:
    """The proposals that say something else than the texts. Raises InvalidError naming the fields
    ("title-fr") that break the rules' form, or why nothing may be proposed.
    """
    wanted = changed_only(text_versions.now(session, petition), proposed)
    if not wanted:
        return {}
    barred = why_no_wording(session, petition)
    if barred:
        raise InvalidError(barred)
    have = text_versions.now(session, petition)
    bad = {
        f"{part}-{language}": wrong
        for language, words in wanted.items()
        for part, wrong in texts.problems(house.kind(session, petition), words).items()
    }
    if bad:
        raise InvalidError(fields=bad)
    return {language: words for language, words in wanted.items() if language in have}


def ask(
    session: Session,
    house: House,
    petition: Petition,
    decision: Decision,
    proposed: Mapping[str, Words],
    at: datetime,
) -> ChangeRequest:
    """What goes with a return. `petition` is locked and returned already."""
    wanted = check(session, house, petition, proposed)
    text_versions.keep(session, petition, at)
    row = ChangeRequest(
        petition_id=petition.id,
        number=decision.number,
        before=_stored(text_versions.now(session, petition)),
        proposed=_stored(wanted),
        asked_at=at,
        status=str(Answered.ASKED),
        answer="",
    )
    session.add(row)
    session.flush()
    return row


def settle(session: Session, petition: Petition, at: datetime, answer: str = "") -> str:
    """The petition comes back: what its author did, read from the texts. "" where nothing is open."""
    row = latest(session, petition)
    if row is None or row.status != Answered.ASKED:
        return ""
    row.status = str(
        answered(before_of(row), proposed_of(row), text_versions.now(session, petition))
    )
    row.answered_at, row.answer = at, answer
    return row.status


def latest(session: Session, petition: Petition) -> ChangeRequest | None:
    """The last return of a petition and what came of it."""
    return session.scalars(
        select(ChangeRequest)
        .where(ChangeRequest.petition_id == petition.id)
        .order_by(ChangeRequest.number.desc())
        .limit(1)
    ).first()


def of_petition(session: Session, petition: Petition) -> list[ChangeRequest]:
    """Newest first."""
    return list(
        session.scalars(
            select(ChangeRequest)
            .where(ChangeRequest.petition_id == petition.id)
            .order_by(ChangeRequest.number.desc())
        )
    )


def before_of(row: ChangeRequest) -> dict[str, Words]:
    return _words(row.before)


def proposed_of(row: ChangeRequest) -> dict[str, Words]:
    return _words(row.proposed)


def _stored(by_language: Mapping[str, Words]) -> dict[str, object]:
    return {language: asdict(words) for language, words in by_language.items()}


def _words(stored: Mapping[str, object]) -> dict[str, Words]:
    return {
        language: Words(**{part: str(text) for part, text in dict(parts).items()})  # type: ignore[call-overload]
        for language, parts in stored.items()
    }


def reminders_due(session: Session, house: House, at: datetime) -> list[tuple[UUID, int]]:
    """Returned petitions whose author is to be reminded by now."""
    rows = session.execute(
        select(ChangeRequest, Petition)
        .join(Petition, Petition.id == ChangeRequest.petition_id)
        .where(
            ChangeRequest.status == Answered.ASKED,
            ChangeRequest.reminded_at.is_(None),
            Petition.state == State.RETURNED,
        )
    )
    return [
        (petition.id, row.number)
        for row, petition in rows
        if _reminder_due(house, session, petition, row, at)
    ]


def _reminder_due(
    house: House, session: Session, petition: Petition, row: ChangeRequest, at: datetime
) -> bool:
    """From the reminder's day to the last day; after it there is nothing left to do in time."""
    if petition.correction_due is None:
        return False
    zone = house.rulebook(session, petition).zone
    day = reminder_day(local_day(row.asked_at, zone), petition.correction_due)
    return day <= local_day(at, zone) <= petition.correction_due


def remind(session: Session, house: House, petition_id: UUID, number: int, at: datetime) -> None:
    """One letter, once: looks again under the lock."""
    petition = moves.lock(session, petition_id)
    row = session.get_one(ChangeRequest, (petition_id, number), populate_existing=True)
    open_still = petition.state == State.RETURNED and row.status == Answered.ASKED
    if not open_still or row.reminded_at is not None:
        return
    if not _reminder_due(house, session, petition, row, at):
        return
    row.reminded_at = at
    due = petition.correction_due.isoformat() if petition.correction_due else ""
    audit = record(
        session, SYSTEM, REMINDED, at=at, petition=petition,
        detail={"decision": number, "due": due},
    )  # fmt: skip
    session.flush()
    if petition.author_email:
        payload = {"petition": str(petition.id), "code": "correction_reminder", "audit": audit.seq}
        outbox.enqueue(session, "letter", f"letter:{petition.id}:{audit.seq}", payload, at=at)
