"""Withdrawal of a petition that several promoters stand behind: all of them agree (transition 21).

Promoters are those of a sponsor stage in which the author is one among them (`author_counts`);
supporters of a petition that is its author's alone are not asked. The author asks, hands on a private
link, and each promoter agrees after a login, by the code of their sponsorship. The last withdraws it.
"""

from __future__ import annotations

import base64
import hashlib
from dataclasses import dataclass, field
from datetime import datetime

from sqlalchemy import delete, func, select
from sqlalchemy.orm import Session

from petitions.domain.errors import ConflictError, InvalidError, NotFoundError
from petitions.domain.filing import SponsorStage
from petitions.domain.lifecycle import Action as Act
from petitions.domain.lifecycle import Role, State, rows
from petitions.domain.rulebook import Kind
from petitions.domain.sponsors import Standing as Backs
from petitions.services.audit import record
from petitions.services.ports import Actor, House
from petitions.services.sponsor_keys import sponsor_keys
from petitions.services.sponsors import Backing, spend
from petitions.storage.insertion import insert_once
from petitions.storage.tables import JointWithdrawal, Petition, PromoterAgreement, Sponsor

SECRET = 24


@dataclass(frozen=True, slots=True)
class Joint:
    """How far a joint withdrawal is. `promoters`: besides the author."""

    promoters: int
    agreed: int = 0
    asked: bool = False


@dataclass(frozen=True, slots=True)
class Asked:
    """`token` goes into the private link and is never seen again."""

    token: str = field(repr=False)


def promoter_stages(kind: Kind) -> tuple[SponsorStage, ...]:
    return tuple(stage for stage in kind.sponsors if stage.author_counts)


def standing(session: Session, house: House, petition: Petition) -> Joint:
    stages = [stage.id for stage in promoter_stages(house.kind(session, petition))]
    promoters = session.scalar(
        select(func.count())
        .select_from(Sponsor)
        .where(
            Sponsor.petition_id == petition.id,
            Sponsor.stage.in_(stages),
            Sponsor.standing == Backs.CONFIRMED,
        )
    )
    row = session.get(JointWithdrawal, petition.id)
    agreed = session.scalar(
        select(func.count())
        .select_from(PromoterAgreement)
        .join(
            Sponsor,
            (Sponsor.petition_id == PromoterAgreement.petition_id)
            & (Sponsor.stage == PromoterAgreement.stage)
            & (Sponsor.tag == PromoterAgreement.tag),
        )
        .where(PromoterAgreement.petition_id == petition.id, Sponsor.standing == Backs.CONFIRMED)
    )
    return Joint(promoters or 0, agreed or 0, row is not None)


def missing(session: Session, house: House, petition: Petition) -> int:
    """Promoters who have not agreed yet; 0: the author decides alone, or all agreed."""
    found = standing(session, house, petition)
    return max(0, found.promoters - found.agreed)


def ask(session: Session, house: House, petition: Petition, author: Actor, at: datetime) -> Asked:
    """A new private link; one made before stops working. `petition` is locked."""
    _withdrawable(petition)
    if missing(session, house, petition) == 0:
        raise ConflictError("no_promoters")
    token = base64.urlsafe_b64encode(house.random(SECRET)).decode()
    row = session.get(JointWithdrawal, petition.id)
    if row is None:
        session.add(JointWithdrawal(petition_id=petition.id, token_hash=_hash(token), asked_at=at))
        record(session, author, "withdrawal_asked", at=at, petition=petition)
    else:
        row.token_hash = _hash(token)
    petition.version += 1
    session.flush()
    return Asked(token)


def call_off(session: Session, petition: Petition, author: Actor, at: datetime) -> None:
    """The author no longer wants it: what promoters agreed to is deleted."""
    row = session.get(JointWithdrawal, petition.id)
    if row is None:
        raise NotFoundError("withdrawal")
    session.delete(row)
    session.execute(
        delete(PromoterAgreement)
        .where(PromoterAgreement.petition_id == petition.id)
        .execution_options(synchronize_session=False)
    )
    petition.version += 1
    record(session, author, "withdrawal_called_off", at=at, petition=petition)


def by_token(session: Session, token: str) -> JointWithdrawal:
    """NotFoundError for anything that is no link of ours."""
    row = session.scalars(
        select(JointWithdrawal).where(JointWithdrawal.token_hash == _hash(token))
    ).one_or_none()
    if row is None:
        raise NotFoundError("withdrawal")
    return row


def agree(session: Session, house: House, petition: Petition, backing: Backing) -> bool:
    """One promoter agrees; True: that was the last one. `petition` is locked.

    NotFoundError("promoter"): whoever logged in is none of them.
    """
    _withdrawable(petition)
    keys = sponsor_keys(session, house, petition.id)
    found = None
    for stage in promoter_stages(house.kind(session, petition)):
        row = session.get(Sponsor, (petition.id, stage.id, keys.tag(stage.id, backing.u)))
        if row is not None and row.standing == Backs.CONFIRMED:
            found = row
    spend(session, backing)
    if found is None:
        raise NotFoundError("promoter")
    insert_once(
        session, PromoterAgreement, petition_id=petition.id, stage=found.stage, tag=found.tag
    )
    session.flush()
    return missing(session, house, petition) == 0


def must_agree(session: Session, house: House, petition: Petition) -> None:
    """InvalidError while a promoter has not agreed."""
    left = missing(session, house, petition)
    if left:
        raise InvalidError("promoters_must_agree", number=left)


def _withdrawable(petition: Petition) -> None:
    found = any(Role.AUTHOR in row.roles for row in rows(State(petition.state), Act.WITHDRAW))
    if not found:
        raise ConflictError("not_withdrawable")


def _hash(token: str) -> bytes:
    return hashlib.sha256(b"petition/withdrawal/v1\x00" + token.encode()).digest()
