"""What a milestone does by itself at the instant it is reached: inform a body, list, feature (P7).

- `notify`: the body named is written to where its assembly's file gives an address; else a clerk has
  the task.
- `publish`: until then the petition has its page and stands in no list; from then on it is listed.
- `feature`: nothing to write: lists find featured petitions by their track.
"""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime
from uuid import UUID, uuid4

from sqlalchemy import ColumnElement, select, update
from sqlalchemy.orm import Session

from petitions.domain.collecting import Milestone
from petitions.domain.rulebook import Kind
from petitions.services import outbox
from petitions.services.audit import record
from petitions.services.ports import SYSTEM, House
from petitions.storage import search_index
from petitions.storage.insertion import insert_once
from petitions.storage.tables import Petition, PetitionClock, Task, Track

NOTIFY, PUBLISH, FEATURE = "notify", "publish", "feature"
SET_ASIDE = "set_aside"


def effect_of(petition: Petition, milestone: Milestone) -> str:
    """In words of the rulebook; `choice:<id>` is what the author chose at filing."""
    if milestone.effect.startswith("choice:"):
        return str(petition.choices[milestone.effect.removeprefix("choice:")])
    return milestone.effect


def hold_back(session: Session, kind: Kind, petition: Petition) -> None:
    """At publication: where a milestone lists it, lists leave it out until then."""
    if any(effect_of(petition, each) == PUBLISH for each in kind.milestones):
        _unlisted(session, petition, hidden=True)


def carry_out(
    session: Session, house: House, petition: Petition, milestone: Milestone, at: datetime
) -> None:
    """Once per milestone, in the transaction that opens its tracks. `at`: the legal instant."""
    effect = effect_of(petition, milestone)
    if effect == PUBLISH:
        _unlisted(session, petition, hidden=False)
        record(session, SYSTEM, "listed", at=at, petition=petition, reason=milestone.id)
    elif effect == NOTIFY:
        _inform(session, house, petition, milestone, at)


def _unlisted(session: Session, petition: Petition, *, hidden: bool) -> None:
    insert_once(session, PetitionClock, petition_id=petition.id, stale=True, unlisted=hidden)
    session.execute(
        update(PetitionClock)
        .where(PetitionClock.petition_id == petition.id)
        .values(unlisted=hidden)
        .execution_options(synchronize_session="fetch")
    )
    search_index.refresh(session, [petition.id])


def _inform(
    session: Session, house: House, petition: Petition, milestone: Milestone, at: datetime
) -> None:
    body = milestone.body or house.kind(session, petition).after.body or ""
    row = record(
        session, SYSTEM, "body_informed", at=at, petition=petition, reason=milestone.id,
        detail={"body": body},
    )  # fmt: skip
    session.flush()
    if body_address(house, petition, body):
        payload = {
            "petition": str(petition.id), "code": "body_informed", "audit": row.seq, "body": body,
        }  # fmt: skip
        outbox.enqueue(session, "letter", f"letter:{petition.id}:{row.seq}", payload, at=at)
        return
    insert_once(
        session, Task, id=uuid4(), petition_id=petition.id, kind="inform_body",
        subject=milestone.id, opened_at=at, facts={"body": body},
    )  # fmt: skip


def body_address(house: House, petition: Petition, body: str) -> str:
    """Where a body of the petition's assembly is written to; "" where its file names nothing."""
    return house.library.assembly(petition.assembly).contacts.get(body, "")


def undo(session: Session, petition: Petition, milestone: str) -> None:
    """A clerk records for the body that a count below its milestone takes the effect back."""
    tracks = session.scalars(
        select(Track).where(Track.petition_id == petition.id, Track.milestone == milestone)
    )
    for track in tracks:
        track.cause = SET_ASIDE
        if track.effect == PUBLISH:
            _unlisted(session, petition, hidden=True)


def featured_among(session: Session, petition_ids: Collection[UUID]) -> frozenset[UUID]:
    """Which of these petitions are featured: for the cards of a list."""
    if not petition_ids:
        return frozenset()
    found = select(Petition.id).where(Petition.id.in_(petition_ids), featured())
    return frozenset(session.scalars(found))


def featured() -> ColumnElement[bool]:
    """Of `Petition`: a milestone features it, and nobody set that aside."""
    return Petition.id.in_(
        select(Track.petition_id).where(Track.effect == FEATURE, Track.cause != SET_ASIDE)
    )
