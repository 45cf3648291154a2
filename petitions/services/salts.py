"""The salt of a petition, unwrapped, kept for at most a minute in one process.

After sealing, the wrapped salt and its key are gone; the minute bounds how long a running process
could still compute tags.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import dataclass
from time import monotonic
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from petitions.domain.errors import NotFoundError, SigningClosedError
from petitions.ledger.commitments import salt_aad
from petitions.services.groups import GroupKeys, keys_of
from petitions.services.ports import House
from petitions.services.signing_terms import ANYBODY, SigningTerms, terms_of
from petitions.storage import log_key_rows
from petitions.storage.tables import LogState, Petition, PetitionSigning

LIFE = 60.0


@dataclass(frozen=True, slots=True)
class SigningKeys:
    """What signing one petition needs and never changes: log, origin, salt."""

    log_id: int
    origin: str
    kid: str
    realm: str
    salt: bytes
    promise_key: str = ""
    """Id of the key that signs promises, as of the last minute."""
    terms: SigningTerms = ANYBODY
    group: GroupKeys | None = None

    def __repr__(self) -> str:
        return f"SigningKeys(log_id={self.log_id}, origin={self.origin!r})"


@dataclass(frozen=True, slots=True)
class AskedArea:
    """What the confirm page asks: an area of this file, from a list or by postcode."""

    file: str
    codes: frozenset[str]
    by_postcode: bool
    needed: bool


@dataclass(frozen=True, slots=True)
class OpenPetition:
    """What the confirm page needs of a petition to take a signature, and never changes."""

    petition_id: UUID
    keys: SigningKeys
    asked: AskedArea | None = None
    """None where the form asks for no place."""


class OpenPetitions:
    """Petitions being signed, by reference. Whether one is still open is the database's word."""

    def __init__(self) -> None:
        self._kept: dict[str, tuple[float, OpenPetition]] = {}
        self._lock = threading.Lock()

    def get(self, ref: str, look_up: Callable[[str], OpenPetition]) -> OpenPetition:
        with self._lock:
            kept = self._kept.get(ref)
        if kept and monotonic() - kept[0] < LIFE:
            return kept[1]
        found = look_up(ref)
        with self._lock:
            for old in [r for r, (since, _) in self._kept.items() if monotonic() - since >= LIFE]:
                del self._kept[old]
            self._kept[ref] = (monotonic(), found)
        return found


def unwrap(session: Session, house: House, petition: UUID) -> SigningKeys:
    """Raises NotFoundError (never opened) or SigningClosedError (sealed: nobody can any more)."""
    row = session.execute(
        select(
            PetitionSigning.log_id,
            PetitionSigning.kid,
            PetitionSigning.realm,
            PetitionSigning.wrapped_salt,
            LogState.origin,
        )
        .join(LogState, LogState.log_id == PetitionSigning.log_id)
        .where(PetitionSigning.petition_id == petition)
    ).one_or_none()
    if row is None:
        raise NotFoundError("not_open_for_signing")
    if row.wrapped_salt is None:
        raise SigningClosedError("sealed")
    aad = salt_aad(house.policy.deployment, petition, row.kid)
    salt = house.keys.unwrap(f"kek/{petition}", row.wrapped_salt, aad)
    promise_key = log_key_rows.promise_key(session, row.log_id)
    found = session.get(Petition, petition)
    terms = terms_of(session, house, found) if found else ANYBODY
    group = keys_of(session, house, petition)
    return SigningKeys(row.log_id, row.origin, row.kid, row.realm, salt, promise_key, terms, group)
