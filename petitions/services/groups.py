"""One signature in a group of competing petitions (`signing.uniqueness = "group"`).

A group has a UUID, in whose context a login gives a value of its own, and a salt. Each of its petitions
keeps that salt under its own key (`kek/<petition>`), so that with the last of these keys the salt is
gone too, by the ceremony that ends the petition. The codes of a group stand in a table without
petition: that somebody signed in the group can be told with the salt and the person's login, in which
of its petitions can not.
"""

from __future__ import annotations

import hashlib
import hmac
from dataclasses import dataclass, field
from uuid import UUID

from sqlalchemy import delete, func, select
from sqlalchemy.orm import Session

from petitions.domain.errors import ConflictError, PassRefusedError
from petitions.domain.rulebook import Kind
from petitions.domain.vocabulary import Uniqueness
from petitions.ledger.commitments import salt_aad
from petitions.ledger.encoding import enc
from petitions.services.form_answers import answers
from petitions.services.ports import House
from petitions.storage.insertion import insert_once
from petitions.storage.tables import GroupAct, GroupMember, Petition, SigningGroup

SALT = 32


@dataclass(frozen=True, slots=True)
class GroupKeys:
    group_id: UUID
    kid: str
    salt: bytes = field(repr=False)

    def tag(self, u: bytes) -> bytes:
        """32 bytes: one person in the group. `u`: 32 bytes of a login in the group's context."""
        if len(u) != SALT:
            raise PassRefusedError("malformed")
        return hmac.digest(self.salt, enc("petition/group/v1", u), "sha256")


def enter(session: Session, house: House, kind: Kind, petition: Petition) -> None:
    """When signing opens, and the petition's key is there: found the group, or join it."""
    if kind.signing.uniqueness is not Uniqueness.GROUP:
        return
    insert_once(
        session,
        SigningGroup,
        id=UUID(bytes=house.random(16), version=4),
        name_hash=_name(session, house, kind, petition),
        kid=house.policy.kid,
    )
    group = session.scalars(
        select(SigningGroup)
        .where(SigningGroup.name_hash == _name(session, house, kind, petition))
        .with_for_update()  # its last petition may be on the way out
    ).one()
    member = session.scalars(
        select(GroupMember).where(GroupMember.group_id == group.id).limit(1)
    ).one_or_none()
    salt = house.random(SALT) if member is None else _unwrapped(house, group, member)
    session.add(
        GroupMember(
            petition_id=petition.id,
            group_id=group.id,
            wrapped_salt=house.keys.wrap(f"kek/{petition.id}", salt, _aad(house, group)),
        )
    )
    session.flush()


def keys_of(session: Session, house: House, petition_id: UUID) -> GroupKeys | None:
    """None where a person may sign each petition."""
    member = session.get(GroupMember, petition_id)
    if member is None:
        return None
    group = session.get_one(SigningGroup, member.group_id)
    return GroupKeys(group.id, group.kid, _unwrapped(house, group, member))


def context_of(session: Session, petition_id: UUID) -> tuple[tuple[bytes, str], ...]:
    """(context, pepper version) in which the same login is to give the group's value."""
    found = session.execute(
        select(SigningGroup.id, SigningGroup.kid)
        .join(GroupMember, GroupMember.group_id == SigningGroup.id)
        .where(GroupMember.petition_id == petition_id)
    ).one_or_none()
    return ((found.id.bytes, found.kid),) if found else ()


def rivals(session: Session, petition_id: UUID) -> list[Petition]:
    """The other petitions of the group, oldest first: what everybody may know."""
    own = select(GroupMember.group_id).where(GroupMember.petition_id == petition_id)
    return list(
        session.scalars(
            select(Petition)
            .join(GroupMember, GroupMember.petition_id == Petition.id)
            .where(GroupMember.group_id.in_(own), Petition.id != petition_id)
            .order_by(Petition.published_at, Petition.id)
        )
    )


def claim(session: Session, keys: GroupKeys | None, u: bytes) -> None:
    """The database's word that this person signs once in the group: ConflictError, and roll back."""
    if keys is not None and not insert_once(
        session, GroupAct, group_id=keys.group_id, tag=keys.tag(u)
    ):
        raise ConflictError("signed_in_group")


def free(session: Session, keys: GroupKeys | None, u: bytes) -> None:
    """A signature was taken back: the person may sign another petition of the group."""
    if keys is not None:
        session.execute(
            delete(GroupAct).where(GroupAct.group_id == keys.group_id, GroupAct.tag == keys.tag(u))
        )


def leave(session: Session, petition_id: UUID) -> int | None:
    """At the sealing of a petition: with the last one the group's codes go. How many went; None
    where the petition was in no group.
    """
    member = session.get(GroupMember, petition_id)
    if member is None:
        return None
    group = session.get_one(SigningGroup, member.group_id, with_for_update=True)
    session.delete(member)
    session.flush()
    left = session.scalar(
        select(func.count()).select_from(GroupMember).where(GroupMember.group_id == group.id)
    )
    if left:
        return 0
    gone = session.execute(
        delete(GroupAct).where(GroupAct.group_id == group.id).returning(GroupAct.tag)
    )
    number = len(gone.all())
    session.delete(group)
    session.flush()
    return number


def _name(session: Session, house: House, kind: Kind, petition: Petition) -> bytes:
    """Petitions are in one group when their authors entered the same, but for case and spaces."""
    entered = answers(session, petition).get(kind.signing.group or "", "")
    name = " ".join(entered.casefold().split())
    words = (house.policy.deployment, petition.rulebook_id, petition.kind, name)
    alone = b"" if name else petition.id.bytes
    return hashlib.sha256(
        enc("petition/group-name/v1", *(each.encode() for each in words), alone)
    ).digest()


def _aad(house: House, group: SigningGroup) -> bytes:
    return salt_aad(house.policy.deployment, group.id, group.kid)


def _unwrapped(house: House, group: SigningGroup, member: GroupMember) -> bytes:
    return house.keys.unwrap(f"kek/{member.petition_id}", member.wrapped_salt, _aad(house, group))
