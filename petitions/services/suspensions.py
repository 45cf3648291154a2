"""Suspending signing: at once by one person for a short time, for as long as needed by two.

Rules of this module:
- the reason is public from the first moment, in each language the rules ask for;
- what one person stops alone goes on by itself after `ALONE`; a second person confirms, and then it
  stands until somebody lets signing go on;
- signatures that were given stay; the time lost is given back (rule T7);
- it looks at figures, and at nobody.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from uuid import UUID, uuid4

from sqlalchemy.orm import Session

from petitions.domain.errors import ConflictError, ForbiddenError, InvalidError, NotFoundError
from petitions.domain.lifecycle import SIGNING_STATES, State
from petitions.domain.text import Limits, normalised, problem
from petitions.services import moves, windows
from petitions.services.audit import record
from petitions.services.decisions import missing_texts
from petitions.services.ports import Actor, House
from petitions.services.suspended_times import end_of, standing
from petitions.storage.tables import Petition, PetitionSigning, SigningSuspension

ALONE = timedelta(hours=72)
TEXT_MAX = 1000
SUSPENDED, CONFIRMED, RESUMED = "signing_suspended", "suspension_confirmed", "signing_resumed"


def suspend(
    session: Session,
    house: House,
    petition: Petition,
    texts: Mapping[str, str],
    actor: Actor,
    at: datetime,
) -> SigningSuspension:
    """From now on nobody signs. InvalidError names the fields; ConflictError: nothing to suspend."""
    signing = session.get(PetitionSigning, petition.id)
    if signing is None or signing.signing != "open" or State(petition.state) not in SIGNING_STATES:
        raise ConflictError("not_open_for_signing")
    if standing(session, petition.id, at) is not None:
        raise ConflictError("suspended_already")
    bad: dict[str, tuple[str, dict[str, object]]] = {
        f"text_{language}": ("required", {})
        for language in missing_texts(house, session, petition, texts)
    }
    for language, text in texts.items():
        wrong = problem(normalised(text), Limits(TEXT_MAX, required=False))
        if wrong:
            bad[f"text_{language}"] = wrong
    if bad:
        raise InvalidError(fields=bad)
    kept = {language: normalised(text) for language, text in texts.items() if text.strip()}
    row = SigningSuspension(
        id=uuid4(), petition_id=petition.id, since=at, lapses_at=at + ALONE, texts=kept,
        actor=actor.code,
    )  # fmt: skip
    session.add(row)
    _told(session, house, petition, SUSPENDED, row, actor, at)
    return row


def confirm(
    session: Session, house: House, suspension_id: UUID, actor: Actor, at: datetime
) -> SigningSuspension:
    """The second person: it stands until somebody lets signing go on."""
    row, petition = _locked(session, suspension_id, at)
    if row.actor == actor.code:
        raise ForbiddenError("second_person_needed")
    if row.confirmed_at is not None:
        raise ConflictError("changed_meanwhile")
    row.confirmed_at, row.confirmed_by = at, actor.code
    _told(session, house, petition, CONFIRMED, row, actor, at)
    return row


def resume(
    session: Session, house: House, suspension_id: UUID, actor: Actor, at: datetime
) -> SigningSuspension:
    """Signing goes on. One person is enough: it gives people their right back."""
    row, petition = _locked(session, suspension_id, at)
    row.resumed_at, row.resumed_by = at, actor.code
    _told(session, house, petition, RESUMED, row, actor, at)
    return row


def _locked(
    session: Session, suspension_id: UUID, at: datetime
) -> tuple[SigningSuspension, Petition]:
    row = session.get(SigningSuspension, suspension_id)
    if row is None:
        raise NotFoundError("suspension")
    petition = moves.lock(session, row.petition_id)
    session.refresh(row)
    end = end_of(row)
    if row.resumed_at is not None or (end is not None and end <= at):
        raise ConflictError("changed_meanwhile")
    return row, petition


def _told(
    session: Session,
    house: House,
    petition: Petition,
    act: str,
    row: SigningSuspension,
    actor: Actor,
    at: datetime,
) -> None:
    """In the trail and, with its reason, on the public timeline; the window is laid out again."""
    public = row.texts if act == SUSPENDED else None
    record(
        session, actor, act, at=at, petition=petition, public_texts=public,
        detail={"suspension": str(row.id)},
    )  # fmt: skip
    petition.version += 1
    session.flush()
    windows.apply(session, house, petition, at=at)
