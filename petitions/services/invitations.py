"""Invitations to sponsor: private links that the author hands on, and takes back.

A link is a random secret; its hash alone is kept, so the page shows it once. Where the rulebook gives
attempts, one person at a time is asked, each for its period: silence, a refusal and a link taken back
each use one up (rule P4).
"""

from __future__ import annotations

import base64
import hashlib
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from petitions.domain import sponsors as rules
from petitions.domain.calendar import closes_at, local_day
from petitions.domain.errors import ConflictError, InvalidError, NotFoundError
from petitions.domain.filing import SponsorStage
from petitions.domain.lifecycle import Action, Facts, State
from petitions.domain.sponsors import Invited, Progress
from petitions.services import moves
from petitions.services.audit import record
from petitions.services.gathering import backers, last_day
from petitions.services.ports import SYSTEM, Actor, House
from petitions.services.tracks import release_tracks
from petitions.storage.tables import GatheringStage, Invitation, Petition

LIFE = timedelta(days=30)
"""Of a link where the rulebook names no period."""
OPEN_MAX, EVER_MAX = 60, 400
"""Links of one petition that are open, and that were ever made: an author cannot flood the table."""
SECRET = 24


@dataclass(frozen=True, slots=True)
class Made:
    """A new invitation. `token` goes into the link and is never seen again."""

    number: int
    token: str = field(repr=False)
    expires_at: datetime


def hash_of(token: str) -> bytes:
    return hashlib.sha256(b"petition/invitation/v1\x00" + token.encode()).digest()


def joinable(petition: Petition) -> bool:
    """Until publication: while sponsors are found, and while the petition is checked."""
    before = {State.GATHERING_SPONSORS, State.IN_ADMISSIBILITY, State.RETURNED}
    return petition.state in before and petition.published_at is None


def running(
    session: Session, house: House, petition: Petition, stage_id: str
) -> tuple[SponsorStage, GatheringStage]:
    """The stage and its row, if people may join it now."""
    row = session.get(GatheringStage, (petition.id, stage_id))
    if row is None or not joinable(petition):
        raise ConflictError("sponsors_over")
    if row.progress not in {Progress.OPEN, Progress.MET}:
        raise ConflictError("sponsor_stage_closed")
    return rules.stage_of(house.kind(session, petition), stage_id), row


def invite(
    session: Session,
    house: House,
    petition: Petition,
    actor: Actor,
    *,
    stage: str,
    at: datetime,
    role: str = "",
    shared: bool = False,
) -> Made:
    """A new link. `petition` is locked. Raises ConflictError or InvalidError with what is wrong."""
    asked, row = running(session, house, petition, stage)
    _check(session, petition, asked, row, role=role, shared=shared, at=at)
    zone = house.rulebook(session, petition).zone
    today = local_day(at, zone)
    if asked.attempts > 1:
        row.due_on = last_day(session, house, petition, today, asked.within)
    token = base64.urlsafe_b64encode(house.random(SECRET)).decode()
    number = 1 + (
        session.scalar(
            select(func.max(Invitation.number)).where(Invitation.petition_id == petition.id)
        )
        or 0
    )
    until = last_day(session, house, petition, today, asked.invitation) or row.due_on
    expires = closes_at(until, zone) if until else at + LIFE
    session.add(
        Invitation(
            petition_id=petition.id, number=number, stage=stage, token_hash=hash_of(token),
            shared=shared, role=role, standing=Invited.INVITED, issued_on=today,
            expires_at=expires.replace(second=0, microsecond=0),
        )
    )  # fmt: skip
    session.flush()
    record(
        session, actor, "sponsor_invited", at=at, petition=petition,
        detail={"stage": stage, "number": number},
    )  # fmt: skip
    return Made(number, token, expires)


