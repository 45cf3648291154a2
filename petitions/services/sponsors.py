"""What a sponsor does, and what is recorded for one: confirm, step back, be removed.

Confirming inserts one row whose key is (petition, stage, code): the database knows nobody twice. What
counts as a signature goes the ordinary way in the same transaction (`held`). No act of a sponsor is in
the audit trail, which dates everything: it tells when a stage was met, never when a person came.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field
from datetime import datetime
from uuid import uuid4

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from petitions.domain import sponsors as rules
from petitions.domain.errors import ConflictError, InvalidError, NotFoundError, PassRefusedError
from petitions.domain.filing import SponsorStage
from petitions.domain.lifecycle import State
from petitions.domain.sponsors import Backer, Invited, Standing
from petitions.services import gathering, held, invitations
from petitions.services.audit import record
from petitions.services.held import Signer
from petitions.services.ports import Actor, House
from petitions.services.signing import rounded_up
from petitions.services.sponsor_keys import SponsorKeys, sponsor_keys
from petitions.storage.insertion import insert_once
from petitions.storage.tables import (
    GatheringStage,
    Invitation,
    Petition,
    SpentPass,
    Sponsor,
    Task,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Backing:
    """One finished login of a sponsor. `u`: 32 bytes in the sponsors' context."""

    u: bytes = field(repr=False)
    jti: bytes = field(repr=False)
    jti_expires: datetime
    signer: Signer | None = None
    """The same person in the petition's own context, where acts of this stage may be signatures."""
    area: str = ""


@dataclass(frozen=True, slots=True)
class Confirmed:
    """`signed`: the act counts as a signature from publication on. `first_time` False: a repeat."""

    signed: bool
    first_time: bool = True


def confirm(
    session: Session,
    house: House,
    petition: Petition,
    invitation: Invitation,
    backing: Backing,
    at: datetime,
) -> Confirmed:
    """One sponsor more. `petition` is locked, so that no maximum is passed. Nothing commits.

    Raises ConflictError (full, over, there already), InvalidError (area) or PassRefusedError.
    """
    keys = sponsor_keys(session, house, petition.id)
    tag = keys.tag(invitation.stage, backing.u)
    known = session.get(Sponsor, (petition.id, invitation.stage, tag))
    if not spend(session, backing):
        if known is not None:
            return Confirmed(signed=False, first_time=False)
        raise PassRefusedError("pass_used")
    stage, _row = invitations.running(session, house, petition, invitation.stage)
    if known is not None:
        raise ConflictError("sponsor_already", standing=known.standing)
    if not invitations.is_open(invitation, at):
        raise ConflictError("invitation_over", standing=invitation.standing)
    _fits(session, house, petition, stage, invitation.role, backing.area)
    insert_once(
        session, Sponsor, petition_id=petition.id, stage=stage.id, tag=tag,
        standing=Standing.CONFIRMED, role=invitation.role,
        area=backing.area if stage.spread else "",
        invitation=None if invitation.shared else invitation.number,
    )  # fmt: skip
    if not invitation.shared:
        invitation.standing = Invited.CONFIRMED
    signed = _sign(session, house, petition, keys, stage, backing)
    session.flush()
    gathering.go_on(session, house, petition, at)
    return Confirmed(signed)


def spend(session: Session, backing: Backing) -> bool:
    """A login serves once; False where it served before."""
    return insert_once(
        session, SpentPass, jti_hash=hashlib.sha256(backing.jti).digest(),
        expires_at=rounded_up(backing.jti_expires),
    )  # fmt: skip


def _fits(
    session: Session,
    house: House,
    petition: Petition,
    stage: SponsorStage,
    role: str,
    area: str,
) -> None:
    there = gathering.backers(session, petition.id, stage.id)
    if rules.places_left(stage, there) == 0:
        raise ConflictError("sponsors_full", max=stage.maximum)
    if role and rules.roles_missing(stage, there).get(role, 0) == 0:
        raise ConflictError("role_taken", role=role)
    if (
        stage.spread is not None
        and area not in house.shelf(session, petition).areas(stage.spread.areas).names
    ):
        raise InvalidError(fields={"place": ("area_missing", {})})


def _sign(
    session: Session,
    house: House,
    petition: Petition,
    keys: SponsorKeys,
    stage: SponsorStage,
    backing: Backing,
) -> bool:
    """The signature, where this act is one; the cap is kept because the petition is locked."""
    if backing.signer is None or not rules.may_be_signature(stage):
        return False
    if not rules.is_signature(stage, _carried(session, house, petition, stage)):
        return False
    return held.hold(session, house, keys, backing.signer)


def _carried(session: Session, house: House, petition: Petition, stage: SponsorStage) -> int:
    """Acts that count already: all that wait, but the author's own, and those of other stages."""
    waiting = held.held(session, petition.id)
    own = house.kind(session, petition).signing.author_signs
    others = sum(
        len(rules.counting(each, gathering.backers(session, petition.id, each.id)))
        for each in house.kind(session, petition).sponsors
        if each.id != stage.id and each.in_total == "all"
    )
    return max(0, waiting - int(own) - others)


