"""Realms of running petitions: a change of what makes a person's key is never taken in silence."""

from __future__ import annotations

from collections.abc import Callable

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from petitions.storage.tables import Gathering, PetitionSigning

RUNNING = ("open", "closed", "sealing")


def changed_realms(session: Session, fingerprint: Callable[[str], str]) -> list[str]:
    """Realms in which a running petition was opened with another fingerprint than today's."""
    opened = session.execute(
        select(PetitionSigning.realm, PetitionSigning.realm_fingerprint)
        .where(PetitionSigning.signing.in_(RUNNING))
        .distinct()
    )
    gathering = session.execute(  # sponsors sign before signing opens
        select(Gathering.realm, Gathering.realm_fingerprint)
        .where(Gathering.signing_salt.is_not(None))
        .distinct()
    )
    found = [*opened, *gathering]
    return sorted({realm for realm, kept in found if kept and kept != fingerprint(realm)})


def accept_realm(session: Session, realm: str, fingerprint: str) -> int:
    """A person has confirmed that keys stay the same; how many petitions now carry the new one."""
    changed = session.execute(
        update(PetitionSigning)
        .where(PetitionSigning.realm == realm, PetitionSigning.signing.in_(RUNNING))
        .values(realm_fingerprint=fingerprint)
        .returning(PetitionSigning.petition_id)
    )
    early = session.execute(
        update(Gathering)
        .where(Gathering.realm == realm, Gathering.signing_salt.is_not(None))
        .values(realm_fingerprint=fingerprint)
        .returning(Gathering.petition_id)
    )
    return len({*changed.scalars(), *early.scalars()})