def _check(
    session: Session,
    petition: Petition,
    stage: SponsorStage,
    row: GatheringStage,
    *,
    role: str,
    shared: bool,
    at: datetime,
) -> None:
    if role and (shared or role not in stage.roles):
        raise InvalidError(fields={"role": ("role_unknown", {})})
    if rules.places_left(stage, backers(session, petition.id, stage.id)) == 0:
        raise ConflictError("sponsors_full", max=stage.maximum)
    every = invitations(session, petition.id)
    running_now = [each for each in every if is_open(each, at)]
    if len(running_now) >= OPEN_MAX or len(every) >= EVER_MAX:
        raise ConflictError("too_many_invitations")
    if stage.attempts == 1:
        return
    if shared:
        raise InvalidError(fields={"shared": ("one_at_a_time", {})})
    if row.attempts_used >= stage.attempts:
        raise ConflictError("attempts_used", max=stage.attempts)
    if any(each.stage == stage.id for each in running_now):
        raise ConflictError("one_at_a_time")


def invitations(session: Session, petition_id: UUID) -> list[Invitation]:
    """Newest first."""
    return list(
        session.scalars(
            select(Invitation)
            .where(Invitation.petition_id == petition_id)
            .order_by(Invitation.number.desc())
        )
    )


def is_open(row: Invitation, at: datetime) -> bool:
    return row.standing == Invited.INVITED and at < row.expires_at


def by_token(session: Session, token: str) -> Invitation:
    """NotFoundError for anything that is no link of ours: the answer tells nothing else."""
    row = session.scalars(
        select(Invitation).where(Invitation.token_hash == hash_of(token))
    ).one_or_none()
    if row is None:
        raise NotFoundError("invitation")
    return row


def numbered(session: Session, petition: Petition, number: int) -> Invitation:
    row = session.get(Invitation, (petition.id, number))
    if row is None:
        raise NotFoundError("invitation")
    return row


def revoke(
    session: Session, house: House, petition: Petition, actor: Actor, number: int, at: datetime
) -> None:
    """The author takes a link back. Who has confirmed by it is another matter (`sponsors.remove`)."""
    row = numbered(session, petition, number)
    if row.standing != Invited.INVITED:
        raise ConflictError("invitation_over", standing=row.standing)
    used = is_open(row, at)  # one that ran out was counted when its time was over
    row.standing = Invited.REVOKED
    record(
        session, actor, "sponsor_revoked", at=at, petition=petition,
        detail={"stage": row.stage, "number": number},
    )  # fmt: skip
    if used:
        use_up(session, house, petition, row.stage, at=at, legal_instant=at)


def refuse(
    session: Session, house: House, petition: Petition, row: Invitation, at: datetime
) -> None:
    """Whoever holds a personal link says no. Nobody learns who: the author sees the number."""
    if row.shared or not is_open(row, at):
        raise ConflictError("invitation_over", standing=row.standing)
    row.standing = Invited.REFUSED
    use_up(session, house, petition, row.stage, at=at, legal_instant=at)


def use_up(
    session: Session,
    house: House,
    petition: Petition,
    stage_id: str,
    *,
    at: datetime,
    legal_instant: datetime,
) -> None:
    """One attempt is over. Another may begin, or the petition lapses (transition 5)."""
    row = session.get(GatheringStage, (petition.id, stage_id))
    stage = rules.stage_of(house.kind(session, petition), stage_id)
    if row is None or row.progress != Progress.OPEN or stage.attempts == 1:
        return
    row.attempts_used += 1
    if row.attempts_used >= stage.attempts:
        miss(session, petition, row, at=at, legal_instant=legal_instant)
        return
    zone = house.rulebook(session, petition).zone
    row.due_on = last_day(session, house, petition, local_day(legal_instant, zone), stage.within)


def miss(
    session: Session,
    petition: Petition,
    row: GatheringStage,
    *,
    at: datetime,
    legal_instant: datetime,
) -> None:
    """Transition 5: the time for this stage is over, and no attempt is left."""
    row.progress, row.ended_at = Progress.MISSED, legal_instant
    facts = Facts(sponsor_time_over=True)
    moves.move(
        session, petition, Action.SPONSORS_MISSED, SYSTEM, facts, at=at,
        legal_instant=legal_instant, detail={"stage": row.stage},
    )  # fmt: skip
    release_tracks(session, petition, "lapsed", at=legal_instant)