def step_back(
    session: Session,
    house: House,
    petition: Petition,
    stage_id: str,
    backing: Backing,
    at: datetime,
) -> bool:
    """A sponsor takes it back, until publication. False: there was nothing to take back.

    A stage that was met stays met, as every count does: a clerk is told that it is below now.
    """
    fresh = spend(session, backing)
    keys = sponsor_keys(session, house, petition.id)
    row = session.get(Sponsor, (petition.id, stage_id, keys.tag(stage_id, backing.u)))
    if row is None or row.standing != Standing.CONFIRMED:
        return row is None and not fresh
    if not fresh:
        raise PassRefusedError("pass_used")
    if not invitations.joinable(petition):
        raise ConflictError("sponsors_over")
    if row.invitation is not None:
        invitations.numbered(session, petition, row.invitation).standing = Invited.LEFT
    session.delete(row)
    session.flush()
    if backing.signer is not None and not _signs_elsewhere(session, house, petition, keys, backing):
        held.let_go(session, keys, backing.signer.u)
    _tell_if_below(session, house, petition, stage_id, at)
    return True


def _signs_elsewhere(
    session: Session, house: House, petition: Petition, keys: SponsorKeys, backing: Backing
) -> bool:
    """Whether another stage of theirs still stands for the same signature."""
    return any(
        session.get(Sponsor, (petition.id, stage.id, keys.tag(stage.id, backing.u))) is not None
        for stage in house.kind(session, petition).sponsors
        if rules.may_be_signature(stage)
    )


def remove(
    session: Session, house: House, petition: Petition, actor: Actor, number: int, at: datetime
) -> None:
    """The author parts from somebody who confirmed by a personal link.

    Not where the act is a signature: that is the signatory's own, and only they take it back.
    """
    invitation = invitations.numbered(session, petition, number)
    stage = rules.stage_of(house.kind(session, petition), invitation.stage)
    if not invitations.joinable(petition):
        raise ConflictError("sponsors_over")
    if invitation.standing != Invited.CONFIRMED:
        raise ConflictError("invitation_over", standing=invitation.standing)
    if rules.may_be_signature(stage):
        raise ConflictError("sponsor_has_signed")
    session.execute(
        delete(Sponsor).where(
            Sponsor.petition_id == petition.id,
            Sponsor.stage == invitation.stage,
            Sponsor.invitation == number,
        )
    )
    invitation.standing = Invited.REVOKED
    record(
        session, actor, "sponsor_removed", at=at, petition=petition,
        detail={"stage": invitation.stage, "number": number},
    )  # fmt: skip
    _tell_if_below(session, house, petition, invitation.stage, at)


def take_role(
    session: Session, house: House, petition: Petition, stage_id: str, role: str, at: datetime
) -> None:
    """The author takes (or, with "", gives up) a role of a stage in which the author counts."""
    stage, _row = invitations.running(session, house, petition, stage_id)
    if not stage.author_counts or (role and role not in stage.roles):
        raise InvalidError(fields={"role": ("role_unknown", {})})
    own = session.scalars(
        select(Sponsor).where(
            Sponsor.petition_id == petition.id,
            Sponsor.stage == stage_id,
            Sponsor.standing == Standing.AUTHOR,
        )
    ).one()
    others = [*gathering.backers(session, petition.id, stage_id)]
    others.remove(Backer(Standing.AUTHOR, own.role, own.area))
    if role and rules.roles_missing(stage, others)[role] == 0:
        raise ConflictError("role_taken", role=role)
    own.role = role
    session.flush()
    gathering.go_on(session, house, petition, at)


def record_answer(
    session: Session,
    house: House,
    petition: Petition,
    number: int,
    actor: Actor,
    *,
    accepted: bool,
    at: datetime,
) -> None:
    """A clerk records what the holder of an office answered, where no login proves the office."""
    invitation = invitations.numbered(session, petition, number)
    stage, _row = invitations.running(session, house, petition, invitation.stage)
    if not rules.by_office(stage):
        raise ConflictError("sponsor_logs_in")
    if not invitations.is_open(invitation, at):
        raise ConflictError("invitation_over", standing=invitation.standing)
    detail = {"stage": stage.id, "number": number}
    if not accepted:
        record(session, actor, "sponsor_declined", at=at, petition=petition, detail=detail)
        invitations.refuse(session, house, petition, invitation, at)
        return
    _fits(session, house, petition, stage, invitation.role, "")
    insert_once(
        session, Sponsor, petition_id=petition.id, stage=stage.id, tag=house.random(32),
        standing=Standing.OFFICE, role=invitation.role, area="", invitation=number,
    )  # fmt: skip
    invitation.standing = Invited.CONFIRMED
    record(session, actor, "sponsor_recorded", at=at, petition=petition, detail=detail)
    session.flush()
    gathering.go_on(session, house, petition, at)


def _tell_if_below(
    session: Session, house: House, petition: Petition, stage_id: str, at: datetime
) -> None:
    """Counting never moves a state back: a stage that was met and is not any more is a task."""
    row = session.get(GatheringStage, (petition.id, stage_id))
    if row is None:
        raise NotFoundError("sponsor_stage")
    stage = rules.stage_of(house.kind(session, petition), stage_id)
    there = gathering.backers(session, petition.id, stage_id)
    if petition.state == State.GATHERING_SPONSORS or rules.met(stage, row.needed, there):
        return
    insert_once(
        session, Task, id=uuid4(), petition_id=petition.id, kind="sponsors_below",
        subject=stage_id, opened_at=at,
        facts={"number": len(rules.counting(stage, there)), "needed": row.needed},
    )  # fmt: skip
